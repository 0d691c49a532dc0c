//! Every element of a DICOM header in words, private ones and those in sequences too: for a reader who looks into a file.

use super::charset::Charset;
use super::read::{has_magic, source};
use super::walk::{self, Element, Layout, parsed_vr};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

/// Longest value that is shown, characters.
const LONGEST: usize = 512;
/// Lines shown of a file; more is a file made to hurt.
const MOST: usize = 20_000;
/// Sequences in sequences.
const DEEPEST: u32 = 24;

const ITEM: u32 = 0xFFFE_E000;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;
const CHARACTER_SET: u32 = 0x0008_0005;
/// The first of the elements that are pixels.
const PIXELS: u32 = 0x7FE0_0008;

/// One element of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagLine {
    /// Sequences that it lies in.
    pub depth: u32,
    /// `(0010,0010)`.
    pub tag: String,
    /// `PN`.
    pub vr: String,
    /// Of the dictionary; empty for private elements.
    pub name: String,
    /// As text; numbers joined by backslashes, anything else as its size.
    pub value: String,
}

impl TagLine {
    /// Whether a maker of devices gave it its meaning.
    pub fn is_private(&self) -> bool {
        self.name.is_empty()
    }
}

/// The elements of the file in `bytes`, in order.
///
/// # Errors
/// A reason in words where there is no data set. A damaged one ends with a line that says so.
pub(in crate::imaging) fn listing(bytes: &[u8]) -> Result<Vec<TagLine>, String> {
    let source = source(bytes)?;
    let mut list = List { lines: Vec::new(), charset: Charset::DEFAULT };
    let start = if bytes.get(128..132) == Some(b"DICM") { 132 } else { 4 };
    if has_magic(bytes) {
        list.meta(bytes, start);
    }
    if let Err(damage) = list.elements(&source.dataset, source.layout, 0) {
        let value = damage;
        list.lines
            .push(TagLine { depth: 0, tag: "–".into(), vr: String::new(), name: String::new(), value });
    }
    Ok(list.lines)
}

struct List {
    lines: Vec<TagLine>,
    charset: Charset,
}

impl List {
    /// Group 2, which is always explicit and little endian.
    fn meta(&mut self, bytes: &[u8], mut at: usize) {
        let layout = Layout { explicit: true, big_endian: false };
        while let Ok(element) = walk::element(bytes, at, layout)
            && element.tag >> 16 == 2
            && element.declared.is_some()
        {
            self.push(bytes, &element, layout, 0);
            at = element.value.end;
        }
    }

    /// The elements of a data set or an item, to the end of `bytes` or its delimiter; where it ended.
    fn elements(&mut self, bytes: &[u8], layout: Layout, depth: u32) -> Result<usize, String> {
        let mut at = 0;
        while at + 8 <= bytes.len() && self.lines.len() < MOST {
            let element = walk::element(bytes, at, layout)?;
            if element.tag == ITEM_END {
                return Ok(at + 8);
            }
            if element.tag >= PIXELS && element.tag >> 16 == PIXELS >> 16 && depth == 0 {
                self.push(bytes, &element, layout, depth);
                return Ok(bytes.len());
            }
            if element.declared.is_some_and(|declared| element.value.len() < declared) {
                return Err(format!(
                    "element {} is longer than the rest of the file",
                    walk::name(element.tag)
                ));
            }
            self.push(bytes, &element, layout, depth);
            let sequence = &parsed_vr(&element) == b"SQ" || element.declared.is_none();
            at = if sequence {
                element.value.start
                    + self.items(&bytes[element.value.clone()], &element, layout, depth + 1)?
            } else {
                element.value.end
            };
        }
        Ok(at)
    }

    /// The items of a sequence; how many bytes they take.
    fn items(&mut self, bytes: &[u8], of: &Element, layout: Layout, depth: u32) -> Result<usize, String> {
        if depth > DEEPEST {
            return Err("sequences are nested too deep".to_owned());
        }
        // PS3.5 6.2.2: of unknown representation is encoded implicitly within.
        let inner = if &of.vr == b"UN" { Layout { explicit: false, ..layout } } else { layout };
        let mut at = 0;
        while at + 8 <= bytes.len() && self.lines.len() < MOST {
            let item = walk::element(bytes, at, inner)?;
            match item.tag {
                SEQUENCE_END => return Ok(at + 8),
                ITEM => {
                    // An item may have a set of its own; what follows it has that of before.
                    let outer = self.charset;
                    let took = self.elements(&bytes[item.value.clone()], inner, depth)?;
                    self.charset = outer;
                    at = if item.declared.is_some() { item.value.end } else { item.value.start + took };
                }
                _ => return Err(format!("sequence {} holds something that is no item", walk::name(of.tag))),
            }
        }
        Ok(at)
    }

