//! Weighted heatmap displacement voting: A. K. Davison, C. Lindner, D. C. Perry, W. Luo, Medical Student
//! Annotation Collaborative, T. F. Cootes, "Landmark Localisation in Radiographs Using Weighted Heatmap
//! Displacement Voting", MSKI 2018, LNCS 11404, pp. 73–85.
//!
//! A U-Net with average pooling, and up-sampling in the place of up-convolution, gives three planes a point:
//! the displacement to it along x and y, and a weight. [`super::voting`] makes a point of them.
//!
//! Ours, where the paper is silent or spends more than a CPU has: a stem of stride 2; planes on a grid of one
//! cell in 4 × 4 pixels (the displacements carry the fraction of a cell); group norm; a logistic weight plane;
//! and one plane more for each point that may be absent, read where that point's weight is.

use candle_core::{D, Module, Result, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::layers::{
    Activation, Conv2d, Conv2dOptions, GroupNorm, avg_pool2d, conv2d, conv2d_no_bias, group_norm,
    spatial_softmax, upsample_nearest2d,
};

/// Weight planes start near this logit: almost everywhere there is no point.
const WEIGHT_PRIOR: f64 = -3.0;

/// Size of the network; a model's plan holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Landmarks.
    pub points: usize,
    /// Channels of the stem.
    pub stem: usize,
    /// Stride of the stem: 2, or 1 for the paper's planes of the frame's own resolution.
    #[serde(default = "two")]
    pub stem_stride: usize,
    /// Whether each point has a plane that says whether it is there; the paper has none.
    #[serde(default = "yes")]
    pub presence: bool,
    /// Channels of each level, from the stem's resolution downwards; two at least.
    pub widths: Vec<usize>,
    /// Channels of each level on the way up, the first beside the level above the deepest.
    /// The last is the level of the output grid.
    pub decoder: Vec<usize>,
    /// Group-norm groups; divides every width.
    pub groups: usize,
}

fn two() -> usize {
    2
}

fn yes() -> bool {
    true
}

impl Default for Architecture {
    fn default() -> Self {
        Self {
            points: 8,
            stem: 16,
            stem_stride: 2,
            presence: true,
            widths: vec![24, 48, 96, 128, 128],
            decoder: vec![96, 64, 32],
            groups: 8,
        }
    }
}

impl Architecture {
    /// The paper's network for so many points: planes of the input's resolution, three a point. Its widths are ours,
    /// those of the paper are not published.
    pub fn paper(points: usize) -> Self {
        Self {
            points,
            stem: 16,
            stem_stride: 1,
            presence: false,
            widths: vec![16, 32, 64, 128, 128],
            decoder: vec![128, 64, 32, 32],
            groups: 8,
        }
    }

    /// Frame pixels along the side of a cell of the output grid.
    pub fn stride(&self) -> usize {
        // Every level but the first halves the resolution; every decoder level doubles it back.
        self.stem_stride << (self.widths.len() - 1).saturating_sub(self.decoder.len())
    }

    /// The frame's side must be a multiple of this.
    pub fn multiple(&self) -> usize {
        self.stem_stride << (self.widths.len() - 1)
    }

    /// Planes of a point: two of displacement, its weight, and its presence where there is one.
    pub fn planes(&self) -> usize {
        if self.presence { 4 } else { 3 }
    }

