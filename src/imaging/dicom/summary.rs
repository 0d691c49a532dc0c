//! The header of an object as a catalogue needs it: whose it is, where it belongs, where its slices lie.

use super::attributes::Attributes;
use super::read::{Kind, is_dicom, kind_of, source};
use dicom_dictionary_std::tags;

/// More frames than any study has are damage.
const MAX_FRAMES: u32 = 20_000;

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::imaging) struct Summary {
    pub kind: Kind,
    pub patient_name: String,
    pub patient_id: String,
    pub study_uid: String,
    pub study_date: String,
    pub study_description: String,
    pub series_uid: String,
    pub series_number: Option<i64>,
    pub series_description: String,
    pub modality: String,
    pub instance_number: Option<i64>,
    pub sop_instance_uid: Option<String>,
    pub rows: usize,
    pub columns: usize,
    /// Where each frame lies in the patient.
    pub placements: Vec<Option<Placement>>,
    /// Whether the bytes reached to the pixel data, so that a header is not cut short.
    pub is_whole: bool,
    /// Files of a DICOMDIR, as the parts of their paths from its folder.
    pub referenced: Vec<Vec<String>>,
}

/// Position and directions of a slice in millimetres of the patient: x to the left, y to the back, z to the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Centre of the first pixel.
    pub position: [f64; 3],
    /// Direction of a row, to the right of the image.
    pub along_row: [f64; 3],
    /// Direction of a column, down the image.
    pub along_column: [f64; 3],
}

impl Summary {
    /// A PNG, JPEG or TIFF: of nobody, of no study.
    pub fn of_picture() -> Summary {
        Summary {
            kind: Kind::Image,
            patient_name: String::new(),
            patient_id: String::new(),
            study_uid: String::new(),
            study_date: String::new(),
            study_description: String::new(),
            series_uid: String::new(),
            series_number: None,
            series_description: String::new(),
            modality: String::new(),
            instance_number: None,
            sop_instance_uid: None,
            rows: 0,
            columns: 0,
            placements: vec![None],
            is_whole: true,
            referenced: Vec::new(),
        }
    }
}

/// What the header says; `None` where the bytes are no DICOM, `Err` where they are damaged.
pub(in crate::imaging) fn summary(bytes: &[u8]) -> Option<Result<Summary, String>> {
    if !is_dicom(bytes) {
        return None;
    }
    let source = match source(bytes) {
        Ok(source) => source,
        Err(reason) => return Some(Err(reason)),
    };
    let attributes = Attributes::of_frame(&source.object, 0);
    let kind = kind_of(&attributes);
    let frames = attributes.integer::<u32>(tags::NUMBER_OF_FRAMES).unwrap_or(1).clamp(1, MAX_FRAMES);
    let placements = match kind {
        Kind::Image => (0..frames).map(|i| placement(&Attributes::of_frame(&source.object, i))).collect(),
        Kind::Other(_) => Vec::new(),
    };
    let records = attributes.items(tags::DIRECTORY_RECORD_SEQUENCE);
    let referenced = records
        .iter()
        .map(|record| Attributes::of_frame(record, 0).texts(tags::REFERENCED_FILE_ID))
        .filter(|parts| !parts.is_empty())
        .collect();
    Some(Ok(Summary {
        kind,
        patient_name: attributes.text(tags::PATIENT_NAME),
        patient_id: attributes.text(tags::PATIENT_ID),
        study_uid: attributes.text(tags::STUDY_INSTANCE_UID),
        study_date: attributes.text(tags::STUDY_DATE),
        study_description: attributes.text(tags::STUDY_DESCRIPTION),
        series_uid: attributes.text(tags::SERIES_INSTANCE_UID),
        series_number: attributes.integer(tags::SERIES_NUMBER),
        series_description: attributes.text(tags::SERIES_DESCRIPTION),
        modality: attributes.text(tags::MODALITY),
        instance_number: attributes.integer(tags::INSTANCE_NUMBER),
        sop_instance_uid: Some(attributes.text(tags::SOP_INSTANCE_UID)).filter(|uid| !uid.is_empty()),
        rows: attributes.integer(tags::ROWS).unwrap_or(0),
        columns: attributes.integer(tags::COLUMNS).unwrap_or(0),
        placements,
        is_whole: source.pixel_data.is_some(),
        referenced,
    }))
}

fn placement(attributes: &Attributes) -> Option<Placement> {
    let [x, y, z] = attributes.numbers(tags::IMAGE_POSITION_PATIENT)[..] else { return None };
    let [a, b, c, d, e, f] = attributes.numbers(tags::IMAGE_ORIENTATION_PATIENT)[..] else { return None };
    Some(Placement { position: [x, y, z], along_row: [a, b, c], along_column: [d, e, f] })
}
