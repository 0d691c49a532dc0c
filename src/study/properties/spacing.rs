//! What the file says, and what a hand sets in its place: millimetres, age, sides.

use super::super::{Calibration, CalibrationRefusal, Stated, Study};
use super::radiograph;
use crate::imaging::{Identity, Presentation, Radiograph, Sphere, StatedSpacing};
use crate::measure::norms::embedded;
use crate::measure::{LandmarkId, Point, Side, Spacing, SpacingStatus, Status, Subject};
use std::borrow::Cow;
use std::path::Path;

fn film_of(spacing: Spacing, stated: StatedSpacing) -> Study {
    let film = Radiograph { spacing, ..radiograph() };
    let presentation = Presentation { spacing: stated, ..Presentation::default() };
    Study::new(Path::new("film.dcm"), &film, &presentation, Cow::Borrowed(embedded()))
}

fn square(mm: f64, status: SpacingStatus) -> Spacing {
    Spacing { row: mm, column: mm, status }
}

#[test]
fn a_calibration_replaces_the_header_and_is_compared_with_it() {
    let detector = square(0.15, SpacingStatus::Detector);
    let stated = StatedSpacing {
        detector: Some(detector),
        patient: None,
        magnified: Some(square(0.125, SpacingStatus::Ermf)),
    };
    let mut study = film_of(square(0.125, SpacingStatus::Ermf), stated);
    assert_eq!(study.length_trust(), "corrected for magnification by the file");
    study.calibrate(Calibration::Magnification { factor: 1.2 }).expect("a factor");
    assert!((study.spacing().column - 0.125).abs() < 1e-12, "of the detector, not divided twice");
    assert!(study.calibration_conflicts().is_empty(), "both say 1.2");
    let sphere = Sphere { center: Point::new(30.0, 30.0), radius: 20.0, edge: Vec::new(), residual: 0.1 };
    study.calibrate(Calibration::Sphere { sphere, diameter_mm: 4.0 }).expect("a sphere");
    assert!((study.spacing().column - 0.1).abs() < 1e-12 && study.length_trust() == "by a sphere of 4.0 mm");
    let conflicts = study.calibration_conflicts();
    assert_eq!(conflicts.len(), 2, "the sphere against header and typed magnification: {conflicts:?}");
    assert_eq!(study.history().undoable().as_deref(), Some("calibration"));
    study.uncalibrate().expect("may be changed");
    assert_eq!(study.spacing().status, SpacingStatus::Ermf);

    let mut bare = film_of(Spacing::UNKNOWN, StatedSpacing::default());
    let refused = bare.calibrate(Calibration::Magnification { factor: 1.2 });
    assert_eq!(refused, Err(CalibrationRefusal::NoDetector));
    assert_eq!(bare.calibrate(Calibration::Magnification { factor: 0.9 }), Err(CalibrationRefusal::Factor));
    assert!(bare.history().undoable().is_none(), "a refusal is no step");
}

#[test]
fn a_hand_goes_before_the_header_and_its_absence_back_to_it() {
    let identity = Identity { patient_age: "009M".into(), patient_sex: "F".into(), ..Identity::default() };
    let film = Radiograph { identity, ..radiograph() };
    let presentation = Presentation::default();
    let mut study = Study::new(Path::new("f"), &film, &presentation, Cow::Borrowed(embedded()));
    assert_eq!(study.age_months(), Some((9.0, Stated::Header)));
    study.set_subject(Subject { age_months: Some(11.0), ..Subject::default() }).expect("may be changed");
    assert_eq!(study.age_months(), Some((11.0, Stated::ByHand)));
    assert_eq!(study.protocol().subject.age_months, Some(11.0), "and the assessment knows it");
    assert_eq!(study.sex().map(|(_, stated)| stated), Some(Stated::Header));
    study.set_subject(Subject::default()).expect("may be changed");
    assert_eq!(study.age_months(), Some((9.0, Stated::Header)));
}

#[test]
fn nothing_is_drawn_where_the_sides_contradict_the_file() {
    let place = |study: &mut Study, mirrored: bool| {
        for (index, id) in LandmarkId::infant().into_iter().enumerate() {
            let x = 5.0 + 9.0 * index as f64;
            study
                .move_landmark(&id, Point::new(if mirrored { 79.0 - x } else { x }, 20.0 + index as f64))
                .expect("may be changed");
        }
    };
    let mut study = film_of(square(1.0, SpacingStatus::Calibrated), StatedSpacing::default());
    place(&mut study, true);
    let of = |study: &Study| study.assessment().measurement("AI", Some(Side::Right)).map(|m| m.status);
    assert_eq!(of(&study), Some(Status::LateralityConflict));
    assert!(study.construction().is_empty(), "the table withholds it all");
    place(&mut study, false);
    assert!(of(&study) != Some(Status::LateralityConflict) && !study.construction().is_empty());
}
