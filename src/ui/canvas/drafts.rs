//! What tools draw on the film: calibration lines and spheres, rectangles to be blacked out, likely text.

use super::camera::Projection;
use super::{Canvas, Draft, Tool, curves, figures, plate};
use crate::imaging::{Rectangle, Sphere};
use crate::measure::Point;
use crate::study::{Calibration, Study};
use crate::ui::films::Film;
use crate::ui::theme::{film as colours, size};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, vec2};

/// The calibrations that were taken: what stands for the millimetres can be seen.
pub fn calibrations(painter: &Painter, projection: &Projection, study: &Study) {
    let in_force = study.settings().calibration();
    for calibration in &study.settings().calibrations {
        let colour = if in_force == Some(calibration) { colours::CALIBRATION } else { colours::DIM };
        match calibration {
            Calibration::Line { a, b, length_mm } => {
                line(painter, projection, (*a, *b), colour);
                let at = projection.to_screen(*b) + vec2(10.0, 0.0);
                words(painter, at, &format!("{length_mm:.1} mm"), colour);
            }
            Calibration::Sphere { sphere: found, diameter_mm } => {
                sphere(painter, projection, found, colour, false);
                words(painter, beside(projection, found), &format!("Ø {diameter_mm:.1} mm"), colour);
            }
            Calibration::Magnification { .. } => {}
        }
    }
}

/// The figure, polygon or curve that is being made, to where the cursor is.
pub fn figure(ui: &Ui, painter: &Painter, projection: &Projection, study: &Study, canvas: &Canvas) {
    let clicks = canvas.draft.figure.as_slice();
    let Some(cursor) = ui.input(|input| input.pointer.latest_pos()).filter(|_| !clicks.is_empty()) else {
        return;
    };
    match canvas.tool {
        Tool::Figure(kind) => {
            figures::paint_draft(painter, projection, (kind, clicks), cursor, &study.spacing())
        }
        Tool::Polygon | Tool::Curve => {
            curves::paint_draft(painter, projection, clicks, cursor, canvas.tool == Tool::Polygon)
        }
        _ => {}
    }
}

/// What is being drawn.
pub fn paint(painter: &Painter, projection: &Projection, film: &Film, draft: &Draft, tool: Tool) {
    if let Some(ends) = draft.line {
        line(painter, projection, ends, colours::SELECTED);
    }
    if let Some(found) = &draft.sphere {
        sphere(painter, projection, found, colours::SELECTED, true);
    }
    if tool != Tool::Black {
        return;
    }
    for text in film.stack.text() {
        let rect = on_screen(projection, text).expand(2.0);
        let corners =
            [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.5, colours::ALERT), 5.0, 4.0));
    }
    for black in &film.black {
        let rect = on_screen(projection, black);
        painter.rect_filled(rect, 0.0, Color32::BLACK);
        painter.rect_stroke(rect, 0.0, Stroke::new(1.0, colours::ALERT), StrokeKind::Inside);
    }
    if let Some((a, b)) = draft.rectangle {
        let rect = Rect::from_two_pos(projection.to_screen(a), projection.to_screen(b));
        painter.rect_filled(rect, 0.0, Color32::from_black_alpha(160));
        painter.rect_stroke(rect, 0.0, Stroke::new(1.5, colours::SELECTED), StrokeKind::Inside);
    }
}

/// Pixels reach half beyond their centres.
fn on_screen(projection: &Projection, part: &Rectangle) -> Rect {
    let corner = |x: usize, y: usize| projection.to_screen(Point::new(x as f64 - 0.5, y as f64 - 0.5));
    Rect::from_min_max(corner(part.x, part.y), corner(part.x + part.width, part.y + part.height))
}

fn line(painter: &Painter, projection: &Projection, (a, b): (Point, Point), colour: Color32) {
    let (a, b) = (projection.to_screen(a), projection.to_screen(b));
    let across = (b - a).normalized().rot90() * 7.0;
    for stroke in [Stroke::new(size::LINE + size::HALO, colours::HALO), Stroke::new(size::LINE, colour)] {
        painter.line_segment([a, b], stroke);
        for end in [a, b] {
            painter.line_segment([end - across, end + across], stroke);
        }
    }
}

/// The circle, its centre, and (`fitted`) the points of the edge that it goes through.
fn sphere(painter: &Painter, projection: &Projection, found: &Sphere, colour: Color32, fitted: bool) {
    let middle = projection.to_screen(found.center);
    // The radius is in columns, and the circle is one on the screen, whatever the shape of a pixel.
    let radius = projection.to_screen_vector(found.radius, 0.0).x;
    for stroke in [Stroke::new(size::LINE + size::HALO, colours::HALO), Stroke::new(size::LINE, colour)] {
        painter.circle_stroke(middle, radius, stroke);
        for way in [vec2(4.0, 0.0), vec2(0.0, 4.0)] {
            painter.line_segment([middle - way, middle + way], stroke);
        }
    }
    if fitted {
        for point in &found.edge {
            painter.circle_filled(projection.to_screen(*point), 1.2, colours::PERKIN);
        }
    }
}

fn beside(projection: &Projection, found: &Sphere) -> Pos2 {
    projection.to_screen(found.center) + vec2(projection.to_screen_vector(found.radius, 0.0).x + 10.0, 0.0)
}

fn words(painter: &Painter, at: Pos2, text: &str, colour: Color32) {
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(size::SMALL), colour);
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size());
    plate(painter, rect);
    painter.galley(rect.min, galley, colour);
}
