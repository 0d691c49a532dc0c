//! News from the background finds its film, or is dropped where it has become stale.

use super::app::{Notice, Workbench};
use super::canvas::Tool;
use super::dialogs::PathField;
use super::films::Analysis;
use super::intent::Intent;
use super::jobs::{Decoded, FilmId, Message, Purpose};
use super::lang::tr;
use super::perform::{SHEET, suggestion};
use super::services::AnalysisError;
use crate::imaging::Catalogue;
use crate::study::Prediction;
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
            Message::Exported { path, result } => {
                self.notice = Some(match result {
                    Ok(()) => Notice::Good(tr!("news.report", path = path.display())),
                    Err(reason) => Notice::Bad(tr!("news.no_report", reason = reason)),
                });
            }
            Message::Chosen { purpose, paths, at_once } => self.chosen(purpose, paths, at_once, context),
        }
    }

    fn found(&mut self, catalogue: Catalogue) {
        self.searching = self.searching.saturating_sub(1);
        if let Some(id) = self.films.add_catalogue(catalogue) {
            self.show_film(id);
        } else if self.films.current().is_none() {
            self.notice = Some(Notice::Bad(tr!("news.no_image").to_owned()));
        }
    }

    fn decoded(&mut self, id: FilmId, slice: usize, result: Result<Decoded, String>) {
        let cam_set = self.cam_set();
        let Some(film) = self.films.get_mut(id) else { return };
        if let Ok(decoded) = &result {
            self.stopwatch.decoded(decoded.took);
            if !std::mem::replace(&mut film.previewed, true) {
                self.jobs.thumbnail(id, Arc::clone(&decoded.opened));
            }
        }
        film.stack.take_in(slice, result.map(|decoded| decoded.opened));
        let fresh = film.study.is_none();
        film.arrive(&self.norms);
        if let Some(study) = film.study.as_mut().filter(|study| fresh && study.settings().cam_set != cam_set)
        {
            // As the site settled it; a step like any other, so that the study says so.
            let _ = study.set_cam_set(cam_set);
        }
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
        let Some(study) = &mut film.study else { return };
        if !matches!(&film.analysis, Analysis::Running { generation: running, .. } if *running == generation)
        {
            return;
        }
        film.analysis = match result {
            Ok(prediction) => match study.apply_prediction(prediction, generation) {
                Ok(_) => Analysis::Done,
                Err(refused) => Analysis::Failed(refused.to_string()),
            },
            Err(AnalysisError::Cancelled) => Analysis::None,
            Err(AnalysisError::Refused(reason)) => Analysis::Refused(reason),
            Err(AnalysisError::Failed(reason)) => Analysis::Failed(reason),
        };
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
