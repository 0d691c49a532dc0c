//! The film on the screen. Values are resampled at native depth when the film moves, greys are looked up when the window
//! does: neither touches more pixels than are seen.

use super::View;
use super::camera::Projection;
use super::grey::Grey;
use super::resample::{Axis, resample, transpose};
use crate::imaging::{GreyTable, Presentation, VoiTransform};
use crate::ui::gpu::{self, Gpu};
use crate::ui::jobs::Opened;
use egui::{Color32, ColorImage, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2, vec2};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::sync::Arc;

/// Which pixels of the screen show which of the film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::ui) struct Frame {
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

impl Frame {
    /// Its place in points, of a screen of `scale` pixels a point.
    pub fn on_screen(&self, scale: f32) -> Rect {
        let corner = pos2(self.corner[0] as f32, self.corner[1] as f32) / scale;
        Rect::from_min_size(corner, vec2(self.size[0] as f32, self.size[1] as f32) / scale)
    }

    /// One pixel of it.
    fn pixel(&self, x: usize, y: usize) -> Frame {
        let along = if self.sideways { [y, x] } else { [x, y] };
        let first = [0, 1].map(|axis| self.first[axis] + along[axis] as f64 * self.step[axis]);
        Frame { first, size: [1, 1], ..*self }
    }
}

/// What the pixels of a frame show of the film, whatever its greys.
#[derive(Default)]
pub(in crate::ui) struct Samples {
    /// Stored values at the screen's resolution.
    values: Vec<f32>,
    /// Overlay graphics and what the shutter hides, 0–1, likewise; empty where the file has none.
    ink: Vec<f32>,
    hidden: Vec<f32>,
}

impl Samples {
    pub fn take(opened: &Opened, frame: Frame) -> Samples {
        let film = &opened.radiograph;
        let [columns, rows] = if frame.sideways { [frame.size[1], frame.size[0]] } else { frame.size };
        let across = Axis::new(frame.first[0], frame.step[0], columns, film.columns);
        let down = Axis::new(frame.first[1], frame.step[1], rows, film.rows);
        let turned = |values: Vec<f32>| if frame.sideways { transpose(&values, columns) } else { values };
        let plane = |drawn: Presentation| {
            let mut plane = vec![0u8; film.stored.len()];
            drawn.draw(&mut plane, film.rows, film.columns);
            turned(resample(&plane, film.columns, &across, &down, |value| f32::from(value) / 255.0))
        };
        let [ink, hidden] =
            gpu::covers(&opened.presentation).map(|drawn| drawn.map(plane).unwrap_or_default());
        let values = turned(resample(&film.stored, film.columns, &across, &down, |value| value as f32));
        Samples { values, ink, hidden }
    }

    /// The grey of one: the film, what the shutter hides of it, the graphics over it.
    pub fn tone(&self, index: usize, table: &GreyTable, opened: &Opened, graphics: bool) -> Option<u8> {
        let grey = table.between(*self.values.get(index)?);
        let shutter = opened.presentation.shutter.as_ref();
        let hidden = blend(grey, self.hidden.get(index), shutter.map_or(0, |shutter| shutter.grey));
        // Thin graphics are still seen where a large film is shown small.
        let ink = self.ink.get(index).filter(|_| graphics).map(|share| share * 3.0);
        Some(blend(hidden, ink.as_ref(), 255))
    }
}

#[cfg(test)]
impl Samples {
    /// The same with every value higher by so much.
    pub fn moved(&self, off: f32) -> Samples {
        let values = self.values.iter().map(|value| value + off).collect();
        Samples { values, ink: self.ink.clone(), hidden: self.hidden.clone() }
    }
}

/// A film as the graphics card draws it.
struct Print {
    film: Arc<gpu::Film>,
    look: gpu::Look,
}

#[derive(Default)]
pub struct Picture {
    /// The image that is shown.
    opened: Option<Arc<Opened>>,
    frame: Option<Frame>,
    look: Option<Look>,
    voi: Option<VoiTransform>,
    /// Of the film through `voi`, made when it is first asked for.
    table: OnceCell<GreyTable>,
    /// What the card draws, where it does; nothing of what follows is kept then.
    print: Option<Print>,
    /// The image was refused by the card.
    refused: bool,
    samples: Samples,
    texture: Option<TextureHandle>,
    /// Physical pixels per point of the screen.
    scale: f32,
}

