//! A run on disk: weights, moments, averages and the step, written whole or not at all.

use super::optimiser::Optimiser;
use super::{TrainError, file_error};
use candle_core::{Device, Tensor};
use std::path::{Path, PathBuf};

/// Name of the checkpoint in a run's folder.
pub const FILE: &str = "checkpoint.safetensors";
const STEP: &str = "step";

/// Writes the state of `optimiser` into `folder`; an earlier one is replaced at once.
///
/// # Errors
/// A folder that cannot be written to.
pub fn save(optimiser: &Optimiser, folder: &Path) -> Result<(), TrainError> {
    let mut state = optimiser.state();
    state.insert(STEP.to_owned(), Tensor::new(&[optimiser.step as i64], &Device::Cpu)?);
    let path = folder.join(FILE);
    let partial = path.with_extension("partial");
    candle_core::safetensors::save(&state, &partial).map_err(|e| file_error(&partial, e))?;
    std::fs::rename(&partial, &path).map_err(|e| file_error(&path, e))
}

/// Takes up the checkpoint in `folder`; `false` where there is none.
///
/// # Errors
/// A checkpoint that is damaged or of another network.
pub fn load(optimiser: &mut Optimiser, folder: &Path, device: &Device) -> Result<bool, TrainError> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(false);
    }
    let state = candle_core::safetensors::load(&path, device).map_err(|e| file_error(&path, e))?;
    let step = state
        .get(STEP)
        .and_then(|tensor| tensor.to_vec1::<i64>().ok())
        .and_then(|step| usize::try_from(*step.first()?).ok())
        .ok_or_else(|| TrainError::Resume(format!("no step in {}", path.display())))?;
    optimiser.restore(&state, step).map_err(|e| TrainError::Resume(format!("{e}: {}", path.display())))?;
    Ok(true)
}

/// Writes bytes beside their final place, then moves them there.
///
/// # Errors
/// A place that cannot be written to.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let mut partial: PathBuf = path.to_owned();
    partial.as_mut_os_string().push(".partial");
    std::fs::write(&partial, bytes).map_err(|e| file_error(&partial, e))?;
    std::fs::rename(&partial, path).map_err(|e| file_error(path, e))
}
