//! Landmarks as shrinking labels (paper: see [`crate::models::heatmap`]).
//!
//! Dilated labels may overlap. The authors' released program therefore asks of every pixel and every landmark whether the
//! one belongs to the other, by binary cross-entropy; that is the default. [`Pixels::Classes`] is the cross-entropy over
//! landmarks and background as classes of one softmax, where a pixel of several labels belongs to each in equal parts.

use super::curriculum::{Curriculum, diamond};
use super::guise::{self, GuiseConfig};
use super::{images, temperature};
use crate::models::Plan;
use crate::models::System;
use crate::models::encoder::EncoderKind;
use crate::models::heatmap::view::Views;
use crate::models::heatmap::{Architecture, Decoder, HeatmapPlan, Meaning, Modality, Network};
use crate::models::layers::relu;
use crate::models::resnet::Depth;
use crate::training::TrainError;
use crate::training::augment::{Film, Sample};
use crate::training::config::{OptimiserConfig, SystemConfig, TrainConfig};
use crate::training::learner::{Learner, Loss, Points, Recipe};
use crate::training::loss::Truth;
use crate::training::optimiser::Method;
use crate::training::schedule::Schedule;
use candle_core::{Device, Result as Candle, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::log_softmax;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Which cross-entropy of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pixels {
    /// For every landmark whether the pixel is of its label.
    Labels,
    /// Which of the landmarks or the background it is of.
    Classes,
}

/// `[system]` with `kind = "label-augmentation"`. The paper's four experiments: with or without the curriculum
/// ([`Curriculum::none`]), with or without rotation ([`GuiseConfig::rotated`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelAugmentationConfig {
    pub architecture: Architecture,
    /// Side of the square frame in pixels.
    pub side: usize,
    pub pixels: Pixels,
    pub curriculum: Curriculum,
    /// Confidence is the probability within this many frame pixels.
    pub radius_px: f64,
    /// The paper has no image augmentation.
    pub guise: GuiseConfig,
    /// What inference averages over; the paper has none.
    pub views: Views,
}

impl Default for LabelAugmentationConfig {
    fn default() -> Self {
        Self {
            architecture: Architecture {
                decoder: Decoder::Unet,
                encoder: EncoderKind::Resnet(Depth::Resnet50),
                encoder_depth: 5,
                channels: 3,
            },
            side: 512,
            pixels: Pixels::Labels,
            curriculum: Curriculum::default(),
            radius_px: 5.0,
            guise: GuiseConfig::default(),
            views: Views::default(),
        }
    }
}

impl LabelAugmentationConfig {
    /// The training of the authors' released program: Adam, 10⁻⁴, batches of 8, 350 epochs.
    pub fn training() -> TrainConfig {
        let recipe = Self::default();
        TrainConfig {
            id: "label-augmentation".to_owned(),
            title: "Hip landmarks, label augmentation".to_owned(),
            optimiser: OptimiserConfig {
                method: Method::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 },
                schedule: Schedule::Constant,
                steps: 350 * recipe.curriculum.steps_per_epoch,
                batch: 8,
                shards: 1,
                learning_rate: 1e-4,
                warmup: 0,
                weight_decay: 0.0,
                clip: 1e9,
                ema: 0.0,
            },
            system: SystemConfig::LabelAugmentation(recipe),
            ..TrainConfig::default()
        }
    }

    /// Without [`Self::views`], which come with the calibration: validations on the way look once.
    fn plan(&self) -> HeatmapPlan {
        HeatmapPlan {
            architecture: self.architecture,
            meaning: match self.pixels {
                Pixels::Labels => Meaning::Labels,
                Pixels::Classes => Meaning::Classes,
            },
            modality: Modality::Radiograph,
            side: self.side,
            members: 1,
            views: Views::default(),
            radius_px: self.radius_px,
            temperature: 1.0,
        }
    }
}

impl Recipe for LabelAugmentationConfig {
    type Learner = LabelLearner;

