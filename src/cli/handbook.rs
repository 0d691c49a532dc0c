//! `coxa handbook`: the handbook as pages that a browser reads without a network.

use super::terminal;
use crate::export::handbook;
use crate::models::{catalogue, installed};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder that gets index.html and the other pages
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let installed = installed::all().into_iter().filter_map(Result::ok);
    let plans: Vec<_> = catalogue().iter().cloned().chain(installed).map(|model| model.plan).collect();
    let first = handbook::write(&args.out, &plans)?;
    terminal::print(&first.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}
