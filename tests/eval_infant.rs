//! The evaluation of infant films, on the six real films with reference points and on made ones.

use coxa::eval::infant::{JudgedFilm, Presence, judge};
use coxa::measure::landmark_file;
use coxa::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing};
use std::path::PathBuf;

/// Reference files of the real films; `None` where the data is not there.
fn references() -> Option<Vec<(String, LandmarkSet)>> {
    let data = std::env::var_os("COXA_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let Ok(folder) = std::fs::read_dir(data.join("jordan")) else {
        println!("skipped: no real films at {}", data.display());
        return None;
    };
    let mut paths: Vec<_> = folder
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".reference.json"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let file = landmark_file::read(&path).expect("a reference file is a landmark file");
        assert_eq!(file.spacing, Spacing::UNKNOWN);
        (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), file.landmarks)
    };
    Some(paths.into_iter().map(read).collect())
}

fn film(name: &str, predicted: LandmarkSet, reference: LandmarkSet) -> JudgedFilm {
    JudgedFilm { name: name.to_owned(), predicted, reference, spacing: Spacing::UNKNOWN }
}

#[test]
fn the_real_films_against_themselves() {
    let Some(references) = references() else { return };
    assert_eq!(references.len(), 6);
    let films: Vec<_> = references.iter().map(|(name, set)| film(name, set.clone(), set.clone())).collect();
    let figures = judge(&films);
    println!("{figures}");
    for (code, landmark) in &figures.landmarks {
        let error = landmark.error.as_ref().expect("found");
        assert_eq!((error.mean, error.missed), (0.0, 0), "{code}");
        assert_eq!(landmark.rates, [100.0; 3]);
    }
    assert_eq!(figures.landmarks[&LandmarkCode::SMA].n, 12);
    assert_eq!(figures.nucleus, Presence { found: 6, rightly_absent: 6, ..Presence::default() });
    assert_eq!(figures.ihdi, (12, 12));
    let index = figures.acetabular_index.expect("twelve hips");
    assert_eq!((index.n, index.mean_absolute), (12, 0.0));
    assert!((index.icc21.expect("varies") - 1.0).abs() < 1e-12);
    // The floor that any AI error must be read against on these films.
    let guess = figures.acetabular_index_guess.expect("six films");
    assert!((1.3..1.8).contains(&guess), "{guess}");
}

/// A level film, TRC–TRC 200 px, with both roofs rising by `index` degrees.
fn made(index: f64) -> LandmarkSet {
    let mut set = LandmarkSet::default();
    for (side, out) in [(Side::Right, -1.0), (Side::Left, 1.0)] {
        let mut put = |code, lateral: f64, up: f64| {
            let position = Point::new(500.0 + out * (100.0 + lateral), 500.0 - up);
            set.insert(LandmarkId::new(code, side), Landmark::defined(position, None, Origin::File));
        };
        put(LandmarkCode::TRC, 0.0, 0.0);
        put(LandmarkCode::SMA, 60.0, 60.0 * index.to_radians().tan());
        put(LandmarkCode::HP, 50.0, -40.0);
        put(LandmarkCode::FH, 45.0, -20.0);
    }
    set
}

#[test]
fn errors_are_counted_as_they_are() {
    let mut moved = made(20.0);
    let id = |code, side| LandmarkId::new(code, side);
    let h_point = moved.position(LandmarkCode::HP, Side::Right).expect("given");
    let aside = Point::new(h_point.x + 6.0, h_point.y + 8.0);
    moved.insert(id(LandmarkCode::HP, Side::Right), Landmark::defined(aside, None, Origin::Model));
    moved.insert(id(LandmarkCode::FH, Side::Left), Landmark::missing("not seen", Origin::Model));
    let mut no_nucleus = made(30.0);
    no_nucleus.insert(id(LandmarkCode::FH, Side::Right), Landmark::missing("absent", Origin::File));
    let mut lost = made(30.0);
    lost.points.remove(&id(LandmarkCode::SMA, Side::Left));

    let figures = judge(&[film("a", moved, made(20.0)), film("b", lost, no_nucleus)]);
    let h_points = &figures.landmarks[&LandmarkCode::HP];
    let error = h_points.error.as_ref().expect("found");
    // 10 px of 200 px on one of four H-points.
    assert!((error.mean - 1.25).abs() < 1e-12 && (error.max - 5.0).abs() < 1e-12);
    assert_eq!(h_points.rates, [75.0, 100.0, 100.0]);
    assert!((figures.films[0].error[&LandmarkCode::HP] - 2.5).abs() < 1e-12);
    let roofs = &figures.landmarks[&LandmarkCode::SMA];
    assert_eq!((roofs.n, roofs.error.as_ref().map(|e| e.missed), roofs.rates[2]), (4, Some(1), 75.0));
    assert_eq!(figures.nucleus, Presence { found: 2, missed: 1, invented: 1, rightly_absent: 0 });
    assert_eq!(figures.acetabular_index_missed, 1);
    assert_eq!(figures.acetabular_index.as_ref().map(|ai| ai.n), Some(3));
    assert!((figures.acetabular_index_guess.expect("two films") - 10.0).abs() < 1e-9);
    assert_eq!(figures.ihdi, (3, 4), "without its roof edge a hip has no grade");
    let table = figures.to_string();
    assert!(table.contains("| b |") && table.contains("1 missed") && table.contains("found 2"), "{table}");
}

#[test]
fn a_film_without_baseline_is_named() {
    let mut reference = made(20.0);
    reference.points.remove(&LandmarkId::new(LandmarkCode::TRC, Side::Left));
    let figures = judge(&[film("one-sided", made(20.0), reference)]);
    assert_eq!(figures.without_baseline, ["one-sided"]);
    assert!(figures.films.is_empty() && figures.acetabular_index.is_none());
    assert!(figures.to_string().contains("one-sided"));
}
