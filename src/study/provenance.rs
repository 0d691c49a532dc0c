//! Who did what, and when: of every step, and of every point that a person touched.

use crate::measure::Landmark;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person and a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stamp {
    /// As the preferences name the user; empty where nobody was asked yet.
    pub by: String,
    /// Milliseconds since 1970, UTC.
    pub at_ms: i64,
}

impl Stamp {
    /// `by`, now.
    pub fn now(by: &str) -> Stamp {
        Stamp { by: by.to_owned(), at_ms: Utc::now().timestamp_millis() }
    }

    /// `None` for a number that is no time.
    pub fn time(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.at_ms)
    }

    /// "A. Reader, 2026-03-01 14:02 UTC".
    pub fn words(&self) -> String {
        let by = if self.by.is_empty() { "somebody unnamed" } else { &self.by };
        match self.time() {
            Some(time) => format!("{by}, {}", time.format("%Y-%m-%d %H:%M UTC")),
            None => by.to_owned(),
        }
    }
}

/// What is known of a point beside its place. Its place by the network is in the prediction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Note {
    /// The structure is on the film but hidden; the place is the reader's guess.
    #[serde(default)]
    pub occluded: bool,
    /// Who moved or marked it last; `None` for a point as the network or a file gave it.
    #[serde(default)]
    pub touched: Option<Stamp>,
}

/// Everything of one point that commands change.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PointState {
    /// `None`: not placed at all.
    pub landmark: Option<Landmark>,
    /// `None`: nothing to say.
    pub note: Option<Note>,
}

/// How a structure is seen, as a person says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Visible,
    /// There, but hidden: a placed point stays and is flagged; one that is not placed counts as missing.
    Occluded,
    /// Not on the film.
    Absent,
}
