//! The convolutions of VGG-16: K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
//! Recognition", ICLR 2015, plain and with batch norm. Variable names are torchvision's (`features.N`), the features
//! those of `segmentation_models_pytorch`.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::layers::{Activation, BatchNorm2d, Conv2d, Conv2dOptions, batch_norm2d, conv2d, max_pool2d};

/// Channels of the convolutions between one halving of the resolution and the next.
pub(super) const STAGES: [&[usize]; 5] = [&[64, 64], &[128; 2], &[256; 3], &[512; 3], &[512; 3]];

/// Channels of the features at strides 2, 4, 8, 16 and 32; the last are pooled only.
pub const WIDTHS: [usize; 5] = [128, 256, 512, 512, 512];

/// A convolution, which has a bias even where a batch norm follows.
#[derive(Debug, Clone)]
struct Unit {
    conv: Conv2d,
    norm: Option<BatchNorm2d>,
}

impl Unit {
    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        match &self.norm {
            Some(norm) => {
                let x = self.conv.forward_activated(x, Activation::Identity)?;
                norm.forward_activated(&x, train, Activation::Relu)
            }
            None => self.conv.forward_activated(x, Activation::Relu),
        }
    }

    fn folded(&self) -> Result<Self> {
        match &self.norm {
            Some(norm) => Ok(Self { conv: self.conv.folded(norm)?, norm: None }),
            None => Ok(self.clone()),
        }
    }
}

/// The encoder without the classifier.
#[derive(Debug, Clone)]
pub struct Vgg16 {
    stages: Vec<Vec<Unit>>,
}

impl Vgg16 {
    /// Builds it on the variables of `vb`; `channels` are those of the image.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(batch_norm: bool, channels: usize, vb: VarBuilder) -> Result<Self> {
        let vb = vb.pp("features");
        // Modules are numbered through, those without parameters included.
        let (mut inputs, mut module) = (channels, 0);
        let mut stages = Vec::with_capacity(STAGES.len());
        for widths in STAGES {
            let mut units = Vec::with_capacity(widths.len());
            for &outputs in widths {
                let conv = conv2d(inputs, outputs, 3, Conv2dOptions::same(3), vb.pp(module))?;
                let norm = batch_norm.then(|| batch_norm2d(outputs, vb.pp(module + 1))).transpose()?;
                units.push(Unit { conv, norm });
                module += if batch_norm { 3 } else { 2 };
                inputs = outputs;
            }
            module += 1;
            stages.push(units);
        }
        Ok(Self { stages })
    }

    /// The features of `images` `[batch, channels, rows, columns]` at strides 2, 4, 8, 16, 32: [`WIDTHS`] channels.
    ///
    /// # Errors
    /// Images of another number of channels.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Vec<Tensor>> {
        let mut x = images.clone();
        let mut features = Vec::with_capacity(WIDTHS.len());
        for (stage, units) in self.stages.iter().enumerate() {
            for unit in units {
                x = unit.forward(&x, train)?;
            }
            // The decoder has no use for features at the resolution of the image.
            if stage > 0 {
                features.push(x.clone());
            }
            x = max_pool2d(&x, 2, 2, 0)?;
        }
        features.push(x);
        Ok(features)
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        let fold = |units: &Vec<Unit>| units.iter().map(Unit::folded).collect::<Result<_>>();
        Ok(Self { stages: self.stages.iter().map(fold).collect::<Result<_>>()? })
    }
}
