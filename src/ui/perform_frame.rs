//! What changes the window and the picture, never a study: layout, turns, playing stacks, preferences, exercises.

use super::action::Action;
use super::app::{Cine, Notice, Workbench};
use super::canvas::{FigureKind, Tool, Turn};
use super::cheat_sheet;
use super::dialogs::{self, PathField, TagsState};
use super::films::Film;
use super::intent::TraineeDeed;
use super::jobs::Purpose;
use super::keymap::Keymap;
use super::lang::tr;
use super::panes::Arrangement;
use super::perform::SHEET;
use super::theme::LineColours;
use super::trainee::Trainee;
use crate::export::write_atomic;
use crate::library::Preferences;
use crate::measure::landmark_file;
use crate::measure::norms;
use crate::study::Study;
use egui::{Context, Theme, ViewportCommand};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

impl Workbench {
    /// The deeds that no study hears of.
    pub(super) fn act_on_frame(&mut self, action: Action, context: &Context) {
        match action {
            Action::RotateRight => self.turn(Turn::right),
            Action::RotateLeft => self.turn(Turn::left),
            Action::FlipHorizontal => self.turn(Turn::flipped_across),
            Action::FlipVertical => self.turn(Turn::flipped_down),
            Action::ResetTurn => self.turn(|_| Turn::default()),
            Action::TrueSize => self.true_size(),
            Action::Loupe => self.canvas.magnifier = !self.canvas.magnifier,
            Action::Histogram => self.dialogs.histogram.open = !self.dialogs.histogram.open,
            Action::Cine => {
                self.cine = if self.cine.is_some() { None } else { Some(Cine { last: now(context) }) }
            }
            Action::One => self.arrange(Arrangement::One),
            Action::Two => self.arrange(Arrangement::Two),
            Action::Four => self.arrange(Arrangement::Four),
            Action::Linked => {
                self.panes.linked = !self.panes.linked;
                self.preferences.layout.linked = self.panes.linked;
                let current = self.films.current();
                let stand = current.and_then(|film| Some((film, film.opened()?))).map(|(film, opened)| {
                    let extent = super::canvas::Extent::new(&opened.radiograph);
                    film.view.camera.stand(self.panes.cell, extent)
                });
                if let Some(stand) = stand {
                    self.follow_all(stand);
                }
            }
            Action::NextPane => {
                if let Some(place) = self.panes.next(&self.films) {
                    self.activate(place);
                }
            }
            Action::ToggleStudies => self.preferences.layout.studies ^= true,
            Action::ToggleFindings => self.preferences.layout.findings ^= true,
            Action::ToggleTheme => {
                self.preferences.light = context.theme() == Theme::Dark;
                self.apply_preferences(context);
                self.keep_preferences();
            }
            Action::FullScreen => {
                let full = context.input(|input| input.viewport().fullscreen.unwrap_or(false));
                context.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            Action::Settings => self.dialogs.settings.open = !self.dialogs.settings.open,
            Action::Tags => self.open_tags(),
            Action::Handbook => self.dialogs.open_handbook("index"),
            Action::CheatSheet => self.ask_for(Purpose::Sheet, Some(PathBuf::from(SHEET))),
            Action::Length => self.draw(FigureKind::Length),
            Action::Angle => self.draw(FigureKind::Angle),
            Action::Cobb => self.draw(FigureKind::Cobb),
            Action::Circle => self.draw(FigureKind::Circle),
            Action::RemoveFigures => self.edit(Study::clear_free),
            Action::PlaceInOrder => self.place_in_order(),
            Action::Trainee => {
                let film = self.films.current().map(|film| film.id);
                self.canvas.take(Tool::Hand);
                self.canvas.trainee = film.filter(|_| self.canvas.trainee.is_none()).map(Trainee::new);
            }
            other => self.act_on_drawing(other),
        }
    }

    fn turn(&mut self, turned: impl FnOnce(Turn) -> Turn) {
        self.view(|film| {
            let turn = turned(film.view.camera.turn());
            film.view.camera.set_turn(turn);
        });
    }

    /// A millimetre of the patient, as far as the film knows it, to a millimetre of the screen.
    fn true_size(&mut self) {
        let Some(screen_mm) = self.preferences.screen_mm else {
            self.notice = Some(Notice::Bad(tr!("news.no_screen").to_owned()));
            self.dialogs.settings.open = true;
            return;
        };
        self.view(|film| {
            let spacing = film.study.as_ref().map(Study::spacing).filter(|spacing| spacing.has_millimetres());
            if let Some(spacing) = spacing {
                film.view.camera.set_zoom((spacing.column / screen_mm) as f32);
            }
        });
    }

    fn arrange(&mut self, arrangement: Arrangement) {
        self.panes.arrange(arrangement, &self.films);
        self.preferences.layout.panes = arrangement.count() as u8;
    }

    /// The hand goes to the film of that place.
    pub(super) fn activate(&mut self, place: usize) {
        if let Some(film) = self.panes.activate(place, &self.films) {
            self.show_film(film);
        }
    }

    fn draw(&mut self, kind: FigureKind) {
        let same = self.canvas.tool == Tool::Figure(kind);
        self.canvas.take(if same { Tool::Hand } else { Tool::Figure(kind) });
    }

    fn open_tags(&mut self) {
        if self.dialogs.tags.take().is_some() {
            return;
        }
        if let Some(path) = self.films.current().and_then(Film::path).map(Path::to_path_buf) {
            self.dialogs.tags = Some(TagsState::of(path.clone()));
            self.jobs.tags(path);
        }
    }

    pub(super) fn ask_for(&mut self, purpose: Purpose, suggestion: Option<PathBuf>) {
        if dialogs::has_file_dialogs() {
            self.jobs.ask(purpose, suggestion);
        } else {
            self.dialogs.path = Some(PathField::new(purpose, suggestion));
        }
    }

    pub(super) fn save_sheet(&mut self, path: &Path, context: &Context) {
        let page = cheat_sheet::page(path, &Keymap::of_window(context));
        self.notice = Some(match write_atomic(path, page.as_bytes()) {
            Ok(()) => Notice::Good(tr!("news.sheet", path = path.display())),
            Err(error) => Notice::Bad(tr!("news.no_sheet", reason = error)),
        });
    }

    /// Plays a stack: the next image when its time has come, from the first again after the last.
    pub(super) fn play(&mut self, context: &Context) {
        let Some(cine) = self.cine else { return };
        let Some(film) = self.films.current().filter(|film| film.stack.scrolls()) else {
            self.cine = None;
            return;
        };
        let pause = f64::from(1.0 / self.preferences.frame_rate);
        let since = now(context) - cine.last;
        // An image that is still decoded is waited for, not skipped.
        let here = film.stack.wanted() == film.stack.shown();
        if since >= pause && here {
            let next = (film.stack.wanted() + 1) % film.stack.len();
            // On time as long as the machine keeps up.
            self.cine =
                Some(Cine { last: if since < 2.0 * pause { cine.last + pause } else { now(context) } });
            self.scroll(next);
        }
        context
            .request_repaint_after(std::time::Duration::from_secs_f64((pause - since).clamp(0.002, pause)));
    }

    // --- Points in order, and exercises ---

    fn place_in_order(&mut self) {
        self.canvas.take(Tool::Hand);
        self.canvas.in_order = !self.canvas.in_order;
        self.next_in_order();
    }

    /// Selects the next landmark of which nothing is known, while points are placed in order.
    pub(super) fn next_in_order(&mut self) {
        if !self.canvas.in_order {
            return;
        }
        let study = self.films.current().and_then(|film| film.study.as_ref());
        let next = study.and_then(|study| self.canvas.first_unknown(study));
        if next.is_none() {
            self.canvas.in_order = false;
            self.notice = Some(Notice::Good(tr!("news.all_placed").to_owned()));
        }
        self.canvas.selected = next;
    }

    /// Whether the film on the screen waits for a trainee's points.
    pub(super) fn exercises(&self) -> bool {
        let film = self.films.current().map(|film| film.id);
        self.canvas
            .trainee
            .as_ref()
            .is_some_and(|trainee| Some(trainee.film) == film && trainee.outcome.is_none())
    }

    pub(super) fn train(&mut self, deed: TraineeDeed) {
        let Some(trainee) = &mut self.canvas.trainee else { return };
        match deed {
            TraineeDeed::MarkAbsent => trainee.mark_absent(),
            TraineeDeed::TakeBack => {
                trainee.take_back();
            }
            TraineeDeed::Again => *trainee = Trainee::new(trainee.film),
            TraineeDeed::Close => self.canvas.trainee = None,
            TraineeDeed::ScoreFile => self.ask_for(Purpose::Reference, None),
            TraineeDeed::Score => {
                let study = self.films.get(trainee.film).and_then(|film| film.study.as_ref());
                let Some(study) = study else { return };
                let Some(prediction) = &study.annotations().prediction else { return };
                let model = &prediction.model;
                let against = format!("{} {}", model.id, model.version);
                trainee.score(&prediction.landmarks, against, &study.spacing(), study.protocol());
            }
        }
    }

    pub(super) fn score_against(&mut self, path: &Path) {
        let Some(trainee) = &mut self.canvas.trainee else { return };
        let study = self.films.get(trainee.film).and_then(|film| film.study.as_ref());
        let Some(study) = study else { return };
        match landmark_file::read(path) {
            Ok(file) => {
                let name =
                    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                trainee.score(&file.landmarks, name, &study.spacing(), study.protocol());
            }
            Err(error) => self.notice = Some(Notice::Bad(tr!("news.no_reference", reason = error))),
        }
    }

    // --- Preferences ---

    /// Takes up what was settled in earlier runs.
    pub(super) fn recall(&mut self, context: &Context) {
        match self.services.preferences() {
            Ok(preferences) => self.preferences = preferences,
            Err(reason) => {
                self.keeps_preferences = false;
                self.notice = Some(Notice::Bad(tr!("news.no_preferences", reason = reason)));
            }
        }
        let layout = &self.preferences.layout;
        self.layout_seen = layout.clone();
        self.panes.linked = layout.linked;
        self.panes.arrange(Arrangement::of(layout.panes), &self.films);
        Keymap::with(&self.preferences.keys).install(context);
        self.apply_preferences(context);
    }

    /// Signs a norm table by the name of the user; it judges the films that are opened from then on.
    pub(super) fn sign_norms(&mut self, id: &str) {
        let name = self.preferences.user.trim();
        let Some(table) = self.norms.iter().find(|table| table.id == id).filter(|_| !name.is_empty()) else {
            return;
        };
        let today = chrono::Local::now().format("%Y-%m-%d").to_string();
        let signed = table.clone().signed(name, &today);
        self.notice = Some(match self.services.keep_norms(&signed) {
            Ok(()) => {
                let title = signed.title.clone();
                self.norms = Cow::Owned(norms::replaced(&self.norms, vec![signed]));
                Notice::Good(tr!("norms.taken", table = title))
            }
            Err(reason) => Notice::Bad(tr!("norms.not_taken", reason = reason)),
        });
    }

    /// Changes what was settled; it holds at once.
    pub(super) fn prefer(&mut self, preferences: Preferences, context: &Context) {
        self.preferences = preferences;
        for film in self.films.iter_mut() {
            if let Some(study) = &mut film.study {
                study.set_user(&self.preferences.user);
            }
        }
        self.apply_preferences(context);
        self.keep_preferences();
    }

    pub(super) fn apply_preferences(&mut self, context: &Context) {
        let Preferences { language, light, scale, model, device, greys, colours, .. } = &self.preferences;
        language.speak();
        context.set_theme(if *light { Theme::Light } else { Theme::Dark });
        context.set_zoom_factor(*scale);
        LineColours::of(colours).install(context);
        self.services.choose(model.as_deref(), *device);
        self.canvas.gpu = self.card.choose(*greys);
    }

    /// Keeps panels, sizes and the window once they have stood still for a while.
    pub(super) fn remember_layout(&mut self, context: &Context) {
        let (inner, maximised) =
            context.input(|input| (input.viewport().inner_rect, input.viewport().maximized));
        let layout = &mut self.preferences.layout;
        layout.maximised = maximised.unwrap_or(layout.maximised);
        if let Some(inner) = inner.filter(|_| !layout.maximised) {
            // Points of the system, whatever the size of everything.
            layout.size = (inner.size() * context.zoom_factor()).round().into();
        }
        let time = now(context);
        if *layout != self.layout_seen {
            self.layout_seen = layout.clone();
            self.layout_moved = Some(time);
            context.request_repaint_after(std::time::Duration::from_secs_f64(SETTLED));
        } else if self.layout_moved.is_some_and(|moved| time - moved >= SETTLED) {
            self.layout_moved = None;
            self.keep_preferences();
        }
    }

    /// Keeps them for the next run; a failure is said, and nothing else is lost.
    pub(super) fn keep_preferences(&mut self) {
        if self.keeps_preferences
            && let Err(reason) = self.services.keep(&self.preferences)
        {
            self.notice = Some(Notice::Bad(tr!("news.not_kept", reason = reason)));
        }
    }
}

/// A layout that has not changed for so long is kept, seconds.
const SETTLED: f64 = 1.0;

/// Seconds of the window's clock.
fn now(context: &Context) -> f64 {
    context.input(|input| input.time)
}
