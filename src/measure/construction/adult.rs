//! What stands over an adult's film.

use super::{Primitive, Role, Shape, Sheet, figure};
use crate::measure::anatomy::Hip;
use crate::measure::catalogue;
use crate::measure::frame::HipFrame;
use crate::measure::landmark::{LandmarkSet, Side};
use crate::measure::measurement::{Assessment, ReferenceLine, Unit};
use crate::measure::metric::MetricLandmarks;
use crate::measure::spacing::Spacing;

/// Angles that are drawn without being asked for: those that name the hip, with their values.
const OF_ADULTS: [&str; 4] = ["LCE", "TONNIS_ANGLE", "ALPHA_3PT", "NSA"];

/// The lines of those angles that were measured, each with its value.
pub(super) fn adult(
    landmarks: &LandmarkSet,
    spacing: &Spacing,
    rows: usize,
    columns: usize,
    assessment: &Assessment,
) -> Vec<Primitive> {
    let mut sheet = Sheet { spacing, rows, columns, primitives: Vec::new(), wanted: Vec::new() };
    let points = MetricLandmarks::new(landmarks, spacing);
    let measured = OF_ADULTS.iter().filter_map(|code| catalogue::definition(code));
    for (definition, side) in measured.flat_map(|d| Side::BOTH.map(|side| (d, side))) {
        let Some(measurement) = assessment.measurement(definition.code, Some(side)) else { continue };
        let Some(value) = measurement.value else { continue };
        let line = measurement.reference_line;
        let shown = figure(landmarks, spacing, (rows, columns), line, (definition.code, Some(side)));
        let middle = shown.iter().find_map(|primitive| match &primitive.shape {
            Shape::Arc { points, .. } if primitive.role == Role::AngleArc => {
                points.get(points.len() / 2).copied()
            }
            _ => None,
        });
        let frame = HipFrame::along(&points, line.unwrap_or(ReferenceLine::Image), None);
        if let (Some(anchor), Ok(frame)) = (middle, frame) {
            let short = definition.code.split('_').next().unwrap_or(definition.code);
            let text = format!("{short} {value:.1}{}", Unit::Degree.suffix());
            let hip = Hip { points: &points, frame: &frame, side };
            sheet.label(Role::AngleArc, &hip, spacing.to_metric(anchor), text, definition.code);
        }
        sheet.primitives.extend(shown);
    }
    // Both hips and several angles share the reference line and the neck's axis.
    let mut once: Vec<Primitive> = Vec::with_capacity(sheet.primitives.len());
    for primitive in std::mem::take(&mut sheet.primitives) {
        let same = |other: &Primitive| other.role == primitive.role && other.shape == primitive.shape;
        if primitive.role != Role::Reference || !once.iter().any(same) {
            once.push(primitive);
        }
    }
    sheet.primitives = once;
    sheet.labels(landmarks)
}
