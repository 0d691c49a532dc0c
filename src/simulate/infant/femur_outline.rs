//! The outline of the proximal femur in the 58 points of the scheme `femur58`, with its two ends and two references of
//! its pose.
//!
//! An infant's head is cartilage, which no film shows: the points of the head (F24–F42) follow the metaphyseal margin,
//! from its lateral to its medial end, as a reader of bone has to.

use super::shape::CONTROLS_OF_FEMUR;
use crate::measure::spline::{self, STEPS};
use crate::measure::{LandmarkCode, Point};

/// Number of the point (from 1) and the control of the femur's curve that it lies on; the curve runs the other way
/// round. Between two of them the points are spread evenly over the length of the curve.
const ANCHORS: [(usize, usize); 8] = [
    (1, 9 + CONTROLS_OF_FEMUR),
    (8, 8 + CONTROLS_OF_FEMUR),
    (18, 5 + CONTROLS_OF_FEMUR),
    (24, 4 + CONTROLS_OF_FEMUR),
    (42, CONTROLS_OF_FEMUR),
    (45, 20),
    (48, 19),
    (58, 16),
];

/// Every landmark of the scheme on the closed curve of a femur, made of [`CONTROLS_OF_FEMUR`] controls.
pub(super) fn landmarks(femur: &[Point]) -> Vec<(LandmarkCode, Point)> {
    let outline = points(femur);
    let (Some(&first), Some(&last)) = (outline.first(), outline.last()) else { return Vec::new() };
    // The head's ends, F24 and F42: the middle of the margin between them is the upper reference.
    let margin: Vec<Point> = outline.iter().skip(23).take(19).copied().collect();
    let numbered = outline.iter().enumerate();
    numbered
        .map(|(index, point)| (LandmarkCode::new(format!("F{:02}", index + 1)), *point))
        .chain([
            (LandmarkCode::new("SHL"), first),
            (LandmarkCode::new("SHM"), last),
            (LandmarkCode::new("REF1"), spline::at_fraction(&margin, 0.5)),
            (LandmarkCode::new("REF2"), first.midpoint(last)),
        ])
        .collect()
}

/// F01…F58 in their order.
fn points(femur: &[Point]) -> Vec<Point> {
    let mut outline = Vec::with_capacity(58);
    for pair in ANCHORS.windows(2) {
        let ((number, from), (next, to)) = (pair[0], pair[1]);
        let line: Vec<Point> =
            (to * STEPS..=from * STEPS).rev().map(|index| femur[index % femur.len()]).collect();
        let count = next - number;
        outline.extend((0..count).map(|i| spline::at_fraction(&line, i as f64 / count as f64)));
    }
    outline.extend(ANCHORS.last().map(|(_, control)| femur[control * STEPS % femur.len()]));
    outline
}
