//! Which box is asked to find which landmark, and which of them count.

use super::config::MatchConfig;
use crate::models::fr_ddh::BBox;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

/// What a box is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The landmark of this number in the list of boxes.
    Positive(usize),
    Negative,
    /// Neither: it does not count.
    Between,
}

/// What each of `boxes` is asked to be, given the landmarks' boxes `truth`, by intersection over union. With
/// `keep_best` a box that no other beats at some landmark is positive for the landmark it overlaps most itself
/// (torchvision's reading of Faster R-CNN); boxes that overlap nothing keep nothing.
pub fn match_boxes(boxes: &[BBox], truth: &[BBox], config: &MatchConfig) -> Vec<Match> {
    let mut best_of_truth = vec![0f32; truth.len()];
    let overlaps: Vec<Vec<f32>> = boxes
        .iter()
        .map(|bbox| {
            let overlaps: Vec<f32> = truth.iter().map(|truth| truth.overlap(bbox)).collect();
            for (best, overlap) in best_of_truth.iter_mut().zip(&overlaps) {
                *best = best.max(*overlap);
            }
            overlaps
        })
        .collect();
    let judge = |overlaps: &Vec<f32>| {
        // The first of equals.
        let nearest = overlaps.iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1));
        let Some((landmark, &overlap)) = nearest else { return Match::Negative };
        let unbeaten = || overlaps.iter().zip(&best_of_truth).any(|(o, best)| *o > 0.0 && o == best);
        if overlap >= config.positive || (config.keep_best && unbeaten()) {
            Match::Positive(landmark)
        } else if overlap < config.negative {
            Match::Negative
        } else {
            Match::Between
        }
    };
    overlaps.iter().map(judge).collect()
}

/// The numbers of the boxes that count: positives, at most their share of the batch, then negatives to fill it. Both in
/// ascending order.
pub fn choose(matches: &[Match], config: &MatchConfig, random: &mut ChaCha8Rng) -> (Vec<usize>, Vec<usize>) {
    let of = |wanted: fn(&Match) -> bool| -> Vec<usize> {
        matches.iter().enumerate().filter(|(_, found)| wanted(found)).map(|(index, _)| index).collect()
    };
    let mut some = |from: Vec<usize>, most: usize| -> Vec<usize> {
        if from.len() <= most {
            return from;
        }
        let mut chosen: Vec<usize> =
            index::sample(random, from.len(), most).iter().map(|index| from[index]).collect();
        chosen.sort_unstable();
        chosen
    };
    let most = (config.batch as f64 * config.positive_share) as usize;
    let positive = some(of(|found| matches!(found, Match::Positive(_))), most);
    let negative = some(of(|found| *found == Match::Negative), config.batch - positive.len());
    (positive, negative)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn thresholds_and_the_best_that_is_kept() {
        let truth = [BBox([0.0, 0.0, 10.0, 10.0]), BBox([100.0, 0.0, 110.0, 10.0]), BBox([900.0; 4])];
        let boxes = [
            BBox([0.0, 0.0, 10.0, 9.0]),
            BBox([0.0, 0.0, 10.0, 5.0]),
            BBox([0.0, 0.0, 10.0, 2.0]),
            BBox([108.0, 0.0, 118.0, 10.0]),
            BBox([300.0, 0.0, 310.0, 10.0]),
        ];
        let config = MatchConfig::default();
        use Match::{Between, Negative, Positive};
        let found = match_boxes(&boxes, &truth, &config);
        assert_eq!(found, [Positive(0), Between, Negative, Positive(1), Negative]);
        let strict = match_boxes(&boxes, &truth, &MatchConfig { keep_best: false, ..config });
        assert_eq!(strict, [Positive(0), Between, Negative, Negative, Negative]);
        assert_eq!(match_boxes(&boxes[..2], &[], &config), [Negative, Negative]);
    }

    #[test]
    fn at_most_a_share_is_positive_and_the_batch_is_filled() {
        let matches: Vec<Match> = (0..100)
            .map(|i| match i % 4 {
                0 => Match::Positive(i),
                1 => Match::Between,
                _ => Match::Negative,
            })
            .collect();
        let config = MatchConfig { batch: 40, positive_share: 0.25, ..MatchConfig::default() };
        let chosen = |seed| choose(&matches, &config, &mut ChaCha8Rng::seed_from_u64(seed));
        let (positive, negative) = chosen(1);
        assert_eq!((positive.len(), negative.len()), (10, 30));
        assert!(positive.iter().all(|i| i % 4 == 0) && negative.iter().all(|i| i % 4 > 1));
        assert_eq!(chosen(1), chosen(1));
        assert_ne!(chosen(1), chosen(2));
        let (positive, negative) =
            choose(&matches[..8], &MatchConfig::default(), &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!((positive, negative), (vec![0, 4], vec![2, 3, 6, 7]));
    }
}
