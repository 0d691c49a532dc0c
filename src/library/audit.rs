//! Who did what to a film, and when: its journals, read as a trail. They are only ever written on, and each record's
//! checksum covers all before it in its journal, so that a change in the middle shows.

use super::LibraryError;
use super::home::{Home, StudyKey};
use super::journal::{self, Record};
use super::keeper::{journal_path, version_numbers};
use crate::measure::{Landmark, LandmarkId, Point};
use crate::study::{Act, Command, Stamp, Step};

/// One thing that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub stamp: Stamp,
    /// "move of TRC-R", "signed off", "unlocked: wrong side", "opened".
    pub words: String,
    /// The point it was about.
    pub point: Option<LandmarkId>,
    /// Where that was before and after, pixels; `None` where it had no place.
    pub from: Option<Point>,
    pub to: Option<Point>,
    /// Whether it changed the document or its review.
    pub changed: bool,
}

/// Which entries are wanted; the default wants all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditQuery {
    pub by: Option<String>,
    pub point: Option<LandmarkId>,
    /// Milliseconds since 1970, UTC.
    pub since_ms: Option<i64>,
    pub until_ms: Option<i64>,
    /// Not who merely looked.
    pub changes_only: bool,
}

impl AuditEntry {
    /// How far the point went, pixels.
    pub fn moved_px(&self) -> Option<f64> {
        Some(self.from?.distance(self.to?))
    }

    fn of(record: Record) -> Option<AuditEntry> {
        let blank =
            |stamp, words, changed| AuditEntry { stamp, words, point: None, from: None, to: None, changed };
        match record {
            Record::Begins { .. } => None,
            Record::Note { stamp, words } => Some(blank(stamp, words, false)),
            Record::Step(step) => {
                let Step { stamp, act } = *step;
                let entry = blank(stamp, act.describe(), true);
                Some(match act {
                    Act::Do(Command::Point { id, change, .. })
                    | Act::Undo(Command::Point { id, change, .. })
                    | Act::Redo(Command::Point { id, change, .. }) => AuditEntry {
                        point: Some(id),
                        from: change.from.landmark.as_ref().and_then(Landmark::position),
                        to: change.to.landmark.as_ref().and_then(Landmark::position),
                        ..entry
                    },
                    _ => entry,
                })
            }
        }
    }
}

impl AuditQuery {
    fn wants(&self, entry: &AuditEntry) -> bool {
        let at = entry.stamp.at_ms;
        self.by.as_ref().is_none_or(|by| *by == entry.stamp.by)
            && self.point.as_ref().is_none_or(|point| entry.point.as_ref() == Some(point))
            && self.since_ms.is_none_or(|since| at >= since)
            && self.until_ms.is_none_or(|until| at <= until)
            && (entry.changed || !self.changes_only)
    }

    /// The trail of one film, oldest first; and in words, which journals do not verify.
    ///
    /// # Errors
    /// The folder or a journal cannot be read.
    pub fn of(&self, home: &Home, key: &StudyKey) -> Result<(Vec<AuditEntry>, Vec<String>), LibraryError> {
        let folder = home.study(key);
        let newest = version_numbers(&folder)?.last().copied().unwrap_or(0);
        let (mut entries, mut faults) = (Vec::new(), Vec::new());
        for base in 0..=newest {
            let path = journal_path(&folder, base);
            let read = journal::read(&path)?;
            if read.damaged {
                faults.push(format!(
                    "{}: changed or damaged after {} records",
                    path.display(),
                    read.records.len()
                ));
            }
            entries.extend(
                read.records.into_iter().filter_map(AuditEntry::of).filter(|entry| self.wants(entry)),
            );
        }
        Ok((entries, faults))
    }
}
