//! What is no film gets one clear line that names it, and the others are still measured.

use crate::harness::{Run, files, film, folder, json, measure};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use std::fs;
use std::path::Path;

/// Measures `path` alone and checks the one line that says why not.
fn refused(path: &Path, reason: &str) -> Run {
    let out = path.with_extension("out");
    let run = measure(&[path], &out, &[]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "one line for the file, one for the end: {}", run.stderr);
    let name = path.file_name().expect("a name").to_string_lossy();
    assert!(lines[0].contains(&*name), "{}", lines[0]);
    assert!(lines[0].to_lowercase().contains(reason), "{}", lines[0]);
    assert!(lines[1].contains("0 measured, 1 failed"), "{}", lines[1]);
    assert_eq!(files(&out), ["summary.csv"]);
    let summary = fs::read_to_string(out.join("summary.csv")).expect("a table");
    assert!(summary.contains("failed") && summary.to_lowercase().contains(reason), "{summary}");
    run
}

/// A sound 64 × 64 CT slice.
fn ct_slice(path: &Path) {
    let text = |tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let slice = InMemDicomObject::from_element_iter([
        text(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE),
        text(tags::SOP_INSTANCE_UID, VR::UI, "2.25.1"),
        text(tags::MODALITY, VR::CS, "CT"),
        text(tags::PATIENT_NAME, VR::PN, "Secret^Name"),
        number(tags::SAMPLES_PER_PIXEL, 1),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        number(tags::ROWS, 64),
        number(tags::COLUMNS, 64),
        number(tags::BITS_ALLOCATED, 16),
        number(tags::BITS_STORED, 12),
        number(tags::HIGH_BIT, 11),
        number(tags::PIXEL_REPRESENTATION, 0),
        DataElement::new(
            tags::PIXEL_DATA,
            VR::OW,
            PrimitiveValue::U16((0..64 * 64).map(|i| (i % 4096) as u16).collect()),
        ),
    ]);
    slice
        .with_meta(FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN))
        .expect("file meta")
        .write_to_file(path)
        .expect("written");
}

#[test]
fn a_text_file_renamed_dcm() {
    let folder = folder();
    let path = folder.path().join("notes.dcm");
    fs::write(&path, "not a film\nat all\n").expect("written");
    refused(&path, "not an image");
}

#[test]
fn a_truncated_dicom_file() {
    let folder = folder();
    let whole = fs::read(film(folder.path(), "whole", 1)).expect("a film");
    for share in [0.99, 0.5, 0.02] {
        let path = folder.path().join("cut.dcm");
        fs::write(&path, &whole[..(whole.len() as f64 * share) as usize]).expect("written");
        refused(&path, "");
    }
}

#[test]
fn an_empty_folder() {
    let folder = folder();
    let path = folder.path().join("nothing");
    fs::create_dir(&path).expect("a folder");
    refused(&path, "no image");
}

#[test]
fn a_file_that_is_not_there() {
    refused(&folder().path().join("absent.dcm"), "cannot be read");
}

#[test]
fn a_ct_slice_is_refused_without_its_patient() {
    let folder = folder();
    let path = folder.path().join("slice.dcm");
    ct_slice(&path);
    let run = refused(&path, "ct slice");
    assert!(!run.stderr.contains("Secret"), "{}", run.stderr);
}

#[test]
fn an_image_of_one_pixel() {
    let folder = folder();
    let path = folder.path().join("dot.png");
    image::GrayImage::from_pixel(1, 1, image::Luma([128])).save(&path).expect("written");
    refused(&path, "1 × 1 pixels");
}

#[test]
fn one_bad_file_in_a_folder_does_not_stop_the_others() {
    let folder = folder();
    let films = folder.path().join("films");
    fs::create_dir_all(films.join("deeper")).expect("a folder");
    film(&films, "a", 1);
    film(&films.join("deeper"), "a", 2);
    let cut = fs::read(film(&films, "m", 3)).expect("a film");
    fs::write(films.join("m.dcm"), &cut[..cut.len() / 2]).expect("cut");
    fs::write(films.join("notes.dcm"), "no film").expect("text");
    fs::write(films.join("notes.txt"), "passed over: it does not claim to be a film").expect("text");
    let out = folder.path().join("out");
    let run = measure(&[&films], &out, &["--format", "json,csv"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stderr.contains("m.dcm") && run.stderr.contains("notes.dcm"), "{}", run.stderr);
    assert!(run.stderr.contains("2 measured, 2 failed"), "{}", run.stderr);
    assert_eq!(files(&out), ["a-2.json", "a.json", "summary.csv"]);
    let paths: Vec<String> =
        ["a", "a-2"].map(|name| json(&out.join(format!("{name}.json")))["source"]["path"].to_string()).into();
    assert_ne!(paths[0], paths[1]);
    let rows = csv::Reader::from_path(out.join("summary.csv")).expect("a table").records().count();
    assert_eq!(rows, 4);
}

#[test]
fn a_folder_that_cannot_be_made_is_one_line() {
    let folder = folder();
    let film = film(folder.path(), "film", 1);
    let blocked = folder.path().join("blocked");
    fs::write(&blocked, "a file in the way").expect("written");
    let run = measure(&[&film], &blocked.join("out"), &[]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.lines().count() == 1 && run.stderr.contains("blocked"), "{}", run.stderr);
}
