//! Parameters by formula from their name and index, so that programs in other languages have the very same weights
//! without a file between them.

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

/// Variables of any name and shape, whose values [`values`] gives.
struct Formula;

/// A builder whose variables are given by formula; none is tracked for gradients.
pub fn formula(device: &Device) -> VarBuilder<'static> {
    VarBuilder::from_backend(Box::new(Formula), DType::F32, device.clone())
}

impl SimpleBackend for Formula {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        Tensor::from_vec(values(name, shape.dims()), shape, device)?.to_dtype(dtype)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        candle_core::bail!("the formula has no shape for {name}")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

/// The values of the tensor called `name`, uniform around a centre: kernels around 0 with the variance of K. He et al.
/// 2015, scales and variances around 1, shifts and means around 0, everything else (images) around 0 with variance 1.
pub fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let fan_in: usize = shape.iter().skip(1).product();
    let last = name.rsplit('.').next().unwrap_or(name);
    let (centre, width) = match (last, shape.len()) {
        ("weight", 2 | 4) => (0.0, (24.0 / fan_in as f64).sqrt()),
        ("weight", _) | ("running_var", _) => (1.0, 0.5),
        ("bias", _) | ("running_mean", _) => (0.0, 0.2),
        _ => (0.0, 12f64.sqrt()),
    };
    let seed = hash(name);
    let count = shape.iter().product::<usize>();
    (0..count as u32).map(|index| (centre + width * uniform(seed, index)) as f32).collect()
}

/// FNV-1a.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// −0.5 … 0.5 from seed and index, by the mixing function `lowbias32` of C. Wellons.
fn uniform(seed: u32, index: u32) -> f64 {
    let mut x = seed ^ index.wrapping_mul(0x9e37_79b1);
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    f64::from(x ^ (x >> 16)) / f64::from(u32::MAX) - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_have_the_variance_that_keeps_the_signal() {
        let values = values("encoder.conv1.weight", &[64, 32, 3, 3]);
        let square = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / values.len() as f64;
        assert!((square * 288.0 / 2.0 - 1.0).abs() < 0.05, "{square}");
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 1e-3, "{mean}");
    }

    #[test]
    fn names_make_a_difference() {
        assert_ne!(values("a.weight", &[4]), values("b.weight", &[4]));
        assert_eq!(values("a.weight", &[4]), values("a.weight", &[4]));
    }
}
