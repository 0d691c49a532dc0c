//! The classifier's network: strided convolutions with group norm, the mean over the picture, one output a content.

use super::kinds::Content;
use crate::models::layers::{
    Activation, Conv2d, Conv2dOptions, GroupNorm, conv2d, conv2d_no_bias, group_norm,
};
use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

/// Planes of a picture: its greys standardised, and the same against their neighbourhood.
pub const PLANES: usize = 2;

/// Size of the network; the card holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Side of the square frame in pixels; a picture is padded to a square.
    pub side: usize,
    /// SD of the Gaussian neighbourhood of the second plane, in pixels of the frame.
    pub neighbourhood_px: f64,
    /// Channels of each level; every level halves the resolution.
    pub widths: Vec<usize>,
    /// Group-norm groups; divides every width.
    pub groups: usize,
}

impl Default for Architecture {
    fn default() -> Self {
        Self { side: 96, neighbourhood_px: 6.0, widths: vec![16, 24, 48, 64], groups: 8 }
    }
}

impl Architecture {
    /// # Errors
    /// The reason why no network can be built of it.
    pub fn check(&self) -> std::result::Result<(), String> {
        let levels = self.widths.len();
        if levels == 0 || levels > 8 || !self.side.is_multiple_of(1 << levels) || self.side == 0 {
            return Err("network: side is a multiple of 2 to the power of the number of widths".to_owned());
        }
        if self.groups == 0 || self.widths.iter().any(|width| *width == 0 || width % self.groups != 0) {
            return Err(format!("network: every width is a multiple of the {} groups", self.groups));
        }
        if !(self.neighbourhood_px > 0.0 && self.neighbourhood_px.is_finite()) {
            return Err("network: neighbourhood_px is positive".to_owned());
        }
        Ok(())
    }
}

/// Convolution without bias, group norm, ReLU.
#[derive(Debug, Clone)]
struct Unit {
    conv: Conv2d,
    norm: GroupNorm,
}

impl Unit {
    fn new(
        [inputs, outputs]: [usize; 2],
        size: usize,
        stride: usize,
        groups: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let options = Conv2dOptions { stride, padding: size / 2, ..Conv2dOptions::default() };
        let conv = conv2d_no_bias(inputs, outputs, size, options, vb.pp("conv"))?;
        Ok(Self { conv, norm: group_norm(groups, outputs, vb.pp("norm"))? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.norm.forward_activated(&self.conv.forward(x)?, Activation::Relu)
    }
}

/// The network.
#[derive(Debug, Clone)]
pub struct ViewNet {
    units: Vec<Unit>,
    head: Conv2d,
}

impl ViewNet {
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(architecture: &Architecture, vb: VarBuilder) -> Result<Self> {
        let mut units = Vec::new();
        let mut channels = PLANES;
        for (level, width) in architecture.widths.iter().enumerate() {
            let vb = vb.pp(format!("level{level}"));
            let size = if level == 0 { 5 } else { 3 };
            units.push(Unit::new([channels, *width], size, 2, architecture.groups, vb.pp("down"))?);
            if level > 0 {
                units.push(Unit::new([*width, *width], 3, 1, architecture.groups, vb.pp("flat"))?);
            }
            channels = *width;
        }
        let head = conv2d(channels, Content::ALL.len(), 1, Conv2dOptions::default(), vb.pp("head"))?;
        Ok(Self { units, head })
    }

    /// Logits `[batch, contents]` of pictures `[batch, 2, side, side]`.
    ///
    /// # Errors
    /// Another number of planes, failures of the device.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = x.clone();
        for unit in &self.units {
            x = unit.forward(&x)?;
        }
        // The head is linear: the mean of its maps is its value of the mean.
        self.head.forward(&x)?.flatten_from(2)?.mean(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};
    use candle_nn::VarMap;

    #[test]
    fn it_is_small_and_gives_one_logit_a_content() {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let architecture = Architecture::default();
        architecture.check().unwrap();
        let network = ViewNet::new(&architecture, vb).unwrap();
        let x = Tensor::zeros((3, PLANES, 96, 96), DType::F32, &Device::Cpu).unwrap();
        assert_eq!(network.forward(&x).unwrap().dims(), [3, Content::ALL.len()]);
        let count: usize = map.all_vars().iter().map(|var| var.elem_count()).sum();
        assert!(count < 150_000, "{count} parameters");
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let refused = |change: &dyn Fn(&mut Architecture)| {
            let mut architecture = Architecture::default();
            change(&mut architecture);
            architecture.check().unwrap_err();
        };
        refused(&|a| a.side = 100);
        refused(&|a| a.widths = vec![]);
        refused(&|a| a.groups = 7);
        refused(&|a| a.neighbourhood_px = 0.0);
    }
}
