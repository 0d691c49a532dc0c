//! Data sets written and read again: exact to what each format can hold; RLE, NIfTI and labelme as their own programs
//! have them (`tests/oracle/datasets.py`).

use coxa::datasets::pseudonym::Pseudonyms;
use coxa::datasets::rle::{Counts, Rle};
use coxa::datasets::{self, About, Case, Format, Split, WriteOptions, write_all};
use coxa::imaging::Radiograph;
use coxa::measure::{
    LabelMap, Landmark, LandmarkId, LandmarkSet, Origin, Point, Sex, Spacing, SpacingStatus, Structure,
};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// Whether a format keeps it.
struct Keeps {
    points: bool,
    absent: bool,
    masks: bool,
    curves: bool,
    patient: bool,
    spacing: bool,
}

const COXA: Keeps =
    Keeps { points: true, absent: true, masks: true, curves: true, patient: true, spacing: true };
const COCO: Keeps = Keeps { curves: false, ..COXA };
const LABELME: Keeps = COXA;
const CSV: Keeps = Keeps { masks: false, curves: false, spacing: false, ..COXA };
const YOLO: Keeps = Keeps { absent: false, patient: false, ..CSV };
const NNUNET: Keeps = Keeps { points: false, masks: true, ..YOLO };

fn structures() -> Vec<Structure> {
    [(1, "L1"), (2, "L2"), (5, "pelvic bone")]
        .map(|(value, name)| Structure { value, name: name.into() })
        .to_vec()
}

prop_compose! {
    fn cases()(rows in 3usize..40, columns in 3usize..40)(
        stored in proptest::collection::vec(0i32..4096, rows * columns),
        labels in proptest::collection::vec(prop_oneof![4 => Just(0u8), 1 => Just(1), 1 => Just(2), 1 => Just(5)], rows * columns),
        points in proptest::collection::btree_map(
            prop_oneof!["TRC-R", "TRC-L", "FH-R", "FH-L", "SCJ", "F0[1-9]-R"],
            proptest::option::weighted(0.8, (0.0..columns as f64 - 1.0, 0.0..rows as f64 - 1.0, any::<bool>())), 0..7),
        bits in prop_oneof![Just(12u16), Just(16)],
        split in proptest::option::of(prop_oneof![Just(Split::Train), Just(Split::Val), Just(Split::Test)]),
        mm in proptest::option::of((0.01f64..2.0, 0.01f64..2.0)),
        radius in 1.0f64..30.0,
        rows in Just(rows), columns in Just(columns),
    ) -> Case {
        let mut film = Radiograph::from_stored(rows, columns, stored, bits).unwrap();
        if let Some((row, column)) = mm {
            film.spacing = Spacing::millimetres(row, column, SpacingStatus::Detector).unwrap();
        }
        film.identity.patient_name = "Mustermann^Erika".into();
        let mut landmarks = LandmarkSet::default();
        let mut occluded = std::collections::BTreeSet::new();
        for (name, point) in points {
            let id: LandmarkId = name.parse().unwrap();
            let landmark = match point {
                Some((x, y, hidden)) => {
                    if hidden { occluded.insert(id.clone()); } else { landmarks.radii_px.insert(id.clone(), radius); }
                    Landmark::defined(Point::new(x, y), None, Origin::File)
                }
                None => Landmark::missing("marked as absent in the file", Origin::File),
            };
            landmarks.insert(id, landmark);
        }
        landmarks.polylines.insert("SPA-R".parse().unwrap(), vec![Point::new(1.25, 2.5), Point::new(0.1, radius)]);
        // A map of nothing comes back as no map from formats that list what is there.
        let mut map = LabelMap { rows, columns, labels, structures: structures() };
        map.labels[0] = 1;
        let about = About { patient: Some("Erika 1".into()), split, fold: None, age_months: Some(7.25),
            sex: Some(Sex::Female), grades: Default::default() };
        Case { name: "a b.c".into(), film, landmarks, occluded, masks: Some(map), about }
    }
}

