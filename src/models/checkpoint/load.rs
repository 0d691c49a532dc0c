//! Tensors by name into a network that asks for its variables, and an account of what did not fit.

use super::Checkpoint;
use super::error::{CheckpointError, Fault};
use candle_core::{DType, Device, Result, Shape, Tensor, TensorId, Var};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Counters of torch's batch norms: of no use outside training.
const COUNTER: &str = "num_batches_tracked";

/// A tensor whose shape is not the variable's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    pub name: String,
    pub expected: Vec<usize>,
    pub found: Vec<usize>,
}

/// What did not fit, each list sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The network asks for them; the file has none.
    pub missing: Vec<String>,
    /// The file has them; the network does not ask. Second names of tensors that are used and the counters of batch
    /// norms are not counted.
    pub unexpected: Vec<String>,
    pub shape_mismatch: Vec<Mismatch>,
}

impl LoadReport {
    /// Every variable of the network has its tensor.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.shape_mismatch.is_empty()
    }

    /// And the file has nothing else.
    pub fn is_exact(&self) -> bool {
        self.is_complete() && self.unexpected.is_empty()
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_exact() {
            return f.write_str("every tensor fits");
        }
        let list = |names: &[String]| format!("{} ({})", names.len(), names.join(", "));
        let shapes: Vec<String> = self
            .shape_mismatch
            .iter()
            .map(|m| format!("{} is {:?} and not {:?}", m.name, m.found, m.expected))
            .collect();
        let parts = [
            ("missing", list(&self.missing), self.missing.is_empty()),
            ("of another shape", list(&shapes), shapes.is_empty()),
            ("unexpected", list(&self.unexpected), self.unexpected.is_empty()),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(_, _, empty)| !empty)
            .map(|(what, list, _)| format!("{what}: {list}"))
            .collect();
        f.write_str(&said.join("; "))
    }
}

/// What a network asked for.
#[derive(Debug, Default)]
struct Asked {
    names: BTreeSet<String>,
    missing: Vec<String>,
    mismatch: Vec<Mismatch>,
}

/// Gives tensors by name, zeros where there is none, and keeps account.
struct Ledger {
    tensors: BTreeMap<String, Tensor>,
    asked: Arc<Mutex<Asked>>,
}

impl SimpleBackend for Ledger {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let first = asked.names.insert(name.to_owned());
        match self.tensors.get(name) {
            Some(tensor) if *tensor.shape() == shape => return tensor.to_dtype(dtype)?.to_device(device),
            Some(tensor) if first => asked.mismatch.push(Mismatch {
                name: name.to_owned(),
                expected: shape.dims().to_vec(),
                found: tensor.dims().to_vec(),
            }),
            None if first => asked.missing.push(name.to_owned()),
            _ => {}
        }
        Tensor::zeros(shape, dtype, device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.names.insert(name.to_owned());
        match self.tensors.get(name) {
            Some(tensor) => tensor.to_dtype(dtype)?.to_device(device),
            None => candle_core::bail!("{name} is not in the file"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }
}

impl Checkpoint {
    /// Builds a network of 32-bit floats on the tensors, with an account of what did not fit; what is missing is zero,
    /// so the account must be looked at.
    ///
    /// # Errors
    /// Those of `build`.
    pub fn load<N>(
        &self,
        device: &Device,
        build: impl FnOnce(VarBuilder<'static>) -> Result<N>,
    ) -> std::result::Result<(N, LoadReport), CheckpointError> {
        let asked = Arc::new(Mutex::new(Asked::default()));
        let ledger = Ledger { tensors: self.tensors().clone(), asked: asked.clone() };
        let network = build(VarBuilder::from_backend(Box::new(ledger), DType::F32, device.clone()))
            .map_err(|e| self.fault(e.into()))?;
        let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut report = LoadReport {
            missing: asked.missing.clone(),
            unexpected: self.beyond(&asked.names),
            shape_mismatch: asked.mismatch.clone(),
        };
        report.missing.sort();
        report.shape_mismatch.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((network, report))
    }

    /// [`Self::load`] where every variable must have its tensor; others may be left over.
    ///
    /// # Errors
    /// Also [`Fault::Misfit`], which lists what is missing and what has another shape.
    pub fn load_complete<N>(
        &self,
        device: &Device,
        build: impl FnOnce(VarBuilder<'static>) -> Result<N>,
    ) -> std::result::Result<N, CheckpointError> {
        let (network, report) = self.load(device, build)?;
        if report.is_complete() { Ok(network) } else { Err(self.fault(Fault::Misfit(report))) }
    }

    /// Sets variables to the tensors of their names, to train on from there; the others stay as they are.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn fill(&self, vars: &HashMap<String, Var>) -> std::result::Result<LoadReport, CheckpointError> {
        let ordered: BTreeMap<_, _> = vars.iter().collect();
        let mut report =
            LoadReport { unexpected: self.beyond(&vars.keys().cloned().collect()), ..LoadReport::default() };
        for (name, var) in ordered {
            match self.tensors().get(name) {
                None => report.missing.push(name.clone()),
                Some(tensor) if tensor.shape() != var.shape() => report.shape_mismatch.push(Mismatch {
                    name: name.clone(),
                    expected: var.dims().to_vec(),
                    found: tensor.dims().to_vec(),
                }),
                Some(tensor) => {
                    let set =
                        |tensor: &Tensor| var.set(&tensor.to_dtype(var.dtype())?.to_device(var.device())?);
                    set(tensor).map_err(|e| self.fault(e.into()))?;
                }
            }
        }
        Ok(report)
    }

    /// Names that were not asked for, under no name.
    fn beyond(&self, asked: &BTreeSet<String>) -> Vec<String> {
        let used: HashSet<TensorId> =
            asked.iter().filter_map(|name| self.tensors().get(name)).map(Tensor::id).collect();
        self.tensors()
            .iter()
            .filter(|(name, tensor)| {
                !asked.contains(*name)
                    && !used.contains(&tensor.id())
                    && name.rsplit('.').next() != Some(COUNTER)
            })
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn fault(&self, fault: Fault) -> CheckpointError {
        CheckpointError { path: self.path().to_owned(), fault }
    }
}
