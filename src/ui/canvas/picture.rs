//! The film as a texture: grey levels are made from native depth whenever the window changes.

use super::View;
use super::camera::Projection;
use crate::imaging::{Radiograph, VoiTransform, Window};
use crate::ui::jobs::FilmId;
use egui::{Color32, ColorImage, Painter, Rect, TextureFilter, TextureHandle, TextureOptions, pos2};

/// Smooth when small, and pixels stay soft when large: a film has no sharp grid.
const SMOOTH: TextureOptions = TextureOptions {
    magnification: TextureFilter::Linear,
    minification: TextureFilter::Linear,
    wrap_mode: egui::TextureWrapMode::ClampToEdge,
    mipmap_mode: Some(TextureFilter::Linear),
};

/// What the texture shows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Key {
    film: FilmId,
    /// `None`: as the file gives it, which may be a table.
    window: Option<Window>,
    invert: bool,
}

#[derive(Default)]
pub struct Picture {
    shown: Option<(Key, TextureHandle)>,
    /// The same at native resolution, for the loupe.
    grey: Vec<u8>,
    columns: usize,
}

impl Picture {
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        film: FilmId,
        radiograph: &Radiograph,
        view: &View,
    ) {
        let key = Key { film, window: view.window, invert: view.invert };
        if self.shown.as_ref().is_none_or(|(shown, _)| *shown != key) {
            self.render(painter, radiograph, key, view);
        }
        if let Some((_, texture)) = &self.shown {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), projection.film(), whole, Color32::WHITE);
        }
    }

    fn render(&mut self, painter: &Painter, radiograph: &Radiograph, key: Key, view: &View) {
        let voi = match (key.window, radiograph.voi.first()) {
            (None, Some(voi)) => voi.clone(),
            _ => VoiTransform::Window(view.window()),
        };
        self.grey = radiograph.present(&voi, key.invert);
        self.columns = radiograph.columns;
        let limit = painter.ctx().input(|input| input.max_texture_side).max(1);
        // A film larger than a texture may be is shown coarser; the loupe still has every pixel.
        let step = radiograph.rows.max(radiograph.columns).div_ceil(limit).max(1);
        let (rows, columns) = (radiograph.rows.div_ceil(step), radiograph.columns.div_ceil(step));
        let image = if step == 1 {
            ColorImage::from_gray([columns, rows], &self.grey)
        } else {
            let coarse = (0..radiograph.rows)
                .step_by(step)
                .flat_map(|y| (0..radiograph.columns).step_by(step).map(move |x| (x, y)))
                .map(|(x, y)| self.grey[y * radiograph.columns + x]);
            ColorImage::from_gray_iter([columns, rows], coarse)
        };
        match &mut self.shown {
            Some((shown, texture)) => {
                texture.set(image, SMOOTH);
                *shown = key;
            }
            None => self.shown = Some((key, painter.ctx().load_texture("film", image, SMOOTH))),
        }
    }

    /// The shown grey of a pixel; `None` outside.
    pub fn grey(&self, x: i64, y: i64) -> Option<u8> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x >= self.columns {
            return None;
        }
        self.grey.get(y * self.columns + x).copied()
    }
}
