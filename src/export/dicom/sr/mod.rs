//! The structured report: Comprehensive SR by template TID 1500, with everything that a reader of the report needs coded
//! in its content tree, and beside it, in a private element, what Coxa opens it again from.

mod free;
mod landmarks;
mod measurements;
mod reopen;
mod vocabulary;

pub(super) use reopen::of_dataset;
pub use reopen::{Reopened, is_report, reopen, reopen_bytes};

use super::code::Code;
use super::content::{Item, Relation, Value};
use super::dataset::Dataset;
use super::image::ReferencedImage;
use super::instance::{Kind, instance};
use crate::RESEARCH_USE;
use crate::export::ExportError;
use crate::export::Handover;
use crate::export::record::Record;
use crate::imaging::IMPLEMENTATION;
use crate::measure::ModelIdentity;
use crate::study::Review;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use vocabulary as word;

pub(super) const KIND: Kind =
    Kind { class: uids::COMPREHENSIVE_SR_STORAGE, modality: "SR", name: "Hip measurements", number: 9101 };

/// Private block of the state: reservation, and the element in it.
const BLOCK: Tag = Tag(0x0099, 0x0010);
const BLOCK_NAME: &str = "COXA";
const STATE: Tag = Tag(0x0099, 0x1001);

/// The report as a data set.
///
/// # Errors
/// Where the film is no DICOM, or a point has no finite position.
pub(super) fn document(handover: &Handover) -> Result<InMemDicomObject, ExportError> {
    let image = handover.image()?;
    check(handover).map_err(ExportError::Dicom)?;
    let mut out = instance(KIND, image, handover.stamp);
    out.sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, []);
    out.sequence(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, []);
    out.sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, [image.evidence()]);
    out.text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE");
    verification(handover.review, &mut out);
    tree(handover, image).write(&mut out);
    write_state(handover, &mut out)?;
    Ok(out.0)
}

/// SCOORD holds 32-bit floats.
fn check(handover: &Handover) -> Result<(), String> {
    let set = &handover.annotations.landmarks;
    let points = set.iter().filter_map(|(id, landmark)| Some((id, landmark.position()?)));
    let curves = set.polylines.iter().flat_map(|(id, line)| line.iter().map(move |point| (id, *point)));
    for (id, point) in points.chain(curves) {
        if !((point.x as f32).is_finite() && (point.y as f32).is_finite()) {
            return Err(format!("{id} has no finite position: it cannot be written"));
        }
    }
    match set.radii_px.iter().find(|(_, radius)| !radius.is_finite()) {
        Some((id, _)) => Err(format!("the radius about {id} is not finite: it cannot be written")),
        None => Ok(()),
    }
}

pub(super) fn tree(handover: &Handover, image: &ReferencedImage) -> Item {
    let report = handover.report;
    let annotations = handover.annotations;
    let mut root = Item {
        relation: None,
        name: Some(word::REPORT),
        value: Value::Container(Some("1500")),
        children: vec![Item::code(Relation::HasConceptMod, &word::LANGUAGE, word::ENGLISH)],
    };
    root.children.extend(observers(handover.stamp.reader.as_deref()));
    root.children.push(Item::code(Relation::HasConceptMod, &word::PROCEDURE, word::RADIOGRAPHY));
    let pictured = Item::new(Relation::Contains, &word::SOURCE, image_value(image));
    let library = Item::container(&word::LIBRARY_GROUP, None, vec![pictured]);
    root.children.push(Item::container(&word::LIBRARY, None, vec![library]));
    let mut groups = measurements::groups(report, annotations.settings.cam_set.name(), image);
    let model = annotations.prediction.as_ref().map(|prediction| &prediction.model);
    let model = model.or(report.model.as_ref());
    groups.extend(landmarks::groups(&annotations.landmarks, &report.spacing, model, image));
    groups.extend(free::groups(&annotations.free, &report.spacing, image));
    root.children.push(Item::container(&word::MEASUREMENTS, None, groups));
    root.children.push(Item::text(Relation::Contains, &word::RESEARCH, RESEARCH_USE));
    let warnings = report.warnings.iter().filter(|warning| !warning.trim().is_empty());
    root.children.extend(warnings.map(|w| Item::text(Relation::Contains, &word::WARNING, w.as_str())));
    if !annotations.comment.trim().is_empty() {
        root.children.push(Item::text(Relation::Contains, &word::COMMENT, annotations.comment.as_str()));
    }
    root
}

