//! Real files: nothing panics, every encoding of one image is that image, and what each file says is understood.
//! Skipped, in words, where the data is not there (`COXA_DATA` names its folder).

use coxa::imaging::{OpenError, Plane, Radiograph, catalogue, find_images, open};
use coxa::job::Job;
use coxa::measure::SpacingStatus;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("COXA_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn every_file_opens_or_says_why() {
    let (mut opened, mut refused) = (0, 0);
    for folder in ["dicom", "wg04", "jordan", "mri"].into_iter().filter_map(data) {
        for path in files(&folder) {
            let start = Instant::now();
            match open(&path) {
                Ok(film) => {
                    opened += 1;
                    assert_eq!(film.stored.len(), film.rows * film.columns, "{}", path.display());
                    let shown = film.render(film.default_window(), false);
                    assert_eq!(shown.len(), film.stored.len(), "{}", path.display());
                    assert!(film.modality_values().iter().all(|v| v.is_finite()), "{}", path.display());
                }
                Err(error) => {
                    refused += 1;
                    let line = error.to_string();
                    assert!(!line.contains("gave up"), "a decoder panicked: {line}");
                    assert!(line.starts_with(&path.display().to_string()) && !line.contains('\n'), "{line}");
                }
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{} took too long", path.display());
        }
    }
    println!("{opened} opened, {refused} refused");
}

/// The same image in every transfer syntax of the WG-04 set, and the greatest error that its loss allows.
#[test]
fn every_encoding_is_the_reference() {
    let Some(root) = data("wg04") else { return };
    let bounds =
        [("J2KR", 0), ("JLSL", 0), ("JPLL", 0), ("RLE", 0), ("JLSN", 4), ("J2KI", 100), ("JPLY", 110)];
    for name in ["RG2", "XA1", "MR1", "CT1"] {
        let reference = open(&root.join(format!("REF/{name}_UNC"))).expect("the reference");
        for (encoding, bound) in bounds {
            let path = root.join(format!("{encoding}/{name}_{encoding}"));
            if !path.is_file() || (bound > 4 && name != "RG2") {
                continue;
            }
            let film = open(&path).unwrap_or_else(|e| panic!("{e}"));
            let error = film.stored.iter().zip(&reference.stored).map(|(a, b)| (a - b).abs()).max();
            assert_eq!((film.rows, film.columns), (reference.rows, reference.columns));
            assert!(error.is_some_and(|e| e <= bound), "{name} in {encoding}: off by {error:?}");
        }
    }
}

#[test]
fn the_jordan_films_are_radiographs_without_a_size() {
    let Some(root) = data("jordan") else { return };
    let films: Vec<Radiograph> = find_images(&[root])
        .into_iter()
        .map(|path| open(&path.expect("an image")).unwrap_or_else(|e| panic!("{e}")))
        .collect();
    assert_eq!(films.len(), 6);
    for film in films {
        assert_eq!((film.rows, film.columns), (331, 331));
        assert_eq!(film.spacing.status, SpacingStatus::AssumedIsotropic);
        assert_eq!(film.is_projection(), Ok(()));
        assert!(film.warnings.iter().any(|w| w.contains("placeholder")), "{:?}", film.warnings);
    }
}

#[test]
fn the_mr_stack_is_one_volume_from_feet_to_head() {
    let Some(root) = data("mri") else { return };
    let found = catalogue(&[root], &Job::silent()).expect("not cancelled");
    let volumes: Vec<_> = found.series().flat_map(|s| &s.volumes).collect();
    let [volume] = &volumes[..] else { panic!("one stack: {volumes:?}") };
    assert_eq!((volume.plane, volume.slices.len()), (Plane::Axial, 17));
    assert!(volume.step.is_some_and(|step| (step - 8.0).abs() < 1e-3), "{:?}", volume.step);
    assert!(volume.slices.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert_eq!(found.middle_coronal(), None, "an axial stack offers no coronal slice");
}

#[test]
fn slices_open_and_are_no_radiographs() {
    if let Some(root) = data("mri") {
        let film = open(&root.join("10.dcm")).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(film.is_projection(), Err("this is an MR slice, not a radiograph".into()));
    }
    if let Some(root) = data("wg04") {
        let film = open(&root.join("REF/CT1_UNC")).unwrap_or_else(|e| panic!("{e}"));
        assert!(film.is_projection().is_err());
        // The plane of a section is that of the patient; nothing is magnified.
        assert_eq!(film.spacing.status, SpacingStatus::Calibrated);
        assert!(film.modality_values().iter().any(|v| *v < 0.0), "Hounsfield units");
    }
}

#[test]
fn other_dicom_objects_are_named() {
    let Some(root) = data("dicom/pydicom/test_files") else { return };
    for (file, kind) in
        [("test-SR.dcm", "report"), ("waveform_ecg.dcm", "waveform"), ("liver_1frame.dcm", "segmentation")]
    {
        match open(&root.join(file)) {
            Err(OpenError::NotAnImage { kind: found, .. }) => assert!(found.contains(kind), "{found}"),
            other => panic!("{file}: {other:?}"),
        }
    }
}
