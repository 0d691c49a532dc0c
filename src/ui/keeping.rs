//! The window's dealings with its clerk: studies are asked for when a film comes onto the screen, steps are handed over
//! after every frame, and what the disk answers is shown.

use super::app::{Notice, Workbench};
use super::clerk::{News, Order, Place, Sake};
use super::film::Film;
use super::intent::Intent;
use super::jobs::FilmId;
use super::lang::tr;
use crate::library::{Opening, Standing, StudyKey};
use crate::study::{ReviewStatus, Study};
use egui::Context;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// In the audit trail, which is English as all files are.
pub(super) const EXPORTED: &str = "report exported";

impl Workbench {
    /// Whether films are kept on the disk.
    pub fn keeps(&self) -> bool {
        self.clerk.is_some()
    }

    /// How many changes the disk has not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.films.iter().map(|film| film.keeping.unconfirmed).sum()
    }

    /// Films on the screen get their studies, and what was done goes to the disk.
    pub(super) fn tend(&mut self) {
        for id in self.films.on_screen() {
            let Some(film) = self.films.get_mut(id).filter(|film| film.wants_study()) else { continue };
            let Some(mut study) = film.new_study(&self.norms) else { continue };
            study.set_user(&self.preferences.user);
            let (place, opened) = ((id, film.stack.shown()), film.opened().map(Arc::clone));
            match (&self.clerk, opened) {
                (Some(clerk), Some(opened)) => {
                    film.keeping.asked = Some(place.1);
                    let film = Arc::clone(&opened.radiograph);
                    clerk.order(Order::Open { place, study: Box::new(study), film });
                }
                _ => {
                    self.settle(&mut study);
                    if let Some(film) = self.films.get_mut(id) {
                        film.study = Some(study);
                    }
                }
            }
        }
        let Some(clerk) = &self.clerk else {
            // Nobody keeps them: a long sitting must not grow.
            let studies = self.films.iter_mut().filter_map(|film| film.study.as_mut());
            studies.for_each(|study| drop(study.take_steps()));
            return;
        };
        for film in self.films.iter_mut() {
            for (index, study) in film.take_left() {
                clerk.order(Order::Close { place: (film.id, index), study: Box::new(study) });
            }
            let place = (film.id, film.stack.shown());
            let Some(study) = film.study.as_mut() else { continue };
            let steps = study.take_steps();
            if !steps.is_empty() {
                film.keeping.unconfirmed += 1;
                clerk.order(Order::Keep { place, steps, standing: Standing::of(study) });
            }
        }
    }

    /// What the site settled, for a film that nobody has read; a step like any other, so that the study says so.
    fn settle(&self, study: &mut Study) {
        let cam_set = self.preferences.cam_set;
        if study.settings().cam_set != cam_set {
            let _ = study.set_cam_set(cam_set);
        }
    }

    /// Writes a version of the study on the screen.
    pub(super) fn save_version(&mut self, sake: Sake) {
        self.tend();
        let Some(film) = self.films.current() else { return };
        let place = (film.id, film.stack.shown());
        if let (Some(clerk), Some(study)) = (&self.clerk, film.today()) {
            clerk.order(Order::Save { place, study: Box::new(study.clone()), sake });
        }
    }

    /// Puts words into the audit trail of a film.
    pub(super) fn note(&self, id: FilmId, words: &str) {
        let Some(film) = self.films.get(id) else { return };
        if let (Some(clerk), Some(study)) = (&self.clerk, &film.study) {
            let place = (id, film.stack.shown());
            clerk.order(Order::Note { place, user: study.user().to_owned(), words: words.to_owned() });
        }
    }

    /// The trail of the film on the screen comes back as news.
    pub(super) fn ask_for_trail(&mut self) {
        self.tend();
        let key = self.films.current().and_then(|film| film.keeping.key.clone());
        if let (Some(clerk), Some(key)) = (&self.clerk, key) {
            clerk.order(Order::Audit(key));
        }
    }

    pub(super) fn open_prior(&mut self) {
        let path = self.films.current().and_then(Film::path).map(PathBuf::from);
        if let (Some(clerk), Some(path)) = (&self.clerk, path) {
            clerk.order(Order::Prior(path));
        }
    }

    pub(super) fn hear(&mut self, news: News, context: &Context) {
        match news {
            News::Opened { place, study, result } => self.study_opened(place, study, result),
            News::Kept { place, at } => self.keeping(place, |keeping| {
                keeping.unconfirmed = keeping.unconfirmed.saturating_sub(1);
                keeping.saved = Some(at);
                keeping.trouble = None;
            }),
            News::NotKept { place, reason } => self.keeping(place, |keeping| {
                keeping.unconfirmed = keeping.unconfirmed.saturating_sub(1);
                keeping.trouble = Some(reason);
            }),
            News::Saved(sake, result) => self.version_saved(sake, result),
            News::Versions(place, list) => {
                if self.place() == Some(place) {
                    self.dialogs.versions.read(list);
                }
            }
            News::Version(place, number, result) => self.version_read(place, number, result),
            News::NotClosed { place: (id, index), study, reason } => {
                let Some(film) = self.films.get_mut(id) else { return };
                if film.study.is_none() && film.stack.shown() == index {
                    film.study = Some(*study);
                }
                film.keeping.asked = Some(index);
                film.keeping.trouble = Some(reason);
            }
            News::Predicted { item, result } => self.batch.finish(item, result),
            News::Listed(listed) => {
                let known: HashMap<_, _> =
                    listed.entries.iter().map(|entry| (entry.path.as_path(), entry)).collect();
                for film in self.films.iter_mut() {
                    let Some(entry) = film.path().and_then(|path| known.get(path)) else { continue };
                    film.listed = Some(entry.status);
                    let told = film.failure.take().or(entry.failure.clone());
                    film.failure = told.filter(|_| entry.status == ReviewStatus::New);
                }
                self.listed = *listed;
            }
            News::Unclosed(films) => self.unclosed = films,
            News::Audit(trail) => self.dialogs.audit.read(trail),
            News::Prior(None) => self.notice = Some(Notice::Bad(tr!("prior.none").to_owned())),
            News::Prior(Some(path)) => self.show_beside(path, context),
            News::NoWorklist(reason) => {
                self.notice = Some(Notice::Bad(tr!("keeping.no_worklist", reason = reason)));
            }
        }
    }

    fn keeping(&mut self, (id, index): Place, change: impl FnOnce(&mut super::film::Keeping)) {
        let film = self.films.get_mut(id).filter(|film| film.stack.shown() == index);
        if let Some(film) = film {
            change(&mut film.keeping);
        }
    }

    fn study_opened(
        &mut self,
        (id, index): Place,
        mut study: Box<Study>,
        result: Result<(StudyKey, Opening), String>,
    ) {
        let new = result.as_ref().is_ok_and(|(_, opening)| {
            opening.version == 0 && opening.recovered.steps == 0 && opening.read_only.is_none()
        });
        if new {
            self.settle(&mut study);
        }
        let Some(film) = self.films.get_mut(id) else { return };
        if film.stack.shown() != index {
            // Scrolled on before it came.
            if let (Some(clerk), Ok(_)) = (&self.clerk, result) {
                clerk.order(Order::Close { place: (id, index), study });
            }
            return;
        }
        if film.study.is_some() {
            return;
        }
        film.study = Some(*study);
        film.keeping.asked = Some(index);
        match result {
            Ok((key, opening)) => {
                film.keeping.key = Some(key);
                film.keeping.read_only = opening.read_only;
                film.keeping.recovered = opening.recovered.steps;
                self.unclosed.retain(|(path, _)| Some(path.as_path()) != film.path());
                let steps = opening.recovered.steps;
                if let Some(fault) = opening.faults.into_iter().next() {
                    self.notice = Some(Notice::Bad(tr!("keeping.fault", reason = fault)));
                } else if opening.recovered.unclosed && steps > 0 {
                    self.notice =
                        Some(Notice::Good(tr!("keeping.recovered", steps = steps, film = film.name())));
                }
            }
            Err(reason) => film.keeping.trouble = Some(reason),
        }
    }

    /// Puts the film of that file beside the one on the screen, both moving together.
    fn show_beside(&mut self, path: PathBuf, context: &Context) {
        match self.films.of_path(&path) {
            Some(id) => self.lay_beside(id),
            None => {
                self.beside_when_found = Some(path.clone());
                self.perform(Intent::Open(vec![path]), context);
            }
        }
    }

    pub(super) fn lay_beside(&mut self, id: FilmId) {
        self.panes.lay_beside(id, &self.films);
        self.preferences.layout.panes = 2;
        self.preferences.layout.linked = true;
    }
}
