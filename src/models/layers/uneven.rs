//! Convolutions whose strides differ between rows and columns, by those whose strides do not: nnU-Net plans them for
//! films that are much longer than wide.

use super::{Conv2d, Conv2dOptions, ConvTranspose2d, ConvTranspose2dOptions, conv_transpose2d, conv2d};
use candle_core::{Module, Result, Tensor, bail};
use candle_nn::{Init, VarBuilder};

/// A convolution with strides along rows and columns.
#[derive(Debug, Clone)]
pub struct StridedConv2d {
    conv: Conv2d,
    /// Of its output every so many rows and columns are kept.
    kept: [usize; 2],
}

/// A convolution with square kernels of odd `size`, the padding that goes with it, and a bias.
pub fn strided_conv2d(
    inputs: usize,
    outputs: usize,
    size: usize,
    stride: [usize; 2],
    vb: VarBuilder,
) -> Result<StridedConv2d> {
    let common = greatest_common_divisor(stride);
    if common == 0 {
        bail!("a stride of {stride:?}");
    }
    let conv = conv2d(inputs, outputs, size, Conv2dOptions::same(size).with_stride(common), vb)?;
    Ok(StridedConv2d { conv, kept: stride.map(|stride| stride / common) })
}

impl Module for StridedConv2d {
    /// Sides must be multiples of the strides.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.conv.forward(x)?;
        let [rows, columns] = self.kept;
        every(&every(&y, 2, rows)?, 3, columns)
    }
}

/// The first of every `count` values along an axis, whose length is a multiple of `count`.
fn every(x: &Tensor, axis: usize, count: usize) -> Result<Tensor> {
    if count == 1 {
        return Ok(x.clone());
    }
    let mut shape = x.dims().to_vec();
    if !shape[axis].is_multiple_of(count) {
        bail!("{} rows or columns are no multiple of {count}", shape[axis]);
    }
    shape[axis] /= count;
    shape.insert(axis + 1, count);
    x.reshape(shape)?.narrow(axis + 1, 0, 1)?.squeeze(axis + 1)?.contiguous()
}

fn greatest_common_divisor([mut a, mut b]: [usize; 2]) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Up-sampling that learns, by a transposed convolution whose taps do not overlap: kernel and stride are the same.
#[derive(Debug, Clone)]
pub enum UpConv2d {
    Even(ConvTranspose2d),
    /// Weight `[in, out, rows, columns]` and bias `[out]`.
    Uneven(Tensor, Tensor),
}

/// Up-sampling by `stride` rows and columns; parameters `weight` and `bias` of `vb`.
pub fn up_conv2d(inputs: usize, outputs: usize, stride: [usize; 2], vb: VarBuilder) -> Result<UpConv2d> {
    let [rows, columns] = stride;
    if rows == columns {
        let options = ConvTranspose2dOptions { stride: rows, ..ConvTranspose2dOptions::default() };
        return Ok(UpConv2d::Even(conv_transpose2d(inputs, outputs, rows, options, vb)?));
    }
    let bound = 1.0 / ((outputs * rows * columns).max(1) as f64).sqrt();
    let init = Init::Uniform { lo: -bound, up: bound };
    let weight = vb.get_with_hints((inputs, outputs, rows, columns), "weight", init)?;
    Ok(UpConv2d::Uneven(weight, vb.get_with_hints(outputs, "bias", init)?))
}

impl Module for UpConv2d {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (weight, bias) = match self {
            Self::Even(layer) => return layer.forward(x),
            Self::Uneven(weight, bias) => (weight, bias),
        };
        let (images, _, rows, columns) = x.dims4()?;
        let (inputs, outputs, down, across) = weight.dims4()?;
        // Where taps do not overlap every one of them is a convolution of a single pixel, and they interleave.
        let taps = weight.permute((1, 2, 3, 0))?.reshape((outputs * down * across, inputs, 1, 1))?;
        let y = Conv2d::new(taps.contiguous()?, None, Conv2dOptions::default()).forward(x)?;
        let y = y.reshape(vec![images, outputs, down, across, rows, columns])?;
        let y = y.permute(vec![0, 1, 4, 2, 5, 3])?.contiguous()?;
        y.reshape((images, outputs, rows * down, columns * across))?
            .broadcast_add(&bias.reshape((1, outputs, 1, 1))?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{difference, gradients, random};
    use super::*;

    #[test]
    fn gradients_match_finite_differences() {
        let inputs = [random(&[2, 3, 4, 6], 1), random(&[2, 3, 3, 3], 2), random(&[2], 3)];
        gradients(&inputs, 0.5, 1e-4, |t| {
            let conv = Conv2d::new(t[1].clone(), Some(t[2].clone()), Conv2dOptions::same(3));
            StridedConv2d { conv, kept: [1, 2] }.forward(&t[0])
        });
        let inputs = [random(&[2, 3, 3, 4], 1), random(&[3, 2, 1, 2], 2), random(&[2], 3)];
        gradients(&inputs, 0.5, 1e-4, |t| UpConv2d::Uneven(t[1].clone(), t[2].clone()).forward(&t[0]));
    }

    #[test]
    fn even_strides_are_those_of_the_even_layer() {
        let (x, weight, bias) = (random(&[2, 3, 4, 5], 1), random(&[3, 4, 2, 2], 2), random(&[4], 3));
        let options = ConvTranspose2dOptions { stride: 2, ..ConvTranspose2dOptions::default() };
        let even = ConvTranspose2d::new(weight.clone(), Some(bias.clone()), options).forward(&x).unwrap();
        let ours = UpConv2d::Uneven(weight, bias).forward(&x).unwrap();
        assert!(difference(&ours, &even) < 1e-5);
        let (x, weight) = (random(&[1, 2, 8, 12], 1), random(&[3, 2, 3, 3], 2));
        let even =
            Conv2d::new(weight.clone(), None, Conv2dOptions::same(3).with_stride(2)).forward(&x).unwrap();
        let conv = Conv2d::new(weight, None, Conv2dOptions::same(3));
        let ours = StridedConv2d { conv, kept: [2, 2] }.forward(&x).unwrap();
        assert!(difference(&ours, &even) < 1e-5);
        assert!(every(&random(&[1, 1, 3, 3], 1), 2, 2).is_err());
        assert_eq!([[4, 2], [1, 2], [3, 3]].map(greatest_common_divisor), [2, 1, 3]);
    }
}
