//! The one place where a person's wishes change the state.

use super::action::Action;
use super::app::Workbench;
use super::canvas::{Canvas, points};
use super::dialogs::{self, PathField};
use super::films::{Analysis, Film};
use super::intent::Intent;
use super::jobs::{FilmId, Purpose};
use super::panels::toolbar;
use super::services::Snapshot;
use crate::job::Progress;
use crate::study::Study;
use egui::{Context, Theme, ViewportCommand};
use std::path::PathBuf;
use std::sync::Arc;

/// One press of a zoom key.
const ZOOM_STEP: f32 = 1.25;

impl Workbench {
    pub(super) fn perform(&mut self, intent: Intent, context: &Context) {
        match intent {
            Intent::Do(action) => self.act(action, context),
            Intent::Show(id) => self.show_film(id),
            Intent::Open(paths) => {
                self.searching += 1;
                self.notice = None;
                self.jobs.find(paths);
            }
            Intent::Select(id) => self.canvas.selected = id,
            Intent::BeginMove(id) => self.edit(|study| study.begin_move(&id)),
            Intent::Preview(to) => self.edit(|study| study.preview(to)),
            Intent::CommitMove => self.edit(|study| {
                study.commit();
            }),
            Intent::Place(id, at) => self.edit(|study| study.move_landmark(&id, at)),
            Intent::Export(id, path) => self.export(id, path),
            Intent::DismissNotice => self.notice = None,
        }
    }

