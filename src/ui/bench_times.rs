//! What the benches of the window share: the film that the bounds speak of, times of frames in a line, memory.

use super::app::Workbench;
use crate::imaging::Radiograph;
use crate::simulate;
use anyhow::Context as _;
use std::io::Write;
use std::time::Duration;

/// Columns and rows of a computed radiograph of the pelvis, 16 bits deep.
const LARGE: [usize; 2] = [2140, 1760];

/// The demo drawn large: every stored bit counts, as on a film from a detector.
///
/// # Errors
/// None: the size fits the values.
pub fn large_film() -> anyhow::Result<Radiograph> {
    let demo = simulate::demo().radiograph();
    let [columns, rows] = LARGE;
    let most = f64::from(demo.stored.iter().copied().max().unwrap_or(1).max(1));
    let stored = (0..rows * columns).map(|index| {
        let (row, column) = (index / columns, index % columns);
        let place = (row * demo.rows / rows) * demo.columns + column * demo.columns / columns;
        let coarse = f64::from(demo.stored[place]) / most * 65_000.0;
        // A grain that differs from pixel to pixel, always the same.
        coarse as i32 + (index.wrapping_mul(2_654_435_761) >> 16) as i32 % 500
    });
    let film =
        Radiograph::from_stored(rows, columns, stored.collect(), 16).context("the film of the bench")?;
    Ok(Radiograph { spacing: demo.spacing, identity: demo.identity, inverted: demo.inverted, ..film })
}

/// Prints a line. A reader who has seen enough closes the pipe; that is no error.
pub fn say(words: std::fmt::Arguments) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// What computes the greys of that window's films.
pub fn greys_by(workbench: &Workbench) -> String {
    let by = if workbench.canvas.gpu.is_some() { "graphics card" } else { "processor" };
    format!("greys by the {by}, drawn by {}", workbench.card.name())
}

/// How long frames took, on the clock and of all cores together.
#[derive(Debug, Default)]
pub struct Times {
    frames: Vec<Duration>,
    /// Work of this process before the first of them.
    begun: Option<Duration>,
}

/// Middle of the frames that were timed, milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Middle {
    clock: f64,
    /// Mean, of all cores together; where the system says it.
    work: Option<f64>,
}

impl Times {
    pub fn push(&mut self, frame: Duration) {
        self.frames.push(frame);
        if self.begun.is_none() {
            self.begun = work();
        }
    }

    /// Best, median, slow and worst frame in a line, those after the first `warm`, and the work of one on all cores
    /// together: where others use the machine, the work is the better yardstick, beside that of `nothing` done.
    pub fn report(self, name: &str, warm: usize, nothing: Option<Middle>) -> Option<Middle> {
        let mut times: Vec<f64> =
            self.frames.iter().skip(warm).map(|time| time.as_secs_f64() * 1000.0).collect();
        let spent = work().zip(self.begun).map(|(now, begun)| now.saturating_sub(begun));
        let counted = self.frames.len().saturating_sub(1).max(1) as f64;
        let mean = spent.map(|spent| spent.as_secs_f64() * 1000.0 / counted);
        // Always the same one has a cause; one that differs from run to run was the machine.
        let worst = times.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(index, _)| index);
        times.sort_by(f64::total_cmp);
        let last = times.len().checked_sub(1)?;
        let at = |share: f64| times[(last as f64 * share).round() as usize];
        let middle = Middle { clock: at(0.5), work: mean };
        let above = |now: f64, base: Option<f64>| {
            base.map(|base| format!(" ({:+.2} to nothing)", now - base)).unwrap_or_default()
        };
        let clock = above(middle.clock, nothing.map(|nothing| nothing.clock));
        let work = mean.map_or_else(String::new, |mean| {
            format!("; work {mean:.2} ms{}", above(mean, nothing.and_then(|nothing| nothing.work)))
        });
        say(format_args!(
            "{name:<18} {:6.2} ms a frame at best, {:6.2} (median), {:6.2} (95 %), {:6.2} (99 %), {:6.2} (worst, frame {worst}) of {}{clock}{work}",
            at(0.0),
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0),
            times.len()
        ));
        Some(middle)
    }
}

/// What all threads of this process have worked so far, where the system says it.
fn work() -> Option<Duration> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?.flatten();
    let of = |task: std::fs::DirEntry| -> Option<u64> {
        std::fs::read_to_string(task.path().join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()
    };
    Some(Duration::from_nanos(tasks.filter_map(of).sum()))
}

/// Greatest memory of this process so far, where the system says it.
pub fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}