/// TID 1001: this program, and the person who read the film.
pub(super) fn observers(reader: Option<&str>) -> Vec<Item> {
    let context = |name: &Code, value: Value| Item::new(Relation::HasObsContext, name, value);
    let mut items = Vec::new();
    if let Some(reader) = reader {
        items.push(context(&word::OBSERVER_TYPE, Value::Code(word::PERSON)));
        items.push(context(&word::PERSON_NAME, Value::Person(reader.to_owned())));
    }
    items.push(context(&word::OBSERVER_TYPE, Value::Code(word::DEVICE)));
    items.push(context(&word::DEVICE_UID, Value::Uid(IMPLEMENTATION.to_owned())));
    for name in [&word::DEVICE_NAME, &word::DEVICE_MANUFACTURER, &word::DEVICE_MODEL] {
        items.push(context(name, Value::Text("Coxa".to_owned())));
    }
    items
}

/// TID 4019: which network, and its very weights.
fn algorithm(model: &ModelIdentity) -> Vec<Item> {
    let filled = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
    let item = |name: &Code, text: String| Item::text(Relation::HasConceptMod, name, text);
    vec![
        item(&word::ALGORITHM, filled(&model.id)),
        item(&word::ALGORITHM_VERSION, filled(&model.version)),
        item(&word::ALGORITHM_PARAMETER, format!("weights_sha256={}", filled(&model.sha256))),
    ]
}

fn image_value(image: &ReferencedImage) -> Value {
    Value::Image { class: image.class.clone(), instance: image.instance.clone(), frame: image.frame }
}

fn selected_from(image: &ReferencedImage) -> Item {
    Item {
        relation: Some(Relation::SelectedFrom),
        name: None,
        value: image_value(image),
        children: Vec::new(),
    }
}

fn write_state(handover: &Handover, out: &mut Dataset) -> Result<(), ExportError> {
    let record = Record::of(handover)?.to_json().map_err(ExportError::Dicom)?;
    out.text(BLOCK, VR::LO, BLOCK_NAME);
    out.text(STATE, VR::UT, &record);
    Ok(())
}

/// A report that was signed off is verified by whoever signed it (PS3.3 C.17.2).
fn verification(review: &Review, out: &mut Dataset) {
    let signed = review.signed.as_ref().and_then(|signed| Some((signed, signed.time()?)));
    let Some((signed, time)) = signed.filter(|(signed, _)| !signed.by.trim().is_empty()) else {
        out.text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED");
        out.text(tags::PRELIMINARY_FLAG, VR::CS, "PRELIMINARY");
        return;
    };
    out.text(tags::VERIFICATION_FLAG, VR::CS, "VERIFIED");
    out.text(tags::PRELIMINARY_FLAG, VR::CS, "FINAL");
    let mut observer = Dataset::new();
    observer.text(tags::VERIFYING_OBSERVER_NAME, VR::PN, &person(&signed.by));
    // Of type 1, and nobody is asked for it.
    observer.text(tags::VERIFYING_ORGANIZATION, VR::LO, "not stated");
    observer.text(tags::VERIFICATION_DATE_TIME, VR::DT, &time.format("%Y%m%d%H%M%S+0000").to_string());
    observer.sequence(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, []);
    out.sequence(tags::VERIFYING_OBSERVER_SEQUENCE, [observer]);
}

/// A typed name as one component of a DICOM name, without what divides names or values.
fn person(name: &str) -> String {
    let plain = |letter: char| if matches!(letter, '\\' | '=') || letter.is_control() { ' ' } else { letter };
    name.trim().chars().take(64).map(plain).collect()
}
