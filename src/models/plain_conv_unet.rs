//! The plain U-Net of nnU-Net: F. Isensee, P. F. Jaeger, S. A. A. Kohl, J. Petersen, K. H. Maier-Hein, "nnU-Net",
//! Nature Methods 18, 2021, in two dimensions.
//!
//! Strided convolutions on the way down, transposed ones on the way up, instance norm, leaky ReLU, and logits at
//! every level of the decoder. Variable names are those of `PlainConvUNet` of dynamic_network_architectures.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::layers::{
    Activation, Conv2d, Conv2dOptions, InstanceNorm2d, StridedConv2d, UpConv2d, conv2d, instance_norm2d,
    strided_conv2d, up_conv2d,
};

const ACTIVATION: Activation = Activation::LeakyRelu(0.01);

/// Size of the network, as the plans of nnU-Net say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Channels of the image.
    pub channels: usize,
    /// Planes of logits, the background included.
    pub classes: usize,
    /// Channels of every stage, from the resolution of the image downwards.
    pub features: Vec<usize>,
    /// Strides of the first convolution of every stage along rows and columns.
    pub strides: Vec<[usize; 2]>,
    /// Convolutions of every stage of the encoder.
    pub encoder_convs: Vec<usize>,
    /// Convolutions of every stage of the decoder, the deepest first.
    pub decoder_convs: Vec<usize>,
}

impl Architecture {
    /// Stages that halve the image, two convolutions each: what nnU-Net plans for even patches.
    pub fn halving(channels: usize, classes: usize, features: Vec<usize>) -> Self {
        let stages = features.len();
        let strides = (0..stages).map(|stage| if stage == 0 { [1, 1] } else { [2, 2] }).collect();
        let decoder_convs = vec![2; stages.saturating_sub(1)];
        Self { channels, classes, features, strides, encoder_convs: vec![2; stages], decoder_convs }
    }

    /// Rows and columns of a patch must be multiples of this.
    pub fn multiple(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.strides.iter().map(|stride| stride[axis]).product())
    }

    /// `Err` with the reason when no network can be built of it.
    pub fn check(&self) -> std::result::Result<(), String> {
        let stages = self.features.len();
        if stages < 2 || self.strides.len() != stages || self.encoder_convs.len() != stages {
            return Err("needs two stages, and a stride and a number of convolutions for each".to_owned());
        }
        if self.decoder_convs.len() != stages - 1 {
            return Err(format!("{stages} stages have a decoder of {}", stages - 1));
        }
        let numbers = [&self.features, &self.encoder_convs, &self.decoder_convs];
        if self.strides.as_flattened().contains(&0) {
            return Err("no stride may be zero".to_owned());
        }
        if numbers.iter().any(|list| list.contains(&0)) || self.channels == 0 || self.classes == 0 {
            return Err("no number may be zero".to_owned());
        }
        Ok(())
    }
}

/// Convolution, instance norm, leaky ReLU.
#[derive(Debug, Clone)]
struct Unit {
    conv: StridedConv2d,
    norm: InstanceNorm2d,
}

impl Module for Unit {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.norm.forward_activated(&self.conv.forward(x)?, ACTIVATION)
    }
}

/// `count` units after each other, the first of which has the stride.
fn units(
    count: usize,
    inputs: usize,
    outputs: usize,
    stride: [usize; 2],
    vb: &VarBuilder,
) -> Result<Vec<Unit>> {
    (0..count)
        .map(|index| {
            let vb = vb.pp("convs").pp(index);
            let (inputs, stride) = if index == 0 { (inputs, stride) } else { (outputs, [1, 1]) };
            Ok(Unit {
                conv: strided_conv2d(inputs, outputs, 3, stride, vb.pp("conv"))?,
                norm: instance_norm2d(outputs, vb.pp("norm"))?,
            })
        })
        .collect()
}

/// A level of the decoder.
#[derive(Debug, Clone)]
struct Level {
    up: UpConv2d,
    units: Vec<Unit>,
    /// Logits at this resolution.
    head: Conv2d,
}

