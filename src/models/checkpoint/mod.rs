//! Weights of others: safetensors and PyTorch's `.pth`/`.pt` (zip and the older stream of pickles), by name, into our
//! networks. Nothing is executed: a pickle is a program, and ours runs only the dozen steps that build a state dict.
//!
//! candle's own reader (`candle_core::pickle`) was judged and not taken: it allocates whatever length a file claims,
//! panics on short argument lists, copies memoised objects (so a nested state dict is read empty, and a small file
//! can ask for all memory), takes the attributes of an `OrderedDict` for entries, and refuses views that are not
//! contiguous, protocol 4 and the older stream.

mod error;
mod load;
mod pickle;
mod safetensors;
mod torch;
mod value;

pub use error::{CheckpointError, Fault};
pub use load::{LoadReport, Mismatch};

use candle_core::Tensor;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Prefixes that wrappers of PyTorch put before every name (`DataParallel`, `torch.compile`).
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];

/// Named tensors on the CPU in the types of the file, and what the file says beside them.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    path: PathBuf,
    tensors: BTreeMap<String, Tensor>,
    metadata: serde_json::Map<String, serde_json::Value>,
}

impl Checkpoint {
    /// Reads a file by its content. Of a training checkpoint the weights are taken (`network_weights`, `state_dict`,
    /// `model_state_dict` or `model`), without the prefixes of wrappers.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, holds no tensors by name, or wants something executed.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let fail = |fault: Fault| CheckpointError { path: path.to_owned(), fault };
        let mut begin = [0; 16];
        let mut file = File::open(path).map_err(|e| fail(e.into()))?;
        let got = read_up_to(&mut file, &mut begin).map_err(|e| fail(e.into()))?;
        let begin = &begin[..got];
        let (tensors, metadata) = if begin.starts_with(b"PK") {
            torch::read_zip(path)
        } else if begin.starts_with(torch::LEGACY) {
            torch::read_legacy(path)
        } else if begin.get(8) == Some(&b'{') {
            safetensors::read(path)
        } else {
            Err(Fault::Unsupported("it is neither safetensors nor a file of torch.save".to_owned()))
        }
        .map_err(fail)?;
        Ok(Self { path: path.to_owned(), tensors: unwrapped(tensors), metadata })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensors by name. Names of one and the same parameter hold one and the same tensor.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    /// What the file says beside the weights, tensors left out; of safetensors the `__metadata__`.
    pub fn metadata(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.metadata
    }

    /// Every tensor under the name and with the values that `change` gives it.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn map(
        &self,
        change: impl Fn(&str, &Tensor) -> candle_core::Result<(String, Tensor)>,
    ) -> Result<Self, CheckpointError> {
        let fail = |e: candle_core::Error| CheckpointError { path: self.path.clone(), fault: e.into() };
        let tensors = self.tensors.iter().map(|(name, tensor)| change(name, tensor).map_err(fail));
        Ok(Self { tensors: tensors.collect::<Result<_, _>>()?, ..self.clone() })
    }

    /// The tensors whose names begin with `prefix` and a dot, without them.
    pub fn below(&self, prefix: &str) -> Self {
        let tensors = self.tensors.iter().filter_map(|(name, tensor)| {
            let name = name.strip_prefix(prefix)?.strip_prefix('.')?;
            Some((name.to_owned(), tensor.clone()))
        });
        Self { tensors: tensors.collect(), ..self.clone() }
    }
}

/// Reads until `buffer` is full or the file ends.
fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..])? {
            0 => break,
            more => got += more,
        }
    }
    Ok(got)
}

/// Takes off a wrapper's prefix as long as every name has it.
fn unwrapped(mut tensors: BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
    while let Some(prefix) = WRAPPERS.iter().find(|p| tensors.keys().all(|name| name.starts_with(**p))) {
        if tensors.is_empty() {
            break;
        }
        tensors =
            tensors.into_iter().map(|(name, tensor)| (name[prefix.len()..].to_owned(), tensor)).collect();
    }
    tensors
}
