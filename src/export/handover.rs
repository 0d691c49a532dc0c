//! All that is handed over of one film: the report, and what the report is made again from.

use super::dicom::{ReferencedImage, Stamp};
use super::{ExportError, Report};
use crate::imaging::Radiograph;
use crate::measure::{LabelMap, ModelIdentity, Protocol};
use crate::study::{Annotations, Review, Study};

/// The film, what was found on it, and what a person did.
#[derive(Debug, Clone, Copy)]
pub struct Handover<'a> {
    pub report: &'a Report,
    /// What the report was made of: its landmarks are the report's.
    pub annotations: &'a Annotations,
    /// Where the reading stands.
    pub review: &'a Review,
    /// How the report was assessed.
    pub protocol: &'a Protocol,
    /// `None` for a film that is no DICOM: then no object can refer to it.
    pub image: Option<&'a ReferencedImage>,
    /// `None` for a report that was opened without its film.
    pub film: Option<&'a Radiograph>,
    pub stamp: &'a Stamp,
}

impl<'a> Handover<'a> {
    /// Of a study in the window; `report` is [`Report::of_study`] of the same.
    pub fn of_study(
        study: &'a Study,
        film: &'a Radiograph,
        report: &'a Report,
        image: Option<&'a ReferencedImage>,
        stamp: &'a Stamp,
    ) -> Handover<'a> {
        Handover {
            report,
            annotations: study.annotations(),
            review: study.review(),
            protocol: study.protocol(),
            image,
            film: Some(film),
            stamp,
        }
    }

    /// # Errors
    /// In words, where the film is no DICOM.
    pub(super) fn image(&self) -> Result<&'a ReferencedImage, ExportError> {
        let none =
            || ExportError::Dicom("the film is no DICOM: an object has nothing to refer to".to_owned());
        self.image.ok_or_else(none)
    }

    /// # Errors
    /// [`ExportError::NoFilm`].
    pub(super) fn film(&self) -> Result<&'a Radiograph, ExportError> {
        self.film.ok_or(ExportError::NoFilm)
    }

    pub(super) fn masks(&self) -> Option<&'a LabelMap> {
        self.annotations.mask.as_deref()
    }

    /// The network that drew the masks, and whether a person changed any of them since; `None` where a person drew them.
    pub(super) fn mask_model(&self) -> Option<(&'a ModelIdentity, bool)> {
        let predicted = self.annotations.mask_prediction.as_ref()?;
        Some((&predicted.model, self.annotations.mask.as_ref() != Some(&predicted.mask)))
    }
}
