//! Reference lines: which is taken, that it is named, and what another one does to the number.

use crate::fixture::{Film, L, R, id, measured};
use coxa::measure::{Context, Landmark, Origin, Protocol, ReferenceLine, Side, Status, alternatives};

fn against(film: &Film, line: ReferenceLine, code: &str, side: Option<Side>) -> coxa::measure::Measurement {
    let protocol = Protocol { reference: Some(line), ..crate::fixture::all() };
    film.assess_by(&protocol).measurement(code, side).cloned().expect("listed")
}

#[test]
fn an_oblique_pelvis_against_the_image_moves_a_hip_from_dysplasia_to_borderline() {
    let film = Film::fixture_a().turned(5.0);
    for (side, to_pelvis, to_image) in [(R, 38.7, 33.7), (L, 16.7, 21.7)] {
        let own = measured(&film, "LCE", side);
        assert!(own.value.is_some_and(|v| (v - to_pelvis).abs() < 0.05), "{own:?}");
        assert_eq!(own.reference_line, Some(ReferenceLine::Teardrop));
        let image = against(&film, ReferenceLine::Image, "LCE", side);
        assert!(image.value.is_some_and(|v| (v - to_image).abs() < 0.05), "{image:?}");
        assert_eq!(image.reference_line, Some(ReferenceLine::Image));
    }
}

#[test]
fn left_and_right_of_the_image_follow_the_labels() {
    let value = |film: &Film| against(film, ReferenceLine::Image, "LCE", L).value.expect("measured");
    let film = Film::fixture_a();
    assert!((value(&film) - value(&film.clone().mirrored())).abs() < 1e-9);
}

#[test]
fn the_adult_line_is_the_first_that_is_there() {
    let line = |film: &Film| measured(film, "LCE", R).reference_line;
    let film =
        Film::fixture_a().with("ISC", Side::Right, 750.0, 1350.0).with("ISC", Side::Left, 1250.0, 1350.0);
    assert_eq!(line(&film), Some(ReferenceLine::Teardrop));
    let film = film.without("TD", Side::Left);
    assert_eq!(line(&film), Some(ReferenceLine::Ischial));
    let film = film.without("ISC", Side::Right);
    assert_eq!(line(&film), Some(ReferenceLine::HeadCentres));
    let film = film.without("FHC", Side::Left);
    assert_eq!(line(&film), Some(ReferenceLine::Image));
}

#[test]
fn a_line_whose_points_coincide_is_not_passed_over_in_silence() {
    let film = Film::fixture_a().with("TD", Side::Left, 801.0, 1200.0);
    let m = measured(&film, "LCE", R);
    assert_eq!(
        (m.value, m.status, m.reference_line),
        (None, Status::BaselineShort, Some(ReferenceLine::Teardrop))
    );
    assert_eq!(m.reason, "TD-R and TD-L lie too close together for a teardrop line");
}

#[test]
fn a_line_that_is_asked_for_and_not_there_is_refused() {
    let m = against(&Film::fixture_a(), ReferenceLine::Ischial, "LCE", R);
    assert_eq!((m.value, m.status), (None, Status::MissingLandmark));
    assert_eq!(m.reason, "ISC-R is not given");
    // Distances that are defined by the Hilgenreiner line stay with it.
    let m = against(&Film::fixture_p(), ReferenceLine::Image, "HILG_H", R);
    assert_eq!((m.value, m.reference_line), (Some(8.0), Some(ReferenceLine::Hilgenreiner)));
}

