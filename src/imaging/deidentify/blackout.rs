//! Black over parts of the pixels, in every frame.

use super::burned_in::Rectangle;
use crate::imaging::dicom::{FrameFormat, decoded_frames};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

/// Overwrites `rectangles`; gives the transfer syntax in which the object is to be written.
///
/// Compressed pixels are decoded, greys only, and stay uncompressed.
///
/// # Errors
/// In words, where the pixels cannot be overwritten.
pub(super) fn black_out(
    object: &mut InMemDicomObject,
    bytes: &[u8],
    transfer_syntax: &str,
    rectangles: &[Rectangle],
) -> Result<String, String> {
    let (format, frames) = decoded_frames(bytes)?;
    let mut data = match frames {
        Some(frames) => frames,
        None => object
            .element(tags::PIXEL_DATA)
            .map_err(|e| e.to_string())?
            .to_bytes()
            .map_err(|e| e.to_string())?
            .into_owned(),
    };
    paint(&mut data, &format, rectangles)?;
    let wide = format.bytes == 2;
    let value = if wide {
        PrimitiveValue::U16(data.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect())
    } else {
        PrimitiveValue::U8(data.into())
    };
    let vr = if wide { VR::OW } else { VR::OB };
    object.put(DataElement::new(tags::PIXEL_DATA, vr, value));
    Ok(if format.compressed { uids::EXPLICIT_VR_LITTLE_ENDIAN } else { transfer_syntax }.to_owned())
}

fn paint(data: &mut [u8], format: &FrameFormat, rectangles: &[Rectangle]) -> Result<(), String> {
    let FrameFormat { rows, columns, samples, bytes, planar, black, frames, .. } = *format;
    // The layout of the samples: planes of single ones, or pixels of several.
    let (planes, per_pixel) = if planar { (samples, 1) } else { (1, samples) };
    let line = columns * per_pixel * bytes;
    if data.len() < frames * planes * rows * line {
        return Err("the pixel data is too short to be blacked out".to_owned());
    }
    let black = &black.to_le_bytes()[..bytes];
    for rectangle in rectangles {
        let (left, right) =
            (rectangle.x.min(columns), (rectangle.x.saturating_add(rectangle.width)).min(columns));
        let (top, bottom) = (rectangle.y.min(rows), (rectangle.y.saturating_add(rectangle.height)).min(rows));
        for plane in 0..frames * planes {
            for row in top..bottom {
                let start = (plane * rows + row) * line;
                let part = &mut data[start + left * per_pixel * bytes..start + right * per_pixel * bytes];
                part.chunks_exact_mut(bytes).for_each(|sample| sample.copy_from_slice(black));
            }
        }
    }
    Ok(())
}
