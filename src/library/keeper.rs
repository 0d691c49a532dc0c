//! Keeps one film on the disk: saved versions, and between them a journal of every step.
//!
//! A film's folder holds `study-0003.json` (version 3), `journal-0003.log` (the steps since) and all that came before;
//! nothing is ever deleted. Version 0 is the empty document and has no file. Opening takes the newest version that can be
//! read, and does all steps of the journals since once more.

use super::LibraryError;
use super::access::{Access, Lock, Owner, is_taken, read_owner};
use super::home::{Home, StudyKey, make_private};
use super::journal::{self, Journal, Record};
use crate::disk::write_atomic;
use crate::study::{ReviewStatus, SavedStudy, Stamp, Step, Study};
use std::fs;
use std::path::{Path, PathBuf};

/// A journal longer than this is followed by a version when the film is closed, so that opening stays quick.
const LONG_JOURNAL: u64 = 256 * 1024;

/// One film being kept.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    /// `None` for a reader.
    writer: Option<Writer>,
    version: u32,
}

#[derive(Debug)]
struct Writer {
    /// Held, never read.
    _lock: Lock,
    journal: Journal,
    /// Steps that a disk refused; the next attempt writes them first.
    pending: Vec<Record>,
    /// Whether there are steps since the version.
    dirty: bool,
}

/// What was found when a film was opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opening {
    /// The version that was read; 0 for none.
    pub version: u32,
    pub recovered: Recovered,
    /// Whoever has the film open; the study is read only then.
    pub held_by: Option<Owner>,
    /// Why the study is read only, in words, where it is.
    pub read_only: Option<String>,
    /// What was wrong with files, in words; for a person to be told.
    pub faults: Vec<String>,
}

/// What journals gave back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Steps since the version.
    pub steps: usize,
    /// Who did the last of them, and when.
    pub last: Option<Stamp>,
    /// Whether the film was not closed: by a crash, or by a window that is still open.
    pub unclosed: bool,
    /// Bytes at the end that a crash left of a step which was never acknowledged.
    pub torn: u64,
}

/// A saved version of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub number: u32,
    pub path: PathBuf,
    /// Who saved it and when, and where the reading stood then; `None` where the file cannot be read.
    pub saved: Option<(Stamp, ReviewStatus)>,
    /// Steps since the version before.
    pub steps: usize,
    /// What the last of them did, in words.
    pub last: Option<String>,
}

impl Keeper {
    /// Brings `study`, just made of the film, to where it was left, and keeps it from now on. A film that another window
    /// has is made read only.
    ///
    /// # Errors
    /// The folder cannot be read or written. Damage is no error: it is among the [`faults`](Opening::faults).
    pub fn open(home: &Home, key: &StudyKey, study: &mut Study) -> Result<(Keeper, Opening), LibraryError> {
        let folder = home.study(key);
        make_private(&folder)?;
        let access = Access::ask(&folder, study.user())?;
        let mut opening = Opening::default();
        let end = restore(&folder, study, &mut opening)?;
        let mut keeper = Keeper { folder, writer: None, version: end.base };
        match access {
            Access::Reader(owner) => {
                let words = owner.as_ref().map_or_else(|| "open in another window".to_owned(), Owner::words);
                study.set_read_only(Some(words.clone()));
                opening.held_by = owner;
                opening.read_only = Some(words);
            }
            Access::Writer { lock, crashed } => {
                opening.recovered.unclosed = crashed.is_some();
                let mut journal = Journal::go_on(&keeper.journal_path(), &end.read, end.base)?;
                let note = |words: String| Record::Note { stamp: Stamp::now(study.user()), words };
                let mut notes = vec![note("opened".to_owned())];
                if crashed.is_some() {
                    notes.push(note(opening.recovered.words()));
                }
                notes.extend(opening.faults.iter().cloned().map(note));
                journal.append(&notes)?;
                let dirty = opening.recovered.steps > 0;
                keeper.writer = Some(Writer { _lock: lock, journal, pending: Vec::new(), dirty });
            }
        }
        Ok((keeper, opening))
    }

    /// Writes the steps since the last call and waits for the disk; how many they were. Without any it does nothing, so
    /// it can be called after every frame.
    ///
    /// # Errors
    /// The disk refuses (it is full). The steps are held, and the next call tries them again: until then the window must
    /// not say that they are saved.
    pub fn keep(&mut self, study: &mut Study) -> Result<usize, LibraryError> {
        self.keep_steps(study.take_steps())
    }

