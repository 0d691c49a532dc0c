//! The film on the screen. Values are resampled at native depth when the film moves, greys are looked up when the window
//! does: neither touches more pixels than are seen.

use super::View;
use super::camera::Projection;
use super::grey::Grey;
use super::resample::{Axis, resample, transpose};
use crate::imaging::{GreyTable, Presentation, Shutter};
use crate::ui::jobs::Opened;
use egui::{Color32, ColorImage, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2};
use rayon::prelude::*;
use std::sync::Arc;

/// Which pixels of the screen show which of the film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    /// Upper left corner, physical pixels of the screen.
    pub corner: [i32; 2],
    pub size: [usize; 2],
    /// Image coordinates of the first screen pixel's centre, and from one to the next along the axis of the screen that
    /// the image's axis lies on.
    pub first: [f64; 2],
    pub step: [f64; 2],
    /// Rows of the image run down the screen.
    pub sideways: bool,
}

/// What the greys depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    grey: Grey,
    invert: bool,
    graphics: bool,
}

/// Pixels of the screen that are worth a thread of their own.
const SHARE: usize = 1 << 14;

#[derive(Default)]
pub struct Picture {
    /// The image whose values these are.
    opened: Option<Arc<Opened>>,
    frame: Option<Frame>,
    /// Stored values at the screen's resolution.
    values: Vec<f32>,
    /// Overlay graphics and what the shutter hides, 0–1, likewise; empty where the file has none.
    ink: Vec<f32>,
    hidden: Vec<f32>,
    look: Option<Look>,
    table: Option<GreyTable>,
    texture: Option<TextureHandle>,
    /// Physical pixels per point of the screen.
    scale: f32,
}

impl Picture {
    /// Draws the film; `graphics`: overlay planes too.
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        opened: &Arc<Opened>,
        view: &View,
        graphics: bool,
    ) {
        let scale = painter.ctx().pixels_per_point();
        let Some(frame) = frame(projection, scale, opened) else { return };
        let same_film = self.opened.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, opened));
        let moved = !same_film || self.frame != Some(frame);
        if moved {
            self.resample(opened, frame);
        }
        let look = Look { grey: view.grey, invert: view.invert, graphics };
        let changed = !same_film || self.look != Some(look);
        if changed {
            let voi = view.voi(opened);
            self.table = Some(GreyTable::over(opened.range, &opened.radiograph, &voi, view.invert));
            self.look = Some(look);
        }
        if moved || changed {
            self.scale = scale;
            self.develop(painter, frame);
        }
        if let Some(texture) = &self.texture {
            let corner = pos2(frame.corner[0] as f32, frame.corner[1] as f32) / scale;
            let size = vec2(frame.size[0] as f32, frame.size[1] as f32) / scale;
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), Rect::from_min_size(corner, size), whole, Color32::WHITE);
        }
    }

    fn resample(&mut self, opened: &Arc<Opened>, frame: Frame) {
        let film = &opened.radiograph;
        let [columns, rows] = if frame.sideways { [frame.size[1], frame.size[0]] } else { frame.size };
        let across = Axis::new(frame.first[0], frame.step[0], columns, film.columns);
        let down = Axis::new(frame.first[1], frame.step[1], rows, film.rows);
        let turned = |values: Vec<f32>| if frame.sideways { transpose(&values, columns) } else { values };
        self.values = turned(resample(&film.stored, film.columns, &across, &down, |value| value as f32));
        let Presentation { overlays, shutter, .. } = &opened.presentation;
        let plane = |drawn: Presentation| {
            let mut plane = vec![0u8; film.stored.len()];
            drawn.draw(&mut plane, film.rows, film.columns);
            turned(resample(&plane, film.columns, &across, &down, |value| f32::from(value) / 255.0))
        };
        self.ink = match overlays[..] {
            [] => Vec::new(),
            _ => plane(Presentation { overlays: overlays.clone(), ..Presentation::default() }),
        };
        self.hidden = match shutter {
            None => Vec::new(),
            Some(shutter) => plane(Presentation {
                shutter: Some(Shutter { grey: 255, ..shutter.clone() }),
                ..Presentation::default()
            }),
        };
        self.opened = Some(Arc::clone(opened));
        self.frame = Some(frame);
    }

    /// Greys of the values, and with them the texture.
    fn develop(&mut self, painter: &Painter, frame: Frame) {
        let greys = match &self.table {
            // Nothing lies over most films: a look-up a pixel.
            Some(table) if self.hidden.is_empty() && self.ink.is_empty() => {
                let values = self.values.par_iter().with_min_len(SHARE);
                values.map(|value| Color32::from_gray(table.between(*value))).collect()
            }
            _ => {
                let pixels = (0..self.values.len()).into_par_iter().with_min_len(SHARE);
                pixels.map(|index| Color32::from_gray(self.tone(index).unwrap_or(0))).collect()
            }
        };
        let image = ColorImage::new(frame.size, greys);
        // One texel a pixel of the screen: nothing is left to interpolate.
        match &mut self.texture {
            Some(texture) => texture.set(image, TextureOptions::NEAREST),
            none => *none = Some(painter.ctx().load_texture("film", image, TextureOptions::NEAREST)),
        }
    }

    /// The grey of a pixel of the screen: the film, what the shutter hides of it, the graphics over it.
    fn tone(&self, index: usize) -> Option<u8> {
        let (table, look) = (self.table.as_ref()?, self.look?);
        let grey = table.between(*self.values.get(index)?);
        let shutter = self.opened.as_ref()?.presentation.shutter.as_ref();
        let hidden = blend(grey, self.hidden.get(index), shutter.map_or(0, |shutter| shutter.grey));
        // Thin graphics are still seen where a large film is shown small.
        let ink = self.ink.get(index).filter(|_| look.graphics).map(|share| share * 3.0);
        Some(blend(hidden, ink.as_ref(), 255))
    }

    /// The grey at a place of the screen, points; `None` off the film.
    pub fn shown(&self, at: Pos2) -> Option<u8> {
        let frame = self.frame?;
        let x = usize::try_from((at.x * self.scale).floor() as i32 - frame.corner[0]).ok()?;
        let y = usize::try_from((at.y * self.scale).floor() as i32 - frame.corner[1]).ok()?;
        if x < frame.size[0] { self.tone(y * frame.size[0] + x) } else { None }
    }

    /// The shown grey of a pixel of the film; `None` outside.
    pub fn grey(&self, x: i64, y: i64) -> Option<u8> {
        let film = &self.opened.as_ref()?.radiograph;
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x >= film.columns {
            return None;
        }
        Some(self.table.as_ref()?.grey(*film.stored.get(y * film.columns + x)?))
    }
}

