//! What stands on the film without being of it: sides, scale bar, and what a click would do.

use super::camera::Projection;
use super::plate;
use crate::imaging::Radiograph;
use crate::measure::{Spacing, SpacingStatus};
use crate::ui::lang::tr;
use crate::ui::theme::{self, film as colours, size};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, Vec2, pos2, vec2};

const INSET: f32 = 14.0;
/// The bar is the longest of these that keeps within a quarter of the viewport, millimetres.
const BARS: [f64; 6] = [200.0, 100.0, 50.0, 20.0, 10.0, 5.0];

pub fn paint(painter: &Painter, projection: &Projection, radiograph: &Radiograph, spacing: &Spacing) {
    letters(painter, projection, radiograph);
    turned(painter, projection);
    scale_bar(painter, projection, spacing);
}

/// The ground beside the film: what the film covers is not painted twice.
pub fn ground(painter: &Painter, viewport: Rect, film: Rect) {
    // The film ends within a pixel of the screen.
    let film = film.shrink(1.0).intersect(viewport);
    if !film.is_positive() {
        painter.rect_filled(viewport, 0.0, colours::GROUND);
        return;
    }
    let corners = |left, top, right, bottom| Rect::from_min_max(pos2(left, top), pos2(right, bottom));
    for side in [
        corners(viewport.left(), viewport.top(), viewport.right(), film.top()),
        corners(viewport.left(), film.bottom(), viewport.right(), viewport.bottom()),
        corners(viewport.left(), film.top(), film.left(), film.bottom()),
        corners(film.right(), film.top(), viewport.right(), film.bottom()),
    ] {
        painter.rect_filled(side, 0.0, colours::GROUND);
    }
}

/// What a click would do, at the upper edge.
pub fn banner(painter: &Painter, projection: &Projection, words: &str) {
    // Below the letter that a film on its side has there.
    let below = if projection.turn().is_sideways() { 30.0 } else { 0.0 };
    let at = projection.viewport.center_top() + vec2(0.0, INSET + below);
    text(painter, at, Align2::CENTER_TOP, words, size::TEXT, colours::SELECTED);
}

/// Says that the film is not held as it was filed; a mirrored one must not be taken for the other hip.
fn turned(painter: &Painter, projection: &Projection) {
    let turn = projection.turn();
    let mut words = Vec::new();
    if turn.degrees() != 0 {
        words.push(tr!("canvas.turned", degrees = turn.degrees()));
    }
    if turn.is_mirrored() {
        words.push(tr!("canvas.mirrored").to_owned());
    }
    if !words.is_empty() {
        let colour = if turn.is_mirrored() { colours::ALERT } else { colours::DIM };
        let at = projection.viewport.left_top() + vec2(INSET, INSET + 30.0);
        text(painter, at, Align2::LEFT_TOP, &words.join(" · "), size::TEXT, colour);
    }
}

/// The patient's sides at the edges of the film where they are seen; in brackets where the file does not say.
fn letters(painter: &Painter, projection: &Projection, radiograph: &Radiograph) {
    let (r, l) = (tr!("canvas.right_letter"), tr!("canvas.left_letter"));
    let (left, right) = match radiograph.patient_right_on_left {
        Some(true) => (r.to_owned(), l.to_owned()),
        Some(false) => (l.to_owned(), r.to_owned()),
        None if radiograph.is_projection().is_ok() => (format!("({r})"), format!("({l})")),
        // A sagittal slice has no sides.
        None => return,
    };
    let film = projection.film().intersect(projection.viewport).shrink(INSET);
    for (letter, edge) in [(left, vec2(-1.0, 0.0)), (right, vec2(1.0, 0.0))] {
        let (at, align) = corner(film, projection.turn().to_screen(edge));
        text(painter, at, align, &letter, 18.0, colours::TEXT);
    }
}

/// Where the letter of an edge stands that is seen in that direction.
fn corner(film: Rect, edge: Vec2) -> (Pos2, Align2) {
    if edge.x < -0.5 {
        (film.left_top(), Align2::LEFT_TOP)
    } else if edge.x > 0.5 {
        (film.right_top(), Align2::RIGHT_TOP)
    } else if edge.y < 0.0 {
        (film.center_top(), Align2::CENTER_TOP)
    } else {
        (film.center_bottom(), Align2::CENTER_BOTTOM)
    }
}

/// Only where lengths mean something; a detector's millimetres are named as such.
fn scale_bar(painter: &Painter, projection: &Projection, spacing: &Spacing) {
    let suffix = match spacing.status {
        SpacingStatus::Calibrated | SpacingStatus::Corrected | SpacingStatus::Ermf => "",
        SpacingStatus::Detector => tr!("canvas.at_detector"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::canvas::turn::Turn;
    use egui::pos2;

    /// Where the patient's right stands on the screen, of a film that is filed with it on the left.
    fn right_of(turn: Turn) -> Align2 {
        corner(Rect::from_min_max(pos2(0.0, 0.0), pos2(9.0, 9.0)), turn.to_screen(vec2(-1.0, 0.0))).1
    }

    #[test]
    fn letters_go_with_the_film() {
        let upright = Turn::default();
        assert_eq!(right_of(upright), Align2::LEFT_TOP);
        assert_eq!(right_of(upright.flipped_across()), Align2::RIGHT_TOP);
        assert_eq!(right_of(upright.flipped_down()), Align2::LEFT_TOP);
        assert_eq!(right_of(upright.right()), Align2::CENTER_TOP);
        assert_eq!(right_of(upright.left()), Align2::CENTER_BOTTOM);
        assert_eq!(right_of(upright.right().right()), Align2::RIGHT_TOP);
    }
}
