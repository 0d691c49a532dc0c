//! `coxa measure FOLDER --middle-coronal`: of an MR examination the one slice that models of coronal MR read.

use crate::harness::{film, folder, json, measure};
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use std::fs;
use std::path::Path;

const CORONAL: &str = "1\\0\\0\\0\\0\\-1";
const AXIAL: &str = "1\\0\\0\\0\\1\\0";

/// A slice of an examination, its series told by `series` and its place by `position`.
fn slice(folder: &Path, series: &str, number: u32, position: &str, orientation: &str) {
    // Of one phantom: slices of a stack are of one size.
    let path = film(folder, &format!("{}-{number}", series.replace('.', "-")), 1);
    let mut object = dicom_object::open_file(&path).expect("opens");
    let instance = format!("{series}.{number}");
    for (tag, vr, value) in [
        (tags::SOP_CLASS_UID, VR::UI, uids::MR_IMAGE_STORAGE),
        (tags::SOP_INSTANCE_UID, VR::UI, &instance),
        (tags::STUDY_INSTANCE_UID, VR::UI, "1.2.3"),
        (tags::SERIES_INSTANCE_UID, VR::UI, series),
        (tags::MODALITY, VR::CS, "MR"),
        (tags::INSTANCE_NUMBER, VR::IS, &number.to_string()),
        (tags::IMAGE_POSITION_PATIENT, VR::DS, position),
        (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, orientation),
    ] {
        object.put_str(tag, vr, value);
    }
    object.update_meta(|meta| {
        meta.media_storage_sop_class_uid = uids::MR_IMAGE_STORAGE.to_owned();
        meta.media_storage_sop_instance_uid.clone_from(&instance);
    });
    object.write_to_file(&path).expect("written");
}

#[test]
fn the_middle_slice_of_the_largest_coronal_stack_is_measured_and_nothing_else() {
    let folder = folder();
    let study = folder.path().join("study");
    fs::create_dir(&study).expect("made");
    // Numbered against the order of the body: in its middle lies the fourth.
    for (number, y) in [(1, 8), (2, -4), (3, 4), (4, 0), (5, -8)] {
        slice(&study, "1.2.7", number, &format!("0\\{y}\\0"), CORONAL);
    }
    for (number, y) in [(1, 0), (2, 4), (3, 8)] {
        slice(&study, "1.2.8", number, &format!("0\\{y}\\0"), CORONAL);
    }
    for (number, z) in (1..8).zip([0, 3, 6, 9, 12, 15, 18]) {
        slice(&study, "1.2.9", number, &format!("0\\0\\{z}"), AXIAL);
    }
    let points = folder.path().join("points.json");
    let text = r#"{"landmarks":[{"code":"TRC","side":"R","x":100,"y":120},{"code":"TRC","side":"L","x":150,"y":120}]}"#;
    fs::write(&points, text).expect("written");
    let out = folder.path().join("out");
    let given = ["--middle-coronal", "--format", "json", "--landmarks", points.to_str().expect("UTF-8")];
    let done = measure(&[&study], &out, &given);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(done.stderr.contains("1 measured"), "{}", done.stderr);
    let report = json(&out.join("1-2-7-4.json"));
    let path = report["source"]["path"].as_str().expect("a path");
    assert!(path.ends_with("1-2-7-4.dcm"), "{path}");

    // Without the word there are too many, and a slice that is no coronal one of the hips is refused.
    let all = measure(&[&study], &out, &given[1..]);
    assert_eq!(all.status, 2, "{}", all.stderr);
    let refused = measure(&[&study], &out, &given[..3]);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("MR slice"), "{}", refused.stderr);
}

#[test]
fn an_examination_without_a_coronal_stack_is_refused() {
    let folder = folder();
    film(folder.path(), "hip", 1);
    let done = measure(&[folder.path()], &folder.path().join("out"), &["--middle-coronal"]);
    assert_eq!(done.status, 1, "{}", done.stderr);
    assert!(done.stderr.contains("no stack of coronal MR slices"), "{}", done.stderr);
}
