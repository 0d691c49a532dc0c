//! The loops of a normalisation over one plane, compiled for the vectors of the machine.

use std::mem::MaybeUninit;

use pulp::Arch;

/// Sums are kept in as many lanes as the longest vector has.
const LANES: usize = 16;

/// Mean and population variance of a set of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub mean: f64,
    pub variance: f64,
}

impl Moments {
    /// Those of all `planes` together, which are equally long.
    pub(super) fn of<'a>(planes: impl Iterator<Item = &'a [f32]> + Clone) -> Self {
        let of_plane = |plane| {
            Arch::new().dispatch(
                #[inline(always)]
                || Self::of_plane(plane),
            )
        };
        let each: Vec<Self> = planes.map(of_plane).collect();
        let count = each.len().max(1) as f64;
        let mean = each.iter().map(|m| m.mean).sum::<f64>() / count;
        let variance = each.iter().map(|m| m.variance + (m.mean - mean).powi(2)).sum::<f64>() / count;
        Self { mean, variance }
    }

    #[inline(always)]
    fn of_plane(plane: &[f32]) -> Self {
        let count = plane.len().max(1) as f64;
        let [mean, _] = sums(
            plane,
            plane,
            #[inline(always)]
            |x, _| [x, 0.0],
        )
        .map(|sum| sum / count);
        let middle = mean as f32;
        let [square, offset] = sums(
            plane,
            plane,
            #[inline(always)]
            |x, _| [(x - middle) * (x - middle), x - middle],
        );
        Self { mean, variance: (square / count - (offset / count).powi(2)).max(0.0) }
    }
}

/// `[Σ of(a, b)]` for two sums at once.
#[inline(always)]
fn sums(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> [f32; 2]) -> [f64; 2] {
    let mut lanes = [[0f32; LANES]; 2];
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            let [first, second] = of(a[lane], b[lane]);
            lanes[0][lane] += first;
            lanes[1][lane] += second;
        }
    }
    for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        let [first, second] = of(*a, *b);
        lanes[0][lane] += first;
        lanes[1][lane] += second;
    }
    lanes.map(|lanes| lanes.iter().map(|lane| f64::from(*lane)).sum())
}

/// What is done to the values of one plane: `activation((x − mean) · precision · weight + bias)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaneNorm {
    pub mean: f32,
    /// Reciprocal of the standard deviation.
    pub precision: f32,
    pub weight: f32,
    pub bias: f32,
    /// Slope of the activation below zero.
    pub slope: f32,
}

impl PlaneNorm {
    #[inline(always)]
    fn standard(self, x: f32) -> f32 {
        (x - self.mean) * self.precision
    }

    /// The slope of the activation at `x`.
    #[inline(always)]
    fn slope_at(self, x: f32) -> f32 {
        if self.standard(x) * self.weight + self.bias > 0.0 { 1.0 } else { self.slope }
    }

    /// Writes the normalised plane.
    pub(super) fn forward(self, x: &[f32], out: &mut [MaybeUninit<f32>]) {
        Arch::new().dispatch(
            #[inline(always)]
            move || {
                for (out, x) in out.iter_mut().zip(x) {
                    let y = self.standard(*x) * self.weight + self.bias;
                    out.write(y * if y > 0.0 { 1.0 } else { self.slope });
                }
            },
        );
    }

    /// `[Σ d, Σ d · standard(x)]`, where `d` is the gradient `dy` before the activation: the gradients to bias and
    /// weight.
    pub(super) fn gradient_sums(self, x: &[f32], dy: &[f32]) -> [f64; 2] {
        Arch::new().dispatch(
            #[inline(always)]
            move || {
                sums(
                    x,
                    dy,
                    #[inline(always)]
                    |x, dy| {
                        let d = dy * self.slope_at(x);
                        [d, d * self.standard(x)]
                    },
                )
            },
        )
    }

    /// Writes the gradient to `x`. `means` are those of `weight · d` and `weight · d · standard(x)` over the set, or
    /// zero where mean and variance do not depend on `x`.
    pub(super) fn backward(self, x: &[f32], dy: &[f32], means: [f32; 2], out: &mut [MaybeUninit<f32>]) {
        Arch::new().dispatch(
            #[inline(always)]
            move || {
                for ((out, x), dy) in out.iter_mut().zip(x).zip(dy) {
                    let d = dy * self.slope_at(*x);
                    let centred = self.weight * d - means[0] - self.standard(*x) * means[1];
                    out.write(self.precision * centred);
                }
            },
        );
    }
}
