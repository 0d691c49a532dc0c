//! Masks as a segmentation (PS3.3 A.51): one bit a pixel and one frame a structure, which every reader of segmentations
//! knows, or one map of labels (A.51 label map, Supplement 243); and either back into a [`LabelMap`].

use super::code::Code;
use super::dataset::{Dataset, cielab, integer, item, items, text};
use super::image::ReferencedImage;
use super::instance::{Kind, another_uid, instance};
use crate::export::ExportError;
use crate::export::Handover;
use crate::imaging::{DicomObject, OpenError};
use crate::measure::{LabelMap, Structure};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use std::path::Path;

pub(super) const BINARY: Kind =
    Kind { class: uids::SEGMENTATION_STORAGE, modality: "SEG", name: "Hip masks", number: 9102 };
pub(super) const LABEL_MAP: Kind = Kind {
    class: uids::LABEL_MAP_SEGMENTATION_STORAGE,
    modality: "SEG",
    name: "Hip label map",
    number: 9103,
};

const ANATOMY: Code = Code::of("91723000", "SCT", "Anatomical Structure");
const BACKGROUND: Code = Code::of("125040", "DCM", "Background");
/// The value of a structure where segments are numbered without gaps: a private element of the segment.
const BLOCK: Tag = Tag(0x0063, 0x0010);
const BLOCK_NAME: &str = "COXA";
const VALUE: Tag = Tag(0x0063, 0x1001);
/// Larger masks than any film are damage.
const MAX_PIXELS: usize = 100_000_000;

/// Who drew the masks.
fn algorithm(handover: &Handover) -> (&'static str, String) {
    match handover.mask_model() {
        Some((model, changed)) => {
            let how = if changed { "SEMIAUTOMATIC" } else { "AUTOMATIC" };
            (how, format!("{} {}", model.id, model.version))
        }
        None => ("MANUAL", String::new()),
    }
}

/// The segmentation as a data set; as one map of labels with `labels`.
///
/// # Errors
/// Without masks, or where they are not of the size of the film.
pub(super) fn document(handover: &Handover, labels: bool) -> Result<InMemDicomObject, ExportError> {
    let image = handover.image()?;
    let refused = |reason: &str| ExportError::Dicom(reason.to_owned());
    let masks = handover.masks().ok_or_else(|| refused("no masks: nothing to write as a segmentation"))?;
    if masks.structures.is_empty() {
        return Err(refused("the masks name no structure"));
    }
    let (Some(rows), Some(columns)) = (handover.report.source.rows, handover.report.source.columns) else {
        return Err(refused("the report does not say how large the film is"));
    };
    if (masks.rows, masks.columns) != (rows, columns) || masks.labels.len() != rows * columns {
        return Err(refused("the masks are not of the size of the film"));
    }
    let kind = if labels { LABEL_MAP } else { BINARY };
    let mut out = instance(kind, image, handover.stamp);
    out.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY");
    out.text(tags::PATIENT_ORIENTATION, VR::CS, &image.patient_orientation);
    out.text(tags::CONTENT_LABEL, VR::CS, "HIP_MASKS");
    out.text(tags::CONTENT_DESCRIPTION, VR::LO, "Structures of the hip");
    match &handover.stamp.reader {
        Some(reader) => out.text(tags::CONTENT_CREATOR_NAME, VR::PN, reader),
        None => out.empty(tags::CONTENT_CREATOR_NAME, VR::PN),
    }
    references(&mut out, image);
    dimensions(&mut out, &another_uid(handover.stamp, image, "dimensions"), labels);
    let wrong = |_| refused("the masks are larger than DICOM can hold");
    out.word(tags::ROWS, u16::try_from(rows).map_err(wrong)?);
    out.word(tags::COLUMNS, u16::try_from(columns).map_err(wrong)?);
    out.word(tags::SAMPLES_PER_PIXEL, 1);
    out.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    out.word(tags::PIXEL_REPRESENTATION, 0);
    out.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    out.text(tags::SEGMENTS_OVERLAP, VR::CS, "NO");
    let (how, by) = algorithm(handover);
    let mut segments: Vec<Dataset> = Vec::new();
    if labels {
        segments.push(background());
    }
    for (structure, number) in masks.structures.iter().zip(1..) {
        let number = if labels { u16::from(structure.value) } else { number };
        segments.push(segment(structure, number, how, &by));
    }
    out.sequence(tags::SEGMENT_SEQUENCE, segments);
    out.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, [Dataset::new()]);
    if labels {
        out.text(tags::SEGMENTATION_TYPE, VR::CS, "LABELMAP");
        depth(&mut out, 8);
        out.word(tags::PIXEL_PADDING_VALUE, 0);
        out.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY");
        out.text(tags::NUMBER_OF_FRAMES, VR::IS, "1");
        out.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, [frame(image, None)]);
        out.bytes(tags::PIXEL_DATA, VR::OB, masks.labels.clone());
    } else {
        let count = masks.structures.len();
        out.text(tags::SEGMENTATION_TYPE, VR::CS, "BINARY");
        depth(&mut out, 1);
        out.text(tags::NUMBER_OF_FRAMES, VR::IS, &count.to_string());
        let frames = (1..).take(count).map(|number| frame(image, Some(number)));
        out.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames);
        out.bytes(tags::PIXEL_DATA, VR::OB, pack(masks));
    }
    Ok(out.0)
}

