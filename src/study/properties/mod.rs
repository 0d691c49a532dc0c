//! Properties of the document: whatever was done can be undone and done again, exactly.

mod analysis;
mod commands;
mod deeds;
mod spacing;

use super::mask::{Agreement, Mask};
use super::{Annotations, MaskPrediction, Prediction, SavedStudy, Study};
use crate::imaging::{Identity, ModalityTransform, Presentation, Radiograph, VoiFunction};
use crate::measure::norms::embedded;
use crate::measure::{
    LabelMap, Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, Side, Spacing,
    Structure,
};
use deeds::{deed, perform};
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
    let head = LandmarkId::new(LandmarkCode::HEAD, Side::Right);
    landmarks.polylines.insert(
        head,
        [(20.0, 9.0), (30.0, 14.0), (40.0, 11.0), (50.0, 3.0)]
            .map(|(x, y)| Point::new(x + shift, y))
            .to_vec(),
    );
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
