//! What is chosen for the training of FR-DDH; the defaults are the paper's, and Faster R-CNN's where it is silent.

use super::learner::FrDdhLearner;
use super::sample::{FrDdhSample, sample};
use crate::measure::Spacing;
use crate::models::System;
use crate::models::fr_ddh::proposals::ProposalOptions;
use crate::models::fr_ddh::{FrDdh, FrDdhPlan};
use crate::training::TrainError;
use crate::training::augment::Film;
use crate::training::learner::{Points, Recipe};
use candle_nn::VarBuilder;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// SD of the new layers' kernels.
const NEW_SD: f64 = 0.01;

/// `[system]` with `kind = "fr-ddh"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrDdhConfig {
    /// Architecture, input and selection; goes into the model's plan.
    pub plan: FrDdhPlan,
    pub patch: PatchConfig,
    pub anchors: MatchConfig,
    pub regions: MatchConfig,
    /// Proposals while training.
    pub proposals: ProposalOptions,
    pub loss: FrDdhLossConfig,
    /// Batch norm keeps its statistics, as detectors do that start from ImageNet's weights one image at a time; a
    /// network that starts from nothing must learn them.
    pub frozen_norms: bool,
    /// Share of films mirrored, with the sides of the landmarks exchanged.
    pub mirror: f64,
}

/// The box that stands for a landmark.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatchConfig {
    /// N: the box has (2N + 1)² pixels …
    pub half: usize,
    /// … of this many millimetres. Where a film's spacing is unknown they are pixels of the network's image.
    pub spacing_mm: f64,
}

/// Which boxes learn what, and how many of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MatchConfig {
    /// A box that overlaps a landmark's by at least this much is positive.
    pub positive: f32,
    /// One that overlaps none by this much is negative; those between do not count.
    pub negative: f32,
    /// The boxes that overlap a landmark's most are positive however little that is.
    pub keep_best: bool,
    /// Boxes of an image that count.
    pub batch: usize,
    /// At most this share of them is positive.
    pub positive_share: f64,
}

/// Weights and shape of the losses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrDdhLossConfig {
    /// λ of the proposal network's boxes, which are divided by the number of cells of the feature map.
    pub lambda: f64,
    /// The same for the head's boxes, which are divided by the number of regions (Fast R-CNN: 1).
    pub head_lambda: f64,
    /// Where smooth L1 turns from a parabola to a line; 1 in the paper's equation 3.
    pub beta: f64,
}

impl Default for FrDdhConfig {
    fn default() -> Self {
        Self {
            plan: FrDdhPlan::default(),
            patch: PatchConfig::default(),
            anchors: MatchConfig::default(),
            regions: MatchConfig {
                positive: 0.5,
                negative: 0.5,
                keep_best: false,
                batch: 128,
                positive_share: 0.25,
            },
            proposals: ProposalOptions { before: 12_000, after: 2000, ..ProposalOptions::default() },
            loss: FrDdhLossConfig::default(),
            frozen_norms: false,
            mirror: 0.5,
        }
    }
}

impl Default for PatchConfig {
    fn default() -> Self {
        Self { half: 80, spacing_mm: 0.15 }
    }
}

impl Default for MatchConfig {
    fn default() -> Self {
        Self { positive: 0.7, negative: 0.3, keep_best: true, batch: 256, positive_share: 0.5 }
    }
}

impl Default for FrDdhLossConfig {
    fn default() -> Self {
        Self { lambda: 10.0, head_lambda: 1.0, beta: 1.0 }
    }
}

impl PatchConfig {
    /// Side of the box in pixels of an image with `scale` of its pixels for one of the film's.
    pub fn side(&self, spacing: &Spacing, scale: f64) -> f64 {
        let side = (2 * self.half + 1) as f64;
        let millimetres = 0.5 * (spacing.row + spacing.column);
        if spacing.has_millimetres() { side * self.spacing_mm / millimetres * scale } else { side }
    }
}

impl Recipe for FrDdhConfig {
    type Learner = FrDdhLearner;

    fn check(&self, _points: &Points) -> Result<(), String> {
        self.plan.check()?;
        self.proposals.check()?;
        for (name, of) in [("anchors", &self.anchors), ("regions", &self.regions)] {
            let overlaps = 0.0 <= of.negative && of.negative <= of.positive && of.positive <= 1.0;
            if !overlaps || of.batch == 0 || !(0.0..=1.0).contains(&of.positive_share) {
                return Err(format!(
                    "{name}: 0 ≤ negative ≤ positive ≤ 1, batch is positive, positive_share is 0 to 1"
                ));
            }
        }
        let spacing = self.patch.spacing_mm;
        if self.patch.half == 0 || !spacing.is_finite() || spacing <= 0.0 {
            return Err("patch.half and patch.spacing_mm are positive".to_owned());
        }
        let FrDdhLossConfig { lambda, head_lambda, beta } = self.loss;
        let sound = [lambda, head_lambda].iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        if !sound || !beta.is_finite() || beta <= 0.0 || !(0.0..=1.0).contains(&self.mirror) {
            return Err("loss weights are not negative, beta is positive, mirror is 0 to 1".to_owned());
        }
        Ok(())
    }

    fn sample(&self, film: &Film, points: &Points, random: &mut ChaCha8Rng) -> FrDdhSample {
        sample(film, points, self, random)
    }

    fn learner(&self, points: &Points, vb: VarBuilder) -> Result<FrDdhLearner, TrainError> {
        let device = vb.device().clone();
        let network = FrDdh::new(&self.plan, points.ids.len(), vb)?;
        Ok(FrDdhLearner::new(network, self.clone(), device))
    }

    /// N(0, 0.01) for what the backbone has not brought along.
    fn initial_sd(&self, variable: &str) -> Option<f64> {
        (!variable.starts_with("backbone.")).then_some(NEW_SD)
    }

    fn encoder(&self) -> &'static str {
        "backbone"
    }

    fn system(&self) -> System {
        System::FrDdh(self.plan.clone())
    }
}
