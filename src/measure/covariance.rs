//! The error of a position as a 2×2 covariance: readers and networks know a point on a margin well across it and badly
//! along it, and only the first moves an angle.

use super::point::Vector;
use serde::{Deserialize, Serialize};

/// Room for rounding in the check that a covariance is one.
const ROUNDING: f64 = 1e-9;

/// Covariance of a position's error in pixel coordinates, pixels²; positive semidefinite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "[f64; 3]", try_from = "[f64; 3]")]
pub struct Covariance {
    xx: f64,
    xy: f64,
    yy: f64,
}

impl From<Covariance> for [f64; 3] {
    fn from(covariance: Covariance) -> [f64; 3] {
        covariance.entries()
    }
}

impl TryFrom<[f64; 3]> for Covariance {
    type Error = &'static str;

    fn try_from([xx, xy, yy]: [f64; 3]) -> Result<Covariance, Self::Error> {
        Covariance::new(xx, xy, yy).ok_or("three numbers that are no covariance")
    }
}

impl Covariance {
    /// `None` unless the matrix is finite and positive semidefinite.
    pub fn new(xx: f64, xy: f64, yy: f64) -> Option<Covariance> {
        let valid = xx >= 0.0 && yy >= 0.0 && xy * xy <= xx * yy * (1.0 + ROUNDING);
        (valid && (xx + yy).is_finite()).then_some(Covariance { xx, xy, yy })
    }

    /// The same standard deviation in every direction; `None` unless it is finite and not negative.
    pub fn isotropic(sd: f64) -> Option<Covariance> {
        if sd < 0.0 { None } else { Covariance::new(sd * sd, 0.0, sd * sd) }
    }

    /// `[xx, xy, yy]`.
    pub fn entries(self) -> [f64; 3] {
        [self.xx, self.xy, self.yy]
    }

    /// Standard deviation of one axis, the root mean square over all directions.
    pub fn sd(self) -> f64 {
        (0.5 * (self.xx + self.yy)).sqrt()
    }

    pub fn is_isotropic(self) -> bool {
        self.xx == self.yy && self.xy == 0.0
    }

    /// Of the sum of two independent errors.
    pub fn plus(self, other: Covariance) -> Covariance {
        Covariance { xx: self.xx + other.xx, xy: self.xy + other.xy, yy: self.yy + other.yy }
    }

    /// Standard deviations along the ellipse's longer and shorter axis, and the direction of the longer.
    pub fn axes(self) -> (f64, f64, Vector) {
        let (mean, half) = (0.5 * (self.xx + self.yy), 0.5 * (self.xx - self.yy));
        let reach = half.hypot(self.xy);
        let angle = 0.5 * self.xy.atan2(half);
        ((mean + reach).sqrt(), (mean - reach).max(0.0).sqrt(), Vector::new(angle.cos(), angle.sin()))
    }

    /// The lower Cholesky factor, which makes draws of this covariance out of independent standard normal ones.
    pub fn factor(self) -> Factor {
        let first = self.xx.sqrt();
        let mixed = if first > 0.0 { self.xy / first } else { 0.0 };
        Factor { first, mixed, second: (self.yy - mixed * mixed).max(0.0).sqrt() }
    }
}

/// A lower triangular matrix, row by row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    first: f64,
    mixed: f64,
    second: f64,
}

impl Factor {
    /// The displacement that two independent standard normal numbers stand for.
    pub fn draw(self, a: f64, b: f64) -> Vector {
        Vector::new(self.first * a, self.mixed * a + self.second * b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_covariances_are_accepted() {
        assert!(Covariance::new(4.0, 1.9, 1.0).is_some() && Covariance::new(0.0, 0.0, 1.0).is_some());
        for (xx, xy, yy) in
            [(4.0, 2.1, 1.0), (-1.0, 0.0, 1.0), (1.0, f64::NAN, 1.0), (f64::INFINITY, 0.0, 1.0)]
        {
            assert_eq!(Covariance::new(xx, xy, yy), None, "{xx} {xy} {yy}");
        }
        for sd in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Covariance::isotropic(sd), None);
        }
    }

    #[test]
    fn the_factor_times_its_transpose_is_the_covariance() {
        for (xx, xy, yy) in [(4.0, 1.5, 1.0), (9.0, -6.0, 4.0), (0.0, 0.0, 2.0), (3.0, 0.0, 0.0)] {
            let factor = Covariance::new(xx, xy, yy).expect("a covariance").factor();
            let (a, b) = (factor.draw(1.0, 0.0), factor.draw(0.0, 1.0));
            let product = [a.x * a.x + b.x * b.x, a.x * a.y + b.x * b.y, a.y * a.y + b.y * b.y];
            for (found, expected) in product.into_iter().zip([xx, xy, yy]) {
                assert!((found - expected).abs() < 1e-12, "{product:?}");
            }
        }
    }

    #[test]
    fn axes_of_a_turned_ellipse() {
        // 3 along 30°, 1 across.
        let (sin, cos) = 30.0_f64.to_radians().sin_cos();
        let turned =
            Covariance::new(9.0 * cos * cos + sin * sin, 8.0 * sin * cos, 9.0 * sin * sin + cos * cos);
        let (long, short, direction) = turned.expect("a covariance").axes();
        assert!((long - 3.0).abs() < 1e-12 && (short - 1.0).abs() < 1e-12);
        assert!((direction.x - cos).abs() < 1e-12 && (direction.y - sin).abs() < 1e-12);
    }
}
