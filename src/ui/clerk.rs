//! The clerk: one thread that has the worklist and the keeper of every film on the screen, so that no frame waits for a
//! disk. The window sends orders and goes on; news comes back as any other message.
//!
//! Orders are done one after another: a film that is let go of and asked for again comes back with every step.

use super::jobs::{FilmId, Message};
use crate::imaging::{Catalogue, PatientEntry, Radiograph};
use crate::library::{
    AuditEntry, AuditQuery, Entry, Home, ItemId, Keeper, Library, LibraryError, Opening, Standing, StudyKey,
    Version, Worklist, unclosed,
};
use crate::study::{Prediction, ReviewStatus, SavedStudy, Step, Study};
use chrono::{DateTime, Local};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// An image of the window: its film, and its place in the stack of that.
pub type Place = (FilmId, usize);

/// A disk that refused is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// The worklist is told to the window at most this often, unless there is nothing else to do.
const TOLD: Duration = Duration::from_millis(500);
/// Films of the list of those opened last.
const RECENT: usize = 30;

/// What the window asks for.
pub enum Order {
    /// These lie on the disk.
    Index(Vec<PatientEntry>),
    /// Bring the study, just made, to where it was left, and keep it.
    Open {
        place: Place,
        study: Box<Study>,
        film: Arc<Radiograph>,
    },
    Keep {
        place: Place,
        steps: Vec<Step>,
        standing: Standing,
    },
    Save {
        place: Place,
        study: Box<Study>,
        sake: Sake,
    },
    /// The saved versions of a film that is open.
    Versions(Place),
    ReadVersion(Place, u32),
    /// For the audit trail.
    Note {
        place: Place,
        user: String,
        words: String,
    },
    Close {
        place: Place,
        study: Box<Study>,
    },
    /// A film that is not on the screen was analysed.
    Predicted {
        item: ItemId,
        study: Box<Study>,
        film: Arc<Radiograph>,
        prediction: Box<Prediction>,
    },
    /// The analysis of a film gave nothing, for that reason; it is known after the next start too.
    Failed {
        path: PathBuf,
        reason: String,
    },
    Audit(StudyKey),
    /// The newest earlier film of the same patient.
    Prior(PathBuf),
}

/// Why a version is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sake {
    Asked,
    /// An older version takes the place of this; nothing is written where the newest version holds all of it.
    BeforeRestoring,
    /// That version stands again.
    Restored(u32),
}

/// What the clerk answers.
pub enum News {
    Opened {
        place: Place,
        study: Box<Study>,
        result: Result<(StudyKey, Opening), String>,
    },
    Kept {
        place: Place,
        at: DateTime<Local>,
    },
    NotKept {
        place: Place,
        reason: String,
    },
    /// The number of the version that was written.
    Saved(Sake, Result<u32, String>),
    Versions(Place, Result<Vec<Version>, String>),
    Version(Place, u32, Result<Box<SavedStudy>, String>),
    /// The disk refused the last steps: here is the study again.
    NotClosed {
        place: Place,
        study: Box<Study>,
        reason: String,
    },
    Predicted {
        item: ItemId,
        result: Result<(), String>,
    },
    Listed(Box<Listed>),
    /// Films that were not closed, with the number of steps of each.
    Unclosed(Vec<(PathBuf, usize)>),
    Audit(Result<(Vec<AuditEntry>, Vec<String>), String>),
    Prior(Option<PathBuf>),
    /// The worklist does not work; studies are kept all the same.
    NoWorklist(String),
}

/// The worklist as it stands.
#[derive(Debug, Default)]
pub struct Listed {
    /// Most urgent first.
    pub entries: Vec<Entry>,
    pub counts: Vec<(ReviewStatus, usize)>,
    /// Of the new ones, those whose analysis gave nothing.
    pub failed: usize,
    pub recent: Vec<Entry>,
}

