//! A walk over the bytes of a data set that checks every length against what is there.
//!
//! The parser behind `dicom-object` allocates what an element declares before it reads it, and gives up on a file
//! that ends early. So the headers are walked first: what is sound up to the pixel data goes to the parser, and
//! the pixel data itself is taken from the bytes, whole or not.

use dicom_core::dictionary::DataDictionary;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use std::ops::Range;

/// How elements are laid out; deflate is undone before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub explicit: bool,
    pub big_endian: bool,
}

pub(super) const PIXEL_DATA: u32 = 0x7FE0_0010;
pub(super) const FLOAT_PIXEL_DATA: u32 = 0x7FE0_0008;
pub(super) const DOUBLE_PIXEL_DATA: u32 = 0x7FE0_0009;
const ITEM: u32 = 0xFFFE_E000;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;
const UNDEFINED: u32 = u32::MAX;
/// Sequences in sequences; deeper is nested garbage.
const MAX_DEPTH: u32 = 24;

/// Tag, VR (two spaces in implicit layouts) and value of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub tag: u32,
    pub vr: [u8; 2],
    /// Its value, clipped to the bytes that exist.
    pub value: Range<usize>,
    /// The length it declares; `None` where undefined.
    pub declared: Option<usize>,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The sound elements before the pixel data that an image is made of, header and value.
    pub elements: Vec<Range<usize>>,
    pub pixel_data: Option<Element>,
    /// Elements left out for damage within.
    pub skipped: usize,
    /// Why the walk ended before the pixel data or the end.
    pub damage: Option<String>,
}

/// Walks the top level of a data set up to and including its pixel data; elements whose tags are not `wanted` are left
/// out.
pub(super) fn walk(bytes: &[u8], layout: Layout, wanted: fn(u32) -> bool) -> Walk {
    let mut walk = Walk::default();
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let element = match element(bytes, at, layout) {
            Ok(element) => element,
            Err(damage) => {
                walk.damage = Some(damage);
                return walk;
            }
        };
        if matches!(element.tag, PIXEL_DATA | FLOAT_PIXEL_DATA | DOUBLE_PIXEL_DATA) {
            walk.pixel_data = Some(element);
            return walk;
        }
        let mut unreadable = false;
        match end_of(bytes, &element, layout, 0, &mut unreadable) {
            Ok(end) => {
                if wanted(element.tag) && !unreadable {
                    walk.elements.push(at..end);
                }
                at = end;
            }
            // Damage within an element whose own length is sound costs that element only.
            Err(_) if element.declared == Some(element.value.len()) => {
                walk.skipped += 1;
                at = element.value.end;
            }
            Err(damage) => {
                walk.damage = Some(damage);
                return walk;
            }
        }
    }
    // Trailing padding up to one header is common; more is an element cut off.
    if bytes.len() > at && bytes[at..].iter().any(|b| *b != 0) {
        walk.damage = Some("the file ends within an element".to_owned());
    }
    walk
}

/// Groups of the modules of an image. The rest, private elements above all, only exposes the parser to garbage.
pub(super) fn describes_images(tag: u32) -> bool {
    matches!(tag >> 16, 0x0004 | 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028 | 0x2050 | 0x5200)
        || matches!(tag >> 16, 0x6000..=0x601E if tag >> 16 & 1 == 0)
}

/// The element whose header starts at `at`.
pub(super) fn element(bytes: &[u8], at: usize, layout: Layout) -> Result<Element, String> {
    let tag = tag(bytes, at, layout).ok_or("the file ends within an element")?;
    let cut = || format!("the file ends within element {}", name(tag));
    let delimiter = matches!(tag, ITEM | ITEM_END | SEQUENCE_END);
    let (vr, length, header) = if !layout.explicit || delimiter {
        (*b"  ", u32_at(bytes, at + 4, layout).ok_or_else(cut)?, 8)
    } else {
        let vr: [u8; 2] = bytes.get(at + 4..at + 6).and_then(|b| b.try_into().ok()).ok_or_else(cut)?;
        match &vr {
            b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FD" | b"FL" | b"IS" | b"LO" | b"LT"
            | b"PN" | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => {
                (vr, u32::from(u16_at(bytes, at + 6, layout).ok_or_else(cut)?), 8)
            }
            // All others, unknown ones too (PS3.5 7.1.2).
            _ => (vr, u32_at(bytes, at + 8, layout).ok_or_else(cut)?, 12),
        }
    };
    let start = at + header;
    if start > bytes.len() {
        return Err(cut());
    }
    let declared = (length != UNDEFINED).then_some(length as usize);
    let end = declared.map_or(bytes.len(), |n| start.saturating_add(n).min(bytes.len()));
    Ok(Element { tag, vr, value: start..end, declared })
}

