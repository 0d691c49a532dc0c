//! A presentation state of another program, or of ours, laid over the film: for the eye alone, nothing is measured by it.

use super::camera::Projection;
use super::plate;
use crate::export::dicom::gsps::{Drawn, PresentationState};
use crate::measure::Point;
use crate::ui::theme::{film as colours, size};
use egui::{Align2, Color32, FontId, Painter, Pos2, Shape, Stroke};

const DASH: f32 = 7.0;
const GAP: f32 = 5.0;
/// Vertices of a circle or an ellipse.
const ROUND: usize = 48;

pub fn paint(painter: &Painter, projection: &Projection, state: &PresentationState) {
    for (layer, drawn) in &state.drawn {
        let colour = state.layers.iter().find(|known| known.name == *layer).and_then(|layer| layer.colour);
        let colour = colour.map_or(colours::OUTLINE, |[r, g, b]| Color32::from_rgb(r, g, b));
        match drawn {
            Drawn::Graphic { kind, points, dashed, .. } => {
                let points: Vec<Point> = points.iter().copied().map(place).collect();
                let on_screen: Vec<Pos2> =
                    outline(kind, &points).into_iter().map(|point| projection.to_screen(point)).collect();
                line(painter, on_screen, *dashed, colour);
            }
            Drawn::Text { text, top_left, .. } => {
                let at = projection.to_screen(place(*top_left));
                let font = FontId::proportional(size::SMALL);
                let galley = painter.layout_no_wrap(text.clone(), font, colour);
                let place = Align2::LEFT_TOP.anchor_size(at, galley.size());
                plate(painter, place);
                painter.galley(place.min, galley, colour);
            }
        }
    }
}

/// A state counts from the corner of the first pixel.
fn place([x, y]: [f32; 2]) -> Point {
    Point::new(f64::from(x) - 0.5, f64::from(y) - 0.5)
}

/// The line of a graphic.
fn outline(kind: &str, points: &[Point]) -> Vec<Point> {
    match (kind, points) {
        ("CIRCLE", [center, rim]) => {
            let radius = center.distance(*rim);
            ellipse(*center, Point::new(radius, 0.0), Point::new(0.0, radius))
        }
        ("ELLIPSE", [a, b, c, d]) => {
            let center = Point::new(0.5 * (a.x + b.x), 0.5 * (a.y + b.y));
            let half = |from: &Point, to: &Point| Point::new(0.5 * (to.x - from.x), 0.5 * (to.y - from.y));
            ellipse(center, half(a, b), half(c, d))
        }
        ("POINT", [at]) => ellipse(*at, Point::new(1.0, 0.0), Point::new(0.0, 1.0)),
        _ => points.to_vec(),
    }
}

/// About `center`, `a` and `b` its half axes.
fn ellipse(center: Point, a: Point, b: Point) -> Vec<Point> {
    let at = |index: usize| {
        let (sin, cos) = (std::f64::consts::TAU * index as f64 / ROUND as f64).sin_cos();
        Point::new(center.x + cos * a.x + sin * b.x, center.y + cos * a.y + sin * b.y)
    };
    (0..=ROUND).map(at).collect()
}

fn line(painter: &Painter, points: Vec<Pos2>, dashed: bool, colour: Color32) {
    painter.line(points.clone(), Stroke::new(size::LINE + size::HALO, colours::HALO));
    if dashed {
        painter.extend(Shape::dashed_line(&points, Stroke::new(size::LINE, colour), DASH, GAP));
    } else {
        painter.line(points, Stroke::new(size::LINE, colour));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_graphics_go_round() {
        let circle = outline("CIRCLE", &[Point::new(10.0, 20.0), Point::new(13.0, 24.0)]);
        assert!(circle.iter().all(|point| (point.distance(Point::new(10.0, 20.0)) - 5.0).abs() < 1e-12));
        let ends = [(0.0, 5.0), (8.0, 5.0), (4.0, 3.0), (4.0, 7.0)].map(|(x, y)| Point::new(x, y));
        let ellipse = outline("ELLIPSE", &ends);
        let within = |point: &Point| ((point.x - 4.0) / 4.0).powi(2) + ((point.y - 5.0) / 2.0).powi(2);
        assert!(ellipse.iter().all(|point| (within(point) - 1.0).abs() < 1e-12));
        // Ends that are missing are no circle.
        assert_eq!(outline("CIRCLE", &[Point::new(1.0, 1.0)]).len(), 1);
    }
}
