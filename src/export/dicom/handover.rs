//! All that is handed over of one film: the report, and what the report is made again from.

use super::gsps::GreyScale;
use super::image::ReferencedImage;
use super::instance::Stamp;
use crate::export::{ExportError, Report};
use crate::measure::{LabelMap, LandmarkId, ModelIdentity, Panel};
use crate::study::Annotations;
use serde::{Deserialize, Serialize};

/// What a person remarked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    pub text: String,
    /// Empty where nobody gave a name.
    #[serde(default)]
    pub author: String,
    /// ISO 8601, or empty.
    #[serde(default)]
    pub at: String,
    /// What it is about; `None` for the film.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::sr::state::id")]
    pub landmark: Option<LandmarkId>,
}

/// The film, what was found on it, and what a person did.
#[derive(Debug, Clone, Copy)]
pub struct Handover<'a> {
    pub report: &'a Report,
    /// What the report was made of: its landmarks are the report's.
    pub annotations: &'a Annotations,
    /// As [`crate::imaging::Radiograph::patient_right_on_left`].
    pub patient_right_on_left: Option<bool>,
    /// Which measurements were asked for.
    pub panel: Panel,
    pub comments: &'a [Comment],
    /// `None` for a film that is no DICOM: then no object can refer to it.
    pub image: Option<&'a ReferencedImage>,
    pub masks: Option<&'a LabelMap>,
    /// The network that drew the masks; `None` where a person did.
    pub mask_model: Option<&'a ModelIdentity>,
    /// How the film is shown; `None` without its pixels.
    pub grey: Option<&'a GreyScale>,
    pub stamp: &'a Stamp,
}

impl<'a> Handover<'a> {
    /// # Errors
    /// In words, where the film is no DICOM.
    pub(super) fn image(&self) -> Result<&'a ReferencedImage, ExportError> {
        let none =
            || ExportError::Dicom("the film is no DICOM: an object has nothing to refer to".to_owned());
        self.image.ok_or_else(none)
    }
}
