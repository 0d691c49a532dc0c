//! The U-Nets a heat map can come from, behind one face.

use super::plan::{Architecture, Decoder};
use crate::models::unet::Unet;
use crate::models::unet_plus_plus::UnetPlusPlus;
use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

/// A U-Net of either kind, with the variable names of `segmentation_models_pytorch`.
#[derive(Debug, Clone)]
pub enum Network {
    Unet(Unet),
    UnetPlusPlus(UnetPlusPlus),
}

impl Network {
    /// Builds it on the variables of `vb`, with `planes` of logits.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(architecture: Architecture, planes: usize, vb: VarBuilder) -> Result<Self> {
        let Architecture { decoder, encoder, encoder_depth: depth, channels } = architecture;
        Ok(match decoder {
            Decoder::Unet => Self::Unet(Unet::with_depth(encoder, depth, channels, planes, vb)?),
            Decoder::UnetPlusPlus => {
                Self::UnetPlusPlus(UnetPlusPlus::with_depth(encoder, depth, channels, planes, vb)?)
            }
        })
    }

    /// Logits `[batch, planes, rows, columns]` of `images` `[batch, channels, rows, columns]`.
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Unet(network) => network.forward(images, train),
            Self::UnetPlusPlus(network) => network.forward(images, train),
        }
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        Ok(match self {
            Self::Unet(network) => Self::Unet(network.folded()?),
            Self::UnetPlusPlus(network) => Self::UnetPlusPlus(network.folded()?),
        })
    }
}

/// `images` `[batch, 1, rows, columns]` with their greys in every channel that the network has.
pub fn repeated(images: &Tensor, architecture: Architecture) -> Result<Tensor> {
    let (batch, _, rows, columns) = images.dims4()?;
    images.broadcast_as((batch, architecture.channels, rows, columns))?.contiguous()
}
