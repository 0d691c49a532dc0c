//! The window's state, and one frame of it. Knows no operating system: tests drive it headless.

use super::action::Action;
use super::canvas::{self, Canvas, Grey, Tool};
use super::dialogs::{self, Dialogs};
use super::films::{Analysis, Film, Films};
use super::intent::{Intent, Row};
use super::jobs::Jobs;
use super::panels;
use super::services::{Services, SiteNorms};
use super::stack::Pixels;
use super::stopwatch::Stopwatch;
use crate::measure::norms::NormTable;
use egui::{CentralPanel, Context, Frame, Pos2, Ui};
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

/// Which panels are open.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub studies: bool,
    pub findings: bool,
}

/// A line of news above the film, until it is dismissed or replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Good(String),
    Bad(String),
}

/// The workbench. One place mutates it: `perform.rs` for persons, `receive.rs` for the background.
pub struct Workbench {
    pub(super) services: Arc<dyn Services>,
    pub(super) jobs: Jobs,
    pub(super) films: Films,
    pub(super) canvas: Canvas,
    pub(super) layout: Layout,
    pub(super) dialogs: Dialogs,
    pub(super) notice: Option<Notice>,
    /// Searches for images that have not come back.
    pub(super) searching: usize,
    pub(super) norms: Cow<'static, [NormTable]>,
    /// Norm tables of the site that could not be read.
    pub(super) norm_faults: Vec<String>,
    /// The number whose definition is shown.
    pub(super) explained: Option<Row>,
    /// Copies without identity made in one sitting agree on new UIDs and patient IDs.
    pub(super) key: [u8; 32],
    pub(super) stopwatch: Stopwatch,
}

