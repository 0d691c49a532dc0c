//! What comes in from a network: stale results are dropped, and what a person did stays.

use super::super::Annotations;
use super::{prediction, study};
use crate::measure::{Landmark, LandmarkCode, LandmarkId, Origin, Point, Side};

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
