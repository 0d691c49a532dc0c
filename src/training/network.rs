//! A network before its first step: seeded parameters, and the plan its configuration implies.

use super::config::TrainConfig;
use crate::measure::{LandmarkCode, LandmarkId};
use crate::models::Plan;
use crate::models::plan::Calibration;
use candle_core::{Result, Tensor, Var};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::collections::{BTreeMap, HashMap};

/// The head starts small: no point is anywhere yet.
const HEAD_SD: f64 = 0.02;

/// Sets every parameter from `seed`: kernels by K. He et al. 2015 (normal, fan-in), norms to 1, biases to 0.
///
/// candle's own generator cannot be seeded on the CPU.
///
/// # Errors
/// Failures of the device.
pub fn initialise(vars: &HashMap<String, Var>, seed: u64) -> Result<()> {
    let ordered: BTreeMap<_, _> = vars.iter().collect();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for (name, var) in ordered {
        let count = var.elem_count();
        let values: Vec<f32> = match var.dims() {
            [_, inputs, height, width] => {
                let fan_in = (inputs * height * width) as f64;
                let sd = if name.starts_with("head") { HEAD_SD } else { (2.0 / fan_in).sqrt() };
                let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
                (0..count).map(|_| (sd * normal()) as f32).collect()
            }
            _ if name.ends_with("weight") => vec![1.0; count],
            _ => vec![0.0; count],
        };
        var.set(&Tensor::from_vec(values, var.shape(), var.device())?)?;
    }
    Ok(())
}

/// The plan of a network that has not been calibrated yet.
pub fn plan_of(config: &TrainConfig) -> Plan {
    let landmarks = LandmarkId::infant();
    let optional = landmarks.iter().filter(|id| id.code == LandmarkCode::FH);
    Plan {
        id: config.id.clone(),
        version: config.version.clone(),
        title: config.title.clone(),
        licence: config.licence.clone(),
        intended_use: config.intended_use.clone(),
        limitations: config.limitations.clone(),
        trained_on: format!(
            "{} simulated infants, made by this program; no real film",
            config.optimiser.steps * config.optimiser.batch / config.data.reuse
        ),
        command: config.command.clone(),
        sha256: String::new(),
        optional: optional.map(ToString::to_string).collect(),
        landmarks: landmarks.iter().map(ToString::to_string).collect(),
        frame: config.frame,
        neighbourhood_px: config.neighbourhood_px,
        sigma_px: config.sigma_px,
        truncation_px: config.truncation_px,
        second_look: config.second_look,
        architecture: config.architecture.clone(),
        voting: config.voting,
        calibration: Calibration {
            sd_gain: BTreeMap::new(),
            sd_floor: BTreeMap::new(),
            presence_threshold: 0.5,
            confidence_floor: 0.0,
        },
        accuracy: BTreeMap::new(),
    }
}
