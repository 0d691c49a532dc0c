//! The sheet the phantom is drawn on: additive attenuation, drawn in anatomical units and sampled at any size.
//!
//! The unit is the distance between the two tri-radiate cartilages; the origin their midpoint; x to the patient's
//! left, y down. [`Frame`] alone knows pixels, so one seed gives the same anatomy at every resolution.

use crate::measure::Point;

/// Where the anatomy lies on the film.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulate) struct Frame {
    pub columns: usize,
    pub rows: usize,
    /// Pixels per unit.
    pub scale: f64,
    /// Pixel coordinates of the unit origin.
    pub origin: Point,
    pub cos: f64,
    pub sin: f64,
}

impl Frame {
    pub fn to_pixel(self, p: Point) -> Point {
        Point::new(
            self.origin.x + self.scale * (self.cos * p.x - self.sin * p.y),
            self.origin.y + self.scale * (self.sin * p.x + self.cos * p.y),
        )
    }

    pub fn to_unit(self, pixel: Point) -> Point {
        let (x, y) = ((pixel.x - self.origin.x) / self.scale, (pixel.y - self.origin.y) / self.scale);
        Point::new(self.cos * x + self.sin * y, self.cos * y - self.sin * x)
    }

    /// The rectangle of pixels (left, top, width, height) that holds all `points` with `margin` pixels around;
    /// `None` when it is empty.
    pub fn bounds(&self, points: impl Iterator<Item = Point>, margin: f64) -> Option<Area> {
        let (mut low, mut high) = (Point::new(f64::MAX, f64::MAX), Point::new(f64::MIN, f64::MIN));
        for p in points.map(|p| self.to_pixel(p)) {
            low = Point::new(low.x.min(p.x), low.y.min(p.y));
            high = Point::new(high.x.max(p.x), high.y.max(p.y));
        }
        let left = (low.x - margin).floor().max(0.0);
        let top = (low.y - margin).floor().max(0.0);
        let right = (high.x + margin).ceil().min(self.columns as f64 - 1.0);
        let bottom = (high.y + margin).ceil().min(self.rows as f64 - 1.0);
        (right >= left && bottom >= top).then(|| Area {
            left: left as usize,
            top: top as usize,
            width: (right - left) as usize + 1,
            height: (bottom - top) as usize + 1,
        })
    }
}

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulate) struct Area {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

/// Fall-off of a [`Blob`] from its centre (0) to its edge (1).
#[derive(Debug, Clone, Copy)]
pub(in crate::simulate) enum Profile {
    /// The thickness of an ellipsoid.
    Dome,
    /// (1 − q²)²: no edge at all.
    Mound,
    /// exp(−2 q²).
    Gaussian,
    /// 1 inside, a soft edge of this width at the rim.
    Plateau(f64),
}

/// A rounded thing: an ellipse whose outline may wobble.
#[derive(Debug, Clone)]
pub(in crate::simulate) struct Blob {
    pub centre: Point,
    pub axes: (f64, f64),
    /// Radians, clockwise on screen.
    pub angle: f64,
    pub profile: Profile,
    /// Cosine and sine amplitude of the harmonics 2, 3, … of the outline.
    pub wobble: Vec<(f32, f32)>,
}

impl Blob {
    pub fn new(centre: Point, axes: (f64, f64), angle: f64, profile: Profile) -> Self {
        Self { centre, axes, angle, profile, wobble: Vec::new() }
    }

    pub fn wobbly(mut self, dice: &mut super::dice::Dice, amount: f64) -> Self {
        self.wobble = (2..6)
            .map(|k| {
                let sd = amount / k as f64;
                (dice.normal(0.0, sd) as f32, dice.normal(0.0, sd) as f32)
            })
            .collect();
        self
    }
}

/// Attenuation, row-major.
#[derive(Debug, Clone)]
pub(in crate::simulate) struct Canvas {
    pub frame: Frame,
    pub data: Vec<f32>,
}

impl Canvas {
    pub fn new(frame: Frame) -> Self {
        Self { frame, data: vec![0.0; frame.columns * frame.rows] }
    }

    /// Adds `amount` × the profile of `blob`.
    pub fn blob(&mut self, blob: &Blob, amount: f64) {
        self.blob_by(blob, amount as f32, |_, _| 1.0);
    }

    /// As [`Canvas::blob`], weighted by a function of the position in units.
    pub fn blob_by(&mut self, blob: &Blob, amount: f32, weight: impl Fn(f32, f32) -> f32) {
        let reach = match blob.profile {
            Profile::Gaussian => 1.8,
            _ => 1.0 + blob.wobble.iter().map(|w| w.0.hypot(w.1) as f64).sum::<f64>(),
        };
        let (sin, cos) = blob.angle.sin_cos();
        let half_width = reach * (blob.axes.0 * cos).hypot(blob.axes.1 * sin);
        let half_height = reach * (blob.axes.0 * sin).hypot(blob.axes.1 * cos);
        let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
            .map(|(x, y)| Point::new(blob.centre.x + half_width * x, blob.centre.y + half_height * y));
        let Some(area) = self.frame.bounds(corners.into_iter(), 1.0) else { return };
        let step = 1.0 / self.frame.scale;
        let (ax, ay) = (1.0 / blob.axes.0, 1.0 / blob.axes.1);
        // Unit displacement per column, in the normalised frame of the blob.
        let ux = self.frame.cos * step;
        let uy = -self.frame.sin * step;
        for row in area.top..area.top + area.height {
            let start = self.frame.to_unit(Point::new(area.left as f64, row as f64));
            for i in 0..area.width {
                let (x, y) = (start.x + ux * i as f64, start.y + uy * i as f64);
                let (dx, dy) = (x - blob.centre.x, y - blob.centre.y);
                let u = ((cos * dx + sin * dy) * ax) as f32;
                let v = ((cos * dy - sin * dx) * ay) as f32;
                let mut q2 = u * u + v * v;
                if q2 > (reach * reach) as f32 {
                    continue;
                }
                if !blob.wobble.is_empty() {
                    let r = 1.0 + outline(u, v, q2, &blob.wobble);
                    q2 /= r * r;
                }
                let value = match blob.profile {
                    Profile::Dome => (1.0 - q2).max(0.0).sqrt(),
                    Profile::Mound => (1.0 - q2).max(0.0).powi(2),
                    Profile::Gaussian => (-2.0 * q2).exp(),
                    Profile::Plateau(soft) => {
                        let t = ((1.0 - q2.sqrt()) / soft as f32).clamp(0.0, 1.0);
                        t * t * (3.0 - 2.0 * t)
                    }
                };
                if value > 0.0 {
                    self.data[row * self.frame.columns + area.left + i] +=
                        amount * value * weight(x as f32, y as f32);
                }
            }
        }
    }

    /// Adds a line of Gaussian cross-section: `sigma` in units, `amount` at the fraction t of its length.
    pub fn stroke(&mut self, line: &[Point], sigma: f64, amount: impl Fn(f32) -> f32) {
        let sigma = sigma.max(0.35 / self.frame.scale);
        let Some(area) = self.frame.bounds(line.iter().copied(), 3.0 * sigma * self.frame.scale) else {
            return;
        };
        let near = nearness(&self.frame, area, line, 3.0 * sigma);
        let k = -0.5 / (sigma * sigma) as f32;
        for row in 0..area.height {
            for i in 0..area.width {
                let (d2, t) = near[row * area.width + i];
                if d2 < f32::MAX {
                    self.data[(area.top + row) * self.frame.columns + area.left + i] +=
                        amount(t) * (d2 * k).exp();
                }
            }
        }
    }

    pub fn blur(&mut self, sigma_px: f64) {
        blur(&mut self.data, self.frame.columns, self.frame.rows, sigma_px);
    }
}

/// Relative radius of the wobbling outline in the direction (u, v), less 1.
fn outline(u: f32, v: f32, q2: f32, wobble: &[(f32, f32)]) -> f32 {
    let r = q2.sqrt().max(1e-6);
    let (c, s) = (u / r, v / r);
    let (mut ck, mut sk) = (c, s);
    let mut sum = 0.0;
    for (a, b) in wobble {
        (ck, sk) = (ck * c - sk * s, ck * s + sk * c);
        sum += a * ck + b * sk;
    }
    sum.max(-0.6)
}

/// Squared distance in units to `line` and the fraction of its length there, for each pixel of `area`;
/// `f32::MAX` beyond `reach`.
pub(super) fn nearness(frame: &Frame, area: Area, line: &[Point], reach: f64) -> Vec<(f32, f32)> {
    let mut near = vec![(f32::MAX, 0.0f32); area.width * area.height];
    let total: f64 = line.windows(2).map(|p| p[0].distance(p[1])).sum::<f64>().max(1e-9);
    let mut done = 0.0;
    for p in line.windows(2) {
        let length = p[0].distance(p[1]);
        let (from, to) = (done / total, (done + length) / total);
        done += length;
        let Some(part) = frame.bounds(p.iter().copied(), reach * frame.scale) else { continue };
        let top = part.top.max(area.top);
        let bottom = (part.top + part.height).min(area.top + area.height);
        let left = part.left.max(area.left);
        let right = (part.left + part.width).min(area.left + area.width);
        let along = p[1] - p[0];
        let inverse = 1.0 / along.dot(along).max(1e-18);
        for row in top..bottom {
            for column in left..right {
                let v = frame.to_unit(Point::new(column as f64, row as f64)) - p[0];
                let t = (v.dot(along) * inverse).clamp(0.0, 1.0);
                let away = v + along * -t;
                let d2 = away.dot(away);
                let best = &mut near[(row - area.top) * area.width + column - area.left];
                if d2 < reach * reach && (d2 as f32) < best.0 {
                    *best = (d2 as f32, (from + (to - from) * t) as f32);
                }
            }
        }
    }
    near
}

/// Gaussian blur with clamped edges: a true kernel when narrow, three boxes when wide.
pub(in crate::simulate) fn blur(data: &mut [f32], width: usize, height: usize, sigma: f64) {
    if sigma < 0.2 || width == 0 || height == 0 {
        return;
    }
    let mut spare = vec![0.0; data.len()];
    if sigma < 2.0 {
        let radius = (3.0 * sigma).ceil() as usize;
        let mut kernel: Vec<f32> =
            (0..=radius).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp() as f32).collect();
        let sum = 2.0 * kernel.iter().sum::<f32>() - kernel[0];
        kernel.iter_mut().for_each(|k| *k /= sum);
        convolve_rows(data, &mut spare, width, &kernel);
        convolve_columns(&spare, data, width, height, &kernel);
    } else {
        // Three boxes of width w have variance (w² − 1) / 4.
        let half = (((4.0 * sigma * sigma + 1.0).sqrt() - 1.0) / 2.0).round().max(1.0) as usize;
        for _ in 0..3 {
            box_rows(data, &mut spare, width, half);
            box_columns(&spare, data, width, height, half);
        }
    }
}

