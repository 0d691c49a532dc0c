//! The guises of a picture that a network is shown, and how their maps come back into one frame.

use crate::measure::Point;
use crate::models::Frame;
use crate::models::frame::Picture;
use serde::{Deserialize, Serialize};

/// Test-time augmentation: what is shown beside the picture as it is, one change at a time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Views {
    /// The mirrored picture, in which the landmarks of the two sides change places.
    pub mirror: bool,
    /// Shifts by ± this along both axes, in frame pixels; four pictures, none with 0.
    pub shift_px: f64,
    pub rotation_deg: Vec<f64>,
    /// Magnifications.
    pub scale: Vec<f64>,
    /// Factors of the greys, which stay within 0–1.
    pub brightness: Vec<f64>,
    /// Factors of the greys' distance from their mean.
    pub contrast: Vec<f64>,
    /// Exponents of the greys.
    pub gamma: Vec<f64>,
}

impl Views {
    /// The sixteen of the paper on heat maps, by its released program, and the mirrored picture, which it leaves out
    /// because its pictures show right hips only.
    pub fn of_the_paper() -> Self {
        Self {
            mirror: true,
            shift_px: 5.0,
            rotation_deg: vec![-10.0, -5.0, 5.0, 10.0],
            scale: vec![0.95, 1.05],
            brightness: vec![0.9, 1.1],
            contrast: vec![0.9, 1.1],
            gamma: vec![0.9, 1.1],
        }
    }

    /// # Errors
    /// A number that makes no picture.
    pub fn check(&self) -> Result<(), String> {
        let factors = [&self.scale, &self.brightness, &self.contrast, &self.gamma];
        let positive = factors.into_iter().flatten().all(|f| *f > 0.0 && f.is_finite());
        let finite = self.rotation_deg.iter().chain([&self.shift_px]).all(|f| f.is_finite());
        if positive && finite { Ok(()) } else { Err("views: factors are positive, angles finite".to_owned()) }
    }

    /// The views of a picture that `base` frames: itself first.
    pub fn of(&self, base: Frame) -> Vec<View> {
        let plain = View { frame: base, mirror: false, brightness: 1.0, contrast: 1.0, gamma: 1.0 };
        let mut views = vec![plain];
        if self.mirror {
            views.push(View { mirror: true, ..plain });
        }
        let mut framed = |change: &dyn Fn(&mut Frame)| {
            let mut view = plain;
            change(&mut view.frame);
            views.push(view);
        };
        if self.shift_px != 0.0 {
            let reach = self.shift_px / base.scale;
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                framed(&|frame| {
                    frame.centre = Point::new(frame.centre.x - reach * x, frame.centre.y - reach * y);
                });
            }
        }
        for angle in &self.rotation_deg {
            framed(&|frame| frame.rotation += angle.to_radians());
        }
        for scale in &self.scale {
            framed(&|frame| frame.scale *= scale);
        }
        views.extend(self.brightness.iter().map(|&brightness| View { brightness, ..plain }));
        views.extend(self.contrast.iter().map(|&contrast| View { contrast, ..plain }));
        views.extend(self.gamma.iter().map(|&gamma| View { gamma, ..plain }));
        views
    }
}

/// One guise of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    pub frame: Frame,
    pub mirror: bool,
    pub brightness: f64,
    pub contrast: f64,
    pub gamma: f64,
}

impl View {
    /// Greys 0–1 of the frame, and the SD of the picture's as a share of their range (0 for a blank one).
    pub fn render(&self, picture: &Picture) -> (Vec<f32>, f32) {
        let (mut values, inside) = self.frame.resample(picture.grey, picture.rows, picture.columns);
        let contrast = stretch(&mut values, &inside);
        adjust(&mut values, self.brightness, self.contrast, self.gamma);
        if self.mirror {
            values.chunks_exact_mut(self.frame.side).for_each(<[f32]>::reverse);
        }
        (values, contrast)
    }

    /// Adds `map`, probabilities of this view's pixels, to `sum`, those of the pixels of `base`.
    pub fn bring_back(&self, map: &[f32], base: &Frame, sum: &mut [f32]) {
        let side = base.side;
        let column = |x: usize| if self.mirror { side - 1 - x } else { x };
        if self.frame == *base {
            for (index, sum) in sum.iter_mut().enumerate() {
                *sum += map[index - index % side + column(index % side)];
            }
            return;
        }
        // A pixel of `base` covers this many of the view's.
        let area = (self.frame.scale / base.scale).powi(2) as f32;
        for (index, sum) in sum.iter_mut().enumerate() {
            let pixel = Point::new((index % side) as f64, (index / side) as f64);
            let mut at = self.frame.to_frame(base.to_image(pixel));
            if self.mirror {
                at.x = side as f64 - 1.0 - at.x;
            }
            *sum += area * between(map, side, at);
        }
    }
}

