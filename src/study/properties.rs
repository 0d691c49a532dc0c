//! Properties of the document: whatever was done can be undone and done again, exactly.

use super::{Annotations, Calibration, CalibrationRefusal, Prediction, Stated, Study};
use crate::imaging::{
    Identity, ModalityTransform, Presentation, Radiograph, Sphere, StatedSpacing, VoiFunction,
};
use crate::measure::norms::embedded;
use crate::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, ReferenceLine, Side,
    Spacing, SpacingStatus, Status, Subject,
};
use proptest::prelude::*;
use std::borrow::Cow;
use std::path::Path;

fn radiograph() -> Radiograph {
    Radiograph {
        rows: 64,
        columns: 80,
        stored: vec![0; 64 * 80],
        bits_stored: 8,
        modality: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
        voi: Vec::new(),
        voi_function: VoiFunction::default(),
        inverted: false,
        padding: None,
        spacing: Spacing::UNKNOWN,
        patient_right_on_left: Some(true),
        identity: Identity::default(),
        frame: 1,
        missing: None,
        warnings: Vec::new(),
    }
}

fn study() -> Study {
    Study::new(Path::new("film.dcm"), &radiograph(), &Presentation::default(), Cow::Borrowed(embedded()))
}

fn prediction(shift: f64) -> Prediction {
    let mut landmarks = LandmarkSet::default();
    for (index, id) in LandmarkId::infant().into_iter().enumerate() {
        let at = Point::new(5.0 + 7.0 * index as f64 + shift, 20.0 + shift);
        let landmark = match id.code.as_str() {
            "FH" => Landmark::missing("no ossific nucleus seen", Origin::Model),
            _ => Landmark::defined(at, Some(1.5), Origin::Model),
        };
        landmarks.insert(id, landmark);
    }
    let model = ModelIdentity { id: "test".into(), version: "1".into(), sha256: "00".into() };
    Prediction { landmarks, model, warnings: Vec::new() }
}

