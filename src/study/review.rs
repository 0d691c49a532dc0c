//! Where a film stands between the network and a signature.
//!
//! These acts are no undo steps: a signature is taken back by unlocking, with a reason that is kept, never by Ctrl+Z.

use super::annotations::Annotations;
use super::provenance::Stamp;
use serde::{Deserialize, Serialize};

/// What was done to the review itself, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Review {
    /// A reviewer took the film up.
    pub begun: Option<Stamp>,
    /// A reviewer said that the corrections are done.
    pub finished: Option<Stamp>,
    /// While it stands, nothing can be changed.
    pub signed: Option<Stamp>,
    /// Signatures that were taken back.
    #[serde(default)]
    pub unlocked: Vec<Unlocking>,
}

/// A signature that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlocking {
    pub signed: Stamp,
    pub unlocked: Stamp,
    pub reason: String,
}

/// A step of the review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewAct {
    Begin,
    Finish,
    /// Finished too early: back to "in review".
    Resume,
    SignOff,
    Unlock {
        reason: String,
    },
}

impl ReviewAct {
    /// For the audit trail.
    pub fn describe(&self) -> String {
        match self {
            ReviewAct::Begin => "review begun".to_owned(),
            ReviewAct::Finish => "marked as corrected".to_owned(),
            ReviewAct::Resume => "review resumed".to_owned(),
            ReviewAct::SignOff => "signed off".to_owned(),
            ReviewAct::Unlock { reason } => format!("unlocked: {reason}"),
        }
    }
}

/// As the worklist shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    #[default]
    New,
    Predicted,
    InReview,
    Corrected,
    SignedOff,
}

impl ReviewStatus {
    pub const ALL: [ReviewStatus; 5] = [
        ReviewStatus::New,
        ReviewStatus::Predicted,
        ReviewStatus::InReview,
        ReviewStatus::Corrected,
        ReviewStatus::SignedOff,
    ];

    /// As the worklist's database holds it.
    pub fn code(self) -> &'static str {
        match self {
            ReviewStatus::New => "new",
            ReviewStatus::Predicted => "predicted",
            ReviewStatus::InReview => "in_review",
            ReviewStatus::Corrected => "corrected",
            ReviewStatus::SignedOff => "signed_off",
        }
    }

    pub fn from_code(code: &str) -> Option<ReviewStatus> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// In words, for a person.
    pub fn name(self) -> &'static str {
        match self {
            ReviewStatus::New => "new",
            ReviewStatus::Predicted => "predicted",
            ReviewStatus::InReview => "in review",
            ReviewStatus::Corrected => "corrected",
            ReviewStatus::SignedOff => "signed off",
        }
    }
}

impl Review {
    /// The status of a film with these annotations: what a person did counts as review, whether or not it was begun.
    pub fn status(&self, annotations: &Annotations) -> ReviewStatus {
        if self.signed.is_some() {
            ReviewStatus::SignedOff
        } else if self.finished.is_some() {
            ReviewStatus::Corrected
        } else if self.begun.is_some() || annotations.is_worked_on() {
            ReviewStatus::InReview
        } else if annotations.prediction.is_some() || annotations.mask_prediction.is_some() {
            ReviewStatus::Predicted
        } else {
            ReviewStatus::New
        }
    }

    pub(super) fn act(&mut self, act: &ReviewAct, stamp: &Stamp) {
        let stamp = || stamp.clone();
        match act {
            ReviewAct::Begin => {
                self.begun.get_or_insert_with(stamp);
            }
            ReviewAct::Finish => self.finished = Some(stamp()),
            ReviewAct::Resume => self.finished = None,
            ReviewAct::SignOff => self.signed = Some(stamp()),
            ReviewAct::Unlock { reason } => {
                if let Some(signed) = self.signed.take() {
                    self.finished = None;
                    self.unlocked.push(Unlocking { signed, unlocked: stamp(), reason: reason.clone() });
                }
            }
        }
    }
}
