//! Batch normalisation with its running statistics.

use std::sync::{Arc, OnceLock};

use candle_core::{DType, ModuleT, Result, Tensor, Var, bail};
use candle_nn::{Init, VarBuilder};

use super::Activation;
use super::normalisation::{Normalise, Sets, composed};
use super::normalised_plane::Moments;

/// Batch normalisation over batch, rows and columns of each channel.
///
/// Training uses the statistics of the batch and moves the running ones by a tenth of the way (the variance
/// unbiased, as PyTorch does); evaluation uses the running ones.
#[derive(Debug, Clone)]
pub struct BatchNorm2d {
    weight: Tensor,
    bias: Tensor,
    running_mean: Var,
    running_var: Var,
    epsilon: f64,
    momentum: f64,
}

/// A batch normalisation; parameters `weight`, `bias`, `running_mean` and `running_var` of `vb`.
pub fn batch_norm2d(channels: usize, vb: VarBuilder) -> Result<BatchNorm2d> {
    let get = |name, value| vb.get_with_hints(channels, name, Init::Const(value));
    Ok(BatchNorm2d {
        weight: get("weight", 1.0)?,
        bias: get("bias", 0.0)?,
        running_mean: Var::from_tensor(&get("running_mean", 0.0)?)?,
        running_var: Var::from_tensor(&get("running_var", 1.0)?)?,
        epsilon: 1e-5,
        momentum: 0.1,
    })
}

impl BatchNorm2d {
    /// Normalised with the statistics of the batch (`train`, which also moves the running ones) or the running
    /// ones, then activated.
    pub fn forward_activated(&self, x: &Tensor, train: bool, activation: Activation) -> Result<Tensor> {
        if x.dim(1)? != self.weight.dim(0)? {
            bail!("batch norm of {} channels was given {:?}", self.weight.dim(0)?, x.dims());
        }
        if !(x.device().is_cpu() && x.dtype() == DType::F32) {
            return activation.apply(&self.composed(x, train)?);
        }
        let moments = Arc::new(if train { OnceLock::new() } else { OnceLock::from(self.running_moments()?) });
        let operation = Normalise {
            sets: Sets::Channels,
            epsilon: self.epsilon,
            activation,
            moments: moments.clone(),
            given: !train,
        };
        let y = x.contiguous()?.apply_op3(&self.weight.contiguous()?, &self.bias.contiguous()?, operation)?;
        if let (true, Some(moments)) = (train, moments.get()) {
            let of = |value: fn(&Moments) -> f64| {
                let values: Vec<f32> = moments.iter().map(|moments| value(moments) as f32).collect();
                Tensor::new(values, x.device())
            };
            self.follow(x, &of(|m| m.mean)?, &of(|m| m.variance)?)?;
        }
        Ok(y)
    }

    fn running_moments(&self) -> Result<Vec<Moments>> {
        let values = |var: &Var| var.as_tensor().to_dtype(DType::F64)?.to_vec1::<f64>();
        let pairs = values(&self.running_mean)?.into_iter().zip(values(&self.running_var)?);
        Ok(pairs.map(|(mean, variance)| Moments { mean, variance }).collect())
    }

    fn composed(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let parameters = [&self.weight, &self.bias];
        if train {
            let mean = x.mean_keepdim((0, 2, 3))?;
            let variance = x.broadcast_sub(&mean)?.sqr()?.mean_keepdim((0, 2, 3))?;
            self.follow(x, &mean.flatten_all()?, &variance.flatten_all()?)?;
            return composed(x, [&mean, &variance], self.epsilon, parameters);
        }
        let channel = |var: &Var| var.as_detached_tensor().reshape((1, (), 1, 1));
        composed(x, [&channel(&self.running_mean)?, &channel(&self.running_var)?], self.epsilon, parameters)
    }

    /// Moves the running statistics towards those of the batch.
    fn follow(&self, x: &Tensor, mean: &Tensor, variance: &Tensor) -> Result<()> {
        let count = (x.elem_count() / x.dim(1)?.max(1)) as f64;
        let unbiased = (variance.detach() * (count / (count - 1.0).max(1.0)))?;
        let step = |running: &Var, batch: &Tensor| {
            let moved = (running.as_detached_tensor() * (1.0 - self.momentum))?;
            running.set(&(moved + (batch * self.momentum)?)?)
        };
        step(&self.running_mean, &mean.detach())?;
        step(&self.running_var, &unbiased)
    }

