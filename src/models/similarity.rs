//! Similarities of the plane: shift, turn and one scale for both axes, so that an angle stays an angle.

use crate::measure::{Point, Vector};
use serde::{Deserialize, Serialize};

/// x′ = a·x − b·y + shift.x, y′ = b·x + a·y + shift.y.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Similarity {
    /// Scale × cosine of the rotation.
    pub a: f64,
    /// Scale × sine of the rotation, clockwise on screen (y down).
    pub b: f64,
    pub shift: Vector,
}

impl Similarity {
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, shift: Vector::new(0.0, 0.0) };

    /// Scales and turns (radians, clockwise on screen) about the origin, then moves the origin to `origin`.
    pub fn new(scale: f64, rotation: f64, origin: Point) -> Self {
        let (sin, cos) = rotation.sin_cos();
        Self { a: scale * cos, b: scale * sin, shift: Vector::new(origin.x, origin.y) }
    }

    /// Only a shift.
    pub fn translation(shift: Vector) -> Self {
        Self { shift, ..Self::IDENTITY }
    }

    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    /// Radians, clockwise on screen.
    pub fn rotation(&self) -> f64 {
        self.b.atan2(self.a)
    }

    pub fn apply(&self, p: Point) -> Point {
        Point::new(self.a * p.x - self.b * p.y + self.shift.x, self.b * p.x + self.a * p.y + self.shift.y)
    }

    /// What takes points back; nonsense (not finite) for a scale of 0.
    pub fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        let shift =
            Vector::new(-(a * self.shift.x - b * self.shift.y), -(b * self.shift.x + a * self.shift.y));
        Self { a, b, shift }
    }

    /// First `inner`, then this.
    pub fn after(&self, inner: &Self) -> Self {
        let origin = self.apply(Point::new(inner.shift.x, inner.shift.y));
        Self {
            a: self.a * inner.a - self.b * inner.b,
            b: self.b * inner.a + self.a * inner.b,
            shift: Vector::new(origin.x, origin.y),
        }
    }

    /// The similarity that takes `from` nearest to `to` by weighted least squares; `None` where fewer than two
    /// different points have weight.
    pub fn fit(pairs: impl Iterator<Item = (Point, Point, f64)> + Clone) -> Option<Self> {
        let total: f64 = pairs.clone().map(|(_, _, w)| w).sum();
        if !(total > 0.0 && total.is_finite()) {
            return None;
        }
        let mean = |of: fn(&(Point, Point, f64)) -> Point| {
            let (mut x, mut y) = (0.0, 0.0);
            for pair in pairs.clone() {
                x += pair.2 * of(&pair).x;
                y += pair.2 * of(&pair).y;
            }
            Point::new(x / total, y / total)
        };
        let (from, to) = (mean(|p| p.0), mean(|p| p.1));
        let (mut dot, mut cross, mut square) = (0.0, 0.0, 0.0);
        for (p, q, w) in pairs {
            let (u, v) = (p - from, q - to);
            dot += w * u.dot(v);
            cross += w * u.cross(v);
            square += w * u.dot(u);
        }
        let turn = Self { a: dot / square, b: cross / square, shift: Vector::new(0.0, 0.0) };
        let fitted = Self { shift: to - turn.apply(from), ..turn };
        (square > 0.0 && fitted.scale() > 0.0 && fitted.scale().is_finite()).then_some(fitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Similarity = Similarity { a: 1.2, b: -0.7, shift: Vector::new(3.0, -8.0) };

    #[test]
    fn inverse_and_composition_are_those_of_maps() {
        let p = Point::new(4.5, -2.0);
        assert!(SOME.inverse().apply(SOME.apply(p)).distance(p) < 1e-12);
        let other = Similarity::new(0.4, 0.3, Point::new(-5.0, 1.0));
        assert!(other.after(&SOME).apply(p).distance(other.apply(SOME.apply(p))) < 1e-12);
        assert!((other.scale() - 0.4).abs() < 1e-12 && (other.rotation() - 0.3).abs() < 1e-12);
    }

    #[test]
    fn a_fit_finds_what_moved_the_points_and_ignores_those_without_weight() {
        let from = [(0.0, 0.0), (10.0, 2.0), (3.0, 7.0), (50.0, 50.0)].map(|(x, y)| Point::new(x, y));
        let mut to = from.map(|p| SOME.apply(p));
        to[3] = Point::new(0.0, 0.0);
        let weights = [1.0, 2.0, 0.5, 0.0];
        let pairs = (0..4).map(|i| (from[i], to[i], weights[i]));
        let found = Similarity::fit(pairs).unwrap();
        assert!((found.a - SOME.a).abs() < 1e-9 && (found.b - SOME.b).abs() < 1e-9);
        assert!((found.apply(from[0]) - SOME.apply(from[0])).length() < 1e-9);
        assert_eq!(Similarity::fit([(from[0], to[0], 1.0)].into_iter()), None);
        assert_eq!(Similarity::fit([].into_iter()), None);
    }
}
