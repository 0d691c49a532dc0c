//! The log of a study: every step as it was done, for whoever keeps it on disk.

use super::command::Command;
use super::provenance::Stamp;
use super::review::ReviewAct;
use serde::{Deserialize, Serialize};

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Do(Command),
    /// The command that was applied: the inverse of what was taken back.
    Undo(Command),
    /// The command that was applied again.
    Redo(Command),
    Review(ReviewAct),
}

impl Act {
    /// In words, for the audit trail.
    pub fn describe(&self) -> String {
        match self {
            Act::Do(command) => command.describe(),
            Act::Undo(command) => format!("undo: {}", command.clone().inverse().describe()),
            Act::Redo(command) => format!("redo: {}", command.describe()),
            Act::Review(act) => act.describe(),
        }
    }
}

/// Who did what, and when. A journal of these on a saved document gives the document of now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub stamp: Stamp,
    pub act: Act,
}
