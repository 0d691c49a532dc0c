//! Normalisation of each image by itself: group norm, and instance norm as one group a channel.

use std::sync::{Arc, OnceLock};

use candle_core::{DType, Module, Result, Tensor, bail};
use candle_nn::{Init, VarBuilder};

use super::Activation;
use super::normalisation::{Normalise, Sets, composed};

/// Group normalisation over rows, columns and the channels of a group, of each image by itself.
#[derive(Debug, Clone)]
pub struct GroupNorm {
    groups: usize,
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

/// Instance normalisation: every channel of every image by itself.
pub type InstanceNorm2d = GroupNorm;

/// A group normalisation; parameters `weight` and `bias` of `vb`. `channels` must be a multiple of `groups`.
pub fn group_norm(groups: usize, channels: usize, vb: VarBuilder) -> Result<GroupNorm> {
    if groups == 0 || !channels.is_multiple_of(groups) {
        bail!("{channels} channels do not fall into {groups} groups");
    }
    let weight = vb.get_with_hints(channels, "weight", Init::Const(1.0))?;
    let bias = vb.get_with_hints(channels, "bias", Init::Const(0.0))?;
    Ok(GroupNorm { groups, weight, bias, epsilon: 1e-5 })
}

/// An instance normalisation with learnt scale and shift; parameters `weight` and `bias` of `vb`.
pub fn instance_norm2d(channels: usize, vb: VarBuilder) -> Result<InstanceNorm2d> {
    group_norm(channels, channels, vb)
}

impl GroupNorm {
    /// Normalised, then activated.
    pub fn forward_activated(&self, x: &Tensor, activation: Activation) -> Result<Tensor> {
        let (batch, channels, height, width) = x.dims4()?;
        if channels != self.weight.dim(0)? {
            bail!("group norm of {} channels was given {:?}", self.weight.dim(0)?, x.dims());
        }
        if x.device().is_cpu() && x.dtype() == DType::F32 {
            let operation = Normalise {
                sets: Sets::Groups(self.groups),
                epsilon: self.epsilon,
                activation,
                moments: Arc::new(OnceLock::new()),
                given: false,
            };
            return x.contiguous()?.apply_op3(
                &self.weight.contiguous()?,
                &self.bias.contiguous()?,
                operation,
            );
        }
        let grouped = x.reshape((batch, self.groups, channels / self.groups * height * width))?;
        let mean = grouped.mean_keepdim(2)?;
        let variance = grouped.broadcast_sub(&mean)?.sqr()?.mean_keepdim(2)?;
        // One value for each channel of a group.
        let spread = |statistic: &Tensor| {
            let shape = (batch, self.groups, channels / self.groups);
            statistic.broadcast_as(shape)?.reshape((batch, channels, 1, 1))
        };
        let statistics = [&spread(&mean)?, &spread(&variance)?];
        activation.apply(&composed(x, statistics, self.epsilon, [&self.weight, &self.bias])?)
    }
}

impl Module for GroupNorm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.forward_activated(x, Activation::Identity)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::super::check::{difference, gradients, random};
    use super::*;

    fn layer(groups: usize, weight: &Tensor, bias: &Tensor) -> GroupNorm {
        GroupNorm { groups, weight: weight.clone(), bias: bias.clone(), epsilon: 1e-5 }
    }

    #[test]
    fn gradients_match_finite_differences() {
        for (shape, groups) in [([2, 6, 3, 4], 2), ([3, 4, 5, 1], 1), ([2, 3, 5, 5], 3)] {
            let inputs = [random(&shape, 1), random(&shape[1..2], 2), random(&shape[1..2], 3)];
            gradients(&inputs, 1e-2, 5e-3, |t| layer(groups, &t[1], &t[2]).forward(&t[0]));
            let slope = Activation::LeakyRelu(0.7);
            gradients(&inputs, 2e-3, 5e-2, |t| layer(groups, &t[1], &t[2]).forward_activated(&t[0], slope));
        }
    }

    #[test]
    fn equals_candle_and_the_composition() {
        let [weight, bias] = [2, 3].map(|seed| random(&[6], seed));
        for groups in [1, 2, 3, 6] {
            let x = random(&[3, 6, 13, 17], 1).affine(2.0, 5.0).unwrap();
            let theirs = candle_nn::GroupNorm::new(weight.clone(), bias.clone(), 6, groups, 1e-5).unwrap();
            let ours = layer(groups, &weight, &bias).forward(&x).unwrap();
            assert!(difference(&ours, &theirs.forward(&x).unwrap()) < 1e-4);
            let double = |t: &Tensor| t.to_dtype(DType::F64).unwrap();
            let composed = layer(groups, &double(&weight), &double(&bias)).forward(&double(&x)).unwrap();
            assert!(difference(&ours, &composed) < 1e-5);
        }
    }

    #[test]
    fn groups_must_divide_the_channels() {
        let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
        assert!(group_norm(4, 6, vb.clone()).is_err());
        assert!(group_norm(0, 6, vb.clone()).is_err());
        assert!(group_norm(2, 6, vb).unwrap().forward(&random(&[1, 4, 3, 3], 1)).is_err());
    }
}
