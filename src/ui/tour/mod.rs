//! `coxa tour`: the real window goes through named states by itself and takes a picture of each, so that the pictures of
//! the handbook and of the README are always those of the program as it is.
//!
//! A made-up hand ([`hand`]) finds what it touches by the names that a screen reader says; deeds come from the table of
//! actions. Films are simulated ([`stage`]), and what is done with them is a list ([`scenes`]).

mod hand;
mod picture;
mod scenes;
mod stage;

use super::app::Workbench;
use super::bench_times::say;
use super::intent::Intent;
use super::run;
use super::services::Services;
use super::workshop::Workshop;
use crate::library::{Greys, Preferences};
use crate::measure::norms;
use anyhow::Context as _;
use egui::{ColorImage, Context, RawInput, ScreenshotCallback, Ui, ViewportCommand};
use hand::Hand;
use scenes::{Scene, Step};
use stage::Stage;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Give up on a step that does not come about: networks are slow, a control with another name never comes.
const PATIENCE: Duration = Duration::from_secs(600);
const PATIENCE_FOR_A_NAME: Duration = Duration::from_secs(60);
/// Frames between two steps: what one does is seen by the next.
const BETWEEN: usize = 4;
/// Tooltips and fades have come to rest.
const STILL: Duration = Duration::from_millis(900);

/// Writes a PNG of each scene into `out`, 1280×800 points; only those of `only` where it names any. `anatomy` is the
/// folder of the adults' bones: scenes with adults are left out, and that is said, without it. Greys are computed by `greys`.
///
/// # Errors
/// The stage cannot be built, or there is no scene of a name. A scene that comes to nothing is told of and ends in status 1.
pub fn tour(
    out: PathBuf,
    anatomy: Option<PathBuf>,
    only: Vec<String>,
    greys: Greys,
) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let folder = std::env::temp_dir().join(format!("coxa-tour-{}", uuid::Uuid::new_v4()));
    let failed = Arc::new(AtomicBool::new(false));
    let staged = Stage::build(&folder, anatomy.as_deref()).and_then(|stage| {
        let mut scenes = scenes::all(&stage);
        let known: Vec<&str> = scenes.iter().map(|scene| scene.name).collect();
        if let Some(name) = only.iter().find(|name| !known.contains(&name.as_str())) {
            anyhow::bail!("there is no scene {name:?}, only {}", known.join(", "));
        }
        scenes.retain(|scene| only.is_empty() || only.iter().any(|name| name == scene.name));
        Ok(scenes)
    });
    let outcome = staged.and_then(|scenes| {
        let look = run::Look { size: [1280.0, 800.0], maximised: false, vsync: false, greys: None };
        let (failed, homes) = (Arc::clone(&failed), folder.join("homes"));
        run::open(Workshop::default(), Vec::new(), look, move |workbench| {
            Box::new(Tour {
                workbench,
                hand: Hand::default(),
                out,
                homes,
                greys,
                waiting: scenes.into(),
                playing: None,
                film: Arc::default(),
                failed,
            })
        })
    });
    // What cannot be removed is left to the system, whose folder it is.
    let _ = std::fs::remove_dir_all(&folder);
    let status = outcome?;
    Ok(if failed.load(Ordering::Relaxed) { ExitCode::FAILURE } else { status })
}

/// What the camera gave, once it has.
type Exposed = Arc<Mutex<Option<Arc<ColorImage>>>>;

struct Tour {
    workbench: Workbench,
    hand: Hand,
    out: PathBuf,
    homes: PathBuf,
    greys: Greys,
    waiting: VecDeque<Scene>,
    playing: Option<Playing>,
    film: Exposed,
    failed: Arc<AtomicBool>,
}

/// A scene on the stage.
struct Playing {
    name: &'static str,
    steps: VecDeque<Step>,
    /// Since when the step at the front is waited for; after the last step, since when all is still.
    since: Instant,
    /// Frames until the next step.
    rest: usize,
    exposed: bool,
}

