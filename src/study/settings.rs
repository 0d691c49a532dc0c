//! What a person set for a film beside its points: calibrations, who the patient is, which line and which thresholds.

use super::calibration::Calibration;
use crate::measure::protocol::CamSet;
use crate::measure::{ReferenceLine, Subject};
use serde::{Deserialize, Serialize};

/// All of it is undoable, and none of it is read from the file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// At most one of each kind, the one in force last; the others are compared with it.
    pub calibrations: Vec<Calibration>,
    /// Age, sex and view by hand, over those of the header.
    pub subject: Subject,
    /// Line of every measurement whose definition leaves it open; the usual ones without.
    pub reference: Option<ReferenceLine>,
    pub cam_set: CamSet,
}

impl Settings {
    /// The calibration in force.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibrations.last()
    }

    /// These settings with `calibration` in force, in the place of one of its kind.
    pub(super) fn calibrated(&self, calibration: Calibration) -> Settings {
        let mut settings = self.clone();
        settings.calibrations.retain(|other| other.kind() != calibration.kind());
        settings.calibrations.push(calibration);
        settings
    }

    /// What differs from `other`, in a word or two for "Undo …".
    pub(super) fn difference(&self, other: &Settings) -> &'static str {
        if self.calibrations != other.calibrations {
            "calibration"
        } else if self.subject.age_months != other.subject.age_months {
            "age"
        } else if self.subject.sex != other.subject.sex {
            "sex"
        } else if self.subject.view != other.subject.view {
            "view"
        } else if self.reference != other.reference {
            "reference line"
        } else {
            "threshold set"
        }
    }
}
