//! U-Net with a pre-trainable encoder: O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015, as
//! `segmentation_models_pytorch.Unet` has it, with its variable names and default widths.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::decoder_block::{ConvPair, DecoderBlock, check_sides};
use super::encoder::{Encoder, EncoderKind};
use super::layers::{Conv2d, Conv2dOptions, conv2d};

pub use super::decoder_block::DECODER;

/// The network.
#[derive(Debug, Clone)]
pub struct Unet {
    encoder: Encoder,
    /// Between encoder and decoder, where the encoder ends in a pooling.
    centre: Option<ConvPair>,
    decoder: Vec<DecoderBlock>,
    head: Conv2d,
}

impl Unet {
    /// Builds it on the variables of `vb`: `channels` of the image, `classes` planes of logits.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(
        encoder: impl Into<EncoderKind>,
        channels: usize,
        classes: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        Self::with_depth(encoder.into(), DECODER.len(), channels, classes, vb)
    }

    /// With the first `depth` features of the encoder alone, and of the decoder what lies above them.
    ///
    /// # Errors
    /// As [`Self::new`]; a depth that [`EncoderKind::has`] not.
    pub fn with_depth(
        kind: EncoderKind,
        depth: usize,
        channels: usize,
        classes: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let encoder = Encoder::new(kind, depth, channels, vb.pp("encoder"))?;
        let widths = kind.widths();
        let deepest = widths[depth - 1];
        let (blocks, centre) = (vb.pp("decoder").pp("blocks"), vb.pp("decoder").pp("center"));
        let mut inputs = deepest;
        let mut decoder = Vec::with_capacity(depth);
        for (level, outputs) in DECODER.into_iter().skip(DECODER.len() - depth).enumerate() {
            // The last block works at the resolution of the image, where there is no skip.
            let skip = (depth - 2).checked_sub(level).map_or(0, |index| widths[index]);
            decoder.push(DecoderBlock::new(inputs + skip, outputs, blocks.pp(level))?);
            inputs = outputs;
        }
        let centre =
            kind.ends_in_pooling().then(|| ConvPair::new(deepest, deepest, [0, 1].map(|i| centre.pp(i))));
        Ok(Self {
            encoder,
            centre: centre.transpose()?,
            decoder,
            head: conv2d(inputs, classes, 3, Conv2dOptions::same(3), vb.pp("segmentation_head").pp("0"))?,
        })
    }

    /// Logits `[batch, classes, rows, columns]` of `images` `[batch, channels, rows, columns]`, whose sides are
    /// multiples of [`multiple`](super::decoder_block::multiple).
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        check_sides(images, self.decoder.len())?;
        let mut skips = self.encoder.forward(images, train)?;
        let Some(mut x) = skips.pop() else { candle_core::bail!("the encoder has no stage") };
        if let Some(centre) = &self.centre {
            x = centre.forward(&x, train)?;
        }
        for block in &self.decoder {
            // Each is let go when it has been used: at the upper levels they are what fills memory.
            let skip = skips.pop();
            x = block.forward(&x, &skip.iter().collect::<Vec<_>>(), train)?;
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
            centre: self.centre.as_ref().map(ConvPair::folded).transpose()?,
            decoder: self.decoder.iter().map(DecoderBlock::folded).collect::<Result<_>>()?,
            head: self.head.clone(),
        })
    }
}
