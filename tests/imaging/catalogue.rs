//! Folders, archives and discs as patients, studies and series; slices as stacks.

use crate::made::{Made, folder};
use coxa::imaging::{Plane, catalogue, find_images, open};
use coxa::job::Job;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

fn slice(series: &str, number: u16, position: &str, orientation: &str) -> Made {
    let mut made = Made::film(2, &[number; 4]);
    made.text(tags::SOP_CLASS_UID, VR::UI, uids::MR_IMAGE_STORAGE)
        .text(tags::SOP_INSTANCE_UID, VR::UI, &format!("{series}.{number}"))
        .text(tags::SERIES_INSTANCE_UID, VR::UI, series)
        .text(tags::MODALITY, VR::CS, "MR")
        .text(tags::PATIENT_ID, VR::LO, "P1")
        .text(tags::INSTANCE_NUMBER, VR::IS, &number.to_string())
        .text(tags::IMAGE_POSITION_PATIENT, VR::DS, position)
        .text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, orientation);
    made
}

const CORONAL: &str = "1\\0\\0\\0\\0\\-1";
const AXIAL: &str = "1\\0\\0\\0\\1\\0";

fn study(root: &Path) {
    // Written and numbered against the order of the body.
    for (number, y) in [(1, 8), (2, -4), (3, 4), (4, 0), (5, -8)] {
        slice("1.2.7", number, &format!("0\\{y}\\0"), CORONAL).write(&root.join(format!("IM{number}")));
    }
    for (number, z) in [(1, 3), (2, 0)] {
        slice("1.2.8", number, &format!("0\\0\\{z}"), AXIAL).write(&root.join(format!("sub/{number}.dcm")));
    }
    let mut report = Made::empty();
    report
        .text(tags::SOP_CLASS_UID, VR::UI, uids::BASIC_TEXT_SR_STORAGE)
        .text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.9.1")
        .text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.9")
        .text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.3.1")
        .text(tags::PATIENT_ID, VR::LO, "P1")
        .text(tags::MODALITY, VR::CS, "SR");
    report.write(&root.join("report"));
    fs::write(root.join("notes.txt"), "no image").expect("written");
}

#[test]
fn a_study_is_sorted_and_stacked() {
    let folder = folder();
    study(folder.path());
    let found = catalogue(&[folder.path().to_owned()], &Job::silent()).expect("not cancelled");
    assert!(found.failures.is_empty(), "{:?}", found.failures);
    assert_eq!((found.patients.len(), found.patients[0].studies.len()), (1, 1));
    let series: Vec<_> = found.series().collect();
    assert_eq!(series.len(), 3);
    let [volume] = &series[0].volumes[..] else { panic!("one stack: {:?}", series[0].volumes) };
    assert_eq!((volume.plane, volume.step, series[0].images.len()), (Plane::Coronal, Some(4.0), 5));
    let numbers: Vec<i32> = volume.slices.iter().map(|s| open(&s.path).expect("opens").stored[0]).collect();
    assert_eq!(numbers, [5, 2, 4, 3, 1], "from front to back");
    assert_eq!(series[1].volumes[0].plane, Plane::Axial);
    assert_eq!(series[2].objects[0].kind, "a structured report");
    let (path, frame) = found.middle_coronal().expect("a coronal stack");
    assert_eq!((path.file_name().expect("a name").to_str(), frame), (Some("IM4"), 1));
}

#[test]
fn frames_of_one_file_are_slices() {
    let folder = folder();
    let plane = |z: i32| {
        let mut position = Made::empty();
        position.text(tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("0\\0\\{z}"));
        let mut frame = Made::empty();
        frame.items(tags::PLANE_POSITION_SEQUENCE, vec![position]);
        frame
    };
    let mut orientation = Made::empty();
    orientation.text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, AXIAL);
    let mut shared = Made::empty();
    shared.items(tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    let mut film = Made::film(2, &[0; 12]);
    film.number(tags::ROWS, 2)
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "3")
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![plane(5), plane(-5), plane(0)]);
    let path = film.write(&folder.path().join("film"));
    let found = catalogue(&[path], &Job::silent()).expect("not cancelled");
    let series = found.series().next().expect("a series");
    let frames: Vec<u32> = series.volumes[0].slices.iter().map(|s| s.frame).collect();
    assert_eq!((series.images[0].frames, frames), (3, vec![2, 3, 1]));
}

#[test]
fn an_archive_is_a_folder() {
    let folder = folder();
    study(&folder.path().join("study"));
    let archive = folder.path().join("study.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).expect("made"));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for name in ["IM1", "IM2", "report", "notes.txt"] {
        zip.start_file(format!("DICOM/{name}"), options).expect("started");
        zip.write_all(&fs::read(folder.path().join("study").join(name)).expect("read")).expect("written");
    }
    zip.finish().expect("finished");
    let images: Vec<PathBuf> =
        find_images(std::slice::from_ref(&archive)).into_iter().map(|i| i.expect("an image")).collect();
    assert_eq!(images, [archive.join("DICOM/IM1"), archive.join("DICOM/IM2")]);
    assert_eq!(open(&images[1]).expect("opens").stored, [2; 4]);
    let found = catalogue(std::slice::from_ref(&archive), &Job::silent()).expect("not cancelled");
    assert_eq!(
        found.series().map(|s| (s.images.len(), s.objects.len())).collect::<Vec<_>>(),
        [(2, 0), (0, 1)]
    );
    assert!(open(&archive.join("DICOM/absent")).is_err());
    fs::write(&archive, b"PK\x03\x04 and nothing").expect("written");
    assert!(find_images(&[archive])[0].is_err());
}

#[test]
fn a_disc_is_followed_and_never_left() {
    let folder = folder();
    let root = folder.path().join("disc");
    study(&root);
    slice("1.2.5", 9, "0\\0\\0", AXIAL).write(&folder.path().join("OUTSIDE"));
    let record = |file: &str| {
        let mut record = Made::empty();
        record.text(tags::DIRECTORY_RECORD_TYPE, VR::CS, "IMAGE").text(
            tags::REFERENCED_FILE_ID,
            VR::CS,
            file,
        );
        record
    };
    let mut directory = Made::empty();
    directory.text(tags::SOP_CLASS_UID, VR::UI, uids::MEDIA_STORAGE_DIRECTORY_STORAGE).items(
        tags::DIRECTORY_RECORD_SEQUENCE,
        vec![record("IM3"), record("SUB\\1.DCM"), record("..\\OUTSIDE"), record("LOST")],
    );
    let directory = directory.write(&root.join("DICOMDIR"));
    let images: Vec<_> =
        find_images(std::slice::from_ref(&directory)).into_iter().map(|i| i.expect("an image")).collect();
    assert_eq!(images, [root.join("IM3"), root.join("sub/1.dcm")]);
    let found = catalogue(&[directory], &Job::silent()).expect("not cancelled");
    assert_eq!(found.series().map(|s| s.images.len()).sum::<usize>(), 2);
}