impl Picture {
    /// Draws the film; `graphics`: overlay planes too; by the graphics card where there is one to do it.
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        opened: &Arc<Opened>,
        (view, graphics): (&View, bool),
        gpu: Option<&Arc<Gpu>>,
    ) {
        let scale = painter.ctx().pixels_per_point();
        let Some(frame) = frame(projection, scale, opened) else { return };
        let same_film = self.opened.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, opened));
        if !same_film {
            *self = Picture {
                opened: Some(Arc::clone(opened)),
                texture: self.texture.take(),
                ..Picture::default()
            };
        }
        let moved = self.frame.replace(frame) != Some(frame);
        let look = Look { grey: view.grey, invert: view.invert, graphics };
        let changed = self.look.replace(look) != Some(look);
        if changed {
            self.voi = None;
            self.table.take();
        }
        let voi = self.voi.get_or_insert_with(|| view.voi(opened)).clone();
        self.scale = scale;
        if let Some(gpu) = gpu.filter(|_| !self.refused) {
            match self.print(opened, gpu, (&voi, look), changed) {
                Ok(print) => {
                    painter.add(print.film.shape(frame, &print.look, scale));
                    return;
                }
                Err(reason) => {
                    gpu::complain(&reason);
                    self.refused = true;
                }
            }
        }
        let was_print = self.print.take().is_some();
        if moved || was_print || self.texture.is_none() {
            self.samples = Samples::take(opened, frame);
        }
        if moved || changed || was_print || self.texture.is_none() {
            self.develop(painter, frame);
        }
        if let Some(texture) = &self.texture {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), frame.on_screen(scale), whole, Color32::WHITE);
        }
    }

    /// The film on the card, brought there when it is first drawn, and the look of now.
    fn print(
        &mut self,
        opened: &Opened,
        gpu: &Arc<Gpu>,
        (voi, look): (&VoiTransform, Look),
        changed: bool,
    ) -> Result<&Print, String> {
        let print = match self.print.take() {
            Some(print) if !changed => print,
            print => {
                let film = match print {
                    Some(Print { film, .. }) => film,
                    None => Arc::new(gpu::Film::new(gpu, opened)?),
                };
                let look = film.look(opened, voi, look.invert, look.graphics)?;
                Print { film, look }
            }
        };
        (self.samples, self.texture) = (Samples::default(), None);
        Ok(self.print.insert(print))
    }

    fn table(&self) -> Option<&GreyTable> {
        let (opened, voi, look) = (self.opened.as_ref()?, self.voi.as_ref()?, self.look?);
        let make = || GreyTable::over(opened.range, &opened.radiograph, voi, look.invert);
        Some(self.table.get_or_init(make))
    }

    /// Greys of the values, and with them the texture.
    fn develop(&mut self, painter: &Painter, frame: Frame) {
        let (Some(opened), Some(look), Some(table)) = (&self.opened, self.look, self.table()) else { return };
        let Samples { values, ink, hidden } = &self.samples;
        let greys = if hidden.is_empty() && ink.is_empty() {
            // Nothing lies over most films: a look-up a pixel.
            let values = values.par_iter().with_min_len(SHARE);
            values.map(|value| Color32::from_gray(table.between(*value))).collect()
        } else {
            let pixels = (0..values.len()).into_par_iter().with_min_len(SHARE);
            let tone = |index| self.samples.tone(index, table, opened, look.graphics).unwrap_or(0);
            pixels.map(|index| Color32::from_gray(tone(index))).collect()
        };
        let image = ColorImage::new(frame.size, greys);
        // One texel a pixel of the screen: nothing is left to interpolate.
        match &mut self.texture {
            Some(texture) => texture.set(image, TextureOptions::NEAREST),
            none => *none = Some(painter.ctx().load_texture("film", image, TextureOptions::NEAREST)),
        }
    }

    /// The grey at a place of the screen, points; `None` off the film.
    pub fn shown(&self, at: Pos2) -> Option<u8> {
        let (frame, look) = (self.frame?, self.look?);
        let x = usize::try_from((at.x * self.scale).floor() as i32 - frame.corner[0]).ok()?;
        let y = usize::try_from((at.y * self.scale).floor() as i32 - frame.corner[1]).ok()?;
        if x >= frame.size[0] || y >= frame.size[1] {
            return None;
        }
        let (opened, table) = (self.opened.as_ref()?, self.table()?);
        // The card does not say what it drew.
        if self.print.is_some() {
            return Samples::take(opened, frame.pixel(x, y)).tone(0, table, opened, look.graphics);
        }
        self.samples.tone(y * frame.size[0] + x, table, opened, look.graphics)
    }

    /// The shown grey of a pixel of the film; `None` outside.
    pub fn grey(&self, x: i64, y: i64) -> Option<u8> {
        let film = &self.opened.as_ref()?.radiograph;
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x >= film.columns {
            return None;
        }
        Some(self.table()?.grey(*film.stored.get(y * film.columns + x)?))
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
