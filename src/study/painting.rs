//! The mask of a study: tools as steps, what the network painted, and how well the two agree.

use super::annotations::MaskPrediction;
use super::command::{Change, Command};
use super::document::Study;
use super::editing::Outcome;
use super::mask::{self, LabelAgreement, Mask, MaskDeed, MaskEdit, Paint, Run, tidied};
use super::refusal::Refused;
use crate::measure::{LabelMap, Point, Structure};

impl Study {
    /// The structures that can be painted: those of the mask, else of its prediction, else L1 to L5.
    pub fn structures(&self) -> Vec<Structure> {
        let annotations = self.annotations();
        let predicted = annotations.mask_prediction.as_ref().map(|prediction| &prediction.mask);
        let known = annotations.mask.as_ref().or(predicted);
        known.map_or_else(Structure::hip, |mask| mask.structures.clone())
    }

    /// Takes in what a segmentation network said, as the analysis that [`Self::begin_analysis`] numbered; `Ok(false)` if
    /// that is stale. A mask on which a person painted stays; one that nobody touched follows the network.
    ///
    /// # Errors
    /// A mask of another size than the film, or the study may not be changed.
    pub fn apply_mask_prediction(&mut self, prediction: MaskPrediction, generation: u64) -> Outcome {
        let source = self.source();
        let size = (source.rows, source.columns);
        if (prediction.mask.rows, prediction.mask.columns) != size {
            let words = |(rows, columns): (usize, usize)| format!("{columns} × {rows}");
            let found = words((prediction.mask.rows, prediction.mask.columns));
            return Err(Refused::Size { found, film: words(size) });
        }
        if !self.is_current(generation) {
            return Ok(false);
        }
        self.perform(|annotations| {
            let before = annotations.mask_prediction.as_ref().map(|before| &before.mask);
            let untouched = annotations.mask.as_ref() == before;
            let mut edit = blank_edit(size, annotations.mask.as_ref(), MaskDeed::Accept, None);
            if untouched {
                edit.runs = match &annotations.mask {
                    Some(mask) => mask::accept(mask, &prediction.mask, None),
                    None => mask::accept(&empty(size), &prediction.mask, None),
                };
                edit.structures.to = Some(prediction.mask.structures.clone());
            }
            let change = Change::new(annotations.mask_prediction.clone(), Some(prediction));
            Command::ApplyMask { change: Box::new(change), edit }
        })?;
        Ok(true)
    }

    /// Names the structures that can be painted. What is painted keeps its values.
    ///
    /// # Errors
    /// Two structures of one value, one of the background's, or the study may not be changed.
    pub fn set_structures(&mut self, structures: Vec<Structure>) -> Outcome {
        let mut values: Vec<u8> = structures.iter().map(|structure| structure.value).collect();
        values.sort_unstable();
        values.dedup();
        if values.len() != structures.len() || values.first() == Some(&0) {
            return Err(Refused::Shape("each structure has a value of its own, from 1 to 255"));
        }
        let size = self.size();
        self.perform(|annotations| {
            let mut edit = blank_edit(size, annotations.mask.as_ref(), MaskDeed::Structures, None);
            edit.structures.to = Some(structures);
            Command::Mask(edit)
        })
    }

    /// Paints inside a closed polygon.
    ///
    /// # Errors
    /// A label that no structure has, or the study may not be changed.
    pub fn fill_polygon(&mut self, vertices: &[Point], paint: Paint) -> Outcome {
        self.known_label(paint.label)?;
        self.edit_mask(MaskDeed::Polygon, Some(paint.label), |map| mask::polygon(map, vertices, paint))
    }

    /// Fills the region of one label around `at` (pixels) with `label`.
    ///
    /// # Errors
    /// A label that no structure has, or the study may not be changed.
    pub fn flood_fill(&mut self, at: Point, label: u8) -> Outcome {
        self.known_label(label)?;
        if !at.is_finite() {
            return Err(Refused::NotFinite("the place to fill"));
        }
        let at = self.inside(at);
        let seed = (at.y.round() as usize, at.x.round() as usize);
        self.edit_mask(MaskDeed::Fill, Some(label), |map| mask::flood(map, seed, label))
    }