    /// `Err` with the reason when no network can be built of it.
    pub fn check(&self) -> std::result::Result<(), String> {
        let levels = self.widths.len();
        if self.points == 0 || levels < 2 || self.decoder.is_empty() || self.decoder.len() >= levels {
            return Err("needs points, two widths, and fewer decoder levels than widths".to_owned());
        }
        if !(1..=2).contains(&self.stem_stride) || levels > 12 {
            return Err("stem_stride is 1 or 2, and there are at most twelve widths".to_owned());
        }
        let all = self.widths.iter().chain(&self.decoder).chain(Some(&self.stem));
        if self.groups == 0 || all.clone().any(|width| *width == 0 || width % self.groups != 0) {
            return Err(format!("every width must be a multiple of the {} groups", self.groups));
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
        inputs: usize,
        outputs: usize,
        size: usize,
        stride: usize,
        groups: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let options = Conv2dOptions::same(size).with_stride(stride);
        Ok(Self {
            conv: conv2d_no_bias(inputs, outputs, size, options, vb.pp("conv"))?,
            norm: group_norm(groups, outputs, vb.pp("norm"))?,
        })
    }
}

impl Module for Unit {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.norm.forward_activated(&self.conv.forward(x)?, Activation::Relu)
    }
}

/// The raw planes of a batch on the output grid.
#[derive(Debug, Clone)]
pub struct Planes {
    /// `[batch, points, 2, rows, columns]`: x then y displacement from the cell to the point, in units of σ.
    pub displacement: Tensor,
    /// `[batch, points, rows, columns]`: the weight plane before its logistic function.
    pub weight_logit: Tensor,
    /// `[batch, points]`: logit of the point being there at all; 0 without planes of presence.
    pub presence_logit: Tensor,
}

impl Planes {
    /// `[batch, points, rows, columns]`, 0–1: the heatmap.
    pub fn weight(&self) -> Result<Tensor> {
        candle_nn::ops::sigmoid(&self.weight_logit)
    }
}

/// The network. Variable names: `stem`, `down{i}.{0,1}`, `up{i}.{0,1}`, `head`; each unit has `conv`, `norm`.
#[derive(Debug, Clone)]
pub struct Whdv {
    points: usize,
    presence: bool,
    stem: Unit,
    down: Vec<Vec<Unit>>,
    up: Vec<Vec<Unit>>,
    head: Conv2d,
}

impl Whdv {
    /// Builds it on the variables of `vb`: fresh ones for training, those of a file for inference.
    ///
    /// # Errors
    /// Variables that are missing or of another shape; an [`Architecture`] that fails its check.
    pub fn new(architecture: &Architecture, vb: VarBuilder) -> Result<Self> {
        architecture.check().map_err(candle_core::Error::msg)?;
        let Architecture { points, stem, stem_stride, presence, widths, decoder, groups } = architecture;
        let (points, groups) = (*points, *groups);
        let mut down = Vec::with_capacity(widths.len());
        let mut inputs = *stem;
        for (level, &width) in widths.iter().enumerate() {
            let vb = vb.pp(format!("down{level}"));
            let mut units = vec![Unit::new(inputs, width, 3, 1, groups, vb.pp("0"))?];
            // At half resolution one unit is all a CPU can pay for.
            if level > 0 {
                units.push(Unit::new(width, width, 3, 1, groups, vb.pp("1"))?);
            }
            down.push(units);
            inputs = width;
        }
        let mut up = Vec::with_capacity(decoder.len());
        for (step, &width) in decoder.iter().enumerate() {
            let level = widths.len() - 2 - step;
            let vb = vb.pp(format!("up{level}"));
            let mut units = vec![Unit::new(inputs + widths[level], width, 3, 1, groups, vb.pp("0"))?];
            // Only the level of the output grid is refined again.
            if step + 1 == decoder.len() {
                units.push(Unit::new(width, width, 3, 1, groups, vb.pp("1"))?);
            }
            up.push(units);
            inputs = width;
        }
        let planes = architecture.planes();
        Ok(Self {
            points,
            presence: *presence,
            stem: Unit::new(1, *stem, 5, *stem_stride, groups, vb.pp("stem"))?,
            down,
            up,
            head: conv2d(inputs, planes * points, 1, Conv2dOptions::default(), vb.pp("head"))?,
        })
    }

    /// The planes of `frames`, `[batch, 1, rows, columns]`, standardised greys.
    pub fn forward(&self, frames: &Tensor) -> Result<Planes> {
        self.planes(&self.raw(frames)?)
    }

