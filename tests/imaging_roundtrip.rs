//! What the product writes it reads back: DX files, rasters, and the errors of broken ones.

use coxa::imaging::{OpenError, Radiograph, VoiTransform, Window, find_images, open, open_frame, write_dx};
use coxa::measure::{Spacing, SpacingStatus};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn film() -> Radiograph {
    let stored = (0..60 * 47).map(|i| (i * 37) % 4096).collect();
    let mut film = Radiograph::from_stored(60, 47, stored, 12).expect("an image");
    film.spacing = Spacing { row: 0.143, column: 0.139, status: SpacingStatus::Detector };
    film.patient_right_on_left = Some(true);
    film.identity.patient_name = "Ångström^Zoë".into();
    film.identity.patient_id = "P-1".into();
    film.identity.patient_age = "009M".into();
    film.identity.study_date = "20260102".into();
    film.identity.patient_birth_date = "20250402".into();
    film.identity.patient_sex = "F".into();
    film
}

fn written(film: &Radiograph) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film");
    write_dx(film, &path).expect("written");
    (folder, path)
}

fn reason(path: &Path) -> String {
    open(path).expect_err("an error").to_string()
}

#[test]
fn a_written_film_is_the_film() {
    let film = film();
    let (_folder, path) = written(&film);
    let read = open(&path).expect("readable");
    assert_eq!((read.rows, read.columns, read.bits_stored), (60, 47, 12));
    assert_eq!(read.stored, film.stored);
    assert_eq!(read.spacing, film.spacing);
    assert_eq!(read.patient_right_on_left, Some(true));
    assert_eq!(read.identity.patient_name, film.identity.patient_name);
    assert_eq!(read.identity.patient_age, "009M");
    assert_eq!(read.identity.modality, "DX");
    assert!(read.identity.sop_instance_uid.is_some_and(|uid| uid.starts_with("2.25.")));
    assert_eq!(read.warnings, Vec::<String>::new());
    assert_eq!(read.voi, [VoiTransform::Window(film.automatic_window())]);
}

#[test]
fn every_status_of_spacing_survives() {
    for status in [
        SpacingStatus::Calibrated,
        SpacingStatus::Corrected,
        SpacingStatus::Ermf,
        SpacingStatus::Detector,
        SpacingStatus::UnknownCalibration,
        SpacingStatus::AssumedIsotropic,
    ] {
        let mut film = film();
        film.spacing = match status {
            SpacingStatus::AssumedIsotropic => Spacing { row: 0.5, column: 1.0, status },
            _ => Spacing { row: 0.1234567890123, column: 1.0 / 3.0, status },
        };
        let (_folder, path) = written(&film);
        let read = open(&path).expect("readable").spacing;
        assert_eq!(read.status, status);
        assert!(
            (read.row - film.spacing.row).abs() < 1e-12 && (read.column - film.spacing.column).abs() < 1e-12
        );
    }
}

#[test]
fn signed_and_inverted_films_keep_their_look() {
    let mut film = film();
    film.stored.iter_mut().for_each(|v| *v -= 1000);
    film.inverted = true;
    film.padding = Some((-1000, -1000));
    film.voi = vec![VoiTransform::Window(Window { center: 0.0, width: 2000.0 })];
    let (_folder, path) = written(&film);
    let read = open(&path).expect("readable");
    assert!(read.inverted);
    assert_eq!(read.padding, Some((0, 0)));
    assert_eq!(
        read.render(read.default_window(), false),
        film.render(film.default_window(), false),
        "shifted with its window"
    );
}

#[test]
fn one_pixel_opens() {
    for bits in [8, 16] {
        let film = Radiograph::from_stored(1, 1, vec![200], bits).expect("an image");
        let (_folder, path) = written(&film);
        assert_eq!(open(&path).expect("readable").stored, [200]);
    }
}

#[test]
fn sixteen_bits_of_png_and_tiff_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let values: Vec<u16> = (0..30 * 20).map(|i| i * 109).collect();
    let image =
        image::ImageBuffer::<image::Luma<u16>, _>::from_raw(30, 20, values.clone()).expect("an image");
    for name in ["film.png", "film.tiff"] {
        let path = folder.path().join(name);
        image.save(&path).expect("saved");
        let read = open(&path).expect("readable");
        assert_eq!((read.rows, read.columns, read.bits_stored), (20, 30, 16));
        assert!(read.stored.iter().zip(&values).all(|(a, b)| *a == i32::from(*b)));
        assert_eq!(read.spacing, Spacing::UNKNOWN);
        assert!(open_frame(&path, 2).is_err());
    }
}

#[test]
fn a_grey_rgb_png_is_grey_and_a_coloured_one_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.png");
    let save = |pixel: [u8; 3]| {
        image::RgbImage::from_pixel(4, 3, image::Rgb(pixel)).save(&path).expect("saved");
        open(&path).expect("readable")
    };
    let grey = save([77, 77, 77]);
    assert_eq!(grey.stored, vec![77; 12]);
    assert!(!grey.warnings.iter().any(|w| w.contains("colour")));
    assert!(save([255, 0, 0]).warnings.iter().any(|w| w.contains("colour")));
}