    fn act(&mut self, action: Action, context: &Context) {
        match action {
            Action::Open => self.ask_open(),
            Action::OpenDemo => {
                let id = self.films.add(None);
                self.show_film(id);
            }
            Action::Analyse => self.analyse(),
            Action::Cancel => self.cancel(),
            Action::Export => self.ask_export(),
            Action::Undo => {
                self.canvas.release();
                self.edit(|study| {
                    study.undo();
                });
            }
            Action::Redo => {
                self.canvas.release();
                self.edit(|study| {
                    study.redo();
                });
            }
            Action::Fit => self.view(|film| film.view.camera.fit()),
            Action::ActualSize => {
                let zoom = 1.0 / context.pixels_per_point();
                self.view(|film| film.view.camera.set_zoom(zoom));
            }
            Action::ZoomIn => self.zoom(ZOOM_STEP),
            Action::ZoomOut => self.zoom(1.0 / ZOOM_STEP),
            Action::Invert => self.view(|film| film.view.invert = !film.view.invert),
            Action::ResetWindow => self.view(|film| {
                film.view.window = None;
                film.view.invert = false;
            }),
            Action::CycleOverlay => self.canvas.overlay = self.canvas.overlay.next(),
            Action::NextPoint => self.walk(1),
            Action::PreviousPoint => self.walk(-1),
            Action::MarkAbsent => self.on_selected(Study::set_missing),
            Action::ResetPoint => self.on_selected(Study::reset_to_prediction),
            Action::ResetAll => self.edit(Study::reset_all),
            Action::NextStudy => self.step(1),
            Action::PreviousStudy => self.step(-1),
            Action::ToggleStudies => self.layout.studies = !self.layout.studies,
            Action::ToggleFindings => self.layout.findings = !self.layout.findings,
            Action::ToggleTheme => context.set_theme(match context.theme() {
                Theme::Dark => Theme::Light,
                Theme::Light => Theme::Dark,
            }),
            Action::SwitchFocus => self.switch_focus(context),
            Action::Palette => self.dialogs.toggle_palette(),
            Action::Keys => self.dialogs.keys = !self.dialogs.keys,
            Action::Quit => context.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    fn switch_focus(&self, context: &Context) {
        let toolbar = toolbar::first(context);
        let point = self.canvas.selected.as_ref().map(points::node);
        context.memory_mut(|memory| {
            let focused = memory.focused();
            let on_film = focused.is_none() || focused == Some(Canvas::id()) || focused == point;
            memory.request_focus(toolbar.filter(|_| on_film).unwrap_or_else(Canvas::id));
        });
    }

    /// Changes the study on the screen.
    fn edit(&mut self, change: impl FnOnce(&mut Study)) {
        if let Some(study) = self.films.current_mut().and_then(|film| film.study.as_mut()) {
            change(study);
        }
    }

    fn view(&mut self, change: impl FnOnce(&mut Film)) {
        if let Some(film) = self.films.current_mut() {
            change(film);
        }
    }

    fn zoom(&mut self, factor: f32) {
        self.view(|film| {
            let zoom = film.view.camera.zoom() * factor;
            film.view.camera.set_zoom(zoom);
        });
    }

    fn on_selected(&mut self, change: impl FnOnce(&mut Study, &crate::measure::LandmarkId)) {
        if let Some(id) = self.canvas.selected.clone() {
            self.canvas.release();
            self.edit(|study| change(study, &id));
        }
    }

    fn walk(&mut self, steps: isize) {
        if let Some(study) = self.films.current().and_then(|film| film.study.as_ref()) {
            self.canvas.selected = self.canvas.neighbour(study, steps);
        }
    }

    fn step(&mut self, steps: isize) {
        if let Some(id) = self.films.neighbour(steps) {
            self.show_film(id);
        }
    }

    pub(super) fn show_film(&mut self, id: FilmId) {
        self.edit(|study| {
            study.abort();
        });
        if self.films.show(id) {
            self.canvas.release();
            self.canvas.selected = None;
            self.canvas.highlight = None;
            self.films.forget_far();
        }
    }

    fn analyse(&mut self) {
        let Some(film) = self.films.current_mut() else { return };
        let (Some(radiograph), Some(study)) = (film.radiograph().map(Arc::clone), &mut film.study) else {
            return;
        };
        let generation = study.begin_analysis();
        let job = self.jobs.analyse(film.id, generation, radiograph);
        let progress = Progress { stage: "starting".to_owned(), fraction: 0.0 };
        film.analysis = Analysis::Running { generation, job, progress };
        self.notice = None;
    }

    /// Escape lets go of one thing at a time, the nearest to the hand first.
    fn cancel(&mut self) {
        if self.dialogs.close_top() {
            return;
        }
        let held = self.canvas.release();
        let Some(film) = self.films.current_mut() else { return };
        if film.study.as_mut().is_some_and(Study::abort) || held {
            return;
        }
        if let Analysis::Running { job, .. } = &film.analysis {
            job.cancel();
            film.analysis = Analysis::None;
            if let Some(study) = &mut film.study {
                study.cancel_analysis();
            }
        } else {
            self.canvas.selected = None;
        }
    }

    fn ask_open(&mut self) {
        if dialogs::has_file_dialogs() {
            self.jobs.ask(Purpose::Open, None);
        } else {
            self.dialogs.path = Some(PathField::new(Purpose::Open, None));
        }
    }

    fn ask_export(&mut self) {
        let Some(film) = self.films.current() else { return };
        let (purpose, suggestion) = (Purpose::Export(film.id), suggestion(film));
        if dialogs::has_file_dialogs() {
            self.jobs.ask(purpose, Some(suggestion));
        } else {
            self.dialogs.path = Some(PathField::new(purpose, Some(suggestion)));
        }
    }

    pub(super) fn export(&mut self, id: FilmId, path: PathBuf) {
        let Some(film) = self.films.get(id) else { return };
        if let (Some(radiograph), Some(study)) = (film.radiograph(), &film.study) {
            let snapshot = Snapshot { radiograph: Arc::clone(radiograph), study: study.clone() };
            self.jobs.export(snapshot, path);
        }
    }
}

/// Beside the film, under its name; the demo goes where the program was started.
pub(super) fn suggestion(film: &Film) -> PathBuf {
    match &film.path {
        Some(path) => path.with_extension("pdf"),
        None => PathBuf::from("demo.pdf"),
    }
}
