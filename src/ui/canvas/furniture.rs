//! What stands on the film without being of it: sides, scale bar, and what a click would do.

use super::camera::Projection;
use super::{plate, points};
use crate::imaging::Radiograph;
use crate::measure::{LandmarkId, Spacing, SpacingStatus};
use crate::ui::theme::{self, film as colours, size};
use egui::{Align2, Color32, FontId, Painter, Pos2, Stroke, vec2};

const INSET: f32 = 14.0;
/// The bar is the longest of these that keeps within a quarter of the viewport, millimetres.
const BARS: [f64; 6] = [200.0, 100.0, 50.0, 20.0, 10.0, 5.0];

pub fn paint(
    painter: &Painter,
    projection: &Projection,
    radiograph: &Radiograph,
    spacing: &Spacing,
    unplaced: Option<&LandmarkId>,
) {
    letters(painter, projection, radiograph);
    scale_bar(painter, projection, spacing);
    if let Some(id) = unplaced {
        let at = projection.viewport.center_top() + vec2(0.0, INSET);
        let words = format!("Click to place {}: {}", points::name(id), id.code.description());
        text(painter, at, Align2::CENTER_TOP, &words, size::TEXT, colours::SELECTED);
    }
}

/// The patient's sides at the upper corners of the film; in brackets where the file does not say.
fn letters(painter: &Painter, projection: &Projection, radiograph: &Radiograph) {
    let (left, right) = match radiograph.patient_right_on_left {
        Some(true) => ("R", "L"),
        Some(false) => ("L", "R"),
        None if radiograph.is_projection().is_ok() => ("(R)", "(L)"),
        // A sagittal slice has no sides.
        None => return,
    };
    let film = projection.film().intersect(projection.viewport).shrink(INSET);
    for (letter, at, align) in
        [(left, film.left_top(), Align2::LEFT_TOP), (right, film.right_top(), Align2::RIGHT_TOP)]
    {
        text(painter, at, align, letter, 18.0, colours::TEXT);
    }
}

/// Only where lengths mean something; a detector's millimetres are named as such.
fn scale_bar(painter: &Painter, projection: &Projection, spacing: &Spacing) {
    let suffix = match spacing.status {
        SpacingStatus::Calibrated | SpacingStatus::Corrected | SpacingStatus::Ermf => "",
        SpacingStatus::Detector => " at the detector",
        SpacingStatus::UnknownCalibration | SpacingStatus::AssumedIsotropic => return,
    };
    let length = |mm: f64| projection.to_screen_vector(mm / spacing.column, 0.0).x;
    let limit = 0.25 * projection.viewport.width();
    let Some(mm) = BARS.into_iter().find(|mm| length(*mm) <= limit) else { return };
    let from = projection.viewport.left_bottom() + vec2(INSET, -INSET);
    let to = from + vec2(length(mm), 0.0);
    for stroke in [Stroke::new(2.0 + size::HALO, colours::HALO), Stroke::new(2.0, colours::TEXT)] {
        painter.line_segment([from, to], stroke);
        for end in [from, to] {
            painter.line_segment([end - vec2(0.0, 4.0), end + vec2(0.0, 4.0)], stroke);
        }
    }
    let words = format!("{mm} mm{suffix}");
    text(painter, from - vec2(-4.0, 8.0), Align2::LEFT_BOTTOM, &words, size::SMALL, colours::TEXT);
}

fn text(painter: &Painter, at: Pos2, align: Align2, words: &str, points: f32, colour: Color32) {
    let font = FontId::new(points, theme::bold_family());
    let galley = painter.layout_no_wrap(words.to_owned(), font, colour);
    let rect = align.anchor_size(at, galley.size());
    plate(painter, rect);
    painter.galley(rect.min, galley, colour);
}