#[test]
fn text_with_a_dicom_name_is_no_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.dcm");
    fs::write(&path, "Dear colleague, this is a letter about Jane Doe.").expect("written");
    let error = reason(&path);
    assert!(error.contains("letter.dcm") && error.contains("not an image"), "{error}");
    fs::write(&path, "").expect("written");
    assert!(reason(&path).contains("not an image"));
    assert!(matches!(open(&folder.path().join("absent")), Err(OpenError::Io { .. })));
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_a_warning() {
    let film = film();
    let (folder, path) = written(&film);
    let bytes = fs::read(&path).expect("readable");
    let cut = folder.path().join("cut.dcm");
    let header = bytes.len() - 2 * film.stored.len();
    for length in (0..header).step_by(7) {
        fs::write(&cut, &bytes[..length]).expect("written");
        let error = reason(&cut);
        assert!(error.contains("cut.dcm") && !error.contains("ngstr") && !error.contains('\n'), "{error}");
    }
    fs::write(&cut, &bytes[..header + film.stored.len()]).expect("written");
    let half = open(&cut).expect("half an image");
    let there = film.stored.len() / 2;
    assert_eq!(half.stored[..there], film.stored[..there]);
    assert!(half.stored[there..].iter().all(|v| *v == 0));
    assert!(half.warnings.iter().any(|w| w.contains("50.0 %")), "{:?}", half.warnings);
    fs::write(&cut, &bytes[..header + 16]).expect("written");
    assert!(reason(&cut).contains("only 16 of"));
}

/// The position of an element's value in an explicit little-endian file.
fn value_of(bytes: &[u8], group: u16, element: u16, vr: &[u8; 2]) -> usize {
    let header: Vec<u8> = [group.to_le_bytes(), element.to_le_bytes(), *vr].concat();
    bytes.windows(6).position(|w| w == header).expect("the element") + 8
}

#[test]
fn a_bomb_is_refused_before_it_is_allocated() {
    let (_folder, path) = written(&film());
    let mut bytes = fs::read(&path).expect("readable");
    for element in [0x0010, 0x0011] {
        let at = value_of(&bytes, 0x0028, element, b"US");
        bytes[at..at + 2].copy_from_slice(&60000u16.to_le_bytes());
    }
    fs::write(&path, &bytes).expect("written");
    assert!(reason(&path).contains("too large"), "{}", reason(&path));
    let at = value_of(&bytes, 0x0028, 0x0011, b"US");
    bytes[at..at + 2].copy_from_slice(&1600u16.to_le_bytes());
    fs::write(&path, &bytes).expect("written");
    assert!(reason(&path).contains("bytes of the image are in the file"), "{}", reason(&path));
}

#[test]
fn an_object_without_pixels_says_so() {
    let film = film();
    let (_folder, path) = written(&film);
    let bytes = fs::read(&path).expect("readable");
    fs::write(&path, &bytes[..bytes.len() - 2 * film.stored.len() - 12]).expect("written");
    assert!(reason(&path).ends_with("no pixel data"), "{}", reason(&path));
}

#[test]
fn folders_are_searched_by_content() {
    let (folder, path) = written(&film());
    let root = folder.path();
    fs::create_dir_all(root.join("b/c")).expect("made");
    fs::create_dir_all(root.join("empty")).expect("made");
    fs::rename(&path, root.join("b/c/film.txt")).expect("moved");
    fs::write(root.join("b/notes.dcm"), "no image").expect("written");
    image::GrayImage::new(2, 2).save(root.join("a.png")).expect("saved");
    let found =
        find_images(&[root.to_owned(), root.join("empty"), root.join("b/notes.dcm"), root.join("a.png")]);
    let words: Vec<Result<PathBuf, String>> =
        found.into_iter().map(|r| r.map_err(|e| e.to_string())).collect();
    assert_eq!(words.len(), 6);
    assert_eq!(words[0], Ok(root.join("a.png")));
    assert_eq!(words[1], Ok(root.join("b/c/film.txt")));
    // What calls itself a film and is none is told, not passed over.
    assert!(words[2].as_ref().is_err_and(|e| e.contains("notes.dcm")));
    assert!(words[3].as_ref().is_err_and(|e| e.contains("empty") && e.contains("no image")));
    assert!(words[4].as_ref().is_err_and(|e| e.contains("notes.dcm")));
    assert_eq!(words[5], Ok(root.join("a.png")));
}

#[test]
fn too_deep_an_image_is_not_written() {
    let mut film = film();
    film.stored[0] = 1 << 20;
    let folder = tempfile::tempdir().expect("a folder");
    assert!(write_dx(&film, &folder.path().join("film")).is_err());
    assert!(write_dx(&self::film(), &folder.path().join("no/such/folder/film")).is_err());
}

/// Bytes changed at random: whatever comes of it, no panic and no long wait.
#[test]
fn damaged_files_do_no_harm() {
    let (folder, path) = written(&film());
    let bytes = fs::read(&path).expect("readable");
    let damaged = folder.path().join("damaged");
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for _ in 0..1500 {
        let mut copy = bytes.clone();
        for _ in 0..random.random_range(1..6) {
            let at = random.random_range(132..1400);
            copy[at] = if random.random() { random.random() } else { 0xFF };
        }
        fs::write(&damaged, copy).expect("written");
        let start = Instant::now();
        match open(&damaged) {
            Ok(film) => assert_eq!(film.stored.len(), film.rows * film.columns),
            Err(error) => assert!(!error.to_string().contains("gave up"), "{error}"),
        }
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
