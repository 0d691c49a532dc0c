//! `coxa learning-curve`: random forests and networks trained on more and more phantoms, as the paper on displacement
//! voting compares them.

use super::terminal::{self, Bar};
use crate::training::TrainConfig;
use crate::training::config::SystemConfig;
use crate::training::learning_curve::{self, CurveOptions, FilmError, Method, Outcome};
use crate::training::learning_figure;
use anyhow::Context;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const ERRORS: &str = "errors.csv";
const FIGURE: &str = "learning-curve.png";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder for errors.csv and learning-curve.png, written again after every system and size; what an earlier run
    /// with the same options has left there is not trained again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Systems, in the order of training
    #[arg(long, value_enum, value_delimiter = ',', default_value = "clm,whdv")]
    systems: Vec<System>,
    /// Training films
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "50,100,200,500")]
    sizes: Vec<usize>,
    /// Held-out films, all of which show the whole outline
    #[arg(long, value_name = "N", default_value_t = 100)]
    tested: usize,
    /// Updates of the networks, ten films each
    #[arg(long, value_name = "N", default_value_t = 1000, conflicts_with = "whdv")]
    steps: usize,
    /// Networks as this file trains them (kind whdv-searchers); else the paper's at half its resolution
    #[arg(long, value_name = "CONFIG.toml")]
    whdv: Option<PathBuf>,
    /// Forests as this file trains them (kind rfrv-clm)
    #[arg(long, value_name = "CONFIG.toml")]
    clm: Option<PathBuf>,
    /// Where the phantoms and every random number come from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Test on the very films that were learnt, by heart: one size only
    #[arg(long)]
    by_heart: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum System {
    Clm,
    Whdv,
    Hdv,
    Ho,
}

impl From<System> for Method {
    fn from(system: System) -> Self {
        match system {
            System::Clm => Self::Clm,
            System::Whdv => Self::Whdv,
            System::Hdv => Self::Hdv,
            System::Ho => Self::Ho,
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&args.out).with_context(|| format!("{}: cannot be made", args.out.display()))?;
    let mut options = CurveOptions::halved(args.steps);
    options.methods = args.systems.iter().map(|system| Method::from(*system)).collect();
    options.sizes.clone_from(&args.sizes);
    options.tested = args.tested;
    options.seed = args.seed;
    options.by_heart = args.by_heart;
    if let Some(path) = &args.whdv {
        options.searchers = TrainConfig::read(path)?;
    }
    if let Some(path) = &args.clm {
        let SystemConfig::RfrvClm(clm) = TrainConfig::read(path)?.system else {
            anyhow::bail!("{}: its system is not rfrv-clm", path.display());
        };
        options.clm = clm;
    }
    let bar = Bar::new((options.methods.len() * options.sizes.len()) as u64);
    let job = bar.job("learning curve".to_owned());
    let mut outcomes = earlier(&args.out)?;
    if !outcomes.is_empty() {
        learning_figure::draw(&outcomes, &args.out.join(FIGURE))?;
    }
    let known: Vec<(Method, usize)> = outcomes.iter().map(|o| (o.method, o.trained_on)).collect();
    let mut written = Ok(());
    let outcome = learning_curve::run(&options, &known, &job, |outcome| {
        bar.done();
        outcomes.push(outcome);
        if let Err(error) = show(&outcomes, &args.out, &bar) {
            // Nothing more can be kept: stop.
            written = Err(error);
            job.cancel();
        }
    });
    drop(bar);
    written?;
    outcome?;
    terminal::complain(&format!("errors.csv and learning-curve.png in {}", args.out.display()));
    Ok(ExitCode::SUCCESS)
}

/// What is in the folder already, by system and size in the order of the file.
fn earlier(out: &Path) -> anyhow::Result<Vec<Outcome>> {
    let path = out.join(ERRORS);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
    let films = reader.deserialize().collect::<Result<Vec<FilmError>, _>>();
    let films = films.with_context(|| path.display().to_string())?;
    let same = |a: &FilmError, b: &FilmError| (a.method, a.trained_on) == (b.method, b.trained_on);
    Ok(films.chunk_by(same).filter_map(|films| Outcome::of(films.to_vec())).collect())
}

/// Writes all outcomes anew and prints the last.
fn show(outcomes: &[Outcome], out: &Path, bar: &Bar) -> anyhow::Result<()> {
    let path = out.join(ERRORS);
    let mut writer = csv::Writer::from_path(&path).with_context(|| path.display().to_string())?;
    for film in outcomes.iter().flat_map(|outcome| &outcome.films) {
        writer.serialize(film)?;
    }
    writer.flush()?;
    learning_figure::draw(outcomes, &out.join(FIGURE))?;
    let Some(last) = outcomes.last() else { return Ok(()) };
    let percentiles = |error: fn(&FilmError) -> Option<f64>| {
        let distribution = last.distribution(error);
        let of = |percent| distribution.percentile(percent).map_or_else(|| "–".into(), |e| format!("{e:.2}"));
        [50.0, 90.0, 95.0, 99.0].map(of).join(" / ")
    };
    bar.print(&format!(
        "{} on {}: to point {} %, to curve {} % (50, 90, 95, 99 %); {:.2} px; {} not found; trained in {:.0} s, {:.0} ms a film",
        last.method.name(),
        last.trained_on,
        percentiles(|film| film.point_to_point),
        percentiles(|film| film.point_to_curve),
        last.mean_px(),
        last.distribution(|film| film.point_to_point).failed(),
        last.training_s,
        last.film_ms,
    ))?;
    Ok(())
}
