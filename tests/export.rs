//! What stands over the film: sides, places and sizes, on small and large films, turned round or anisotropic.

use coxa::export::scene::{Item, View, items};
use coxa::export::text::Type;
use coxa::export::{Change, Correction, Film, Report, json, png, write_atomic};
use coxa::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing, SpacingStatus, assess,
};
use std::path::Path;

/// Fixture P of the specification, scaled about the origin and, with `mirrored`, turned round within 1000 columns.
fn fixture(scale: f64, mirrored: bool) -> LandmarkSet {
    let mut set = LandmarkSet::default();
    for (code, side, x, y) in [
        (LandmarkCode::TRC, Side::Right, 400.0, 500.0),
        (LandmarkCode::TRC, Side::Left, 600.0, 500.0),
        (LandmarkCode::SMA, Side::Right, 300.0, 450.0),
        (LandmarkCode::SMA, Side::Left, 700.0, 430.0),
        (LandmarkCode::HP, Side::Right, 330.0, 540.0),
        (LandmarkCode::HP, Side::Left, 720.0, 525.0),
    ] {
        let x: f64 = if mirrored { 999.0 - x } else { x };
        let landmark = Landmark::defined(Point::new(x * scale, y * scale), Some(2.0), Origin::Model);
        set.insert(LandmarkId::new(code, side), landmark);
    }
    set
}

fn filmed(landmarks: &LandmarkSet, spacing: Spacing, rows: usize, columns: usize) -> Report {
    let mut report =
        Report::of_points(Path::new("film.dcm"), landmarks, &spacing, &assess(landmarks, &spacing));
    report.film = Some(Film { rows, columns, grey: vec![100; rows * columns] });
    report.construction = coxa::measure::construction::construct(landmarks, &spacing, rows, columns);
    report
}

fn scene(report: &Report, width: f32) -> (View, Vec<Item>) {
    let view = View::fitting(report, width, width);
    let lettering = Type::embedded().expect("fonts");
    let items = items(report, &view, &lettering);
    (view, items)
}

fn text_at(items: &[Item], wanted: &str) -> Option<[f32; 2]> {
    items.iter().find_map(|item| match item {
        Item::Text { at, text, .. } if text == wanted => Some(*at),
        _ => None,
    })
}

#[test]
fn the_letters_stand_on_the_patients_sides() {
    for mirrored in [false, true] {
        let report = filmed(&fixture(1.0, mirrored), Spacing::UNKNOWN, 1000, 1000);
        let (_, items) = scene(&report, 1000.0);
        let (right, left) = (text_at(&items, "R").expect("R"), text_at(&items, "L").expect("L"));
        assert_eq!(right[0] < left[0], !mirrored);
    }
}

#[test]
fn everything_stands_on_the_film_whatever_its_size() {
    let lettering = Type::embedded().expect("fonts");
    for (scale, size) in [(0.33, 331), (1.0, 1000), (2.0, 2000)] {
        let detector = Spacing { row: 0.2, column: 0.2, status: SpacingStatus::Detector };
        let report = filmed(&fixture(scale, false), detector, size, size);
        let (view, items) = scene(&report, 1200.0);
        for item in &items {
            let corners: Vec<[f32; 2]> = match item {
                Item::Line { points, .. } => points.clone(),
                Item::Ring { center, .. } => vec![*center],
                Item::Text { at, text, size, weight, .. } => {
                    let end = at[0] + lettering.width(text, *weight, *size);
                    vec![[at[0], at[1] - size * 0.72], [end, *at.last().expect("y")]]
                }
            };
            for [x, y] in corners {
                let inside = |v: f32, size: f32| (-0.5..=size + 0.5).contains(&v);
                assert!(inside(x, view.width) && inside(y, view.height), "{item:?} of {size}");
            }
        }
    }
}

#[test]
fn pixels_that_are_not_square_are_shown_in_true_proportions() {
    let spacing = Spacing { row: 0.2, column: 0.1, status: SpacingStatus::UnknownCalibration };
    let report = filmed(&fixture(1.0, false), spacing, 1000, 1000);
    let (view, items) = scene(&report, 800.0);
    assert!((view.height - 2.0 * view.width).abs() < 0.01, "{view:?}");
    let rings: Vec<[f32; 2]> = items
        .iter()
        .filter_map(|item| match item {
            Item::Ring { center, .. } => Some(*center),
            _ => None,
        })
        .collect();
    // TRC-L is the sixth by code, then side: 600.5 pixel widths from the left, 500.5 heights from the top.
    let expected = [600.5 * view.scale_x as f32, 500.5 * view.scale_y as f32];
    let trc = rings[5];
    assert!((trc[0] - expected[0]).abs() < 0.01 && (trc[1] - expected[1]).abs() < 0.01, "{trc:?}");
}

