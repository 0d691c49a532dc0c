//! Smooth motions of the plane that never fold: a point drifts along a steady field for one unit of time.
//!
//! What follows a smooth field keeps its neighbours, and drifting backwards undoes it, so points can be moved forwards
//! and pixels be looked up backwards by the same map, as exactly as the field is integrated. A warp by adding a
//! displacement promises neither.

use super::bump::Bump;
use crate::measure::{Point, Vector};

/// Steps of the integration; of the fourth order, so half of them would do for motions of a tenth of a film.
const STEPS: usize = 8;

/// What the middle of a region does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Motion {
    /// Turns about a point by so many radians, clockwise on screen.
    Turn(Point, f64),
    Shift(Vector),
}

/// One motion, of one region of the film.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    pub(super) motion: Motion,
    pub(super) moved: Bump,
    /// What the motion spares.
    pub(super) held: Vec<Bump>,
}

impl Flow {
    fn velocity(&self, p: Point) -> Vector {
        let mut share = self.moved.at(p);
        if share == 0.0 {
            return Vector::new(0.0, 0.0);
        }
        for held in &self.held {
            share *= 1.0 - held.at(p);
        }
        let whole = match self.motion {
            Motion::Turn(about, angle) => Vector::new(about.y - p.y, p.x - about.x) * angle,
            Motion::Shift(by) => by,
        };
        whole * share
    }

    /// Where `p` is after `time` (−1: before the motion).
    pub(super) fn drift(&self, mut p: Point, time: f64) -> Point {
        let step = time / STEPS as f64;
        for _ in 0..STEPS {
            let a = self.velocity(p);
            if a == Vector::new(0.0, 0.0) {
                // The field is steady: what rests, rests.
                return p;
            }
            let b = self.velocity(p + a * (0.5 * step));
            let c = self.velocity(p + b * (0.5 * step));
            let d = self.velocity(p + c * step);
            p = p + (a + (b + c) * 2.0 + d) * (step / 6.0);
        }
        p
    }
}

/// Motions one after another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Warp(pub(super) Vec<Flow>);

impl Warp {
    /// Where a point of the old film lies on the new one.
    pub fn forward(&self, p: Point) -> Point {
        self.0.iter().fold(p, |p, flow| flow.drift(p, 1.0))
    }

    /// Where a point of the new film lay on the old one.
    pub fn backward(&self, p: Point) -> Point {
        self.0.iter().rev().fold(p, |p, flow| flow.drift(p, -1.0))
    }

    /// `values` (row-major) moved. A pixel that no motion reaches keeps its value to the bit.
    pub fn apply(&self, values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns)
            .map(|i| {
                let pixel = Point::new((i % columns) as f64, (i / columns) as f64);
                let from = self.backward(pixel);
                if from == pixel { values[i] } else { sample(values, rows, columns, from) }
            })
            .collect()
    }
}

/// Catmull–Rom between pixels (keeps the sharpness of a film, unlike the bilinear); the border repeats.
pub(super) fn sample(values: &[f32], rows: usize, columns: usize, at: Point) -> f32 {
    let weights = |t: f64| {
        let (t2, t3) = (t * t, t * t * t);
        [
            0.5 * (2.0 * t2 - t3 - t),
            0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
            0.5 * (4.0 * t2 - 3.0 * t3 + t),
            0.5 * (t3 - t2),
        ]
    };
    let (left, top) = (at.x.floor(), at.y.floor());
    let (across, down) = (weights(at.x - left), weights(at.y - top));
    let place = |base: f64, k: usize, n: usize| (base as i64 + k as i64 - 1).clamp(0, n as i64 - 1) as usize;
    let mut sum = 0.0;
    for (k, wy) in down.iter().enumerate() {
        let row = place(top, k, rows) * columns;
        for (j, wx) in across.iter().enumerate() {
            sum += wx * wy * f64::from(values[row + place(left, j, columns)]);
        }
    }
    sum as f32
}