/// Writes `case` and reads it again.
fn around(case: &Case, format: Format, options: &WriteOptions) -> (tempfile::TempDir, Case) {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("set");
    write_all(format, &out, std::slice::from_ref(case), options).unwrap();
    let set = datasets::read(&out, None).unwrap();
    assert_eq!((set.format, set.len(), set.problems.len()), (format, 1, 0), "{:?}", set.problems);
    let read = set.entries[0].case().unwrap();
    (home, read)
}

/// What is kept is the same.
#[track_caller]
fn same(case: &Case, read: &Case, keeps: &Keeps, label: &str) {
    assert_eq!(read.name, case.name, "{label}");
    let shift = 16 - case.film.bits_stored;
    let greys: Vec<i32> = case.film.stored.iter().map(|value| value << shift).collect();
    assert_eq!((read.film.rows, &read.film.stored), (case.film.rows, &greys), "{label}");
    if keeps.masks {
        let (map, read) = (case.masks.as_ref().unwrap(), read.masks.as_ref().unwrap());
        assert_eq!(read.labels, map.labels, "{label}");
        for structure in &read.structures {
            assert!(map.structures.contains(structure), "{label}: {structure:?}");
        }
    }
    if keeps.points {
        for (id, landmark) in case.landmarks.iter() {
            match (landmark.position(), read.landmarks.get(id)) {
                (Some(p), Some(q)) => {
                    // Half a pixel there and back, or a division: the last bits.
                    assert!(p.distance(q.position().unwrap()) < 1e-12, "{label}: {id}");
                    assert_eq!(case.visibility(id), read.visibility(id), "{label}: {id}");
                }
                (None, Some(q)) => assert!(keeps.absent && q.position().is_none(), "{label}: {id}"),
                (None, None) => assert!(!keeps.absent, "{label}: {id}"),
                (Some(_), None) => panic!("{label}: {id} is lost"),
            }
        }
        assert!(read.landmarks.points.keys().all(|id| case.landmarks.get(id).is_some()), "{label}");
    }
    if keeps.curves {
        let close = |a: &[Point], b: &[Point]| a.iter().zip(b).all(|(a, b)| a.distance(*b) < 1e-12);
        for (id, line) in &case.landmarks.polylines {
            assert!(close(line, &read.landmarks.polylines[id]), "{label}: {id}");
        }
        for (id, radius) in &case.landmarks.radii_px {
            assert!((radius - read.landmarks.radii_px[id]).abs() < 1e-12, "{label}: {id}");
        }
    }
    if keeps.patient {
        assert_eq!(read.about.patient, Some(Pseudonyms::salted("s").of("Erika 1")), "{label}");
        assert_eq!((read.about.age_months, read.about.sex), (Some(7.25), Some(Sex::Female)), "{label}");
        assert_eq!(read.about.split, case.about.split, "{label}");
    }
    if keeps.spacing {
        assert_eq!(read.film.spacing, case.film.spacing, "{label}");
    }
}

