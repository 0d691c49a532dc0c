//! Every change of a study is one of these values; each knows the state before and after, hence its inverse.

use super::annotations::Annotations;
use super::settings::Settings;
use crate::measure::{Landmark, LandmarkId};

/// One undoable step. `None` as a landmark means that it was not placed at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A person put the point somewhere.
    MoveLandmark { id: LandmarkId, from: Option<Landmark>, to: Option<Landmark> },
    /// A person said that the structure is not on the film.
    SetMissing { id: LandmarkId, from: Option<Landmark>, to: Option<Landmark> },
    /// Back to where the network put it.
    ResetToPrediction { id: LandmarkId, from: Option<Landmark>, to: Option<Landmark> },
    /// Every point back to where the network put it.
    ResetAll { from: Box<Annotations>, to: Box<Annotations> },
    /// An analysis came in.
    ApplyPrediction { from: Box<Annotations>, to: Box<Annotations> },
    /// A person set something: a calibration, the age, the reference line.
    Configure { from: Box<Settings>, to: Box<Settings> },
}

impl Command {
    /// The command that takes this one back.
    pub fn inverse(self) -> Command {
        match self {
            Command::MoveLandmark { id, from, to } => Command::MoveLandmark { id, from: to, to: from },
            Command::SetMissing { id, from, to } => Command::SetMissing { id, from: to, to: from },
            Command::ResetToPrediction { id, from, to } => {
                Command::ResetToPrediction { id, from: to, to: from }
            }
            Command::ResetAll { from, to } => Command::ResetAll { from: to, to: from },
            Command::ApplyPrediction { from, to } => Command::ApplyPrediction { from: to, to: from },
            Command::Configure { from, to } => Command::Configure { from: to, to: from },
        }
    }

    /// Whether it changes nothing; such a command is no undo step.
    pub fn is_void(&self) -> bool {
        match self {
            Command::MoveLandmark { from, to, .. }
            | Command::SetMissing { from, to, .. }
            | Command::ResetToPrediction { from, to, .. } => from == to,
            Command::ResetAll { from, to } | Command::ApplyPrediction { from, to } => from == to,
            Command::Configure { from, to } => from == to,
        }
    }

    /// What it did, for "Undo …".
    pub fn describe(&self) -> String {
        match self {
            Command::MoveLandmark { id, .. } => format!("move of {id}"),
            Command::SetMissing { id, .. } => format!("{id} absent"),
            Command::ResetToPrediction { id, .. } => format!("reset of {id}"),
            Command::ResetAll { .. } => "reset of all points".to_owned(),
            Command::ApplyPrediction { .. } => "analysis".to_owned(),
            Command::Configure { from, to } => from.difference(to).to_owned(),
        }
    }

    pub(super) fn apply(&self, annotations: &mut Annotations) {
        match self {
            Command::MoveLandmark { id, to, .. }
            | Command::SetMissing { id, to, .. }
            | Command::ResetToPrediction { id, to, .. } => annotations.set(id, to.clone()),
            Command::ResetAll { to, .. } | Command::ApplyPrediction { to, .. } => {
                annotations.clone_from(to);
            }
            Command::Configure { to, .. } => annotations.settings.clone_from(to),
        }
    }
}
