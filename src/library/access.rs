//! One writer a film: the second window may look, and says who has it.
//!
//! The operating system's lock on a file decides where there is one: it goes with its process, however that ends. What
//! stands in the file beside it is for people, and for file systems without locks.

use super::LibraryError;
use crate::disk::write_atomic;
use crate::study::Stamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const OWNER: &str = "owner.json";

/// Who has a film open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub since: Stamp,
    pub process: u32,
    pub host: String,
    /// Of the running system, where it has one: process numbers begin anew with the next.
    pub boot: Option<String>,
}

impl Owner {
    /// This process, now.
    pub fn here(user: &str) -> Owner {
        Owner {
            since: Stamp::now(user),
            process: std::process::id(),
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            boot: boot_id(),
        }
    }

    /// "open in another window of A. Reader on ward-pc since 14:02".
    pub fn words(&self) -> String {
        let who = if self.since.by.is_empty() { "somebody unnamed" } else { &self.since.by };
        let since = self.since.time().map(|time| format!(" since {}", time.format("%Y-%m-%d %H:%M UTC")));
        format!("open in another window of {who} on {}{}", self.host, since.unwrap_or_default())
    }

    /// Whether the process is certainly gone: of this computer, and of an earlier start or no longer there.
    fn is_gone(&self) -> bool {
        let here = Owner::here("");
        if self.host != here.host {
            return false;
        }
        let restarted = self.boot.is_some() && here.boot.is_some() && self.boot != here.boot;
        let processes = Path::new("/proc/self").exists();
        restarted || (processes && !Path::new("/proc").join(self.process.to_string()).exists())
    }
}

fn boot_id() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// Whether this window may write.
#[derive(Debug)]
pub enum Access {
    /// `crashed`: whoever had it before did not close it.
    Writer { lock: Lock, crashed: Option<Owner> },
    /// Somebody else has it; `None` where nobody can say who.
    Reader(Option<Owner>),
}

/// Held as long as the film is open for writing.
#[derive(Debug)]
pub struct Lock {
    /// The system's lock ends with it.
    _file: File,
    owner: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A name that stays is found stale by the next.
        let _ = fs::remove_file(&self.owner);
    }
}

impl Access {
    /// Asks for the film in `folder`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn ask(folder: &Path, user: &str) -> Result<Access, LibraryError> {
        let (path, owner) = (folder.join(LOCK), folder.join(OWNER));
        let mut open = OpenOptions::new();
        let file = open.create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(LibraryError::io(&path))?;
        let before = read_owner(folder);
        let taken = match file.try_lock() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            // No locks on this file system: the name decides.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                before.as_ref().is_some_and(|owner| !owner.is_gone())
            }
            Err(TryLockError::Error(error)) => return Err(LibraryError::io(&path)(error)),
        };
        if taken {
            return Ok(Access::Reader(before));
        }
        let name = serde_json::to_vec(&Owner::here(user)).unwrap_or_default();
        write_atomic(&owner, &name).map_err(LibraryError::io(&owner))?;
        Ok(Access::Writer { lock: Lock { _file: file, owner }, crashed: before })
    }
}

/// Who last had the film in `folder` and did not close it, or has it now.
pub(super) fn read_owner(folder: &Path) -> Option<Owner> {
    serde_json::from_slice(&fs::read(folder.join(OWNER)).ok()?).ok()
}

/// Whether somebody has the film in `folder` open now.
pub(super) fn is_taken(folder: &Path) -> bool {
    let Ok(file) = File::open(folder.join(LOCK)) else { return false };
    match file.try_lock_shared() {
        Ok(()) => false,
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => read_owner(folder).is_some_and(|owner| !owner.is_gone()),
    }
}
