//! Overlap of predicted and drawn regions: Dice, per label, per image, then over images.

/// Pixels of one label in one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overlap {
    pub both: usize,
    pub predicted: usize,
    pub reference: usize,
}

impl Overlap {
    /// `None` where the masks are not of one size.
    pub fn of_masks(predicted: &[bool], reference: &[bool]) -> Option<Self> {
        Self::of_label(predicted, reference, &true)
    }

    /// Of the pixels that hold `label`; `None` where the maps are not of one size.
    pub fn of_label<T: PartialEq>(predicted: &[T], reference: &[T], label: &T) -> Option<Self> {
        if predicted.len() != reference.len() {
            return None;
        }
        let mut overlap = Self::default();
        for (predicted, reference) in predicted.iter().zip(reference) {
            let (predicted, reference) = (predicted == label, reference == label);
            overlap.predicted += usize::from(predicted);
            overlap.reference += usize::from(reference);
            overlap.both += usize::from(predicted && reference);
        }
        Some(overlap)
    }

    /// 2 |A ∩ B| / (|A| + |B|). NaN where both are empty: rightly finding nothing is no overlap, perfect or other.
    pub fn dice(&self) -> f64 {
        2.0 * self.both as f64 / (self.predicted as f64 + self.reference as f64)
    }

    /// Intersection over union (Jaccard): |A ∩ B| / |A ∪ B|. NaN where both are empty, as [`Overlap::dice`].
    pub fn iou(&self) -> f64 {
        self.both as f64 / (self.predicted as f64 + self.reference as f64 - self.both as f64)
    }
}

/// Dice over a set of images.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanDice {
    /// Mean over images of the mean over labels; NaN where no pair was other than empty.
    pub mean: f64,
    /// Mean over images of each label; NaN where all its pairs were empty.
    pub labels: Vec<f64>,
    /// Images with at least one label to score.
    pub images: usize,
    /// Pairs left out because both were empty.
    pub empty: usize,
}

/// `images` hold the Dice of each label, in one order, NaN for an empty pair.
pub fn mean_dice(images: &[Vec<f64>]) -> MeanDice {
    let labels = images.iter().map(Vec::len).max().unwrap_or(0);
    let per_image: Vec<f64> =
        images.iter().map(|image| mean_of_scored(image)).filter(|m| !m.is_nan()).collect();
    let of_label = |label: usize| images.iter().filter_map(move |image| image.get(label)).copied();
    MeanDice {
        mean: mean_of_scored(&per_image),
        labels: (0..labels).map(|label| mean_of_scored(&of_label(label).collect::<Vec<_>>())).collect(),
        images: per_image.len(),
        empty: images.iter().flatten().filter(|dice| dice.is_nan()).count(),
    }
}

fn mean_of_scored(dice: &[f64]) -> f64 {
    let scored: Vec<f64> = dice.iter().copied().filter(|dice| !dice.is_nan()).collect();
    scored.iter().sum::<f64>() / scored.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_specification() {
        assert!((Overlap { both: 60, predicted: 80, reference: 70 }.dice() - 0.8).abs() < 1e-15);
        let seed = mean_dice(&[vec![0.9819, 0.9503, 0.8505, 0.8850, 0.9759]]);
        assert!((seed.mean - 0.9287).abs() < 0.00005);
    }

    #[test]
    fn labels_and_masks() {
        let (predicted, reference) = ([0, 1, 1, 2, 2, 2], [0, 1, 2, 2, 2, 0]);
        let overlap = Overlap::of_label(&predicted, &reference, &2).expect("one size");
        assert_eq!(overlap, Overlap { both: 2, predicted: 3, reference: 3 });
        assert!(Overlap::of_label(&predicted, &reference, &7).expect("one size").dice().is_nan());
        assert_eq!(Overlap::of_masks(&[true], &[false]).expect("one size").dice(), 0.0);
        assert_eq!(Overlap::of_masks(&[true], &[]), None);
    }

    #[test]
    fn images_weigh_alike_and_empty_pairs_are_counted() {
        let found = mean_dice(&[vec![1.0, f64::NAN], vec![0.5, 0.0], vec![f64::NAN, f64::NAN]]);
        assert_eq!((found.mean, found.images, found.empty), (0.625, 2, 3), "(1 + 0.25) / 2");
        assert_eq!(found.labels, [0.75, 0.0]);
        assert!(mean_dice(&[]).mean.is_nan() && mean_dice(&[vec![f64::NAN]]).labels[0].is_nan());
    }
}
