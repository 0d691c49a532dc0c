//! The window's state, and one frame of it. Knows no operating system: tests drive it headless.

use super::action::Action;
use super::batch::Batch;
use super::canvas::{self, Canvas, Extent, FigureKind, Grey, Stand, Tool, Touch};
use super::clerk::{Clerk, Listed};
use super::dialogs::{self, Dialogs};
use super::films::{Analysis, Film, Films, State};
use super::gpu::Card;
use super::intent::{Intent, Row};
use super::jobs::{FilmId, Jobs};
use super::keymap::Keymap;
use super::lang::tr;
use super::panels::{self, worklist::Tab};
use super::panes::{Arrangement, Panes};
use super::received::Waiting;
use super::services::{Services, SiteNorms};
use super::stack::Pixels;
use super::stopwatch::Stopwatch;
use super::theme;
use crate::library::{Layout, Preferences};
use crate::measure::norms::NormTable;
use crate::study::mirrored;
use egui::{CentralPanel, Context, Frame, Pos2, Rect, Stroke, StrokeKind, Ui};
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

/// A line of news above the film, until it is dismissed or replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Good(String),
    Bad(String),
}

/// A stack that plays.
#[derive(Debug, Clone, Copy)]
pub struct Cine {
    /// When the image on the screen was asked for, seconds of the window's clock.
    pub last: f64,
}

