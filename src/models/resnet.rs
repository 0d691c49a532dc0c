//! Residual encoder: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
//! with basic blocks (18 and 34 layers). Variable names are torchvision's.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::conv_norm::ConvNorm;
use super::layers::{Activation, Conv2dOptions, max_pool2d};

/// Channels of the stem and of the four stages.
pub const WIDTHS: [usize; 5] = [64, 64, 128, 256, 512];

/// How deep the encoder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    Resnet18,
    Resnet34,
}

impl Depth {
    /// Blocks of each stage.
    pub fn blocks(self) -> [usize; 4] {
        match self {
            Depth::Resnet18 => [2, 2, 2, 2],
            Depth::Resnet34 => [3, 4, 6, 3],
        }
    }
}

/// Two convolutions beside a shortcut.
#[derive(Debug, Clone)]
struct Block {
    first: ConvNorm,
    second: ConvNorm,
    /// Where the shape changes the shortcut is a 1×1 convolution.
    shortcut: Option<ConvNorm>,
}

impl Block {
    fn new(inputs: usize, outputs: usize, stride: usize, vb: VarBuilder) -> Result<Self> {
        let same = Conv2dOptions::same(3);
        let change = (stride != 1 || inputs != outputs).then(|| {
            let vb = vb.pp("downsample");
            let options = Conv2dOptions::default().with_stride(stride);
            ConvNorm::new([inputs, outputs], 1, options, vb.pp("0"), vb.pp("1"))
        });
        let first = same.with_stride(stride);
        Ok(Self {
            first: ConvNorm::new([inputs, outputs], 3, first, vb.pp("conv1"), vb.pp("bn1"))?,
            second: ConvNorm::new([outputs, outputs], 3, same, vb.pp("conv2"), vb.pp("bn2"))?,
            shortcut: change.transpose()?,
        })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let y = self.first.forward(x, train, Activation::Relu)?;
        match &self.shortcut {
            Some(shortcut) => {
                self.second.forward_added(&y, train, &shortcut.forward(x, train, Activation::Identity)?)
            }
            None => self.second.forward_added(&y, train, x),
        }
    }

    fn folded(&self) -> Result<Self> {
        Ok(Self {
            first: self.first.folded()?,
            second: self.second.folded()?,
            shortcut: self.shortcut.as_ref().map(ConvNorm::folded).transpose()?,
        })
    }
}

/// The encoder without pooling and classifier.
#[derive(Debug, Clone)]
pub struct ResNet {
    stem: ConvNorm,
    stages: Vec<Vec<Block>>,
}

impl ResNet {
    /// Builds it on the variables of `vb`; `channels` are those of the image.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(depth: Depth, channels: usize, vb: VarBuilder) -> Result<Self> {
        let options = Conv2dOptions::same(7).with_stride(2);
        let stem = ConvNorm::new([channels, WIDTHS[0]], 7, options, vb.pp("conv1"), vb.pp("bn1"))?;
        let stage = |(index, blocks): (usize, usize)| {
            let vb = vb.pp(format!("layer{}", index + 1));
            let (inputs, outputs) = (WIDTHS[index], WIDTHS[index + 1]);
            (0..blocks)
                .map(|block| match block {
                    0 => Block::new(inputs, outputs, if index == 0 { 1 } else { 2 }, vb.pp(block)),
                    _ => Block::new(outputs, outputs, 1, vb.pp(block)),
                })
                .collect::<Result<_>>()
        };
        let stages = depth.blocks().into_iter().enumerate().map(stage).collect::<Result<_>>()?;
        Ok(Self { stem, stages })
    }

    /// The features of `images` `[batch, channels, rows, columns]` at strides 2, 4, 8, 16, 32: [`WIDTHS`] channels.
    ///
    /// # Errors
    /// Images of another number of channels.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Vec<Tensor>> {
        let stem = self.stem.forward(images, train, Activation::Relu)?;
        let mut x = max_pool2d(&stem, 3, 2, 1)?;
        let mut features = vec![stem];
        for blocks in &self.stages {
            for block in blocks {
                x = block.forward(&x, train)?;
            }
            features.push(x.clone());
        }
        Ok(features)
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        let fold = |blocks: &Vec<Block>| blocks.iter().map(Block::folded).collect::<Result<_>>();
        Ok(Self { stem: self.stem.folded()?, stages: self.stages.iter().map(fold).collect::<Result<_>>()? })
    }
}
