//! Compressed pixel data: which fragments make the frame, and which decoder reads them.

use super::codestream::{self, check_size};
use super::library::{self, Shape};
use super::pixels::{Format, Samples};
use super::read::Source;
use super::walk::{self, Element};
use super::{jpeg, jpeg_2000, jpeg_ls, native, rle};
use crate::imaging::radiograph::Missing;
use dicom_dictionary_std::uids;
use dicom_encoding::TransferSyntaxIndex as _;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use flate2::read::DeflateDecoder;
use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Rle,
    Jpeg,
    JpegLs,
    Jpeg2000,
    JpegXl,
    Deflated,
    /// Not compressed at all, in fragments.
    None,
}

fn codec_of(transfer_syntax: &str) -> Option<Codec> {
    Some(match transfer_syntax {
        uids::RLE_LOSSLESS => Codec::Rle,
        uids::JPEGLS_LOSSLESS | uids::JPEGLS_NEAR_LOSSLESS => Codec::JpegLs,
        uids::JPEG2000_LOSSLESS | uids::JPEG2000 | uids::JPEG2000MC_LOSSLESS | uids::JPEG2000MC => {
            Codec::Jpeg2000
        }
        uids::HTJ2K_LOSSLESS | uids::HTJ2K_LOSSLESS_RPCL | uids::HTJ2K => Codec::Jpeg2000,
        uids::JPEGXL_LOSSLESS | uids::JPEGXLJPEG_RECOMPRESSION | uids::JPEGXL => Codec::JpegXl,
        uids::DEFLATED_IMAGE_FRAME_COMPRESSION => Codec::Deflated,
        uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN => Codec::None,
        // Baseline, extended, the retired processes, lossless: 1.2.840.10008.1.2.4.50 to .70.
        uid => match uid.strip_prefix("1.2.840.10008.1.2.4.")?.parse::<u32>().ok()? {
            50..=70 => Codec::Jpeg,
            _ => return None,
        },
    })
}

/// Whether the transfer syntax says that the pixel data is compressed.
pub(super) fn is_compressed(transfer_syntax: &str) -> bool {
    codec_of(transfer_syntax).is_some()
}

/// Name of a transfer syntax; other encodings are their own names.
pub fn encoding_name(encoding: &str) -> String {
    TransferSyntaxRegistry.get(encoding).map_or_else(|| encoding.to_owned(), |ts| ts.name().to_owned())
}

/// The samples of frame `frame` (from 0).
///
/// # Errors
/// Why it cannot be decoded.
pub(super) fn decode(
    source: &Source,
    element: &Element,
    format: &Format,
    frame: u32,
) -> Result<Samples, String> {
    let (fragments, cut) = walk::fragments(&source.dataset, element.value.start);
    let data = frame_bytes(&source.dataset, &fragments, format.frames as usize, frame as usize)?;
    let declared = codec_of(&source.transfer_syntax);
    // The bytes know better than the header which codec made them, except where they may be anything.
    let codec = match declared {
        Some(Codec::Deflated | Codec::None) => declared,
        _ => sniff(&data).or(declared),
    };
    let codec = codec.ok_or_else(|| {
        format!("the transfer syntax {} is not supported", printable(&source.transfer_syntax))
    })?;
    let mut samples = match codec {
        Codec::Rle => rle::decode(&data, format),
        Codec::Jpeg => jpeg::decode(&data, format),
        Codec::JpegLs => jpeg_ls::decode(&data, format),
        Codec::Jpeg2000 => jpeg_2000::decode(&data, format),
        Codec::JpegXl => jpeg_xl(&data, format),
        Codec::Deflated => native::decode(&inflate(&data, format)?, native::Order::LITTLE, format, 0),
        Codec::None => native::decode(&data, native::Order::LITTLE, format, 0),
    }?;
    if samples.values.len() != format.pixels() * samples.components {
        return Err("the compressed image has another size than the header says".to_owned());
    }
    if cut {
        samples.missing = samples.missing.or(Some(Missing::End));
    }
    Ok(samples)
}

/// The codec by the first bytes of a codestream; RLE has none of its own.
fn sniff(data: &[u8]) -> Option<Codec> {
    match data {
        [0xFF, 0x4F, 0xFF, 0x51, ..] | [0, 0, 0, 0x0C, b'j', b'P', ..] => Some(Codec::Jpeg2000),
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', ..] => Some(Codec::JpegXl),
        [0xFF, 0xD8, ..] => Some(if codestream::start_of_frame(data).is_some_and(|sof| sof.marker == 0xF7) {
            Codec::JpegLs
        } else {
            Codec::Jpeg
        }),
        _ => None,
    }
}

/// # Errors
/// When the codestream is damaged, or not of the size of the header.
fn jpeg_xl(data: &[u8], format: &Format) -> Result<Samples, String> {
    let (rows, columns) = codestream::jpeg_xl(data).ok_or("the JPEG XL data has no size")?;
    check_size(rows, columns, format)?;
    let components = format.samples;
    let values = library::decode(
        data,
        uids::JPEGXL,
        Shape { rows, columns, components, precision: format.allocated },
    )?;
    Ok(Samples { values, components, is_rgb: Some(true), missing: None })
}

/// A deflated frame, to its size and no further: the library inflates a bomb to its end.
fn inflate(data: &[u8], format: &Format) -> Result<Vec<u8>, String> {
    let size = (format.pixels() * format.samples * format.allocated as usize).div_ceil(8);
    let mut frame = Vec::new();
    match DeflateDecoder::new(data).take(size as u64).read_to_end(&mut frame) {
        Err(_) if frame.is_empty() => Err("the deflated frame is damaged".to_owned()),
        _ => Ok(frame),
    }
}

fn printable(uid: &str) -> String {
    uid.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(64).collect()
}

/// The fragments of one frame put together (PS3.5 A.4).
fn frame_bytes<'a>(
    dataset: &'a [u8],
    fragments: &[Range<usize>],
    frames: usize,
    frame: usize,
) -> Result<Cow<'a, [u8]>, String> {
    let Some((table, data)) = fragments.split_first() else {
        return Err("the compressed pixel data is empty".to_owned());
    };
    let part = |range: &Range<usize>| dataset.get(range.clone()).unwrap_or_default();
    let missing = || format!("frame {} is missing from the pixel data", frame + 1);
    let chosen: Vec<&Range<usize>> = if frames == 1 {
        data.iter().collect()
    } else if data.len() == frames {
        vec![&data[frame]]
    } else {
        let offsets: Vec<usize> = part(table)
            .chunks_exact(4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
            .collect();
        let first = data.first().map_or(0, |range| range.start.saturating_sub(8));
        if offsets.len() == frames {
            let start = first.saturating_add(offsets[frame]);
            let end = offsets.get(frame + 1).map_or(usize::MAX, |next| first.saturating_add(*next));
            data.iter().filter(|r| (start..end).contains(&r.start.saturating_sub(8))).collect()
        } else {
            // No table: every frame starts with the start marker of its codestream.
            let starts = |range: &Range<usize>| sniff(part(range)).is_some();
            let firsts: Vec<usize> = (0..data.len()).filter(|&i| starts(&data[i])).collect();
            let start = *firsts.get(frame).ok_or_else(missing)?;
            let end = firsts.get(frame + 1).copied().unwrap_or(data.len());
            data[start..end].iter().collect()
        }
    };
    match chosen[..] {
        [] => Err(missing()),
        [one] => Ok(Cow::Borrowed(part(one))),
        _ => Ok(Cow::Owned(chosen.into_iter().flat_map(part).copied().collect())),
    }
}
