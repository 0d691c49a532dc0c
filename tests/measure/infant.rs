//! Worked numbers of the specification, section 3.1, each in every way of storing the same hip.

use crate::fixture::Film;
use coxa::measure::{Side, Spacing, SpacingStatus, Status, Unit};

const R: Option<Side> = Some(Side::Right);
const L: Option<Side> = Some(Side::Left);

/// Asserts a value to the last digit that the specification prints.
#[track_caller]
fn expect(film: &Film, code: &str, side: Option<Side>, expected: f64, unit: Unit) {
    for (way, film) in film.stored_everywhere() {
        let assessment = film.assess();
        let measurement = assessment.measurement(code, side).expect("is measured");
        let value = measurement.value.unwrap_or_else(|| panic!("{way}: {}", measurement.reason));
        assert!((value - expected).abs() <= 0.0501, "{code} {way}: {value}, expected {expected}");
        assert_eq!(measurement.unit, unit);
        assert_eq!(measurement.status, Status::Ok);
        assert_eq!(measurement.reason, "");
    }
}

#[track_caller]
fn expect_grade(film: &Film, code: &str, side: Option<Side>, expected: &str, status: Status) {
    for (way, film) in film.stored_everywhere() {
        let assessment = film.assess();
        let finding = assessment.finding(code, side).expect("is graded");
        assert_eq!(finding.grade.as_deref(), Some(expected), "{code} {way}: {}", finding.reason);
        assert_eq!(finding.status, status, "{code} {way}");
    }
}

#[test]
fn acetabular_index() {
    expect(&Film::fixture_p(), "AI", R, 26.6, Unit::Degree);
    expect(&Film::fixture_p(), "AI", L, 35.0, Unit::Degree);
}

#[test]
fn acetabular_index_uses_the_spacing_in_the_right_order() {
    let stored = Film::fixture_p().stored_with(0.1, 0.2);
    let index = |spacing: Spacing| {
        let film = Film { spacing, ..stored.clone() };
        film.assess().measurement("AI", R).and_then(|m| m.value).expect("measured")
    };
    assert!((index(Spacing::UNKNOWN) - 45.0).abs() < 0.05, "ignored");
    let swapped = Spacing { row: 0.2, column: 0.1, ..stored.spacing };
    assert!((index(swapped) - 63.4).abs() < 0.05, "swapped");
}

#[test]
fn ihdi_of_the_fixture() {
    expect_grade(&Film::fixture_p(), "IHDI", R, "I", Status::Ok);
    expect_grade(&Film::fixture_p(), "IHDI", L, "II", Status::Ok);
}

#[test]
fn ihdi_by_the_h_point() {
    let cases = [
        ((790.0, 525.0), "III"),
        ((790.0, 480.0), "IV"),
        ((700.0, 525.0), "I"),  // on the Perkin line
        ((725.0, 525.0), "II"), // on the D-line
    ];
    for ((x, y), grade) in cases {
        expect_grade(&Film::fixture_p().with("HP", Side::Left, x, y), "IHDI", L, grade, Status::Ok);
    }
}

#[test]
fn ihdi_above_the_line_yet_medial_asks_to_check_the_landmarks() {
    let film = Film::fixture_p().with("HP", Side::Left, 690.0, 480.0);
    expect_grade(&film, "IHDI", L, "IV", Status::CheckLandmarks);
    let assessment = film.assess();
    assert!(
        assessment.finding("IHDI", L).is_some_and(|finding| finding.reason.contains("check the landmarks"))
    );
}

#[test]
fn ihdi_never_takes_the_nucleus_for_the_h_point() {
    let assessment = Film::fixture_p().without("HP", Side::Left).assess();
    let ihdi = assessment.finding("IHDI", L).expect("listed");
    assert_eq!((ihdi.grade.as_deref(), ihdi.status), (None, Status::MissingLandmark));
    assert_eq!(ihdi.reason, "HP-L is not given");
    let tonnis = assessment.finding("TONNIS_GRADE", L).expect("listed");
    assert_eq!(tonnis.grade.as_deref(), Some("2"), "the Tönnis grade stands");
    assert_eq!(
        assessment.finding("IHDI", R).and_then(|f| f.grade.as_deref()),
        Some("I"),
        "so does the other side"
    );
}

#[test]
fn tonnis_grade_of_the_fixture() {
    expect_grade(&Film::fixture_p(), "TONNIS_GRADE", R, "1", Status::Ok);
    expect_grade(&Film::fixture_p(), "TONNIS_GRADE", L, "2", Status::Ok);
}

#[test]
fn tonnis_grade_by_the_nucleus() {
    for ((x, y), grade) in [((720.0, 438.0), "3"), ((720.0, 410.0), "4"), ((690.0, 510.0), "1")] {
        expect_grade(&Film::fixture_p().with("FH", Side::Left, x, y), "TONNIS_GRADE", L, grade, Status::Ok);
    }
}

#[test]
fn tonnis_band_is_two_millimetres() {
    // 10 px about SMA-L at y 430.
    for (y, grade) in [(419.0, "4"), (421.0, "3"), (439.0, "3"), (441.0, "2")] {
        let film = Film::fixture_p().with("FH", Side::Left, 720.0, y);
        expect_grade(&film, "TONNIS_GRADE", L, grade, Status::Ok);
    }
}

#[test]
fn tonnis_band_without_spacing_is_a_share_of_the_baseline() {
    // 5 % of 200 px are 10 px; SMA-L lies at y 430.
    for (y, grade) in [(419.0, "4"), (421.0, "3"), (439.0, "3"), (441.0, "2")] {
        let mut film = Film::fixture_p().with("FH", Side::Left, 720.0, y);
        film.spacing = Spacing::UNKNOWN;
        expect_grade(&film, "TONNIS_GRADE", L, grade, Status::Ok);
    }
}