/// `grey` covered by `share` of `with`.
fn blend(grey: u8, share: Option<&f32>, with: u8) -> u8 {
    match share {
        Some(share) if *share > 0.0 => {
            let (from, to) = (f32::from(grey), f32::from(with));
            (from + (to - from) * share.min(1.0)).round() as u8
        }
        _ => grey,
    }
}

/// The pixels of the screen on which the film lies, whole ones; `None` where it is out of sight.
pub(super) fn frame(projection: &Projection, scale: f32, opened: &Opened) -> Option<Frame> {
    let seen = projection.film().intersect(projection.viewport);
    let low = [(seen.left() * scale).floor(), (seen.top() * scale).floor()];
    let high = [(seen.right() * scale).ceil(), (seen.bottom() * scale).ceil()];
    let size = [high[0] - low[0], high[1] - low[1]];
    let film = &opened.radiograph;
    if size.iter().any(|size| *size < 1.0) || film.stored.len() != film.rows * film.columns {
        return None;
    }
    let center = |x: f32, y: f32| projection.to_image(pos2((x + 0.5) / scale, (y + 0.5) / scale));
    let first = center(low[0], low[1]);
    let pixel = projection.to_screen_vector(1.0, 1.0) * scale;
    // Which way columns and rows grow on the screen: along it or against it.
    let turn = projection.turn();
    let way = |axis: egui::Vec2| f64::from(turn.to_screen(axis).x + turn.to_screen(axis).y);
    Some(Frame {
        corner: [low[0] as i32, low[1] as i32],
        size: [size[0] as usize, size[1] as usize],
        first: [first.x, first.y],
        step: [way(vec2(1.0, 0.0)) / f64::from(pixel.x), way(vec2(0.0, 1.0)) / f64::from(pixel.y)],
        sideways: turn.is_sideways(),
    })
}
