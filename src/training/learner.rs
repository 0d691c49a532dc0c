//! What a system of the papers gives the training loop: samples from films, a loss of samples, a plan for inference.

use super::TrainError;
use super::augment::Film;
use crate::measure::LandmarkId;
use crate::models::{Plan, System};
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;

/// The loss of a share of a batch.
#[derive(Debug, Clone)]
pub struct Loss {
    /// Scalar, to go back from.
    pub total: Tensor,
    /// `[parts]`, already weighted, in the order of [`Learner::PARTS`]; their sum is the total.
    pub parts: Tensor,
}

/// A network in training.
pub trait Learner: Sync {
    /// One prepared example.
    type Sample: Send + Sync + 'static;
    /// Names of the parts of the loss, for the log and the metrics.
    const PARTS: &'static [&'static str];

    /// Mean loss over `share`, with the network in training mode.
    ///
    /// # Errors
    /// Shapes that do not fit, failures of the device.
    fn loss(&self, share: &[Self::Sample]) -> Result<Loss, TrainError>;

    /// [`Self::loss`] at update number `step`, counted from 0, of a loss that changes over the run.
    ///
    /// # Errors
    /// As [`Self::loss`].
    fn loss_at(&self, share: &[Self::Sample], _step: usize) -> Result<Loss, TrainError> {
        self.loss(share)
    }
}

/// How a landmark system is trained: `[system]` of a training configuration.
pub trait Recipe: Clone + Send + Sync + 'static {
    type Learner: Learner;

    /// # Errors
    /// The first thing that cannot be.
    fn check(&self, points: &Points) -> Result<(), String>;

    /// `film` in one of its many guises; the same film and random numbers give the same sample.
    fn sample(
        &self,
        film: &Film,
        points: &Points,
        random: &mut ChaCha8Rng,
    ) -> <Self::Learner as Learner>::Sample;

    /// The network on the variables of `vb`.
    ///
    /// # Errors
    /// A network that cannot be built.
    fn learner(&self, points: &Points, vb: VarBuilder) -> Result<Self::Learner, TrainError>;

    /// SD of the normal distribution that a kernel starts from; `None` for that of K. He et al. 2015.
    fn initial_sd(&self, _variable: &str) -> Option<f64> {
        None
    }

    /// Below which name stand the variables that pretrained weights must have, whatever else they have; all of them, if
    /// it is empty.
    fn encoder(&self) -> &'static str {
        ""
    }

    /// What inference must know.
    fn system(&self) -> System;

    /// `plan` with what `films`, which the network of `weights` has not seen, say of the system's own numbers.
    ///
    /// # Errors
    /// Failures of the device.
    fn calibrated(
        &self,
        plan: Plan,
        _weights: &HashMap<String, Tensor>,
        _films: &[Film],
        _device: &Device,
    ) -> Result<Plan, TrainError> {
        Ok(plan)
    }
}

/// The landmarks of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    pub ids: Vec<LandmarkId>,
    /// Whether the landmark of the same place may be absent.
    pub optional: Vec<bool>,
    /// Place of the same landmark on the other side; its own for one without a side.
    pub mirror: Vec<usize>,
}
