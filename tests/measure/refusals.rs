//! Where nothing can be measured the status says so, and no number stands beside it.

use crate::fixture::{Film, spacing};
use coxa::measure::{Assessment, Context, Landmark, Origin, Side, Spacing, Status, assess_with, laterality};

#[track_caller]
fn all_refused(assessment: &Assessment, status: Status) {
    assert!(!assessment.measurements.is_empty() && !assessment.findings.is_empty());
    for m in &assessment.measurements {
        assert_eq!((m.value, m.ci95, m.status), (None, None, status), "{}", m.code);
        assert!(!m.reason.is_empty());
    }
    for f in &assessment.findings {
        assert_eq!((f.grade.as_deref(), f.status), (None, status), "{}", f.code);
        assert!(f.probabilities.is_empty() && !f.reason.is_empty());
    }
}

#[test]
fn one_trc_missing_leaves_no_reference_line() {
    let assessment = Film::fixture_p().with_deviation(1.0).without("TRC", Side::Left).assess();
    all_refused(&assessment, Status::MissingLandmark);
    assert_eq!(assessment.measurements[0].reason, "TRC-L is not given");
}

#[test]
fn the_reason_of_a_missing_landmark_is_passed_on() {
    let mut film = Film::fixture_p();
    let id = crate::fixture::id("SMA", Side::Right);
    film.landmarks.insert(id, Landmark::missing("hidden by the gonad shield", Origin::Person));
    let assessment = film.assess();
    let index = assessment.measurement("AI", Some(Side::Right)).expect("listed");
    assert_eq!(index.reason, "SMA-R is missing: hidden by the gonad shield");
    assert_eq!(assessment.measurement("AI", Some(Side::Left)).map(|m| m.status), Some(Status::Ok));
}

#[test]
fn short_baseline() {
    // 20 mm are 100 px of 0.2 mm.
    let at = |x| Film::fixture_p().with("TRC", Side::Left, x, 500.0).assess();
    all_refused(&at(499.0), Status::BaselineShort);
    assert_eq!(at(501.0).measurement("AI", Some(Side::Right)).map(|m| m.status), Some(Status::Ok));

    let unspaced = |x| {
        let mut film = Film::fixture_p().with("TRC", Side::Left, x, 500.0);
        film.spacing = Spacing::UNKNOWN;
        film.assess()
    };
    all_refused(&unspaced(449.0), Status::BaselineShort);
    assert_eq!(unspaced(451.0).measurement("AI", Some(Side::Right)).map(|m| m.status), Some(Status::Ok));
}

#[test]
fn coincident_points_have_no_direction() {
    let status = |film: Film| {
        film.assess().measurement("AI", Some(Side::Right)).map(|m| (m.status, m.value.is_some()))
    };
    // 0.5 mm are 2.5 px of 0.2 mm.
    let at = |x| Film::fixture_p().with("SMA", Side::Right, x, 500.0);
    assert_eq!(status(at(398.0)), Some((Status::Coincident, false)));
    assert_eq!(status(at(397.0)), Some((Status::Ok, true)));
    let unspaced = |x| Film { spacing: Spacing::UNKNOWN, ..at(x) };
    assert_eq!(status(unspaced(398.5)), Some((Status::Coincident, false)));
    assert_eq!(status(unspaced(397.5)), Some((Status::Ok, true)));
}

#[test]
fn points_that_are_no_numbers_are_missing() {
    let assessment = Film::fixture_p().with("SMA", Side::Right, f64::NAN, 450.0).assess();
    let index = assessment.measurement("AI", Some(Side::Right)).expect("listed");
    assert_eq!((index.value, index.status), (None, Status::MissingLandmark));
    assert_eq!(index.reason, "SMA-R has no finite position");
}

#[test]
fn points_too_far_out_to_calculate_with_get_no_grade() {
    let film =
        Film::fixture_p().with("SMA", Side::Left, -1.7e308, 430.0).with("HP", Side::Left, 1.7e308, 525.0);
    let far =
        Film { spacing: Spacing::UNKNOWN, ..film.without("HP", Side::Right).without("SMA", Side::Right) };
    let assessment = far.assess();
    let ihdi = assessment.finding("IHDI", Some(Side::Left)).expect("listed");
    assert_eq!((ihdi.grade.as_deref(), ihdi.status), (None, Status::NotAvailable), "{}", ihdi.reason);
}

#[test]
fn a_spacing_that_is_none_measures_nothing() {
    for (row, column) in [(0.0, 0.2), (0.2, -0.2), (f64::NAN, 0.2), (0.2, f64::INFINITY)] {
        let film = Film { spacing: Spacing { row, column, ..spacing(1.0, 1.0) }, ..Film::fixture_p() };
        all_refused(&film.assess(), Status::NotAvailable);
    }
}

#[test]
fn sides_that_contradict_the_header_measure_nothing() {
    let film = Film::fixture_p();
    let with = |patient_right_on_left| {
        assess_with(&film.landmarks, &film.spacing, Context { patient_right_on_left })
    };
    all_refused(&with(Some(false)), Status::LateralityConflict);
    assert!(with(Some(false)).warnings.iter().any(|w| w.contains("patient's right on the image's right")));
    for agreeing in [Some(true), None] {
        assert_eq!(with(agreeing).measurement("AI", Some(Side::Left)).map(|m| m.status), Some(Status::Ok));
    }
    let mirrored = Film::fixture_p().mirrored();
    assert!(laterality::check(&mirrored.landmarks, &mirrored.spacing, Some(false)).is_ok());
    assert!(laterality::check(&mirrored.landmarks, &mirrored.spacing, Some(true)).is_err());
}

#[test]
fn sides_swapped_on_one_landmark_measure_nothing() {
    let film = Film::fixture_p().with("SMA", Side::Right, 700.0, 430.0).with("SMA", Side::Left, 300.0, 450.0);
    all_refused(&film.assess(), Status::LateralityConflict);
    assert_eq!(
        laterality::check(&film.landmarks, &film.spacing, None),
        Err("SMA-R and SMA-L lie the other way round than TRC-R and TRC-L: a side is labelled wrongly"
            .to_owned())
    );
}