/// Where the next element starts, every nested length checked. Sets `unreadable` where the parser would lose its
/// way: at a sequence that is not SQ (one written as UN is encoded implicitly within), and at numbers cut short.
fn end_of(
    bytes: &[u8],
    element: &Element,
    layout: Layout,
    depth: u32,
    unreadable: &mut bool,
) -> Result<usize, String> {
    if depth > MAX_DEPTH {
        return Err("sequences are nested too deep".to_owned());
    }
    let vr = parsed_vr(element);
    let is_sequence = &vr == b"SQ" || element.declared.is_none();
    if let Some(declared) = element.declared
        && element.value.len() < declared
    {
        return Err(format!("element {} is longer than the rest of the file", name(element.tag)));
    }
    if !is_sequence {
        *unreadable |= !element.value.len().is_multiple_of(unit(vr));
        return Ok(element.value.end);
    }
    let unknown = &element.vr == b"UN";
    *unreadable |= &vr != b"SQ";
    // PS3.5 6.2.2.
    let inner = if unknown { Layout { explicit: false, ..layout } } else { layout };
    let limit = element.value.end;
    let mut at = element.value.start;
    while at < limit {
        let item = self::element(&bytes[..limit], at, inner)?;
        match item.tag {
            SEQUENCE_END if element.declared.is_none() => return Ok(at + 8),
            ITEM => at = end_of_item(&bytes[..limit], &item, inner, depth, unreadable)?,
            _ => return Err(format!("sequence {} holds something that is no item", name(element.tag))),
        }
    }
    if element.declared.is_some() {
        Ok(limit)
    } else {
        Err(format!("sequence {} does not end", name(element.tag)))
    }
}

/// The VR by which the parser will read an element: in implicit layouts that of the dictionary.
pub(super) fn parsed_vr(element: &Element) -> [u8; 2] {
    if &element.vr != b"  " {
        return element.vr;
    }
    let tag = Tag((element.tag >> 16) as u16, element.tag as u16);
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr.relaxed()).to_bytes()
}

/// Bytes of one value of a VR of fixed size, else 1.
fn unit(vr: [u8; 2]) -> usize {
    match &vr {
        b"US" | b"SS" | b"OW" => 2,
        b"UL" | b"SL" | b"FL" | b"AT" | b"OF" | b"OL" => 4,
        b"FD" | b"OD" | b"OV" | b"SV" | b"UV" => 8,
        _ => 1,
    }
}

fn end_of_item(
    bytes: &[u8],
    item: &Element,
    layout: Layout,
    depth: u32,
    unreadable: &mut bool,
) -> Result<usize, String> {
    if item.declared.is_some_and(|declared| item.value.len() < declared) {
        return Err("an item is longer than its sequence".to_owned());
    }
    let end = item.value.end;
    let mut at = item.value.start;
    while at < end {
        let inner = element(&bytes[..end], at, layout)?;
        if inner.tag == ITEM_END && item.declared.is_none() {
            return Ok(at + 8);
        }
        at = end_of(&bytes[..end], &inner, layout, depth + 1, unreadable)?;
    }
    if item.declared.is_some() { Ok(end) } else { Err("an item does not end".to_owned()) }
}

/// The fragments of encapsulated pixel data whose items start at `at`, the offset table first, and whether the
/// last is cut off.
pub(super) fn fragments(bytes: &[u8], at: usize) -> (Vec<Range<usize>>, bool) {
    let layout = Layout { explicit: true, big_endian: false };
    let mut found = Vec::new();
    let mut at = at;
    while at + 8 <= bytes.len() {
        let Ok(item) = element(bytes, at, layout) else { break };
        if item.tag != ITEM {
            return (found, item.tag != SEQUENCE_END);
        }
        let cut = item.declared.is_none_or(|declared| item.value.len() < declared);
        at = item.value.end;
        found.push(item.value);
        if cut {
            return (found, true);
        }
    }
    // The delimiter alone missing costs nothing.
    (found, false)
}

