//! Why a checkpoint was not taken.

use super::load::LoadReport;
use std::path::PathBuf;

/// A file and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct CheckpointError {
    pub path: PathBuf,
    pub fault: Fault,
}

/// What is wrong with a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("is damaged: {0}")]
    Damaged(String),
    #[error("is not supported: {0}")]
    Unsupported(String),
    /// A pickle names something beyond tensors and plain data.
    #[error(
        "asks for {0}, which is no part of a state dict; nothing was executed (save `model.state_dict()` instead)"
    )]
    Forbidden(String),
    /// The weights do not fit the network.
    #[error("does not fit the network: {0}")]
    Misfit(LoadReport),
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

/// Shorthand for the many ways in which a file can be wrong.
pub(super) fn damaged<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Damaged(reason.into()))
}