    /// What the head says of `frames` before it is read as planes: `[batch, 4 · points, rows, columns]`, or 3 ·.
    pub fn raw(&self, frames: &Tensor) -> Result<Tensor> {
        let mut x = self.stem.forward(frames)?;
        let mut skips = Vec::with_capacity(self.down.len());
        for (level, units) in self.down.iter().enumerate() {
            if level > 0 {
                x = avg_pool2d(&x, 2, 2, 0)?;
            }
            for unit in units {
                x = unit.forward(&x)?;
            }
            skips.push(x.clone());
        }
        skips.pop();
        for units in &self.up {
            let Some(skip) = skips.pop() else { break };
            let (_, _, rows, columns) = skip.dims4()?;
            x = Tensor::cat(&[&upsample_nearest2d(&x, rows, columns)?, &skip], 1)?;
            for unit in units {
                x = unit.forward(&x)?;
            }
        }
        self.head.forward(&x)
    }

    fn planes(&self, out: &Tensor) -> Result<Planes> {
        let (batch, _, rows, columns) = out.dims4()?;
        let n = self.points;
        let displacement = out.narrow(1, 0, 2 * n)?.reshape((batch, n, 2, rows, columns))?;
        let weight_logit = (out.narrow(1, 2 * n, n)? + WEIGHT_PRIOR)?;
        if !self.presence {
            let presence_logit = Tensor::zeros((batch, n), out.dtype(), out.device())?;
            return Ok(Planes { displacement, weight_logit, presence_logit });
        }
        // The evidence for a point is read where the point would be; that place is not moved by it.
        let attention = spatial_softmax(&weight_logit.detach())?;
        let presence_logit = (out.narrow(1, 3 * n, n)? * attention)?.flatten_from(2)?.sum(D::Minus1)?;
        Ok(Planes { displacement, weight_logit, presence_logit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};
    use candle_nn::VarMap;

    fn count(map: &VarMap) -> usize {
        map.all_vars().iter().map(|var| var.elem_count()).sum()
    }

    #[test]
    fn the_default_has_about_a_million_parameters_and_a_grid_of_four_pixels() {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let architecture = Architecture::default();
        let network = Whdv::new(&architecture, vb).unwrap();
        assert!((900_000..1_200_000).contains(&count(&map)), "{}", count(&map));
        assert_eq!(architecture.stride(), 4);
        let planes =
            network.forward(&Tensor::zeros((2, 1, 64, 96), DType::F32, &Device::Cpu).unwrap()).unwrap();
        assert_eq!(planes.displacement.dims(), &[2, 8, 2, 16, 24]);
        assert_eq!(planes.weight().unwrap().dims(), &[2, 8, 16, 24]);
        assert_eq!(planes.presence_logit.dims(), &[2, 8]);
    }

    #[test]
    fn the_papers_planes_have_the_resolution_of_the_frame() {
        let architecture = Architecture::paper(2);
        assert_eq!((architecture.stride(), architecture.multiple(), architecture.planes()), (1, 16, 3));
        let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
        let frames = Tensor::zeros((1, 1, 48, 64), DType::F32, &Device::Cpu).unwrap();
        let planes = Whdv::new(&architecture, vb).unwrap().forward(&frames).unwrap();
        assert_eq!(planes.displacement.dims(), &[1, 2, 2, 48, 64]);
        assert_eq!(planes.presence_logit.dims(), &[1, 2]);
    }

    #[test]
    fn an_impossible_architecture_is_an_error() {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let odd = Architecture { stem: 13, ..Architecture::default() };
        assert!(Whdv::new(&odd, vb.clone()).unwrap_err().to_string().contains("multiple of the 8"));
        let deep = Architecture { decoder: vec![8; 5], ..Architecture::default() };
        assert!(Whdv::new(&deep, vb).is_err());
    }
}
