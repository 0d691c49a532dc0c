//! `coxa replay`: whether a bundle's numbers come out of its points again.

use super::terminal;
use crate::export::bundle;
use crate::imaging;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A bundle that `coxa export --to bundle` made
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The film that it claims to be about: its pixels are compared too
    #[arg(long, value_name = "FILE")]
    film: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let film = args.film.as_deref().map(imaging::open).transpose()?;
    let replay = bundle::replay(&args.bundle, film.as_ref())?;
    for difference in &replay.differences {
        terminal::complain(&terminal::one_line(&format!("{}: {difference}", args.bundle.display())));
    }
    let pixels = if replay.pixels_compared { "pixels compared" } else { "pixels not compared (--film)" };
    let verdict = match replay.differences.len() {
        0 => "all as they were".to_owned(),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    };
    println!(
        "{}: {} measurements and {} findings of {} made again: {verdict}; {pixels}",
        args.bundle.display(),
        replay.measurements,
        replay.findings,
        replay.software,
    );
    Ok(if replay.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
