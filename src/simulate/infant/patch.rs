//! A filled polygon as anti-aliased coverage of its own rectangle of the film.

use super::canvas::{Area, Frame, blur};
use crate::measure::Point;
use tiny_skia::{FillRule, Mask, PathBuilder, Transform};

/// Coverage (0–1) of the pixels of `area`, row-major.
pub(in crate::simulate) struct Patch {
    pub area: Area,
    pub coverage: Vec<f32>,
}

impl Patch {
    /// The inside of `polygon` (in units); `None` where nothing of it is on the film.
    pub fn fill(frame: &Frame, polygon: &[Point], margin_px: f64) -> Option<Self> {
        let area = frame.bounds(polygon.iter().copied(), margin_px)?;
        let mut mask = Mask::new(area.width as u32, area.height as u32)?;
        let mut path = PathBuilder::new();
        for (i, p) in polygon.iter().enumerate() {
            let pixel = frame.to_pixel(*p);
            // Pixel centres are integers here, halves in the rasteriser.
            let (x, y) =
                ((pixel.x - area.left as f64 + 0.5) as f32, (pixel.y - area.top as f64 + 0.5) as f32);
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
        mask.fill_path(&path.finish()?, FillRule::Winding, true, Transform::identity());
        let coverage = mask.data().iter().map(|v| f32::from(*v) / 255.0).collect();
        Some(Self { area, coverage })
    }

    /// The coverage, blurred.
    pub fn blurred(&self, sigma_px: f64) -> Vec<f32> {
        let mut copy = self.coverage.clone();
        blur(&mut copy, self.area.width, self.area.height, sigma_px);
        copy
    }
}
