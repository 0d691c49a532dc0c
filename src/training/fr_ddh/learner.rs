//! One step's loss of the whole network, proposals in the middle.

use super::config::{FrDdhConfig, MatchConfig};
use super::loss::{binary_cross_entropy, cross_entropy, rows, smooth_l1};
use super::sample::FrDdhSample;
use super::targets::{Match, choose, match_boxes};
use crate::models::fr_ddh::anchors::anchors;
use crate::models::fr_ddh::boxes::{BBox, BoxCoder};
use crate::models::fr_ddh::network::{Classified, Objectness};
use crate::models::fr_ddh::proposals::propose;
use crate::models::fr_ddh::{FrDdh, FrDdhImage, batch};
use crate::training::TrainError;
use crate::training::learner::{Learner, Loss};
use candle_core::{DType, Device, Result, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The network with what its loss needs.
#[derive(Debug)]
pub struct FrDdhLearner {
    network: FrDdh,
    config: FrDdhConfig,
    device: Device,
}

/// What counts in one step, image by image.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    anchors: Vec<Targets>,
    /// The regions that the head is given.
    boxes: Vec<Vec<BBox>>,
    regions: Vec<Targets>,
}

/// What the boxes of an image that count should say.
#[derive(Debug, Clone, Default)]
struct Targets {
    /// Their numbers, positives first.
    chosen: Vec<usize>,
    /// Their classes: 0 for negatives; 1 for every positive anchor.
    classes: Vec<u32>,
    /// Codes of the positives.
    codes: Vec<[f32; 4]>,
}

impl Targets {
    /// Of `boxes` those that count, and what they should say. `class_of` is the class of a landmark by its number.
    fn of(
        boxes: &[BBox],
        truth: &[BBox],
        class_of: impl Fn(usize) -> usize,
        coder: BoxCoder,
        config: &MatchConfig,
        random: &mut ChaCha8Rng,
    ) -> Self {
        let matches = match_boxes(boxes, truth, config);
        let (positive, negative) = choose(&matches, config, random);
        let mut targets = Self::default();
        for index in positive {
            if let Match::Positive(landmark) = matches[index] {
                targets.chosen.push(index);
                targets.classes.push(class_of(landmark) as u32);
                targets.codes.push(coder.encode(&boxes[index], &truth[landmark]));
            }
        }
        targets.classes.resize(targets.chosen.len() + negative.len(), 0);
        targets.chosen.extend(negative);
        targets
    }
}

impl Learner for FrDdhLearner {
    type Sample = FrDdhSample;
    const PARTS: &'static [&'static str] = &["objectness", "anchor_boxes", "class", "boxes"];

    fn loss(&self, share: &[FrDdhSample]) -> std::result::Result<Loss, TrainError> {
        let parts = Tensor::stack(&self.parts(share)?, 0)?;
        Ok(Loss { total: parts.sum_all()?, parts: parts.detach() })
    }
}

impl FrDdhLearner {
    /// `network` is of `config`'s plan.
    pub fn new(network: FrDdh, config: FrDdhConfig, device: Device) -> Self {
        Self { network, config, device }
    }

    /// The parts of the mean loss of `samples`, in the order of [`Learner::PARTS`] and already weighted.
    ///
    /// # Errors
    /// No samples, outputs that are no numbers, and failures of the device.
    pub fn parts(&self, samples: &[FrDdhSample]) -> Result<[Tensor; 4]> {
        let plan = &self.config.plan;
        let images: Vec<&FrDdhImage> = samples.iter().map(|sample| &sample.image).collect();
        let images = batch(&images, plan.stride(), &self.device)?;
        let features = self.network.features(&images, !self.config.frozen_norms)?;
        let objectness = self.network.objectness(&features)?;
        let chosen = self.choose(samples, &features, &objectness)?;
        self.losses(&features, &objectness, &chosen)
    }

