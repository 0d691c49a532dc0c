//! One step's loss of the whole network, proposals in the middle.

use super::config::FrDdhConfig;
use super::loss::{binary_cross_entropy, cross_entropy, rows, smooth_l1};
use super::sample::FrDdhSample;
use super::targets::{Match, choose, match_boxes};
use crate::models::fr_ddh::anchors::anchors;
use crate::models::fr_ddh::boxes::{BBox, BoxCoder};
use crate::models::fr_ddh::network::{Classified, Objectness};
use crate::models::fr_ddh::proposals::propose;
use crate::models::fr_ddh::{FrDdh, FrDdhImage, batch};
use candle_core::{DType, Device, Result, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Names of the parts of the loss, in their order.
pub const PARTS: [&str; 4] = ["objectness", "anchor_boxes", "class", "boxes"];

/// The network with what its loss needs.
#[derive(Debug)]
pub struct FrDdhLearner {
    network: FrDdh,
    config: FrDdhConfig,
    device: Device,
}

/// What an image's chosen boxes should say. Indices are those of the image's anchors or regions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Targets {
    /// The boxes that count, positives first.
    pub chosen: Vec<usize>,
    /// Their classes: 0 for negatives; 1 for every positive anchor.
    pub classes: Vec<u32>,
    /// Codes of the positives.
    pub codes: Vec<[f32; 4]>,
}

impl Targets {
    /// Of `boxes` those that count, and what they should say. `class_of` is the class of a landmark by its number.
    fn of(
        boxes: &[BBox],
        truth: &[BBox],
        class_of: impl Fn(usize) -> usize,
        coder: BoxCoder,
        config: &super::config::MatchConfig,
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

impl FrDdhLearner {
    /// `network` is of `config`'s plan.
    pub fn new(network: FrDdh, config: FrDdhConfig, device: Device) -> Self {
        Self { network, config, device }
    }

    /// The parts of the mean loss of `samples`, in the order of [`PARTS`] and already weighted.
    ///
    /// # Errors
    /// No samples, outputs that are no numbers, and failures of the device.
    pub fn parts_of(&self, samples: &[FrDdhSample]) -> Result<[Tensor; 4]> {
        let images: Vec<&FrDdhImage> = samples.iter().map(|sample| &sample.image).collect();
        let images = batch(&images, self.config.plan.stride(), &self.device)?;
        self.parts_of_batch(&images, samples)
    }

    fn parts_of_batch(&self, images: &Tensor, samples: &[FrDdhSample]) -> Result<[Tensor; 4]> {
        let features = self.network.features(images, !self.config.frozen_norms)?;
        let (_, _, rows, columns) = features.dims4()?;
        let plan = &self.config.plan;
        let anchors = anchors(&plan.anchors, [rows, columns], plan.stride());
        let objectness = self.network.objectness(&features)?;
        let mut randoms: Vec<ChaCha8Rng> =
            samples.iter().map(|sample| ChaCha8Rng::seed_from_u64(sample.seed)).collect();
        let anchor_targets: Vec<Targets> = samples
            .iter()
            .zip(&mut randoms)
            .map(|(sample, random)| self.anchor_targets(sample, &anchors, random))
            .collect();
        let (regions, region_targets) = self.regions(samples, &anchors, &objectness, &mut randoms)?;
        let [first, second] = self.anchor_loss(&objectness, &anchor_targets, rows * columns)?;
        let [third, fourth] =
            self.region_loss(&self.network.classify(&features, &regions)?, &region_targets)?;
        Ok([first, second, third, fourth])
    }

    /// What the anchors of a sample should say.
    fn anchor_targets(&self, sample: &FrDdhSample, anchors: &[BBox], random: &mut ChaCha8Rng) -> Targets {
        let truth: Vec<BBox> = sample.boxes.iter().map(|(_, bbox)| *bbox).collect();
        Targets::of(anchors, &truth, |_| 1, BoxCoder::ANCHORS, &self.config.anchors, random)
    }

    /// The regions of every sample that count, and what they should say: the network's own proposals, and the true
    /// boxes, without which there would be no positive one at first.
    fn regions(
        &self,
        samples: &[FrDdhSample],
        anchors: &[BBox],
        objectness: &Objectness,
        randoms: &mut [ChaCha8Rng],
    ) -> Result<(Vec<Vec<BBox>>, Vec<Targets>)> {
        let host = |tensor: Tensor| tensor.detach().to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>();
        let mut regions = Vec::with_capacity(samples.len());
        let mut targets = Vec::with_capacity(samples.len());
        for (image, (sample, random)) in samples.iter().zip(randoms).enumerate() {
            let proposals = propose(
                anchors,
                &host(objectness.logits.get(image)?)?,
                host(objectness.codes.get(image)?)?.as_chunks().0,
                [sample.image.rows, sample.image.columns],
                &self.config.proposals,
            )?;
            let truth: Vec<BBox> = sample.boxes.iter().map(|(_, bbox)| *bbox).collect();
            let boxes: Vec<BBox> =
                proposals.iter().map(|proposal| proposal.bbox).chain(truth.iter().copied()).collect();
            let class = |landmark: usize| sample.boxes[landmark].0;
            let of = Targets::of(&boxes, &truth, class, BoxCoder::PROPOSALS, &self.config.regions, random);
            regions.push(of.chosen.iter().map(|index| boxes[*index]).collect());
            targets.push(of);
        }
        Ok((regions, targets))
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
