//! Response images: forests at every place of an area vote for a point.

use super::forest::Forests;
use super::haar::Integral;
use crate::measure::{Point, Vector};

/// Votes over an area of a window, smoothed; as a share of all that were cast, per pixel.
#[derive(Debug, Clone)]
pub(super) struct Response {
    /// Window coordinates of the first pixel.
    pub left: i32,
    pub top: i32,
    pub columns: usize,
    pub rows: usize,
    pub values: Vec<f32>,
    /// Weight of all votes that were cast.
    pub cast: f32,
}

/// Where voters stand: every `step` pixels from (`left`, `top`), `columns` × `rows` of them; window coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voters {
    pub left: i32,
    pub top: i32,
    pub columns: usize,
    pub rows: usize,
    pub step: usize,
}

impl Voters {
    /// All within `range` pixels of `centre` along either axis.
    pub fn around(centre: Point, range: usize, step: usize) -> Self {
        let count = 2 * (range / step) + 1;
        let reach = (count / 2 * step) as f64;
        let of = |at: f64| (at - reach).round() as i32;
        Self { left: of(centre.x), top: of(centre.y), columns: count, rows: count, step }
    }
}

/// The votes of `voters` for `point`, smoothed with a Gaussian of `smoothing` pixels, on the pixels that the voters
/// span. Those whose patch leaves the window do not vote.
pub(super) fn respond(
    forests: &Forests,
    point: usize,
    integral: &Integral,
    patch: usize,
    voters: Voters,
    smoothing: f64,
) -> Response {
    let (columns, rows) = ((voters.columns - 1) * voters.step + 1, (voters.rows - 1) * voters.step + 1);
    let mut values = vec![0.0_f32; columns * rows];
    let half = 0.5 * (patch as f64 - 1.0);
    let corner = half.floor() as i32;
    // Of an even patch the centre lies between pixels.
    let centre = (half - f64::from(corner)) as f32;
    let mut cast = 0.0_f32;
    for voter in 0..voters.columns * voters.rows {
        let (u, v) = (voter % voters.columns * voters.step, voter / voters.columns * voters.step);
        let (left, top) = (voters.left + u as i32 - corner, voters.top + v as i32 - corner);
        let fits = |start: i32, length: usize| start >= 0 && start as usize + patch <= length;
        if !fits(left, integral.columns()) || !fits(top, integral.rows()) {
            continue;
        }
        let patch = integral.patch(left as usize, top as usize, patch);
        for vote in forests.votes(point, &patch) {
            cast += vote.weight;
            splat(
                &mut values,
                columns,
                rows,
                u as f32 + centre + vote.x,
                v as f32 + centre + vote.y,
                vote.weight,
            );
        }
    }
    smooth(&mut values, columns, rows, smoothing);
    if cast > 0.0 {
        values.iter_mut().for_each(|v| *v /= cast);
    }
    Response { left: voters.left, top: voters.top, columns, rows, values, cast }
}

/// One vote over its four nearest pixels; what falls outside is lost.
fn splat(values: &mut [f32], columns: usize, rows: usize, x: f32, y: f32, weight: f32) {
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = (x - x0, y - y0);
    let (x0, y0) = (x0 as i32, y0 as i32);
    for (row, wy) in [(y0, 1.0 - fy), (y0 + 1, fy)] {
        for (column, wx) in [(x0, 1.0 - fx), (x0 + 1, fx)] {
            if row >= 0 && column >= 0 && (row as usize) < rows && (column as usize) < columns {
                values[row as usize * columns + column as usize] += weight * wx * wy;
            }
        }
    }
}

/// Gaussian of `sd` pixels along both axes, cut at 3 SD; nothing comes in from outside.
fn smooth(values: &mut [f32], columns: usize, rows: usize, sd: f64) {
    let radius = (3.0 * sd).ceil() as usize;
    let kernel: Vec<f32> = (0..=2 * radius)
        .map(|i| (-(i as f64 - radius as f64).powi(2) / (2.0 * sd * sd)).exp() as f32)
        .collect();
    let total: f32 = kernel.iter().sum();
    let mut line = vec![0.0_f32; columns.max(rows)];
    for (lines, start, length, step) in [(rows, columns, columns, 1), (columns, 1, rows, columns)] {
        for index in 0..lines {
            line[..length].fill(0.0);
            for i in 0..length {
                let value = values[index * start + i * step] / total;
                if value != 0.0 {
                    let (low, high) = (i.saturating_sub(radius), (i + radius).min(length - 1));
                    for (target, weight) in line[low..=high].iter_mut().zip(&kernel[low + radius - i..]) {
                        *target += value * weight;
                    }
                }
            }
            for (i, value) in line[..length].iter().enumerate() {
                values[index * start + i * step] = *value;
            }
        }
    }
}

