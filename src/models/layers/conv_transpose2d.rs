//! Transposed convolution: the up-sampling that learns.

use candle_core::{Module, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use super::convolution::{PackedCache, convolve_transposed};

/// The geometry of a transposed convolution, the same along rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvTranspose2dOptions {
    /// Input pixels land this many output pixels apart.
    pub stride: usize,
    /// Pixels cut off each of the four sides of the output.
    pub padding: usize,
    /// Rows and columns added at the bottom and the right.
    pub output_padding: usize,
    /// Kernel taps are this many output pixels apart.
    pub dilation: usize,
}

impl Default for ConvTranspose2dOptions {
    fn default() -> Self {
        Self { stride: 1, padding: 0, output_padding: 0, dilation: 1 }
    }
}

/// A transposed convolution: weight `[in, out, k, k]` and an optional bias `[out]`.
///
/// A weight that is no variable is taken for constant: its packed form is kept from the first use on.
#[derive(Debug, Clone)]
pub struct ConvTranspose2d {
    weight: Tensor,
    bias: Option<Tensor>,
    options: ConvTranspose2dOptions,
    packed: PackedCache,
}

impl ConvTranspose2d {
    /// A transposed convolution of these parameters.
    pub fn new(weight: Tensor, bias: Option<Tensor>, options: ConvTranspose2dOptions) -> Self {
        Self { weight, bias, options, packed: PackedCache::default() }
    }
}

impl Module for ConvTranspose2d {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        convolve_transposed(x, &self.weight, self.bias.as_ref(), self.options, &self.packed)
    }
}

/// A transposed convolution with square kernels and a bias; parameters `weight` and `bias` of `vb`.
pub fn conv_transpose2d(
    inputs: usize,
    outputs: usize,
    size: usize,
    options: ConvTranspose2dOptions,
    vb: VarBuilder,
) -> Result<ConvTranspose2d> {
    let bound = 1.0 / ((outputs * size * size).max(1) as f64).sqrt();
    let init = Init::Uniform { lo: -bound, up: bound };
    let weight = vb.get_with_hints((inputs, outputs, size, size), "weight", init)?;
    let bias = vb.get_with_hints(outputs, "bias", init)?;
    Ok(ConvTranspose2d::new(weight, Some(bias), options))
}

#[cfg(test)]
mod tests {
    use super::super::check::{difference, gradients, random};
    use super::*;

    fn cases() -> Vec<([usize; 4], [usize; 4], ConvTranspose2dOptions)> {
        let of = |stride, padding, output_padding, dilation| ConvTranspose2dOptions {
            stride,
            padding,
            output_padding,
            dilation,
        };
        vec![
            ([2, 3, 4, 5], [3, 2, 2, 2], of(2, 0, 0, 1)),
            ([2, 9, 5, 4], [9, 10, 3, 3], of(2, 1, 1, 1)),
            ([1, 2, 3, 3], [2, 3, 4, 4], of(2, 1, 0, 1)),
            ([1, 2, 5, 3], [2, 3, 3, 3], of(1, 1, 0, 2)),
            ([1, 2, 3, 4], [2, 1, 1, 1], of(3, 0, 0, 1)),
        ]
    }

    #[test]
    fn gradients_match_finite_differences() {
        for (x, weight, options) in cases() {
            let inputs = [random(&x, 1), random(&weight, 2), random(&weight[1..2], 3)];
            gradients(&inputs, 0.5, 1e-4, |t| {
                ConvTranspose2d::new(t[1].clone(), Some(t[2].clone()), options).forward(&t[0])
            });
        }
    }

    #[test]
    fn equals_candle() {
        for (x, weight, options) in cases() {
            let (x, weight) = (random(&x, 1), random(&weight, 2));
            let ours = ConvTranspose2d::new(weight.clone(), None, options).forward(&x).unwrap();
            let ConvTranspose2dOptions { stride, padding, output_padding, dilation } = options;
            let theirs = x.conv_transpose2d(&weight, padding, output_padding, stride, dilation).unwrap();
            assert!(difference(&ours, &theirs) < 1e-5, "{x:?} {options:?}");
        }
    }

    #[test]
    fn impossible_shapes_are_errors() {
        let x = random(&[1, 4, 5, 5], 1);
        let layer = |shape: [usize; 4], options| ConvTranspose2d::new(random(&shape, 2), None, options);
        let options = ConvTranspose2dOptions::default();
        assert!(layer([3, 2, 3, 3], options).forward(&x).is_err());
        assert!(layer([4, 2, 1, 1], ConvTranspose2dOptions { padding: 9, ..options }).forward(&x).is_err());
    }
}