/// The workbench. One place mutates it: `perform.rs` for persons, `receive.rs` for the background.
pub struct Workbench {
    pub(super) services: Arc<dyn Services>,
    pub(super) jobs: Jobs,
    pub(super) films: Films,
    pub(super) canvas: Canvas,
    pub(super) panes: Panes,
    /// The window's renderer; none without a window.
    pub(super) card: Card,
    pub(super) preferences: Preferences,
    /// Preferences that could not be read are not written over.
    pub(super) keeps_preferences: bool,
    /// The layout as it was in the frame before, and when it last changed.
    pub(super) layout_seen: Layout,
    pub(super) layout_moved: Option<f64>,
    /// Since when the stack plays.
    pub(super) cine: Option<Cine>,
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
    /// Keeps films on the disk; `None` where nothing is kept.
    pub(super) clerk: Option<Clerk>,
    pub(super) listed: Listed,
    /// Only cases that stand so are on the worklist; all without.
    pub(super) only: Option<State>,
    pub(super) tab: Tab,
    /// Films that a crash left, with the number of steps that wait for them.
    pub(super) unclosed: Vec<(PathBuf, usize)>,
    pub(super) batch: Batch,
    /// Goes to its film when that has a study.
    pub(super) waiting: Option<Waiting>,
    /// Goes beside the current film when it has been found.
    pub(super) beside_when_found: Option<PathBuf>,
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
            panes: Panes::default(),
            card: Card::default(),
            preferences: Preferences::default(),
            keeps_preferences: true,
            layout_seen: Layout::default(),
            layout_moved: None,
            cine: None,
            dialogs: Dialogs::default(),
            notice: None,
            searching: 0,
            norms: Cow::Owned(tables),
            norm_faults: faults,
            explained: None,
            key: rand::random(),
            stopwatch: Stopwatch::default(),
            clerk: None,
            listed: Listed::default(),
            only: None,
            tab: Tab::default(),
            unclosed: Vec::new(),
            batch: Batch::default(),
            waiting: None,
            beside_when_found: None,
        };
        match workbench.services.home() {
            Ok(home) => workbench.clerk = home.map(|home| Clerk::new(home, workbench.jobs.post())),
            Err(reason) => workbench.notice = Some(Notice::Bad(tr!("keeping.no_home", reason = reason))),
        }
        workbench.recall(context);
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
        self.films.keep(self.panes.others().map(|(_, film)| film).collect());
        self.play(context);
        for message in self.jobs.poll() {
            self.receive(message, context);
        }
        while let Some((id, index)) = self.films.to_decode() {
            let Some(slice) = self.films.get(id).and_then(|film| film.stack.slice(index)) else { break };
            self.jobs.decode(id, index, slice.path.clone(), slice.frame);
        }
        self.tend();
        self.show_waiting();
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
        let mut layout = self.preferences.layout.clone();
        panels::studies::show(ui, self, &mut layout, &mut intents);
        panels::findings::show(ui, self, &mut layout, &mut intents);
        self.preferences.layout = layout;
        CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
            panels::strip::show(ui, self, &mut intents);
            panels::looking_back::show(ui, self, &mut intents);
            panels::tool::show(ui, self, &mut intents);
            panels::slices::show(ui, self, &mut intents);
            self.viewport(ui, &mut intents);
        });
        dialogs::show(ui, self, &mut intents);
        panels::states::drop_target(ui);

        self.remember_layout(ui.ctx());
        let changed = !intents.is_empty();
        for intent in intents {
            self.perform(intent, ui.ctx());
        }
        if changed {
            ui.ctx().request_repaint();
        }
    }

    /// The films on the screen, each in its place; the hand is on one of them.
    fn viewport(&mut self, ui: &mut Ui, intents: &mut Vec<Intent>) {
        let room = ui.available_rect_before_wrap();
        let cells = self.panes.arrangement().cells(room);
        for (place, id) in self.panes.others().collect::<Vec<_>>() {
            let Some(film) = self.films.get_mut(id) else { continue };
            let over = self.canvas.beside();
            let glimpse = &mut self.panes.glimpses[place];
            match glimpse.show(ui, cells[place], place, film, over) {
                Some(Touch::Taken) => intents.push(Intent::Activate(place)),
                Some(Touch::Moved(stand)) => intents.push(Intent::Follow(stand)),
                None => {}
            }
        }
        let cell = cells[self.panes.active()];
        self.panes.cell = cell;
        match self.films.current_mut() {
            Some(film) if matches!(film.stack.pixels(), Pixels::Ready(_)) => {
                let before = film.view.camera;
                canvas::show(ui, cell, film, &mut self.canvas, intents);
                self.stopwatch.painted();
                if before != film.view.camera {
                    self.link(cell, &cells);
                }
            }
            Some(film) => panels::states::not_ready(ui, cell, film, intents),
            None => panels::states::empty(ui, cell, self.searching > 0, intents),
        }
        if cells.len() > 1 {
            let stroke = Stroke::new(1.0, theme::palette(ui).accent);
            ui.painter().rect_stroke(cell, 0.0, stroke, StrokeKind::Inside);
        }
        ui.advance_cursor_after_rect(room);
    }

    /// Films beside go where the camera of this one is, where they are linked.
    fn link(&mut self, cell: Rect, cells: &[Rect]) {
        if !self.panes.linked {
            return;
        }
        let Some(film) = self.films.current() else { return };
        let Some(opened) = film.opened() else { return };
        let stand = film.view.camera.stand(cell, Extent::new(&opened.radiograph));
        for (place, id) in self.panes.others().collect::<Vec<_>>() {
            self.follow(id, stand, cells[place]);
        }
    }

    /// The camera of a film goes to that stand.
    fn follow(&mut self, id: FilmId, stand: Stand, cell: Rect) {
        let Some(film) = self.films.get_mut(id) else { return };
        let Some(extent) = film.opened().map(|opened| Extent::new(&opened.radiograph)) else { return };
        film.view.camera.follow(stand, cell, extent);
    }

    /// A film beside was moved by itself: all go with it, where they are linked.
    pub(super) fn follow_all(&mut self, stand: Stand) {
        let cell = self.panes.cell;
        if self.panes.linked {
            let current = self.films.current().map(|film| film.id);
            let others: Vec<FilmId> = self.panes.others().map(|(_, id)| id).collect();
            current.into_iter().chain(others).for_each(|id| self.follow(id, stand, cell));
        }
    }

    /// Shortcuts, unless someone is typing, or the next key is to become one.
    fn keyboard(&self, ui: &Ui, intents: &mut Vec<Intent>) {
        if self.dialogs.keys.listens() {
            return;
        }
        let typing = ui.ctx().text_edit_focused();
        for (shortcut, action) in Keymap::of_window(ui.ctx()).in_order() {
            let safe = shortcut.modifiers.command || shortcut.logical_key == egui::Key::Escape;
            if (!typing || safe)
                && ui.input_mut(|input| input.consume_shortcut(&shortcut))
                && self.can(action)
            {
                intents.push(Intent::Do(action));
            }
        }
    }

    /// Whether what the action switches is on.
    pub fn is_on(&self, action: Action) -> bool {
        let layout = &self.preferences.layout;
        match action {
            Action::ToggleStudies => layout.studies,
            Action::ToggleFindings => layout.findings,
            Action::One => self.panes.arrangement() == Arrangement::One,
            Action::Two => self.panes.arrangement() == Arrangement::Two,
            Action::Four => self.panes.arrangement() == Arrangement::Four,
            Action::Linked => self.panes.linked,
            Action::Loupe => self.canvas.magnifier,
            Action::Histogram => self.dialogs.histogram.open,
            Action::ExportAs => self.dialogs.export.open,
            Action::Cine => self.cine.is_some(),
            Action::Invert => self.films.current().is_some_and(|film| film.view.invert),
            Action::PlaceInOrder => self.canvas.in_order,
            Action::Trainee => self.canvas.trainee.is_some(),
            Action::Length => self.canvas.tool == Tool::Figure(FigureKind::Length),
            Action::Angle => self.canvas.tool == Tool::Figure(FigureKind::Angle),
            Action::Cobb => self.canvas.tool == Tool::Figure(FigureKind::Cobb),
            Action::Circle => self.canvas.tool == Tool::Figure(FigureKind::Circle),
            other => self.draws_with(other),
        }
    }

    /// Whether the action would do something now.
    pub fn can(&self, action: Action) -> bool {
        let film = self.films.current();
        let study = film.and_then(|film| film.study.as_ref());
        let ready = film.is_some_and(|film| film.opened().is_some());
        let tool = self.canvas.tool;
        let selected = self.canvas.selected.as_ref();
        let today = film.is_some_and(|film| film.looking_back().is_none());
        match action {
            Action::Analyse => today && ready && film.is_some_and(|film| !film.is_analysing()),
            Action::Cancel => true,
            Action::Export | Action::ExportAs => {
                today && ready && study.is_some_and(|study| !study.annotations().landmarks.points.is_empty())
            }
            Action::Undo => {
                !self.canvas.draft.figure.is_empty()
                    || study.is_some_and(|study| study.is_busy() || study.history().undoable().is_some())
            }
            Action::Redo => study.is_some_and(|study| study.history().redoable().is_some()),
            Action::Tags => film.is_some_and(|film| film.path().is_some()),
            Action::RemoveFigures => study.is_some_and(|study| !study.annotations().free.is_empty()),
            Action::TrueSize => ready && study.is_some_and(|study| study.spacing().has_millimetres()),
            Action::ResetTurn => film.is_some_and(|film| !film.view.camera.turn().is_upright()),
            Action::Cine => film.is_some_and(|film| film.stack.scrolls()),
            Action::Linked | Action::NextPane => self.panes.next(&self.films).is_some(),
            Action::Two | Action::Four => {
                self.films.iter().len() > 1 || self.panes.arrangement() != Arrangement::One
            }
            Action::PlaceInOrder => {
                self.canvas.in_order
                    || ready && study.is_some_and(|study| self.canvas.first_unknown(study).is_some())
            }
            Action::Trainee => ready && today,
            Action::RotateRight
            | Action::RotateLeft
            | Action::FlipHorizontal
            | Action::FlipVertical
            | Action::Loupe
            | Action::Histogram
            | Action::Length
            | Action::Angle
            | Action::Cobb
            | Action::Circle
            | Action::Fit
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
            Action::Mirror => match selected {
                Some(id) => study.is_some_and(|study| {
                    mirrored(&study.annotations().landmarks, &study.spacing(), id).is_some()
                }),
                None => self.can_mirror_curve(),
            },
            Action::Brush
            | Action::Eraser
            | Action::MaskPolygon
            | Action::MaskFill
            | Action::BrushSmaller
            | Action::BrushLarger
            | Action::ToggleMasks
            | Action::SmoothMask
            | Action::ClearMask
            | Action::AcceptMask
            | Action::PredictMasks
            | Action::DrawCurve
            | Action::SmoothCurve
            | Action::DeleteChosen
            | Action::ResetCurve
            | Action::MarkOccluded
            | Action::Snap => ready && self.can_draw(action),
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
                let drawn =
                    |film: &Film| film.opened().is_some_and(|it| !it.presentation.overlays.is_empty());
                film.is_some_and(|film| film.laid.is_some() || drawn(film))
            }
            Action::Deidentify => {
                ready && film.is_some_and(|film| film.path().is_some()) && tool != Tool::Black
            }
            Action::NextSlice | Action::PreviousSlice => {
                let way = if action == Action::NextSlice { 1 } else { -1 };
                film.is_some_and(|film| film.stack.scrolls()) || self.films.neighbour(way).is_some()
            }
            Action::MiddleCoronal => self.films.coronal_mr().is_some(),
            Action::NextStudy => self.next_case(1).is_some(),
            Action::PreviousStudy => self.next_case(-1).is_some(),
            Action::AnalyseAll => self.films.iter().any(Film::is_to_read),
            Action::SaveVersion => today && film.is_some_and(|film| film.keeping.key.is_some()),
            Action::Versions | Action::Audit => film.is_some_and(|film| film.keeping.key.is_some()),
            Action::Prior => self.keeps() && film.is_some_and(|film| film.path().is_some()),
            Action::SignOff => self.may_sign(),
            Action::Open
            | Action::OpenDemo
            | Action::ToggleStudies
            | Action::ToggleFindings
            | Action::ToggleTheme
            | Action::One
            | Action::FullScreen
            | Action::Settings
            | Action::CheatSheet
            | Action::Handbook
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