#[test]
fn lengths_get_a_bar_only_where_they_mean_something() {
    let bar = |status, row| {
        let spacing = Spacing { row, column: row, status };
        let (_, items) = scene(&filmed(&fixture(1.0, false), spacing, 1000, 1000), 1000.0);
        items.into_iter().find_map(|item| match item {
            Item::Text { text, .. } if text.contains(" mm") => Some(text),
            _ => None,
        })
    };
    assert_eq!(bar(SpacingStatus::Calibrated, 0.2).as_deref(), Some("50 mm"));
    assert_eq!(bar(SpacingStatus::Detector, 0.2).as_deref(), Some("50 mm at the detector"));
    assert_eq!(bar(SpacingStatus::UnknownCalibration, 0.2), None);
    assert_eq!(bar(SpacingStatus::AssumedIsotropic, 1.0), None);
}

#[test]
fn corrected_points_have_a_solid_core_and_are_reported() {
    let predicted = fixture(1.0, false);
    let mut corrected = predicted.clone();
    let moved = LandmarkId::new(LandmarkCode::SMA, Side::Left);
    corrected.insert(moved.clone(), Landmark::defined(Point::new(703.0, 434.0), None, Origin::Person));
    corrected.insert(
        LandmarkId::new(LandmarkCode::HP, Side::Right),
        Landmark::missing("hidden by a gonad shield", Origin::Person),
    );
    corrected.insert(
        LandmarkId::new(LandmarkCode::FH, Side::Right),
        Landmark::defined(Point::new(340.0, 520.0), None, Origin::Person),
    );
    let spacing = Spacing { row: 0.2, column: 0.2, status: SpacingStatus::Calibrated };
    let corrections = Correction::between(&predicted, &corrected, &spacing);
    assert_eq!(corrections.len(), 3);
    let found = corrections.iter().find(|c| c.landmark == moved).expect("moved");
    let Change::Moved { pixels, millimetres: Some(millimetres) } = found.change else {
        panic!("{found:?}");
    };
    assert!((pixels - 5.0).abs() < 1e-9 && (millimetres - 1.0).abs() < 1e-9);

    let mut report = filmed(&corrected, spacing, 1000, 1000);
    report.corrections = corrections;
    let (mean_px, mean_mm) = report.mean_correction().expect("one was moved");
    assert!((mean_px - 5.0).abs() < 1e-9 && mean_mm.is_some_and(|mm| (mm - 1.0).abs() < 1e-9));
    let (_, items) = scene(&report, 1000.0);
    let cores = items.iter().filter(|item| matches!(item, Item::Ring { core: true, .. })).count();
    assert_eq!(cores, 2, "the moved and the added one");
    let value = json::to_value(&report);
    let changes: Vec<&str> = value["corrections"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|c| c["change"].as_str())
        .collect();
    assert_eq!(changes, ["added", "marked_absent", "moved"]);
}

#[test]
fn small_films_are_enlarged_and_large_ones_kept() {
    for (scale, size, least, most) in
        [(0.331, 331, 1000, 1400), (2.0, 2000, 2000, 2000), (4.0, 4000, 2400, 2400)]
    {
        let report = filmed(&fixture(scale, false), Spacing::UNKNOWN, size, size);
        let bytes = png::render(&report).expect("a PNG");
        let picture = image::load_from_memory(&bytes).expect("a PNG").to_rgb8();
        assert!((least..=most).contains(&picture.width()), "{size}: {}", picture.width());
        assert!(picture.height() > picture.width(), "a strip below the film");
        // The Hilgenreiner line is blue on grey, halfway between both TRC.
        let at = |v: f64| (v * scale * f64::from(picture.width()) / size as f64) as u32;
        let blue = (0..12).any(|dy| {
            let pixel = picture.get_pixel(at(500.0), at(500.0) - 6 + dy);
            i32::from(pixel[2]) - i32::from(pixel[0]) > 60
        });
        assert!(blue, "no line on the film of {size}");
    }
}

#[test]
fn a_report_without_a_film_has_no_picture() {
    let landmarks = fixture(1.0, false);
    let assessment = assess(&landmarks, &Spacing::UNKNOWN);
    let report = Report::of_points(Path::new("points.json"), &landmarks, &Spacing::UNKNOWN, &assessment);
    assert!(png::render(&report).is_err());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("points.json");
    write_atomic(&path, json::to_value(&report).to_string().as_bytes()).expect("written");
    assert!(path.is_file());
}
