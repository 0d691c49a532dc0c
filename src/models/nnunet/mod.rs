//! nnU-Net in two dimensions: F. Isensee, P. F. Jaeger, S. A. A. Kohl, J. Petersen, K. H. Maier-Hein, "nnU-Net: a
//! self-configuring method for deep learning-based biomedical image segmentation", Nature Methods 18, 2021.
//!
//! A model is nnU-Net's own folder: `plans.json`, `dataset.json`, and `fold_N/checkpoint_final.pth` (or `.safetensors`,
//! as training here writes it), and a `model.toml` with what these do not say. Preprocessing, sliding window, mirroring, ensembling and export follow version 2 of
//! the public program step by step, checked against it in `tests/nnunet.rs`.
//!
//! # Where it differs
//! The public program adds up the logits of its windows in 16-bit floats; here they are 32-bit.

pub mod card;
mod dataset;
mod network_file;
mod normalise;
mod plans;
mod predictor;
mod preprocess;
mod spline;
mod window;

pub use card::{NnUnetAbout, NnUnetCard};
pub use dataset::Dataset;
pub use normalise::{Intensities, Scheme};
pub use plans::{Plans, Reader};
pub use predictor::NnUnet;
pub use preprocess::{Crop, Prepared, nonzero_crop, resample_labels, resampled_shape};
pub use spline::{Order, resize};

use super::ModelError;
use super::checkpoint::CheckpointError;
use crate::job::Cancelled;
use std::path::{Path, PathBuf};

/// Why there are no masks.
#[derive(Debug, thiserror::Error)]
pub enum NnUnetError {
    #[error("{}: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("{0}")]
    Image(String),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<candle_core::Error> for NnUnetError {
    fn from(error: candle_core::Error) -> Self {
        Self::Model(error.into())
    }
}

fn file_error(path: &Path, reason: impl std::fmt::Display) -> NnUnetError {
    NnUnetError::File { path: path.to_owned(), reason: reason.to_string() }
}