/// Greys of pixels `inside` the picture stretched to 0–1, as the papers do; the rest is 0. Returns their SD after it.
pub fn stretch(values: &mut [f32], inside: &[bool]) -> f32 {
    let kept = || values.iter().zip(inside).filter(|(v, inside)| **inside && v.is_finite()).map(|(v, _)| *v);
    let (low, high) = kept().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let blank = high <= low;
    for (value, inside) in values.iter_mut().zip(inside) {
        let seen = *inside && value.is_finite() && !blank;
        *value = if seen { (*value - low) / (high - low) } else { 0.0 };
    }
    if blank { 0.0 } else { deviation(values, inside) }
}

fn deviation(values: &[f32], inside: &[bool]) -> f32 {
    let kept = || values.iter().zip(inside).filter(|(_, inside)| **inside).map(|(v, _)| f64::from(*v));
    let n = kept().count().max(1) as f64;
    let mean = kept().sum::<f64>() / n;
    (kept().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt() as f32
}

/// Greys 0–1 made brighter, richer in contrast, darker in the middle; 1 changes nothing.
pub fn adjust(values: &mut [f32], brightness: f64, contrast: f64, gamma: f64) {
    if (brightness, contrast, gamma) == (1.0, 1.0, 1.0) {
        return;
    }
    let mean = (values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len().max(1) as f64) as f32;
    let (brightness, contrast, gamma) = (brightness as f32, contrast as f32, gamma as f32);
    for value in values {
        let bright = (*value * brightness).clamp(0.0, 1.0);
        *value = (mean + (bright - mean) * contrast).clamp(0.0, 1.0).powf(gamma);
    }
}

/// The map between the centres of its pixels; 0 beyond its border.
fn between(map: &[f32], side: usize, at: Point) -> f32 {
    let last = side as f64 - 1.0;
    if !(at.x >= 0.0 && at.y >= 0.0 && at.x <= last && at.y <= last) {
        return 0.0;
    }
    let (x, y) = (at.x as usize, at.y as usize);
    let (right, below) = ((x + 1).min(side - 1), (y + 1).min(side - 1));
    let (fx, fy) = ((at.x - x as f64) as f32, (at.y - y as f64) as f32);
    let row = |y: usize| map[y * side + x] * (1.0 - fx) + map[y * side + right] * fx;
    row(y) * (1.0 - fy) + row(below) * fy
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of one Gaussian blob, seen in every view: its maps come back to where it is.
    #[test]
    fn what_a_view_shows_comes_back_to_its_place() {
        let (rows, columns, at) = (150, 120, Point::new(50.3, 80.6));
        let grey: Vec<f32> = (0..rows * columns)
            .map(|i| {
                let v = Point::new((i % columns) as f64, (i / columns) as f64) - at;
                (-v.dot(v) / 18.0).exp() as f32
            })
            .collect();
        let picture = Picture { grey: &grey, rows, columns };
        let base = Frame::letterbox(rows, columns, 128);
        let views = Views::of_the_paper().of(base);
        assert_eq!(views.len(), 18);
        let expected = base.to_frame(at);
        for view in &views {
            let (values, contrast) = view.render(&picture);
            assert!(contrast > 0.01 && values.iter().all(|v| (0.0..=1.0).contains(v)));
            let mut back = vec![0.0; 128 * 128];
            view.bring_back(&values, &base, &mut back);
            let (mut total, mut x, mut y) = (0.0, 0.0, 0.0);
            // Brightness that reaches the ceiling does not move the blob, and contrast gives it a pedestal.
            for (i, v) in back.iter().enumerate().filter(|(_, v)| **v > 0.5) {
                total += f64::from(*v);
                x += f64::from(*v) * (i % 128) as f64;
                y += f64::from(*v) * (i / 128) as f64;
            }
            let found = Point::new(x / total, y / total);
            assert!(found.distance(expected) < 0.2, "{view:?}: {found:?} {expected:?}");
        }
    }

    #[test]
    fn probabilities_stay_probabilities() {
        let base = Frame::letterbox(64, 64, 64);
        let map: Vec<f32> = (0..64 * 64)
            .map(|i| {
                let v = Point::new((i % 64) as f64, (i / 64) as f64) - Point::new(30.0, 28.0);
                ((-v.dot(v) / 32.0).exp() / (2.0 * std::f64::consts::PI * 16.0)) as f32
            })
            .collect();
        for view in Views::of_the_paper().of(base) {
            let mut sum = vec![0.0; 64 * 64];
            view.bring_back(&map, &base, &mut sum);
            let total: f32 = sum.iter().sum();
            assert!((total - 1.0).abs() < 0.01, "{view:?} {total}");
        }
    }

    #[test]
    fn greys_are_stretched_over_the_picture_alone() {
        let mut values = vec![7.0, 3.0, 5.0, f32::NAN];
        let contrast = stretch(&mut values, &[false, true, true, true]);
        assert_eq!(values, [0.0, 0.0, 1.0, 0.0]);
        assert!(contrast > 0.0);
        assert_eq!(stretch(&mut [4.0, 4.0], &[true, true]), 0.0, "blank");
        assert!(Views { scale: vec![0.0], ..Views::default() }.check().is_err());
    }
}