fn depth(out: &mut Dataset, bits: u16) {
    out.word(tags::BITS_ALLOCATED, bits);
    out.word(tags::BITS_STORED, bits);
    out.word(tags::HIGH_BIT, bits - 1);
}

/// Frames of single bits follow one another without padding, the first pixel in the lowest bit.
fn pack(masks: &LabelMap) -> Vec<u8> {
    let pixels = masks.labels.len();
    let mut bytes = vec![0; (pixels * masks.structures.len()).div_ceil(8)];
    for (frame, structure) in masks.structures.iter().enumerate() {
        for (pixel, label) in masks.labels.iter().enumerate() {
            if *label == structure.value {
                let bit = frame * pixels + pixel;
                bytes[bit / 8] |= 1 << (bit % 8);
            }
        }
    }
    bytes
}

fn references(out: &mut Dataset, image: &ReferencedImage) {
    let mut series = Dataset::new();
    series.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, [image.reference()]);
    series.text(tags::SERIES_INSTANCE_UID, VR::UI, &image.series);
    out.sequence(tags::REFERENCED_SERIES_SEQUENCE, [series]);
}

/// Frames are ordered by their segments; a map has one frame.
fn dimensions(out: &mut Dataset, uid: &str, labels: bool) {
    let mut organization = Dataset::new();
    organization.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, uid);
    let mut index = organization.clone();
    let (pointer, group, label) = if labels {
        (tags::FRAME_LABEL, tags::FRAME_CONTENT_SEQUENCE, "Frame Label")
    } else {
        (tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE, "Referenced Segment Number")
    };
    index.pointer(tags::DIMENSION_INDEX_POINTER, pointer);
    index.pointer(tags::FUNCTIONAL_GROUP_POINTER, group);
    index.text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, label);
    out.sequence(tags::DIMENSION_ORGANIZATION_SEQUENCE, [organization]);
    out.sequence(tags::DIMENSION_INDEX_SEQUENCE, [index]);
}

fn frame(image: &ReferencedImage, number: Option<u16>) -> Dataset {
    let mut source = image.frame_reference();
    source.text(tags::SPATIAL_LOCATIONS_PRESERVED, VR::CS, "YES");
    let purpose = Code::of("121322", "DCM", "Source image for image processing operation");
    source.sequence(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, [purpose.dataset()]);
    let mut derivation = Dataset::new();
    derivation.sequence(tags::SOURCE_IMAGE_SEQUENCE, [source]);
    let code = Code::of("113076", "DCM", "Segmentation");
    derivation.sequence(tags::DERIVATION_CODE_SEQUENCE, [code.dataset()]);
    let mut content = Dataset::new();
    content.long(tags::DIMENSION_INDEX_VALUES, u32::from(number.unwrap_or(1)));
    let mut out = Dataset::new();
    out.sequence(tags::DERIVATION_IMAGE_SEQUENCE, [derivation]);
    match number {
        Some(number) => {
            let mut identification = Dataset::new();
            identification.word(tags::REFERENCED_SEGMENT_NUMBER, number);
            out.sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, [identification]);
        }
        None => content.text(tags::FRAME_LABEL, VR::LO, "Film"),
    }
    out.sequence(tags::FRAME_CONTENT_SEQUENCE, [content]);
    out
}

