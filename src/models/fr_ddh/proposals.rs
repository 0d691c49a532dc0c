//! From the proposal network's outputs to the few boxes worth a closer look.

use candle_core::{Device, Result, Tensor, bail};
use serde::{Deserialize, Serialize};

use super::boxes::{BBox, BoxCoder};
use crate::models::layers::nms;

/// How many proposals stay; the defaults are Faster R-CNN's at test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProposalOptions {
    /// Before suppression.
    pub before: usize,
    /// After it.
    pub after: usize,
    /// Intersection over union above which the worse of two proposals is suppressed.
    pub overlap: f32,
    /// Proposals with a side shorter than this many pixels are dropped.
    pub smallest: f32,
}

impl Default for ProposalOptions {
    fn default() -> Self {
        Self { before: 6000, after: 300, overlap: 0.7, smallest: 1e-3 }
    }
}

impl ProposalOptions {
    /// # Errors
    /// The reason why they select nothing.
    pub fn check(&self) -> std::result::Result<(), String> {
        if self.before == 0 || self.after == 0 || !(0.0..=1.0).contains(&self.overlap) {
            return Err("proposals: before and after are positive, overlap is 0 to 1".to_owned());
        }
        Ok(())
    }
}

/// A box that may be a landmark's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proposal {
    pub bbox: BBox,
    /// Probability that there is something, 0–1.
    pub score: f32,
}

/// The best proposals on an image of `size` (rows, columns), best first. `logits` and `codes` belong to `anchors` one
/// by one.
///
/// # Errors
/// Outputs that are not as many as the anchors, or are no numbers.
pub fn propose(
    anchors: &[BBox],
    logits: &[f32],
    codes: &[[f32; 4]],
    size: [usize; 2],
    options: &ProposalOptions,
) -> Result<Vec<Proposal>> {
    if logits.len() != anchors.len() || codes.len() != anchors.len() {
        bail!("{} objectness values and {} boxes for {} anchors", logits.len(), codes.len(), anchors.len());
    }
    if !logits.iter().chain(codes.as_flattened()).all(|v| v.is_finite()) {
        bail!("the proposal network's output is no number");
    }
    let mut order: Vec<usize> = (0..anchors.len()).collect();
    order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
    let candidates: Vec<Proposal> = order
        .into_iter()
        .take(options.before)
        .map(|index| Proposal {
            bbox: BoxCoder::ANCHORS.decode(&anchors[index], codes[index]).clipped(size),
            score: 1.0 / (1.0 + (-logits[index]).exp()),
        })
        .filter(|proposal| proposal.bbox.size().iter().all(|side| *side >= options.smallest))
        .collect();
    if candidates.is_empty() {
        return Ok(candidates);
    }
    let boxes: Vec<[f32; 4]> = candidates.iter().map(|proposal| proposal.bbox.0).collect();
    let scores: Vec<f32> = candidates.iter().map(|proposal| proposal.score).collect();
    let boxes = Tensor::from_vec(boxes.into_flattened(), (candidates.len(), 4), &Device::Cpu)?;
    let kept = nms(&boxes, &Tensor::new(scores, &Device::Cpu)?, options.overlap)?;
    Ok(kept.into_iter().take(options.after).map(|index| candidates[index]).collect())
}

#[cfg(test)]
mod tests {
    use super::super::anchors::anchors;
    use super::*;

    #[test]
    fn the_best_of_each_place_stays_on_the_image() {
        let anchors = anchors(&[32.0], [2, 3], 32);
        let logits = [3.0, -1.0, 2.0, 0.0, 1.0, -2.0];
        // The second anchor's box lies on the first's; the last has no extent.
        let mut codes = [[0.0; 4]; 6];
        codes[1] = [-1.0, 0.0, 0.0, 0.0];
        codes[5] = [0.0, 0.0, -30.0, 0.0];
        let found = propose(&anchors, &logits, &codes, [64, 96], &ProposalOptions::default()).unwrap();
        let corners: Vec<[f32; 4]> = found.iter().map(|proposal| proposal.bbox.0).collect();
        let expected = [
            [0.0, 0.0, 16.0, 16.0],
            [48.0, 0.0, 80.0, 16.0],
            [16.0, 16.0, 48.0, 48.0],
            [0.0, 16.0, 16.0, 48.0],
        ];
        assert_eq!(corners, expected);
        assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
        let fewest = ProposalOptions { before: 3, after: 1, ..ProposalOptions::default() };
        assert_eq!(propose(&anchors, &logits, &codes, [64, 96], &fewest).unwrap(), found[..1]);
        assert!(propose(&anchors, &logits[1..], &codes, [64, 96], &fewest).is_err());
        assert!(propose(&anchors, &[f32::NAN; 6], &codes, [64, 96], &fewest).is_err());
    }
}
