//! The radiograph: stored values at native depth, with the transforms that give them meaning and the identity
//! they belong to.

use crate::measure::protocol::{age_between, age_months};
use crate::measure::{Sex, Spacing, Subject, View};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// A table of PS3.3 C.11: entry `i` is the output for input `first + i`; inputs beyond either end take that end.
#[derive(Debug, Clone, PartialEq)]
pub struct LookupTable {
    pub first: i32,
    pub entries: Arc<[u16]>,
    /// Significant bits of an entry.
    pub bits: u16,
}

impl LookupTable {
    /// Output for `input`; 0 from an empty table.
    pub fn map(&self, input: i32) -> u16 {
        let last = self.entries.len().saturating_sub(1);
        let index = (i64::from(input) - i64::from(self.first)).clamp(0, last as i64) as usize;
        self.entries.get(index).copied().unwrap_or(0)
    }
}

/// What a truncated file lacks of its image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missing {
    /// This share of the pixels, 0–1, shown as 0 or made up.
    Share(f64),
    /// The end of the compressed data: nobody knows how many pixels.
    End,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Share(share) => {
                write!(
                    f,
                    "{:.1} % of the pixels are missing from the file: shown as 0 or made up",
                    100.0 * share
                )
            }
            Self::End => write!(f, "the file ends within the compressed pixel data: pixels may be made up"),
        }
    }
}

/// Stored values to modality values (PS3.3 C.11.1).
#[derive(Debug, Clone, PartialEq)]
pub enum ModalityTransform {
    Rescale { slope: f64, intercept: f64 },
    Table(LookupTable),
}

impl ModalityTransform {
    pub const IDENTITY: ModalityTransform = ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 };

    pub fn apply(&self, stored: i32) -> f64 {
        match self {
            Self::Rescale { slope, intercept } => f64::from(stored) * slope + intercept,
            Self::Table(table) => f64::from(table.map(stored)),
        }
    }
}

/// A window on modality values (PS3.3 C.11.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub center: f64,
    pub width: f64,
}

/// How a window maps modality values to grey (VOI LUT Function, PS3.3 C.11.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VoiFunction {
    #[default]
    Linear,
    LinearExact,
    Sigmoid,
}

/// Modality values to presentation values (PS3.3 C.11.2).
#[derive(Debug, Clone, PartialEq)]
pub enum VoiTransform {
    Window(Window),
    Table(LookupTable),
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
    /// `BodyPartExamined`, or empty.
    pub body_part: String,
    pub study_instance_uid: Option<String>,
    pub series_instance_uid: Option<String>,
    pub sop_instance_uid: Option<String>,
    pub sop_class_uid: Option<String>,
    /// Transfer syntax UID, or the raster format.
    pub encoding: String,
}

impl Identity {
    /// Whether the image is a slice through the patient.
    pub fn is_section(&self) -> bool {
        matches!(self.modality.as_str(), "CT" | "MR" | "PT" | "NM")
    }

    /// What the header says of the patient and the view; the age is that of the day of the study.
    pub fn subject(&self) -> Subject {
        let between = || age_between(&self.patient_birth_date, &self.study_date);
        Subject {
            age_months: age_months(&self.patient_age).or_else(between),
            sex: Sex::from_code(&self.patient_sex),
            view: View::from_code(&self.view_position),
        }
    }
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
    /// The function by which every window of this image is applied.
    pub voi_function: VoiFunction,
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
    /// What the file lacks of the image; `None` where it is whole.
    pub missing: Option<Missing>,
    /// What a reader should know of how it was read, to be shown.
    pub warnings: Vec<String>,
}

/// The values given do not make an image.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    #[error("{rows} rows of {columns} columns need {} values, {values} given", rows * columns)]
    Length { rows: usize, columns: usize, values: usize },
    #[error("{0} bits stored: 1 to 16 are possible")]
    Bits(u16),
}

impl Radiograph {
    /// An unsigned MONOCHROME2 image of `rows × columns` values of `bits_stored` (1–16) bits, without identity,
    /// spacing or window.
    ///
    /// # Errors
    /// When the length of `stored` is not `rows * columns`, either is 0, or the depth is out of range.
    pub fn from_stored(
        rows: usize,
        columns: usize,
        stored: Vec<i32>,
        bits_stored: u16,
    ) -> Result<Radiograph, ShapeError> {
        if !(1..=16).contains(&bits_stored) {
            return Err(ShapeError::Bits(bits_stored));
        }
        if stored.is_empty() || rows.checked_mul(columns) != Some(stored.len()) {
            return Err(ShapeError::Length { rows, columns, values: stored.len() });
        }
        Ok(Radiograph {
            rows,
            columns,
            stored,
            bits_stored,
            modality: ModalityTransform::IDENTITY,
            voi: Vec::new(),
            voi_function: VoiFunction::Linear,
            inverted: false,
            padding: None,
            spacing: Spacing::UNKNOWN,
            patient_right_on_left: None,
            identity: Identity::default(),
            frame: 1,
            missing: None,
            warnings: Vec::new(),
        })
    }

