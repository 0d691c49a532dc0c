//! Free measurements of a study: adding, changing and removing them as steps.

use super::command::{Change, Command};
use super::document::Study;
use super::editing::Outcome;
use super::free::{FreeId, FreeMeasurement, FreeShape, FreeValue};
use super::refusal::Refused;
use std::collections::BTreeMap;

impl Study {
    /// Adds a free measurement; its number is that of the answer.
    ///
    /// # Errors
    /// Points that are none, or the study may not be changed.
    pub fn add_free(&mut self, shape: FreeShape) -> Result<FreeId, Refused> {
        let last = self.annotations().free.keys().next_back().map_or(0, |id| id.0);
        let id = FreeId(last.saturating_add(1));
        let to = FreeMeasurement { shape, label: String::new() };
        self.change_free(id, Some(to))?;
        Ok(id)
    }

    /// Puts another figure or label in the place of that measurement. For a drag, [`Study::begin_free`].
    ///
    /// # Errors
    /// There is no such measurement, or the study may not be changed.
    pub fn set_free(&mut self, id: FreeId, to: FreeMeasurement) -> Outcome {
        self.known_free(id)?;
        self.change_free(id, Some(to))
    }

    /// # Errors
    /// There is no such measurement, or the study may not be changed.
    pub fn remove_free(&mut self, id: FreeId) -> Outcome {
        self.known_free(id)?;
        self.change_free(id, None)
    }

    /// Takes all of them off the film, as one step.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn clear_free(&mut self) -> Outcome {
        self.perform(|annotations| Command::ClearFree(Change::new(annotations.free.clone(), BTreeMap::new())))
    }

    /// What it measures, previews included, by the calibration in force; `None` where there is no such measurement.
    ///
    /// # Errors
    /// Why it has no value.
    pub fn free_value(&self, id: FreeId) -> Option<Result<FreeValue, String>> {
        Some(self.annotations().free.get(&id)?.shape.value(&self.spacing()))
    }

    fn known_free(&self, id: FreeId) -> Result<(), Refused> {
        let known = self.annotations().free.contains_key(&id);
        if known { Ok(()) } else { Err(Refused::Nothing("such measurement".to_owned())) }
    }

    fn change_free(&mut self, id: FreeId, to: Option<FreeMeasurement>) -> Outcome {
        self.perform(|annotations| Command::Free {
            id,
            change: Change::new(annotations.free.get(&id).cloned(), to),
        })
    }
}
