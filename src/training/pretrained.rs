//! A network that starts from the weights of another: ImageNet's in an encoder, or a whole network of the same kind.

use super::{TrainError, file_error};
use crate::models::checkpoint::{Checkpoint, CheckpointError, Fault, LoadReport};
use crate::models::predictor::hex;
use candle_core::{Tensor, Var};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// What was taken from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pretrained {
    /// Variables that were set.
    pub filled: usize,
    /// What of the file and of the network was left.
    pub report: LoadReport,
    /// Of the file, hex.
    pub sha256: String,
}

/// Sets those of `vars` that the file has. All below `encoder` must be among them (all there are, where it is empty);
/// of the others what fits is taken. The encoder may have any prefix in the file, or none, as torchvision's has none.
///
/// Kernels over another number of channels are made to give the same on images whose channels are all alike.
///
/// # Errors
/// A file that cannot be read, is no checkpoint, or lacks a part of the encoder, with the list.
pub fn fill(path: &Path, vars: &HashMap<String, Var>, encoder: &str) -> Result<Pretrained, TrainError> {
    let file = Checkpoint::read(path)?;
    let prefix = if encoder.is_empty() { String::new() } else { format!("{encoder}.") };
    let required = |name: &String| name.starts_with(&prefix);
    let theirs = vars.keys().filter_map(|name| name.strip_prefix(&prefix)).min();
    let theirs = theirs.and_then(|first| prefix_of(&file, first)).unwrap_or_default();
    let named = |name: &str| match name.strip_prefix(&theirs) {
        Some(rest) => format!("{prefix}{rest}"),
        None => name.to_owned(),
    };
    let fitted = file.map(|name, tensor| {
        let name = named(name);
        let tensor = match vars.get(&name) {
            Some(var) => regrouped(tensor, var)?,
            None => tensor.clone(),
        };
        Ok((name, tensor))
    })?;
    let report = fitted.fill(vars)?;
    let missing = report.missing.iter().any(required);
    if missing || report.shape_mismatch.iter().any(|mismatch| required(&mismatch.name)) {
        return Err(CheckpointError { path: path.to_owned(), fault: Fault::Misfit(report) }.into());
    }
    let filled = vars.len() - report.missing.len() - report.shape_mismatch.len();
    let bytes = std::fs::read(path).map_err(|e| file_error(path, e))?;
    Ok(Pretrained { filled, report, sha256: hex(&Sha256::digest(bytes)) })
}

/// What stands before `first` in the file, its dot included; the shortest of several.
fn prefix_of(file: &Checkpoint, first: &str) -> Option<String> {
    let prefixes = file.tensors().keys().filter_map(|name| name.strip_suffix(first));
    let whole = prefixes.filter(|prefix| prefix.is_empty() || prefix.ends_with('.'));
    whole.min_by_key(|prefix| prefix.len()).map(str::to_owned)
}

/// A kernel whose number of input channels is not the variable's: their sum, in equal parts.
fn regrouped(tensor: &Tensor, var: &Var) -> candle_core::Result<Tensor> {
    match (tensor.dims(), var.dims()) {
        ([outputs, theirs, ..], [same, ours, ..])
            if outputs == same
                && theirs != ours
                && tensor.dims()[2..] == var.dims()[2..]
                && tensor.rank() == 4 =>
        {
            let part = (tensor.sum_keepdim(1)? / *ours as f64)?;
            part.broadcast_as(var.shape())?.contiguous()
        }
        _ => Ok(tensor.clone()),
    }
}