    fn push(&mut self, bytes: &[u8], element: &Element, layout: Layout, depth: u32) {
        let vr = parsed_vr(element);
        let value = &bytes[element.value.clone()];
        if element.tag == CHARACTER_SET {
            self.charset = Charset::of(&String::from_utf8_lossy(value)).unwrap_or(Charset::DEFAULT);
        }
        let tag = Tag((element.tag >> 16) as u16, element.tag as u16);
        let name = StandardDataDictionary.by_tag(tag).filter(|_| tag.group().is_multiple_of(2));
        self.lines.push(TagLine {
            depth,
            tag: walk::name(element.tag),
            vr: String::from_utf8_lossy(&vr).into_owned(),
            name: name.map_or("", |entry| entry.alias()).to_owned(),
            value: self.words(vr, element, value, layout),
        });
    }

    fn words(&self, vr: [u8; 2], element: &Element, value: &[u8], layout: Layout) -> String {
        if &vr == b"SQ" || element.declared.is_none() {
            return String::new();
        }
        let numbers = |size: usize, number: &dyn Fn(&[u8]) -> String| {
            let shown = value.chunks_exact(size).take(LONGEST / 4);
            let words: Vec<String> = shown.map(number).collect();
            let more = if value.len() / size > LONGEST / 4 { "\\…" } else { "" };
            format!("{}{more}", words.join("\\"))
        };
        macro_rules! read {
            ($kind:ty) => {
                numbers(size_of::<$kind>(), &|bytes| {
                    let Ok(bytes) = bytes.try_into() else { return String::new() };
                    let big = layout.big_endian;
                    let value =
                        if big { <$kind>::from_be_bytes(bytes) } else { <$kind>::from_le_bytes(bytes) };
                    value.to_string()
                })
            };
        }
        match &vr {
            b"US" => read!(u16),
            b"SS" => read!(i16),
            b"UL" => read!(u32),
            b"SL" => read!(i32),
            b"FL" => read!(f32),
            b"FD" => read!(f64),
            b"UV" => read!(u64),
            b"SV" => read!(i64),
            b"AT" => numbers(4, &|bytes| {
                let half = |at: usize| {
                    let pair = [bytes[at], bytes[at + 1]];
                    if layout.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
                };
                format!("({:04X},{:04X})", half(0), half(2))
            }),
            b"LO" | b"LT" | b"PN" | b"SH" | b"ST" | b"UC" | b"UT" => {
                let vr = std::str::from_utf8(&vr).ok().and_then(|vr| vr.parse().ok()).unwrap_or(VR::LO);
                shortened(&self.charset.decode(value, vr))
            }
            b"AE" | b"AS" | b"CS" | b"DA" | b"DS" | b"DT" | b"IS" | b"TM" | b"UI" | b"UR" => {
                shortened(&String::from_utf8_lossy(value))
            }
            // Of private elements of implicit files nothing is known; most are text.
            b"UN" if !value.is_empty() && value.iter().all(|byte| (0x20..0x7F).contains(byte)) => {
                shortened(&String::from_utf8_lossy(value))
            }
            _ => format!("{} bytes", value.len()),
        }
    }
}

fn shortened(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() > LONGEST { line.chars().take(LONGEST).chain(['…']).collect() } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(vr);
        bytes.extend((value.len() as u16).to_le_bytes());
        bytes.extend(value);
        bytes
    }

    fn file() -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        bytes.extend(short(0x0002_0010, b"UI", b"1.2.840.10008.1.2.1\0"));
        bytes.extend(short(0x0008_0005, b"CS", b"ISO_IR 100"));
        bytes.extend(short(0x0008_0060, b"CS", b"DX"));
        bytes.extend(short(0x0009_0010, b"LO", b"A MAKER "));
        bytes.extend(short(0x0009_1001, b"US", &[7, 0, 1, 1]));
        bytes.extend(short(0x0010_0010, b"PN", b"M\xFCller^X"));
        // A sequence of undefined length with one item of undefined length.
        bytes.extend([0x08, 0x00, 0x40, 0x11]);
        bytes.extend(b"SQ\0\0\xFF\xFF\xFF\xFF");
        bytes.extend([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        bytes.extend(short(0x0008_1155, b"UI", b"1.2.3\0"));
        bytes.extend([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]);
        bytes.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        bytes.extend(short(0x0028_0010, b"US", &[0, 2]));
        bytes
    }

    #[test]
    fn private_nested_and_foreign_letters_are_read() {
        let lines = listing(&file()).expect("a data set");
        let line = |tag: &str| lines.iter().find(|line| line.tag == tag).expect(tag);
        assert_eq!(line("(0002,0010)").value, "1.2.840.10008.1.2.1");
        assert_eq!(line("(0010,0010)").value, "Müller^X");
        assert_eq!(line("(0010,0010)").name, "PatientName");
        let private = line("(0009,1001)");
        assert!(private.is_private() && private.value == "7\\257");
        assert_eq!((line("(0008,1155)").depth, line("(0028,0010)").depth), (1, 0));
        assert_eq!(line("(0028,0010)").value, "512");
    }

    #[test]
    fn a_file_cut_anywhere_lists_what_is_there() {
        let whole = file();
        for end in 0..whole.len() {
            if let Ok(lines) = listing(&whole[..end]) {
                assert!(lines.len() <= 10, "{end}");
            }
        }
    }
}
