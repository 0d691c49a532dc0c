//! The autosave journal: one line a record, each with a checksum over itself and all before it, flushed to the disk
//! before it counts.
//!
//! ```text
//! 5d41402abc4b2a76b9719d911017c592 {"begins":{"journal":1,"base":3}}
//! 7d793037a0760186574b0282f2f435e7 {"step":{…}}
//! ```
//! A line that is cut off or changed, and everything after it, does not verify. At the end of the file that is what a
//! crash leaves of a record that was never acknowledged.

use super::LibraryError;
use super::home::hex;
use crate::disk::sync_folder;
use crate::study::{Stamp, Step};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const JOURNAL_VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// First of every journal: on which saved version it goes on.
    Begins {
        journal: u32,
        base: u32,
    },
    Step(Box<Step>),
    /// Something that changed nothing but is to be known: opened, recovered, exported.
    Note {
        stamp: Stamp,
        words: String,
    },
}

/// What a journal file holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub records: Vec<Record>,
    /// Bytes that verify.
    pub sound: u64,
    /// Bytes after them that do not.
    pub torn: u64,
    /// Whether whole lines follow the first that does not verify: then it is damage, not the trace of a crash.
    pub damaged: bool,
    chain: String,
}

/// Reads what verifies. A file that is not there is empty.
pub(super) fn read(path: &Path) -> Result<Read, LibraryError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(LibraryError::io(path)(error)),
    };
    let mut read = Read::default();
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    for line in lines.by_ref() {
        let Some(record) = verified(line, &mut read.chain) else { break };
        read.records.push(record);
        read.sound += line.len() as u64;
    }
    read.torn = bytes.len() as u64 - read.sound;
    read.damaged = lines.next().is_some();
    Ok(read)
}

fn verified(line: &[u8], chain: &mut String) -> Option<Record> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, payload) = text.split_once(' ')?;
    let next = link(chain, payload);
    let record = (sum == next).then(|| serde_json::from_str(payload).ok()).flatten()?;
    *chain = next;
    Some(record)
}

fn link(chain: &str, payload: &str) -> String {
    hex(&Sha256::new().chain_update(chain).chain_update(payload).finalize())
}

/// A journal that is written on.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    length: u64,
    chain: String,
}

impl Journal {
    /// Goes on where `read` verified the file at `path`; what does not verify is cut off, after it was put aside where it
    /// is damage. A new journal begins on version `base`.
    pub fn go_on(path: &Path, read: &Read, base: u32) -> Result<Journal, LibraryError> {
        let failed = || LibraryError::io(path);
        if read.damaged {
            let aside = path.with_extension("damaged");
            fs::copy(path, &aside).map_err(LibraryError::io(&aside))?;
        }
        let mut open = OpenOptions::new();
        let file = open.create(true).truncate(false).write(true).open(path).map_err(failed())?;
        if read.torn > 0 {
            file.set_len(read.sound).and_then(|()| file.sync_all()).map_err(failed())?;
        }
        let (length, chain) = (read.sound, read.chain.clone());
        let mut journal = Journal { file, path: path.to_owned(), length, chain };
        if length == 0 {
            journal.append(&[Record::Begins { journal: JOURNAL_VERSION, base }])?;
            path.parent().map_or(Ok(()), sync_folder).map_err(failed())?;
        }
        Ok(journal)
    }

    /// Writes the records and waits for the disk: all of them are kept when this returns, and none where it fails.
    pub fn append(&mut self, records: &[Record]) -> Result<(), LibraryError> {
        let mut chain = self.chain.clone();
        let mut bytes = Vec::new();
        for record in records {
            let payload = serde_json::to_string(record).map_err(|error| LibraryError::Damaged {
                path: self.path.clone(),
                reason: format!("a step cannot be written: {error}"),
            })?;
            chain = link(&chain, &payload);
            bytes.extend_from_slice(format!("{chain} {payload}\n").as_bytes());
        }
        let written = self
            .file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // A part of it may be there; the next attempt must not come after it.
            let _ = self.file.set_len(self.length);
            return Err(LibraryError::Io { path: self.path.clone(), source });
        }
        self.length += bytes.len() as u64;
        self.chain = chain;
        Ok(())
    }

    pub fn length(&self) -> u64 {
        self.length
    }
}
