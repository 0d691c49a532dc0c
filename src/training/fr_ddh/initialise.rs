//! The weights before the first step.

use candle_core::{Result, Tensor, Var};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::collections::{BTreeMap, HashMap};

/// SD of the new layers' kernels.
const NEW_SD: f64 = 0.01;
const BACKBONE: &str = "backbone.";

/// Sets every parameter from `seed`: kernels of the backbone by K. He et al. 2015 (normal, fan-in), those of the new
/// layers N(0, 0.01), norms to 1, biases to 0.
///
/// # Errors
/// Failures of the device.
pub fn initialise(vars: &HashMap<String, Var>, seed: u64) -> Result<()> {
    let ordered: BTreeMap<_, _> = vars.iter().collect();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for (name, var) in ordered {
        let count = var.elem_count();
        let values: Vec<f32> = if var.rank() > 1 {
            let fan_in: usize = var.dims().iter().skip(1).product();
            let sd = if name.starts_with(BACKBONE) { (2.0 / fan_in as f64).sqrt() } else { NEW_SD };
            let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
            (0..count).map(|_| (sd * normal()) as f32).collect()
        } else {
            let one =
                name.starts_with(BACKBONE) && (name.ends_with("weight") || name.ends_with("running_var"));
            vec![if one { 1.0 } else { 0.0 }; count]
        };
        var.set(&Tensor::from_vec(values, var.shape(), var.device())?.to_dtype(var.dtype())?)?;
    }
    Ok(())
}
