//! The systems a model can be of, and how a plan becomes a detector: the one place that lists them.

use super::ModelError;
use super::fr_ddh::{FrDdhDetector, FrDdhPlan};
use super::heatmap::{HeatmapDetector, HeatmapPlan, Modality};
use super::landmark_detector::LandmarkDetector;
use super::plan::Plan;
use super::rfrv_clm::{Clm, ClmDetector, ClmPlan};
use super::whdv_detector::{WhdvDetector, WhdvPlan};
use super::whdv_searchers::{SearchersDetector, SearchersPlan};
use crate::measure::LandmarkId;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What inference must know of a system beside the weights; `[system]` of a plan, told apart by its `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum System {
    /// Weighted heatmap displacement voting.
    Whdv(WhdvPlan),
    /// The same in the two stages of its paper.
    WhdvSearchers(Box<SearchersPlan>),
    /// Random-forest regression voting held by a model of shape.
    RfrvClm(ClmPlan),
    /// Landmarks as patches that Faster R-CNN detects.
    FrDdh(FrDdhPlan),
    /// A U-Net's planes, one for each landmark: heat maps or labels.
    Heatmap(HeatmapPlan),
}

impl System {
    /// In words, for a card.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Whdv(_) => "weighted heatmap displacement voting (U-Net)",
            Self::WhdvSearchers(_) => {
                "weighted heatmap displacement voting, global and local searcher (U-Nets)"
            }
            Self::RfrvClm(_) => "random-forest regression voting, constrained local model",
            Self::FrDdh(_) => "landmarks as detected patches (Faster R-CNN)",
            Self::Heatmap(_) => "heat maps or labels of a U-Net",
        }
    }

    /// `Err` with the reason when no detector of `ids` can be built of it.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self, ids: &[LandmarkId]) -> Result<(), String> {
        match self {
            Self::Whdv(plan) => plan.check(ids.len()),
            Self::WhdvSearchers(plan) => plan.check(ids),
            Self::RfrvClm(plan) => plan.check(),
            Self::FrDdh(plan) => plan.check(),
            Self::Heatmap(plan) => plan.check(),
        }
    }

    /// The floor of a system that believes shapes or gives them up (see [`believe`](super::landmark_detector::believe)).
    pub fn shape_floor_mut(&mut self) -> Option<&mut f64> {
        match self {
            Self::RfrvClm(plan) => Some(&mut plan.shape_floor),
            Self::WhdvSearchers(plan) => Some(&mut plan.shape_floor),
            Self::Whdv(_) | Self::FrDdh(_) | Self::Heatmap(_) => None,
        }
    }

    /// How many networks it has, where it can have several.
    pub fn members_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Heatmap(plan) => Some(&mut plan.members),
            Self::Whdv(plan) => Some(&mut plan.members),
            Self::WhdvSearchers(plan) => Some(&mut plan.members),
            Self::RfrvClm(_) | Self::FrDdh(_) => None,
        }
    }

    /// What pictures it reads.
    pub fn modality(&self) -> Modality {
        match self {
            Self::Heatmap(plan) => plan.modality,
            Self::Whdv(_) | Self::WhdvSearchers(_) | Self::RfrvClm(_) | Self::FrDdh(_) => {
                Modality::Radiograph
            }
        }
    }
}

/// The detector of `plan` from the bytes of its weights.
///
/// # Errors
/// Weights that are not the system's, failures of the device.
pub fn read_detector(
    plan: &Plan,
    weights: &[u8],
    device: &Device,
) -> Result<Arc<dyn LandmarkDetector>, ModelError> {
    match &plan.system {
        System::Whdv(_) | System::WhdvSearchers(_) | System::FrDdh(_) | System::Heatmap(_) => {
            build_detector(plan, VarBuilder::from_slice_safetensors(weights, DType::F32, device)?)
        }
        System::RfrvClm(system) => {
            let damaged = |reason: String| ModelError::Damaged { id: plan.id.clone(), reason };
            let clm = Clm::from_bytes(weights).map_err(damaged)?;
            let ids = plan.ids().map_err(damaged)?;
            let optional = optional(plan, &ids);
            Ok(Arc::new(ClmDetector::new(clm, system.clone(), ids, optional).map_err(|e| named(plan, e))?))
        }
    }
}

/// The detector of `plan` from tensors by name, as training has them.
///
/// # Errors
/// As [`read_detector`].
pub fn detector_from_tensors(
    plan: &Plan,
    weights: HashMap<String, Tensor>,
    device: &Device,
) -> Result<Arc<dyn LandmarkDetector>, ModelError> {
    build_detector(plan, VarBuilder::from_tensors(weights, DType::F32, device))
}

fn build_detector(plan: &Plan, vb: VarBuilder) -> Result<Arc<dyn LandmarkDetector>, ModelError> {
    let damaged = |reason: String| ModelError::Damaged { id: plan.id.clone(), reason };
    let ids = plan.ids().map_err(damaged)?;
    let optional = optional(plan, &ids);
    Ok(match &plan.system {
        System::Whdv(system) => {
            Arc::new(WhdvDetector::new(system.clone(), ids, optional, vb).map_err(|e| named(plan, e))?)
        }
        System::FrDdh(system) => Arc::new(FrDdhDetector::new(system, ids, vb).map_err(|e| named(plan, e))?),
        System::Heatmap(system) => {
            Arc::new(HeatmapDetector::new(system.clone(), ids, vb).map_err(|e| named(plan, e))?)
        }
        System::WhdvSearchers(system) => {
            Arc::new(SearchersDetector::new(*system.clone(), ids, vb).map_err(|e| named(plan, e))?)
        }
        System::RfrvClm(_) => {
            return Err(damaged("its weights are forests, not tensors of a network".into()));
        }
    })
}

fn optional(plan: &Plan, ids: &[LandmarkId]) -> Vec<bool> {
    (0..ids.len()).map(|place| plan.is_optional(place)).collect()
}

/// A reason that names no model gets the name of this one.
fn named(plan: &Plan, error: ModelError) -> ModelError {
    match error {
        ModelError::Damaged { reason, .. } => ModelError::Damaged { id: plan.id.clone(), reason },
        other => other,
    }
}