/// The window's end.
pub struct Clerk {
    sender: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Clerk {
    /// Begins work on `home`; `post` brings news to the window.
    pub fn new(home: Home, post: impl Fn(Message) + Send + 'static) -> Clerk {
        let (sender, orders) = channel();
        let thread = std::thread::spawn(move || Desk::new(home, Box::new(post)).work(&orders));
        Clerk { sender: Some(sender), thread: Some(thread) }
    }

    pub fn order(&self, order: Order) {
        if let Some(sender) = &self.sender {
            // A clerk that is gone is noticed by steps that are never confirmed.
            let _ = sender.send(order);
        }
    }
}

/// Everything ordered is on the disk when the window has gone.
impl Drop for Clerk {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Kept {
    keeper: Keeper,
    key: StudyKey,
    path: PathBuf,
}

/// The clerk's end.
struct Desk {
    home: Home,
    index: Option<Library>,
    post: Box<dyn Fn(Message) + Send>,
    kept: BTreeMap<Place, Kept>,
    /// The worklist has changed since it was told.
    changed: bool,
    told: Option<Instant>,
}

impl Desk {
    fn new(home: Home, post: Box<dyn Fn(Message) + Send>) -> Desk {
        let mut desk = Desk { home, index: None, post, kept: BTreeMap::new(), changed: true, told: None };
        match Library::open(&desk.home) {
            Ok(library) => desk.index = Some(library),
            Err(error) => desk.tell(News::NoWorklist(error.to_string())),
        }
        desk
    }

    fn tell(&self, news: News) {
        (self.post)(Message::Desk(news));
    }

