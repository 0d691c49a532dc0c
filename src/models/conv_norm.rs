//! Convolution, batch norm, activation: three layers that are one when nothing is trained any more.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::layers::{Activation, BatchNorm2d, Conv2d, Conv2dOptions, batch_norm2d, conv2d_no_bias, relu};

/// A convolution without bias and the batch norm behind it.
#[derive(Debug, Clone)]
pub struct ConvNorm {
    conv: Conv2d,
    /// Gone once it is folded into the convolution.
    norm: Option<BatchNorm2d>,
}

impl ConvNorm {
    /// Kernels of `size`; convolution and norm have each their own names in checkpoints.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(
        [inputs, outputs]: [usize; 2],
        size: usize,
        options: Conv2dOptions,
        conv: VarBuilder,
        norm: VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            conv: conv2d_no_bias(inputs, outputs, size, options, conv)?,
            norm: Some(batch_norm2d(outputs, norm)?),
        })
    }

    /// `[batch, outputs, rows, columns]`, activated. `train` uses the statistics of the batch, and has no effect on
    /// a folded layer.
    ///
    /// # Errors
    /// Another number of channels than the layer has.
    pub fn forward(&self, x: &Tensor, train: bool, activation: Activation) -> Result<Tensor> {
        match &self.norm {
            Some(norm) => norm.forward_activated(&self.conv.forward(x)?, train, activation),
            None => self.conv.forward_activated(x, activation),
        }
    }

    /// The sum of this layer's value and `added`, of the same shape, above zero: the end of a residual block.
    ///
    /// # Errors
    /// Another number of channels than the layer has; another shape of `added`.
    pub fn forward_added(&self, x: &Tensor, train: bool, added: &Tensor) -> Result<Tensor> {
        match &self.norm {
            Some(_) => relu(&(self.forward(x, train, Activation::Identity)? + added)?),
            None => self.conv.forward_added(x, added, Activation::Relu),
        }
    }

    /// The same in evaluation, as one convolution; it can be trained no more.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        match &self.norm {
            Some(norm) => Ok(Self { conv: self.conv.folded(norm)?, norm: None }),
            None => Ok(self.clone()),
        }
    }
}
