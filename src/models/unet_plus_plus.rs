//! UNet++: Z. Zhou, M. M. R. Siddiquee, N. Tajbakhsh, J. Liang, "UNet++: A Nested U-Net Architecture for Medical Image
//! Segmentation", DLMIA 2018, as `segmentation_models_pytorch.UnetPlusPlus` has it, with its variable names and default
//! widths.
//!
//! Where U-Net takes the encoder's features as they are, UNet++ fills the triangle between encoder and decoder: block
//! `x_d_l` works at level `l` (0 next to the deepest) on what `x_d_(l−1)` says one level below, beside everything
//! that was computed at its own level before.
//!
//! With a VGG encoder the reference makes two convolutions `decoder.center` that it never uses; they are not made here.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::decoder_block::{DECODER, DecoderBlock, check_sides};
use super::encoder::{Encoder, EncoderKind};
use super::layers::{Conv2d, Conv2dOptions, conv2d};

/// The network.
#[derive(Debug, Clone)]
pub struct UnetPlusPlus {
    encoder: Encoder,
    /// Of each level its blocks `x_0_l` … `x_l_l`.
    levels: Vec<Vec<DecoderBlock>>,
    last: DecoderBlock,
    head: Conv2d,
}

impl UnetPlusPlus {
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
        let outer = &DECODER[DECODER.len() - depth..];
        // Those that have skips: all but that of the image.
        let with_skips = depth - 1;
        let blocks = vb.pp("decoder").pp("blocks");
        let named = |depth: usize, level: usize| blocks.pp(format!("x_{depth}_{level}"));
        let levels = (0..with_skips)
            .map(|level| {
                let skip = widths[with_skips - 1 - level];
                (0..=level)
                    .map(|depth| {
                        // Along the outer edge it is a U-Net's decoder; within, widths are the encoder's.
                        let outputs = if depth == 0 { outer[level] } else { skip };
                        let below = match (depth, level) {
                            (_, 0) => widths[with_skips],
                            (0, _) => outer[level - 1],
                            _ => widths[with_skips - level],
                        };
                        DecoderBlock::new(below + skip * (level + 1 - depth), outputs, named(depth, level))
                    })
                    .collect::<Result<Vec<_>>>()
            })
            .collect::<Result<Vec<_>>>()?;
        let outputs = outer[with_skips];
        Ok(Self {
            encoder,
            levels,
            last: DecoderBlock::new(outer[with_skips - 1], outputs, named(0, with_skips))?,
            head: conv2d(outputs, classes, 3, Conv2dOptions::same(3), vb.pp("segmentation_head").pp("0"))?,
        })
    }

    /// Logits `[batch, classes, rows, columns]` of `images` `[batch, channels, rows, columns]`, whose sides are
    /// multiples of [`multiple`](super::decoder_block::multiple).
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        check_sides(images, self.levels.len() + 1)?;
        let mut features = self.encoder.forward(images, train)?;
        let mut below = Vec::new();
        let Some(mut deeper) = features.pop() else { candle_core::bail!("the encoder has no stage") };
        for blocks in &self.levels {
            let Some(feature) = features.pop() else { candle_core::bail!("the encoder lacks a stage") };
            // From `x_l_l` back to `x_0_l`; the deeper feature stands where the level below has no block.
            let mut level: Vec<Tensor> = Vec::with_capacity(blocks.len());
            below.push(deeper);
            for (block, below) in blocks.iter().zip(&below).rev() {
                let skips: Vec<&Tensor> = level.iter().rev().chain([&feature]).collect();
                level.push(block.forward(below, &skips, train)?);
            }
            level.reverse();
            (below, deeper) = (level, feature);
        }
        let Some(outer) = below.first() else { candle_core::bail!("the decoder has no level") };
        self.head.forward(&self.last.forward(outer, &[], train)?)
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        let fold = |blocks: &Vec<DecoderBlock>| blocks.iter().map(DecoderBlock::folded).collect();
        Ok(Self {
            encoder: self.encoder.folded()?,
            levels: self.levels.iter().map(fold).collect::<Result<_>>()?,
            last: self.last.folded()?,
            head: self.head.clone(),
        })
    }
}