/// No file of the set names the patient.
#[track_caller]
fn names_nobody(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for name in [b"Erika".as_slice(), b"Mustermann"] {
                assert!(!bytes.windows(name.len()).any(|part| part == name), "{}", path.display());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_format_keeps_what_it_can_hold(case in cases(), flag: bool) {
        let options = WriteOptions { patients: Pseudonyms::salted("s"), plain_runs: flag, nifti: false, embed_images: flag };
        for (format, keeps) in [(Format::Coxa, &COXA), (Format::Coco, &COCO), (Format::Yolo, &YOLO),
            (Format::NnUnet, &NNUNET), (Format::Labelme, &LABELME), (Format::Csv, &CSV)] {
            // YOLO of no point at all has no names to be recognised by.
            if format == Format::Yolo && case.landmarks.iter().all(|(_, l)| l.position().is_none()) {
                continue;
            }
            let (home, read) = around(&case, format, &options);
            same(&case, &read, keeps, format.name());
            names_nobody(home.path());
            // What was read writes the same files again.
            let again = around(&Case { about: About { patient: Some("Erika 1".into()), ..read.about.clone() }, ..read.clone() },
                format, &options).1;
            prop_assert_eq!(&again.landmarks, &read.landmarks, "{}", format.name());
            prop_assert_eq!(&again.masks, &read.masks, "{}", format.name());
        }
    }

    #[test]
    fn nifti_keeps_greys_labels_and_spacing(case in cases()) {
        let options = WriteOptions { nifti: true, ..WriteOptions::default() };
        let (_home, read) = around(&case, Format::NnUnet, &options);
        prop_assert_eq!(&read.film.stored, &case.film.stored);
        prop_assert_eq!(&read.masks.unwrap().labels, &case.masks.unwrap().labels);
        prop_assert_eq!(read.film.spacing.has_millimetres(), case.film.spacing.has_millimetres());
        prop_assert!((read.film.spacing.row - case.film.spacing.row).abs() < 1e-6);
        prop_assert!((read.film.spacing.column - case.film.spacing.column).abs() < 1e-6);
    }

    #[test]
    fn runs_are_exact_in_both_spellings(
        (rows, columns, mask) in (0usize..50, 0usize..50).prop_flat_map(|(r, c)|
            (Just(r), Just(c), proptest::collection::vec(any::<bool>(), r * c)))
    ) {
        let plain = Rle::of(rows, columns, |i| mask[i]);
        let text = plain.clone().compressed().unwrap();
        prop_assert_eq!(text.runs().unwrap(), plain.runs().unwrap());
        for runs in [&plain, &text] {
            let mut painted = vec![false; mask.len()];
            runs.paint(|i| painted[i] = true).unwrap();
            prop_assert_eq!(&painted, &mask);
            prop_assert_eq!(runs.extent().unwrap().0, mask.iter().filter(|m| **m).count());
        }
    }

    #[test]
    fn runs_of_any_text_never_panic(text in "[0-p]{0,40}", rows in 0usize..9, columns in 0usize..9) {
        let _ = Rle { size: [rows, columns], counts: Counts::Text(text) }.paint(|_| {});
    }
}

#[derive(serde::Deserialize)]
struct Expected {
    rle: Vec<ExpectedRle>,
}

#[derive(serde::Deserialize)]
struct ExpectedRle {
    size: [usize; 2],
    counts: String,
    area: usize,
    bbox: [f64; 4],
    /// Row-major characters `0` and `1`.
    mask: String,
}

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name)
}

#[test]
fn compressed_runs_are_those_of_pycocotools() {
    let text = std::fs::read_to_string(oracle("datasets.json")).unwrap();
    let expected: Expected = serde_json::from_str(&text).unwrap();
    assert!(expected.rle.len() >= 10);
    for ExpectedRle { size: [rows, columns], counts, area, bbox, mask } in expected.rle {
        let mask: Vec<bool> = mask.bytes().map(|byte| byte == b'1').collect();
        let own = Rle::of(rows, columns, |i| mask[i]).compressed().unwrap();
        assert_eq!(own.counts, Counts::Text(counts));
        let (own_area, own_box) = own.extent().unwrap();
        assert_eq!((own_area, own_box.map(|side| side as f64)), (area, bbox));
    }
}

#[test]
fn a_nifti_of_nibabel_is_read() {
    let film = coxa::datasets::nifti::read(&oracle("datasets.nii.gz")).unwrap();
    assert_eq!((film.rows, film.columns), (3, 4));
    assert_eq!(film.stored, (0..12).map(|i| i * 100 - 300).collect::<Vec<_>>());
    assert!((film.spacing.row - 0.25).abs() < 1e-6 && (film.spacing.column - 0.5).abs() < 1e-6);
}
