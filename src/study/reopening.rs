//! What another file, or an earlier version, says of the film: taken into the study as one step that can be taken back.

use super::annotations::Annotations;
use super::command::{Change, Command};
use super::document::Study;
use super::editing::Outcome;
use super::mask::Mask;
use super::refusal::Refused;

impl Study {
    /// Puts the annotations of a report of this film in the place of those that are here.
    ///
    /// # Errors
    /// Masks of another size than the film, a point that is no number, or the study may not be changed.
    pub fn reopen(&mut self, annotations: Annotations) -> Outcome {
        self.masks_fit(&annotations)?;
        self.perform(|now| Command::Reopen(Box::new(Change::new(now.clone(), annotations))))
    }

    /// Puts the annotations of a saved version in the place of those that are here. The review goes on: who signed and
    /// unlocked since is history.
    ///
    /// # Errors
    /// As [`Self::reopen`].
    pub fn restore_version(&mut self, version: u32, annotations: Annotations) -> Outcome {
        self.masks_fit(&annotations)?;
        self.perform(|now| Command::Restore {
            version,
            change: Box::new(Change::new(now.clone(), annotations)),
        })
    }

    /// Puts `mask`, read from a file, in the place of the one that is here; no network's is left beside it.
    ///
    /// # Errors
    /// A mask of another size than the film, or the study may not be changed.
    pub fn take_mask(&mut self, mask: Mask) -> Outcome {
        self.fits(&mask)?;
        self.perform(|now| {
            let to = Annotations { mask: Some(mask), mask_prediction: None, ..now.clone() };
            Command::Reopen(Box::new(Change::new(now.clone(), to)))
        })
    }

    fn masks_fit(&self, annotations: &Annotations) -> Result<(), Refused> {
        let predicted = annotations.mask_prediction.as_ref().map(|prediction| &prediction.mask);
        annotations.mask.iter().chain(predicted).try_for_each(|mask| self.fits(mask))
    }

    fn fits(&self, mask: &Mask) -> Result<(), Refused> {
        let source = self.source();
        if (mask.rows, mask.columns) == (source.rows, source.columns) {
            return Ok(());
        }
        let words = |rows: usize, columns: usize| format!("{columns} × {rows}");
        Err(Refused::Size { found: words(mask.rows, mask.columns), film: words(source.rows, source.columns) })
    }
}
