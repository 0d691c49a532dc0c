//! Training of weighted heatmap displacement voting: its configuration, and its place in the loop.

use super::TrainError;
use super::augment::{AugmentConfig, Film, Sample, augment};
use super::learner::{Learner, Loss, Points, Recipe};
use super::loss::{self, LossConfig, Targets, whdv_loss};
use crate::models::System;
use crate::models::looks::Looks;
use crate::models::voting::Voting;
use crate::models::whdv::{Architecture, Whdv};
use crate::models::whdv_detector::WhdvPlan;
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// The head starts small: no point is anywhere yet.
const HEAD_SD: f64 = 0.02;

/// `[system]` with `kind = "whdv"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhdvConfig {
    /// Side of the square frame in pixels.
    pub frame: usize,
    /// SD in frame pixels of the neighbourhood that greys are measured against; 0 for the whole image only.
    pub neighbourhood_px: f64,
    /// σ of the heatmap in frame pixels, and the unit of displacement.
    pub sigma_px: f64,
    /// k of the paper: displacements are cut at ± this many frame pixels.
    pub truncation_px: f64,
    /// TRC–TRC distance as a share of the frame in the second look; 0 for none.
    pub second_look: f64,
    /// How often that is taken; training does not look at it.
    #[serde(default, skip_serializing_if = "Looks::is_none")]
    pub looks: Looks,
    pub architecture: Architecture,
    pub voting: Voting,
    pub augment: AugmentConfig,
    pub loss: LossConfig,
}

impl Default for WhdvConfig {
    fn default() -> Self {
        Self {
            frame: 256,
            neighbourhood_px: 24.0,
            sigma_px: 6.0,
            truncation_px: 24.0,
            second_look: 0.45,
            looks: Looks::default(),
            architecture: Architecture::default(),
            voting: Voting::default(),
            augment: AugmentConfig::default(),
            loss: LossConfig::default(),
        }
    }
}

impl WhdvConfig {
    fn plan(&self) -> WhdvPlan {
        WhdvPlan {
            frame: self.frame,
            neighbourhood_px: self.neighbourhood_px,
            sigma_px: self.sigma_px,
            truncation_px: self.truncation_px,
            second_look: self.second_look,
            members: 1,
            looks: self.looks.clone(),
            architecture: self.architecture.clone(),
            voting: self.voting,
        }
    }
}

impl Recipe for WhdvConfig {
    type Learner = WhdvLearner;

    fn check(&self, points: &Points) -> Result<(), String> {
        self.plan().check(points.ids.len())
    }

    fn sample(&self, film: &Film, points: &Points, random: &mut ChaCha8Rng) -> Sample {
        augment(film, points, self, random)
    }

    fn learner(&self, points: &Points, vb: VarBuilder) -> Result<WhdvLearner, TrainError> {
        Ok(WhdvLearner {
            config: self.clone(),
            optional: points.optional.clone(),
            device: vb.device().clone(),
            network: Whdv::new(&self.architecture, vb)?,
        })
    }

    fn initial_sd(&self, variable: &str) -> Option<f64> {
        variable.starts_with("head").then_some(HEAD_SD)
    }

    fn system(&self) -> System {
        System::Whdv(self.plan())
    }
}

/// The network with what its loss must know.
#[derive(Debug)]
pub struct WhdvLearner {
    config: WhdvConfig,
    optional: Vec<bool>,
    network: Whdv,
    device: Device,
}

impl Learner for WhdvLearner {
    type Sample = Sample;
    const PARTS: &'static [&'static str] = loss::PARTS;

    fn loss(&self, share: &[Sample]) -> Result<Loss, TrainError> {
        let side = self.config.frame;
        let values: Vec<f32> = share.iter().flat_map(|sample| sample.values.iter().copied()).collect();
        let input = Tensor::from_vec(values, (share.len(), 1, side, side), &self.device)?;
        let truth: Vec<_> = share.iter().map(|sample| sample.truth.clone()).collect();
        let targets = Targets {
            stride: self.config.architecture.stride(),
            sigma_px: self.config.sigma_px,
            truncation_px: self.config.truncation_px,
        };
        let planes = self.network.forward(&input)?;
        Ok(whdv_loss(&planes, &truth, &self.optional, &targets, &self.config.loss)?)
    }
}
