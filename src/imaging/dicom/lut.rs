//! Lookup tables of a header: modality, VOI and palette (PS3.3 C.11.1, C.11.2, C.7.9).

use super::attributes::Attributes;
use super::pixels::Format;
use super::segmented;
use crate::imaging::luma::{COLOUR_LOST, luma};
use crate::imaging::radiograph::LookupTable;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// The table described by `descriptor` with its entries in `data`; `None` where it is malformed.
///
/// `signed_input` settles whether the first mapped value is signed: the VR, US or SS, is often wrong.
pub(super) fn table(
    attributes: &Attributes,
    descriptor: Tag,
    data: Tag,
    signed_input: bool,
) -> Option<LookupTable> {
    let (count, first, bits) = described(attributes, descriptor, signed_input)?;
    let words = attributes.words(data);
    let entries: Vec<u16> = if words.len() >= count {
        words.into_iter().take(count).collect()
    } else if bits <= 8 && words.len() == count.div_ceil(2) {
        bytes(&words).take(count).collect()
    } else {
        return None;
    };
    Some(LookupTable { first, entries: entries.into(), bits })
}

/// Number of entries, first input and bits of a table.
fn described(attributes: &Attributes, descriptor: Tag, signed_input: bool) -> Option<(usize, i32, u16)> {
    let [count, first, bits] = attributes.numbers(descriptor)[..] else { return None };
    // 16 bits cannot hold 65536, so 0 stands for it; SS readers see large counts as negative.
    let count = match count as i64 {
        0 => 65536,
        n if n < 0 => (n + 65536) as usize,
        n => n as usize,
    };
    let first = match first as i32 {
        v if signed_input && v > i32::from(i16::MAX) => v - 65536,
        v if !signed_input && v < 0 => v + 65536,
        v => v,
    };
    let bits = u16::try_from(bits as i64).ok().filter(|b| (1..=16).contains(b)).unwrap_or(16);
    Some((count, first, bits))
}

/// Two entries of 8 bits a word.
fn bytes(words: &[u16]) -> impl Iterator<Item = u16> {
    words.iter().flat_map(|w| [w & 0xFF, w >> 8])
}

/// The table of a colour, whole or in segments.
fn palette(
    attributes: &Attributes,
    descriptor: Tag,
    data: Tag,
    segments: Tag,
    signed_input: bool,
) -> Option<LookupTable> {
    let whole = table(attributes, descriptor, data, signed_input);
    whole.or_else(|| {
        let (count, first, bits) = described(attributes, descriptor, signed_input)?;
        let words = attributes.words(segments);
        let entries = if bits <= 8 {
            segmented::expanded(&bytes(&words).collect::<Vec<_>>(), true, count)?
        } else {
            segmented::expanded(&words, false, count)?
        };
        Some(LookupTable { first, entries: entries.into(), bits })
    })
}

/// Luma of palette indices, 8 bits.
pub(super) fn palette_luma(
    indices: &[i32],
    attributes: &Attributes,
    format: &Format,
    warnings: &mut Vec<String>,
) -> Result<(Vec<i32>, u16), String> {
    let channel = |descriptor, data, segments| {
        palette(attributes, descriptor, data, segments, format.signed)
            .ok_or("the colour palette is missing or malformed")
    };
    let red = channel(
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    )?;
    let green = channel(
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    )?;
    let blue = channel(
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    )?;
    let mut coloured = false;
    let eight =
        |table: &LookupTable, v| i32::from(if table.bits > 8 { table.map(v) >> 8 } else { table.map(v) });
    let values = indices
        .iter()
        .map(|&v| {
            let (r, g, b) = (eight(&red, v), eight(&green, v), eight(&blue, v));
            coloured |= r != g || g != b;
            luma(r, g, b)
        })
        .collect();
    if coloured {
        warnings.push(COLOUR_LOST.to_owned());
    }
    Ok((values, 8))
}
