//! The film that an object is about: how it is referred to, and the patient and study that its objects inherit.

use super::dataset::{Dataset, integer, item, items, text};
use crate::imaging::{DicomObject, OpenError};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::path::Path;

/// Attributes of the patient, patient study and general study modules that go along where the film has them.
const INHERITED: [Tag; 18] = [
    tags::STUDY_DESCRIPTION,
    tags::PROCEDURE_CODE_SEQUENCE,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_TIME,
    tags::OTHER_PATIENT_I_DS_SEQUENCE,
    tags::PATIENT_SPECIES_DESCRIPTION,
    tags::RESPONSIBLE_PERSON,
    tags::PATIENT_COMMENTS,
    tags::PATIENT_IDENTITY_REMOVED,
    tags::DEIDENTIFICATION_METHOD,
    tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    tags::ADMITTING_DIAGNOSES_DESCRIPTION,
    tags::PATIENT_AGE,
    tags::PATIENT_SIZE,
    tags::PATIENT_WEIGHT,
    tags::OCCUPATION,
    tags::ADDITIONAL_PATIENT_HISTORY,
];

/// Those that every object has, empty where the film does not (type 2).
const MANDATORY: [(Tag, VR); 9] = [
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_ID, VR::SH),
];

/// Classes of storage whose images have one frame. A file of such a class with several is not as it should be, and a
/// reference to it must not name a frame: the first, which every reader shows, needs none.
const ONE_FRAME: [&str; 12] =
    ["1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "2", "4", "6.1", "7", "128"];

fn has_one_frame(class: &str) -> bool {
    class.strip_prefix("1.2.840.10008.5.1.4.1.1.").is_some_and(|storage| ONE_FRAME.contains(&storage))
}

/// A film as other objects name it.
#[derive(Debug, Clone)]
pub struct ReferencedImage {
    pub class: String,
    pub instance: String,
    pub series: String,
    pub study: String,
    /// From 1; `None` where the film has one frame.
    pub frame: Option<u32>,
    pub patient_orientation: String,
    inherited: InMemDicomObject,
}

impl ReferencedImage {
    /// The film in the file at `path`, and frame `frame` (from 1) of it.
    ///
    /// # Errors
    /// [`OpenError`], also for a film that is no DICOM or has no UIDs: nothing can refer to it.
    pub fn read(path: &Path, frame: u32) -> Result<ReferencedImage, OpenError> {
        let unnamed = |reason: String| OpenError::Undecodable { path: path.to_owned(), reason };
        let object = DicomObject::read(path).map_err(|error| match error {
            OpenError::UnknownFormat { path } => OpenError::Undecodable {
                path,
                reason: "no DICOM film: a DICOM object has nothing to refer to".to_owned(),
            },
            other => other,
        })?;
        ReferencedImage::of_film(&object.dataset, frame).map_err(unnamed)
    }

    /// The film with this header.
    ///
    /// # Errors
    /// Names the UID that it lacks.
    pub fn of_film(header: &InMemDicomObject, frame: u32) -> Result<ReferencedImage, String> {
        let uid = |tag, name: &str| match text(header, tag) {
            uid if uid.is_empty() => Err(format!("the film has no {name}: no object can refer to it")),
            uid => Ok(uid),
        };
        Ok(ReferencedImage {
            class: uid(tags::SOP_CLASS_UID, "SOPClassUID")?,
            instance: uid(tags::SOP_INSTANCE_UID, "SOPInstanceUID")?,
            series: uid(tags::SERIES_INSTANCE_UID, "SeriesInstanceUID")?,
            study: uid(tags::STUDY_INSTANCE_UID, "StudyInstanceUID")?,
            frame: integer::<u32>(header, tags::NUMBER_OF_FRAMES)
                .filter(|count| {
                    *count > 1 && (frame > 1 || !has_one_frame(&text(header, tags::SOP_CLASS_UID)))
                })
                .map(|_| frame),
            patient_orientation: text(header, tags::PATIENT_ORIENTATION),
            inherited: header.clone(),
        })
    }

    /// The film that a report speaks of, by the report alone: `frame` is what its content says.
    ///
    /// # Errors
    /// Names what the report lacks.
    pub(super) fn of_report(
        report: &InMemDicomObject,
        frame: Option<u32>,
    ) -> Result<ReferencedImage, String> {
        let study = item(report, tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE);
        let series = study.and_then(|study| item(study, tags::REFERENCED_SERIES_SEQUENCE));
        let image = series.and_then(|series| item(series, tags::REFERENCED_SOP_SEQUENCE));
        let (Some(study), Some(series), Some(image)) = (study, series, image) else {
            return Err("the report names no image as its evidence".to_owned());
        };
        Ok(ReferencedImage {
            class: text(image, tags::REFERENCED_SOP_CLASS_UID),
            instance: text(image, tags::REFERENCED_SOP_INSTANCE_UID),
            series: text(series, tags::SERIES_INSTANCE_UID),
            study: text(study, tags::STUDY_INSTANCE_UID),
            frame,
            patient_orientation: String::new(),
            inherited: report.clone(),
        })
    }

    /// Patient and study as the film has them.
    pub(super) fn write_patient_and_study(&self, out: &mut Dataset) {
        for (tag, vr) in MANDATORY {
            match self.inherited.get(tag) {
                Some(element) => {
                    out.0.put(element.clone());
                }
                None => out.empty(tag, vr),
            }
        }
        for tag in INHERITED {
            // A sequence or an optional attribute without a value says nothing.
            if let Some(element) = self.inherited.get(tag)
                && (!text(&self.inherited, tag).is_empty() || !items(&self.inherited, tag).is_empty())
            {
                out.0.put(element.clone());
            }
        }
        out.text(tags::STUDY_INSTANCE_UID, VR::UI, &self.study);
    }

    /// Whether objects have the attribute from their film.
    pub(super) fn inherits(tag: Tag) -> bool {
        MANDATORY.iter().any(|(mandatory, _)| *mandatory == tag) || INHERITED.contains(&tag)
    }

    /// The first attribute of patient and study in which `object` differs from the film.
    pub(super) fn differing(&self, object: &InMemDicomObject) -> Option<Tag> {
        let inherited = MANDATORY.iter().map(|(tag, _)| *tag).chain(INHERITED);
        inherited.into_iter().find(|tag| text(object, *tag) != text(&self.inherited, *tag))
    }

    /// Class and instance.
    pub(super) fn reference(&self) -> Dataset {
        let mut out = Dataset::new();
        out.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &self.class);
        out.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &self.instance);
        out
    }

    /// [`reference`](Self::reference) with the frame.
    pub(super) fn frame_reference(&self) -> Dataset {
        let mut out = self.reference();
        if let Some(frame) = self.frame {
            out.text(tags::REFERENCED_FRAME_NUMBER, VR::IS, &frame.to_string());
        }
        out
    }

    /// Study, series and instance as reports name their evidence.
    pub(super) fn evidence(&self) -> Dataset {
        let mut series = Dataset::new();
        series.text(tags::SERIES_INSTANCE_UID, VR::UI, &self.series);
        series.sequence(tags::REFERENCED_SOP_SEQUENCE, [self.reference()]);
        let mut study = Dataset::new();
        study.text(tags::STUDY_INSTANCE_UID, VR::UI, &self.study);
        study.sequence(tags::REFERENCED_SERIES_SEQUENCE, [series]);
        study
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::{DataElement, PrimitiveValue};
    use dicom_dictionary_std::uids;

    #[test]
    fn a_frame_is_named_where_the_class_has_frames_or_it_is_not_the_first() {
        for (class, frame, named) in [
            (uids::SECONDARY_CAPTURE_IMAGE_STORAGE, 1, None),
            (uids::SECONDARY_CAPTURE_IMAGE_STORAGE, 2, Some(2)),
            (uids::MULTI_FRAME_GRAYSCALE_BYTE_SECONDARY_CAPTURE_IMAGE_STORAGE, 1, Some(1)),
        ] {
            let header = InMemDicomObject::from_element_iter(
                [
                    (tags::SOP_CLASS_UID, class),
                    (tags::SOP_INSTANCE_UID, "1.2.3"),
                    (tags::SERIES_INSTANCE_UID, "1.2.4"),
                    (tags::STUDY_INSTANCE_UID, "1.2.5"),
                    (tags::NUMBER_OF_FRAMES, "2"),
                ]
                .map(|(tag, value)| DataElement::new(tag, VR::UI, PrimitiveValue::from(value))),
            );
            let image = ReferencedImage::of_film(&header, frame).expect("it can be referred to");
            assert_eq!(image.frame, named, "{class} {frame}");
        }
    }
}