impl Workbench {
    /// A workbench on `paths`, or on the demo without any.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new(services: Arc<dyn Services>, context: &Context, paths: Vec<PathBuf>) -> anyhow::Result<Self> {
        let SiteNorms { tables, faults } = services.norms();
        let mut workbench = Self {
            jobs: Jobs::new(Arc::clone(&services), context.clone())?,
            services,
            films: Films::default(),
            canvas: Canvas::default(),
            layout: Layout { studies: true, findings: true },
            dialogs: Dialogs::default(),
            notice: None,
            searching: 0,
            norms: Cow::Owned(tables),
            norm_faults: faults,
            explained: None,
            key: rand::random(),
            stopwatch: Stopwatch::default(),
        };
        if paths.is_empty() {
            workbench.perform(Intent::Do(Action::OpenDemo), context);
        } else {
            workbench.perform(Intent::Open(paths), context);
        }
        Ok(workbench)
    }

    /// The grey at a place of the screen, overlays and shutter included; `None` off the film.
    pub fn shown_grey(&self, at: Pos2) -> Option<u8> {
        self.canvas.shown_grey(at)
    }

    pub fn films(&self) -> &Films {
        &self.films
    }

    /// Takes in what the background has done. Paints nothing.
    pub fn logic(&mut self, context: &Context) {
        for message in self.jobs.poll() {
            self.receive(message, context);
        }
        while let Some((id, index)) = self.films.to_decode() {
            let Some(slice) = self.films.get(id).and_then(|film| film.stack.slice(index)) else { break };
            self.jobs.decode(id, index, slice.path.clone(), slice.frame);
        }
    }

    /// One frame.
    pub fn ui(&mut self, ui: &mut Ui) {
        let mut intents = Vec::new();
        self.keyboard(ui, &mut intents);
        let dropped: Vec<PathBuf> =
            ui.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        if !dropped.is_empty() {
            intents.push(Intent::Open(dropped));
        }

        panels::toolbar::show(ui, self, &mut intents);
        panels::status::show(ui, self);
        let mut layout = self.layout;
        panels::studies::show(ui, &self.films, &mut layout.studies, &mut intents);
        panels::findings::show(ui, self, &mut layout.findings, &mut intents);
        self.layout = layout;
        CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
            panels::strip::show(ui, self, &mut intents);
            panels::tool::show(ui, self, &mut intents);
            panels::slices::show(ui, self, &mut intents);
            self.viewport(ui, &mut intents);
        });
        dialogs::show(ui, self, &mut intents);
        panels::states::drop_target(ui);

        let changed = !intents.is_empty();
        for intent in intents {
            self.perform(intent, ui.ctx());
        }
        if changed {
            ui.ctx().request_repaint();
        }
    }

    fn viewport(&mut self, ui: &mut Ui, intents: &mut Vec<Intent>) {
        match self.films.current_mut() {
            Some(film) if matches!(film.stack.pixels(), Pixels::Ready(_)) => {
                canvas::show(ui, film, &mut self.canvas, intents);
                self.stopwatch.painted();
            }
            Some(film) => panels::states::not_ready(ui, film, intents),
            None => panels::states::empty(ui, self.searching > 0, intents),
        }
    }

    /// Shortcuts, unless someone is typing.
    fn keyboard(&self, ui: &Ui, intents: &mut Vec<Intent>) {
        let typing = ui.ctx().text_edit_focused();
        for action in Action::ALL.iter().filter(|action| !action.belongs_to_canvas()) {
            for shortcut in action.shortcuts() {
                let safe = shortcut.modifiers.command || shortcut.logical_key == egui::Key::Escape;
                if (!typing || safe)
                    && ui.input_mut(|input| input.consume_shortcut(shortcut))
                    && self.can(*action)
                {
                    intents.push(Intent::Do(*action));
                }
            }
        }
    }

    /// Whether the action would do something now.
    pub fn can(&self, action: Action) -> bool {
        let film = self.films.current();
        let study = film.and_then(|film| film.study.as_ref());
        let ready = film.is_some_and(|film| film.opened().is_some());
        let tool = self.canvas.tool;
        let selected = self.canvas.selected.as_ref();
        match action {
            Action::Analyse => ready && film.is_some_and(|film| !film.is_analysing()),
            Action::Cancel => true,
            Action::Export => {
                ready && study.is_some_and(|study| !study.annotations().landmarks.points.is_empty())
            }
            Action::Undo => {
                study.is_some_and(|study| study.moving().is_some() || study.history().undoable().is_some())
            }
            Action::Redo => study.is_some_and(|study| study.history().redoable().is_some()),
            Action::Fit
            | Action::ActualSize
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::Invert
            | Action::CycleWindow
            | Action::CalibrateLine
            | Action::CalibrateSphere
            | Action::CycleOverlay
            | Action::NextPoint
            | Action::PreviousPoint => ready,
            Action::ResetWindow => {
                ready && film.is_some_and(|film| film.view.grey != Grey::default() || film.view.invert)
            }
            Action::MarkAbsent => study.is_some() && selected.is_some(),
            Action::ResetPoint => {
                selected.zip(study).is_some_and(|(id, study)| study.annotations().is_corrected(id))
            }
            Action::ResetAll => study.is_some_and(|study| {
                study.annotations().prediction.is_some() && !study.corrections().is_empty()
            }),
            Action::CalibrateMagnification => {
                study.is_some_and(|study| study.source().stated.detector.is_some())
            }
            Action::Uncalibrate => study.is_some_and(|study| !study.settings().calibrations.is_empty()),
            Action::ToggleGraphics => {
                film.and_then(Film::opened).is_some_and(|opened| !opened.presentation.overlays.is_empty())
            }
            Action::Deidentify => {
                ready && film.is_some_and(|film| film.path().is_some()) && tool != Tool::Black
            }
            Action::NextSlice => {
                film.is_some_and(|film| film.stack.scrolls()) || self.films.neighbour(1).is_some()
            }
            Action::PreviousSlice => {
                film.is_some_and(|film| film.stack.scrolls()) || self.films.neighbour(-1).is_some()
            }
            Action::MiddleCoronal => self.films.coronal_mr().is_some(),
            Action::NextStudy => self.films.neighbour(1).is_some(),
            Action::PreviousStudy => self.films.neighbour(-1).is_some(),
            Action::Open
            | Action::OpenDemo
            | Action::ToggleStudies
            | Action::ToggleFindings
            | Action::ToggleTheme
            | Action::Norms
            | Action::SwitchFocus
            | Action::Palette
            | Action::Keys
            | Action::Quit => true,
        }
    }

    /// Whether the film on the screen is being analysed.
    pub fn is_analysing(&self) -> bool {
        self.films.current().is_some_and(|film| matches!(film.analysis, Analysis::Running { .. }))
    }
}

impl eframe::App for Workbench {
    fn logic(&mut self, context: &Context, _: &mut eframe::Frame) {
        Workbench::logic(self, context);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        Workbench::ui(self, ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
