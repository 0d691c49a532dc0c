//! One compressed frame through `dicom-pixeldata`, as an object of its own.
//!
//! The library decodes a frame into a buffer of the size that the header states, and panics or misplaces samples
//! where the codestream disagrees. So it is given a header made from the codestream, one fragment, and no more.

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::meta::FileMetaTableBuilder;
use dicom_pixeldata::{OverlayPlane, PixelDecoder};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a codestream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub rows: usize,
    pub columns: usize,
    pub components: usize,
    /// Bits of a sample.
    pub precision: u32,
}

impl Shape {
    fn samples(&self) -> usize {
        self.rows * self.columns * self.components
    }
}

/// The samples of `data`, interleaved.
///
/// # Errors
/// Why the library does not decode it.
pub(super) fn decode(data: &[u8], transfer_syntax: &str, shape: Shape) -> Result<Vec<i32>, String> {
    let wide = match shape.precision {
        0..=8 => false,
        9..=16 => true,
        bits => return Err(format!("compressed pixels of {bits} bits are not supported")),
    };
    let short = |value: usize| u16::try_from(value).map_err(|_| "the image is too large".to_owned());
    let bits: u16 = if wide { 16 } else { 8 };
    let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let text = |tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let mut object = InMemDicomObject::from_element_iter([
        number(tags::ROWS, short(shape.rows)?),
        number(tags::COLUMNS, short(shape.columns)?),
        number(tags::SAMPLES_PER_PIXEL, short(shape.components)?),
        number(tags::PLANAR_CONFIGURATION, 0),
        number(tags::BITS_ALLOCATED, bits),
        number(tags::BITS_STORED, bits),
        number(tags::HIGH_BIT, bits - 1),
        number(tags::PIXEL_REPRESENTATION, 0),
        text(tags::NUMBER_OF_FRAMES, VR::IS, "1"),
        text(
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            if shape.components == 1 { "MONOCHROME2" } else { "RGB" },
        ),
    ]);
    let fragments = PixelFragmentSequence::new_fragments(vec![data.to_vec()]);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
    let object = object.with_meta(meta(transfer_syntax)).map_err(|e| e.to_string())?;
    let decoded = catch_unwind(AssertUnwindSafe(|| object.decode_pixel_data().map(|d| d.data().to_vec())))
        .map_err(|_| "the compressed data is damaged".to_owned())?
        .map_err(|error| format!("the compressed data is damaged: {}", innermost(&error)))?;
    let values: Vec<i32> = if wide {
        decoded.chunks_exact(2).map(|b| i32::from(u16::from_le_bytes([b[0], b[1]]))).collect()
    } else {
        decoded.iter().map(|&b| i32::from(b)).collect()
    };
    if values.len() == shape.samples() {
        Ok(values)
    } else {
        Err("the compressed data holds another number of pixels".to_owned())
    }
}

/// The overlay plane in `group`; `None` where it is damaged.
pub(super) fn overlay(object: &InMemDicomObject, group: u16) -> Option<OverlayPlane> {
    let plane = object.iter().filter(|element| element.header().tag.group() == group).cloned();
    let plane =
        InMemDicomObject::from_element_iter(plane).with_meta(meta(uids::EXPLICIT_VR_LITTLE_ENDIAN)).ok()?;
    let index = u8::try_from(group.checked_sub(0x6000)? / 2).ok()?;
    catch_unwind(AssertUnwindSafe(|| plane.decode_overlay(index))).ok()?.ok()?
}

/// The least file meta group.
fn meta(transfer_syntax: &str) -> FileMetaTableBuilder {
    FileMetaTableBuilder::new()
        .transfer_syntax(transfer_syntax)
        .media_storage_sop_class_uid(uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
        .media_storage_sop_instance_uid("2.25.1")
}

/// The cause at the end of the chain: the only one that says what is wrong with the file.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
