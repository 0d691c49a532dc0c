//! Training of FR-DDH: patches, anchor matching, sampling, losses. See [`crate::models::fr_ddh`] for the papers.

pub mod config;
mod learner;
pub mod loss;
mod sample;
pub mod targets;
#[cfg(test)]
mod tests;

pub use config::FrDdhConfig;
pub use learner::FrDdhLearner;
pub use sample::{FrDdhSample, sample};

use super::config::{OptimiserConfig, SystemConfig, TrainConfig};
use super::optimiser::Method;
use super::schedule::Schedule;
use crate::measure::{LandmarkCode, LandmarkId};

/// The paper's run: TRC, SMA and FH of both sides, one film a step, SGD with a rate that falls once.
pub(super) fn defaults() -> TrainConfig {
    let general = TrainConfig::default();
    let ids = LandmarkId::infant();
    let ids = ids.iter().filter(|id| id.code != LandmarkCode::HP);
    TrainConfig {
        id: "infant-fr-ddh".to_owned(),
        title: "Infant hip landmarks, patches detected by Faster R-CNN".to_owned(),
        intended_use: "TRC, SMA and FH on AP pelvis radiographs of infants. Research only.".to_owned(),
        landmarks: ids.map(ToString::to_string).collect(),
        system: SystemConfig::FrDdh(FrDdhConfig::default()),
        optimiser: OptimiserConfig {
            method: Method::Sgd { momentum: 0.9, nesterov: false },
            schedule: Schedule::Steps { every: 80_000, factor: 0.1 },
            steps: 110_000,
            batch: 1,
            shards: 1,
            learning_rate: 1e-3,
            warmup: 0,
            weight_decay: 5e-4,
            // The paper neither shortens gradients nor averages weights.
            clip: 1e9,
            ema: 0.0,
        },
        ..general
    }
}
