//! The command line: one grammar, one file a subcommand, the only place with clap.
//!
//! Exit status: 0 all done, 1 something failed (the rest was done), 2 wrong usage.

mod bench;
mod dataset;
mod decode;
mod deidentify;
mod doctor;
mod evaluate;
mod explain;
mod export;
mod handbook;
mod info;
mod learning_curve;
mod manual;
mod measure;
mod models;
mod norms;
mod rehearse;
mod replay;
mod segment;
mod simulate;
mod terminal;
mod tour;
mod train;
mod version;

pub use bench::BenchWindow;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Workbench for hip radiographs: landmarks, angles with their uncertainty, reports.
/// Research software, not a medical device.
#[derive(Debug, Parser)]
#[command(name = "coxa", version = version::text(), args_conflicts_with_subcommands = true)]
#[command(after_help = "Without a subcommand the workbench opens, on PATH… or on the embedded demo study.\n\
                        Exit status: 0 all done, 1 something failed (the rest was done), 2 wrong usage.")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Films (DICOM, PNG, JPEG, TIFF) or folders to open in the workbench
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the workbench (what happens without a subcommand)
    View {
        /// Films (DICOM, PNG, JPEG, TIFF) or folders; the embedded demo study without any
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Measure films without a window: JSON, PDF, annotated PNG and a summary table
    Measure(Box<measure::Args>),
    /// Judge networks and given points on films with known truth: one page, JSON and tables
    Evaluate(Box<evaluate::Args>),
    /// Hand a film over as DICOM objects, PDF and tables, or open such a report again
    Export(Box<export::Args>),
    /// Make every number of a bundle of `coxa export` again, offline, and tell what differs
    Replay(replay::Args),
    /// Say what a code means: definition, formula, source, norms
    Explain(explain::Args),
    /// List the norm tables, or sign one whose values were checked
    Norms(norms::Args),
    /// Make radiographs with known truth
    Simulate(simulate::Args),
    /// Train a landmark network, or an nnU-Net
    Train(train::Args),
    /// Bring labelled films in, check, divide and count them, and write them for other programs
    Dataset(Box<dataset::Args>),
    /// Masks of films by a trained nnU-Net
    Segment(Box<segment::Args>),
    /// Train on more and more phantoms, and draw how far each system then misses the femur's outline
    LearningCurve(learning_curve::Args),
    /// Write one frame of a film as an array or a picture
    Decode(decode::Args),
    /// Take the identity out of DICOM files
    Deidentify(deidentify::Args),
    /// Say what a file holds
    Info(info::Args),
    /// List, check and install networks
    Models(models::Args),
    /// Time layers or networks beside candle's own, ONNX Runtime and PyTorch; or the window
    Bench(bench::Args),
    /// Write the handbook as pages for a browser
    Handbook(handbook::Args),
    /// Say what works on this machine and what to install
    Doctor,
    /// Take the pictures of the handbook: the window goes through its states by itself
    #[command(hide = true)]
    Tour(tour::Args),
    /// Write man pages and shell completions, as packages ship them
    #[command(hide = true)]
    Manual(manual::Args),
    /// Edit a film in the window, without a screen, until killed
    #[command(hide = true)]
    Rehearse(rehearse::Args),
}

/// What the arguments ask for. The window is not ours: whoever parsed opens it.
pub enum Task {
    View(Vec<PathBuf>),
    /// Time the window.
    BenchWindow(BenchWindow),
    /// Edit a film of a folder in the window, without a screen, until killed.
    Rehearse {
        films: PathBuf,
        home: PathBuf,
        seed: u64,
    },
    /// Take pictures of the window's states.
    Tour(tour::Args),
    Headless(Headless),
}

/// A subcommand without a window.
pub struct Headless(Box<Command>);

/// The task of the process arguments. Ends the process for `--help`, `--version` (0) and wrong usage (2).
pub fn parse() -> Task {
    let cli = Cli::parse();
    match cli.command {
        None => Task::View(cli.paths),
        Some(Command::View { paths }) => Task::View(paths),
        Some(Command::Bench(args)) if args.is_of_window() => Task::BenchWindow(args.of_window()),
        Some(Command::Rehearse(rehearse::Args { films, home, seed })) => Task::Rehearse { films, home, seed },
        Some(Command::Tour(args)) => Task::Tour(args),
        Some(command) => Task::Headless(Headless(Box::new(command))),
    }
}

/// Runs a subcommand.
///
/// # Errors
/// What kept all of it from being done; what concerns single files is told on the way and ends in status 1.
pub fn run(Headless(command): Headless) -> anyhow::Result<ExitCode> {
    match *command {
        Command::View { .. } | Command::Rehearse(_) | Command::Tour(_) => {
            anyhow::bail!("the window is not opened from here")
        }
        Command::Measure(args) => measure::run(*args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Export(args) => export::run(*args),
        Command::Replay(args) => replay::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Norms(args) => norms::run(&args),
        Command::Simulate(args) => simulate::run(args),
        Command::Train(args) => train::run(args),
        Command::Dataset(args) => dataset::run(*args),
        Command::Segment(args) => segment::run(*args),
        Command::LearningCurve(args) => learning_curve::run(&args),
        Command::Decode(args) => decode::run(args),
        Command::Deidentify(args) => deidentify::run(args),
        Command::Info(args) => info::run(args),
        Command::Models(args) => models::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Handbook(args) => handbook::run(&args),
        Command::Doctor => doctor::run(),
        Command::Manual(args) => manual::run(&args),
    }
}

/// Prints the outcome of a task in one line where it failed, and gives the exit status.
pub fn finish(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    match outcome {
        Ok(status) => status,
        // The reader of our output has seen enough (`coxa models | head -1`).
        Err(error) if terminal::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_word_that_is_no_subcommand_is_a_path() {
        for word in ["film.dcm", "measures", "model", "trains.dcm", "folder/", "doktor"] {
            let cli = Cli::try_parse_from(["coxa", word]).expect(word);
            assert!(cli.command.is_none() && cli.paths == [PathBuf::from(word)], "{word}");
        }
        let cli = Cli::try_parse_from(["coxa", "a.dcm", "measure"]).expect("two paths");
        assert_eq!(cli.paths.len(), 2);
    }

    #[test]
    fn measuring_nothing_or_to_nowhere_is_wrong_usage() {
        for words in [
            vec!["coxa", "measure"],
            vec!["coxa", "measure", "--out", "o"],
            vec!["coxa", "measure", "a.dcm"],
            vec!["coxa", "measure", "a.dcm", "--out", "o", "--format", "docx"],
            vec!["coxa", "measure", "a.dcm", "--out", "o", "--device", "tpu"],
            vec!["coxa", "simulate", "--out", "o"],
        ] {
            let error = Cli::try_parse_from(&words).expect_err("wrong usage");
            assert_eq!(error.exit_code(), 2, "{words:?}");
        }
        assert!(Cli::try_parse_from(["coxa", "measure", "--landmarks", "p.json", "--json", "-"]).is_ok());
    }
}
