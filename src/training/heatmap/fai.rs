//! Heat maps of landmarks by negative log-likelihood (paper: see [`crate::models::heatmap`]).
//!
//! The paper's text has lost its numbers; those here are of its released program, which cuts the Gaussian of the truth at
//! half its height and takes the disc. Here the Gaussian is kept and sums to 1, so that the loss is a cross-entropy whose
//! minimum has the truth for its top, fractions of a pixel included.

use super::guise::{self, GuiseConfig};
use super::{images, temperature};
use crate::measure::Point;
use crate::models::Plan;
use crate::models::System;
use crate::models::encoder::EncoderKind;
use crate::models::heatmap::view::Views;
use crate::models::heatmap::{Architecture, Decoder, HeatmapPlan, Meaning, Modality, Network};
use crate::models::layers::spatial_log_softmax;
use crate::models::resnet::Depth;
use crate::training::TrainError;
use crate::training::augment::{Film, Sample};
use crate::training::config::{OptimiserConfig, SystemConfig, TrainConfig, ValidationConfig};
use crate::training::learner::{Learner, Loss, Points, Recipe};
use crate::training::loss::Truth;
use crate::training::optimiser::Method;
use crate::training::schedule::Schedule;
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Updates in an epoch of the paper: 105 pictures in batches of 4.
const EPOCH: f64 = 26.25;

/// `[system]` with `kind = "fai"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaiConfig {
    pub architecture: Architecture,
    pub modality: Modality,
    /// Side of the square frame in pixels.
    pub side: usize,
    /// SD in frame pixels of the Gaussian that is the truth; with 0 the four pixels around it share it.
    pub sigma_px: f64,
    /// Confidence is the probability within this many frame pixels.
    pub radius_px: f64,
    pub guise: GuiseConfig,
    /// What inference averages over.
    pub views: Views,
}

impl Default for FaiConfig {
    fn default() -> Self {
        Self {
            architecture: Architecture {
                decoder: Decoder::UnetPlusPlus,
                encoder: EncoderKind::Resnet(Depth::Resnet18),
                encoder_depth: 5,
                channels: 1,
            },
            modality: Modality::Radiograph,
            side: 512,
            sigma_px: 5.0,
            radius_px: 5.0,
            guise: GuiseConfig::fai(),
            views: Views::of_the_paper(),
        }
    }
}

impl FaiConfig {
    /// The paper's training: AdamW, 10⁻⁴ times 0.95 an epoch, weight decay 10⁻⁵, batches of 4, at most 200 epochs,
    /// early stopping.
    pub fn training() -> TrainConfig {
        TrainConfig {
            id: "fai".to_owned(),
            title: "Hip landmarks, softmax heat maps".to_owned(),
            system: SystemConfig::Fai(Self::default()),
            optimiser: OptimiserConfig {
                method: Method::ADAM_W,
                schedule: Schedule::Exponential { factor: 0.95_f64.powf(1.0 / EPOCH) },
                steps: (200.0 * EPOCH) as usize,
                batch: 4,
                shards: 1,
                learning_rate: 1e-4,
                warmup: 0,
                weight_decay: 1e-5,
                clip: 1e9,
                ema: 0.0,
            },
            // Every epoch, on as many films as the paper has; fifteen without a better one end the run.
            validation: ValidationConfig {
                every: EPOCH as usize,
                patience: 15,
                held: 17,
                calibration: 40,
                ..ValidationConfig::default()
            },
            ..TrainConfig::default()
        }
    }

    /// Without [`Self::views`], which come with the calibration: validations on the way look once.
    fn plan(&self) -> HeatmapPlan {
        HeatmapPlan {
            architecture: self.architecture,
            meaning: Meaning::Heatmaps,
            modality: self.modality,
            side: self.side,
            members: 1,
            views: Views::default(),
            radius_px: self.radius_px,
            temperature: 1.0,
        }
    }
}

impl Recipe for FaiConfig {
    type Learner = FaiLearner;

    fn check(&self, _points: &Points) -> Result<(), String> {
        if !(self.sigma_px >= 0.0 && self.sigma_px.is_finite()) {
            return Err("sigma_px is finite and not negative".to_owned());
        }
        self.guise.check()?;
        self.views.check()?;
        self.plan().check()
    }

    fn sample(&self, film: &Film, points: &Points, random: &mut ChaCha8Rng) -> Sample {
        guise::sample(film, points, self.side, &self.guise, random)
    }

    fn learner(&self, points: &Points, vb: VarBuilder) -> Result<FaiLearner, TrainError> {
        Ok(FaiLearner {
            config: self.clone(),
            optional: points.optional.clone(),
            device: vb.device().clone(),
            network: Network::new(self.architecture, points.ids.len(), vb)?,
        })
    }

