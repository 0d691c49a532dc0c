//! Properties of the document: whatever was done can be undone and done again, exactly.

use super::{Annotations, Prediction, Study};
use crate::imaging::{Identity, ModalityTransform, Presentation, Radiograph, VoiFunction};
use crate::measure::norms::embedded;
use crate::measure::{Landmark, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, Spacing};
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
