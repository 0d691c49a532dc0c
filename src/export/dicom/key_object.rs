//! The chosen image as a Key Object Selection Document (PS3.3 A.35.4, TID 2010): an archive shows it first.

use super::code::Code;
use super::content::{Item, Relation, Value};
use super::dataset::text;
use super::instance::{Kind, instance};
use super::sr::observers;
use crate::export::ExportError;
use crate::export::Handover;
use crate::imaging::DicomObject;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

pub(super) const KIND: Kind = Kind {
    class: uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE,
    modality: "KO",
    name: "Key image",
    number: 9105,
};

const OF_INTEREST: Code = Code::of("113000", "DCM", "Of Interest");
const DESCRIPTION: Code = Code::of("113012", "DCM", "Key Object Description");
const WORDS: &str = "The film on which the hips were measured";

/// A selection that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyObject {
    pub description: String,
    /// SOP instance and frame of each image.
    pub images: Vec<(String, Option<u32>)>,
}

/// The document as a data set.
///
/// # Errors
/// Where the film is no DICOM.
pub(super) fn document(handover: &Handover) -> Result<InMemDicomObject, ExportError> {
    let image = handover.image()?;
    let mut out = instance(KIND, image, handover.stamp);
    out.sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, []);
    out.sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, [image.evidence()]);
    let chosen =
        Value::Image { class: image.class.clone(), instance: image.instance.clone(), frame: image.frame };
    let mut children = observers(handover.stamp.reader.as_deref());
    children.push(Item::text(Relation::Contains, &DESCRIPTION, WORDS));
    children.push(Item {
        relation: Some(Relation::Contains),
        name: None,
        value: chosen,
        children: Vec::new(),
    });
    let root =
        Item { relation: None, name: Some(OF_INTEREST), value: Value::Container(Some("2010")), children };
    root.write(&mut out);
    Ok(out.0)
}

/// Reads the selection in the bytes of a file.
///
/// # Errors
/// In words.
pub fn read_bytes(bytes: &[u8]) -> Result<KeyObject, String> {
    of_dataset(&DicomObject::from_bytes(bytes)?.dataset)
}

pub(super) fn of_dataset(object: &InMemDicomObject) -> Result<KeyObject, String> {
    if text(object, tags::SOP_CLASS_UID) != KIND.class {
        return Err("no key object selection".to_owned());
    }
    let tree = Item::read(object)?;
    let description = match tree.child(&DESCRIPTION).map(|item| &item.value) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let images = tree.children.into_iter().filter_map(|item| match item.value {
        Value::Image { instance, frame, .. } => Some((instance, frame)),
        _ => None,
    });
    Ok(KeyObject { description, images: images.collect() })
}

/// What the document of `handover` should read as.
pub(super) fn expected(handover: &Handover) -> Result<KeyObject, ExportError> {
    let image = handover.image()?;
    Ok(KeyObject { description: WORDS.to_owned(), images: vec![(image.instance.clone(), image.frame)] })
}