/// `(0010,0010)`.
pub(super) fn name(tag: u32) -> String {
    format!("({:04X},{:04X})", tag >> 16, tag & 0xFFFF)
}

fn u16_at(bytes: &[u8], at: usize, layout: Layout) -> Option<u16> {
    let pair: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(if layout.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
}

fn u32_at(bytes: &[u8], at: usize, layout: Layout) -> Option<u32> {
    let quad: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(if layout.big_endian { u32::from_be_bytes(quad) } else { u32::from_le_bytes(quad) })
}

fn tag(bytes: &[u8], at: usize, layout: Layout) -> Option<u32> {
    Some(u32::from(u16_at(bytes, at, layout)?) << 16 | u32::from(u16_at(bytes, at + 2, layout)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPLICIT: Layout = Layout { explicit: true, big_endian: false };

    fn short(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(vr);
        bytes.extend((value.len() as u16).to_le_bytes());
        bytes.extend(value);
        bytes
    }

    fn long(tag: u32, vr: &[u8; 2], length: u32, value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(vr);
        bytes.extend([0, 0]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(value);
        bytes
    }

    fn item(tag: u32, length: u32, value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(length.to_le_bytes());
        bytes.extend(value);
        bytes
    }

    #[test]
    fn finds_the_pixel_data_behind_nested_sequences() {
        let inner = short(0x0008_0100, b"SH", b"ab");
        let mut content = item(ITEM, UNDEFINED, &inner);
        content.extend(item(ITEM_END, 0, &[]));
        content.extend(item(SEQUENCE_END, 0, &[]));
        let mut bytes = long(0x0008_2218, b"SQ", UNDEFINED, &content);
        let header = bytes.len();
        bytes.extend(long(PIXEL_DATA, b"OW", 4, &[1, 2, 3, 4]));
        let walk = walk(&bytes, EXPLICIT, describes_images);
        assert_eq!((walk.elements.len(), walk.elements[0].end, walk.damage), (1, header, None));
        assert_eq!(walk.pixel_data.map(|e| e.value), Some(header + 12..header + 16));
    }

    #[test]
    fn a_length_beyond_the_file_is_damage_not_an_allocation() {
        let sound = short(0x0008_0060, b"CS", b"DX");
        for bad in [
            long(0x0009_1000, b"OB", 0xFFFF_FFF0, &[0; 4]),
            long(0x0040_A043, b"SQ", UNDEFINED, &item(ITEM, UNDEFINED, &[])),
        ] {
            let walk = walk(&[sound.clone(), bad].concat(), EXPLICIT, describes_images);
            assert_eq!((walk.elements.len(), walk.elements[0].end), (1, sound.len()));
            assert!(walk.damage.is_some() && walk.pixel_data.is_none());
        }
    }

    #[test]
    fn damage_within_an_element_costs_that_element() {
        let bad = long(0x0008_2218, b"SQ", 30, &item(ITEM, 0x7FFF_FFFF, &[0; 22]));
        let sound = short(0x0028_0010, b"US", &[1, 0]);
        let walk = walk(&[bad.clone(), sound].concat(), EXPLICIT, describes_images);
        assert_eq!((walk.elements.len(), walk.elements[0].start), (1, bad.len()));
        assert_eq!((walk.skipped, walk.damage), (1, None));
    }

    #[test]
    fn truncated_pixel_data_keeps_what_is_there() {
        let walk = walk(&long(PIXEL_DATA, b"OW", 100, &[7; 10]), EXPLICIT, describes_images);
        let element = walk.pixel_data.expect("pixel data");
        assert_eq!((element.declared, element.value.len()), (Some(100), 10));
    }

    #[test]
    fn fragments_survive_a_missing_end() {
        let mut bytes = item(ITEM, 0, &[]);
        bytes.extend(item(ITEM, 3, &[1, 2, 3]));
        assert_eq!(fragments(&bytes, 0), (vec![8..8, 16..19], false));
        bytes.extend(item(ITEM, 9, &[1, 2, 3]));
        assert_eq!(fragments(&bytes, 0), (vec![8..8, 16..19, 27..30], true));
    }
}
