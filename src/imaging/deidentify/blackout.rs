//! Black over parts of the pixels, in every frame.

use super::burned_in::Rectangle;
use crate::imaging::dicom::{Frames, decoded_frames};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

/// Where frames begin and end in compressed pixel data.
const OFFSET_TABLES: [Tag; 2] = [Tag(0x7FE0, 0x0001), Tag(0x7FE0, 0x0002)];

/// Overwrites `rectangles` and clears the bits that hold no image; gives the transfer syntax in which the object is to
/// be written.
///
/// Compressed pixels are decoded and stay so: what was said of loss in them still holds.
///
/// # Errors
/// In words, where the pixels cannot be overwritten.
pub(super) fn black_out(
    object: &mut InMemDicomObject,
    bytes: &[u8],
    transfer_syntax: &str,
    rectangles: &[Rectangle],
) -> Result<String, String> {
    let mut frames = decoded_frames(bytes)?;
    paint(&mut frames, rectangles);
    let number = |tag, value: u32| DataElement::new(tag, VR::US, PrimitiveValue::from(value as u16));
    object.put(number(tags::HIGH_BIT, frames.bits_stored - 1));
    if frames.black.len() > 1 {
        object.put(number(tags::PLANAR_CONFIGURATION, 0));
    }
    let photometric = PrimitiveValue::from(frames.photometric.as_str());
    object.put(DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, photometric));
    for table in OFFSET_TABLES {
        object.remove_element(table);
    }
    let (vr, value) = if frames.bytes == 2 {
        let words = frames.data.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        (VR::OW, PrimitiveValue::U16(words.collect()))
    } else {
        // A value has an even length.
        frames.data.resize(frames.data.len().next_multiple_of(2), 0);
        (VR::OB, PrimitiveValue::U8(frames.data.into()))
    };
    object.put(DataElement::new(tags::PIXEL_DATA, vr, value));
    Ok(if frames.was_compressed { uids::EXPLICIT_VR_LITTLE_ENDIAN } else { transfer_syntax }.to_owned())
}

fn paint(frames: &mut Frames, rectangles: &[Rectangle]) {
    let Frames { rows, columns, bytes, .. } = *frames;
    let black: Vec<u8> =
        frames.black.iter().flat_map(|sample| sample.to_le_bytes().into_iter().take(bytes)).collect();
    let line = columns * black.len();
    for rectangle in rectangles {
        let (left, right) =
            (rectangle.x.min(columns), rectangle.x.saturating_add(rectangle.width).min(columns));
        let (top, bottom) = (rectangle.y.min(rows), rectangle.y.saturating_add(rectangle.height).min(rows));
        for frame in frames.data.chunks_exact_mut(rows * line) {
            for line in frame.chunks_exact_mut(line).take(bottom).skip(top) {
                let part = &mut line[left * black.len()..right * black.len()];
                part.chunks_exact_mut(black.len()).for_each(|pixel| pixel.copy_from_slice(&black));
            }
        }
    }
}
