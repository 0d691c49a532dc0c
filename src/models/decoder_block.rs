//! What the decoders of U-Net and UNet++ are made of, as `segmentation_models_pytorch` has it.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::conv_norm::ConvNorm;
use super::layers::{Activation, Conv2dOptions, upsample_nearest2d};

/// Channels of the decoder, from the deepest level to the resolution of the image.
pub const DECODER: [usize; 5] = [256, 128, 64, 32, 16];

/// Rows and columns of an image must be multiples of this: they are halved `depth` times.
pub fn multiple(depth: usize) -> usize {
    1 << depth
}

/// `Err` where the sides of `images` `[batch, channels, rows, columns]` cannot be halved `depth` times.
pub(super) fn check_sides(images: &Tensor, depth: usize) -> Result<()> {
    let (_, _, rows, columns) = images.dims4()?;
    let multiple = multiple(depth);
    if !rows.is_multiple_of(multiple) || !columns.is_multiple_of(multiple) {
        candle_core::bail!("{rows} × {columns} pixels are no multiples of {multiple}");
    }
    Ok(())
}

/// Two convolutions.
#[derive(Debug, Clone)]
pub(super) struct ConvPair {
    convs: [ConvNorm; 2],
}

impl ConvPair {
    pub(super) fn new(inputs: usize, outputs: usize, [first, second]: [VarBuilder; 2]) -> Result<Self> {
        let conv = |inputs, vb: VarBuilder| {
            ConvNorm::new([inputs, outputs], 3, Conv2dOptions::same(3), vb.pp("0"), vb.pp("1"))
        };
        Ok(Self { convs: [conv(inputs, first)?, conv(outputs, second)?] })
    }

    pub(super) fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let [first, second] = &self.convs;
        second.forward(&first.forward(x, train, Activation::Relu)?, train, Activation::Relu)
    }

    pub(super) fn folded(&self) -> Result<Self> {
        let [first, second] = &self.convs;
        Ok(Self { convs: [first.folded()?, second.folded()?] })
    }
}

/// Up-sampling, the skips beside it, two convolutions.
#[derive(Debug, Clone)]
pub(super) struct DecoderBlock {
    convs: ConvPair,
}

impl DecoderBlock {
    /// `inputs` are all channels that come in, those of the skips included.
    pub(super) fn new(inputs: usize, outputs: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self { convs: ConvPair::new(inputs, outputs, ["conv1", "conv2"].map(|name| vb.pp(name)))? })
    }

    /// Twice the resolution of `x`, which is that of the `skips`.
    pub(super) fn forward(&self, x: &Tensor, skips: &[&Tensor], train: bool) -> Result<Tensor> {
        let (_, _, rows, columns) = x.dims4()?;
        let mut x = upsample_nearest2d(x, 2 * rows, 2 * columns)?;
        if !skips.is_empty() {
            let all: Vec<&Tensor> = std::iter::once(&x).chain(skips.iter().copied()).collect();
            x = Tensor::cat(&all, 1)?;
        }
        self.convs.forward(&x, train)
    }

    pub(super) fn folded(&self) -> Result<Self> {
        Ok(Self { convs: self.convs.folded()? })
    }
}