/// The network.
#[derive(Debug, Clone)]
pub struct PlainConvUnet {
    multiple: [usize; 2],
    encoder: Vec<Vec<Unit>>,
    decoder: Vec<Level>,
}

impl PlainConvUnet {
    /// Builds it on the variables of `vb`.
    ///
    /// # Errors
    /// An architecture that fails its check; variables that are missing or of another shape.
    pub fn new(architecture: &Architecture, vb: VarBuilder) -> Result<Self> {
        architecture.check().map_err(candle_core::Error::msg)?;
        let Architecture { channels, classes, features, strides, encoder_convs, decoder_convs } =
            architecture;
        let stages = vb.pp("encoder").pp("stages");
        let mut inputs = *channels;
        let mut encoder = Vec::with_capacity(features.len());
        for (stage, &width) in features.iter().enumerate() {
            // Stages are sequences in which the convolutions come first.
            let vb = stages.pp(stage).pp("0");
            encoder.push(units(encoder_convs[stage], inputs, width, strides[stage], &vb)?);
            inputs = width;
        }
        let vb = vb.pp("decoder");
        let level = |(index, &convs): (usize, &usize)| {
            let below = features.len() - 1 - index;
            let (width, stride) = (features[below - 1], strides[below]);
            let up = up_conv2d(features[below], width, stride, vb.pp("transpconvs").pp(index))?;
            let units = units(convs, 2 * width, width, [1, 1], &vb.pp("stages").pp(index))?;
            let head = conv2d(width, *classes, 1, Conv2dOptions::default(), vb.pp("seg_layers").pp(index))?;
            Ok(Level { up, units, head })
        };
        let decoder = decoder_convs.iter().enumerate().map(level).collect::<Result<_>>()?;
        Ok(Self { multiple: architecture.multiple(), encoder, decoder })
    }

    /// Logits `[batch, classes, rows, columns]` of `images` `[batch, channels, rows, columns]`, whose sides are
    /// multiples of [`Architecture::multiple`].
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let last = self.decoder.len() - 1;
        let mut logits = Tensor::zeros((), images.dtype(), images.device())?;
        self.decode(images, |index, level, x| {
            if index == last {
                logits = level.head.forward(x)?;
            }
            Ok(())
        })?;
        Ok(logits)
    }

    /// Logits at the resolution of every level of the decoder, the finest first.
    ///
    /// # Errors
    /// Images of other shapes.
    pub fn forward_deep(&self, images: &Tensor) -> Result<Vec<Tensor>> {
        let mut logits = Vec::with_capacity(self.decoder.len());
        self.decode(images, |_, level, x| {
            logits.push(level.head.forward(x)?);
            Ok(())
        })?;
        logits.reverse();
        Ok(logits)
    }

    /// Calls `at` with the features of every level of the decoder, the deepest first.
    fn decode(
        &self,
        images: &Tensor,
        mut at: impl FnMut(usize, &Level, &Tensor) -> Result<()>,
    ) -> Result<()> {
        let (_, _, rows, columns) = images.dims4()?;
        let [down, across] = self.multiple;
        if !rows.is_multiple_of(down) || !columns.is_multiple_of(across) {
            candle_core::bail!("{rows} × {columns} pixels are no multiples of {down} × {across}");
        }
        let mut x = images.clone();
        let mut skips = Vec::with_capacity(self.encoder.len());
        for units in &self.encoder {
            for unit in units {
                x = unit.forward(&x)?;
            }
            skips.push(x.clone());
        }
        skips.pop();
        for (index, level) in self.decoder.iter().enumerate() {
            let Some(skip) = skips.pop() else { candle_core::bail!("a level has no skip") };
            x = Tensor::cat(&[&level.up.forward(&x)?, &skip], 1)?;
            // Freed here and not at the end of the level, which needs the memory.
            drop(skip);
            for unit in &level.units {
                x = unit.forward(&x)?;
            }
            at(index, level, &x)?;
        }
        Ok(())
    }
}
