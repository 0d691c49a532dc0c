//! `coxa bench`: how fast the networks are here, beside other engines on the very same weights; and the window.

use super::terminal;
use crate::library::Greys;
use crate::models::bench::{self, Options, Outcome, Timing};
use anyhow::Context;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Single layers, the networks that this program runs and trains, or the window
    #[arg(value_enum)]
    what: What,
    /// The film that the window is timed on; one of 2140 × 1760 pixels at 16 bits without
    #[arg(value_name = "FILM")]
    film: Option<PathBuf>,
    /// List, scroll and page through so many films in the window: copies of FILM, each kept on the disk
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    studies: Option<u32>,
    /// What computes the greys of the window's films
    #[arg(long, value_enum, default_value_t = By::Auto)]
    greys: By,
    /// Only this line of the table
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Runs of every engine, which take turns; two more for warmth do not count
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Threads of every engine
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Leave out candle as published, which is slow
    #[arg(long)]
    without_candle: bool,
    /// JSON instead of the table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Layers,
    Network,
    Ui,
}

/// As the settings of the window have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The graphics card, unless the processor plays it
    Auto,
    /// The graphics card
    Gpu,
    /// The processor
    Cpu,
}

impl From<By> for Greys {
    fn from(by: By) -> Greys {
        match by {
            By::Auto => Greys::Auto,
            By::Gpu => Greys::Gpu,
            By::Cpu => Greys::Cpu,
        }
    }
}

/// How the window is timed.
pub struct BenchWindow {
    pub film: Option<PathBuf>,
    pub greys: Greys,
    /// So many copies of the film are paged through.
    pub studies: Option<usize>,
}

impl Args {
    /// Whether the window is to be timed, which is opened elsewhere.
    pub fn is_of_window(&self) -> bool {
        self.what == What::Ui
    }

    pub fn of_window(self) -> BenchWindow {
        let studies = self.studies.map(|count| count as usize);
        BenchWindow { film: self.film, greys: self.greys.into(), studies }
    }
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(film) = args.film {
        anyhow::bail!("{}: only the window is timed on a film", film.display());
    }
    anyhow::ensure!(args.studies.is_none(), "--studies: only the window reads studies");
    anyhow::ensure!(args.greys == By::Auto, "--greys: only the window shows films");
    let networks = args.what == What::Network;
    let names = bench::names(networks);
    if let Some(only) = args.only.as_deref().filter(|only| !names.contains(only)) {
        anyhow::bail!("{only:?} is none of {}", names.join(", "));
    }
    let options = Options {
        networks,
        only: args.only,
        rounds: args.rounds as usize,
        threads: args.threads as usize,
        candle: !args.without_candle,
    };
    let scratch = Scratch::new()?;
    let mut outcomes = Vec::new();
    let mut printed = Ok(());
    if !args.json {
        terminal::print(&format!("{} threads each, {} runs in turn", options.threads, options.rounds))?;
    }
    bench::run(&options, &scratch.0, |outcome| {
        if !args.json && printed.is_ok() {
            printed = terminal::print(&table(&outcome));
        }
        outcomes.push(outcome);
    })?;
    printed?;
    if args.json {
        let report = serde_json::json!({
            "schema": "coxa/bench/1",
            "threads": options.threads,
            "rounds": options.rounds,
            "cases": outcomes,
        });
        terminal::print(&serde_json::to_string_pretty(&report)?)?;
    }
    let unlike = outcomes.iter().flat_map(|outcome| &outcome.timings).any(|timing| !agrees(timing));
    Ok(if unlike { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Outputs may differ by this share of the largest magnitude.
const TOLERANCE: f64 = 1e-4;

/// Whether the output is ours; engines that are missing or failed do not count against it.
fn agrees(timing: &Timing) -> bool {
    timing.missing.is_some() || timing.difference.is_some_and(|difference| difference <= TOLERANCE)
}

fn table(outcome: &Outcome) -> String {
    let mut lines = vec![
        format!("\n{} ({})", outcome.title, outcome.name),
        format!(
            "  {:<22}{:>11}{:>11}{:>12}{:>10}{:>13}",
            "", "median ms", "fastest", "ours/this", "peak MiB", "difference"
        ),
    ];
    for timing in &outcome.timings {
        let name = match &timing.version {
            Some(version) => format!("{} {version}", timing.engine),
            None => timing.engine.to_owned(),
        };
        if let Some(reason) = &timing.missing {
            lines.push(format!("  {name:<22}{}", terminal::one_line(reason)));
            continue;
        }
        let number = |value: Option<f64>, decimals: usize| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
        };
        let difference = timing.difference.map_or_else(|| "–".to_owned(), |d| format!("{d:.1e}"));
        let remark = if agrees(timing) { "" } else { "  NOT EQUAL" };
        lines.push(format!(
            "  {name:<22}{:>11}{:>11}{:>12}{:>10}{difference:>13}{remark}",
            number(timing.median_ms, 2),
            number(timing.fastest_ms, 2),
            number(timing.ours_over_this, 2),
            number(timing.peak_bytes.map(|bytes| bytes as f64 / 1_048_576.0), 0),
        ));
    }
    lines.join("\n")
}

/// A folder of this process for what other engines read and write; gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("coxa-bench-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, whose folder it is.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
