//! One step of the mask: the pixels that changed, as runs, with what they were and what they became.

use super::Mask;
use crate::measure::{LabelMap, Structure};
use crate::study::command::Change;
use serde::{Deserialize, Serialize};

/// Neighbouring pixels in the order of rows that changed alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u32, u32, u8, u8)", from = "(u32, u32, u8, u8)")]
pub struct Run {
    /// Index of the first pixel.
    pub start: u32,
    pub length: u32,
    pub from: u8,
    pub to: u8,
}

impl From<Run> for (u32, u32, u8, u8) {
    fn from(run: Run) -> Self {
        (run.start, run.length, run.from, run.to)
    }
}

impl From<(u32, u32, u8, u8)> for Run {
    fn from((start, length, from, to): (u32, u32, u8, u8)) -> Self {
        Run { start, length, from, to }
    }
}

impl Run {
    /// The run that takes this one back.
    #[must_use]
    pub fn inverse(self) -> Run {
        Run { from: self.to, to: self.from, ..self }
    }

    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..(self.start as usize).saturating_add(self.length as usize)
    }
}

/// The runs of `changed` pixels of `map`, which come in rising order: index and what they become.
pub(super) fn runs(map: &LabelMap, changed: impl Iterator<Item = (usize, u8)>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (index, to) in changed {
        let from = map.labels[index];
        if from == to {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.range().end == index && (run.from, run.to) == (from, to) => run.length += 1,
            _ => runs.push(Run { start: index as u32, length: 1, from, to }),
        }
    }
    runs
}

/// What was done to the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskDeed {
    Brush,
    Erase,
    Polygon,
    Fill,
    Smooth,
    Clear,
    /// Other structures were named.
    Structures,
    /// Taken over from the prediction.
    Accept,
}

/// A change of the mask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaskEdit {
    pub deed: MaskDeed,
    /// The label it was about; `None` for all of them.
    pub label: Option<u8>,
    pub rows: usize,
    pub columns: usize,
    /// Before and after; `None` where there is no mask.
    pub structures: Change<Option<Vec<Structure>>>,
    /// Disjoint, in rising order.
    pub runs: Vec<Run>,
}

impl MaskEdit {
    pub(in crate::study) fn inverse(mut self) -> MaskEdit {
        self.structures = self.structures.inverse();
        self.runs.iter_mut().for_each(|run| *run = run.inverse());
        self
    }

    /// Whether it changes nothing.
    pub fn is_void(&self) -> bool {
        self.runs.is_empty() && self.structures.is_void()
    }

    /// Pixels that it changes.
    pub fn pixels(&self) -> usize {
        self.runs.iter().map(|run| run.length as usize).sum()
    }

    /// In a few words, for "Undo …".
    pub fn describe(&self) -> String {
        let all = || "masks".to_owned();
        let named = |label: u8| {
            let structures = self.structures.to.as_ref().or(self.structures.from.as_ref())?;
            structures.iter().find(|structure| structure.value == label).map(|of| of.name.clone())
        };
        let what =
            self.label.map_or_else(all, |label| named(label).unwrap_or_else(|| format!("label {label}")));
        match self.deed {
            MaskDeed::Brush => format!("brush of {what}"),
            MaskDeed::Erase => format!("eraser on {what}"),
            MaskDeed::Polygon => format!("polygon of {what}"),
            MaskDeed::Fill => format!("fill of {what}"),
            MaskDeed::Smooth => format!("smoothing of {what}"),
            MaskDeed::Clear => format!("clearing of {what}"),
            MaskDeed::Structures => "labels of the masks".to_owned(),
            MaskDeed::Accept => format!("prediction of {what} accepted"),
        }
    }

    /// Runs beyond the film, which only a damaged journal holds, are passed over.
    pub(in crate::study) fn apply(&self, mask: &mut Option<Mask>) {
        let Some(structures) = &self.structures.to else {
            *mask = None;
            return;
        };
        let mask =
            mask.get_or_insert_with(|| Mask::new(LabelMap::empty(self.rows, self.columns, Vec::new())));
        let map = mask.make_mut();
        map.structures.clone_from(structures);
        paint(map, &self.runs);
    }
}

/// In rising order, neighbours joined.
pub(in crate::study) fn tidied(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_unstable_by_key(|run| run.start);
    runs.dedup_by(|next, run| {
        let joins = run.range().end == next.start as usize && (run.from, run.to) == (next.from, next.to);
        if joins {
            run.length += next.length;
        }
        joins
    });
    runs
}

/// Writes what the runs say.
pub(in crate::study) fn paint(map: &mut LabelMap, runs: &[Run]) {
    for run in runs {
        if let Some(pixels) = map.labels.get_mut(run.range()) {
            pixels.fill(run.to);
        }
    }
}
