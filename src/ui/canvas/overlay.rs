//! Lines, arcs and labels of the construction, drawn with a dark halo so that they can be told from bone.

use super::Highlight;
use super::camera::Projection;
use super::labels::{Labels, Obstacles, Wish};
use crate::measure::construction::{Primitive, Role, Shape};
use crate::ui::theme::{self, film as colours, size};
use egui::{Color32, Painter, Pos2, Stroke};

/// Opacity of what is not meant while something else is.
const DIMMED: f32 = 0.3;
const DASH: f32 = 7.0;
const GAP: f32 = 5.0;

/// `points` are the landmarks on the screen, which labels keep off.
pub fn paint(
    painter: &Painter,
    projection: &Projection,
    construction: &[Primitive],
    points: Vec<Pos2>,
    highlight: Option<Highlight>,
) {
    let obstacles = Obstacles::new(projection, construction, points);
    let mut labels = Labels::new(painter, projection.viewport, obstacles);
    let meant = |primitive: &Primitive| {
        highlight
            .is_some_and(|(code, side)| primitive.measurement == Some(code) && primitive.side == Some(side))
    };
    // A number without lines of its own (a length, a missing nucleus) dims nothing.
    let some_meant = construction.iter().any(meant);
    for primitive in construction {
        let bright = meant(primitive);
        let serves_all = primitive.measurement.is_none();
        let opacity = if some_meant && !bright && !serves_all { DIMMED } else { 1.0 };
        let width = if bright { size::LINE_BRIGHT } else { size::LINE };
        draw(painter, projection, primitive, width, opacity, &mut labels);
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
    let colour = theme::role_colour(primitive.role).gamma_multiply(opacity);
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