    /// As [`Self::keep`], for whoever keeps a study that lives on another thread: its [`Study::take_steps`], in order.
    ///
    /// # Errors
    /// As [`Self::keep`].
    pub fn keep_steps(&mut self, steps: Vec<Step>) -> Result<usize, LibraryError> {
        let Some(writer) = &mut self.writer else { return Ok(0) };
        writer.pending.extend(steps.into_iter().map(|step| Record::Step(Box::new(step))));
        writer.flush()
    }

    /// Puts something into the audit trail that changes nothing ("report exported").
    ///
    /// # Errors
    /// As [`Self::keep`].
    pub fn note(&mut self, user: &str, words: &str) -> Result<(), LibraryError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.pending.push(Record::Note { stamp: Stamp::now(user), words: words.to_owned() });
        writer.flush().map(drop)
    }

    /// Steps that the disk has refused so far.
    pub fn unsaved(&self) -> usize {
        self.writer.as_ref().map_or(0, |writer| writer.pending.len())
    }

    /// Writes the study as a new version; its number. Old versions stay.
    ///
    /// # Errors
    /// A reader cannot save; the disk refuses.
    pub fn save_version(&mut self, study: &mut Study) -> Result<u32, LibraryError> {
        self.keep(study)?;
        if self.writer.is_none() {
            return Err(LibraryError::ReadOnly("another window has the study".to_owned()));
        }
        let number = self.version + 1;
        let path = version_path(&self.folder, number);
        let bytes = SavedStudy::of(study).to_json().map_err(damaged(&path))?;
        write_atomic(&path, &bytes).map_err(LibraryError::io(&path))?;
        // From here on an opening takes the new version, and the journal that is made now or then.
        self.version = number;
        let journal = Journal::go_on(&self.journal_path(), &journal::Read::default(), number)?;
        if let Some(writer) = &mut self.writer {
            writer.journal = journal;
            writer.dirty = false;
        }
        Ok(number)
    }

    /// Keeps what is left and lets go of the film.
    ///
    /// # Errors
    /// As [`Self::keep`]; the film is let go of all the same.
    pub fn close(mut self, study: &mut Study) -> Result<(), LibraryError> {
        self.keep(study)?;
        let long = self.writer.as_ref().is_some_and(|w| w.dirty && w.journal.length() > LONG_JOURNAL);
        if long { self.save_version(study).map(drop) } else { Ok(()) }
    }

    pub fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// The version that the journal goes on from.
    pub fn version(&self) -> u32 {
        self.version
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The saved versions, oldest first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn versions(&self) -> Result<Vec<Version>, LibraryError> {
        version_numbers(&self.folder)?.into_iter().map(|number| self.version_of(number)).collect()
    }

    fn version_of(&self, number: u32) -> Result<Version, LibraryError> {
        let path = version_path(&self.folder, number);
        let saved = read_version(&path).ok();
        let saved = saved.map(|study| (study.review.status(&study.annotations), study.saved));
        let journal = journal::read(&journal_path(&self.folder, number - 1))?;
        let steps = journal.records.iter().filter_map(|record| match record {
            Record::Step(step) => Some(step),
            _ => None,
        });
        let (steps, last) = steps.fold((0, None), |(count, _), step| (count + 1, Some(step)));
        let last = last.map(|step| step.act.describe());
        Ok(Version { number, path, saved: saved.map(|(status, stamp)| (stamp, status)), steps, last })
    }

    /// Whether there are steps since the version: saving would keep something that no version holds.
    pub fn has_news(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.dirty || !writer.pending.is_empty())
    }

    /// A saved version, to be looked at or restored.
    ///
    /// # Errors
    /// There is no such version, or it cannot be read.
    pub fn read_version(&self, number: u32) -> Result<SavedStudy, LibraryError> {
        read_version(&version_path(&self.folder, number))
    }

    fn journal_path(&self) -> PathBuf {
        journal_path(&self.folder, self.version)
    }
}

impl Writer {
    fn flush(&mut self) -> Result<usize, LibraryError> {
        if self.pending.is_empty() {
            return Ok(0);
        }
        self.journal.append(&self.pending)?;
        let steps = self.pending.iter().filter(|record| matches!(record, Record::Step(_))).count();
        self.dirty |= steps > 0;
        self.pending.clear();
        Ok(steps)
    }
}

