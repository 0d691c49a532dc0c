//! Haar-like features of a patch by integral images: P. Viola, M. Jones, "Rapid Object Detection using a Boosted
//! Cascade of Simple Features", CVPR 2001.

use crate::models::pyramid::Window;

/// A patch flatter than this share of the film's SD is not stretched any further.
const FLATTEST: f64 = 0.1;

/// Sums of the greys, and of their squares, over every rectangle that begins in the upper left corner.
#[derive(Debug, Clone)]
pub struct Integral {
    stride: usize,
    rows: usize,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Integral {
    pub fn new(window: &Window) -> Self {
        let stride = window.columns + 1;
        let mut sums = vec![0.0; stride * (window.rows + 1)];
        let mut squares = sums.clone();
        for (row, values) in window.values.chunks_exact(window.columns.max(1)).enumerate() {
            let (mut sum, mut square) = (0.0, 0.0);
            for (column, value) in values.iter().enumerate() {
                let value = f64::from(*value);
                sum += value;
                square += value * value;
                let at = (row + 1) * stride + column + 1;
                sums[at] = sums[at - stride] + sum;
                squares[at] = squares[at - stride] + square;
            }
        }
        Self { stride, rows: window.rows, sums, squares }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.stride - 1
    }

    fn over(&self, of: &[f64], at: usize, width: usize, height: usize) -> f64 {
        let below = at + height * self.stride;
        of[at] + of[below + width] - of[at + width] - of[below]
    }

    /// The square patch of `side` pixels with its upper left corner at (`left`, `top`); it must lie within.
    pub fn patch(&self, left: usize, top: usize, side: usize) -> Patch<'_> {
        let corner = top * self.stride + left;
        let count = (side * side) as f64;
        let mean = self.over(&self.sums, corner, side, side) / count;
        let variance = self.over(&self.squares, corner, side, side) / count - mean * mean;
        Patch { integral: self, corner, gain: 1.0 / variance.max(0.0).sqrt().max(FLATTEST) }
    }
}

/// A square of an [`Integral`], seen with a contrast of its own.
#[derive(Debug, Clone, Copy)]
pub struct Patch<'a> {
    integral: &'a Integral,
    corner: usize,
    gain: f64,
}

/// How the equal cells of a feature lie and count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Two side by side: the right less the left.
    EdgeX = 0,
    /// Two, one above the other.
    EdgeY = 1,
    /// Three side by side: the middle one twice, less the others.
    LineX = 2,
    LineY = 3,
    /// Two by two, crosswise.
    Checker = 4,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::EdgeX, Kind::EdgeY, Kind::LineX, Kind::LineY, Kind::Checker];

    /// Cells along x and y.
    pub fn cells(self) -> (usize, usize) {
        match self {
            Kind::EdgeX => (2, 1),
            Kind::EdgeY => (1, 2),
            Kind::LineX => (3, 1),
            Kind::LineY => (1, 3),
            Kind::Checker => (2, 2),
        }
    }
}

/// A feature: its cells of `width` × `height` pixels begin at (`x`, `y`) of the patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haar {
    pub kind: Kind,
    pub x: u8,
    pub y: u8,
    pub width: u8,
    pub height: u8,
}

impl Haar {
    /// Whether it lies within a patch of `side` pixels.
    pub fn fits(&self, side: usize) -> bool {
        let (across, down) = self.kind.cells();
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        width > 0
            && height > 0
            && usize::from(self.x) + across * width <= side
            && usize::from(self.y) + down * height <= side
    }

    /// Difference of the cells' mean greys in SDs of the patch. The feature must fit.
    pub fn value(&self, patch: &Patch) -> f32 {
        let integral = patch.integral;
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        let at = patch.corner + usize::from(self.y) * integral.stride + usize::from(self.x);
        let sum = |across: usize, down: usize, wide: usize, high: usize| {
            let start = at + down * height * integral.stride + across * width;
            integral.over(&integral.sums, start, wide * width, high * height)
        };
        // Twice or three times a part less the whole is the part less the rest.
        let difference = match self.kind {
            Kind::EdgeX => 2.0 * sum(1, 0, 1, 1) - sum(0, 0, 2, 1),
            Kind::EdgeY => 2.0 * sum(0, 1, 1, 1) - sum(0, 0, 1, 2),
            Kind::LineX => 3.0 * sum(1, 0, 1, 1) - sum(0, 0, 3, 1),
            Kind::LineY => 3.0 * sum(0, 1, 1, 1) - sum(0, 0, 1, 3),
            Kind::Checker => 2.0 * (sum(0, 0, 1, 1) + sum(1, 1, 1, 1)) - sum(0, 0, 2, 2),
        };
        (patch.gain * difference / (width * height) as f64) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        let values = (0..30 * 40).map(|i| ((i * 7919) % 101) as f32 / 50.0 - 1.0).collect();
        Window { rows: 30, columns: 40, values }
    }

    /// Every kind against its definition, pixel by pixel.
    #[test]
    fn features_are_differences_of_means() {
        let window = window();
        let integral = Integral::new(&window);
        let (left, top, side) = (9, 6, 20);
        let patch = integral.patch(left, top, side);
        let grey = |x: usize, y: usize| f64::from(window.values[(top + y) * 40 + left + x]);
        let all: Vec<f64> = (0..side * side).map(|i| grey(i % side, i / side)).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let sd = (all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
        for kind in Kind::ALL {
            let haar = Haar { kind, x: 3, y: 2, width: 4, height: 5 };
            assert!(haar.fits(side));
            let (across, down) = kind.cells();
            let mut expected = 0.0;
            for cell in 0..across * down {
                let sign = match (kind, cell) {
                    (Kind::EdgeX | Kind::EdgeY, cell) => [-1.0, 1.0][cell],
                    (Kind::LineX | Kind::LineY, cell) => [-1.0, 2.0, -1.0][cell],
                    (Kind::Checker, cell) => [1.0, -1.0, -1.0, 1.0][cell],
                };
                let (u, v) = (3 + 4 * (cell % across), 2 + 5 * (cell / across));
                let sum: f64 = (0..20).map(|i| grey(u + i % 4, v + i / 4)).sum();
                expected += sign * sum / 20.0 / sd;
            }
            let found = f64::from(haar.value(&patch));
            assert!((found - expected).abs() < 1e-5, "{kind:?}: {found} {expected}");
        }
    }

    #[test]
    fn features_see_no_brightness_and_no_contrast() {
        let mut other = window();
        other.values.iter_mut().for_each(|v| *v = 3.0 * *v + 11.0);
        let (a, b) = (Integral::new(&window()), Integral::new(&other));
        let haar = Haar { kind: Kind::LineX, x: 1, y: 1, width: 3, height: 7 };
        let (a, b) = (haar.value(&a.patch(4, 5, 16)), haar.value(&b.patch(4, 5, 16)));
        assert!((a - b).abs() < 1e-4, "{a} {b}");
        assert!(!Haar { kind: Kind::LineX, x: 14, y: 0, width: 1, height: 1 }.fits(16));
        assert!(!Haar { kind: Kind::EdgeX, x: 0, y: 0, width: 0, height: 1 }.fits(16));
    }
}
