//! The one place where a person's wishes change the state.

use super::action::Action;
use super::app::{Notice, Workbench};
use super::canvas::{Canvas, Grey, Tool, choices, points};
use super::cases::Case;
use super::clerk::Sake;
use super::dialogs::{self, PathField};
use super::films::{Analysis, Film};
use super::intent::{Intent, TraineeDeed};
use super::jobs::{FilmId, Purpose};
use super::lang::tr;
use super::panels::toolbar;
use crate::imaging::{DeidentifyOptions, find_sphere};
use crate::job::Progress;
use crate::measure::Point;
use crate::study::{Calibration, Refused, Study};
use egui::{Context, ViewportCommand};
use std::path::PathBuf;
use std::sync::Arc;

/// Suggested name of the cheat sheet.
pub(super) const SHEET: &str = "coxa-keys.html";

/// One press of a zoom key.
const ZOOM_STEP: f32 = 1.25;

impl Workbench {
    pub(super) fn perform(&mut self, intent: Intent, context: &Context) {
        match intent {
            Intent::Do(action) => self.act(action, context),
            Intent::Show(id) => self.show_film(id),
            Intent::Scroll(index) => self.scroll(index),
            Intent::Bring(path) => self.bring(path),
            Intent::Open(paths) => {
                self.searching += 1;
                self.notice = None;
                self.stopwatch.asked();
                self.jobs.find(paths);
            }
            Intent::Look(grey) => self.view(|film| film.view.grey = grey),
            Intent::Select(id) => {
                self.canvas.selected = id;
                self.canvas.figure = None;
            }
            Intent::BeginMove(id) => self.edit(|study| study.begin_move(&id)),
            Intent::Preview(to) => self.edit(|study| {
                study.preview(to);
                Ok(())
            }),
            Intent::CommitMove => self.edit(Study::commit),
            Intent::Place(id, at) => {
                self.edit(|study| study.move_landmark(&id, at));
                self.next_in_order();
            }
            Intent::Draw(shape) => self.edit(|study| study.add_free(shape)),
            Intent::BeginFree((id, index)) => self.edit(|study| study.begin_free(id, index)),
            Intent::Choose(_)
            | Intent::ChooseFigure(_)
            | Intent::BeginSlide(..)
            | Intent::InsertVertex(_)
            | Intent::BeginRadius(_)
            | Intent::BeginStroke(..)
            | Intent::Fill(_)
            | Intent::FinishOutline => self.draw_by(intent),
            Intent::Activate(place) => self.activate(place),
            Intent::Follow(stand) => self.follow_all(stand),
            Intent::Trainee(deed) => self.train(deed),
            Intent::Prefer(preferences) => self.prefer(*preferences, context),
            Intent::FrameRate(rate) => {
                self.preferences.frame_rate = rate;
                self.keep_preferences();
            }
            Intent::SaveSheet(path) => self.save_sheet(&path, context),
            Intent::ScoreAgainst(path) => self.score_against(&path),
            Intent::SetSubject(subject) => self.edit(|study| study.set_subject(subject)),
            Intent::SetReference(line) => self.edit(|study| study.set_reference(line)),
            Intent::SetCamSet(set) => self.edit(|study| study.set_cam_set(set)),
            Intent::FindSphere(at) => self.find_sphere(at),
            Intent::Calibrate(calibration) => self.calibrate(calibration),
            Intent::Black(parts) => self.view(|film| film.black.extend(parts)),
            Intent::ClearBlack => self.view(|film| film.black.clear()),
            Intent::CloseTool => self.canvas.take(Tool::Hand),
            Intent::Explain(row) => self.explained = row,
            Intent::SignNorms(id) => self.sign_norms(&id),
            Intent::Consult(link) => self.dialogs.open_handbook(&link),
            Intent::Export(id, path) => self.export(id, path),
            Intent::HandOver(id, order, privacy) => self.hand_over(id, *order, privacy),
            Intent::Deidentify(id, path) => self.deidentify(id, path),
            Intent::DismissNotice => self.notice = None,
            Intent::ShowListed(path) => self.show_case(Case::File(path), context),
            Intent::See(films) => self.films.see(films),
            Intent::CancelBatch => self.batch.cancel(),
            Intent::Retry(item) => {
                self.batch.retry(item);
                self.batch.go_on(&self.jobs);
            }
            Intent::ClearBatch => self.batch.clear(),
            Intent::Review(act) => self.edit(|study| study.review_act(act)),
            Intent::Comment(words) => self.edit(|study| study.set_comment(&words)),
            Intent::LookBack(number) => self.look_back(number),
            Intent::LookForward => self.look_forward(),
            Intent::RestoreVersion => self.restore_version(),
            Intent::OpenUnclosed => {
                let paths = std::mem::take(&mut self.unclosed).into_iter().map(|(path, _)| path).collect();
                self.perform(Intent::Open(paths), context);
            }
            Intent::DismissUnclosed => self.unclosed.clear(),
        }
    }

