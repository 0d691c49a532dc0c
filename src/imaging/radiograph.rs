//! The radiograph: stored values at native depth, with the transforms that give them meaning and the identity they belong to.

use crate::measure::Spacing;

/// Stored values to modality values (PS3.3 C.11.1).
#[derive(Debug, Clone, PartialEq)]
pub enum ModalityTransform {
    Rescale { slope: f64, intercept: f64 },
}

/// A linear window on modality values (PS3.3 C.11.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub center: f64,
    pub width: f64,
}

/// Modality values to presentation values (PS3.3 C.11.2).
#[derive(Debug, Clone, PartialEq)]
pub enum VoiTransform {
    Window(Window),
}

/// Who and what the image is. Never logged, never part of an error.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    pub patient_name: String,
    pub patient_id: String,
    pub patient_birth_date: String,
    pub patient_sex: String,
    /// `PatientAge` as DICOM writes it (`009M`), or empty.
    pub patient_age: String,
    pub study_date: String,
    pub study_description: String,
    pub modality: String,
    pub view_position: String,
    pub study_instance_uid: Option<String>,
    pub series_instance_uid: Option<String>,
    pub sop_instance_uid: Option<String>,
    pub sop_class_uid: Option<String>,
    /// Transfer syntax UID, or the raster format.
    pub encoding: String,
}

/// One greyscale frame at native depth, row-major.
#[derive(Debug, Clone)]
pub struct Radiograph {
    pub rows: usize,
    pub columns: usize,
    /// Stored values, masked to BitsStored and sign-extended.
    pub stored: Vec<i32>,
    pub bits_stored: u16,
    pub modality: ModalityTransform,
    /// The transforms the file offers, the default first; empty where it offers none.
    pub voi: Vec<VoiTransform>,
    /// MONOCHROME1: the smallest value is shown white.
    pub inverted: bool,
    /// Inclusive range of stored values that are padding, not image.
    pub padding: Option<(i32, i32)>,
    pub spacing: Spacing,
    /// Whether the patient's right is on the left of the image (as usual on AP films);
    /// `None` where the file does not say: then it is assumed, and a warning says so.
    pub patient_right_on_left: Option<bool>,
    pub identity: Identity,
    /// Frame number, from 1.
    pub frame: u32,
    /// What a reader should know of how it was read.
    pub warnings: Vec<String>,
}
