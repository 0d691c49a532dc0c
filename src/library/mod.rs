//! Where studies are kept: the worklist, the files and journals of every film, locks, audit trail and preferences.
//!
//! # Flow
//! [`Home::of_user`] names the folders. [`Preferences::read`] has the user's name, and what else was settled. [`Library::open`] is the worklist;
//! [`Library::index`] fills it from folders. For each film on the screen one [`Keeper`]:
//!
//! ```text
//! let (mut keeper, opening) = Keeper::open(&home, &StudyKey::of(&radiograph), &mut study)?;
//! // `opening` says what was recovered, and whether another window has the study (then it is read only);
//! // after every frame in which something may have changed:
//! keeper.keep(&mut study)?;              // journal; returns when it is on the disk
//! keeper.save_version(&mut study)?;      // Ctrl+S
//! keeper.close(&mut study)?;             // or drop: nothing is lost, the next opening replays the journal
//! ```
//!
//! # What is durable
//! A step counts as kept when [`Keeper::keep`] has returned: its record has been written and flushed to the disk
//! (`fdatasync`). A process that is killed later loses nothing of it, and neither does a computer that loses power, as
//! far as its disk keeps its word.
//!
//! Only this module names `rusqlite`. No error and no log line names a patient; the worklist itself does, and lies in
//! the user's own data folder.

mod access;
mod audit;
mod database;
mod home;
mod index;
mod journal;
mod keeper;
mod preferences;
mod priors;
mod queue;
mod schema;
mod urgency;

pub use access::{Access, Lock, Owner};
pub use audit::{AuditEntry, AuditQuery};
pub use database::{Entry, Library, Order, Standing, Worklist};
pub use home::{Home, StudyKey, configuration};
pub use index::{Indexed, patient_hash};
pub use keeper::{Keeper, Opening, Recovered, Version, unclosed};
pub use preferences::{Device, Greys, Language, Layout, PREFERENCES_VERSION, Preferences, Site};
pub use queue::{Counts, Item, ItemId, ItemState, Queue};
pub use urgency::{Urgency, urgency};

use std::path::{Path, PathBuf};

/// Why something was not kept or found. No message names a patient.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the worklist: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the worklist was made by a newer version of the program (format {0})")]
    NewerDatabase(i64),
    #[error("{}: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("the system names no folder for the data of programs: set COXA_HOME")]
    NoHome,
    #[error("read only: {0}")]
    ReadOnly(String),
    #[error("cancelled")]
    Cancelled,
}

impl LibraryError {
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> LibraryError {
        let path = path.to_owned();
        move |source| LibraryError::Io { path, source }
    }
}
