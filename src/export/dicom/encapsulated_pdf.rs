//! The page in an Encapsulated PDF (PS3.3 A.45.1), for archives that keep documents with the film.

use super::code::Code;
use super::dataset::{integer, text};
use super::instance::{Kind, instance};
use crate::export::ExportError;
use crate::export::Handover;
use crate::imaging::DicomObject;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

pub(super) const KIND: Kind =
    Kind { class: uids::ENCAPSULATED_PDF_STORAGE, modality: "DOC", name: "Hip report", number: 9106 };

const TITLE: &str = "Hip radiograph measurements";
const MIME: &str = "application/pdf";

/// The object around `pdf`.
///
/// # Errors
/// Where the film is no DICOM, or the page is too large.
pub(super) fn document(handover: &Handover, pdf: &[u8]) -> Result<InMemDicomObject, ExportError> {
    let image = handover.image()?;
    let mut out = instance(KIND, image, handover.stamp);
    let length = u32::try_from(pdf.len())
        .map_err(|_| ExportError::Dicom("the page is larger than DICOM can hold".to_owned()))?;
    out.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
    out.empty(tags::ACQUISITION_DATE_TIME, VR::DT);
    // The page shows the patient's name.
    out.text(tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
    out.text(tags::DOCUMENT_TITLE, VR::ST, TITLE);
    let name = Code::of("126000", "DCM", "Imaging Measurement Report");
    out.sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, [name.dataset()]);
    out.sequence(tags::SOURCE_INSTANCE_SEQUENCE, [image.reference()]);
    out.text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, VR::LO, MIME);
    out.bytes(tags::ENCAPSULATED_DOCUMENT, VR::OB, pdf.to_vec());
    out.long(tags::ENCAPSULATED_DOCUMENT_LENGTH, length);
    Ok(out.0)
}

/// The PDF in the bytes of a file.
///
/// # Errors
/// In words.
pub fn read_bytes(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let object = DicomObject::from_bytes(bytes)?.dataset;
    if text(&object, tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT) != MIME {
        return Err("no encapsulated PDF".to_owned());
    }
    let document = object.get(tags::ENCAPSULATED_DOCUMENT).and_then(|e| e.to_bytes().ok());
    let mut document = document.ok_or("it holds no document")?.into_owned();
    if let Some(length) = integer::<usize>(&object, tags::ENCAPSULATED_DOCUMENT_LENGTH) {
        document.truncate(length);
    }
    Ok(document)
}