/// What a person, or a worker, may do to a study.
#[derive(Debug, Clone)]
enum Deed {
    Move(usize, f64, f64),
    Drag(usize, Vec<(f64, f64)>, bool),
    Missing(usize),
    Reset(usize),
    ResetAll,
    Predict(f64),
    PredictWhileDragging(usize, f64),
    Calibrate(f64),
    Uncalibrate,
    Age(Option<f64>),
    Against(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = || (-10.0..90.0, -10.0..90.0);
    prop_oneof![
        (0..8usize, at()).prop_map(|(id, (x, y))| Deed::Move(id, x, y)),
        (0..8usize, proptest::collection::vec(at(), 0..4), any::<bool>())
            .prop_map(|(id, path, keep)| Deed::Drag(id, path, keep)),
        (0..8usize).prop_map(Deed::Missing),
        (0..8usize).prop_map(Deed::Reset),
        Just(Deed::ResetAll),
        (0.0..5.0).prop_map(Deed::Predict),
        (0..8usize, 0.0..5.0).prop_map(|(id, shift)| Deed::PredictWhileDragging(id, shift)),
        (-1.0..50.0).prop_map(Deed::Calibrate),
        Just(Deed::Uncalibrate),
        proptest::option::of(0.0..200.0).prop_map(Deed::Age),
        (0..5usize).prop_map(Deed::Against),
    ]
}

fn perform(study: &mut Study, deed: Deed) {
    let ids = LandmarkId::infant();
    match deed {
        Deed::Move(id, x, y) => study.move_landmark(&ids[id], Point::new(x, y)),
        Deed::Drag(id, path, keep) => {
            study.begin_move(&ids[id]);
            for (x, y) in path {
                study.preview(Point::new(x, y));
            }
            if keep {
                study.commit()
            } else {
                study.abort()
            };
        }
        Deed::Missing(id) => study.set_missing(&ids[id]),
        Deed::Reset(id) => study.reset_to_prediction(&ids[id]),
        Deed::ResetAll => study.reset_all(),
        Deed::Predict(shift) => {
            let generation = study.begin_analysis();
            assert!(study.apply_prediction(prediction(shift), generation));
        }
        Deed::Calibrate(length_mm) => {
            let line = Calibration::Line { a: Point::new(2.0, 3.0), b: Point::new(52.0, 3.0), length_mm };
            assert_eq!(study.calibrate(line).is_ok(), length_mm > 0.0);
        }
        Deed::Uncalibrate => study.uncalibrate(),
        Deed::Age(age_months) => study.set_subject(Subject { age_months, ..Subject::default() }),
        Deed::Against(line) => study.set_reference(ReferenceLine::ALL.get(line).copied()),
        Deed::PredictWhileDragging(id, shift) => {
            study.begin_move(&ids[id]);
            study.preview(Point::new(33.0, 33.0));
            let generation = study.begin_analysis();
            study.apply_prediction(prediction(shift), generation);
            study.preview(Point::new(34.0, 34.0));
            study.commit();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every state on the way comes back, in order, by undo and then by redo.
    #[test]
    fn any_sequence_undone_is_the_identical_document(deeds in proptest::collection::vec(deed(), 0..16)) {
        let mut study = study();
        let mut states: Vec<Annotations> = vec![study.annotations().clone()];
        for deed in deeds {
            let before = steps(&study);
            perform(&mut study, deed.clone());
            // The two steps of a prediction amid a drag share a deed; its middle state is found by undoing.
            if steps(&study) == before + 2 {
                let mut middle = study.clone();
                middle.undo();
                states.push(middle.annotations().clone());
            }
            if steps(&study) > before {
                states.push(study.annotations().clone());
            } else {
                prop_assert_eq!(study.annotations(), &states[states.len() - 1]);
            }
        }
        let last = study.assessment().clone();
        for state in states.iter().rev().skip(1) {
            prop_assert!(study.undo());
            prop_assert_eq!(study.annotations(), state);
        }
        prop_assert!(!study.undo());
        for state in states.iter().skip(1) {
            prop_assert!(study.redo());
            prop_assert_eq!(study.annotations(), state);
        }
        prop_assert!(!study.redo());
        prop_assert_eq!(study.assessment(), &last);
    }
}

fn steps(study: &Study) -> usize {
    let mut copy = study.clone();
    let mut count = 0;
    while copy.undo() {
        count += 1;
    }
    count
}

#[test]
fn a_stale_result_is_dropped() {
    let mut study = study();
    let first = study.begin_analysis();
    let second = study.begin_analysis();
    assert!(!study.apply_prediction(prediction(0.0), first));
    assert!(study.annotations().prediction.is_none());
    assert!(study.apply_prediction(prediction(0.0), second));
    study.cancel_analysis();
    assert!(!study.apply_prediction(prediction(1.0), second));
}

#[test]
fn a_prediction_leaves_the_points_of_a_person() {
    let mut study = study();
    let [trc, sma, ..] = LandmarkId::infant();
    study.move_landmark(&trc, Point::new(1.0, 2.0));
    let generation = study.begin_analysis();
    study.apply_prediction(prediction(0.0), generation);
    let landmarks = &study.annotations().landmarks;
    assert_eq!(landmarks.get(&trc).and_then(Landmark::position), Some(Point::new(1.0, 2.0)));
    assert_eq!(landmarks.get(&sma).map(|landmark| landmark.origin), Some(Origin::Model));

    let corrections = study.corrections();
    assert_eq!(corrections.len(), 1);
    assert_eq!(corrections[0].predicted, Some(Point::new(5.0, 20.0)));
    assert!((corrections[0].distance_px.unwrap() - 4.0f64.hypot(18.0)).abs() < 1e-12);
    assert_eq!(corrections[0].distance_mm, None, "no millimetres without spacing");
}

#[test]
fn points_stay_on_the_film_and_an_undo_amid_a_drag_is_the_drag() {
    let mut study = study();
    let trc = &LandmarkId::infant()[0];
    study.move_landmark(trc, Point::new(-5.0, 500.0));
    assert_eq!(study.annotations().landmarks.get(trc).unwrap().position(), Some(Point::new(0.0, 63.0)));
    study.begin_move(trc);
    study.preview(Point::new(10.0, 10.0));
    assert!(study.undo());
    assert_eq!(study.annotations().landmarks.get(trc).unwrap().position(), Some(Point::new(0.0, 63.0)));
    assert!(study.moving().is_none());
}

#[test]
fn an_outline_that_a_person_drew_survives_a_new_prediction() {
    let wall = LandmarkId::new(LandmarkCode::AW, Side::Right);
    let head = LandmarkId::new(LandmarkCode::HEAD, Side::Right);
    let line = |x: f64| vec![Point::new(x, 1.0), Point::new(x, 9.0)];
    let with = |shift: f64| {
        let mut prediction = prediction(shift);
        prediction.landmarks.polylines.insert(head.clone(), line(10.0 + shift));
        prediction
    };
    let mut annotations = Annotations::default().with_prediction(with(0.0));
    annotations.landmarks.polylines.insert(wall.clone(), line(3.0));
    let again = annotations.with_prediction(with(2.0));
    let lines = &again.landmarks.polylines;
    assert_eq!(lines.get(&wall), Some(&line(3.0)), "drawn by hand");
    assert_eq!(lines.get(&head), Some(&line(12.0)), "the network's own is replaced");
    // One that a person bent is a person's.
    annotations.landmarks.polylines.insert(head.clone(), line(11.0));
    let bent = annotations.with_prediction(with(2.0));
    assert_eq!(bent.landmarks.polylines.get(&head), Some(&line(11.0)));
    assert_eq!(bent.all_reset().landmarks.polylines.get(&head), Some(&line(12.0)), "until all is reset");
}

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
    study.uncalibrate();
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
    study.set_subject(Subject { age_months: Some(11.0), ..Subject::default() });
    assert_eq!(study.age_months(), Some((11.0, Stated::ByHand)));
    assert_eq!(study.protocol().subject.age_months, Some(11.0), "and the assessment knows it");
    assert_eq!(study.sex().map(|(_, stated)| stated), Some(Stated::Header));
    study.set_subject(Subject::default());
    assert_eq!(study.age_months(), Some((9.0, Stated::Header)));
}

#[test]
fn nothing_is_drawn_where_the_sides_contradict_the_file() {
    let place = |study: &mut Study, mirrored: bool| {
        for (index, id) in LandmarkId::infant().into_iter().enumerate() {
            let x = 5.0 + 9.0 * index as f64;
            study.move_landmark(&id, Point::new(if mirrored { 79.0 - x } else { x }, 20.0 + index as f64));
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