fn convolve_rows(from: &[f32], into: &mut [f32], width: usize, kernel: &[f32]) {
    let radius = kernel.len() - 1;
    let mut padded = vec![0.0f32; width + 2 * radius];
    for (source, target) in from.chunks_exact(width).zip(into.chunks_exact_mut(width)) {
        padded[..radius].fill(source[0]);
        padded[radius..radius + width].copy_from_slice(source);
        padded[radius + width..].fill(source[width - 1]);
        for (x, t) in target.iter_mut().enumerate() {
            *t = kernel[0] * padded[x + radius];
        }
        for (i, k) in kernel.iter().enumerate().skip(1) {
            let (a, b) = (&padded[radius - i..], &padded[radius + i..]);
            for ((t, a), b) in target.iter_mut().zip(a).zip(b) {
                *t += k * (a + b);
            }
        }
    }
}

fn convolve_columns(from: &[f32], into: &mut [f32], width: usize, height: usize, kernel: &[f32]) {
    let row = |y: isize| {
        let y = y.clamp(0, height as isize - 1) as usize;
        &from[y * width..(y + 1) * width]
    };
    for y in 0..height {
        let target = &mut into[y * width..(y + 1) * width];
        for (t, c) in target.iter_mut().zip(row(y as isize)) {
            *t = kernel[0] * c;
        }
        for (i, k) in kernel.iter().enumerate().skip(1) {
            let (a, b) = (row(y as isize - i as isize), row(y as isize + i as isize));
            for ((t, a), b) in target.iter_mut().zip(a).zip(b) {
                *t += k * (a + b);
            }
        }
    }
}

