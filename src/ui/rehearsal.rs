//! The window without a screen, worked on by a made-up hand until somebody kills it: what the window says is on the disk
//! must be there afterwards, and a test (`tests/kills.rs`) looks.
//!
//! The window is the real one, with its clerk: events go in as a desktop would send them, and nothing of what it draws is
//! shown. Each line of the output is written at once:
//!
//! ```text
//! opened 12 5d41…   a film is on the screen: steps recovered, and what its document amounts to
//! did 1 7d79…       a step was done; the disk knows nothing of it yet
//! kept 1            the window says that the disk has it
//! ```

use super::action::Action;
use super::app::Workbench;
use super::canvas::{FigureKind, Tool};
use super::intent::Intent;
use super::theme;
use super::workshop::Workshop;
use crate::study::Annotations;
use egui::{Context, Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, pos2, vec2};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Size of the window that nobody sees, points.
const SIZE: [f32; 2] = [1280.0, 800.0];
/// Give up where no film comes.
const PATIENCE: Duration = Duration::from_secs(120);
/// A version is saved after so many deeds.
const VERSION: u32 = 25;

/// Works on the first film below `films`, kept below `home`, until it is killed or nobody listens any more; `seed` of what
/// the hand does.
///
/// # Errors
/// No film comes, or the system gives no threads.
pub fn rehearse(films: PathBuf, home: PathBuf, seed: u64) -> anyhow::Result<ExitCode> {
    let context = Context::default();
    theme::install(&context);
    let mut workbench = Workbench::new(Arc::new(Workshop::at(home)), &context, vec![films])?;
    workbench.keeps_preferences = false;
    let mut rehearsal = Rehearsal {
        context,
        workbench,
        begun: Instant::now(),
        hand: Hand { random: ChaCha8Rng::seed_from_u64(seed), ahead: VecDeque::new(), deeds: 0 },
        document: None,
        done: 0,
        kept: 0,
    };
    // Whoever listened has gone: there is nobody to rehearse for.
    while rehearsal.frame()? {}
    Ok(ExitCode::SUCCESS)
}

/// What a document amounts to, in 64 hexadecimal digits: equal for equal documents.
///
/// # Errors
/// It cannot be written as JSON.
fn amounts_to(annotations: &Annotations) -> anyhow::Result<String> {
    let digest = Sha256::digest(serde_json::to_vec(annotations)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

struct Rehearsal {
    context: Context,
    workbench: Workbench,
    begun: Instant,
    hand: Hand,
    /// As it stood after the last frame; `None` until a film is on the screen.
    document: Option<Annotations>,
    done: u64,
    kept: u64,
}

impl Rehearsal {
    /// One frame; `false` when nobody listens any more.
    fn frame(&mut self) -> anyhow::Result<bool> {
        let events = match self.document {
            Some(_) => self.hand.next(&mut self.workbench, &self.context),
            None => Vec::new(),
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE.into())),
            time: Some(self.begun.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        self.workbench.logic(&self.context);
        // Everything that was done in earlier frames has been handed to the disk by now.
        if self.document.is_some() && self.kept < self.done && self.is_safe() {
            self.kept = self.done;
            if !say(format_args!("kept {}", self.kept)) {
                return Ok(false);
            }
        }
        let workbench = &mut self.workbench;
        // Pictures for a screen that is not there are let go of.
        self.context.run_ui(input, |ui| workbench.ui(ui)).textures_delta.clear();
        self.look()
    }

    /// Whether the window would say that everything is on the disk.
    fn is_safe(&self) -> bool {
        let troubled = self.workbench.films().iter().any(|film| film.keeping.trouble.is_some());
        self.workbench.unconfirmed() == 0 && !troubled
    }

    /// Says what has become of the document.
    fn look(&mut self) -> anyhow::Result<bool> {
        let film = self.workbench.films().current();
        let Some(study) = film.and_then(|film| film.study.as_ref()) else {
            anyhow::ensure!(self.begun.elapsed() < PATIENCE, "no film in {} s", PATIENCE.as_secs());
            std::thread::sleep(Duration::from_millis(1));
            return Ok(true);
        };
        if study.is_busy() || self.document.as_ref() == Some(study.annotations()) {
            return Ok(true);
        }
        let words = amounts_to(study.annotations())?;
        let first = self.document.replace(study.annotations().clone()).is_none();
        if first {
            let recovered = film.map_or(0, |film| film.keeping.recovered);
            return Ok(say(format_args!("opened {recovered} {words}")));
        }
        self.done += 1;
        Ok(say(format_args!("did {} {words}", self.done)))
    }
}

/// Writes a line at once; `false` where nobody reads it.
fn say(words: std::fmt::Arguments) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}").and_then(|()| out.flush()).is_ok()
}

