//! Where a motion acts: everything near a segment, and smoothly nothing further off.

use crate::measure::Point;

/// 1 within `inner` of the segment `from`–`to`, 0 beyond `outer`, smooth between (twice differentiable).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bump {
    pub from: Point,
    pub to: Point,
    pub inner: f64,
    pub outer: f64,
}

impl Bump {
    pub fn at(&self, p: Point) -> f64 {
        let along = self.to - self.from;
        let t = ((p - self.from).dot(along) / along.dot(along).max(1e-12)).clamp(0.0, 1.0);
        let t = (p.distance(self.from + along * t) - self.inner) / (self.outer - self.inner);
        let t = t.clamp(0.0, 1.0);
        1.0 - t * t * t * (10.0 - t * (15.0 - 6.0 * t))
    }
}
