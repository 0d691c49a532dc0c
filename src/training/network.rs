//! A network before its first step: seeded parameters, and the plan its configuration implies.

use super::adults::AdultData;
use super::config::TrainConfig;
use crate::models::plan::Calibration;
use crate::models::{Plan, System};
use candle_core::{Result, Tensor, Var};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::collections::{BTreeMap, HashMap};

/// Sets every parameter from `seed`: kernels normal with the SD that `sd` gives for their name, else that of K. He et
/// al. 2015 (fan-in); weights and variances of norms to 1, biases and means to 0.
///
/// candle's own generator cannot be seeded on the CPU.
///
/// # Errors
/// Failures of the device.
pub fn initialise(vars: &HashMap<String, Var>, seed: u64, sd: impl Fn(&str) -> Option<f64>) -> Result<()> {
    let ordered: BTreeMap<_, _> = vars.iter().collect();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for (name, var) in ordered {
        let count = var.elem_count();
        let values: Vec<f32> = match var.dims() {
            [_, inputs @ ..] if !inputs.is_empty() => {
                let fan_in = inputs.iter().product::<usize>() as f64;
                let sd = sd(name).unwrap_or((2.0 / fan_in).sqrt());
                let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
                (0..count).map(|_| (sd * normal()) as f32).collect()
            }
            _ if name.ends_with("weight") || name.ends_with("running_var") => vec![1.0; count],
            _ => vec![0.0; count],
        };
        var.set(&Tensor::from_vec(values, var.shape(), var.device())?)?;
    }
    Ok(())
}

/// What `films` simulated films are, for the card.
pub(super) fn trained_on(adults: Option<&AdultData>, films: usize) -> String {
    match adults {
        None => format!("{films} simulated infants, made by this program; no real film"),
        Some(adults) => {
            let who = match adults.fold {
                Some(fold) => format!("all people but fold {fold} of {}, split by body", adults.folds),
                None => "all people, so that no figure here is of a person it has not seen".to_owned(),
            };
            format!(
                "{films} simulated films from the bones of adults (M. C. M. Fischer 2023): {who}; no real film"
            )
        }
    }
}

/// The plan of a network that has not been calibrated yet.
pub fn plan_of(config: &TrainConfig, system: System) -> Plan {
    Plan {
        id: config.id.clone(),
        version: config.version.clone(),
        title: config.title.clone(),
        licence: config.licence.clone(),
        intended_use: config.intended_use.clone(),
        view: config.view,
        first_choice: config.first_choice,
        limitations: config.limitations.clone(),
        trained_on: trained_on(
            config.data.adults.as_ref(),
            config.optimiser.steps * config.optimiser.batch / config.data.reuse,
        ),
        command: config.command.clone(),
        sha256: String::new(),
        landmarks: config.landmarks.clone(),
        optional: config.optional.clone(),
        system,
        calibration: Calibration {
            sd_gain: BTreeMap::new(),
            sd_floor: BTreeMap::new(),
            presence_threshold: 0.5,
            confidence_temperature: 1.0,
            confidence_floor: 0.0,
        },
        accuracy: BTreeMap::new(),
    }
}