fn segment(structure: &Structure, number: u16, how: &str, by: &str) -> Dataset {
    let mut out = Dataset::new();
    out.word(tags::SEGMENT_NUMBER, number);
    out.text(tags::SEGMENT_LABEL, VR::LO, &structure.name);
    out.text(tags::SEGMENT_DESCRIPTION, VR::ST, structure.title());
    out.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, how);
    if !by.is_empty() {
        out.text(tags::SEGMENT_ALGORITHM_NAME, VR::LO, by);
    }
    out.sequence(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, [ANATOMY.dataset()]);
    let kind = Code::private(structure.name.to_uppercase(), structure.title());
    out.sequence(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, [kind.dataset()]);
    let region = Code::of("24136001", "SCT", "Hip joint");
    out.sequence(tags::ANATOMIC_REGION_SEQUENCE, [region.dataset()]);
    out.words(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE, &cielab(structure.colour()));
    out.text(BLOCK, VR::LO, BLOCK_NAME);
    out.word(VALUE, u16::from(structure.value));
    out
}

fn background() -> Dataset {
    let mut out = Dataset::new();
    out.word(tags::SEGMENT_NUMBER, 0);
    out.text(tags::SEGMENT_LABEL, VR::LO, "Background");
    out.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, "MANUAL");
    out.sequence(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, [BACKGROUND.dataset()]);
    out.sequence(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, [BACKGROUND.dataset()]);
    out
}

/// A segmentation that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadMasks {
    pub masks: LabelMap,
    /// SOP instance of the film; empty where the object does not say.
    pub instance: String,
    /// What was lost: a map holds one label a pixel.
    pub warnings: Vec<String>,
}

/// Reads the segmentation of one film in the file at `path`.
///
/// # Errors
/// [`OpenError`], also for other objects, segmentations of stacks, and compressed ones.
pub fn read(path: &Path) -> Result<ReadMasks, OpenError> {
    let object = DicomObject::read(path)?;
    of_object(&object).map_err(|reason| OpenError::Undecodable { path: path.to_owned(), reason })
}

/// Reads the segmentation in the bytes of a file.
///
/// # Errors
/// In words.
pub fn read_bytes(bytes: &[u8]) -> Result<ReadMasks, String> {
    of_object(&DicomObject::from_bytes(bytes)?)
}

