//! News from the background finds its film, or is dropped where it has become stale.

use super::app::{Notice, Workbench};
use super::dialogs::PathField;
use super::films::{Analysis, Pixels};
use super::intent::Intent;
use super::jobs::{Decoded, FilmId, Message, Purpose};
use super::perform::suggestion;
use super::services::{AnalysisError, Unreadable};
use crate::study::{Prediction, Study};
use egui::{Context, TextureOptions};
use std::path::{Path, PathBuf};

impl Workbench {
    pub(super) fn receive(&mut self, message: Message, context: &Context) {
        match message {
            Message::Found(found) => self.found(found),
            Message::Decoded { film, result } => self.decoded(film, result, context),
            Message::Progress { film, generation, progress: news } => {
                if let Some(film) = self.films.get_mut(film)
                    && let Analysis::Running { generation: running, progress, .. } = &mut film.analysis
                    && *running == generation
                {
                    *progress = news;
                }
            }
            Message::Analysed { film, generation, result } => self.analysed(film, generation, result),
            Message::Exported { path, result } => {
                self.notice = Some(match result {
                    Ok(()) => Notice::Good(format!("Report written: {}", path.display())),
                    Err(reason) => Notice::Bad(format!("No report: {reason}")),
                });
            }
            Message::Chosen { purpose, paths, at_once } => self.chosen(purpose, paths, at_once, context),
        }
    }

    fn found(&mut self, found: Vec<Result<PathBuf, Unreadable>>) {
        self.searching = self.searching.saturating_sub(1);
        let mut first = None;
        for item in found {
            let id = match item {
                Ok(path) => self.films.add(Some(path)),
                Err(Unreadable { path, reason }) => self.films.add_failed(path, reason),
            };
            first.get_or_insert(id);
        }
        if let Some(id) = first {
            self.show_film(id);
        }
    }

    fn decoded(&mut self, id: FilmId, result: Result<Decoded, String>, context: &Context) {
        let Some(film) = self.films.get_mut(id) else { return };
        match result {
            Ok(Decoded { radiograph, default_window, thumbnail }) => {
                let path = film.path.clone().unwrap_or_else(|| PathBuf::from("demo"));
                film.study.get_or_insert_with(|| Study::new(Path::new(&path), &radiograph));
                film.thumbnail.get_or_insert_with(|| {
                    context.load_texture("thumbnail", thumbnail, TextureOptions::LINEAR)
                });
                film.view.default_window = default_window;
                film.pixels = Pixels::Ready(radiograph);
            }
            Err(reason) => film.pixels = Pixels::Failed(reason),
        }
        self.films.forget_far();
    }

    fn analysed(&mut self, id: FilmId, generation: u64, result: Result<Prediction, AnalysisError>) {
        let Some(film) = self.films.get_mut(id) else { return };
        let Some(study) = &mut film.study else { return };
        if !matches!(&film.analysis, Analysis::Running { generation: running, .. } if *running == generation)
        {
            return;
        }
        film.analysis = match result {
            Ok(prediction) => {
                study.apply_prediction(prediction, generation);
                Analysis::Done
            }
            Err(AnalysisError::Cancelled) => Analysis::None,
            Err(AnalysisError::Refused(reason)) => Analysis::Refused(reason),
            Err(AnalysisError::Failed(reason)) => Analysis::Failed(reason),
        };
    }

    /// A desktop without file dialogs answers at once: then the path is typed.
    fn chosen(&mut self, purpose: Purpose, mut paths: Vec<PathBuf>, at_once: bool, context: &Context) {
        if at_once {
            let suggested = match purpose {
                Purpose::Open => None,
                Purpose::Export(id) => self.films.get(id).map(suggestion),
            };
            self.dialogs.path = Some(PathField::new(purpose, suggested));
            return;
        }
        match purpose {
            _ if paths.is_empty() => {}
            Purpose::Open => self.perform(Intent::Open(paths), context),
            Purpose::Export(id) => self.perform(Intent::Export(id, paths.remove(0)), context),
        }
    }
}