fn box_rows(from: &[f32], into: &mut [f32], width: usize, half: usize) {
    let scale = 1.0 / (2 * half + 1) as f32;
    for (source, target) in from.chunks_exact(width).zip(into.chunks_exact_mut(width)) {
        let at = |i: isize| source[i.clamp(0, width as isize - 1) as usize];
        let mut sum: f32 = (-(half as isize)..=half as isize).map(at).sum();
        for (x, t) in target.iter_mut().enumerate() {
            *t = sum * scale;
            sum += at((x + half + 1) as isize) - at(x as isize - half as isize);
        }
    }
}

fn box_columns(from: &[f32], into: &mut [f32], width: usize, height: usize, half: usize) {
    let scale = 1.0 / (2 * half + 1) as f32;
    let row = |y: isize| {
        let y = y.clamp(0, height as isize - 1) as usize;
        &from[y * width..(y + 1) * width]
    };
    let mut sum = vec![0.0f32; width];
    for y in -(half as isize)..=half as isize {
        sum.iter_mut().zip(row(y)).for_each(|(s, v)| *s += v);
    }
    for y in 0..height {
        for (t, s) in into[y * width..(y + 1) * width].iter_mut().zip(&sum) {
            *t = s * scale;
        }
        let (enter, leave) = (row((y + half + 1) as isize), row(y as isize - half as isize));
        for ((s, e), l) in sum.iter_mut().zip(enter).zip(leave) {
            *s += e - l;
        }
    }
}
