//! A study handed over as many files: asked for by the export dialog, done in a thread, told file by file.

use super::app::{Notice, Workbench};
use super::dialogs::ExportState;
use super::film::Film;
use super::jobs::{FilmId, Jobs, Message};
use super::lang::tr;
use super::services::{Services, Snapshot};
use crate::export::Prior;
use crate::export::delivery::{Delivered, Labelled, Order};
use crate::imaging::DeidentifyOptions;
use crate::job::{Job, Progress};
use crate::study::{ReviewStatus, Study};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the dialog is told.
pub enum Told {
    /// A folder was chosen in the desktop's dialog.
    Folder(PathBuf),
    Progress(Progress),
    One(Delivered),
    /// Nothing more comes; with the reason where it ended before its time.
    End(Result<(), String>),
}

/// How much of the patient leaves with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privacy {
    #[default]
    Named,
    /// Without identity; age and sex stay, since norms depend on them.
    KeepCharacteristics,
    Removed,
}

impl Jobs {
    /// Hands over in a thread; the returned job cancels it. `run` tells its news from that of a run before.
    pub fn hand_over(&self, services: &Arc<dyn Services>, run: u64, snapshot: Snapshot, order: Order) -> Job {
        let post = self.post();
        let job = self.watched(move |progress| Message::Delivery(run, Told::Progress(progress)));
        let (services, worker, post_one) = (Arc::clone(services), job.clone(), self.post());
        std::thread::spawn(move || {
            let mut told = |one| post_one(Message::Delivery(run, Told::One(one)));
            let work = AssertUnwindSafe(|| services.deliver(&snapshot, &order, &worker, &mut told));
            let end = match catch_unwind(work) {
                Ok(done) => done.map_err(|cancelled| cancelled.to_string()),
                Err(_) => Err("an error inside the program stopped this".to_owned()),
            };
            post(Message::Delivery(run, Told::End(end)));
        });
        job
    }

    /// Asks the desktop for a folder, in a thread since its dialog blocks.
    pub fn ask_folder(&self, run: u64, from: PathBuf) {
        let post = self.post();
        let title = tr!("export.folder");
        std::thread::spawn(move || {
            let dialog = rfd::FileDialog::new().set_title(title).set_directory(from);
            if let Some(folder) = dialog.pick_folder() {
                post(Message::Delivery(run, Told::Folder(folder)));
            }
        });
    }
}

impl Workbench {
    /// Opens the dialog on the film of the screen, or closes it.
    pub(super) fn toggle_export(&mut self) {
        let Some(film) = self.films.current() else { return };
        let (folder, name) = place(film);
        let state = &mut self.dialogs.export;
        if std::mem::take(&mut state.open) && state.film() == Some(film.id) {
            return;
        }
        state.open_on(film.id, folder, name);
    }

    /// Begins to hand over what `order` says of that film.
    pub(super) fn hand_over(&mut self, id: FilmId, mut order: Order, privacy: Privacy) {
        let Some(film) = self.films.get(id) else { return };
        order.deidentify = (privacy != Privacy::Named).then(|| DeidentifyOptions {
            key: self.key.to_vec(),
            keep_characteristics: privacy == Privacy::KeepCharacteristics,
            black: film.black.clone(),
            ..DeidentifyOptions::default()
        });
        let Some(mut snapshot) = self.snapshot(id) else { return };
        if self.dialogs.export.of_all() {
            snapshot.set = self.films.iter().filter(|film| is_worked_on(film)).filter_map(labelled).collect();
        }
        let run = self.dialogs.export.next_run();
        let job = self.jobs.hand_over(&self.services, run, snapshot, order);
        self.dialogs.export.begin(job);
    }

    /// The study as it stands, with what a report says beside it.
    pub(super) fn snapshot(&self, id: FilmId) -> Option<Snapshot> {
        let film = self.films.get(id)?;
        let (opened, study) = (film.opened()?, film.today()?);
        let earlier = self.films.iter().filter_map(|film| Prior::of(film.study.as_ref()?, study));
        Some(Snapshot {
            priors: earlier.collect(),
            radiograph: Arc::clone(&opened.radiograph),
            study: study.clone(),
            set: Vec::new(),
        })
    }

    pub(super) fn delivered(&mut self, run: u64, told: Told) {
        let state = &mut self.dialogs.export;
        let ended = matches!(told, Told::End(_));
        if !state.take_in(run, told) || !ended {
            return;
        }
        let (written, failed) = state.counts();
        let film = state.film();
        if let (Some(film), true) = (film, written > 0) {
            let words = format!("exported: {}", self.dialogs.export.written().join(", "));
            self.note(film, &words);
        }
        self.notice = Some(if failed == 0 && written > 0 {
            Notice::Good(tr!("export.done", count = written))
        } else {
            Notice::Bad(tr!("export.partly", written = written, failed = failed))
        });
    }
}

/// Whether a person placed, corrected or signed anything on the film, which is there to be handed over.
pub(super) fn is_worked_on(film: &Film) -> bool {
    let read = |study: &Study| matches!(study.status(), ReviewStatus::Corrected | ReviewStatus::SignedOff);
    let worked_on = |study: &Study| read(study) || study.annotations().is_worked_on();
    film.opened().is_some() && film.study.as_ref().is_some_and(worked_on)
}

fn labelled(film: &Film) -> Option<Labelled> {
    let (opened, study) = (film.opened()?, film.study.as_ref()?);
    Some(Labelled { study: study.clone(), film: Arc::clone(&opened.radiograph), black: film.black.clone() })
}

/// Where a person would look for the files of a film, and what they would be called.
fn place(film: &Film) -> (PathBuf, String) {
    let path = film.path().unwrap_or(Path::new("demo"));
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let stem = path.file_stem().map_or_else(|| "film".to_owned(), |stem| stem.to_string_lossy().into_owned());
    (folder.join("export"), stem)
}

impl ExportState {
    /// What was written in the last run, by the names of targets.
    fn written(&self) -> Vec<&'static str> {
        self.rows().iter().filter(|row| row.outcome.is_ok()).map(|row| row.name).collect()
    }
}
