//! Uncompressed pixel data of 1, 8, 16 or 32 bits, of either byte order, interleaved or by plane.

use super::pixels::{Format, Samples};
use crate::imaging::radiograph::Missing;

/// How bytes make samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub big_endian: bool,
    /// Written as words (OW): two samples of 8 bits share one.
    pub words: bool,
}

impl Order {
    pub const LITTLE: Order = Order { big_endian: false, words: false };
}

/// The samples of frame `frame` (from 0). What a truncated file lacks is 0, and said to be missing.
///
/// # Errors
/// When less than a quarter of the frame is there, or the depth is not supported.
pub(super) fn decode(bytes: &[u8], order: Order, format: &Format, frame: u32) -> Result<Samples, String> {
    // Two pixels of YBR_FULL_422 share their chroma: Y1 Y2 Cb Cr.
    let subsampled = format.samples == 3 && format.photometric.contains("_422");
    let per_pixel = if subsampled { 2 } else { format.samples };
    let count = format.pixels().checked_mul(per_pixel).ok_or("the image is too large")?;
    let frame = frame as usize;
    let mut missing = None;
    let mut take = |needed: usize, bytes: &'_ [u8]| -> Result<std::ops::Range<usize>, String> {
        let start = frame.saturating_mul(needed).min(bytes.len());
        let there = (bytes.len() - start).min(needed);
        if there < needed.div_ceil(4) {
            return Err(format!("only {there} of the {needed} bytes of the image are in the file"));
        }
        if there < needed {
            missing = Some(Missing::Share((needed - there) as f64 / needed as f64));
        }
        Ok(start..start + there)
    };
    let mut values: Vec<i32> = match format.allocated {
        1 => {
            // Frames of single bits follow one another without padding.
            let first = frame.saturating_mul(count);
            let needed = first.saturating_add(count).div_ceil(8);
            if bytes.len() < needed {
                return Err(format!(
                    "only {} of the {needed} bytes of the image are in the file",
                    bytes.len()
                ));
            }
            (first..first + count).map(|i| i32::from(bytes[i / 8] >> (i % 8) & 1)).collect()
        }
        8 => {
            let range = take(count, bytes)?;
            if order.big_endian && order.words {
                // Two pixels share a word, whose bytes are swapped.
                range.map(|i| i32::from(*bytes.get(i ^ 1).unwrap_or(&0))).collect()
            } else {
                bytes[range].iter().map(|&b| i32::from(b)).collect()
            }
        }
        16 => {
            let words = bytes[take(2 * count, bytes)?].chunks_exact(2);
            if order.big_endian {
                words.map(|b| i32::from(u16::from_be_bytes([b[0], b[1]]))).collect()
            } else {
                words.map(|b| i32::from(u16::from_le_bytes([b[0], b[1]]))).collect()
            }
        }
        32 => {
            let words = bytes[take(4 * count, bytes)?].chunks_exact(4);
            let read = if order.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
            words.map(|b| read([b[0], b[1], b[2], b[3]]) as i32).collect()
        }
        bits => return Err(format!("{bits} bits allocated are not supported")),
    };
    values.resize(count, 0);
    let (values, components) = if subsampled {
        (values.chunks_exact(4).flat_map(|p| [[p[0], p[2], p[3]], [p[1], p[2], p[3]]]).flatten().collect(), 3)
    } else if format.planar && format.samples > 1 {
        let plane = format.pixels();
        let interleave = |i: usize| (0..format.samples).map(move |s| s * plane + i);
        ((0..plane).flat_map(interleave).map(|i| values[i]).collect(), format.samples)
    } else {
        (values, format.samples)
    };
    let mut samples = Samples { values, components, missing, ..Samples::default() };
    // An odd number of pixels leaves 4:2:2 one short.
    samples.values.resize(format.pixels() * components, 0);
    Ok(samples)
}