    fn work(mut self, orders: &Receiver<Order>) {
        self.look_for_unclosed();
        loop {
            // Nothing else to do: what has changed is told.
            let order = match orders.try_recv() {
                Ok(order) => Ok(order),
                Err(_) => {
                    self.list(true);
                    orders.recv_timeout(AGAIN)
                }
            };
            match order {
                Ok(order) => self.perform(order),
                Err(RecvTimeoutError::Timeout) => self.try_again(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.list(false);
        }
        self.try_again();
    }

    fn perform(&mut self, order: Order) {
        match order {
            Order::Index(patients) => {
                let found = Catalogue { patients, failures: Vec::new() };
                self.with_library(|library| library.add(&found).map(drop));
            }
            Order::Open { place, mut study, film } => {
                let result = self.open(place, &mut study, &film).map_err(|error| error.to_string());
                self.tell(News::Opened { place, study, result });
            }
            Order::Keep { place, steps, standing } => {
                let Some(kept) = self.kept.get_mut(&place) else { return };
                let result = kept.keeper.keep_steps(steps);
                let (key, path) = (kept.key.clone(), kept.path.clone());
                self.confirm(place, result.map(drop));
                self.with_library(|library| library.stands(&key, &path, &standing));
            }
            Order::Save { place, mut study, sake } => {
                let Some(kept) = self.kept.get_mut(&place) else { return };
                if sake == Sake::BeforeRestoring && !kept.keeper.has_news() {
                    return;
                }
                let result = kept.keeper.save_version(&mut study).map_err(|error| error.to_string());
                self.tell(News::Saved(sake, result));
            }
            Order::Versions(place) => {
                let Some(kept) = self.kept.get(&place) else { return };
                let versions = kept.keeper.versions().map_err(|error| error.to_string());
                self.tell(News::Versions(place, versions));
            }
            Order::ReadVersion(place, number) => {
                let Some(kept) = self.kept.get(&place) else { return };
                let saved = kept.keeper.read_version(number).map(Box::new);
                self.tell(News::Version(place, number, saved.map_err(|error| error.to_string())));
            }
            Order::Note { place, user, words } => {
                let Some(kept) = self.kept.get_mut(&place) else { return };
                let result = kept.keeper.note(&user, &words);
                self.confirm(place, result);
            }
            Order::Close { place, study } => self.close(place, study),
            Order::Predicted { item, study, film, prediction } => {
                let result = self.predicted(*study, &film, *prediction);
                self.tell(News::Predicted { item, result });
            }
            Order::Failed { path, reason } => self.with_library(|library| library.failed(&path, &reason)),
            Order::Audit(key) => {
                let trail = AuditQuery::default().of(&self.home, &key).map_err(|error| error.to_string());
                self.tell(News::Audit(trail));
            }
            Order::Prior(path) => {
                let mut prior = None;
                self.with_library(|library| {
                    prior = library.priors(&path)?.into_iter().next().map(|entry| entry.path);
                    Ok(())
                });
                self.tell(News::Prior(prior));
            }
        }
    }

    fn open(
        &mut self,
        place: Place,
        study: &mut Study,
        film: &Radiograph,
    ) -> Result<(StudyKey, Opening), LibraryError> {
        let key = StudyKey::of(film);
        // Asked for once more before the first answer came: one lock is enough.
        self.kept.remove(&place);
        let (keeper, opening) = Keeper::open(&self.home, &key, study)?;
        let path = study.source().path.clone();
        let standing = Standing::of(study);
        self.with_library(|library| {
            library.opened(&path, &key)?;
            library.stands(&key, &path, &standing)
        });
        self.kept.insert(place, Kept { keeper, key: key.clone(), path });
        Ok((key, opening))
    }

    fn close(&mut self, place: Place, mut study: Box<Study>) {
        let Some(mut kept) = self.kept.remove(&place) else { return };
        if let Err(error) = kept.keeper.keep(&mut study) {
            self.kept.insert(place, kept);
            self.tell(News::NotClosed { place, study, reason: error.to_string() });
            return;
        }
        let standing = Standing::of(&study);
        if let Err(error) = kept.keeper.close(&mut study) {
            // The steps are in the journal; only the version that would make the next opening quicker is missing.
            log::warn!("no version of a film that was closed: {error}");
        }
        self.with_library(|library| library.stands(&kept.key, &kept.path, &standing));
    }

    fn predicted(
        &mut self,
        mut study: Study,
        film: &Radiograph,
        prediction: Prediction,
    ) -> Result<(), String> {
        let key = StudyKey::of(film);
        let (mut keeper, opening) =
            Keeper::open(&self.home, &key, &mut study).map_err(|error| error.to_string())?;
        if let Some(reason) = opening.read_only {
            return Err(reason);
        }
        let generation = study.begin_analysis();
        study.apply_prediction(prediction, generation).map_err(|refused| refused.to_string())?;
        keeper.keep(&mut study).map_err(|error| error.to_string())?;
        let standing = Standing::of(&study);
        keeper.close(&mut study).map_err(|error| error.to_string())?;
        let path = study.source().path.clone();
        self.with_library(|library| library.stands(&key, &path, &standing));
        Ok(())
    }

    fn confirm(&self, place: Place, result: Result<(), LibraryError>) {
        self.tell(match result {
            Ok(()) => News::Kept { place, at: Local::now() },
            Err(error) => News::NotKept { place, reason: error.to_string() },
        });
    }

    /// Steps that a disk refused, once more.
    fn try_again(&mut self) {
        let mut tried = Vec::new();
        for (place, kept) in &mut self.kept {
            if kept.keeper.unsaved() > 0 {
                tried.push((*place, kept.keeper.keep_steps(Vec::new()).map(drop)));
            }
        }
        for (place, result) in tried {
            self.confirm(place, result);
        }
    }

    fn with_library(&mut self, work: impl FnOnce(&mut Library) -> Result<(), LibraryError>) {
        let Some(library) = &mut self.index else { return };
        self.changed = true;
        if let Err(error) = work(library) {
            self.tell(News::NoWorklist(error.to_string()));
        }
    }

    /// Tells the worklist where it has changed.
    fn list(&mut self, idle: bool) {
        let due = idle || self.told.is_none_or(|told| told.elapsed() >= TOLD);
        let Some(library) = self.index.as_ref().filter(|_| self.changed && due) else { return };
        let listed = || -> Result<Listed, LibraryError> {
            let entries = one_a_volume(library.worklist(&Worklist::default())?);
            Ok(Listed {
                failed: entries.iter().filter(|entry| entry.failure.is_some()).count(),
                entries,
                counts: library.counts()?.to_vec(),
                recent: library.recent(RECENT)?,
            })
        };
        let news = match listed() {
            Ok(listed) => News::Listed(Box::new(listed)),
            Err(error) => News::NoWorklist(error.to_string()),
        };
        self.tell(news);
        self.changed = false;
        self.told = Some(Instant::now());
    }

    fn look_for_unclosed(&mut self) {
        let Ok(left) = unclosed(&self.home) else { return };
        let Some(library) = &self.index else { return };
        let films = left
            .into_iter()
            .filter(|(_, recovered)| recovered.steps > 0)
            .filter_map(|(key, recovered)| Some((library.entry_of(&key).ok()??.path, recovered.steps)));
        let films: Vec<_> = films.collect();
        if !films.is_empty() {
            self.tell(News::Unclosed(films));
        }
    }
}

/// A volume is one case, however many slices it has.
fn one_a_volume(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    entries.retain(|entry| {
        let slice = matches!(entry.modality.as_str(), "MR" | "CT");
        !slice || seen.insert(entry.series_uid.clone())
    });
    entries
}
