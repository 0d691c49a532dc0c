//! What a person, or a worker, may do to a study, drawn by lot.

use super::super::mask::{Brush, Over, Paint};
use super::super::{Calibration, FreeId, FreeShape, Study, Visibility};
use super::{mask_prediction, prediction};
use crate::measure::{LandmarkCode, LandmarkId, Point, ReferenceLine, Side, Structure, Subject};
use proptest::prelude::*;

/// What a person, or a worker, may do to a study: everything that is a command.
#[derive(Debug, Clone)]
pub(super) enum Deed {
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
    ForgetAll,
    Comment(String),
    /// A report of the film that lacks a point.
    Reopen(usize),
    /// A version that lacks a point.
    Restore(usize),
    Undo,
    Redo,
}

/// A gesture under way when something else comes in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hand {
    Point(usize),
    Curve(usize),
    Stroke(u8),
    Free(u32),
    Rim(usize),
}

pub(super) fn deed() -> impl Strategy<Value = Deed> {
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
        (0..8usize).prop_map(Deed::Reopen),
        (0..8usize).prop_map(Deed::Restore),
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
        Just(Deed::ForgetAll),
    ];
    prop_oneof![4 => points, 4 => masks, 4 => curves, 1 => Just(Deed::Undo), 1 => Just(Deed::Redo)]
}

fn curve_id(index: usize) -> LandmarkId {
    LandmarkId::new([LandmarkCode::HEAD, LandmarkCode::AW, LandmarkCode::SPA][index].clone(), Side::Right)
}

/// A curve to work on, where there is none.
fn drawn(study: &mut Study, id: usize) {
    if study.curve(&curve_id(id)).is_none() {
        let bent = [(12.0, 40.0), (20.0, 31.0), (33.0, 44.0), (41.0, 30.0)];
        drop(study.draw_curve(&curve_id(id), Some(line(&bent))));
    }
}

fn line(path: &[(f64, f64)]) -> Vec<Point> {
    path.iter().map(|(x, y)| Point::new(*x, *y)).collect()
}

/// Refusals are answers like others: the document is then as it was, which the properties check.
pub(super) fn perform(study: &mut Study, deed: Deed) {
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
        Deed::SmoothCurve(id) => {
            drawn(study, id);
            drop(study.smooth_curve(&curve_id(id), 2));
        }
        Deed::Delete(id, index) => {
            drawn(study, id);
            drop(study.delete_vertex(&curve_id(id), index));
        }
        Deed::ResetCurve(id) => {
            drawn(study, id);
            drop(study.reset_curve(&curve_id(id)));
        }
        Deed::Radius(id, radius) => {
            let had = study.annotations().landmarks.radii_px.contains_key(&curve_id(id));
            drop(study.set_radius(&curve_id(id), radius.or(Some(9.0).filter(|_| !had))));
            drop(study.set_radius(&curve_id(id), radius));
        }
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
        Deed::ForgetAll => drop(study.clear_free()),
        Deed::Comment(words) => drop(study.set_comment(&words)),
        Deed::Reopen(id) => {
            let mut annotations = study.annotations().clone();
            annotations.landmarks.points.remove(&ids[id]);
            drop(study.reopen(annotations));
        }
        Deed::Restore(id) => {
            let mut annotations = study.annotations().clone();
            annotations.landmarks.points.remove(&ids[id]);
            drop(study.restore_version(1, annotations));
        }
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
