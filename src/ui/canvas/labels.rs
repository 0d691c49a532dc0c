//! Where labels stand on the screen: lateral of the hip at any zoom, off lines, points and each other.
//!
//! The construction places labels in the image, for paper; on the screen text keeps its size while the film is zoomed,
//! and the margin beside the film is free too, so the places are found anew.

use super::camera::Projection;
use crate::measure::construction::{Primitive, Shape};
use crate::ui::theme::{self, film as colours, size};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Stroke, pos2, vec2};
use std::sync::Arc;

/// From the outermost point of the hip to its labels.
const BEYOND: f32 = 34.0;
/// Steps up and down in search of a free place, and how many of them.
const STEP: f32 = 7.0;
const STEPS: i32 = 40;
/// Free room around labels and points; lines may come nearer, since wedges between them are narrow.
const MARGIN: f32 = 5.0;
const MARGIN_LINE: f32 = 2.0;

/// Where a label would rather stand, seen from its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Above,
    Below,
}

/// What labels keep off, in screen points.
pub struct Obstacles {
    points: Vec<Pos2>,
    lines: Vec<[Pos2; 2]>,
}

impl Obstacles {
    pub fn new(projection: &Projection, construction: &[Primitive], points: Vec<Pos2>) -> Self {
        let line = |primitive: &Primitive| match primitive.shape {
            Shape::Line { a, b } => Some([projection.to_screen(a), projection.to_screen(b)]),
            _ => None,
        };
        Self { points, lines: construction.iter().filter_map(line).collect() }
    }

    fn free(&self, rect: Rect) -> bool {
        let room = rect.expand(MARGIN);
        let near = |point: &Pos2| room.distance_to_pos(*point) < size::POINT_HIT;
        !self.points.iter().any(near)
            && !self.lines.iter().any(|line| crosses(rect.expand(MARGIN_LINE), *line))
    }

    /// The screen's x that parts the hips, and the outermost point on the side of `x`.
    fn outermost(&self, x: f32) -> (f32, f32) {
        let xs = || self.points.iter().map(|point| point.x);
        let middle = 0.5 * (xs().fold(f32::MAX, f32::min) + xs().fold(f32::MIN, f32::max));
        let lateral = if x < middle { -1.0 } else { 1.0 };
        (lateral, xs().map(|x| x * lateral).fold(f32::MIN, f32::max) * lateral)
    }
}

/// Places a label of `extent` for `anchor`; `None` where the anchor is out of sight.
fn place(
    extent: egui::Vec2,
    anchor: Pos2,
    wish: Wish,
    viewport: Rect,
    obstacles: &Obstacles,
    taken: &[Rect],
) -> Option<Rect> {
    let room = viewport.shrink(MARGIN);
    if !room.contains(anchor) {
        return None;
    }
    let (lateral, outermost) = obstacles.outermost(anchor.x);
    let center = outermost + lateral * (BEYOND + 0.5 * extent.x);
    let half = 0.5 * extent;
    let x = center.clamp(room.left() + half.x, (room.right() - half.x).max(room.left() + half.x));
    let at = |step: i32| {
        let y = anchor.y + step as f32 * STEP;
        Rect::from_center_size(pos2(x, y.clamp(room.top() + half.y, room.bottom() - half.y)), extent)
    };
    let apart = |rect: &Rect| taken.iter().all(|other| !other.expand(MARGIN).intersects(*rect));
    // Two thirds of a way against the wish cost as much as the whole way with it.
    let cost = |step: i32| if (step > 0) == (wish == Wish::Below) { 2 * step.abs() } else { 3 * step.abs() };
    let mut steps: Vec<i32> = (-STEPS..=STEPS).collect();
    steps.sort_by_key(|step| cost(*step));
    let nearest = || steps.iter().map(|step| at(*step)).filter(apart);
    nearest().find(|rect| obstacles.free(*rect)).or_else(|| nearest().next())
}

/// Whether the line passes through the box (separating axes).
fn crosses(rect: Rect, [a, b]: [Pos2; 2]) -> bool {
    let (start, way, half) = (a - rect.center(), b - a, 0.5 * rect.size());
    let apart =
        |from: f32, step: f32, half: f32| from.min(from + step) > half || from.max(from + step) < -half;
    let across = (start.x * way.y - start.y * way.x).abs();
    !(apart(start.x, way.x, half.x)
        || apart(start.y, way.y, half.y)
        || across > half.x * way.y.abs() + half.y * way.x.abs())
}

