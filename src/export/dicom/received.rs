//! An object that lies beside a film, whoever wrote it, as what it says: one place that knows them apart.

use super::dataset::text;
use super::gsps::PresentationState;
use super::key_object::KeyObject;
use super::seg::ReadMasks;
use super::sr::Reopened;
use super::{gsps, key_object, seg, sr};
use crate::imaging::{DicomObject, OpenError};
use dicom_dictionary_std::tags;
use std::path::Path;

/// An object about a film.
#[derive(Debug, Clone)]
pub enum Received {
    /// A report that can be edited again.
    Report(Box<Reopened>),
    Masks(ReadMasks),
    State(PresentationState),
    Key(KeyObject),
}

impl Received {
    /// Reads the object in the file at `path`; `Ok(None)` for one that says nothing of a film that could be shown over it.
    ///
    /// # Errors
    /// [`OpenError`], also for damaged objects, and for reports and segmentations that are not of a film.
    pub fn read(path: &Path) -> Result<Option<Received>, OpenError> {
        let object = DicomObject::read(path)?;
        let class = text(&object.dataset, tags::SOP_CLASS_UID);
        let read = if sr::is_report(&object) {
            sr::of_dataset(&object.dataset).map(|report| Received::Report(Box::new(report)))
        } else if class == seg::BINARY.class || class == seg::LABEL_MAP.class {
            seg::of_object(&object).map(Received::Masks)
        } else if class == gsps::KIND.class {
            gsps::of_dataset(&object.dataset).map(Received::State)
        } else if class == key_object::KIND.class {
            key_object::of_dataset(&object.dataset).map(Received::Key)
        } else {
            return Ok(None);
        };
        read.map(Some).map_err(|reason| OpenError::Undecodable { path: path.to_owned(), reason })
    }

    /// SOP instances of the films that it is about.
    pub fn instances(&self) -> Vec<&str> {
        match self {
            Received::Report(report) => vec![&report.image.instance],
            Received::Masks(masks) => vec![&masks.instance],
            Received::State(state) => vec![&state.instance],
            Received::Key(key) => key.images.iter().map(|(instance, _)| instance.as_str()).collect(),
        }
    }
}
