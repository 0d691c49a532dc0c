//! The encoders a U-Net can have, behind one face: features at strides 2, 4, 8, 16 and 32.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::resnet::{Depth, ResNet};
use super::vgg::{self, Vgg16};

/// Which encoder, by the name that `segmentation_models_pytorch` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncoderKind {
    Vgg16,
    /// VGG-16 with batch norm.
    Vgg16Bn,
    #[serde(untagged)]
    Resnet(Depth),
}

impl From<Depth> for EncoderKind {
    fn from(depth: Depth) -> Self {
        Self::Resnet(depth)
    }
}

impl EncoderKind {
    /// Channels of the features, from stride 2 to stride 32.
    pub fn widths(self) -> [usize; 5] {
        match self {
            Self::Resnet(depth) => depth.channels(),
            Self::Vgg16 | Self::Vgg16Bn => vgg::WIDTHS,
        }
    }

    /// Whether it can be had with its first `depth` features alone: ResNets, from stride 8 on.
    pub fn has(self, depth: usize) -> bool {
        match self {
            Self::Resnet(_) => (3..=5).contains(&depth),
            Self::Vgg16 | Self::Vgg16Bn => depth == 5,
        }
    }

    /// Whether nothing was computed at stride 32 yet; a U-Net then does that between encoder and decoder.
    pub(super) fn ends_in_pooling(self) -> bool {
        matches!(self, Self::Vgg16 | Self::Vgg16Bn)
    }
}

/// An encoder of either family.
#[derive(Debug, Clone)]
pub enum Encoder {
    ResNet(ResNet),
    Vgg16(Vgg16),
}

impl Encoder {
    /// Builds it on the variables of `vb`, with its first `depth` features; `channels` are those of the image.
    ///
    /// # Errors
    /// Variables that are missing or of another shape; a depth that it does not [have](EncoderKind::has).
    pub fn new(kind: EncoderKind, depth: usize, channels: usize, vb: VarBuilder) -> Result<Self> {
        if !kind.has(depth) {
            candle_core::bail!("the encoder has no depth of {depth}");
        }
        Ok(match kind {
            // Its stem gives the first.
            EncoderKind::Resnet(net) => Self::ResNet(ResNet::with_stages(net, channels, depth - 1, vb)?),
            EncoderKind::Vgg16 => Self::Vgg16(Vgg16::new(false, channels, vb)?),
            EncoderKind::Vgg16Bn => Self::Vgg16(Vgg16::new(true, channels, vb)?),
        })
    }

    /// The features of `images` `[batch, channels, rows, columns]` at strides 2, 4, 8 and on, whose sides are multiples of
    /// the last.
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Vec<Tensor>> {
        match self {
            Self::ResNet(encoder) => encoder.forward(images, train),
            Self::Vgg16(encoder) => encoder.forward(images, train),
        }
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        Ok(match self {
            Self::ResNet(encoder) => Self::ResNet(encoder.folded()?),
            Self::Vgg16(encoder) => Self::Vgg16(encoder.folded()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoders_have_the_names_of_segmentation_models_pytorch() {
        for (kind, name) in [
            (EncoderKind::Resnet(Depth::Resnet18), "\"resnet18\""),
            (EncoderKind::Resnet(Depth::Resnet50), "\"resnet50\""),
            (EncoderKind::Vgg16, "\"vgg16\""),
            (EncoderKind::Vgg16Bn, "\"vgg16_bn\""),
        ] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), name);
            assert_eq!(serde_json::from_str::<EncoderKind>(name).unwrap(), kind);
        }
        assert!(serde_json::from_str::<EncoderKind>("\"resnet19\"").is_err());
    }
}
