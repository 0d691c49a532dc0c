//! The geometry of one measurement: what the window brightens under the pointer and the handbook shows.

use super::pen::{Pen, Stroke};
use super::{Primitive, Shape, clip, construct};
use crate::measure::anatomy::Hip;
use crate::measure::catalogue;
use crate::measure::definition::{Draw, Reference};
use crate::measure::frame::HipFrame;
use crate::measure::landmark::{LandmarkSet, Side};
use crate::measure::measurement::ReferenceLine;
use crate::measure::metric::MetricLandmarks;
use crate::measure::point::Point;
use crate::measure::spacing::Spacing;

/// What `code` of `side` (`None`: of the whole pelvis) reads and how, against `line` where it needs one, clipped to an
/// image of `rows` × `columns`. Nothing where points are missing or the code draws nothing.
pub fn figure(
    landmarks: &LandmarkSet,
    spacing: &Spacing,
    (rows, columns): (usize, usize),
    line: Option<ReferenceLine>,
    (code, side): (&str, Option<Side>),
) -> Vec<Primitive> {
    let (code, draw, reference) = match (catalogue::definition(code), catalogue::rule(code)) {
        (Some(definition), _) => (definition.code, definition.draw, definition.reference),
        (None, Some(rule)) => (rule.code, rule.draw, Reference::Hilgenreiner),
        (None, None) => return Vec::new(),
    };
    if matches!(draw, Draw::WithTheFilm) {
        let belongs =
            |p: &Primitive| p.measurement.is_none_or(|of| of == code) && (p.side.is_none() || p.side == side);
        return construct(landmarks, spacing, rows, columns).into_iter().filter(belongs).collect();
    }
    let points = MetricLandmarks::new(landmarks, spacing);
    let line = line.unwrap_or(match reference {
        Reference::Hilgenreiner | Reference::Paediatric => ReferenceLine::Hilgenreiner,
        Reference::Adult => ReferenceLine::Teardrop,
        Reference::None | Reference::Image => ReferenceLine::Image,
    });
    let Ok(frame) = HipFrame::along(&points, line, None) else { return Vec::new() };
    let mut pen = Pen::new(&frame);
    let hip = Hip { points: &points, frame: &frame, side: side.unwrap_or(Side::Right) };
    // What is missing is not drawn; why it is missing is said beside the value.
    let drawn = match draw {
        Draw::Hip(draw) => draw(&hip, &mut pen),
        Draw::Pelvis(draw) => draw(&hip.pelvis(), &mut pen),
        Draw::Nothing | Draw::WithTheFilm => Ok(()),
    };
    if drawn.is_err() {
        return Vec::new();
    }
    let pixel = |point: Point| spacing.to_pixel(point);
    let shapes = pen.strokes.into_iter().filter_map(|stroke| match stroke {
        Stroke::Line { role, a, b } => {
            clip(pixel(a), pixel(b), rows, columns).map(|(a, b)| (role, Shape::Line { a, b }))
        }
        Stroke::Curve { role, center, points } => {
            let inside = |p: &Point| {
                (-0.5..=columns as f64 - 0.5).contains(&p.x) && (-0.5..=rows as f64 - 0.5).contains(&p.y)
            };
            let points: Vec<Point> = points.into_iter().map(pixel).filter(inside).collect();
            (points.len() > 1).then(|| (role, Shape::Arc { center: pixel(center), points }))
        }
    });
    shapes.map(|(role, shape)| Primitive { role, side, shape, measurement: Some(code) }).collect()
}
