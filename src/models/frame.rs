//! The square frame a network looks at: a similarity of the image.
//!
//! One scale serves both axes, so that an angle in the frame is the angle in the image's pixels. Pixel centres
//! are integers in both: without rotation or shift, x' = (x + ½)·s − ½ up to the letterbox's margin.

use super::contrast::normalise;
use crate::measure::{Point, Vector};

/// More samples a pixel than this add nothing that a network of this size sees.
const MAX_SAMPLES: usize = 16;

/// A similarity from image pixels to the pixels of a square frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Side of the frame in pixels.
    pub side: usize,
    /// Frame pixels per image pixel.
    pub scale: f64,
    /// Image x, y that comes to the middle of the frame.
    pub centre: Point,
    /// Clockwise rotation (on screen) of the image's content in the frame, in radians.
    pub rotation: f64,
}

/// A frame's greys, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct FramedImage {
    /// Normalised, see [`normalise`]; 0 outside the image.
    pub values: Vec<f32>,
    /// Which pixels show the image.
    pub inside: Vec<bool>,
    /// SD of the clipped greys before standardising, as a share of their range over the image; 0 when blank.
    pub contrast: f32,
}

impl Frame {
    /// The whole image, as large as the frame holds, in its middle.
    pub fn letterbox(rows: usize, columns: usize, side: usize) -> Self {
        let longest = rows.max(columns).max(1) as f64;
        Self {
            side,
            scale: side as f64 / longest,
            centre: Point::new(0.5 * (columns as f64 - 1.0), 0.5 * (rows as f64 - 1.0)),
            rotation: 0.0,
        }
    }

    /// In frame pixels.
    pub fn middle(&self) -> Point {
        let half = 0.5 * (self.side as f64 - 1.0);
        Point::new(half, half)
    }

    /// Image pixel coordinates to frame pixel coordinates.
    pub fn to_frame(&self, image: Point) -> Point {
        let (sin, cos) = self.rotation.sin_cos();
        let v = (image - self.centre) * self.scale;
        self.middle() + Vector::new(cos * v.x - sin * v.y, sin * v.x + cos * v.y)
    }

    /// Frame pixel coordinates to image pixel coordinates.
    pub fn to_image(&self, frame: Point) -> Point {
        let (sin, cos) = self.rotation.sin_cos();
        let v = (frame - self.middle()) * (1.0 / self.scale);
        self.centre + Vector::new(cos * v.x + sin * v.y, cos * v.y - sin * v.x)
    }

    /// The frame's greys, normalised with that `neighbourhood` (see [`normalise`]): bright bone stays bright.
    ///
    /// `grey` is row-major, `rows * columns`, in any unit.
    pub fn render(&self, grey: &[f32], rows: usize, columns: usize, neighbourhood: f64) -> FramedImage {
        let (mut values, inside) = self.resample(grey, rows, columns);
        let contrast = normalise(&mut values, &inside, self.side, neighbourhood);
        FramedImage { values, inside, contrast }
    }

    /// Greys and whether each pixel lies on the image.
    pub(super) fn resample(&self, grey: &[f32], rows: usize, columns: usize) -> (Vec<f32>, Vec<bool>) {
        let ((sin, cos), inverse) = (self.rotation.sin_cos(), 1.0 / self.scale);
        // As `to_image`, without the sine of every sample.
        Picture { grey, rows, columns }.resample(self.side, self.scale, |at| {
            let Vector { x: dx, y: dy } = at - self.middle();
            Point::new(
                self.centre.x + inverse * (cos * dx + sin * dy),
                self.centre.y + inverse * (cos * dy - sin * dx),
            )
        })
    }
}

/// Greys, row-major, in any unit.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    pub grey: &'a [f32],
    pub rows: usize,
    pub columns: usize,
}

impl Picture<'_> {
    /// A square of `side` pixels, each showing the place that `to_image` gives for it, and which of them lie on the image.
    /// `scale` is how many of its pixels there are for one of the image; minification averages the image under each.
    pub fn resample(
        &self,
        side: usize,
        scale: f64,
        to_image: impl Fn(Point) -> Point,
    ) -> (Vec<f32>, Vec<bool>) {
        let samples = ((1.0 / scale).ceil() as usize).clamp(1, MAX_SAMPLES);
        let mut values = vec![0.0; side * side];
        let mut inside = vec![false; side * side];
        let step = 1.0 / samples as f64;
        let offset = |sub: usize| (sub as f64 + 0.5) * step - 0.5;
        for y in 0..side {
            for x in 0..side {
                let (mut sum, mut count) = (0.0_f32, 0_u32);
                for sub in 0..samples * samples {
                    let at = Point::new(x as f64 + offset(sub % samples), y as f64 + offset(sub / samples));
                    if let Some(value) = bilinear(self.grey, self.rows, self.columns, to_image(at)) {
                        sum += value;
                        count += 1;
                    }
                }
                // A pixel half on the image belongs to it.
                if 2 * count as usize >= samples * samples && count > 0 {
                    values[y * side + x] = sum / count as f32;
                    inside[y * side + x] = true;
                }
            }
        }
        (values, inside)
    }
}