impl Response {
    /// The value at the pixel nearest to a place of the window; 0 outside.
    pub fn at(&self, p: Point) -> f32 {
        let (x, y) = (p.x.round() as i32 - self.left, p.y.round() as i32 - self.top);
        let inside = x >= 0 && y >= 0 && (x as usize) < self.columns && (y as usize) < self.rows;
        if inside { self.values[y as usize * self.columns + x as usize] } else { 0.0 }
    }

    /// The pixels within `radius` of `centre` with their values.
    fn disc(&self, centre: Point, radius: f64) -> impl Iterator<Item = (Point, f32)> + '_ {
        let span = |at: f64, first: i32, count: usize| {
            let low = ((at - radius).ceil() as i32 - first).clamp(0, count as i32) as usize;
            let high = ((at + radius).floor() as i32 - first + 1).clamp(0, count as i32) as usize;
            low..high.max(low)
        };
        let columns = span(centre.x, self.left, self.columns);
        span(centre.y, self.top, self.rows).flat_map(move |row| {
            columns.clone().filter_map(move |column| {
                let at = Point::new(f64::from(self.left) + column as f64, f64::from(self.top) + row as f64);
                (at.distance(centre) <= radius).then(|| (at, self.values[row * self.columns + column]))
            })
        })
    }

    /// The largest value within `radius` of `centre` and its place, refined below a pixel; `centre` and 0 where
    /// nothing was voted for.
    pub fn best(&self, centre: Point, radius: f64) -> (Point, f32) {
        let mut best = (centre, 0.0);
        for (at, value) in self.disc(centre, radius) {
            if value > best.1 {
                best = (at, value);
            }
        }
        (if best.1 > 0.0 { self.refined(best.0) } else { centre }, best.1)
    }

    /// A parabola through the logarithms about a peak, exact for a Gaussian; never more than half a pixel off.
    fn refined(&self, peak: Point) -> Point {
        let log =
            |dx: f64, dy: f64| f64::from(self.at(peak + Vector::new(dx, dy)).max(f32::MIN_POSITIVE)).ln();
        let here = log(0.0, 0.0);
        let offset = |before: f64, after: f64| {
            let curvature = before - 2.0 * here + after;
            if curvature < 0.0 { (0.5 * (before - after) / curvature).clamp(-0.5, 0.5) } else { 0.0 }
        };
        peak + Vector::new(offset(log(-1.0, 0.0), log(1.0, 0.0)), offset(log(0.0, -1.0), log(0.0, 1.0)))
    }

    /// Per-axis SD about `centre` of what lies within `radius` of it, and its share of all votes.
    pub fn spread(&self, centre: Point, radius: f64) -> (f64, f64) {
        let (mut mass, mut square) = (0.0, 0.0);
        for (at, value) in self.disc(centre, radius) {
            let away = at - centre;
            mass += f64::from(value);
            square += f64::from(value) * away.dot(away);
        }
        if mass > 0.0 { ((0.5 * square / mass).sqrt(), mass.min(1.0)) } else { (radius, 0.0) }
    }

    /// The highest places, none nearer to a higher one than `apart`; at most `count`.
    pub fn peaks(&self, count: usize, apart: f64) -> Vec<(Point, f32)> {
        let mut order: Vec<usize> = (0..self.values.len()).filter(|i| self.values[*i] > 0.0).collect();
        order.sort_unstable_by(|a, b| self.values[*b].total_cmp(&self.values[*a]).then(a.cmp(b)));
        let mut peaks: Vec<(Point, f32)> = Vec::new();
        for index in order {
            let at = Point::new(
                f64::from(self.left) + (index % self.columns) as f64,
                f64::from(self.top) + (index / self.columns) as f64,
            );
            if peaks.iter().all(|(p, _)| p.distance(at) > apart) {
                peaks.push((at, self.values[index]));
                if peaks.len() == count {
                    break;
                }
            }
        }
        peaks
    }
}
