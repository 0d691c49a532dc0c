//! Datasets, augmentation, losses, checkpoints and the training loop.

pub mod adults;
pub mod augment;
pub mod calibrate;
pub mod checkpoint;
pub mod config;
pub mod curve;
pub mod dataset;
pub mod engine;
pub mod films;
mod fine_tuning;
pub mod fr_ddh;
pub mod heatmap;
pub mod imported;
pub mod learner;
pub mod learning_curve;
pub mod learning_figure;
pub mod loss;
mod metrics;
mod mixed;
pub mod network;
pub mod nnunet;
pub mod optimiser;
pub mod pretrained;
mod recipe;
pub mod reliability;
pub mod rfrv_clm;
pub mod run;
pub mod schedule;
pub mod seeds;
pub mod shape_floor;
#[cfg(test)]
mod tests;
pub mod validate;
pub mod vary;
pub mod view;
pub mod whdv;
pub mod whdv_searchers;

pub use config::TrainConfig;
pub use metrics::Row;
pub use run::{Event, train};

use crate::job::Cancelled;
use crate::models::checkpoint::CheckpointError;
use crate::models::{DetectError, ModelError, PredictError};
use std::path::PathBuf;

/// Why a training run stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("training configuration: {0}")]
    Config(String),
    #[error("{reason}: {path}")]
    File { reason: String, path: PathBuf },
    #[error("cannot resume: {0}")]
    Resume(String),
    #[error("the loss became {0} at step {1}; a smaller learning rate may help")]
    Diverged(f64, usize),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Predict(#[from] PredictError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<candle_core::Error> for TrainError {
    fn from(error: candle_core::Error) -> Self {
        Self::Model(error.into())
    }
}

impl From<DetectError> for TrainError {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Cancelled(e) => Self::Cancelled(e),
            DetectError::Model(e) => Self::Model(e),
        }
    }
}

/// `Err` of a file operation, with the file last.
fn file_error(path: &std::path::Path, error: impl std::fmt::Display) -> TrainError {
    TrainError::File { reason: error.to_string(), path: path.to_owned() }
}
