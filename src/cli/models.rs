//! `coxa models`: the networks at hand, their cards, and those that a user installs. A network that gives points is a
//! plan with its weights, one that gives masks a folder of nnU-Net.

use super::terminal;
use crate::job::Job;
use crate::models::nnunet::{NnUnet, NnUnetCard, card as masks};
use crate::models::view::{self, Classifier, ViewCard};
use crate::models::{DeviceChoice, ModelCard, Predictor, catalogue, installed, predictor};
use crate::training::run::recalibrate;
use crate::training::{Event, TrainConfig};
use anyhow::Context;
use std::collections::BTreeMap;
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
        /// Id, a plan's path or a folder; the default model without
        #[arg(value_name = "MODEL")]
        model: Option<String>,
    },
    /// Check that weights are those of their plan, and that they load
    Verify {
        /// Ids, plans' paths or folders; every model without
        #[arg(value_name = "MODEL")]
        models: Vec<String>,
    },
    /// Calibrate a model anew on simulated infants that no training has seen: spreads, least presence, temperature of
    /// the confidence, and the figures of its card. The weights stay as they are
    Calibrate(CalibrateArgs),
    /// Copy a trained model to where this program finds it by its id
    Install {
        /// A plan NAME.toml with NAME.safetensors beside it, a folder with one, or a trained folder of nnU-Net
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct CalibrateArgs {
    /// Id, a plan's path or a folder
    #[arg(value_name = "MODEL")]
    model: String,
    /// Folder for the model with its new plan, and reliability.png
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Simulated films
    #[arg(long, value_name = "N", default_value_t = 240, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    films: u32,
    /// Their side in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 288, value_parser = clap::value_parser!(u32).range(64..=4096))]
    size: u32,
    /// Where they come from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.task.unwrap_or(Task::List) {
        Task::List => list(),
        Task::Card { model } => {
            terminal::print(&find(model.as_deref())?.card())?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Verify { models } => verify(models),
        Task::Calibrate(args) => calibrate(&args),
        Task::Install { path } => install(&path),
    }
}

fn calibrate(args: &CalibrateArgs) -> anyhow::Result<ExitCode> {
    let model = predictor::find(Some(&args.model))?;
    let mut config = TrainConfig { seed: args.seed, ..TrainConfig::default() };
    config.data.phantom_size = args.size as usize;
    config.validation.calibration = args.films as usize;
    let mut printed = Ok(());
    let plan = recalibrate(&model, &config, &args.out, &Job::silent(), |event| {
        if let Event::Note(note) = event {
            printed = terminal::print(note);
        }
    })?;
    printed?;
    terminal::print(&format!(
        "{} {}: confidence temperature {}, floor {}",
        plan.id, plan.version, plan.calibration.confidence_temperature, plan.calibration.confidence_floor
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// A model of either kind.
enum Model {
    Points(Box<ModelCard>),
    /// With its folder.
    Masks(PathBuf, Box<NnUnetCard>),
    /// The classifier, which chooses among the others.
    Views(Box<ViewCard>),
}

impl Model {
    fn views() -> anyhow::Result<Self> {
        let (card, _) = view::found()?;
        Ok(Self::Views(Box::new(card)))
    }

    fn masks(folder: PathBuf) -> anyhow::Result<Self> {
        let card = NnUnetCard::of(&folder)?;
        Ok(Self::Masks(folder, Box::new(card)))
    }

    /// Id and version.
    fn name(&self) -> String {
        match self {
            Self::Points(model) => format!("{} {}", model.id(), model.version()),
            Self::Masks(_, card) => format!("{} {}", card.about.id, card.about.version),
            Self::Views(card) => format!("{} {}", card.id, card.version),
        }
    }

    /// What tells its weights from others.
    fn sum(&self) -> String {
        match self {
            Self::Points(model) => model.sha256().to_owned(),
            Self::Masks(_, card) => {
                let sums = card.sha256.iter().filter(|(name, _)| name.starts_with("fold"));
                sums.map(|(name, sum)| format!("{name} {sum}")).collect::<Vec<_>>().join(", ")
            }
            Self::Views(card) => card.sha256.clone(),
        }
    }

    fn summary(&self, note: &str) -> String {
        let (title, licence) = match self {
            Self::Points(model) => (model.title(), model.licence()),
            Self::Masks(_, card) => (card.about.title.as_str(), card.about.licence.as_str()),
            Self::Views(card) => (card.title.as_str(), card.licence.as_str()),
        };
        format!("{}{note}\n  {title}\n  licence {licence}, sha256 {}", self.name(), self.sum())
    }

    fn card(&self) -> String {
        match self {
            Self::Points(model) => card(model),
            Self::Masks(_, card) => card_of_masks(card),
            Self::Views(card) => card_of_views(card),
        }
    }

    /// Whether the weights are those of the card, and load.
    fn verify(&self) -> anyhow::Result<()> {
        match self {
            Self::Points(model) => {
                Predictor::from_bytes(model.plan.clone(), &model.bytes, DeviceChoice::Cpu)?;
            }
            Self::Masks(folder, card) => {
                card.verify(folder)?;
                NnUnet::load(folder, &[], DeviceChoice::Cpu)?;
            }
            Self::Views(_) => {
                Classifier::load(DeviceChoice::Cpu)?;
            }
        }
        Ok(())
    }
}

/// The model of this id or at this path.
fn find(name: Option<&str>) -> anyhow::Result<Model> {
    if name == Some(view::ID) {
        return Model::views();
    }
    if let Some(folder) = name.map(|name| masks::find(Path::new(name))).filter(|path| masks::is_model(path)) {
        return Model::masks(folder);
    }
    Ok(Model::Points(Box::new(predictor::find(name)?.into_owned())))
}

/// Every model that can be found, or why it cannot be used.
fn found() -> Vec<anyhow::Result<Model>> {
    let points = installed::all().into_iter().map(|model| Ok(Model::Points(Box::new(model?))));
    let masks = installed::folders().into_iter().flat_map(|folder| masks::list(&folder)).map(Model::masks);
    let shipped = catalogue().iter().map(|model| Ok(Model::Points(Box::new(model.clone()))));
    shipped.chain([Model::views()]).chain(points).chain(masks).collect()
}

fn list() -> anyhow::Result<ExitCode> {
    let mut status = ExitCode::SUCCESS;
    for (index, model) in found().into_iter().enumerate() {
        match model {
            Ok(model) => {
                let note = match index {
                    0 => " (default)",
                    i if i <= catalogue().len() => "",
                    _ => " (installed)",
                };
                terminal::print(&model.summary(note))?;
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
    let models = if names.is_empty() { found() } else { names.iter().map(|name| find(Some(name))).collect() };
    let mut status = ExitCode::SUCCESS;
    for model in models {
        match model.and_then(|model| model.verify().map(|()| model)) {
            Ok(model) => terminal::print(&format!("{}: sound, {}", model.name(), model.sum()))?,
            Err(error) => {
                terminal::complain(&format!("{error:#}"));
                status = ExitCode::FAILURE;
            }
        }
    }
    Ok(status)
}

fn install(path: &Path) -> anyhow::Result<ExitCode> {
    let model = if masks::is_model(path) {
        Model::masks(path.to_owned())?
    } else {
        Model::Points(Box::new(installed::read(path)?))
    };
    // Before it is copied: what does not load is not installed.
    model.verify()?;
    let folder = installed::folder().context("this system names no folder for a user's data")?;
    let place = match &model {
        Model::Points(model) => installed::install(model, &folder)?,
        Model::Masks(from, card) => card.install(from, &folder)?,
        Model::Views(_) => anyhow::bail!("the classifier is inside the program"),
    };
    terminal::complain(&format!("{} installed: {}", model.name(), place.display()));
    Ok(ExitCode::SUCCESS)
}

fn card_of_masks(card: &NnUnetCard) -> String {
    let about = &card.about;
    let lines = [
        ("title", &about.title),
        ("system", &"masks of a plain-convolution U-Net (nnU-Net, 2-D)".to_owned()),
        ("use", &about.intended_use),
        ("limits", &about.limitations),
        ("trained on", &card.trained_on),
        ("command", &about.command),
        ("licence", &about.licence),
    ];
    let mut text = lines_of(&format!("{} {}", about.id, about.version), &lines);
    text.extend(card.sha256.iter().map(|(name, sum)| format!("  sha256      {sum}  {name}")));
    text.extend(accuracy(&card.accuracy));
    text.join("\n")
}

fn card_of_views(card: &ViewCard) -> String {
    let lines = [
        ("title", &card.title),
        ("use", &card.intended_use),
        ("limits", &card.limitations),
        ("trained on", &card.trained_on),
        ("command", &card.command),
        ("seed", &card.seed.to_string()),
        ("licence", &card.licence),
        ("sha256", &card.sha256),
    ];
    let mut text = lines_of(&format!("{} {}", card.id, card.version), &lines);
    text.extend(accuracy(&card.accuracy));
    text.join("\n")
}

/// A heading and what of the fields says something.
fn lines_of(heading: &str, fields: &[(&str, &String)]) -> Vec<String> {
    let said = fields.iter().filter(|(_, text)| !text.trim().is_empty());
    let said = said.map(|(name, text)| format!("  {name:<12}{}", text.trim()));
    std::iter::once(heading.to_owned()).chain(said).collect()
}

/// Figures by data set.
fn accuracy(sets: &BTreeMap<String, BTreeMap<String, f64>>) -> Vec<String> {
    let of = |(data, figures): (&String, &BTreeMap<String, f64>)| {
        let lines = figures.iter().map(|(name, value)| format!("            {value:8.2}  {name}"));
        std::iter::once(format!("  accuracy    {data}")).chain(lines).collect::<Vec<_>>()
    };
    sets.iter().flat_map(of).collect()
}

fn card(model: &ModelCard) -> String {
    let plan = &model.plan;
    let lines = [
        ("title", &plan.title),
        ("system", &plan.system.name().to_owned()),
        ("use", &plan.intended_use),
        ("limits", &plan.limitations),
        ("trained on", &plan.trained_on),
        ("command", &plan.command),
        ("licence", &plan.licence),
        ("landmarks", &plan.landmarks.join(" ")),
        ("may lack", &plan.optional.join(" ")),
        ("sha256", &plan.sha256),
        ("size", &format!("{:.2} MB", model.bytes.len() as f64 / 1e6)),
    ];
    let mut text = lines_of(&format!("{} {}", plan.id, plan.version), &lines);
    text.extend(accuracy(&plan.accuracy));
    text.join("\n")
}