pub(super) fn of_object(object: &DicomObject) -> Result<ReadMasks, String> {
    let header = &object.dataset;
    let class = text(header, tags::SOP_CLASS_UID);
    if class != BINARY.class && class != LABEL_MAP.class {
        return Err("no segmentation".to_owned());
    }
    let rows: usize = integer(header, tags::ROWS).ok_or("it has no rows")?;
    let columns: usize = integer(header, tags::COLUMNS).ok_or("it has no columns")?;
    let frames: usize = integer(header, tags::NUMBER_OF_FRAMES).unwrap_or(1);
    let pixels = rows.checked_mul(columns).filter(|n| (1..=MAX_PIXELS).contains(n));
    let pixels = pixels.ok_or("its masks have no size")?;
    let total =
        pixels.checked_mul(frames).filter(|n| n.div_ceil(8) <= MAX_PIXELS).ok_or("it is too large")?;
    if !["1.2.840.10008.1.2", uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN]
        .contains(&object.transfer_syntax.as_str())
    {
        return Err(format!("compressed segmentations ({}) are not read", object.transfer_syntax));
    }
    let data = object.pixel_data.as_deref().unwrap_or_default();
    let bits: usize = integer(header, tags::BITS_ALLOCATED).unwrap_or(1);
    if !matches!(bits, 1 | 8 | 16) || data.len() < (total * bits).div_ceil(8) {
        return Err("its pixel data is incomplete".to_owned());
    }
    let mut warnings = object.warnings.clone();
    let structures = structures(header, &mut warnings)?;
    let mut masks = LabelMap::empty(rows, columns, structures.iter().map(|(_, s)| s.clone()).collect());
    let sample = |at: usize| match bits {
        1 => u16::from(data[at / 8] >> (at % 8) & 1),
        8 => u16::from(data[at]),
        _ => u16::from_le_bytes([data[2 * at], data[2 * at + 1]]),
    };
    let value_of = |number: u16| structures.iter().find(|(n, _)| *n == number).map(|(_, s)| s.value);
    if text(header, tags::SEGMENTATION_TYPE) == "LABELMAP" {
        if frames != 1 {
            return Err(format!("it segments a stack of {frames} slices, not a film"));
        }
        for (at, label) in masks.labels.iter_mut().enumerate() {
            *label = value_of(sample(at)).unwrap_or(0);
        }
    } else {
        let most: u16 = integer(header, tags::MAXIMUM_FRACTIONAL_VALUE).unwrap_or(1);
        let mut seen = Vec::new();
        let mut overlap = 0;
        for frame in 0..frames {
            let number = segment_of(header, frame).ok_or("a frame does not name its segment")?;
            if seen.contains(&number) {
                return Err("it segments a stack of slices, not a film".to_owned());
            }
            seen.push(number);
            let value = value_of(number).ok_or("a frame names a segment that is not there")?;
            for (at, label) in masks.labels.iter_mut().enumerate() {
                if 2 * u32::from(sample(frame * pixels + at)) > u32::from(most) {
                    overlap += usize::from(*label != 0);
                    *label = value;
                }
            }
        }
        if overlap > 0 {
            warnings.push(format!("segments overlap at {overlap} pixels: the later one is kept"));
        }
    }
    Ok(ReadMasks { masks, instance: referenced(header), warnings })
}

/// Segment numbers and structures, without the background.
fn structures(
    header: &InMemDicomObject,
    warnings: &mut Vec<String>,
) -> Result<Vec<(u16, Structure)>, String> {
    let mut found: Vec<(u16, Structure)> = Vec::new();
    for segment in items(header, tags::SEGMENT_SEQUENCE) {
        let number: u16 = integer(segment, tags::SEGMENT_NUMBER).ok_or("a segment has no number")?;
        if number == 0 {
            continue;
        }
        let own = (text(segment, BLOCK) == BLOCK_NAME).then(|| integer::<u8>(segment, VALUE)).flatten();
        let value = own.or(u8::try_from(number).ok()).ok_or("it has more segments than a map has labels")?;
        if found.iter().any(|(_, structure)| structure.value == value) {
            return Err(format!("two of its segments have the label {value}"));
        }
        let mut name = text(segment, tags::SEGMENT_LABEL);
        if name.is_empty() {
            name = format!("segment {number}");
            warnings.push(format!("segment {number} has no label"));
        }
        found.push((number, Structure { value, name }));
    }
    Ok(found)
}

fn segment_of(header: &InMemDicomObject, frame: usize) -> Option<u16> {
    let own = items(header, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).get(frame);
    let shared = item(header, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    [own, shared].into_iter().flatten().find_map(|group| {
        integer(item(group, tags::SEGMENT_IDENTIFICATION_SEQUENCE)?, tags::REFERENCED_SEGMENT_NUMBER)
    })
}

fn referenced(header: &InMemDicomObject) -> String {
    let series = item(header, tags::REFERENCED_SERIES_SEQUENCE);
    let image = series.and_then(|series| item(series, tags::REFERENCED_INSTANCE_SEQUENCE));
    image.map(|image| text(image, tags::REFERENCED_SOP_INSTANCE_UID)).unwrap_or_default()
}