impl Tour {
    /// Sets the next scene: a window of its own, with nothing kept from the one before.
    fn set(&mut self, scene: Scene, context: &Context) -> anyhow::Result<Playing> {
        // The theme is among the options.
        context.memory_mut(|memory| {
            let options = memory.options.clone();
            *memory = egui::Memory::default();
            memory.options = options;
        });
        self.hand.rest();
        let workshop = Workshop::at(scene.home.clone().unwrap_or_else(|| self.homes.join(scene.name)));
        workshop.prepare();
        let services: Arc<dyn Services> = Arc::new(workshop);
        let card = std::mem::take(&mut self.workbench.card);
        self.workbench = Workbench::new(services, context, scene.paths)?;
        self.workbench.card = card;
        // Neither what the person at this machine settled, nor anything that he will find changed.
        self.workbench.keeps_preferences = false;
        self.workbench.norms = Cow::Borrowed(norms::embedded());
        self.workbench.notice = None;
        let preferences = Preferences { greys: self.greys, ..scene.preferences };
        self.workbench.perform(Intent::Prefer(Box::new(preferences)), context);
        Ok(Playing {
            name: scene.name,
            steps: scene.steps.into(),
            since: Instant::now(),
            rest: BETWEEN,
            exposed: false,
        })
    }

    /// One frame of the scene; `true` when its picture is taken.
    fn play(&mut self, playing: &mut Playing, context: &Context) -> anyhow::Result<bool> {
        if self.hand.is_busy() || playing.rest > 0 {
            playing.rest = playing.rest.saturating_sub(1);
            return Ok(false);
        }
        if let Some(step) = playing.steps.front() {
            if self.hand.takes(step, &mut self.workbench, context) {
                playing.steps.pop_front();
                playing.since = Instant::now();
                playing.rest = BETWEEN;
            } else if playing.since.elapsed() > patience(step) {
                anyhow::bail!("waited in vain for {step}");
            }
            return Ok(false);
        }
        if playing.since.elapsed() < STILL {
            return Ok(false);
        }
        if !std::mem::replace(&mut playing.exposed, true) {
            let film = Arc::clone(&self.film);
            let callback = ScreenshotCallback::new(move |image| {
                *film.lock().unwrap_or_else(PoisonError::into_inner) = Some(image);
            });
            context.send_viewport_cmd(ViewportCommand::Screenshot(callback));
            return Ok(false);
        }
        let exposed = self.film.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(image) = exposed else { return Ok(false) };
        let path = self.out.join(format!("{}.png", playing.name));
        picture::write(&image, &path)?;
        say(format_args!("{}", path.display()));
        Ok(true)
    }

    fn step(&mut self, context: &Context) {
        let outcome = match self.playing.take() {
            Some(mut playing) => {
                let name = playing.name;
                let done = self.play(&mut playing, context).with_context(|| name);
                if let Ok(false) = done {
                    self.playing = Some(playing);
                }
                done.map(drop)
            }
            None => match self.waiting.pop_front() {
                Some(scene) => {
                    let name = scene.name;
                    let set = self.set(scene, context).with_context(|| name);
                    set.map(|playing| self.playing = Some(playing))
                }
                None => {
                    context.send_viewport_cmd(ViewportCommand::Close);
                    Ok(())
                }
            },
        };
        if let Err(error) = outcome {
            eprintln!("coxa: {error:#}");
            self.failed.store(true, Ordering::Relaxed);
        }
    }
}

fn patience(step: &Step) -> Duration {
    match step {
        Step::Click(_) | Step::Hover(..) | Step::Press(..) => PATIENCE_FOR_A_NAME,
        _ => PATIENCE,
    }
}

impl eframe::App for Tour {
    fn logic(&mut self, context: &Context, _: &mut eframe::Frame) {
        self.workbench.logic(context);
        self.step(context);
    }

    fn raw_input_hook(&mut self, context: &Context, input: &mut RawInput) {
        self.hand.moves(context, input);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.workbench.ui(ui);
        ui.ctx().request_repaint();
    }
}