/// A made-up hand: what it does next is drawn by lot.
struct Hand {
    random: ChaCha8Rng,
    /// Events of the frames to come.
    ahead: VecDeque<Vec<Event>>,
    deeds: u32,
}

impl Hand {
    /// Events of the next frame; a new deed where the last one is over.
    fn next(&mut self, workbench: &mut Workbench, context: &Context) -> Vec<Event> {
        if self.ahead.is_empty() {
            self.deeds += 1;
            if self.deeds.is_multiple_of(VERSION) {
                self.key(Modifiers::COMMAND, Key::S);
            } else {
                self.deed(workbench, context);
            }
        }
        self.ahead.pop_front().unwrap_or_default()
    }

    fn deed(&mut self, workbench: &mut Workbench, context: &Context) {
        let film = workbench.panes.cell;
        workbench.perform(Intent::CloseTool, context);
        match self.random.random_range(0..8) {
            // The next point: placed where it has no place yet.
            0 | 1 => {
                self.key(Modifiers::NONE, Key::Tab);
                let at = self.somewhere(film);
                self.drag(&[at]);
            }
            2 => {
                self.key(Modifiers::NONE, Key::Tab);
                let arrows = [Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown];
                let arrow = arrows[self.random.random_range(0..arrows.len())];
                self.key(Modifiers::NONE, arrow);
            }
            3 => {
                self.key(Modifiers::NONE, Key::Tab);
                self.key(Modifiers::NONE, Key::X);
            }
            4 => {
                workbench.perform(Intent::Do(Action::Brush), context);
                let way: Vec<Pos2> = (0..4).map(|_| self.somewhere(film)).collect();
                self.drag(&way);
            }
            5 => {
                workbench.canvas.take(Tool::Figure(FigureKind::Length));
                for _ in 0..2 {
                    let at = self.somewhere(film);
                    self.drag(&[at]);
                }
            }
            6 => self.key(Modifiers::COMMAND, Key::Z),
            _ => self.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z),
        }
    }

    fn somewhere(&mut self, film: Rect) -> Pos2 {
        let mut share = || self.random.random_range(-0.25..0.25);
        film.center() + vec2(share() * film.width(), share() * film.height())
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        for pressed in [true, false] {
            let event = Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
            let [held, free] = [modifiers, Modifiers::NONE].map(Event::ModifiersChanged);
            self.ahead.push_back(vec![held, event, free]);
        }
    }

    /// Presses at the first place, goes to the others, lets go at the last; a click where there is one place.
    fn drag(&mut self, way: &[Pos2]) {
        let (first, last) = (way.first().copied(), way.last().copied());
        let (first, last) = (first.unwrap_or(pos2(0.0, 0.0)), last.unwrap_or(pos2(0.0, 0.0)));
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.ahead.push_back(vec![Event::PointerMoved(first)]);
        self.ahead.push_back(vec![button(first, true)]);
        self.ahead.extend(way.iter().skip(1).map(|at| vec![Event::PointerMoved(*at)]));
        self.ahead.push_back(vec![button(last, false)]);
    }
}