#[test]
fn head_centres_give_no_line_once_a_hip_is_displaced() {
    let without_pelvis = |film: Film| film.without("TD", Side::Right).without("TD", Side::Left);
    // The left head's centre lateral of its edge.
    let film = without_pelvis(Film::fixture_a().with("LAE", Side::Left, 1390.0, 960.0));
    assert_eq!(measured(&film, "LCE", R).reference_line, Some(ReferenceLine::Image));
    let m = against(&film, ReferenceLine::HeadCentres, "LCE", R);
    assert_eq!((m.value, m.status), (None, Status::NotAvailable));
    assert!(m.reason.contains("displaced"), "{}", m.reason);
    // Fixture P's left hip is IHDI II.
    let mut film = Film::fixture_p();
    for (side, x) in [(Side::Right, 340.0), (Side::Left, 690.0)] {
        film =
            film.with("FHC", side, x, 520.0).with("LAE", side, if x < 500.0 { 300.0 } else { 700.0 }, 450.0);
    }
    assert_eq!(against(&film, ReferenceLine::HeadCentres, "LCE", R).status, Status::NotAvailable);
}

#[test]
fn alternatives_stand_side_by_side() {
    let film =
        Film::fixture_a().with("ISC", Side::Right, 750.0, 1350.0).with("ISC", Side::Left, 1250.0, 1380.0);
    let found = alternatives(&film.landmarks, &film.spacing, &Protocol::default(), "LCE", L);
    let lines: Vec<_> = found.iter().filter_map(|m| m.reference_line).collect();
    use ReferenceLine::{HeadCentres, Image, Ischial, Teardrop};
    assert_eq!(lines, [Teardrop, Ischial, HeadCentres, Image]);
    let value = |i: usize| found[i].value.expect("measured");
    assert!((value(0) - value(3)).abs() < 1e-9, "level teardrops are the image's horizontal");
    // The ischial line sinks to the left by atan(30/500), and its perpendicular leans that way.
    assert!(
        (value(0) - value(1) - 30.0_f64.atan2(500.0).to_degrees()).abs() < 1e-9,
        "{} {}",
        value(1),
        value(0)
    );
    assert!(found.iter().all(|m| m.side == L && m.code == "LCE"));
    // One where the line belongs to the definition or there is none; nothing for what is no measurement.
    let film = Film::fixture_p();
    let count =
        |code, side| alternatives(&film.landmarks, &film.spacing, &Protocol::default(), code, side).len();
    assert_eq!((count("HILG_H", R), count("AI", R), count("IHDI", R), count("NONE", R)), (1, 2, 0, 0));
}

#[test]
fn sides_of_an_image_without_pairs_come_from_the_file_or_are_assumed_and_said() {
    let hip = Film::empty().with("FHC", Side::Left, 1400.0, 1060.0).with("LAE", Side::Left, 1430.0, 960.0);
    let lce = |patient_right_on_left| {
        let context = Context { patient_right_on_left };
        let assessment = coxa::measure::assess_with(&hip.landmarks, &hip.spacing, context);
        let assumed = assessment.warnings.iter().any(|w| w.contains("assumed"));
        (assessment.measurement("LCE", L).and_then(|m| m.value).expect("measured"), assumed)
    };
    let angle = 30.0_f64.atan2(100.0).to_degrees();
    assert_eq!(lce(None), (angle, true));
    assert_eq!(lce(Some(true)), (angle, false));
    assert_eq!(lce(Some(false)), (-angle, false));
}

#[test]
fn intervals_follow_the_line() {
    let mut film = Film::fixture_a().with_deviation(2.0);
    let width = |film: &Film| {
        let (low, high) = measured(film, "LCE", R).ci95.expect("known");
        high - low
    };
    let wide = width(&film);
    let td = film.landmarks.position(coxa::measure::LandmarkCode::TD, Side::Left).expect("given");
    film.landmarks.insert(id("TD", Side::Left), Landmark::defined(td, None, Origin::File));
    assert_eq!(measured(&film, "LCE", R).ci95, None, "a line of unknown deviation");
    let of_image = against(&film, ReferenceLine::Image, "LCE", R).ci95.expect("the image has none");
    assert!(of_image.1 - of_image.0 < wide);
    // An angle between points of the femur needs no line.
    assert!(measured(&film, "ALPHA_3PT", R).ci95.is_some());
}
