//! RLE Lossless (PS3.5 annex G): PackBits segments, one a byte plane of a component, most significant first.
//!
//! The library decodes what is whole and of 8 or 16 bits. By ourselves: 32 bits, which it refuses, and segments
//! that end early or disagree with the header, on which it panics: what is there is shown.

use super::library::{self, Shape};
use super::pixels::{Format, Samples};
use crate::imaging::radiograph::Missing;
use dicom_dictionary_std::uids;

/// PackBits makes at most 128 bytes of 2: a frame that claims more from its data is a bomb.
const MAX_RATIO: usize = 64;
/// The number of segments and 15 offsets.
const HEADER: usize = 64;

/// # Errors
/// When the segments do not fit the format.
pub(super) fn decode(data: &[u8], format: &Format) -> Result<Samples, String> {
    let planes = (format.allocated / 8).max(1) as usize;
    let (pixels, components) = (format.pixels(), format.samples);
    let segments = word(data, 0).ok_or("the RLE header is missing")?;
    if segments != planes * components || segments > 15 {
        return Err(format!("{segments} RLE segments do not fit {components} components of {planes} bytes"));
    }
    if pixels.saturating_mul(segments) / MAX_RATIO > data.len() {
        return Err("the RLE data is too short for the image".to_owned());
    }
    let shape = Shape { rows: format.rows, columns: format.columns, components, precision: format.allocated };
    if is_whole(data, segments, pixels)
        && let Ok(values) = library::decode(data, uids::RLE_LOSSLESS, shape)
    {
        return Ok(Samples { values, components, ..Samples::default() });
    }
    leniently(data, format, segments)
}

/// Whether the header is whole and every segment holds a byte for each pixel.
fn is_whole(data: &[u8], segments: usize, pixels: usize) -> bool {
    data.len() >= HEADER
        && (0..segments).all(|i| segment(data, i, segments).is_some_and(|s| unpacked(s) >= pixels))
}

/// Bytes of segment `index`.
fn segment(data: &[u8], index: usize, segments: usize) -> Option<&[u8]> {
    let start = word(data, 1 + index)?;
    let end = if index + 1 < segments { word(data, 2 + index)? } else { data.len() };
    data.get(start..end.min(data.len()))
}

/// Bytes that a segment unpacks to.
fn unpacked(bytes: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Some(&head) = bytes.get(at) {
        let head = usize::from(head);
        let (used, made) = match head {
            0..128 => (head + 1, (head + 1).min(bytes.len() - at - 1)),
            128 => (0, 0),
            _ => (1, if at + 1 < bytes.len() { 257 - head } else { 0 }),
        };
        (at, count) = (at + 1 + used, count + made);
    }
    count
}

/// As many pixels as there are.
fn leniently(data: &[u8], format: &Format, segments: usize) -> Result<Samples, String> {
    let planes = (format.allocated / 8).max(1) as usize;
    let (pixels, components) = (format.pixels(), format.samples);
    let mut values = vec![0i32; pixels * components];
    let mut missing = 0;
    for index in 0..segments {
        let bytes = segment(data, index, segments).ok_or("an RLE segment lies outside the data")?;
        let component = index / planes;
        let shift = 8 * (planes - 1 - index % planes);
        let mut at = 0;
        unpack(bytes, |byte| {
            if let Some(value) = values.get_mut(at * components + component).filter(|_| at < pixels) {
                *value |= i32::from(byte) << shift;
            }
            at += 1;
            at < pixels
        });
        missing += pixels - at.min(pixels);
    }
    let share = missing as f64 / (pixels * segments) as f64;
    let missing = (missing > 0).then_some(Missing::Share(share));
    Ok(Samples { values, components, missing, ..Samples::default() })
}

/// Word `at` of the header.
fn word(data: &[u8], at: usize) -> Option<usize> {
    data.get(4 * at..4 * at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
}

/// Unpacks until the data ends or `put` has enough.
fn unpack(bytes: &[u8], mut put: impl FnMut(u8) -> bool) {
    let mut at = 0;
    while let Some(&head) = bytes.get(at) {
        at += 1;
        if head < 128 {
            let end = (at + usize::from(head) + 1).min(bytes.len());
            if !bytes[at..end].iter().all(|&byte| put(byte)) {
                return;
            }
            at = end;
        } else if head > 128 {
            let Some(&byte) = bytes.get(at) else { return };
            if !(0..257 - usize::from(head)).all(|_| put(byte)) {
                return;
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals() {
        let mut out = Vec::new();
        unpack(&[2, 1, 2, 3, 128, 254, 9, 0, 7], |b| {
            out.push(b);
            true
        });
        assert_eq!(out, [1, 2, 3, 9, 9, 9, 7]);
        assert_eq!(unpacked(&[2, 1, 2, 3, 128, 254, 9, 0, 7]), 7);
        assert_eq!(unpacked(&[2, 1]), 1, "a literal cut short");
    }
}
