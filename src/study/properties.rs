//! Properties of the document: whatever was done can be undone and done again, exactly.

use super::mask::{Agreement, Brush, Mask, Over, Paint};
use super::{
    Annotations, Calibration, CalibrationRefusal, FreeId, FreeShape, MaskPrediction, Prediction, SavedStudy,
    Stated, Study, Visibility,
};
use crate::imaging::{
    Identity, ModalityTransform, Presentation, Radiograph, Sphere, StatedSpacing, VoiFunction,
};
use crate::measure::norms::embedded;
use crate::measure::{
    LabelMap, Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, ReferenceLine,
    Side, Spacing, SpacingStatus, Status, Structure, Subject,
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

/// A mask prediction that depends on `shift`.
fn mask_prediction(shift: usize) -> MaskPrediction {
    let mut map = LabelMap::empty(64, 80, Structure::hip());
    for row in 10..30 {
        map.labels[row * 80 + 10 + shift..row * 80 + 40].fill(1 + (shift % 3) as u8);
    }
    let model = ModelIdentity { id: "masks".into(), version: "1".into(), sha256: "11".into() };
    MaskPrediction { mask: Mask::new(map), model, warnings: Vec::new() }
}

/// What a person, or a worker, may do to a study: everything that is a command.
#[derive(Debug, Clone)]
enum Deed {
    Move(usize, f64, f64),
    Drag(usize, Vec<(f64, f64)>, bool),
    See(usize, Visibility),
    Reset(usize),
    ResetAll,
    Mirror(usize),
    Predict(f64),
    PredictWhile(Hand, f64),
    PredictMask(usize),
    PredictMaskWhile(Hand, usize),
    Calibrate(f64),
    Uncalibrate,
    Age(Option<f64>),
    Against(usize),
    Stroke(u8, f64, Vec<(f64, f64)>, bool),
    Polygon(u8, Vec<(f64, f64)>),
    Fill(u8, f64, f64),
    Smooth(u8, usize),
    Clear(u8),
    Accept(Option<u8>),
    Name(bool),
    Draw(usize, Option<Vec<(f64, f64)>>),
    Insert(usize, f64, f64),
    Slide(usize, usize, f64, f64, bool),
    SmoothCurve(usize),
    Delete(usize, usize),
    ResetCurve(usize),
    Radius(usize, Option<f64>),
    MirrorCurve(usize),
    Rim(usize, f64, f64, bool),
    Measure(FreeShape),
    Remeasure(u32, usize, f64, f64, bool),
    Forget(u32),
    Comment(String),
    Undo,
    Redo,
}

/// A gesture under way when something else comes in.
#[derive(Debug, Clone, Copy)]
enum Hand {
    Point(usize),
    Curve(usize),
    Stroke(u8),
    Free(u32),
    Rim(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = || (-10.0..90.0, -10.0..90.0);
    let path = |most: usize| proptest::collection::vec((-10.0..90.0, -10.0..90.0), 0..most);
    let label = || 0..6u8;
    let point = || (0.0..79.0, 0.0..63.0).prop_map(|(x, y)| Point::new(x, y));
    let hand = || {
        prop_oneof![
            (0..8usize).prop_map(Hand::Point),
            (0..3usize).prop_map(Hand::Curve),
            (0..6u8).prop_map(Hand::Stroke),
            (0..3u32).prop_map(Hand::Free),
            (0..8usize).prop_map(Hand::Rim),
        ]
    };
    let shape = prop_oneof![
        (point(), point()).prop_map(|(a, b)| FreeShape::Length { a, b }),
        (point(), point(), point()).prop_map(|(vertex, a, b)| FreeShape::Angle { vertex, a, b }),
        (point(), point(), point(), point())
            .prop_map(|(a, b, c, d)| FreeShape::Cobb { first: [a, b], second: [c, d] }),
        proptest::collection::vec(point(), 3..6).prop_map(|rim| FreeShape::Circle { rim }),
    ];
    let seen = prop_oneof![Just(Visibility::Visible), Just(Visibility::Occluded), Just(Visibility::Absent)];
    let points = prop_oneof![
        (0..8usize, at()).prop_map(|(id, (x, y))| Deed::Move(id, x, y)),
        (0..8usize, path(4), any::<bool>()).prop_map(|(id, path, keep)| Deed::Drag(id, path, keep)),
        (0..8usize, seen).prop_map(|(id, seen)| Deed::See(id, seen)),
        (0..8usize).prop_map(Deed::Reset),
        Just(Deed::ResetAll),
        (0..8usize).prop_map(Deed::Mirror),
        (0.0..5.0).prop_map(Deed::Predict),
        (hand(), 0.0..5.0).prop_map(|(hand, shift)| Deed::PredictWhile(hand, shift)),
        (-1.0..50.0).prop_map(Deed::Calibrate),
        Just(Deed::Uncalibrate),
        proptest::option::of(0.0..200.0).prop_map(Deed::Age),
        (0..5usize).prop_map(Deed::Against),
        "[a-z]{0,3}".prop_map(Deed::Comment),
    ];
    let masks = prop_oneof![
        (label(), 0.3..9.0, path(4), any::<bool>()).prop_map(|(l, r, p, keep)| Deed::Stroke(l, r, p, keep)),
        (label(), path(6)).prop_map(|(label, path)| Deed::Polygon(label, path)),
        (label(), at()).prop_map(|(label, (x, y))| Deed::Fill(label, x, y)),
        (label(), 0..4usize).prop_map(|(label, radius)| Deed::Smooth(label, radius)),
        label().prop_map(Deed::Clear),
        proptest::option::of(label()).prop_map(Deed::Accept),
        any::<bool>().prop_map(Deed::Name),
        (0..6usize).prop_map(Deed::PredictMask),
        (hand(), 0..6usize).prop_map(|(hand, shift)| Deed::PredictMaskWhile(hand, shift)),
    ];
    let curves = prop_oneof![
        (0..3usize, proptest::option::of(path(7))).prop_map(|(id, line)| Deed::Draw(id, line)),
        (0..3usize, at()).prop_map(|(id, (x, y))| Deed::Insert(id, x, y)),
        (0..3usize, 0..6usize, at(), any::<bool>())
            .prop_map(|(id, index, (x, y), keep)| Deed::Slide(id, index, x, y, keep)),
        (0..3usize).prop_map(Deed::SmoothCurve),
        (0..3usize, 0..6usize).prop_map(|(id, index)| Deed::Delete(id, index)),
        (0..3usize).prop_map(Deed::ResetCurve),
        (0..3usize, proptest::option::of(-1.0..30.0)).prop_map(|(id, radius)| Deed::Radius(id, radius)),
        (0..3usize).prop_map(Deed::MirrorCurve),
        (0..8usize, at(), any::<bool>()).prop_map(|(id, (x, y), keep)| Deed::Rim(id, x, y, keep)),
        shape.prop_map(Deed::Measure),
        (0..3u32, 0..4usize, at(), any::<bool>())
            .prop_map(|(id, index, (x, y), keep)| Deed::Remeasure(id, index, x, y, keep)),
        (0..3u32).prop_map(Deed::Forget),
    ];
    prop_oneof![4 => points, 4 => masks, 4 => curves, 1 => Just(Deed::Undo), 1 => Just(Deed::Redo)]
}

fn curve_id(index: usize) -> LandmarkId {
    LandmarkId::new([LandmarkCode::HEAD, LandmarkCode::AW, LandmarkCode::SPA][index].clone(), Side::Right)
}

fn line(path: &[(f64, f64)]) -> Vec<Point> {
    path.iter().map(|(x, y)| Point::new(*x, *y)).collect()
}

/// Refusals are answers like others: the document is then as it was, which the properties check.
fn perform(study: &mut Study, deed: Deed) {
    let ids = LandmarkId::infant();
    match deed {
        Deed::Move(id, x, y) => drop(study.move_landmark(&ids[id], Point::new(x, y))),
        Deed::Drag(id, path, keep) => {
            study.begin_move(&ids[id]).expect("may be changed");
            for at in line(&path) {
                study.preview(at);
            }
            end(study, keep);
        }
        Deed::See(id, visibility) => drop(study.set_visibility(&ids[id], visibility)),
        Deed::Reset(id) => drop(study.reset_to_prediction(&ids[id])),
        Deed::ResetAll => drop(study.reset_all()),
        Deed::Mirror(id) => drop(study.mirror(&ids[id])),
        Deed::Predict(shift) => {
            let generation = study.begin_analysis();
            assert_eq!(study.apply_prediction(prediction(shift), generation), Ok(true));
        }
        Deed::PredictMask(shift) => {
            let generation = study.begin_analysis();
            assert_eq!(study.apply_mask_prediction(mask_prediction(shift), generation), Ok(true));
        }
        Deed::PredictWhile(hand, shift) => while_busy(study, hand, |study| {
            let generation = study.begin_analysis();
            study.apply_prediction(prediction(shift), generation).expect("applied");
        }),
        Deed::PredictMaskWhile(hand, shift) => while_busy(study, hand, |study| {
            let generation = study.begin_analysis();
            study.apply_mask_prediction(mask_prediction(shift), generation).expect("applied");
        }),
        Deed::Calibrate(length_mm) => {
            let line = Calibration::Line { a: Point::new(2.0, 3.0), b: Point::new(52.0, 3.0), length_mm };
            assert_eq!(study.calibrate(line).is_ok(), length_mm > 0.0);
        }
        Deed::Uncalibrate => drop(study.uncalibrate()),
        Deed::Age(age_months) => drop(study.set_subject(Subject { age_months, ..Subject::default() })),
        Deed::Against(line) => drop(study.set_reference(ReferenceLine::ALL.get(line).copied())),
        Deed::Stroke(label, radius, path, keep) => {
            let brush = if label == 0 { Brush::eraser(None, radius) } else { Brush::of(label, radius) };
            let started = path.first().map_or(Point::new(5.0, 5.0), |(x, y)| Point::new(*x, *y));
            if study.begin_stroke(brush, started).is_ok() {
                for at in line(&path) {
                    study.preview(at);
                }
                end(study, keep);
            }
        }
        Deed::Polygon(label, path) => {
            drop(study.fill_polygon(&line(&path), Paint { label, over: Over::Anything }));
        }
        Deed::Fill(label, x, y) => drop(study.flood_fill(Point::new(x, y), label)),
        Deed::Smooth(label, radius) => drop(study.smooth_mask(label, radius)),
        Deed::Clear(label) => drop(study.clear_label(label)),
        Deed::Accept(label) => drop(study.accept_predicted_mask(label)),
        Deed::Name(more) => {
            let mut structures = Structure::hip();
            if more {
                structures.push(Structure { value: 9, name: "sacrum".into() });
            }
            drop(study.set_structures(structures));
        }
        Deed::Draw(id, path) => drop(study.draw_curve(&curve_id(id), path.map(|path| line(&path)))),
        Deed::Insert(id, x, y) => drop(study.insert_vertex(&curve_id(id), Point::new(x, y))),
        Deed::Slide(id, index, x, y, keep) => {
            if study.begin_slide(&curve_id(id), index, 20.0).is_ok() {
                study.preview(Point::new(x, y));
                end(study, keep);
            }
        }
        Deed::SmoothCurve(id) => drop(study.smooth_curve(&curve_id(id), 2)),
        Deed::Delete(id, index) => drop(study.delete_vertex(&curve_id(id), index)),
        Deed::ResetCurve(id) => drop(study.reset_curve(&curve_id(id))),
        Deed::Radius(id, radius) => drop(study.set_radius(&curve_id(id), radius)),
        Deed::MirrorCurve(id) => {
            let left = LandmarkId::new(curve_id(id).code, Side::Left);
            drop(study.mirror_curve(&left));
        }
        Deed::Rim(id, x, y, keep) => {
            drop(study.set_radius(&ids[id], Some(7.0)));
            if study.begin_radius(&ids[id]).is_ok() {
                study.preview(Point::new(x, y));
                end(study, keep);
            }
        }
        Deed::Measure(shape) => drop(study.add_free(shape)),
        Deed::Remeasure(id, index, x, y, keep) => {
            if study.begin_free(FreeId(id), index).is_ok() {
                study.preview(Point::new(x, y));
                end(study, keep);
            }
        }
        Deed::Forget(id) => drop(study.remove_free(FreeId(id))),
        Deed::Comment(words) => drop(study.set_comment(&words)),
        Deed::Undo => drop(study.undo()),
        Deed::Redo => drop(study.redo()),
    }
}

fn end(study: &mut Study, keep: bool) {
    if keep {
        study.commit().expect("may be changed");
    } else {
        study.abort();
    }
}

fn while_busy(study: &mut Study, hand: Hand, happens: impl FnOnce(&mut Study)) {
    let begun = match hand {
        Hand::Point(id) => study.begin_move(&LandmarkId::infant()[id]),
        Hand::Curve(id) => study.begin_slide(&curve_id(id), 1, 15.0),
        Hand::Stroke(label) => study.begin_stroke(Brush::of(label, 4.0), Point::new(20.0, 20.0)),
        Hand::Free(id) => study.begin_free(FreeId(id), 0),
        Hand::Rim(id) => study.begin_radius(&LandmarkId::infant()[id]),
    };
    if begun.is_ok() {
        study.preview(Point::new(33.0, 33.0));
        happens(study);
        study.preview(Point::new(34.0, 34.0));
        study.commit().expect("may be changed");
    }
}

/// The states that undo passes through, the newest first; ends at the document before the first step.
fn undone(study: &mut Study) -> Vec<Annotations> {
    let mut states = vec![study.annotations().clone()];
    while study.undo().expect("may be changed") {
        states.push(study.annotations().clone());
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Undone to the first step the document is that of before, and done again each state is that of before.
    #[test]
    fn any_sequence_undone_is_the_identical_document(deeds in proptest::collection::vec(deed(), 0..24)) {
        let mut study = study();
        let mut journal = Vec::new();
        let blank = study.annotations().clone();
        for deed in deeds {
            let before = study.annotations().clone();
            perform(&mut study, deed);
            prop_assert!(!study.is_busy());
            let steps = study.take_steps();
            // What the journal was not told did not happen.
            prop_assert!(!steps.is_empty() || study.annotations() == &before);
            journal.extend(steps);
            if let Some(mask) = &study.annotations().mask {
                let counted = study.annotations().mask_prediction.as_ref().map(|p| Agreement::of(mask, &p.mask));
                prop_assert_eq!(study.agreement().cloned(), counted.flatten(), "counted as painted");
            }
        }
        let (last, assessment) = (study.annotations().clone(), study.assessment().clone());

        let states = undone(&mut study);
        prop_assert_eq!(states.last(), Some(&blank));
        for state in states.iter().rev().skip(1) {
            prop_assert!(study.redo().expect("may be changed"));
            prop_assert_eq!(study.annotations(), state);
        }
        prop_assert_eq!(study.annotations(), &last);
        prop_assert_eq!(study.assessment(), &assessment);

        // The journal, through its file, gives the same document and the same history.
        let mut other = self::study();
        for step in journal {
            let text = serde_json::to_string(&step).expect("written");
            other.replay(serde_json::from_str(&text).expect("read"));
        }
        other.refresh();
        prop_assert_eq!(other.annotations(), &last);
        prop_assert_eq!(other.assessment(), &assessment);
        prop_assert_eq!(undone(&mut other), states);

        // And so does the file of the study.
        let bytes = SavedStudy::of(&study).to_json().expect("written");
        let mut reopened = self::study();
        reopened.restore(SavedStudy::from_json(&bytes).expect("read")).expect("the same film");
        prop_assert_eq!(reopened.annotations(), study.annotations());
        prop_assert_eq!(reopened.assessment(), study.assessment());
    }
}

#[test]
fn a_stale_result_is_dropped() {
    let mut study = study();
    let first = study.begin_analysis();
    let second = study.begin_analysis();
    assert_eq!(study.apply_prediction(prediction(0.0), first), Ok(false));
    assert!(study.annotations().prediction.is_none());
    assert_eq!(study.apply_prediction(prediction(0.0), second), Ok(true));
    study.cancel_analysis();
    assert_eq!(study.apply_prediction(prediction(1.0), second), Ok(false));
}

#[test]
fn a_prediction_leaves_the_points_of_a_person() {
    let mut study = study();
    let [trc, sma, ..] = LandmarkId::infant();
    study.move_landmark(&trc, Point::new(1.0, 2.0)).expect("may be changed");
    let generation = study.begin_analysis();
    study.apply_prediction(prediction(0.0), generation).expect("may be changed");
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
    study.move_landmark(trc, Point::new(-5.0, 500.0)).expect("may be changed");
    assert_eq!(study.annotations().landmarks.get(trc).unwrap().position(), Some(Point::new(0.0, 63.0)));
    study.begin_move(trc).expect("may be changed");
    study.preview(Point::new(10.0, 10.0));
    assert_eq!(study.undo(), Ok(true));
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
    let mut annotations = Annotations::default();
    annotations.set_drawn(annotations.with_prediction(with(0.0)));
    annotations.landmarks.polylines.insert(wall.clone(), line(3.0));
    let again = annotations.with_prediction(with(2.0));
    let lines = &again.landmarks.polylines;
    assert_eq!(lines.get(&wall), Some(&line(3.0)), "drawn by hand");
    assert_eq!(lines.get(&head), Some(&line(12.0)), "the network's own is replaced");
    // One that a person bent is a person's.
    annotations.landmarks.polylines.insert(head.clone(), line(11.0));
    let bent = annotations.with_prediction(with(2.0));
    assert_eq!(bent.landmarks.polylines.get(&head), Some(&line(11.0)));
    annotations.set_drawn(bent);
    assert_eq!(
        annotations.all_reset().landmarks.polylines.get(&head),
        Some(&line(12.0)),
        "until all is reset"
    );
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
