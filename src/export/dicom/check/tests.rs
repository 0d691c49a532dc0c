//! A check that cannot fail is none: each fault is put in, and named.

use super::super::dataset::Dataset;
use super::super::image::ReferencedImage;
use super::super::instance::{Stamp, encode, instance};
use super::super::{ObjectKind, key_object};
use super::*;
use crate::export::Report;
use crate::measure::{Assessment, Protocol, Spacing};
use crate::study::Review;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::path::Path;

fn film() -> ReferencedImage {
    let mut header = Dataset::new();
    header.text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.1.1");
    header.text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3");
    header.text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.4");
    header.text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.5");
    header.text(tags::PATIENT_NAME, VR::PN, "A^B");
    ReferencedImage::of_film(&header.0, 1).unwrap()
}

/// The check of a key object after `spoil`.
fn spoilt(spoil: impl FnOnce(&mut InMemDicomObject)) -> SendCheck {
    let (image, stamp) = (film(), Stamp::now());
    let report =
        Report::of_points(Path::new("x"), &LandmarkSet::default(), &Spacing::UNKNOWN, &Assessment::default());
    let (annotations, review, protocol) = (Annotations::default(), Review::default(), Protocol::default());
    let handover = Handover {
        report: &report,
        annotations: &annotations,
        review: &review,
        protocol: &protocol,
        image: Some(&image),
        film: None,
        stamp: &stamp,
    };
    let mut object = key_object::document(&handover).unwrap();
    spoil(&mut object);
    check(ObjectKind::KeyObject, &handover, &encode(object).unwrap(), None).unwrap()
}

fn put(tag: Tag, vr: VR, value: &str) -> impl FnOnce(&mut InMemDicomObject) {
    move |object| {
        object.put(dicom_core::DataElement::new(tag, vr, PrimitiveValue::from(value)));
    }
}

#[test]
fn a_sound_object_passes() {
    let check = spoilt(|_| {});
    assert!(check.is_sound(), "{check}");
}

#[test]
fn every_fault_is_named() {
    let faults = |check: SendCheck| check.faults().collect::<Vec<_>>().join("; ");
    for (tag, vr, value, named) in [
        (tags::MODALITY, VR::CS, "", "Modality is empty"),
        (tags::SERIES_DESCRIPTION, VR::LO, &*"x".repeat(65), "SeriesDescription has 65 characters"),
        (tags::MODALITY, VR::CS, "ko", "Modality has letters"),
        (tags::SERIES_INSTANCE_UID, VR::UI, "1.02.3", "SeriesInstanceUID is no UID"),
        (tags::SERIES_INSTANCE_UID, VR::UI, "1.2.4", "a UID of the film is used again"),
        (tags::STUDY_INSTANCE_UID, VR::UI, "1.2.55", "the study differs"),
        (tags::PATIENT_NAME, VR::PN, "A^B=\u{1b}$B;3ED\u{1b}(B", "PatientName has escapes"),
        (tags::PATIENT_NAME, VR::PN, "C^D", "PatientName is not that of the film"),
    ] {
        let found = faults(spoilt(put(tag, vr, value)));
        assert!(found.contains(named), "{named}: {found}");
    }
    let other = faults(spoilt(|object| {
        let mut image = film();
        image.instance = "1.2.33".to_owned();
        let mut of = Dataset::new();
        of.sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, [image.evidence()]);
        object.put(of.0.into_iter().next().unwrap());
    }));
    assert!(other.contains("ReferencedSOPInstanceUID is not that of the film"), "{other}");
}

#[test]
fn what_the_film_has_wrong_is_no_fault_of_the_object() {
    let mut header = Dataset::new();
    for tag in
        [tags::SOP_CLASS_UID, tags::SOP_INSTANCE_UID, tags::SERIES_INSTANCE_UID, tags::STUDY_INSTANCE_UID]
    {
        header.text(tag, VR::UI, &format!("1.2.{}", tag.element()));
    }
    header.text(tags::PATIENT_SEX, VR::CS, "female");
    let image = ReferencedImage::of_film(&header.0, 1).unwrap();
    let object = instance(key_object::KIND, &image, &Stamp::now());
    let bytes = encode(object.0.clone()).unwrap();
    let mut checks = Vec::new();
    conformance::check(ObjectKind::KeyObject, &object.0, &bytes, &image, &mut checks);
    assert!(!checks.iter().any(|c| c.fault.as_ref().is_some_and(|f| f.contains("PatientSex"))), "{checks:?}");
}