    fn encoder(&self) -> &'static str {
        "encoder"
    }

    fn system(&self) -> System {
        System::Heatmap(self.plan())
    }

    fn calibrated(
        &self,
        plan: Plan,
        weights: &HashMap<String, Tensor>,
        films: &[Film],
        device: &Device,
    ) -> Result<Plan, TrainError> {
        temperature::calibrated(plan, self.views.clone(), weights, films, device)
    }
}

/// The network with what its loss must know.
#[derive(Debug)]
pub struct FaiLearner {
    config: FaiConfig,
    optional: Vec<bool>,
    network: Network,
    device: Device,
}

impl Learner for FaiLearner {
    type Sample = Sample;
    const PARTS: &'static [&'static str] = &["nll"];

    fn loss(&self, share: &[Sample]) -> Result<Loss, TrainError> {
        let FaiConfig { architecture, side, sigma_px, .. } = self.config;
        let logits = self.network.forward(&images(share, side, architecture, &self.device)?, true)?;
        let mut taught = 0;
        let mut target = vec![0.0; share.len() * self.optional.len() * side * side];
        let truth = share.iter().flat_map(|sample| sample.truth.iter().zip(&self.optional));
        for (plane, (truth, optional)) in target.chunks_exact_mut(side * side).zip(truth) {
            match truth {
                Truth::At(p) => gaussian(plane, side, *p, sigma_px),
                // Ours: where there is no such landmark its map learns to say so by having no place of its own.
                Truth::Absent if *optional => plane.fill(1.0 / (side * side) as f32),
                Truth::Absent | Truth::Unknown => continue,
            }
            taught += 1;
        }
        let target = Tensor::from_vec(target, logits.shape(), &self.device)?;
        let total =
            ((spatial_log_softmax(&logits)? * target)?.sum_all()? * (-1.0 / f64::from(taught.max(1))))?;
        Ok(Loss { parts: total.detach().reshape(1)?, total })
    }
}

/// The Gaussian around `at` on a plane of zeros, scaled to sum to 1.
fn gaussian(plane: &mut [f32], side: usize, at: Point, sigma: f64) {
    // A Gaussian is 0 beyond four SDs; without one the weights of linear interpolation are left.
    let reach = (4.0 * sigma).max(1.0);
    let weight = |offset: f64| {
        if sigma > 0.0 { (-0.5 * (offset / sigma).powi(2)).exp() } else { (1.0 - offset.abs()).max(0.0) }
    };
    let line = |centre: f64| {
        let first = (centre - reach).ceil().max(0.0) as usize;
        let last = ((centre + reach).floor().max(0.0) as usize).min(side - 1);
        let weights: Vec<f64> = (first..=last).map(|pixel| weight(pixel as f64 - centre)).collect();
        let total: f64 = weights.iter().sum();
        (first, weights.into_iter().map(move |weight| weight / total).collect::<Vec<f64>>())
    };
    let ((left, across), (top, down)) = (line(at.x), line(at.y));
    for (row, down) in (top..).zip(down) {
        for (column, across) in (left..).zip(&across) {
            plane[row * side + column] = (down * across) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::heatmap::reading::Map;

    #[test]
    fn the_target_is_a_probability_whose_reading_is_the_truth() {
        for (at, sigma) in [
            (Point::new(20.3, 30.7), 5.0),
            (Point::new(20.0, 30.0), 0.0),
            (Point::new(5.2, 52.9), 2.0),
            (Point::new(33.25, 12.5), 1.0),
        ] {
            let mut plane = vec![0.0; 64 * 64];
            gaussian(&mut plane, 64, at, sigma);
            let total: f32 = plane.iter().sum();
            assert!((total - 1.0).abs() < 1e-5);
            let reading = Map::new(64, &plane, 1.0).unwrap().read(5.0);
            assert!(reading.position.distance(at) < 2e-2, "{at:?} {sigma} {reading:?}");
        }
        // Without an SD the four pixels around it have the mean where it is.
        let mut plane = vec![0.0; 64 * 64];
        gaussian(&mut plane, 64, Point::new(10.25, 20.5), 0.0);
        let found: Vec<(usize, f32)> =
            plane.iter().copied().enumerate().filter(|(_, weight)| *weight > 0.0).collect();
        assert_eq!(found, [(1290, 0.375), (1291, 0.125), (1354, 0.375), (1355, 0.125)]);
    }

    #[test]
    fn the_papers_training_is_possible() {
        assert!(FaiConfig::training().check().is_ok());
    }
}
