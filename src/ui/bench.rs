//! `coxa bench ui`: the real window driven by a made-up hand, and what each frame costs.
//!
//! A frame's time is the whole way round: input, panels, picture, tessellation, drawing, buffers swapped without waiting
//! for the screen.

use super::action::Action;
use super::app::Workbench;
use super::bench_times::{Middle, Times, greys_by, large_film, say};
use super::canvas::Tool;
use super::intent::Intent;
use super::run;
use super::workshop::Workshop;
use crate::imaging::write_dx;
use crate::library::Greys;
use anyhow::Context as _;
use egui::{Context, Event, Key, Modifiers, PointerButton, Pos2, RawInput, Ui, ViewportCommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Frames of each deed, after some for warmth.
const FRAMES: usize = 120;
const WARM: usize = 10;
/// Give up where no picture comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens `path` (a film of 2140 × 1760 at 16 bits without) at 1280×800, its greys computed by `greys`, and prints how long
/// start, opening and frames take; `started` is when the program was.
///
/// # Errors
/// The film cannot be written; those of the window itself become the exit status.
pub fn bench(path: Option<PathBuf>, greys: Greys, started: Instant) -> anyhow::Result<ExitCode> {
    let made = std::env::temp_dir().join(format!("coxa-bench-{}.dcm", uuid::Uuid::new_v4()));
    let (path, started) = match path {
        Some(path) => (path, started),
        None => {
            write_dx(&large_film()?, &made).with_context(|| made.display().to_string())?;
            // Making the film is no part of the start.
            (made.clone(), Instant::now())
        }
    };
    let look = run::Look { size: [1280.0, 800.0], maximised: false, vsync: false, greys: Some(greys) };
    let outcome = run::open(Workshop::default(), vec![path], look, move |mut workbench| {
        // A made-up hand leaves no trace in what a person settled.
        workbench.keeps_preferences = false;
        Box::new(Bench {
            workbench,
            started,
            first_frame: None,
            picture: None,
            deed: 0,
            frame: 0,
            last: None,
            times: Times::default(),
            nothing: None,
        })
    });
    // What cannot be removed is left to the system, whose folder it is.
    let _ = std::fs::remove_file(&made);
    outcome
}

/// What the hand does in every frame.
#[derive(Clone, Copy)]
enum Hand {
    /// It moves, with that button held.
    Drag(Option<PointerButton>),
    /// It paints or erases with a brush of that radius, pixels of the film.
    Paint { tool: Tool, radius: f64 },
    /// The last step is taken back and done again, turn by turn.
    Undo,
}

/// Without a button it only moves: what a frame costs at the least.
const DEEDS: [(&str, Hand); 8] = [
    ("nothing", Hand::Drag(None)),
    ("window and level", Hand::Drag(Some(PointerButton::Primary))),
    ("pan", Hand::Drag(Some(PointerButton::Middle))),
    ("zoom", Hand::Drag(Some(PointerButton::Secondary))),
    ("brush of 12", Hand::Paint { tool: Tool::Brush, radius: 12.0 }),
    ("brush of 200", Hand::Paint { tool: Tool::Brush, radius: 200.0 }),
    ("eraser of 100", Hand::Paint { tool: Tool::Eraser, radius: 100.0 }),
    ("undo and redo", Hand::Undo),
];

struct Bench {
    workbench: Workbench,
    started: Instant,
    first_frame: Option<Duration>,
    picture: Option<Duration>,
    deed: usize,
    frame: usize,
    last: Option<Instant>,
    times: Times,
    /// A frame in which nothing is done.
    nothing: Option<Middle>,
}

impl Bench {
    /// On a circle over the film.
    fn place(&self) -> Pos2 {
        let turn = self.frame as f32 / FRAMES as f32 * std::f32::consts::TAU;
        self.workbench.panes.cell.center() + 60.0 * egui::vec2(turn.sin(), 1.0 - turn.cos())
    }

    fn opened(&mut self, context: &Context) {
        let ms = |time: Option<Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0);
        let watch = &self.workbench.stopwatch;
        say(format_args!("start to first frame {:6.0} ms", ms(self.first_frame)));
        say(format_args!("start to picture     {:6.0} ms", ms(self.picture)));
        say(format_args!("asked to picture     {:6.0} ms", ms(watch.to_picture)));
        say(format_args!("  read and decoded   {:6.0} ms", ms(watch.decoding)));
        let size = context.content_rect().size() * context.pixels_per_point();
        say(format_args!("window {} × {} pixels", size.x, size.y));
        say(format_args!("{}", greys_by(&self.workbench)));
    }

    /// Takes up what the hand needs, on a film as it was opened.
    fn begin(&mut self, hand: Hand, context: &Context) {
        self.workbench.perform(Intent::CloseTool, context);
        self.workbench.perform(Intent::Do(Action::Fit), context);
        if let Hand::Paint { tool, radius } = hand {
            self.workbench.canvas.take(tool);
            self.workbench.canvas.masks.radius = radius;
        }
    }

    fn end(&mut self, context: &Context) {
        let median = std::mem::take(&mut self.times).report(DEEDS[self.deed].0, WARM, self.nothing);
        self.nothing = self.nothing.or(median);
        self.deed += 1;
        self.frame = 0;
        if self.deed == DEEDS.len() {
            context.send_viewport_cmd(ViewportCommand::Close);
        }
    }
}

/// A key of the command kind, pressed and let go.
fn stroke(key: Key, modifiers: Modifiers) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
}

impl eframe::App for Bench {
    fn logic(&mut self, context: &Context, _: &mut eframe::Frame) {
        let now = Instant::now();
        // The frame before this one has been swapped by now.
        if self.picture.is_none() && self.workbench.stopwatch.to_picture.is_some() {
            self.picture = Some(self.started.elapsed());
            self.opened(context);
        }
        if self.picture.is_none() && self.started.elapsed() > PATIENCE {
            eprintln!("coxa: no picture in {} s", PATIENCE.as_secs());
            context.send_viewport_cmd(ViewportCommand::Close);
        }
        if let Some(last) = self.last.replace(now).filter(|_| self.picture.is_some()) {
            self.times.push(now - last);
        }
        self.workbench.logic(context);
    }

    fn raw_input_hook(&mut self, context: &Context, input: &mut RawInput) {
        if self.picture.is_none() || self.deed >= DEEDS.len() {
            return;
        }
        let (_, hand) = DEEDS[self.deed];
        if self.frame == 0 {
            self.begin(hand, context);
        }
        let button = match hand {
            Hand::Drag(button) => button,
            Hand::Paint { .. } => Some(PointerButton::Primary),
            Hand::Undo => None,
        };
        let pos = self.place();
        let press = |pressed| {
            let event = |button| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
            button.map(event)
        };
        input.events.retain(|event| !matches!(event, Event::PointerMoved(_) | Event::PointerGone));
        input.events.push(Event::PointerMoved(pos));
        if matches!(hand, Hand::Undo) {
            let again = if self.frame % 2 == 1 { Modifiers::SHIFT } else { Modifiers::NONE };
            input.events.extend(stroke(Key::Z, Modifiers::COMMAND | again));
        }
        // The pointer is over the film for a frame before it presses.
        match self.frame {
            1 => input.events.extend(press(true)),
            frame if frame > FRAMES + WARM => {
                input.events.extend(press(false));
                self.end(context);
                return;
            }
            _ => {}
        }
        self.frame += 1;
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.workbench.ui(ui);
        self.first_frame.get_or_insert_with(|| self.started.elapsed());
        ui.ctx().request_repaint();
    }
}
