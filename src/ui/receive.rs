//! News from the background finds its film, or is dropped where it has become stale.

use super::app::{Notice, Workbench};
use super::batch;
use super::canvas::Tool;
use super::clerk::Order;
use super::dialogs::PathField;
use super::films::Analysis;
use super::intent::Intent;
use super::jobs::{BatchResult, Decoded, FilmId, Message, Purpose};
use super::keeping::EXPORTED;
use super::lang::tr;
use super::perform::{SHEET, suggestion};
use super::services::AnalysisError;
use crate::imaging::Catalogue;
use crate::library::ItemId;
use crate::study::{Prediction, Study};
use egui::{Context, TextureOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Workbench {
    pub(super) fn receive(&mut self, message: Message, context: &Context) {
        match message {
            Message::Found(found) => self.found(found),
            Message::Decoded { film, slice, result } => self.decoded(film, slice, result),
            Message::Thumbnail { film, picture } => {
                if let Some(film) = self.films.get_mut(film) {
                    let texture = context.load_texture("thumbnail", picture, TextureOptions::LINEAR);
                    film.thumbnail = Some(texture);
                }
            }
            Message::Text { film, slice, lines } => {
                if let Some(film) = self.films.get_mut(film) {
                    film.stack.set_text(slice, lines);
                }
            }
            Message::Tags { path, result } => self.dialogs.tags_read(path, result),
            Message::Deidentified { path, result } => self.deidentified(&path, result),
            Message::Progress { film, generation, progress: news } => {
                if let Some(film) = self.films.get_mut(film)
                    && let Analysis::Running { generation: running, progress, .. } = &mut film.analysis
                    && *running == generation
                {
                    *progress = news;
                }
            }
            Message::Analysed { film, generation, result } => self.analysed(film, generation, result),
            Message::Segmented { film, generation, result } => self.segmented(film, generation, result),
            Message::BatchProgress { item, progress } => self.batch.progress(item, &progress),
            Message::BatchAnalysed { item, result } => self.batch_analysed(item, result),
            Message::Desk(news) => {
                self.hear(news, context);
                self.batch.go_on(&self.jobs);
            }
            Message::Exported { film, path, result } => {
                if result.is_ok() {
                    self.note(film, EXPORTED);
                }
                self.notice = Some(match result {
                    Ok(()) => Notice::Good(tr!("news.report", path = path.display())),
                    Err(reason) => Notice::Bad(tr!("news.no_report", reason = reason)),
                });
            }
            Message::Received { path, result } => self.received(path, result),
            Message::Delivery(run, told) => self.delivered(run, told),
            Message::Chosen { purpose, paths, at_once } => self.chosen(purpose, paths, at_once, context),
        }
    }

    fn found(&mut self, catalogue: Catalogue) {
        self.searching = self.searching.saturating_sub(1);
        if let Some(clerk) = &self.clerk {
            clerk.order(Order::Index(catalogue.patients.clone()));
        }
        self.read_keys(&catalogue);
        if let Some(id) = self.films.add_catalogue(catalogue) {
            let beside = self.beside_when_found.take();
            match beside.and_then(|path| self.films.of_path(&path)).filter(|beside| *beside == id) {
                Some(beside) => self.lay_beside(beside),
                None => self.show_film(id),
            }
        } else if self.films.current().is_none() {
            self.notice = Some(Notice::Bad(tr!("news.no_image").to_owned()));
        }
    }

    fn decoded(&mut self, id: FilmId, slice: usize, result: Result<Decoded, String>) {
        let Some(film) = self.films.get_mut(id) else { return };
        if let Ok(decoded) = &result {
            self.stopwatch.decoded(decoded.took);
            if !std::mem::replace(&mut film.previewed, true) {
                self.jobs.thumbnail(id, Arc::clone(&decoded.opened));
            }
        }
        film.stack.take_in(slice, result.map(|decoded| decoded.opened));
        film.arrive();
        self.films.forget_far();
        self.look_for_text();
    }

    fn deidentified(&mut self, path: &Path, result: Result<Vec<String>, String>) {
        self.notice = Some(match result {
            Ok(warnings) if warnings.is_empty() => {
                self.canvas.take(Tool::Hand);
                Notice::Good(tr!("news.copy", path = path.display()))
            }
            Ok(warnings) => {
                Notice::Bad(tr!("news.copy_look", warnings = warnings.join("; "), path = path.display()))
            }
            Err(reason) => Notice::Bad(tr!("news.no_copy", reason = reason)),
        });
    }

    fn analysed(&mut self, id: FilmId, generation: u64, result: Result<Prediction, AnalysisError>) {
        let Some(film) = self.films.get_mut(id) else { return };
        if !matches!(&film.analysis, Analysis::Running { generation: running, .. } if *running == generation)
        {
            return;
        }
        let Some(study) = film.today_mut() else { return };
        film.analysis = match result {
            Ok(prediction) => match study.apply_prediction(prediction, generation) {
                Ok(_) => Analysis::Done,
                Err(refused) => Analysis::Failed(refused.to_string()),
            },
            Err(AnalysisError::Cancelled) => Analysis::None,
            Err(AnalysisError::Refused(reason)) => Analysis::Refused(reason),
            Err(AnalysisError::Failed(reason)) => Analysis::Failed(reason),
        };
        let failure = match &film.analysis {
            Analysis::Refused(reason) | Analysis::Failed(reason) => Some(reason.clone()),
            _ => None,
        };
        if failure.is_some() {
            self.note_failure(id, failure);
        }
    }

    /// Why the film has not been read, for the lists; it is known after the next start too.
    pub(super) fn note_failure(&mut self, id: FilmId, failure: Option<String>) {
        let Some(film) = self.films.get_mut(id) else { return };
        if let (Some(clerk), Some(path)) = (&self.clerk, film.path()) {
            let reason = failure.clone().unwrap_or_default();
            clerk.order(Order::Failed { path: path.to_owned(), reason });
        }
        film.failure = failure;
    }

    /// A film of the queue was analysed: what is open here takes the points, anything else goes to the disk.
    fn batch_analysed(&mut self, item: ItemId, result: batch::Outcome) {
        let outcome = match result {
            Err(error) => {
                let reason = batch::reason(&error);
                let film = self.batch.film(item).filter(|_| error != AnalysisError::Cancelled);
                if let Some(film) = film {
                    self.note_failure(film, Some(reason.clone()));
                }
                Err(reason)
            }
            Ok(done) => match self.take_in_prediction(item, *done) {
                Some(outcome) => outcome,
                // The clerk answers.
                None => return,
            },
        };
        self.batch.finish(item, outcome);
        self.batch.go_on(&self.jobs);
    }

    /// How that went; `None` where the clerk has been asked to.
    fn take_in_prediction(&mut self, item: ItemId, done: BatchResult) -> Option<Result<(), String>> {
        let id = self.batch.film(item)?;
        let user = self.preferences.user.clone();
        let (norms, cam_set) = (self.norms.to_vec(), self.preferences.cam_set);
        let BatchResult { opened, prediction } = done;
        let Some(film) = self.films.get_mut(id) else { return Some(Ok(())) };
        let path = film.path().map_or_else(|| PathBuf::from("demo"), Path::to_path_buf);
        if !std::mem::replace(&mut film.previewed, true) {
            self.jobs.thumbnail(id, Arc::clone(&opened));
        }
        let blank = || {
            let mut study = Study::new(&path, &opened.radiograph, &opened.presentation, norms.into());
            study.set_user(&user);
            if study.settings().cam_set != cam_set {
                let _ = study.set_cam_set(cam_set);
            }
            study
        };
        // On its way from the disk: whoever opened it decides, and it can be analysed again.
        if film.study.is_none() && film.keeping.asked.is_some() {
            return Some(Err(tr!("batch.opening").to_owned()));
        }
        if let (None, Some(clerk)) = (&film.study, &self.clerk) {
            let (study, prediction) = (Box::new(blank()), Box::new(prediction));
            let film = Arc::clone(&opened.radiograph);
            clerk.order(Order::Predicted { item, study, film, prediction });
            return None;
        }
        film.study.get_or_insert_with(blank);
        let Some(study) = film.today_mut() else { return Some(Ok(())) };
        let generation = study.begin_analysis();
        let applied = study.apply_prediction(prediction, generation);
        film.analysis = Analysis::Done;
        Some(applied.map(drop).map_err(|refused| refused.to_string()))
    }

    /// A desktop without file dialogs answers at once: then the path is typed.
    fn chosen(&mut self, purpose: Purpose, mut paths: Vec<PathBuf>, at_once: bool, context: &Context) {
        if at_once {
            let suggested = match purpose {
                Purpose::Open | Purpose::Reference => None,
                Purpose::Sheet => Some(PathBuf::from(SHEET)),
                Purpose::Export(id) | Purpose::Deidentify(id) => {
                    self.films.get(id).map(|film| suggestion(film, &purpose))
                }
            };
            self.dialogs.path = Some(PathField::new(purpose, suggested));
            return;
        }
        match purpose {
            _ if paths.is_empty() => {}
            Purpose::Open => self.perform(Intent::Open(paths), context),
            Purpose::Export(id) => self.perform(Intent::Export(id, paths.remove(0)), context),
            Purpose::Deidentify(id) => self.perform(Intent::Deidentify(id, paths.remove(0)), context),
            Purpose::Sheet => self.perform(Intent::SaveSheet(paths.remove(0)), context),
            Purpose::Reference => self.perform(Intent::ScoreAgainst(paths.remove(0)), context),
        }
    }
}