    fn act(&mut self, action: Action, context: &Context) {
        match action {
            Action::Open => self.ask_open(),
            Action::OpenDemo => {
                self.stopwatch.asked();
                let id = self.films.add_demo();
                self.show_film(id);
            }
            Action::Analyse => self.analyse(),
            Action::Cancel => self.cancel(),
            Action::Export => self.ask_save(Purpose::Export),
            Action::ExportAs => self.toggle_export(),
            Action::Deidentify => self.canvas.take(Tool::Black),
            // The last click of a figure that is not whole yet goes before any step.
            Action::Undo if self.canvas.draft.figure.pop().is_some() => {}
            Action::Undo => {
                self.canvas.release();
                self.edit(Study::undo);
            }
            Action::Redo => {
                self.canvas.release();
                self.edit(Study::redo);
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
                film.view.grey = Grey::default();
                film.view.invert = false;
            }),
            Action::CycleOverlay => self.canvas.overlay = self.canvas.overlay.next(),
            Action::CycleWindow => self.next_window(),
            Action::ToggleGraphics => self.canvas.graphics = !self.canvas.graphics,
            Action::CalibrateLine => self.canvas.take(Tool::Line),
            Action::CalibrateSphere => self.canvas.take(Tool::Sphere),
            Action::CalibrateMagnification => self.canvas.take(Tool::Magnification),
            Action::Uncalibrate => self.edit(Study::uncalibrate),
            Action::NextPoint => self.walk(1),
            Action::PreviousPoint => self.walk(-1),
            Action::MarkAbsent if self.exercises() => self.train(TraineeDeed::MarkAbsent),
            Action::MarkAbsent => {
                self.on_selected(Study::set_missing);
                self.next_in_order();
            }
            Action::Mirror if self.canvas.selected.is_none() => self.on_curve(Study::mirror_curve),
            Action::Mirror => {
                self.on_selected(Study::mirror);
                self.next_in_order();
            }
            Action::ResetPoint if self.exercises() => self.train(TraineeDeed::TakeBack),
            Action::ResetPoint => self.on_selected(Study::reset_to_prediction),
            Action::ResetAll => self.edit(Study::reset_all),
            Action::NextStudy | Action::PreviousStudy => {
                if let Some(case) = self.next_case(if action == Action::NextStudy { 1 } else { -1 }) {
                    self.show_case(case, context);
                }
            }
            Action::AnalyseAll => {
                self.batch.add(&self.films);
                self.batch.go_on(&self.jobs);
            }
            Action::SaveVersion => self.save_version(Sake::Asked),
            Action::Versions => self.toggle_versions(),
            Action::SignOff => self.sign_off(context),
            Action::Audit => {
                self.dialogs.audit.open = !self.dialogs.audit.open;
                self.ask_for_trail();
            }
            Action::Prior => self.open_prior(),
            Action::NextSlice => self.step_slice(1),
            Action::PreviousSlice => self.step_slice(-1),
            Action::MiddleCoronal => {
                if let Some(id) = self.films.coronal_mr() {
                    self.show_film(id);
                    let middle = self.films.current().map_or(0, |film| film.stack.middle());
                    self.scroll(middle);
                }
            }
            Action::SwitchFocus => self.switch_focus(context),
            Action::Palette => self.dialogs.toggle_palette(),
            Action::Norms => self.dialogs.norms = !self.dialogs.norms,
            Action::Keys => self.dialogs.keys.open = !self.dialogs.keys.open,
            Action::Quit => context.send_viewport_cmd(ViewportCommand::Close),
            other => self.act_on_frame(other, context),
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

    /// Changes the study on the screen; what it refuses is said.
    pub(super) fn edit<T>(&mut self, change: impl FnOnce(&mut Study) -> Result<T, Refused>) {
        let study = self.films.current_mut().and_then(|film| film.study.as_mut());
        if let Some(Err(refused)) = study.map(change) {
            self.notice = Some(Notice::Bad(tr!("news.not_changed", reason = refused)));
        }
    }

    pub(super) fn view(&mut self, change: impl FnOnce(&mut Film)) {
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

    pub(super) fn on_selected<T>(
        &mut self,
        change: impl FnOnce(&mut Study, &crate::measure::LandmarkId) -> Result<T, Refused>,
    ) {
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
        self.edit(|study| Ok(study.abort()));
        self.look_forward();
        if self.films.show(id) {
            self.canvas.release();
            self.canvas.selected = None;
            self.canvas.curve = None;
            self.canvas.figure = None;
            self.canvas.highlight = None;
            self.canvas.take(Tool::Hand);
            self.canvas.in_order = false;
            self.cine = None;
            self.films.forget_far();
            self.look_for_text();
            // The disk has until the next frame.
            self.tend();
        }
    }

    fn analyse(&mut self) {
        let Some(film) = self.films.current_mut() else { return };
        let Some(radiograph) = film.opened().map(|opened| Arc::clone(&opened.radiograph)) else { return };
        let Some(study) = &mut film.study else { return };
        let generation = study.begin_analysis();
        let job = self.jobs.analyse(film.id, generation, radiograph);
        let progress = Progress { stage: tr!("news.starting").to_owned(), fraction: 0.0 };
        film.analysis = Analysis::Running { generation, job, progress };
        self.notice = None;
    }

    /// Escape lets go of one thing at a time, the nearest to the hand first.
    fn cancel(&mut self) {
        if self.dialogs.close_top() {
            return;
        }
        let held = self.canvas.release();
        if !self.canvas.draft.figure.is_empty() {
            self.canvas.draft.figure.clear();
            return;
        }
        if self.canvas.tool != Tool::Hand || self.canvas.in_order {
            self.canvas.take(Tool::Hand);
            self.canvas.in_order = false;
            return;
        }
        let Some(film) = self.films.current_mut() else { return };
        if film.study.as_mut().is_some_and(Study::abort) || held {
            return;
        }
        if let Analysis::Running { job, .. } = &film.analysis {
            job.cancel();
            film.analysis = Analysis::None;
            if let Some(study) = film.today_mut() {
                study.cancel_analysis();
            }
        } else if !film.look_forward() && self.explained.take().is_none() {
            self.canvas.selected = None;
            self.canvas.curve = None;
            self.canvas.figure = None;
        }
    }

    fn ask_open(&mut self) {
        if dialogs::has_file_dialogs() {
            self.jobs.ask(Purpose::Open, None);
        } else {
            self.dialogs.path = Some(PathField::new(Purpose::Open, None));
        }
    }

    /// Asks where something of the film on the screen goes.
    pub(super) fn ask_save(&mut self, purpose: impl FnOnce(FilmId) -> Purpose) {
        let Some(film) = self.films.current() else { return };
        let purpose = purpose(film.id);
        let suggestion = suggestion(film, &purpose);
        if dialogs::has_file_dialogs() {
            self.jobs.ask(purpose, Some(suggestion));
        } else {
            self.dialogs.path = Some(PathField::new(purpose, Some(suggestion)));
        }
    }

    pub(super) fn export(&mut self, id: FilmId, path: PathBuf) {
        if let Some(snapshot) = self.snapshot(id) {
            self.jobs.export(id, snapshot, path);
        }
    }

    fn deidentify(&mut self, id: FilmId, output: PathBuf) {
        let Some(film) = self.films.get(id) else { return };
        let Some(input) = film.path() else { return };
        if input == output {
            self.notice = Some(Notice::Bad(tr!("news.same_file").to_owned()));
            return;
        }
        let options = DeidentifyOptions {
            key: self.key.to_vec(),
            keep_characteristics: self.canvas.draft.keep_characteristics,
            black: film.black.clone(),
            ..DeidentifyOptions::default()
        };
        self.jobs.deidentify(input.to_path_buf(), output, options);
    }

    pub(super) fn scroll(&mut self, index: usize) {
        self.edit(|study| Ok(study.abort()));
        self.canvas.release();
        self.view(|film| film.scroll_to(index));
        self.look_for_text();
    }

    /// Through the stack; through the films where there is none.
    fn step_slice(&mut self, steps: isize) {
        match self.films.current() {
            Some(film) if film.stack.scrolls() => {
                self.scroll(film.stack.wanted().saturating_add_signed(steps))
            }
            _ => self.step(steps),
        }
    }

    fn next_window(&mut self) {
        let Some(film) = self.films.current_mut() else { return };
        let Some(opened) = film.opened() else { return };
        let choices = choices(opened);
        let at = choices.iter().position(|(_, grey)| *grey == film.view.grey);
        if let Some((_, grey)) = choices.get(at.map_or(0, |at| (at + 1) % choices.len())) {
            film.view.grey = *grey;
        }
    }

    fn find_sphere(&mut self, at: Point) {
        let Some(opened) = self.films.current().and_then(Film::opened) else { return };
        let found = find_sphere(&opened.radiograph, at);
        let draft = &mut self.canvas.draft;
        draft.objection = found.is_none().then(|| tr!("tool.no_sphere"));
        draft.sphere = found;
    }

    fn calibrate(&mut self, calibration: Calibration) {
        let Some(study) = self.films.current_mut().and_then(|film| film.study.as_mut()) else { return };
        match study.calibrate(calibration) {
            Ok(()) => self.canvas.take(Tool::Hand),
            Err(refusal) => self.notice = Some(Notice::Bad(tr!("news.not_calibrated", reason = refusal))),
        }
    }

    /// Searches the image on the screen for burned-in text, once.
    pub(super) fn look_for_text(&mut self) {
        let Some(film) = self.films.current_mut() else { return };
        let (slice, Some(opened)) = (film.stack.shown(), film.opened()) else { return };
        let radiograph = Arc::clone(&opened.radiograph);
        if film.stack.begin_search() {
            self.jobs.find_text(film.id, slice, radiograph);
        }
    }
}

/// Beside the film, under its name; the demo goes where the program was started. A copy without identity does not carry
/// the old name, which may be the patient's.
pub(super) fn suggestion(film: &Film, purpose: &Purpose) -> PathBuf {
    match (film.path(), purpose) {
        (_, Purpose::Sheet) => PathBuf::from(SHEET),
        (Some(path), Purpose::Deidentify(_)) => path.with_file_name("deidentified.dcm"),
        (Some(path), _) => path.with_extension("pdf"),
        (None, _) => PathBuf::from("demo.pdf"),
    }
}