impl Recovered {
    /// "12 steps recovered, the last by A. Reader, 2026-03-01 14:02 UTC".
    pub fn words(&self) -> String {
        let steps = if self.steps == 1 { "1 step".to_owned() } else { format!("{} steps", self.steps) };
        let last = self.last.as_ref().map(|stamp| format!(", the last by {}", stamp.words()));
        let torn = (self.torn > 0).then_some("; a step that was never confirmed as saved was lost");
        format!("{steps} recovered{}{}", last.unwrap_or_default(), torn.unwrap_or_default())
    }
}

/// The films that were not closed and that nobody has open now, with what their journals hold; for the start of the
/// program. Nothing is changed: opening a film recovers it.
///
/// # Errors
/// The folder of the studies cannot be read.
pub fn unclosed(home: &Home) -> Result<Vec<(StudyKey, Recovered)>, LibraryError> {
    let studies = home.studies();
    let entries = fs::read_dir(&studies).map_err(LibraryError::io(&studies))?;
    let keys = entries.flatten().filter_map(|entry| StudyKey::from_name(entry.file_name().to_str()?));
    let left = |key: &StudyKey| {
        let folder = home.study(key);
        read_owner(&folder).is_some() && !is_taken(&folder)
    };
    let mut found: Vec<_> = keys
        .filter(left)
        .map(|key| {
            let folder = home.study(&key);
            let mut recovered = Recovered { unclosed: true, ..Recovered::default() };
            let base = version_numbers(&folder).ok().and_then(|numbers| numbers.last().copied()).unwrap_or(0);
            if let Ok(read) = journal::read(&journal_path(&folder, base)) {
                recovered.torn = read.torn;
                for record in &read.records {
                    recovered.count(record);
                }
            }
            (key, recovered)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

impl Recovered {
    fn count(&mut self, record: &Record) {
        if let Record::Step(step) = record {
            self.steps += 1;
            self.last = Some(step.stamp.clone());
        }
    }
}

/// The last journal, on which the next step goes.
struct End {
    base: u32,
    read: journal::Read,
}

/// Brings the study to the last step of the last journal.
fn restore(folder: &Path, study: &mut Study, opening: &mut Opening) -> Result<End, LibraryError> {
    let numbers = version_numbers(folder)?;
    let newest = numbers.last().copied().unwrap_or(0);
    for number in numbers.iter().rev() {
        let path = version_path(folder, *number);
        let read = read_version(&path).map_err(|error| error.to_string());
        match read
            .and_then(|saved| study.restore(saved).map_err(|error| format!("{}: {error}", path.display())))
        {
            Ok(()) => {
                opening.version = *number;
                break;
            }
            Err(fault) => opening.faults.push(fault),
        }
    }
    let mut end = End { base: newest, read: journal::Read::default() };
    for base in opening.version..=newest {
        let path = journal_path(folder, base);
        let read = journal::read(&path)?;
        if read.damaged || (read.torn > 0 && base < newest) {
            opening
                .faults
                .push(format!("{}: damaged; the steps before the damage were kept", path.display()));
        }
        for record in &read.records {
            opening.recovered.count(record);
            if let Record::Step(step) = record {
                study.replay((**step).clone());
            }
        }
        opening.recovered.torn = read.torn;
        end = End { base, read };
    }
    if opening.recovered.steps > 0 {
        study.refresh();
    }
    Ok(end)
}

fn version_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("study-{number:04}.json"))
}

pub(super) fn journal_path(folder: &Path, base: u32) -> PathBuf {
    folder.join(format!("journal-{base:04}.log"))
}

/// In rising order.
pub(super) fn version_numbers(folder: &Path) -> Result<Vec<u32>, LibraryError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return Err(LibraryError::io(folder)(error)),
    };
    let number = |name: &str| name.strip_prefix("study-")?.strip_suffix(".json")?.parse().ok();
    let mut numbers: Vec<u32> = entries
        .flatten()
        .filter_map(|entry| number(entry.file_name().to_str()?))
        .filter(|n| *n > 0)
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn read_version(path: &Path) -> Result<SavedStudy, LibraryError> {
    let bytes = fs::read(path).map_err(LibraryError::io(path))?;
    SavedStudy::from_json(&bytes).map_err(damaged(path))
}

fn damaged(path: &Path) -> impl Fn(crate::study::SavedError) -> LibraryError {
    move |error| LibraryError::Damaged { path: path.to_owned(), reason: error.to_string() }
}