    /// The anchors and the regions that count in this step. The regions are the network's own proposals, and the true
    /// boxes, without which none would be positive at first. No gradient flows through the choice.
    pub(super) fn choose(
        &self,
        samples: &[FrDdhSample],
        features: &Tensor,
        objectness: &Objectness,
    ) -> Result<Chosen> {
        let (_, _, rows, columns) = features.dims4()?;
        let (config, plan) = (&self.config, &self.config.plan);
        let anchors = anchors(&plan.anchors, [rows, columns], plan.stride());
        let host = |tensor: Tensor| tensor.detach().to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>();
        let mut chosen = Chosen::default();
        for (image, sample) in samples.iter().enumerate() {
            let mut random = ChaCha8Rng::seed_from_u64(sample.seed);
            let truth: Vec<BBox> = sample.boxes.iter().map(|(_, bbox)| *bbox).collect();
            let of_anchors =
                Targets::of(&anchors, &truth, |_| 1, BoxCoder::ANCHORS, &config.anchors, &mut random);
            let proposals = propose(
                &anchors,
                &host(objectness.logits.get(image)?)?,
                host(objectness.codes.get(image)?)?.as_chunks().0,
                [sample.image.rows, sample.image.columns],
                &config.proposals,
            )?;
            let boxes: Vec<BBox> =
                proposals.iter().map(|proposal| proposal.bbox).chain(truth.iter().copied()).collect();
            let class = |landmark: usize| sample.boxes[landmark].0;
            let of_regions =
                Targets::of(&boxes, &truth, class, BoxCoder::PROPOSALS, &config.regions, &mut random);
            chosen.anchors.push(of_anchors);
            chosen.boxes.push(of_regions.chosen.iter().map(|index| boxes[*index]).collect());
            chosen.regions.push(of_regions);
        }
        Ok(chosen)
    }

    /// The four losses on what was chosen.
    pub(super) fn losses(
        &self,
        features: &Tensor,
        objectness: &Objectness,
        chosen: &Chosen,
    ) -> Result<[Tensor; 4]> {
        let (_, _, rows, columns) = features.dims4()?;
        let [first, second] = self.anchor_loss(objectness, &chosen.anchors, rows * columns)?;
        let classified = self.network.classify(features, &chosen.boxes)?;
        let [third, fourth] = self.region_loss(&classified, &chosen.regions)?;
        Ok([first, second, third, fourth])
    }

    /// Objectness over the chosen anchors, and λ × boxes over the cells of the feature map; means over the images.
    fn anchor_loss(&self, outputs: &Objectness, targets: &[Targets], cells: usize) -> Result<[Tensor; 2]> {
        let (images, anchors) = outputs.logits.dims2()?;
        let all = |of: fn(&Targets) -> &[usize]| -> Vec<usize> {
            let shifted = |(image, targets)| of(targets).iter().map(move |index| image * anchors + index);
            targets.iter().enumerate().flat_map(shifted).collect()
        };
        let chosen = all(|targets| &targets.chosen);
        let positive = all(|targets| &targets.chosen[..targets.codes.len()]);
        let wanted: Vec<f32> =
            targets.iter().flat_map(|targets| targets.classes.iter().map(|class| *class as f32)).collect();
        let codes: Vec<[f32; 4]> = targets.iter().flat_map(|targets| targets.codes.iter().copied()).collect();
        let loss = &self.config.loss;
        let class = binary_cross_entropy(&rows(&outputs.logits.flatten_all()?, &chosen)?, &wanted)?;
        let boxes = smooth_l1(&rows(&outputs.codes.flatten_to(1)?, &positive)?, &codes, loss.beta)?;
        Ok([class, (boxes * (loss.lambda / (cells * images) as f64))?])
    }

    /// Log loss of the classes and λ × boxes of the true class, both over the regions.
    fn region_loss(&self, outputs: &Classified, targets: &[Targets]) -> Result<[Tensor; 2]> {
        let classes: Vec<u32> = targets.iter().flat_map(|targets| targets.classes.iter().copied()).collect();
        let codes: Vec<[f32; 4]> = targets.iter().flat_map(|targets| targets.codes.iter().copied()).collect();
        // Regions in the order of the images, four numbers for every class of each.
        let positive: Vec<usize> = classes
            .iter()
            .enumerate()
            .filter(|(_, class)| **class > 0)
            .map(|(region, class)| region * self.network.classes() + *class as usize)
            .collect();
        let loss = &self.config.loss;
        let class = cross_entropy(&outputs.logits, &classes)?;
        let boxes = smooth_l1(&rows(&outputs.codes.flatten_to(1)?, &positive)?, &codes, loss.beta)?;
        Ok([class, (boxes * (loss.head_lambda / classes.len() as f64))?])
    }
}
