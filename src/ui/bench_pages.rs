//! `coxa bench ui --studies N`: a folder of so many films in the real window: listed, the list scrolled through to its end
//! and back, then all read one after another as fast as they come, each kept on the disk.

use super::app::Workbench;
use super::bench_times::{Times, greys_by, large_film, peak_mib, say};
use super::intent::Intent;
use super::run;
use super::workshop::Workshop;
use crate::imaging::{self, Radiograph};
use crate::library::Greys;
use anyhow::Context as _;
use egui::{
    Context, Event, Modifiers, MouseWheelUnit, Pos2, RawInput, TouchPhase, Ui, ViewportCommand, pos2, vec2,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Give up on a film that does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// So many frames after the first film came the list is scrolled: to open a film is not to scroll, and told by itself.
const SETTLED: usize = 5;
/// Frames in which the list is scrolled, half of them back again.
const SCROLLS: usize = 300;
/// Over the list of films.
const LIST: Pos2 = pos2(110.0, 500.0);

/// Writes `count` copies of `film` (one of 2140 × 1760 at 16 bits without), each with an identity of its own, and pages through them.
///
/// # Errors
/// The film cannot be read, or its copies cannot be written.
pub fn bench(film: Option<PathBuf>, greys: Greys, count: usize) -> anyhow::Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("coxa-bench-{}", uuid::Uuid::new_v4()));
    let films = folder.join("films");
    std::fs::create_dir_all(&films).with_context(|| films.display().to_string())?;
    let written = write(film, &films, count);
    let outcome = written.and_then(|()| {
        let workshop = Workshop::at(folder.join("home"));
        let look = run::Look { size: [1280.0, 800.0], maximised: false, vsync: false, greys: Some(greys) };
        run::open(workshop, vec![films], look, move |mut workbench| {
            workbench.keeps_preferences = false;
            say(format_args!("{}", greys_by(&workbench)));
            let now = Instant::now();
            Box::new(Pages {
                workbench,
                count,
                asked: now,
                listed: None,
                settled: 0,
                scrolled: 0,
                shown: None,
                last: now,
                times: Times::default(),
            })
        })
    });
    // What cannot be removed is left to the system, whose folder it is.
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

fn write(film: Option<PathBuf>, folder: &Path, count: usize) -> anyhow::Result<()> {
    let mut film: Radiograph = match film {
        Some(path) => imaging::open_presented(&path, 1)?.0,
        None => large_film()?,
    };
    for number in 0..count {
        let uid = |kind: u32| Some(format!("2.25.{}", 10_000_000 * u64::from(kind) + number as u64));
        film.identity.patient_id = format!("BENCH{number}");
        film.identity.sop_instance_uid = uid(1);
        film.identity.series_instance_uid = uid(2);
        film.identity.study_instance_uid = uid(3);
        imaging::write_dx(&film, &folder.join(format!("{number:04}.dcm")))?;
    }
    Ok(())
}

struct Pages {
    workbench: Workbench,
    count: usize,
    asked: Instant,
    /// When the browser had every film.
    listed: Option<Duration>,
    /// Frames since the first film is on the screen.
    settled: usize,
    /// Frames in which the list was scrolled.
    scrolled: usize,
    /// Since when the film on the screen is asked for, and the how manieth it is.
    shown: Option<(Instant, usize)>,
    last: Instant,
    times: Times,
}

impl Pages {
    fn page(&mut self, context: &Context) {
        let films = self.workbench.films();
        if films.iter().len() < self.count {
            return;
        }
        if self.listed.is_none() {
            let took = self.asked.elapsed();
            self.listed = Some(took);
            say(format_args!("{} films listed after {:.0} ms", self.count, took.as_secs_f64() * 1000.0));
        }
        let Some(film) = films.current() else { return };
        let ready = film.study.is_some();
        if self.settled < SETTLED {
            self.settled += usize::from(ready);
            if self.settled == SETTLED {
                std::mem::take(&mut self.times).report("the first film comes", 0, None);
            }
            return;
        }
        if self.scrolled < SCROLLS {
            return;
        }
        let (since, number) = *self.shown.get_or_insert((Instant::now(), 1));
        if !ready {
            if since.elapsed() > PATIENCE {
                eprintln!("coxa: film {number} did not come in {} s", PATIENCE.as_secs());
                context.send_viewport_cmd(ViewportCommand::Close);
            }
            return;
        }
        if number == self.count {
            self.report();
            // Frames until the window is gone count no more.
            self.count = usize::MAX;
            context.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        // Down the list: the order of the worklist may change on the way.
        match self.workbench.films().neighbour(1) {
            Some(next) => {
                self.workbench.perform(Intent::Show(next), context);
                self.shown = Some((Instant::now(), number + 1));
            }
            // It began in the middle.
            None => {
                let first = self.workbench.films().iter().next().map(|film| film.id);
                first.into_iter().for_each(|first| self.workbench.perform(Intent::Show(first), context));
            }
        }
    }

    fn report(&mut self) {
        let all = self.asked.elapsed().as_secs_f64();
        say(format_args!("{} films read, one after another, in {all:.1} s", self.count));
        std::mem::take(&mut self.times).report("paging", 0, None);
        if let Some(peak) = peak_mib() {
            say(format_args!("{peak} MiB of memory at most"));
        }
    }
}

impl eframe::App for Pages {
    fn logic(&mut self, context: &Context, _: &mut eframe::Frame) {
        let now = Instant::now();
        if self.listed.is_some() {
            self.times.push(now - self.last);
        }
        self.last = now;
        if self.scrolled == SCROLLS {
            self.scrolled += 1;
            std::mem::take(&mut self.times).report("scrolling the list", 1, None);
        }
        self.workbench.logic(context);
        self.page(context);
    }

    fn raw_input_hook(&mut self, _: &Context, input: &mut RawInput) {
        if self.settled < SETTLED || self.scrolled >= SCROLLS {
            return;
        }
        // As far as the list is long, whatever its length.
        let lines = 12.0 * self.count as f32 / SCROLLS as f32;
        let way = if self.scrolled < SCROLLS / 2 { -lines } else { lines };
        input.events.push(Event::PointerMoved(LIST));
        input.events.push(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, way),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        self.scrolled += 1;
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.workbench.ui(ui);
        ui.ctx().request_repaint();
    }
}
