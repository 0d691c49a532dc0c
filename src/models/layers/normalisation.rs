//! Normalisation, scale, shift and activation as one operation: what batch, group and instance norm share.
//!
//! They differ only in which planes share a mean and a variance. One task reads the planes of one such set, which
//! stay in the cache from the statistics to the result.

use std::sync::{Arc, OnceLock};

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;

use super::Activation;
use super::buffer::{Output, filled, values, with_values};
use super::normalised_plane::{Moments, PlaneNorm};

/// Which planes are normalised together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sets {
    /// Those of one channel in all images.
    Channels,
    /// Those of neighbouring channels of one image; this many groups of channels.
    Groups(usize),
}

/// The operation on input, weight `[channels]` and bias `[channels]`.
#[derive(Debug, Clone)]
pub(super) struct Normalise {
    pub sets: Sets,
    pub epsilon: f64,
    pub activation: Activation,
    /// The moments of every set: given and constant, or left here by the forward pass.
    pub moments: Arc<OnceLock<Vec<Moments>>>,
    pub given: bool,
}

/// Batch, channels and the number of pixels, and how they fall into sets.
#[derive(Clone, Copy)]
struct Planes {
    sets: Sets,
    batch: usize,
    channels: usize,
    pixels: usize,
}

impl Planes {
    fn sets(&self) -> usize {
        match self.sets {
            Sets::Channels => self.channels,
            Sets::Groups(groups) => self.batch * groups,
        }
    }

    /// Channel and range of every plane of a set.
    fn of(self, set: usize) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + Clone {
        let (first, step, count) = match self.sets {
            Sets::Channels => (set, self.channels, self.batch),
            Sets::Groups(groups) => (set * (self.channels / groups), 1, self.channels / groups),
        };
        (0..count).map(move |i| {
            let plane = first + step * i;
            (plane % self.channels, plane * self.pixels..(plane + 1) * self.pixels)
        })
    }
}

impl Normalise {
    fn planes(&self, shape: &Shape) -> Result<Planes> {
        let (batch, channels, height, width) = shape.dims4()?;
        Ok(Planes { sets: self.sets, batch, channels, pixels: height * width })
    }

    fn plane_norm(&self, moments: &Moments, weight: f32, bias: f32) -> PlaneNorm {
        let precision = (moments.variance + self.epsilon).sqrt().recip() as f32;
        let slope = self.activation.slope_below_zero();
        PlaneNorm { mean: moments.mean as f32, precision, weight, bias, slope }
    }

    fn forward(&self, x: &[f32], [weight, bias]: [&[f32]; 2], planes: Planes) -> Vec<f32> {
        let moments = self.moments.get_or_init(|| {
            let of = |set| Moments::of(planes.of(set).map(|(_, range)| &x[range]));
            (0..planes.sets()).into_par_iter().map(of).collect()
        });
        let fill = |out: &Output| {
            moments.par_iter().enumerate().for_each(|(set, moments)| {
                for (channel, range) in planes.of(set) {
                    // SAFETY: a plane belongs to one set.
                    let y = unsafe { out.range(range.clone()) };
                    self.plane_norm(moments, weight[channel], bias[channel]).forward(&x[range], y);
                }
            });
        };
        // SAFETY: every plane belongs to a set.
        unsafe { filled(x.len(), fill) }
    }

    /// Gradients to input, weight and bias.
    fn backward(
        &self,
        [x, dy]: [&[f32]; 2],
        [weight, bias]: [&[f32]; 2],
        moments: &[Moments],
        planes: Planes,
    ) -> [Vec<f32>; 3] {
        let sums = |(set, moments): (usize, &Moments)| -> Vec<[f64; 2]> {
            let sums = |(channel, range): (usize, std::ops::Range<usize>)| {
                let norm = self.plane_norm(moments, weight[channel], bias[channel]);
                norm.gradient_sums(&x[range.clone()], &dy[range])
            };
            planes.of(set).map(sums).collect()
        };
        let sums: Vec<Vec<[f64; 2]>> = moments.par_iter().enumerate().map(sums).collect();
        let fill = |out: &Output| {
            moments.par_iter().enumerate().for_each(|(set, moments)| {
                let count = (sums[set].len() * planes.pixels) as f64;
                let mut means = [0.0; 2];
                if !self.given {
                    for ((channel, _), sums) in planes.of(set).zip(&sums[set]) {
                        means[0] += f64::from(weight[channel]) * sums[0] / count;
                        means[1] += f64::from(weight[channel]) * sums[1] / count;
                    }
                }
                let means = means.map(|mean| mean as f32);
                for (channel, range) in planes.of(set) {
                    // SAFETY: a plane belongs to one set.
                    let dx = unsafe { out.range(range.clone()) };
                    let norm = self.plane_norm(moments, weight[channel], bias[channel]);
                    norm.backward(&x[range.clone()], &dy[range], means, dx);
                }
            });
        };
        // SAFETY: every plane belongs to a set.
        let dx = unsafe { filled(x.len(), fill) };
        let mut totals = vec![[0.0; 2]; planes.channels];
        for (set, sums) in sums.iter().enumerate() {
            for ((channel, _), sums) in planes.of(set).zip(sums) {
                totals[channel][0] += sums[0];
                totals[channel][1] += sums[1];
            }
        }
        let total = |which: usize| totals.iter().map(|total| total[which] as f32).collect();
        [dx, total(1), total(0)]
    }
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "normalise"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let parameters = [values(w, lw)?, values(b, lb)?];
        let planes = self.planes(lx.shape())?;
        if parameters.iter().any(|values| values.len() != planes.channels) {
            bail!("a normalisation of {} channels was given {}", lw.shape().elem_count(), planes.channels);
        }
        let y = self.forward(values(x, lx)?, parameters, planes);
        Ok((f32::to_cpu_storage_owned(y), lx.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(moments) = self.moments.get() else { bail!("a normalisation has not run") };
        let planes = self.planes(x.shape())?;
        let (weight, bias) = (w.to_vec1()?, b.to_vec1()?);
        let dy = dy.contiguous()?;
        let [dx, dw, db] = with_values(x, |x| {
            with_values(&dy, |dy| self.backward([x, dy], [&weight, &bias], moments, planes))
        })??;
        let device = x.device();
        Ok((
            Some(Tensor::from_vec(dx, x.shape(), device)?),
            Some(Tensor::from_vec(dw, w.shape(), device)?),
            Some(Tensor::from_vec(db, b.shape(), device)?),
        ))
    }
}

/// `x` less `mean`, over the root of `variance` plus epsilon, times `weight`, plus `bias`: for every device. The
/// statistics must broadcast to `x`.
pub(super) fn composed(
    x: &Tensor,
    [mean, variance]: [&Tensor; 2],
    epsilon: f64,
    [weight, bias]: [&Tensor; 2],
) -> Result<Tensor> {
    let standard = x.broadcast_sub(mean)?.broadcast_div(&(variance + epsilon)?.sqrt()?)?;
    let channel = |parameter: &Tensor| parameter.reshape((1, (), 1, 1));
    standard.broadcast_mul(&channel(weight)?)?.broadcast_add(&channel(bias)?)
}