    /// What evaluation multiplies and adds per channel, both `[channels]` and without gradient.
    pub fn scale_and_shift(&self) -> Result<(Tensor, Tensor)> {
        let deviation = (self.running_var.as_detached_tensor() + self.epsilon)?.sqrt()?;
        let scale = (self.weight.detach() / deviation)?;
        let shift = (self.bias.detach() - (self.running_mean.as_detached_tensor() * &scale)?)?;
        Ok((scale, shift))
    }
}

impl ModuleT for BatchNorm2d {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.forward_activated(x, train, Activation::Identity)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Module};
    use candle_nn::VarMap;

    use super::super::check::{difference, gradients, random};
    use super::super::{Conv2d, Conv2dOptions};
    use super::*;

    fn layer(weight: &Tensor, bias: &Tensor) -> BatchNorm2d {
        BatchNorm2d {
            weight: weight.clone(),
            bias: bias.clone(),
            running_mean: Var::from_tensor(&random(weight.dims(), 8)).unwrap(),
            running_var: Var::from_tensor(&random(weight.dims(), 9).affine(0.4, 1.0).unwrap()).unwrap(),
            epsilon: 1e-5,
            momentum: 0.1,
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        for shape in [[2, 3, 5, 4], [3, 2, 1, 7], [4, 5, 2, 2]] {
            for train in [true, false] {
                let inputs = [random(&shape, 1), random(&shape[1..2], 2), random(&shape[1..2], 3)];
                gradients(&inputs, 1e-2, 5e-3, |t| layer(&t[1], &t[2]).forward_t(&t[0], train));
                let slope = Activation::LeakyRelu(0.7);
                gradients(&inputs, 2e-3, 5e-2, |t| {
                    layer(&t[1], &t[2]).forward_activated(&t[0], train, slope)
                });
            }
        }
    }

    #[test]
    fn equals_candle_with_its_running_statistics() {
        let vars = VarMap::new();
        let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
        let ours = batch_norm2d(6, vb.pp("ours")).unwrap();
        let theirs = candle_nn::batch_norm(6, 1e-5, vb.pp("theirs")).unwrap();
        for seed in 0..3 {
            let x = random(&[3, 6, 13, 17], seed).affine(3.0, 40.0).unwrap();
            let (a, b) = (ours.forward_t(&x, true).unwrap(), theirs.forward_t(&x, true).unwrap());
            assert!(difference(&a, &b) < 1e-4);
            let (a, b) = (ours.forward_t(&x, false).unwrap(), theirs.forward_t(&x, false).unwrap());
            assert!(difference(&a, &b) < 1e-4);
        }
        assert!(difference(ours.running_mean.as_tensor(), theirs.running_mean()) < 1e-5);
        assert!(difference(ours.running_var.as_tensor(), theirs.running_var()) < 1e-4);
        // The running statistics are those of the map, so that a checkpoint has them.
        let saved = vars.data().lock().unwrap()["ours.running_mean"].as_tensor().clone();
        assert!(difference(&saved, ours.running_mean.as_tensor()) == 0.0);
    }

    #[test]
    fn the_composition_for_other_devices_equals_the_operation() {
        let x = random(&[2, 3, 6, 5], 1);
        for train in [true, false] {
            let of = |dtype| {
                let [weight, bias] = [2, 3].map(|seed| random(&[3], seed));
                let mut layer = layer(&weight.to_dtype(dtype).unwrap(), &bias.to_dtype(dtype).unwrap());
                for running in [&mut layer.running_mean, &mut layer.running_var] {
                    *running = Var::from_tensor(&running.as_tensor().to_dtype(dtype).unwrap()).unwrap();
                }
                layer.forward_activated(&x.to_dtype(dtype).unwrap(), train, Activation::Relu).unwrap()
            };
            assert!(difference(&of(DType::F32), &of(DType::F64)) < 1e-5);
        }
    }

    #[test]
    fn folded_into_the_convolution_nothing_changes() {
        let x = random(&[2, 3, 9, 8], 1);
        let norm = layer(&random(&[5], 2), &random(&[5], 3));
        for bias in [None, Some(random(&[5], 5))] {
            let convolution = Conv2d::new(random(&[5, 3, 3, 3], 4), bias, Conv2dOptions::same(3));
            let expected = norm.forward_t(&convolution.forward(&x).unwrap(), false).unwrap();
            let folded = convolution.folded(&norm).unwrap().forward(&x).unwrap();
            assert!(difference(&folded, &expected) < 1e-5);
        }
    }
}
