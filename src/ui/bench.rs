//! `coxa bench ui`: the real window driven by a made-up hand, and what each frame costs.
//!
//! A frame's time is the whole way round: input, panels, picture, tessellation, drawing, buffers swapped without waiting
//! for the screen.

use super::app::Workbench;
use super::run;
use super::workshop::Workshop;
use egui::{Context, Event, Modifiers, PointerButton, Pos2, RawInput, Ui, ViewportCommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Frames of each drag, after some for warmth.
const FRAMES: usize = 120;
const WARM: usize = 10;
/// Give up where no picture comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens `path` (the demo without) at 1280×800 and prints how long start, opening and frames take; `started` is when the
/// program was.
///
/// # Errors
/// None beside those of the window itself, which become the exit status.
pub fn bench(path: Option<PathBuf>, started: Instant) -> anyhow::Result<ExitCode> {
    run::open(
        Workshop::default(),
        path.into_iter().collect(),
        run::Look { size: [1280.0, 800.0], maximised: false, vsync: false },
        move |mut workbench| {
            // A made-up hand leaves no trace in what a person settled.
            workbench.keeps_preferences = false;
            Box::new(Bench {
                workbench,
                started,
                first_frame: None,
                picture: None,
                drag: 0,
                frame: 0,
                last: None,
                times: Vec::new(),
            })
        },
    )
}

/// A reader who has seen enough closes the pipe; that is no error.
pub(super) fn say(words: std::fmt::Arguments) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// What the hand does: a name, and the button that is held while it moves. Without one it only moves: what a frame costs
/// at the least.
const DRAGS: [(&str, Option<PointerButton>); 4] = [
    ("nothing", None),
    ("window and level", Some(PointerButton::Primary)),
    ("pan", Some(PointerButton::Middle)),
    ("zoom", Some(PointerButton::Secondary)),
];

struct Bench {
    workbench: Workbench,
    started: Instant,
    first_frame: Option<Duration>,
    picture: Option<Duration>,
    drag: usize,
    frame: usize,
    last: Option<Instant>,
    times: Vec<Duration>,
}

impl Bench {
    fn hand(&self, context: &Context) -> Pos2 {
        let middle = context.content_rect().center();
        let turn = self.frame as f32 / FRAMES as f32 * std::f32::consts::TAU;
        middle + 60.0 * egui::vec2(turn.sin(), 1.0 - turn.cos())
    }

    fn report(&mut self) {
        let mut times: Vec<f64> =
            self.times.drain(..).skip(WARM).map(|time| time.as_secs_f64() * 1000.0).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
        if !times.is_empty() {
            let (name, _) = DRAGS[self.drag];
            say(format_args!(
                "{name:<18} {:6.2} ms a frame (median), {:6.2} (95 %), {:6.2} (worst) of {}",
                at(0.5),
                at(0.95),
                at(1.0),
                times.len()
            ));
        }
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
    }
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
        if self.picture.is_none() || self.drag >= DRAGS.len() {
            return;
        }
        let (_, button) = DRAGS[self.drag];
        let pos = self.hand(context);
        let press = |pressed| {
            let event = |button| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
            button.map(event)
        };
        input.events.retain(|event| !matches!(event, Event::PointerMoved(_) | Event::PointerGone));
        input.events.push(Event::PointerMoved(pos));
        // The pointer is over the film for a frame before it presses.
        match self.frame {
            1 => input.events.extend(press(true)),
            frame if frame > FRAMES + WARM => {
                input.events.extend(press(false));
                self.report();
                self.drag += 1;
                self.frame = 0;
                self.times.clear();
                if self.drag == DRAGS.len() {
                    context.send_viewport_cmd(ViewportCommand::Close);
                }
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
