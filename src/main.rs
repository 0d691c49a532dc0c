//! `coxa`: see `coxa --help`.

use coxa::allocator;
use coxa::cli::{self, BenchWindow, Task};
use std::process::ExitCode;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    let started = Instant::now();
    quiet_candle_pool();
    allocator::keep_freed_pages();
    // A codec's own complaint says nothing that our error does not, and names no file.
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error,jpeg2k=off")).init();
    cli::finish(match cli::parse() {
        Task::View(paths) => coxa::ui::run(paths),
        Task::BenchWindow(BenchWindow { film, greys, studies }) => match studies {
            Some(count) => coxa::ui::bench_pages(film, greys, count),
            None => coxa::ui::bench(film, greys, started),
        },
        Task::Rehearse { films, home, seed } => coxa::ui::rehearse(films, home, seed),
        Task::Tour(args) => coxa::ui::tour(args.out, args.anatomy, args.only, args.greys.into()),
        Task::Headless(task) => cli::run(task),
    })
}

/// candle's own pool spins at its barriers and takes the cores from our layers, which thread themselves: measured,
/// a training step took 2.4 s beside it and 0.7 s without. A user who sets the variable is obeyed.
fn quiet_candle_pool() {
    const THREADS: &str = "CANDLE_NUM_THREADS";
    if std::env::var_os(THREADS).is_none() {
        // SAFETY: at the very start of `main`; no other thread exists yet that could read the environment.
        unsafe { std::env::set_var(THREADS, "1") };
    }
}
