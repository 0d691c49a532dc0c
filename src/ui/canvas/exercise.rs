//! A trainee's points on the film, and beside them those of the reference once they are compared.

use super::camera::Projection;
use super::{plate, points};
use crate::measure::Landmark;
use crate::ui::theme::{film as colours, size};
use crate::ui::trainee::Trainee;
use egui::{Align2, FontId, Painter, Stroke, vec2};

pub fn paint(painter: &Painter, projection: &Projection, trainee: &Trainee) {
    for (id, point) in trainee.placed() {
        let at = projection.to_screen(point);
        let reference = trainee.outcome.as_ref().and_then(|outcome| outcome.reference.get(id));
        if let Some(there) = reference.and_then(Landmark::position) {
            let there = projection.to_screen(there);
            painter.line_segment([at, there], Stroke::new(size::LINE, colours::ALERT));
            for (width, colour) in [(size::LINE + size::HALO, colours::HALO), (size::LINE, colours::POINT)] {
                painter.circle_stroke(there, size::POINT, Stroke::new(width, colour));
            }
        }
        for (width, colour) in [(size::LINE + size::HALO, colours::HALO), (size::LINE, colours::SELECTED)] {
            painter.circle_stroke(at, size::POINT, Stroke::new(width, colour));
        }
        painter.circle_filled(at, 2.5, colours::SELECTED);
        let words = points::name(id);
        let galley = painter.layout_no_wrap(words, FontId::proportional(size::SMALL), colours::SELECTED);
        let corner = at + vec2(size::POINT + 6.0, size::POINT);
        let rect = Align2::LEFT_TOP.anchor_size(corner, galley.size());
        plate(painter, rect);
        painter.galley(rect.min, galley, colours::SELECTED);
    }
}