/// Draws labels one after the other, each off those before.
pub struct Labels<'a> {
    painter: &'a Painter,
    viewport: Rect,
    obstacles: Obstacles,
    taken: Vec<Rect>,
}

impl<'a> Labels<'a> {
    pub fn new(painter: &'a Painter, viewport: Rect, obstacles: Obstacles) -> Self {
        Self { painter, viewport, obstacles, taken: Vec::new() }
    }

    pub fn draw(&mut self, anchor: Pos2, wish: Wish, text: &str, colour: Color32, halo: Color32) {
        let font = FontId::new(size::TEXT, theme::bold_family());
        let galley: Arc<Galley> = self.painter.layout_no_wrap(text.to_owned(), font, colour);
        let Some(rect) = place(galley.size(), anchor, wish, self.viewport, &self.obstacles, &self.taken)
        else {
            return;
        };
        self.taken.push(rect);
        let plate = rect.expand2(vec2(4.0, 1.0));
        let edge =
            pos2(anchor.x.clamp(plate.left(), plate.right()), anchor.y.clamp(plate.top(), plate.bottom()));
        self.painter.line_segment([edge, anchor], Stroke::new(1.0 + 0.5 * size::HALO, halo));
        self.painter.line_segment([edge, anchor], Stroke::new(1.0, colour.gamma_multiply(0.7)));
        self.painter.rect_filled(plate, 3.0, colours::PLATE.gamma_multiply(f32::from(halo.a()) / 153.0));
        self.painter.galley(Align2::LEFT_TOP.anchor_size(rect.min, rect.size()).min, galley, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obstacles() -> Obstacles {
        let points = vec![pos2(300.0, 400.0), pos2(400.0, 420.0), pos2(700.0, 420.0), pos2(800.0, 400.0)];
        let lines = vec![[pos2(250.0, 425.0), pos2(850.0, 415.0)], [pos2(800.0, 420.0), pos2(900.0, 520.0)]];
        Obstacles { points, lines }
    }

    const VIEWPORT: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1100.0, 800.0) };

    #[test]
    fn labels_stand_lateral_of_the_hip_and_apart() {
        let obstacles = obstacles();
        let mut taken = Vec::new();
        for anchor in [pos2(750.0, 410.0), pos2(790.0, 440.0), pos2(350.0, 410.0), pos2(310.0, 440.0)] {
            let rect = place(vec2(70.0, 18.0), anchor, Wish::Above, VIEWPORT, &obstacles, &taken).unwrap();
            if anchor.x > 500.0 {
                assert!(rect.left() > 800.0, "{rect:?}");
            } else {
                assert!(rect.right() < 300.0, "{rect:?}");
            }
            assert!(obstacles.free(rect));
            assert!(taken.iter().all(|other: &Rect| !other.intersects(rect)));
            taken.push(rect);
        }
    }

    #[test]
    fn labels_stay_in_sight_and_go_with_their_anchor() {
        let obstacles = obstacles();
        let narrow = Rect::from_min_max(pos2(0.0, 0.0), pos2(830.0, 800.0));
        let rect = place(vec2(70.0, 18.0), pos2(750.0, 410.0), Wish::Below, narrow, &obstacles, &[]).unwrap();
        assert!(narrow.contains_rect(rect));
        assert!(place(vec2(70.0, 18.0), pos2(900.0, 410.0), Wish::Below, narrow, &obstacles, &[]).is_none());
    }

    #[test]
    fn a_line_crosses_only_the_boxes_on_its_way() {
        let rect = Rect::from_center_size(pos2(10.0, 10.0), vec2(10.0, 4.0));
        assert!(crosses(rect, [pos2(0.0, 0.0), pos2(20.0, 20.0)]));
        assert!(!crosses(rect, [pos2(0.0, 13.0), pos2(20.0, 13.0)]));
        assert!(!crosses(rect, [pos2(0.0, 10.0), pos2(4.0, 10.0)]));
        assert!(!crosses(rect, [pos2(14.0, 4.0), pos2(24.0, 14.0)]));
    }
}
