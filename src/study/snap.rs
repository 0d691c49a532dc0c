//! Snap to edge: the place near a point where the film's grey changes fastest, to a fraction of a pixel.
//!
//! Grey is the modality value at native depth, so that the answer depends on no window. The gradient is that of the
//! film smoothed by a Gaussian (J. Canny, 1986), so that single noisy pixels do not attract.

use crate::imaging::Radiograph;
use crate::measure::{Point, Vector};

/// Standard deviation of the Gaussian, pixels.
const SIGMA: f64 = 1.2;
/// Steps of the search, pixels.
const STEP: f64 = 0.5;
/// An edge is this many times steeper than noise alone makes the film: the steepest of the few dozen independent
/// gradients within a radius reaches some three.
const CONTRAST: f64 = 5.0;

/// An edge near a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    /// Pixels.
    pub point: Point,
    /// Modality values a pixel.
    pub gradient: f64,
}

/// The strongest edge within `radius` pixels of `at`: along `normal` where one is given, as for a curve whose course is
/// known, else in every direction. `None` where nothing stands out, or outside the film.
pub fn snap_to_edge(film: &Radiograph, at: Point, radius: f64, normal: Option<Vector>) -> Option<Snap> {
    let inside = at.x >= 0.0
        && at.y >= 0.0
        && at.x <= film.columns.saturating_sub(1) as f64
        && at.y <= film.rows.saturating_sub(1) as f64;
    if !(inside && radius > 0.0 && radius.is_finite()) {
        return None;
    }
    let patch = Patch::around(film, at, radius);
    let found = match normal {
        Some(normal) => patch.along(at, normal.unit()?, radius),
        None => {
            let steepest = patch.steepest(at, radius)?;
            let across = patch.gradient(steepest).unit()?;
            // From the best of the grid to the top of the ridge; what climbs out of the radius was no edge within it.
            let found = patch
                .along(steepest, across, 2.0 * STEP)
                .unwrap_or(Snap { point: steepest, gradient: patch.gradient(steepest).length() });
            (found.point.distance(at) <= radius + STEP).then_some(found)
        }
    };
    found.filter(|snap| snap.gradient > CONTRAST * patch.noise())
}

/// The film's values around a point.
struct Patch {
    values: Vec<f64>,
    left: isize,
    top: isize,
    width: usize,
    height: usize,
}

impl Patch {
    fn around(film: &Radiograph, at: Point, radius: f64) -> Patch {
        let margin = (radius + 4.0 * SIGMA).ceil() as isize + 2;
        let (left, top) = (at.x.round() as isize - margin, at.y.round() as isize - margin);
        let size = 2 * margin as usize + 1;
        let clamped = |at: isize, size: usize| at.clamp(0, size as isize - 1) as usize;
        let value = |index: usize| {
            let row = clamped(top + (index / size) as isize, film.rows);
            let column = clamped(left + (index % size) as isize, film.columns);
            film.stored.get(row * film.columns + column).map_or(0.0, |stored| film.modality.apply(*stored))
        };
        Patch { values: (0..size * size).map(value).collect(), left, top, width: size, height: size }
    }

    /// Derivative of the smoothed film at any place of the patch, modality values a pixel.
    fn gradient(&self, at: Point) -> Vector {
        let reach = (3.0 * SIGMA).ceil() as isize;
        let (column, row) = (at.x.round() as isize - self.left, at.y.round() as isize - self.top);
        let (mut sum, mut weights) = (Vector::default(), 0.0);
        for j in row - reach..=row + reach {
            for i in column - reach..=column + reach {
                if i < 0 || j < 0 || i >= self.width as isize || j >= self.height as isize {
                    continue;
                }
                let (dx, dy) = ((i + self.left) as f64 - at.x, (j + self.top) as f64 - at.y);
                let weight = (-(dx * dx + dy * dy) / (2.0 * SIGMA * SIGMA)).exp();
                let value = self.values[j as usize * self.width + i as usize];
                sum = sum + Vector::new(dx, dy) * (weight * value);
                weights += weight;
            }
        }
        // Of a plane, Σ w·dx·v is slope · Σ w·dx², which is σ² Σ w.
        sum * (1.0 / (SIGMA * SIGMA * weights))
    }

    /// The standard deviation that noise gives a gradient: of single pixels by J. Immerkær (CVIU 1996), whose mask does
    /// not see straight edges, after the Gaussian.
    fn noise(&self) -> f64 {
        let at = |row: usize, column: usize| self.values[row * self.width + column];
        let cross = |row: usize, column: usize| {
            let line = |row| at(row, column - 1) - 2.0 * at(row, column) + at(row, column + 1);
            (line(row - 1) - 2.0 * line(row) + line(row + 1)).abs()
        };
        let rows = 1..self.height - 1;
        let sum: f64 = rows
            .flat_map(|row| (1..self.width - 1).map(move |column| (row, column)))
            .map(|(row, column)| cross(row, column))
            .sum();
        let pixels = ((self.width - 2) * (self.height - 2)) as f64;
        let deviation = (0.5 * std::f64::consts::PI).sqrt() * sum / (6.0 * pixels);
        deviation / ((8.0 * std::f64::consts::PI).sqrt() * SIGMA * SIGMA)
    }

    fn steepest(&self, at: Point, radius: f64) -> Option<Point> {
        let count = (radius / STEP).floor() as isize;
        let offsets = || -count..=count;
        let places = offsets().flat_map(|j| offsets().map(move |i| Vector::new(i as f64, j as f64) * STEP));
        places
            .filter(|offset| offset.length() <= radius)
            .map(|offset| (self.gradient(at + offset).length(), at + offset))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, place)| place)
    }

    /// The top of the slope on a line through `at`.
    fn along(&self, at: Point, normal: Vector, radius: f64) -> Option<Snap> {
        let count = (radius / STEP).ceil().max(1.0) as isize;
        let slope = |i: isize| self.gradient(at + normal * (i as f64 * STEP)).dot(normal).abs();
        let slopes: Vec<f64> = (-count..=count).map(slope).collect();
        let (best, peak) = slopes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        // A slope that still rises at the end of the line has its edge beyond it.
        let (before, after) = (slopes.get(best.checked_sub(1)?)?, slopes.get(best + 1)?);
        let bend = 2.0 * peak - before - after;
        if !(*peak > 0.0 && bend > 0.0) {
            return None;
        }
        let shift = 0.5 * (after - before) / bend;
        let distance = (best as f64 - count as f64 + shift) * STEP;
        Some(Snap { point: at + normal * distance, gradient: peak + 0.125 * (after - before).powi(2) / bend })
    }
}
