//! The sizes of a convolution, checked once, and the loops that follow from them.

use candle_core::{Error, Result, Shape, bail};

use super::axis::AxisPhase;
use super::correlation::{Correlation, WeightStrides};
use super::weight_gradient::WeightCorrelation;
use super::winograd::Winograd;
use crate::models::layers::{Conv2dOptions, ConvTranspose2dOptions};

/// The sizes of a convolution; its transpose swaps input and output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub input: [usize; 2],
    pub output: [usize; 2],
    pub kernel: [usize; 2],
    options: Conv2dOptions,
}

impl Sizes {
    /// The sizes of the convolution of `x` with `weight`.
    pub(super) fn of(x: &[usize], weight: &[usize], options: Conv2dOptions) -> Result<Self> {
        let (&[batch, inputs, rows, columns], &[outputs, depth, kernel_rows, kernel_columns]) = (x, weight)
        else {
            bail!("a convolution takes tensors of 4 dimensions, not {x:?} and {weight:?}");
        };
        let Conv2dOptions { stride, padding, dilation, groups } = options;
        if groups == 0 || stride == 0 || dilation == 0 || outputs % groups != 0 || inputs != depth * groups {
            bail!("a convolution of {x:?} with kernel {weight:?} and {options:?} is not possible");
        }
        let output = |length: usize, size: usize| {
            let reach = dilation * size.saturating_sub(1) + 1;
            match (length + 2 * padding).checked_sub(reach) {
                Some(rest) if size > 0 => Ok(rest / stride + 1),
                _ => Err(Error::Msg(format!(
                    "a kernel of {size} taps, {dilation} apart, does not fit {length} pixels with padding {padding}"
                ))),
            }
        };
        let kernel = [kernel_rows, kernel_columns];
        let output = [output(rows, kernel_rows)?, output(columns, kernel_columns)?];
        Ok(Self { batch, inputs, outputs, input: [rows, columns], output, kernel, options })
    }

    /// The sizes of the convolution whose transpose takes `x` by `weight` `[in, out, k, k]`.
    pub(super) fn of_transposed(
        x: &[usize],
        weight: &[usize],
        options: ConvTranspose2dOptions,
    ) -> Result<Self> {
        let ConvTranspose2dOptions { stride, padding, output_padding, dilation } = options;
        let (&[batch, depth, rows, columns], &[_, outputs, kernel_rows, kernel_columns]) = (x, weight) else {
            bail!("a transposed convolution takes tensors of 4 dimensions, not {x:?} and {weight:?}");
        };
        let output = |length: usize, size: usize| {
            let reach = stride * length.saturating_sub(1) + dilation * size.saturating_sub(1) + 1;
            (reach + output_padding).checked_sub(2 * padding)
        };
        let (Some(height), Some(width)) = (output(rows, kernel_rows), output(columns, kernel_columns)) else {
            bail!("a transposed convolution of {x:?} with kernel {weight:?} and {options:?} is not possible");
        };
        let sizes = Self::of(
            &[batch, outputs, height, width],
            weight,
            Conv2dOptions { stride, padding, dilation, groups: 1 },
        )?;
        if sizes.outputs != depth || sizes.output != [rows, columns] {
            bail!("a transposed convolution of {x:?} with kernel {weight:?} and {options:?} is not possible");
        }
        Ok(sizes)
    }

    /// The direct sum of the convolution, or of its transpose: from its output to its input.
    pub(super) fn direct(&self, transposed: bool) -> Correlation {
        let Conv2dOptions { stride, padding, dilation, groups } = self.options;
        let taps = self.kernel[0] * self.kernel[1];
        let (inputs, outputs) = (self.inputs / groups, self.outputs / groups);
        let weights = WeightStrides {
            group: outputs * inputs * taps,
            output: inputs * taps,
            input: taps,
            row: self.kernel[1],
        };
        let phases = |i: usize| {
            let (input, output, size) = (self.input[i], self.output[i], self.kernel[i]);
            match transposed {
                false => vec![AxisPhase::forward(output, size, stride, padding, dilation)],
                true => AxisPhase::transposed(input, size, stride, padding, dilation),
            }
        };
        let forward = Correlation {
            batch: self.batch,
            groups,
            inputs,
            outputs,
            input: self.input,
            output: self.output,
            rows: phases(0),
            columns: phases(1),
            weights,
        };
        match transposed {
            false => forward,
            true => Correlation {
                inputs: outputs,
                outputs: inputs,
                input: self.output,
                output: self.input,
                weights: WeightStrides { output: weights.input, input: weights.output, ..weights },
                ..forward
            },
        }
    }

    /// The same by fewer products, where that can be done and pays.
    pub(super) fn winograd(&self, transposed: bool) -> Option<Winograd> {
        let Conv2dOptions { stride, padding, dilation, groups } = self.options;
        if !(self.kernel == [3, 3] && (stride, dilation, groups) == (1, 1, 1) && padding <= 2) {
            return None;
        }
        let padding = if transposed { 2 - padding } else { padding };
        Winograd::of(self.direct(transposed), padding, transposed)
    }

    /// The loop over input and output gradient.
    pub(super) fn weight_gradient(&self) -> WeightCorrelation {
        let Conv2dOptions { stride, padding, dilation, groups } = self.options;
        let [rows, columns] =
            [0, 1].map(|i| AxisPhase::forward(self.output[i], self.kernel[i], stride, padding, dilation));
        WeightCorrelation {
            batch: self.batch,
            groups,
            inputs: self.inputs / groups,
            outputs: self.outputs / groups,
            input: self.input,
            output: self.output,
            rows,
            columns,
        }
    }

    pub(super) fn input_shape(&self) -> Shape {
        Shape::from((self.batch, self.inputs, self.input[0], self.input[1]))
    }

    pub(super) fn output_shape(&self) -> Shape {
        Shape::from((self.batch, self.outputs, self.output[0], self.output[1]))
    }

    pub(super) fn weight_shape(&self) -> Shape {
        Shape::from((self.outputs, self.inputs / self.options.groups, self.kernel[0], self.kernel[1]))
    }
}