    /// Smooths the border of `label`; see [`mask::smooth`].
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn smooth_mask(&mut self, label: u8, radius: usize) -> Outcome {
        self.edit_mask(MaskDeed::Smooth, Some(label), |map| mask::smooth(map, label, radius))
    }

    /// Takes every pixel of `label` away.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn clear_label(&mut self, label: u8) -> Outcome {
        self.edit_mask(MaskDeed::Clear, Some(label), |map| mask::clear(map, label))
    }

    /// Takes `label`, or the whole mask, back to what the network said.
    ///
    /// # Errors
    /// There is no predicted mask, or the study may not be changed.
    pub fn accept_predicted_mask(&mut self, label: Option<u8>) -> Outcome {
        let prediction = self.annotations().mask_prediction.clone();
        let predicted = prediction.ok_or_else(|| Refused::Nothing("predicted mask".to_owned()))?.mask;
        self.edit_mask(MaskDeed::Accept, label, |map| mask::accept(map, &predicted, label))
    }

    /// How each structure as painted agrees with its prediction, previews included; empty without both. Cheap: counted
    /// as the brush moves.
    pub fn agreements(&self) -> Vec<LabelAgreement> {
        let Some(agreement) = self.agreement() else { return Vec::new() };
        let of = |structure: Structure| {
            let overlap = agreement.overlap(structure.value);
            LabelAgreement { structure, overlap }
        };
        self.structures().into_iter().map(of).collect()
    }

    /// # Errors
    /// No structure has that label; 0 erases.
    pub(super) fn known_label(&self, label: u8) -> Result<(), Refused> {
        let known = label == 0 || self.structures().iter().any(|structure| structure.value == label);
        if known { Ok(()) } else { Err(Refused::Nothing(format!("structure of label {label}"))) }
    }

    /// Begins an empty mask for a preview; `false` where there is one.
    pub(super) fn begin_mask(&mut self) -> bool {
        let none = self.annotations().mask.is_none();
        if none {
            let structures = self.structures();
            let (rows, columns) = self.size();
            self.annotations_mut().mask = Some(Mask::new(LabelMap::empty(rows, columns, structures)));
            self.count_agreement();
        }
        none
    }

    /// The step that makes `runs` of the mask as it is; void without runs.
    pub(super) fn edit_of(&self, deed: MaskDeed, label: Option<u8>, runs: Vec<Run>) -> MaskEdit {
        let mut edit = blank_edit(self.size(), self.annotations().mask.as_ref(), deed, label);
        if !runs.is_empty() {
            edit.structures.to = Some(self.structures());
        }
        edit.runs = tidied(runs);
        edit
    }

    fn size(&self) -> (usize, usize) {
        (self.source().rows, self.source().columns)
    }

    fn edit_mask(
        &mut self,
        deed: MaskDeed,
        label: Option<u8>,
        tool: impl FnOnce(&LabelMap) -> Vec<Run>,
    ) -> Outcome {
        self.may_change()?;
        // A brush that is down is taken up first, so that the tool sees what the last step left.
        self.commit()?;
        let runs = match &self.annotations().mask {
            Some(mask) => tool(mask),
            None => tool(&empty(self.size())),
        };
        let edit = self.edit_of(deed, label, runs);
        self.perform(|_| Command::Mask(edit))
    }
}

fn empty((rows, columns): (usize, usize)) -> LabelMap {
    LabelMap::empty(rows, columns, Vec::new())
}

/// A step that changes nothing yet.
fn blank_edit(
    (rows, columns): (usize, usize),
    mask: Option<&Mask>,
    deed: MaskDeed,
    label: Option<u8>,
) -> MaskEdit {
    let structures = mask.map(|mask| mask.structures.clone());
    MaskEdit {
        deed,
        label,
        rows,
        columns,
        structures: Change::new(structures.clone(), structures),
        runs: Vec::new(),
    }
}