    fn check(&self, _points: &Points) -> Result<(), String> {
        self.curriculum.check()?;
        self.guise.check()?;
        self.views.check()?;
        self.plan().check()
    }

    fn sample(&self, film: &Film, points: &Points, random: &mut ChaCha8Rng) -> Sample {
        guise::sample(film, points, self.side, &self.guise, random)
    }

    fn learner(&self, points: &Points, vb: VarBuilder) -> Result<LabelLearner, TrainError> {
        let planes = points.ids.len() + self.plan().meaning.background();
        Ok(LabelLearner {
            config: self.clone(),
            device: vb.device().clone(),
            network: Network::new(self.architecture, planes, vb)?,
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
pub struct LabelLearner {
    config: LabelAugmentationConfig,
    network: Network,
    device: Device,
}

impl Learner for LabelLearner {
    type Sample = Sample;
    const PARTS: &'static [&'static str] = &["cross_entropy"];

    fn loss(&self, share: &[Sample]) -> Result<Loss, TrainError> {
        self.loss_at(share, 0)
    }

    fn loss_at(&self, share: &[Sample], step: usize) -> Result<Loss, TrainError> {
        let LabelAugmentationConfig { architecture, side, pixels, curriculum, .. } = self.config;
        let logits = self.network.forward(&images(share, side, architecture, &self.device)?, true)?;
        let labels = Labels::of(share, side, curriculum.iterations(step));
        let weight = curriculum.weight(step, side * side);
        let total = match pixels {
            Pixels::Labels => labels.binary(&logits, weight)?,
            Pixels::Classes => labels.categorical(&logits, weight)?,
        };
        Ok(Loss { parts: total.detach().reshape(1)?, total })
    }
}

/// The dilated labels of a batch.
struct Labels {
    batch: usize,
    side: usize,
    /// `[batch, points, side, side]`: 1 within a label, 0 outside.
    planes: Vec<f32>,
    /// `[batch, points]`: 0 where nobody said.
    known: Vec<f32>,
}

impl Labels {
    fn of(share: &[Sample], side: usize, iterations: usize) -> Self {
        let truth: Vec<Truth> = share.iter().flat_map(|sample| sample.truth.iter().copied()).collect();
        let mut planes = vec![0.0; truth.len() * side * side];
        for (plane, truth) in planes.chunks_exact_mut(side * side).zip(&truth) {
            if let Truth::At(p) = truth {
                let pixel = |value: f64| (value.round().max(0.0) as usize).min(side - 1);
                diamond(plane, side, [pixel(p.x), pixel(p.y)], iterations);
            }
        }
        let known = truth.iter().map(|t| if *t == Truth::Unknown { 0.0 } else { 1.0 }).collect();
        Self { batch: share.len(), side, planes, known }
    }

    /// Mean over pixels and the landmarks that are known; those within a label count `weight` times.
    fn binary(&self, logits: &Tensor, weight: f64) -> Candle<Tensor> {
        let (device, points) = (logits.device(), self.known.len() / self.batch);
        let labels = Tensor::from_slice(&self.planes, (self.batch, points, self.side, self.side), device)?;
        let known = Tensor::from_slice(&self.known, (self.batch, points, 1, 1), device)?;
        // −[w y ln σ(z) + (1 − y) ln(1 − σ(z))] with ln(1 − σ(z)) = −softplus(z) and ln σ(z) = z − softplus(z).
        let inside = (&labels * weight)?;
        let cost = ((softplus(logits)? * (&inside + (1.0 - labels)?)?)? - (logits * inside)?)?;
        let all = f64::from(self.known.iter().sum::<f32>().max(1.0)) * (self.side * self.side) as f64;
        cost.broadcast_mul(&known)?.sum_all()? / all
    }

    /// Weighted mean over pixels of the cross-entropy over background and landmarks, as PyTorch weights classes.
    fn categorical(&self, logits: &Tensor, weight: f64) -> Candle<Tensor> {
        let (pixels, points) = (self.side * self.side, self.known.len() / self.batch);
        let mut target = vec![0.0; self.batch * (points + 1) * pixels];
        let mut total = 0.0;
        let images = target.chunks_exact_mut((points + 1) * pixels);
        for (image, labels) in images.zip(self.planes.chunks_exact(points * pixels)) {
            for pixel in 0..pixels {
                let of: f32 = (0..points).map(|point| labels[point * pixels + pixel]).sum();
                if of == 0.0 {
                    image[pixel] = 1.0;
                    total += 1.0;
                    continue;
                }
                for point in 0..points {
                    image[(point + 1) * pixels + pixel] = weight as f32 * labels[point * pixels + pixel] / of;
                }
                total += weight;
            }
        }
        let target = Tensor::from_vec(target, logits.shape(), logits.device())?;
        (log_softmax(logits, 1)? * target)?.sum_all()? * (-1.0 / total)
    }
}

/// ln(1 + eˣ) without its overflow.
fn softplus(x: &Tensor) -> Candle<Tensor> {
    let above = relu(x)?;
    let magnitude = (&above + relu(&x.neg()?)?)?;
    above + (magnitude.neg()?.exp()? + 1.0)?.log()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Point;

    fn share() -> Vec<Sample> {
        let truth = vec![Truth::At(Point::new(2.4, 3.0)), Truth::Absent, Truth::Unknown];
        vec![Sample { values: vec![0.0; 64], truth }]
    }

    #[test]
    fn binary_cross_entropy_is_the_sum_it_says() {
        let labels = Labels::of(&share(), 8, 1);
        let z: Vec<f32> = (0..3 * 64).map(|i| (i % 13) as f32 - 6.0).collect();
        let logits = Tensor::from_slice(&z, (1, 3, 8, 8), &Device::Cpu).unwrap();
        let found = f64::from(labels.binary(&logits, 5.0).unwrap().to_scalar::<f32>().unwrap());
        let mut expected = 0.0;
        for (i, z) in z.iter().take(128).enumerate() {
            let (x, y) = ((i % 64) % 8, (i % 64) / 8);
            let within = i < 64 && x.abs_diff(2) + y.abs_diff(3) <= 1;
            let p = 1.0 / (1.0 + (-f64::from(*z)).exp());
            expected -= if within { 5.0 * p.ln() } else { (1.0 - p).ln() };
        }
        assert!((found - expected / 128.0).abs() < 1e-5 * expected, "{found} {expected}");
    }

    #[test]
    fn categorical_cross_entropy_shares_pixels_among_labels() {
        let truth = vec![Truth::At(Point::new(2.0, 3.0)), Truth::At(Point::new(3.0, 3.0))];
        let labels = Labels::of(&[Sample { values: vec![0.0; 64], truth }], 8, 1);
        // Logits of nothing: every class has a third, so every pixel costs ln 3 whatever the weights.
        let logits = Tensor::zeros((1, 3, 8, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
        let cost = labels.categorical(&logits, 7.0).unwrap().to_scalar::<f32>().unwrap();
        assert!((cost - 3.0_f32.ln()).abs() < 1e-5, "{cost}");
        // All say the first landmark: its own pixels cost 0, shared ones half of 50, the rest 50.
        let mut z = vec![0.0_f32; 3 * 64];
        z[64..128].fill(50.0);
        let logits = Tensor::from_slice(&z, (1, 3, 8, 8), &Device::Cpu).unwrap();
        let cost = f64::from(labels.categorical(&logits, 7.0).unwrap().to_scalar::<f32>().unwrap());
        // Two diamonds of 5 pixels that share 2; 56 pixels of background.
        let expected = (56.0 * 50.0 + 7.0 * (3.0 * 50.0 + 2.0 * 25.0)) / (56.0 + 7.0 * 8.0);
        assert!((cost - expected).abs() < 1e-4 * expected, "{cost} {expected}");
    }

    #[test]
    fn the_papers_training_is_possible() {
        assert!(LabelAugmentationConfig::training().check().is_ok());
    }
}