/// Grey at `at`; up to half a pixel outside the outermost centres the border's value counts.
fn bilinear(grey: &[f32], rows: usize, columns: usize, at: Point) -> Option<f32> {
    let (right, bottom) = (columns as f64 - 1.0, rows as f64 - 1.0);
    if !(at.x >= -0.5 && at.y >= -0.5 && at.x <= right + 0.5 && at.y <= bottom + 0.5) {
        return None;
    }
    let (x, y) = (at.x.clamp(0.0, right), at.y.clamp(0.0, bottom));
    let (x0, y0) = (x.floor() as usize, y.floor() as usize);
    let (x1, y1) = ((x0 + 1).min(columns - 1), (y0 + 1).min(rows - 1));
    let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
    let value = |row: usize, column: usize| grey.get(row * columns + column).copied().unwrap_or(0.0);
    let top = value(y0, x0) * (1.0 - fx) + value(y0, x1) * fx;
    let below = value(y1, x0) * (1.0 - fx) + value(y1, x1) * fx;
    Some(top * (1.0 - fy) + below * fy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letterbox_keeps_pixel_centres() {
        let frame = Frame::letterbox(512, 512, 256);
        let p = frame.to_frame(Point::new(10.0, 100.0));
        assert!((p.x - ((10.0 + 0.5) * 0.5 - 0.5)).abs() < 1e-12);
        assert!((p.y - ((100.0 + 0.5) * 0.5 - 0.5)).abs() < 1e-12);
        let wide = Frame::letterbox(100, 400, 200);
        assert!((wide.to_frame(Point::new(-0.5, -0.5)).x + 0.5).abs() < 1e-12);
        assert!((wide.to_frame(Point::new(-0.5, -0.5)).y - 74.5).abs() < 1e-12);
    }

    #[test]
    fn image_and_frame_coordinates_are_inverse() {
        let frame = Frame { side: 256, scale: 0.37, centre: Point::new(300.0, 210.0), rotation: 0.2 };
        let p = Point::new(123.25, 456.5);
        let back = frame.to_image(frame.to_frame(p));
        assert!(p.distance(back) < 1e-9);
    }

    /// A blob of the image lies in the frame where `to_frame` says, whatever scale and rotation.
    #[test]
    fn content_lands_where_points_land() {
        let (rows, columns) = (300, 420);
        let at = Point::new(150.0, 120.0);
        let grey: Vec<f32> = (0..rows * columns)
            .map(|i| {
                let p = Point::new((i % columns) as f64, (i / columns) as f64);
                (-p.distance(at).powi(2) / (2.0 * 36.0)).exp() as f32
            })
            .collect();
        for (scale, rotation) in [(0.3, 0.0), (0.6, 0.3), (1.0, -0.2), (1.7, 0.1)] {
            let frame = Frame { side: 128, scale, centre: Point::new(160.0, 130.0), rotation };
            let (values, _) = frame.resample(&grey, rows, columns);
            let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
            for (i, v) in values.iter().enumerate() {
                x += f64::from(*v) * (i % 128) as f64;
                y += f64::from(*v) * (i / 128) as f64;
                total += f64::from(*v);
            }
            let found = Point::new(x / total, y / total);
            let expected = frame.to_frame(at);
            assert!(found.distance(expected) < 0.02, "{scale} {rotation}: {found:?} {expected:?}");
        }
    }

    #[test]
    fn outside_the_image_is_zero() {
        let grey: Vec<f32> = (0..2048).map(|i| 5.0 + (i % 64) as f32).collect();
        let image = Frame::letterbox(32, 64, 64).render(&grey, 32, 64, 0.0);
        assert_eq!(image.inside.iter().filter(|inside| **inside).count(), 2048);
        assert!(image.values.iter().zip(&image.inside).all(|(v, inside)| *inside || *v == 0.0));
        assert!(image.contrast > 0.1);
    }
}
