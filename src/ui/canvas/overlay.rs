//! Lines, arcs and labels of the construction, drawn with a dark halo so that they can be told from bone.

use super::camera::Projection;
use super::labels::{Labels, Obstacles, Wish};
use crate::measure::construction::{Primitive, Role, Shape};
use crate::measure::{Point, ReferenceLine, Side};
use crate::study::Study;
use crate::ui::intent::Row;
use crate::ui::theme::{self, film as colours, size};
use egui::{Color32, Painter, Pos2, Stroke};

/// Opacity of what is not meant while something else is.
const DIMMED: f32 = 0.3;
const DASH: f32 = 7.0;
const GAP: f32 = 5.0;

/// How far the chosen reference line runs beyond its points, as a share of their distance.
const BEYOND: f64 = 0.25;

/// The line that was chosen in the place of the usual ones, so that a reader sees what is measured against.
pub fn reference(painter: &Painter, projection: &Projection, study: &Study) {
    let chosen = study.settings().reference.filter(|line| *line != ReferenceLine::Hilgenreiner);
    let Some(line_of) = chosen else { return };
    let ends = match line_of.landmark() {
        Some(code) => {
            let landmarks = &study.annotations().landmarks;
            let of = |side| landmarks.position(code.clone(), side);
            let (Some(a), Some(b)) = (of(Side::Right), of(Side::Left)) else { return };
            let beyond = (b - a) * BEYOND;
            [a + -beyond, b + beyond]
        }
        None => {
            let source = study.source();
            let middle = 0.5 * source.rows as f64;
            [Point::new(0.0, middle), Point::new(source.columns as f64 - 1.0, middle)]
        }
    };
    let ends = ends.map(|point| projection.to_screen(point)).to_vec();
    line(painter, ends, true, size::LINE, colours::HILGENREINER, colours::HALO);
}

/// `points` are the landmarks on the screen, which labels keep off; `figure` is the geometry of `highlight`, which
/// stands bright over the rest, whether or not the film shows it anyway.
pub fn paint(
    painter: &Painter,
    projection: &Projection,
    construction: &[Primitive],
    points: Vec<Pos2>,
    highlight: Option<Row>,
    figure: &[Primitive],
) {
    let obstacles = Obstacles::new(projection, construction, points);
    let mut labels = Labels::new(painter, projection.viewport, obstacles);
    let meant = |primitive: &Primitive| {
        highlight.is_some_and(|(code, side)| primitive.measurement == Some(code) && primitive.side == side)
    };
    let is_label = |primitive: &Primitive| matches!(primitive.shape, Shape::Label { .. });
    // A number without lines of its own (a missing nucleus) dims nothing.
    let some_meant = !figure.is_empty() || construction.iter().any(meant);
    // Labels come from the construction alone, which has those that the assessment stands by.
    for primitive in construction {
        let bright = meant(primitive);
        let opacity = if some_meant && !bright { DIMMED } else { 1.0 };
        let width = if bright { size::LINE_BRIGHT } else { size::LINE };
        draw(painter, projection, primitive, width, opacity, &mut labels);
    }
    for primitive in figure.iter().filter(|primitive| !is_label(primitive)) {
        // A line that serves several is what the number is read against.
        let width = if primitive.measurement.is_some() { size::LINE_BRIGHT } else { size::LINE };
        draw(painter, projection, primitive, width, 1.0, &mut labels);
    }
}

fn draw(
    painter: &Painter,
    projection: &Projection,
    primitive: &Primitive,
    width: f32,
    opacity: f32,
    labels: &mut Labels,
) {
    let colour = theme::role_colour(painter.ctx(), primitive.role).gamma_multiply(opacity);
    let halo = colours::HALO.gamma_multiply(opacity);
    match &primitive.shape {
        Shape::Line { a, b } => {
            let ends = vec![projection.to_screen(*a), projection.to_screen(*b)];
            line(painter, ends, primitive.role == Role::DLine, width, colour, halo);
        }
        Shape::Arc { points, .. } => {
            let points = points.iter().map(|point| projection.to_screen(*point)).collect();
            line(painter, points, false, width, colour, halo);
        }
        Shape::Label { anchor, text, .. } => {
            // Angles over the joint, the grade under it, so that their leaders do not cross.
            let wish = if primitive.role == Role::DLine { Wish::Below } else { Wish::Above };
            labels.draw(projection.to_screen(*anchor), wish, text, colour, halo);
        }
    }
}

fn line(painter: &Painter, points: Vec<Pos2>, dashed: bool, width: f32, colour: Color32, halo: Color32) {
    painter.line(points.clone(), Stroke::new(width + size::HALO, halo));
    if dashed {
        painter.extend(egui::Shape::dashed_line(&points, Stroke::new(width, colour), DASH, GAP));
    } else {
        painter.line(points, Stroke::new(width, colour));
    }
}