    /// [`from_stored`](Self::from_stored) from greys of 0–1, scaled to the full depth, clamped and rounded.
    ///
    /// # Errors
    /// As [`from_stored`](Self::from_stored).
    pub fn from_grey(
        rows: usize,
        columns: usize,
        grey: &[f32],
        bits_stored: u16,
    ) -> Result<Radiograph, ShapeError> {
        let top = f32::from(u16::MAX >> 16u16.saturating_sub(bits_stored).min(15));
        let stored = grey.iter().map(|v| (v.clamp(0.0, 1.0) * top).round() as i32).collect();
        Self::from_stored(rows, columns, stored, bits_stored)
    }

    /// Whether the file holds every pixel: a part of a film may be looked at, but nothing is measured on it.
    ///
    /// # Errors
    /// How much is missing, in words.
    pub fn is_whole(&self) -> Result<(), String> {
        self.missing.map_or(Ok(()), |missing| Err(missing.to_string()))
    }

    /// Whether the image is a projection radiograph, on which the hip can be measured.
    ///
    /// The modality decides, and the SOP class where the modality does not say what made the picture. Radiographs
    /// come as secondary captures too (scanned films, exports, modality OT or SC), so those pass unless their class
    /// is that of another kind; so do PNG, JPEG and TIFF, which say nothing.
    ///
    /// # Errors
    /// Says in words what it is instead ("this is a CT slice, not a radiograph").
    pub fn is_projection(&self) -> Result<(), String> {
        let class = self.identity.sop_class_uid.as_deref().unwrap_or_default();
        let storage = class.strip_prefix("1.2.840.10008.5.1.4.1.1.").unwrap_or_default();
        let what = match self.identity.modality.trim() {
            "CT" => "a CT slice",
            "MR" => "an MR slice",
            "US" | "IVUS" => "an ultrasound image",
            "PT" | "NM" => "a nuclear medicine image",
            "XC" | "GM" | "SM" | "ES" | "OP" | "DMS" | "DG" | "TG" => "a photograph",
            "OCT" | "OPT" | "IVOCT" => "an optical tomogram",
            "RTDOSE" => "a radiotherapy object",
            "SEG" => "a segmentation",
            "DOC" => "a document",
            "" | "OT" | "SC" | "HC" => match storage.split('.').next().unwrap_or_default() {
                "2" => "a CT slice",
                "4" => "an MR slice",
                "3" | "6" => "an ultrasound image",
                "13" => "a slice of a volume",
                "20" | "128" | "130" => "a nuclear medicine image",
                "77" => "a photograph",
                "481" => "a radiotherapy object",
                "66" => "a segmentation",
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        Err(format!("this is {what}, not a radiograph"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_fill_the_depth() {
        let film = Radiograph::from_grey(1, 4, &[0.0, 0.5, 1.0, 7.0], 12).expect("an image");
        assert_eq!(film.stored, [0, 2048, 4095, 4095]);
        assert_eq!(Radiograph::from_grey(1, 1, &[1.0], 16).expect("an image").stored, [65535]);
    }

    #[test]
    fn wrong_shapes_are_refused() {
        assert!(Radiograph::from_stored(2, 2, vec![0; 3], 8).is_err());
        assert!(Radiograph::from_stored(0, 0, vec![], 8).is_err());
        assert!(Radiograph::from_stored(1, 1, vec![0], 17).is_err());
        assert!(Radiograph::from_stored(usize::MAX, 2, vec![0; 3], 8).is_err());
    }

    #[test]
    fn a_ct_slice_is_no_radiograph() {
        let mut film = Radiograph::from_stored(1, 1, vec![0], 8).expect("an image");
        assert_eq!(film.is_projection(), Ok(()));
        film.identity.modality = "DX".into();
        assert_eq!(film.is_projection(), Ok(()));
        film.identity.modality = "CT".into();
        assert_eq!(film.is_projection(), Err("this is a CT slice, not a radiograph".into()));
    }

    #[test]
    fn a_secondary_capture_may_be_a_film_and_a_slide_is_none() {
        let mut film = Radiograph::from_stored(1, 1, vec![0], 8).expect("an image");
        let mut passes = |modality: &str, class: &str| {
            film.identity.modality = modality.into();
            film.identity.sop_class_uid = Some(format!("1.2.840.10008.5.1.4.1.1.{class}"));
            film.is_projection().is_ok()
        };
        for (modality, class) in
            [("OT", "7"), ("SC", "7.2"), ("", "7"), ("DX", "1.1"), ("CR", "1"), ("RF", "12.2")]
        {
            assert!(passes(modality, class), "{modality} {class}");
        }
        for (modality, class) in [("CT", "7"), ("SC", "77.1.6"), ("OT", "4.1"), ("", "13.1.3"), ("XC", "7")] {
            assert!(!passes(modality, class), "{modality} {class}");
        }
    }

    #[test]
    fn tables_hold_their_ends() {
        let table = LookupTable { first: -1, entries: [5, 6, 7].into(), bits: 8 };
        assert_eq!([-9, -1, 0, 1, i32::MAX].map(|v| table.map(v)), [5, 5, 6, 7, 7]);
    }
}
