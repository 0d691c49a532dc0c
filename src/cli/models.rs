//! `coxa models`: the networks at hand, their cards, and those that a user installs.

use super::terminal;
use crate::models::{DeviceChoice, ModelCard, Plan, Predictor, catalogue, installed, predictor};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// List the models (what happens without a subcommand)
    List,
    /// Print all that is known of a model
    Card {
        /// Id, or a plan's path; the default model without
        #[arg(value_name = "MODEL")]
        model: Option<String>,
    },
    /// Check that weights are those of their plan, and that they load
    Verify {
        /// Ids or plans' paths; every model without
        #[arg(value_name = "MODEL")]
        models: Vec<String>,
    },
    /// Copy a trained model to where this program finds it by its id
    Install {
        /// A plan NAME.toml with NAME.safetensors beside it, or a folder with one
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.task.unwrap_or(Task::List) {
        Task::List => list(),
        Task::Card { model } => {
            terminal::print(&card(&*predictor::find(model.as_deref())?))?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Verify { models } => verify(models),
        Task::Install { path } => install(&path),
    }
}

/// Every model that can be found, or why it cannot be used.
fn found() -> Vec<anyhow::Result<ModelCard>> {
    let own = installed::all().into_iter().map(|model| model.map_err(Into::into));
    catalogue().iter().cloned().map(Ok).chain(own).collect()
}

fn list() -> anyhow::Result<ExitCode> {
    let mut status = ExitCode::SUCCESS;
    for (index, model) in found().into_iter().enumerate() {
        match model {
            Ok(model) => {
                let note = match index {
                    0 => " (default)",
                    i if i < catalogue().len() => "",
                    _ => " (installed)",
                };
                let Plan { id, version, title, licence, sha256, .. } = &model.plan;
                let lines = [
                    format!("{id} {version}{note}"),
                    format!("  {title}"),
                    format!("  licence {licence}, sha256 {sha256}"),
                ];
                terminal::print(&lines.join("\n"))?;
            }
            Err(error) => {
                terminal::complain(&format!("{error:#}"));
                status = ExitCode::FAILURE;
            }
        }
    }
    Ok(status)
}

fn verify(names: Vec<String>) -> anyhow::Result<ExitCode> {
    let models = if names.is_empty() {
        found()
    } else {
        let find = |name: &String| Ok(predictor::find(Some(name))?.into_owned());
        names.iter().map(find).collect()
    };
    let mut status = ExitCode::SUCCESS;
    for model in models {
        let checked = model.and_then(|model| {
            Predictor::from_bytes(model.plan.clone(), &model.bytes, DeviceChoice::Cpu)?;
            Ok(model)
        });
        match checked {
            Ok(model) => {
                terminal::print(&format!("{} {}: sound, {}", model.id(), model.version(), model.sha256()))?;
            }
            Err(error) => {
                terminal::complain(&format!("{error:#}"));
                status = ExitCode::FAILURE;
            }
        }
    }
    Ok(status)
}

fn install(path: &Path) -> anyhow::Result<ExitCode> {
    let model = installed::read(path)?;
    // Before it is copied: what does not load is not installed.
    Predictor::from_bytes(model.plan.clone(), &model.bytes, DeviceChoice::Cpu)?;
    let folder = installed::folder().context("this system names no folder for a user's data")?;
    let place = installed::install(&model, &folder)?;
    terminal::complain(&format!("{} {} installed: {}", model.id(), model.version(), place.display()));
    Ok(ExitCode::SUCCESS)
}

fn card(model: &ModelCard) -> String {
    let plan = &model.plan;
    let mut lines = vec![format!("{} {}", plan.id, plan.version)];
    let mut put = |name: &str, text: &str| {
        if !text.trim().is_empty() {
            lines.push(format!("  {name:<12}{}", text.trim()));
        }
    };
    put("title", &plan.title);
    put("system", plan.system.name());
    put("use", &plan.intended_use);
    put("limits", &plan.limitations);
    put("trained on", &plan.trained_on);
    put("command", &plan.command);
    put("licence", &plan.licence);
    put("landmarks", &plan.landmarks.join(" "));
    put("may lack", &plan.optional.join(" "));
    put("sha256", &plan.sha256);
    put("size", &format!("{:.2} MB", model.bytes.len() as f64 / 1e6));
    for (data, figures) in &plan.accuracy {
        lines.push(format!("  accuracy    {data}"));
        lines.extend(figures.iter().map(|(name, value)| format!("            {value:8.2}  {name}")));
    }
    lines.join("\n")
}
