//! The non-linearities, alone or carried out by the layer before in the same pass over memory.

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result, Shape, Tensor, WithDType};
use pulp::Arch;
use rayon::prelude::*;

use super::buffer::{Output, filled, values, with_values};

/// What follows a convolution or a normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Activation {
    /// Nothing.
    #[default]
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `x` above zero, `slope · x` below; the slope is positive.
    LeakyRelu(f32),
}

impl Activation {
    /// What values below zero are multiplied by; those above stay.
    #[inline(always)]
    pub(super) fn slope_below_zero(self) -> f32 {
        match self {
            Self::Identity => 1.0,
            Self::Relu => 0.0,
            Self::LeakyRelu(slope) => slope,
        }
    }

    /// The activation of every element.
    pub fn apply(self, x: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() && x.dtype() == DType::F32 && self != Self::Identity {
            return x.contiguous()?.apply_op1(self);
        }
        match self {
            Self::Identity => Ok(x.clone()),
            Self::Relu => x.relu(),
            Self::LeakyRelu(slope) => x.relu()? - (x.neg()?.relu()? * f64::from(slope))?,
        }
    }
}

/// `max(x, 0)`.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    Activation::Relu.apply(x)
}

/// Values a thread takes at a time.
const CHUNK: usize = 1 << 14;

/// `b` where `a` is above zero, `slope · b` elsewhere.
fn sloped(a: &[f32], b: &[f32], slope: f32) -> Vec<f32> {
    let fill = |out: &Output| {
        a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK)).enumerate().for_each(|(chunk, (a, b))| {
            // SAFETY: chunks do not overlap.
            let out = unsafe { out.range(chunk * CHUNK..chunk * CHUNK + a.len()) };
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                        // A product with one of two numbers: a branch would often be guessed wrong.
                        out.write(b * if *a > 0.0 { 1.0 } else { slope });
                    }
                },
            );
        });
    };
    // SAFETY: every element belongs to a chunk.
    unsafe { filled(a.len(), fill) }
}

impl CustomOp1 for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let y = sloped(x, x, self.slope_below_zero());
        Ok((f32::to_cpu_storage_owned(y), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, y: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let dy = dy.contiguous()?;
        let slope = self.slope_below_zero();
        let dx = with_values(y, |y| with_values(&dy, |dy| sloped(y, dy, slope)))??;
        Tensor::from_vec(dx, y.shape(), y.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{difference, gradients, random};
    use super::*;

    #[test]
    fn gradients_match_finite_differences() {
        for activation in [Activation::Identity, Activation::Relu, Activation::LeakyRelu(0.2)] {
            // Away from the kink, where the slope is not defined.
            let x = random(&[2, 3, 5, 4], 1);
            let x = (&x + (x.sign().unwrap() * 0.1).unwrap()).unwrap();
            gradients(&[x], 0.05, 1e-3, |t| activation.apply(&t[0]));
        }
    }

    #[test]
    fn equals_the_composition_of_other_devices() {
        let x = random(&[2, 3, 70, 90], 1);
        for activation in [Activation::Identity, Activation::Relu, Activation::LeakyRelu(0.2)] {
            let double = activation.apply(&x.to_dtype(DType::F64).unwrap()).unwrap();
            assert!(difference(&activation.apply(&x).unwrap(), &double) < 1e-6);
        }
    }
}
