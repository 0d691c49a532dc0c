//! How well the painted mask agrees with the predicted one, kept up to date run by run while a brush moves.

use super::edit::Run;
use crate::eval::overlap::Overlap;
use crate::measure::{LabelMap, Structure};

/// One structure of the two masks.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelAgreement {
    pub structure: Structure,
    /// Of the prediction (`predicted`) with what is painted (`reference`); [`Overlap::dice`] is NaN where both are empty.
    pub overlap: Overlap,
}

/// Counts of pixels by what was predicted and what is painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// `both[label]`, `predicted[label]`, `painted[label]`.
    counts: Vec<Overlap>,
}

impl Agreement {
    /// Counts every pixel; `None` where the maps are not of one size.
    pub fn of(painted: &LabelMap, predicted: &LabelMap) -> Option<Agreement> {
        if painted.labels.len() != predicted.labels.len() || painted.columns != predicted.columns {
            return None;
        }
        let mut counts = vec![Overlap::default(); 256];
        let mut start = 0;
        // Masks are made of long runs, so that counting those is far quicker than counting pixels.
        for run in predicted.labels.chunk_by(|a, b| a == b) {
            counts[usize::from(run[0])].predicted += run.len();
            for part in painted.labels[start..start + run.len()].chunk_by(|a, b| a == b) {
                counts[usize::from(part[0])].reference += part.len();
                if part[0] == run[0] {
                    counts[usize::from(part[0])].both += part.len();
                }
            }
            start += run.len();
        }
        Some(Agreement { counts })
    }

    /// Takes in what a step painted.
    pub fn update(&mut self, runs: &[Run], predicted: &LabelMap) {
        for run in runs {
            let Some(said) = predicted.labels.get(run.range()) else { continue };
            let count = |label: u8| said.iter().filter(|of| **of == label).count();
            let length = said.len();
            let from = &mut self.counts[usize::from(run.from)];
            from.reference = from.reference.saturating_sub(length);
            from.both = from.both.saturating_sub(count(run.from));
            let to = &mut self.counts[usize::from(run.to)];
            to.reference += length;
            to.both += count(run.to);
        }
    }

    /// Of the pixels of one label.
    pub fn overlap(&self, label: u8) -> Overlap {
        self.counts[usize::from(label)]
    }
}
