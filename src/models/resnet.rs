//! Residual encoder: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
//! with basic blocks (18 and 34 layers) and bottlenecks (50 and 101). Variable names are torchvision's, and so is the
//! place of a bottleneck's stride: at its 3×3 convolution, not at its first.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::conv_norm::ConvNorm;
use super::layers::{Activation, Conv2dOptions, max_pool2d};

/// Channels of the stem and of the four stages made of basic blocks.
pub const WIDTHS: [usize; 5] = [64, 64, 128, 256, 512];

/// How deep the encoder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    Resnet18,
    Resnet34,
    Resnet50,
    Resnet101,
}

impl Depth {
    /// Blocks of each stage.
    pub fn blocks(self) -> [usize; 4] {
        match self {
            Depth::Resnet18 => [2, 2, 2, 2],
            Depth::Resnet34 | Depth::Resnet50 => [3, 4, 6, 3],
            Depth::Resnet101 => [3, 4, 23, 3],
        }
    }

    /// How many times wider a stage's output is than the convolutions inside its blocks.
    pub fn expansion(self) -> usize {
        match self {
            Depth::Resnet18 | Depth::Resnet34 => 1,
            Depth::Resnet50 | Depth::Resnet101 => 4,
        }
    }

    /// Channels of the stem and of the four stages.
    pub fn channels(self) -> [usize; 5] {
        let [stem, stages @ ..] = WIDTHS;
        let [a, b, c, d] = stages.map(|width| width * self.expansion());
        [stem, a, b, c, d]
    }
}

/// Two or three convolutions beside a shortcut.
#[derive(Debug, Clone)]
struct Block {
    convolutions: Vec<ConvNorm>,
    /// Where the shape changes the shortcut is a 1×1 convolution.
    shortcut: Option<ConvNorm>,
}

impl Block {
    /// `expansion` 1 is a basic block of two 3×3 convolutions, more a bottleneck of `outputs / expansion` channels.
    fn new(inputs: usize, outputs: usize, stride: usize, expansion: usize, vb: VarBuilder) -> Result<Self> {
        let (one, three) = (Conv2dOptions::default(), Conv2dOptions::same(3));
        let width = outputs / expansion;
        let shapes = if expansion == 1 {
            vec![([inputs, outputs], 3, three.with_stride(stride)), ([outputs, outputs], 3, three)]
        } else {
            let narrow = ([width, width], 3, three.with_stride(stride));
            vec![([inputs, width], 1, one), narrow, ([width, outputs], 1, one)]
        };
        let convolution =
            |(index, (channels, size, options)): (usize, ([usize; 2], usize, Conv2dOptions))| {
                let [conv, norm] = ["conv", "bn"].map(|name| vb.pp(format!("{name}{}", index + 1)));
                ConvNorm::new(channels, size, options, conv, norm)
            };
        let change = (stride != 1 || inputs != outputs).then(|| {
            let vb = vb.pp("downsample");
            ConvNorm::new([inputs, outputs], 1, one.with_stride(stride), vb.pp("0"), vb.pp("1"))
        });
        Ok(Self {
            convolutions: shapes.into_iter().enumerate().map(convolution).collect::<Result<_>>()?,
            shortcut: change.transpose()?,
        })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let Some((last, before)) = self.convolutions.split_last() else { return Ok(x.clone()) };
        let mut y = x.clone();
        for convolution in before {
            y = convolution.forward(&y, train, Activation::Relu)?;
        }
        match &self.shortcut {
            Some(shortcut) => {
                last.forward_added(&y, train, &shortcut.forward(x, train, Activation::Identity)?)
            }
            None => last.forward_added(&y, train, x),
        }
    }

    fn folded(&self) -> Result<Self> {
        Ok(Self {
            convolutions: self.convolutions.iter().map(ConvNorm::folded).collect::<Result<_>>()?,
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
        Self::with_stages(depth, channels, 4, vb)
    }

    /// Only the first `stages` of the four.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn with_stages(depth: Depth, channels: usize, stages: usize, vb: VarBuilder) -> Result<Self> {
        let options = Conv2dOptions::same(7).with_stride(2);
        let stem = ConvNorm::new([channels, WIDTHS[0]], 7, options, vb.pp("conv1"), vb.pp("bn1"))?;
        let stage = |(index, blocks): (usize, usize)| {
            let vb = vb.pp(format!("layer{}", index + 1));
            let (inputs, outputs) = (depth.channels()[index], depth.channels()[index + 1]);
            (0..blocks)
                .map(|block| match block {
                    0 => {
                        let stride = if index == 0 { 1 } else { 2 };
                        Block::new(inputs, outputs, stride, depth.expansion(), vb.pp(block))
                    }
                    _ => Block::new(outputs, outputs, 1, depth.expansion(), vb.pp(block)),
                })
                .collect::<Result<_>>()
        };
        let stages = depth.blocks().into_iter().take(stages).enumerate().map(stage).collect::<Result<_>>()?;
        Ok(Self { stem, stages })
    }

    /// The features of `images` `[batch, channels, rows, columns]` at strides 2, 4, 8, 16, 32:
    /// [`Depth::channels`] of them.
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