#[test]
fn tonnis_band_on_detector_lengths_is_a_share_of_the_baseline() {
    // TRC–TRC 80 mm on the detector: the band is 4 mm, not 2 mm; the nucleus lies 3 mm below the edge.
    let film = |status| {
        let mut film =
            Film::fixture_p().with("TRC", Side::Left, 800.0, 500.0).with("FH", Side::Right, 320.0, 465.0);
        film.spacing.status = status;
        film.without("SMA", Side::Left).without("HP", Side::Left)
    };
    let grade = |status| film(status).assess().finding("TONNIS_GRADE", R).and_then(|f| f.grade.clone());
    assert_eq!(grade(SpacingStatus::Detector).as_deref(), Some("3"));
    assert_eq!(grade(SpacingStatus::Corrected).as_deref(), Some("1"));
}

#[test]
fn tonnis_grade_is_withheld_without_nucleus() {
    let assessment = Film::fixture_p().without("FH", Side::Right).assess();
    let tonnis = assessment.finding("TONNIS_GRADE", R).expect("listed");
    assert_eq!((tonnis.grade.as_deref(), tonnis.status), (None, Status::MissingLandmark));
    assert_eq!(tonnis.reason, "no ossific nucleus marked on the right: Tönnis grade withheld, IHDI given");

    let assessment = Film::fixture_p().without("FH", Side::Right).without("HP", Side::Right).assess();
    let tonnis = assessment.finding("TONNIS_GRADE", R).expect("listed");
    assert_eq!(tonnis.reason, "no ossific nucleus marked on the right: Tönnis grade withheld");
}

#[test]
fn hilgenreiner_distances() {
    expect(&Film::fixture_p(), "HILG_H", R, 8.0, Unit::Millimetre);
    expect(&Film::fixture_p(), "HILG_H", L, 5.0, Unit::Millimetre);
    expect(&Film::fixture_p(), "HILG_D", R, 14.0, Unit::Millimetre);
    expect(&Film::fixture_p(), "HILG_D", L, 24.0, Unit::Millimetre);
}

#[test]
fn hilgenreiner_distances_without_spacing_are_pixels() {
    let mut film = Film::fixture_p();
    film.spacing = Spacing::UNKNOWN;
    let assessment = film.assess();
    let height = assessment.measurement("HILG_H", R).expect("measured");
    assert_eq!((height.value, height.unit), (Some(40.0), Unit::Pixel));
    assert!(assessment.warnings.iter().any(|w| w.starts_with("No calibration")), "{:?}", assessment.warnings);
}

#[test]
fn centre_edge_angle_keeps_its_sign() {
    expect(&Film::fixture_p(), "CE_WIBERG", R, 29.7, Unit::Degree);
    expect(&Film::fixture_p(), "CE_WIBERG", L, -14.0, Unit::Degree);
}

#[test]
fn migration_percentage() {
    expect(&Film::fixture_p(), "MP", R, 10.0, Unit::Percent);
    expect(&Film::fixture_p(), "MP", L, 70.0, Unit::Percent);
}

#[test]
fn migration_percentage_is_left_out_where_no_head_has_a_circle() {
    let mut film = Film::fixture_p();
    film.landmarks.radii_px.clear();
    assert!(film.assess().measurement("MP", R).is_none());
}

#[test]
fn a_value_outside_the_plausible_range_is_kept_and_flagged() {
    // The roof falls by 45° laterally.
    let assessment = Film::fixture_p().with("SMA", Side::Right, 300.0, 600.0).assess();
    let index = assessment.measurement("AI", R).expect("measured");
    assert_eq!(index.status, Status::OutOfRange);
    assert!(index.value.is_some_and(|value| (value + 45.0).abs() < 1e-9), "{:?}", index.value);
    assert!(index.reason.contains("-10 to 60°"), "{}", index.reason);
}

#[test]
fn a_film_upside_down_is_measured_right_and_said() {
    let warnings = Film::fixture_p().turned(180.0).assess().warnings;
    assert!(warnings.iter().any(|w| w.contains("turned by 180°")), "{warnings:?}");
    let upright = Film::fixture_p().assess().warnings;
    assert!(!upright.iter().any(|w| w.contains("turned")), "{upright:?}");
}

#[test]
fn a_film_is_not_turned_over_for_one_falling_roof_or_two_flat_ones() {
    let index =
        |film: &Film, side| film.assess().measurement("AI", side).and_then(|m| m.value).expect("measured");
    let one = Film::fixture_p().with("SMA", Side::Right, 300.0, 600.0);
    assert!(index(&one, R) < -44.0 && index(&one, L) > 34.0);
    let flat = Film::fixture_p().with("SMA", Side::Right, 300.0, 505.0).with("SMA", Side::Left, 700.0, 505.0);
    assert!(index(&flat, R) < -2.0 && index(&flat, L) < -2.0);
    let alone = one.without("SMA", Side::Left);
    assert!(index(&alone, R) < -44.0);
}

#[test]
fn on_a_film_that_lies_on_its_side_roofs_rise_towards_the_head() {
    let flat = Film::fixture_p().with("SMA", Side::Right, 300.0, 495.0).with("SMA", Side::Left, 700.0, 495.0);
    for degrees in [90.0, -90.0, 80.0, 100.0, -100.0] {
        let index = flat.clone().turned(degrees).assess().measurement("AI", L).and_then(|m| m.value);
        assert!(index.is_some_and(|index| (index - 2.86).abs() < 0.01), "{degrees}°: {index:?}");
    }
}
