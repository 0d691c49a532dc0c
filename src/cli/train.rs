//! `coxa train`: a landmark network, an nnU-Net, or the classifier of pictures, from a configuration file.

use super::terminal::{self, Bar};
use crate::training::nnunet::{NnUnetConfig, NnUnetEvent, is_nn_unet};
use crate::training::seeds::{Figure, train_seeds};
use crate::training::vary::{Choice, Line, train_varied};
use crate::training::view::{ViewConfig, ViewEvent, is_view};
use crate::training::{Event, TrainConfig, nnunet, train, view};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to train and how (TOML); every field has a default
    #[arg(value_name = "CONFIG.toml")]
    config: PathBuf,
    /// Folder for checkpoint, metrics, loss curve and the finished model
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Go on from the checkpoint in DIR
    #[arg(long)]
    resume: bool,
    /// Train once with each of these seeds and report how the figures vary; heat maps become one model of all of them
    #[arg(long, value_name = "N,N,…", value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Train once with each value of one field and tabulate the figures, as system.patch.half=50,60,70,80,90,100
    #[arg(long, value_name = "KEY=VALUE,…", conflicts_with = "seeds")]
    vary: Option<Choice>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    // A file that cannot be read is complained of by whoever reads it next.
    if std::fs::read_to_string(&args.config).is_ok_and(|text| is_nn_unet(&text)) {
        anyhow::ensure!(
            args.seeds.is_empty() && args.vary.is_none(),
            "--seeds, --vary: the networks of an nnU-Net are its folds (system.fold)"
        );
        return segmentation(&args);
    }
    if std::fs::read_to_string(&args.config).is_ok_and(|text| is_view(&text)) {
        anyhow::ensure!(
            args.seeds.is_empty() && args.vary.is_none(),
            "--seeds, --vary: the classifier is trained once (seed)"
        );
        return classifier(&args);
    }
    let config = TrainConfig::read(&args.config)?;
    let bar = Bar::new(config.optimiser.steps as u64);
    let job = bar.job(config.id.clone());
    let mut printed = Ok(());
    let log = |event: &Event| {
        if let Err(error) = show(event, &bar) {
            // Nobody reads any more: stop at the next step, keeping the checkpoint.
            printed = Err(error);
            job.cancel();
        }
    };
    if !args.seeds.is_empty() {
        let figures = train_seeds(&config, &args.seeds, &args.out, args.resume, &job, log);
        drop(bar);
        printed?;
        for Figure { name: [set, name], mean, sd } in figures? {
            terminal::print(&format!("{set}: {name}: {mean:.2} ± {sd:.2}"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(choice) = &args.vary {
        let lines = train_varied(&config, choice, &args.out, args.resume, &job, log);
        drop(bar);
        printed?;
        for Line { name: [set, name], values } in lines? {
            let of =
                |value: &Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
            let values: Vec<String> = values.iter().map(of).collect();
            terminal::print(&format!("{set}: {name}: {}", values.join(" | ")))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let plan = train(&config, &args.out, args.resume, &job, log);
    drop(bar);
    printed?;
    let plan = plan?;
    terminal::complain(&format!("{} {} in {}", plan.id, plan.version, args.out.display()));
    Ok(ExitCode::SUCCESS)
}

/// Trains a fold of an nnU-Net.
fn segmentation(args: &Args) -> anyhow::Result<ExitCode> {
    let config = NnUnetConfig::read(&args.config)?;
    let bar = Bar::new(config.optimiser.steps as u64);
    let job = bar.job(format!("fold {}", config.system.fold));
    let mut printed = Ok(());
    let dice = nnunet::train(&config, &args.out, args.resume, &job, |event| {
        let shown = match event {
            NnUnetEvent::Note(note) => bar.print(note),
            NnUnetEvent::Step(row) => {
                bar.at(row.step as u64);
                bar.on(format!("loss {:.4}", row.loss));
                Ok(())
            }
            NnUnetEvent::Validation { step, dice } => {
                let labels = dice.labels.iter().map(|dice| format!(" {dice:.4}")).collect::<String>();
                bar.print(&format!("step {step}: Dice {:.4} over {} cases;{labels}", dice.mean, dice.images))
            }
        };
        if let Err(error) = shown {
            printed = Err(error);
            job.cancel();
        }
    });
    drop(bar);
    printed?;
    terminal::complain(&format!("mean Dice {:.4}, model in {}", dice?.mean, args.out.display()));
    Ok(ExitCode::SUCCESS)
}

/// Trains the classifier that tells what a picture shows.
fn classifier(args: &Args) -> anyhow::Result<ExitCode> {
    let config = ViewConfig::read(&args.config)?;
    let bar = Bar::new(config.optimiser.steps as u64);
    let job = bar.job("view".to_owned());
    let mut printed = Ok(());
    let card = view::train(&config, &args.out, args.resume, &job, |event| {
        let shown = match event {
            ViewEvent::Note(note) => bar.print(note),
            ViewEvent::Step(row) => {
                bar.at(row.step as u64);
                bar.on(format!("loss {:.4}", row.loss));
                Ok(())
            }
            ViewEvent::Validation { step, right, refused, read } => {
                let [right, refused, read] = [right, refused, read].map(|share| 100.0 * share);
                bar.print(&format!(
                    "step {step}: {right:.1} % right; refused of what is read {refused:.2} %, read of the rest {read:.2} %"
                ))
            }
        };
        if let Err(error) = shown {
            printed = Err(error);
            job.cancel();
        }
    });
    drop(bar);
    printed?;
    let card = card?;
    terminal::complain(&format!(
        "{} {}, least share {}, in {}",
        card.id,
        card.version,
        card.least_share,
        args.out.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn show(event: &Event, bar: &Bar) -> io::Result<()> {
    match event {
        Event::Note(note) => bar.print(note),
        Event::Step(row) => {
            bar.at(row.step as u64);
            bar.on(format!("loss {:.4}", row.loss));
            Ok(())
        }
        Event::Validation { step, held, films } => {
            let mut line = format!("step {step}: phantoms {}", errors(held));
            if let Some(films) = films {
                line.push_str(&format!("; films {}", errors(films)));
            }
            bar.print(&line)
        }
    }
}

/// `TRC 1.2 SMA 1.9 % of TRC-TRC, AI 2.4°`: mean radial errors, and that of the acetabular index where there is one.
fn errors(summary: &crate::training::validate::Summary) -> String {
    let points: String =
        summary.mean_percent.iter().map(|(code, error)| format!("{code} {error:.2} ")).collect();
    let angle = if summary.ai_mean_error.is_finite() {
        format!(", AI {:.2}°", summary.ai_mean_error)
    } else {
        String::new()
    };
    format!("{points}{}{angle}", summary.unit())
}
