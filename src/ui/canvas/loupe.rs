//! A part of the film four times larger, native pixels, with a crosshair: about a point while it is dragged, with its live
//! angle; about the cursor while the magnifier is on.

use super::camera::Projection;
use super::picture::Picture;
use super::{plate, points};
use crate::measure::{LandmarkId, Point};
use crate::study::Study;
use crate::ui::theme::{self, film as colours, size};
use egui::{
    Align2, Color32, ColorImage, FontId, Rect, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui,
};
use egui::{Vec2, pos2, vec2};

/// Screen points a pixel.
const MAGNIFICATION: f32 = 4.0;
/// Side of the loupe, screen points.
const SIDE: f32 = 208.0;
/// Pixels to each side of the centre; one more than is seen, for the fraction.
const REACH: i64 = (SIDE / MAGNIFICATION / 2.0) as i64 + 1;
const MARGIN: f32 = 14.0;

#[derive(Default)]
pub struct Loupe {
    texture: Option<TextureHandle>,
}

impl Loupe {
    pub fn paint(&mut self, ui: &Ui, projection: &Projection, picture: &Picture, point: Point, words: &str) {
        let frame = place(projection, point);
        let painter = ui.painter_at(projection.viewport);
        painter.rect_filled(frame, 0.0, colours::GROUND);

        let (column, row) = (point.x.round() as i64, point.y.round() as i64);
        let side = (2 * REACH + 1) as usize;
        // Held as the film is.
        let turn = projection.turn();
        let pixels = (-REACH..=REACH)
            .flat_map(|down| (-REACH..=REACH).map(move |across| vec2(across as f32, down as f32)))
            .map(|way| turn.to_image(way))
            .map(|way| picture.grey(column + way.x as i64, row + way.y as i64).unwrap_or(0));
        let image = ColorImage::from_gray_iter([side, side], pixels);
        let texture = match &mut self.texture {
            Some(texture) => {
                texture.set(image, TextureOptions::NEAREST);
                &*texture
            }
            none => none.insert(ui.ctx().load_texture("loupe", image, TextureOptions::NEAREST)),
        };
        let off = vec2((point.x - column as f64) as f32, (point.y - row as f64) as f32) * MAGNIFICATION;
        let off = turn.to_screen(off);
        let shown = Rect::from_center_size(frame.center() - off, Vec2::splat(side as f32 * MAGNIFICATION));
        let inside = painter.with_clip_rect(frame);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        inside.image(texture.id(), shown, whole, Color32::WHITE);

        crosshair(&inside, frame);
        painter.rect_stroke(frame, 0.0, Stroke::new(1.0, colours::SELECTED), StrokeKind::Outside);
        if !words.is_empty() {
            caption(&painter, frame, words);
        }
    }
}

/// Bottom right as the hand rarely is there; bottom left where the point is.
fn place(projection: &Projection, point: Point) -> Rect {
    let viewport = projection.viewport.shrink(MARGIN);
    let right = Rect::from_min_max(viewport.max - Vec2::splat(SIDE), viewport.max);
    if right.expand(3.0 * MARGIN).contains(projection.to_screen(point)) {
        let left = viewport.left_bottom();
        Rect::from_min_max(pos2(left.x, left.y - SIDE), pos2(left.x + SIDE, left.y))
    } else {
        right
    }
}

/// Open in the middle, so that it does not cover what is aimed at.
fn crosshair(painter: &egui::Painter, frame: Rect) {
    let middle = frame.center();
    for stroke in [Stroke::new(3.0, colours::HALO), Stroke::new(1.0, colours::SELECTED)] {
        for direction in [Vec2::UP, Vec2::DOWN, Vec2::LEFT, Vec2::RIGHT] {
            painter.line_segment([middle + direction * 8.0, middle + direction * SIDE], stroke);
        }
    }
    painter.circle_filled(middle, 1.0, colours::SELECTED);
}

/// The point and its live angle.
pub fn words(study: &Study, id: &LandmarkId) -> String {
    let index = id.side.and_then(|side| {
        let measurement = study.assessment().measurement("AI", Some(side))?;
        Some(format!("  AI {:.1}{}", measurement.value?, measurement.unit.suffix()))
    });
    format!("{}{}", points::name(id), index.unwrap_or_default())
}

fn caption(painter: &egui::Painter, frame: Rect, words: &str) {
    let font = FontId::new(size::TEXT, theme::bold_family());
    let galley = painter.layout_no_wrap(words.to_owned(), font, colours::TEXT);
    let rect = Align2::LEFT_BOTTOM.anchor_size(frame.left_bottom() + vec2(8.0, -6.0), galley.size());
    plate(painter, rect);
    painter.galley(rect.min, galley, colours::TEXT);
}
