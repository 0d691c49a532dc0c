//! U-Net with a residual encoder: O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015, as
//! `segmentation_models_pytorch.Unet` has it, with its variable names and default widths.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::conv_norm::ConvNorm;
use super::layers::{Activation, Conv2d, Conv2dOptions, conv2d, upsample_nearest2d};
use super::resnet::{Depth, ResNet, WIDTHS};

/// Channels of the decoder, from the deepest level to the resolution of the image.
pub const DECODER: [usize; 5] = [256, 128, 64, 32, 16];

/// Rows and columns of an image must be multiples of this.
pub const MULTIPLE: usize = 32;

/// Up-sampling, the skip beside it, two convolutions.
#[derive(Debug, Clone)]
struct Block {
    convs: [ConvNorm; 2],
}

impl Block {
    fn new(inputs: usize, outputs: usize, vb: VarBuilder) -> Result<Self> {
        let conv = |name: &str, inputs| {
            let vb = vb.pp(name);
            ConvNorm::new([inputs, outputs], 3, Conv2dOptions::same(3), vb.pp("0"), vb.pp("1"))
        };
        Ok(Self { convs: [conv("conv1", inputs)?, conv("conv2", outputs)?] })
    }

    fn forward(&self, x: &Tensor, skip: Option<&Tensor>, train: bool) -> Result<Tensor> {
        let (_, _, rows, columns) = x.dims4()?;
        let mut x = upsample_nearest2d(x, 2 * rows, 2 * columns)?;
        if let Some(skip) = skip {
            x = Tensor::cat(&[&x, skip], 1)?;
        }
        for conv in &self.convs {
            x = conv.forward(&x, train, Activation::Relu)?;
        }
        Ok(x)
    }

    fn folded(&self) -> Result<Self> {
        let [first, second] = &self.convs;
        Ok(Self { convs: [first.folded()?, second.folded()?] })
    }
}

/// The network.
#[derive(Debug, Clone)]
pub struct Unet {
    encoder: ResNet,
    decoder: Vec<Block>,
    head: Conv2d,
}

impl Unet {
    /// Builds it on the variables of `vb`: `channels` of the image, `classes` planes of logits.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(depth: Depth, channels: usize, classes: usize, vb: VarBuilder) -> Result<Self> {
        let blocks = vb.pp("decoder").pp("blocks");
        let mut inputs = WIDTHS[4];
        let mut decoder = Vec::with_capacity(DECODER.len());
        for (level, outputs) in DECODER.into_iter().enumerate() {
            // The last block works at the resolution of the image, where there is no skip.
            let skip = 3usize.checked_sub(level).map_or(0, |index| WIDTHS[index]);
            decoder.push(Block::new(inputs + skip, outputs, blocks.pp(level))?);
            inputs = outputs;
        }
        Ok(Self {
            encoder: ResNet::new(depth, channels, vb.pp("encoder"))?,
            decoder,
            head: conv2d(inputs, classes, 3, Conv2dOptions::same(3), vb.pp("segmentation_head").pp("0"))?,
        })
    }

    /// Logits `[batch, classes, rows, columns]` of `images` `[batch, channels, rows, columns]`, whose sides are
    /// multiples of [`MULTIPLE`].
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let (_, _, rows, columns) = images.dims4()?;
        if !rows.is_multiple_of(MULTIPLE) || !columns.is_multiple_of(MULTIPLE) {
            candle_core::bail!("{rows} × {columns} pixels are no multiples of {MULTIPLE}");
        }
        let mut skips = self.encoder.forward(images, train)?;
        let Some(mut x) = skips.pop() else { candle_core::bail!("the encoder has no stage") };
        for block in &self.decoder {
            // Each is let go when it has been used: at the upper levels they are what fills memory.
            x = block.forward(&x, skips.pop().as_ref(), train)?;
        }
        self.head.forward(&x)
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        Ok(Self {
            encoder: self.encoder.folded()?,
            decoder: self.decoder.iter().map(Block::folded).collect::<Result<_>>()?,
            head: self.head.clone(),
        })
    }
}
