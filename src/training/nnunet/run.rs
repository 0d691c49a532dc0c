//! The run: plan, prepare, learn, validate, and the model folder that comes of it.

use super::super::curve::{self, Series};
use super::super::engine::Engine;
use super::super::learner::Learner;
use super::super::metrics::{Metrics, Row};
use super::super::network::{initialise, trained_on};
use super::super::{TrainError, checkpoint, file_error};
use super::augment::{Patch, augmented};
use super::cases::{self, Case, Prepped};
use super::config::NnUnetConfig;
use super::fingerprint::fingerprint;
use super::folds::{Split, folds};
use super::learner::{NnUnetLearner, initial_sd};
use super::planner::{Budget, plan};
use crate::eval::overlap::{MeanDice, Overlap, mean_dice};
use crate::job::Job;
use crate::models::device;
use crate::models::nnunet::{Dataset, NnUnet, NnUnetCard, NnUnetError, Plans, Reader};
use crate::models::plain_conv_unet::PlainConvUnet;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Instant;

/// Cases that are segmented at a validation while it runs; all of them at the end.
const WATCHED: usize = 8;

/// What happens during a run.
#[derive(Debug, Clone)]
pub enum NnUnetEvent {
    Note(String),
    Step(Row),
    /// Mean Dice over the cases that are held out; of `fold all` over cases that were learnt from.
    Validation {
        step: usize,
        dice: MeanDice,
    },
}

impl From<NnUnetError> for TrainError {
    fn from(error: NnUnetError) -> Self {
        match error {
            NnUnetError::Cancelled(e) => Self::Cancelled(e),
            NnUnetError::Model(e) => Self::Model(e),
            other => Self::Config(other.to_string()),
        }
    }
}

/// Trains one fold. `out` receives `plans.json`, `dataset.json`, `splits_final.json` and
/// `fold_N/checkpoint_final.safetensors`, which [`NnUnet`] reads, beside the numbers of the run. With `resume` a run
/// that was stopped goes on exactly as if it had not been. Returns the Dice of the last validation.
///
/// # Errors
/// A data set that cannot be read or planned for, files that cannot be written, a checkpoint of another run, a loss
/// that is no number any more, cancellation (after writing a checkpoint).
pub fn train(
    config: &NnUnetConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&NnUnetEvent),
) -> Result<MeanDice, TrainError> {
    config.check()?;
    let fold = out.join(format!("fold_{}", config.system.fold));
    std::fs::create_dir_all(&fold).map_err(|e| file_error(&fold, e))?;
    let text = toml::to_string(config).map_err(|e| TrainError::Config(e.to_string()))?;
    checkpoint::keep_config(&fold.join("config.toml"), &text, resume)?;
    let (device, why) = device(config.device)?;
    log(&NnUnetEvent::Note(format!("device: {why}")));
    job.report("preparing", 0.0);
    let set = Set::new(config, out, &mut log)?;
    let mut run = Run::new(config, &set, device)?;
    let mut metrics = Metrics { parts: NnUnetLearner::PARTS, ..Metrics::default() };
    if resume && run.engine.load(&fold, &run.device)? {
        metrics = Metrics::read(&fold, NnUnetLearner::PARTS, run.engine.done())?;
        log(&NnUnetEvent::Note(format!("resumed at step {}", run.engine.done())));
    }
    let steps = config.optimiser.steps;
    let mut batch = patches(config, &set, run.engine.done());
    let mut dice = None;
    while run.engine.done() < steps {
        if job.is_cancelled() {
            run.save(&metrics, &fold)?;
            job.check()?;
        }
        let begun = Instant::now();
        let (next, row) = run.step(&batch, begun)?;
        batch = next;
        log(&NnUnetEvent::Step(row.clone()));
        metrics.rows.push(row);
        let step = run.engine.done();
        job.report("training", step as f32 / steps as f32);
        if step.is_multiple_of(config.system.every) || step == steps {
            let most = if step == steps { usize::MAX } else { WATCHED };
            let found = run.validate(most, job)?;
            metrics.held.push((step, 100.0 * (1.0 - found.mean)));
            log(&NnUnetEvent::Validation { step, dice: found.clone() });
            run.save(&metrics, &fold)?;
            dice = Some(found);
        }
    }
    run.finish(&fold)?;
    let dice = match dice {
        Some(dice) => dice,
        None => run.validate(usize::MAX, job)?,
    };
    run.describe(&dice, out)?;
    Ok(dice)
}

/// The data set, planned for and prepared.
struct Set {
    dataset: Dataset,
    plans: Plans,
    /// To learn from.
    train: Vec<Prepped>,
    /// To validate on, as they are.
    held: Vec<Case>,
}

impl Set {
    fn new(
        config: &NnUnetConfig,
        out: &Path,
        log: &mut impl FnMut(&NnUnetEvent),
    ) -> Result<Self, TrainError> {
        let system = &config.system;
        let reader = if system.use_spacing { Reader::Spaced } else { Reader::Natural };
        let (dataset, mut cases, by_body) = match (&system.dataset, &config.adults) {
            (Some(folder), _) => {
                let (dataset, cases) = cases::folder(folder, reader)?;
                (dataset, cases, None)
            }
            (None, Some(adults)) => {
                let (dataset, cases, split) = cases::adults(adults, config.phantoms.count, config.seed)?;
                (dataset, cases, Some(split))
            }
            (None, None) => {
                let (dataset, cases) = cases::phantoms(&config.phantoms, config.seed);
                (dataset, cases, None)
            }
        };
        if reader == Reader::Natural {
            cases.iter_mut().for_each(|case| case.spacing = [1.0, 1.0]);
        }
        let budget = Budget { memory_gb: system.memory_gb };
        let mut plans = plan(&fingerprint(&cases), &dataset, reader, budget).map_err(TrainError::Config)?;
        plans.dataset_name = match &system.dataset {
            Some(folder) => folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            None if config.adults.is_some() => "Dataset000_Adults".to_owned(),
            None => "Dataset000_Phantoms".to_owned(),
        };
        let plans = config.adjusted(plans)?;
        log(&NnUnetEvent::Note(format!(
            "plans: patch {:?}, batch {}, spacing {:?}, features {:?}",
            plans.patch, plans.batch, plans.spacing, plans.architecture.features
        )));
        let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
        let splits = match &by_body {
            Some(split) => vec![split.clone()],
            None => folds(&names, config.seed),
        };
        for (name, value) in [
            ("plans.json", plans.to_json()),
            ("dataset.json", dataset.to_json()),
            ("splits_final.json", serde_json::json!(splits)),
        ] {
            checkpoint::write_whole(&out.join(name), format!("{value:#}").as_bytes())?;
        }
        let split = match (by_body, system.fold.parse::<usize>()) {
            (Some(split), _) => split,
            (None, Err(_)) => Split { train: names.clone(), val: names },
            (None, Ok(fold)) => splits.into_iter().nth(fold).ok_or_else(|| {
                TrainError::Config(format!("there is no fold {fold} of {} cases", cases.len()))
            })?,
        };
        let train = cases
            .par_iter()
            .filter(|case| split.train.contains(&case.name))
            .map(|case| Prepped::new(case, &plans, dataset.ignored))
            .collect::<Result<_, _>>()?;
        let held = cases.into_iter().filter(|case| split.val.contains(&case.name)).collect();
        Ok(Self { dataset, plans, train, held })
    }
}

/// Network and optimiser over a data set.
struct Run<'a> {
    config: &'a NnUnetConfig,
    set: &'a Set,
    learner: NnUnetLearner,
    engine: Engine,
    device: Device,
}

impl<'a> Run<'a> {
    fn new(config: &'a NnUnetConfig, set: &'a Set, device: Device) -> Result<Self, TrainError> {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, &device);
        let learner = NnUnetLearner::new(&set.plans, set.dataset.ignored, vb)?;
        let vars: HashMap<String, Var> = match map.data().lock() {
            Ok(data) => data.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        initialise(&vars, config.seed, |name| Some(initial_sd(vars.get(name)?.dims())))?;
        let engine = Engine::new(&vars, &config.optimiser)?;
        Ok(Self { config, set, learner, engine, device })
    }

    /// One update, and beside it the batch of the next.
    fn step(&mut self, batch: &[Patch], begun: Instant) -> Result<(Vec<Patch>, Row), TrainError> {
        let (config, set, learner, engine) = (self.config, self.set, &self.learner, &mut self.engine);
        let next = engine.done() + 1;
        let (prepared, row) = std::thread::scope(|scope| {
            let prepared = scope.spawn(move || patches(config, set, next));
            let row = engine.step(learner, batch, begun);
            (prepared.join(), row)
        });
        let prepared =
            prepared.map_err(|_| TrainError::Config("a thread that cuts patches has died".to_owned()))?;
        Ok((prepared, row?))
    }

    /// The network with its present weights, ready to segment.
    fn model(&self) -> Result<NnUnet, TrainError> {
        let vb = VarBuilder::from_tensors(self.engine.averages(), DType::F32, &self.device);
        let network = PlainConvUnet::new(&self.set.plans.architecture, vb)?;
        let Set { plans, dataset, .. } = self.set;
        let axes = mirror_axes(self.config);
        Ok(NnUnet::from_networks(plans.clone(), dataset.clone(), vec![network], axes, self.device.clone()))
    }

    fn validate(&self, most: usize, job: &Job) -> Result<MeanDice, TrainError> {
        let model = self.model()?;
        let mut images = Vec::new();
        for case in self.set.held.iter().take(most) {
            job.check()?;
            let masks =
                model.predict(&case.channels, [case.rows, case.columns], case.spacing, &Job::silent())?;
            let dice = self.set.dataset.labels.iter().map(|label| {
                let overlap = Overlap::of_label(&masks.labels, &case.labels, &label.value);
                overlap.map_or(f64::NAN, |overlap| overlap.dice())
            });
            images.push(dice.collect());
        }
        Ok(mean_dice(&images))
    }

    fn save(&self, metrics: &Metrics, fold: &Path) -> Result<(), TrainError> {
        self.engine.save(fold)?;
        metrics.write(fold)?;
        // Dice and cross-entropy together begin above 0 and end below; the curve is logarithmic.
        let losses: Vec<(usize, f64)> =
            metrics.smoothed().into_iter().map(|(step, loss)| (step, loss + 1.0)).collect();
        curve::draw(
            &[
                Series { name: "training loss + 1 (mean of 20 steps)", points: &losses },
                Series { name: "held cases, 100 − mean Dice %", points: &metrics.held },
            ],
            &fold.join("curve.png"),
        )
    }

    /// Writes the weights.
    fn finish(&self, fold: &Path) -> Result<(), TrainError> {
        let axes = serde_json::json!(mirror_axes(self.config)).to_string();
        let metadata = HashMap::from([
            ("format".to_owned(), "pt".to_owned()),
            ("inference_allowed_mirroring_axes".to_owned(), axes),
        ]);
        let weights: HashMap<String, Tensor> = self.engine.averages();
        let path = fold.join("checkpoint_final.safetensors");
        let bytes = safetensors::serialize(&weights, Some(metadata)).map_err(|e| file_error(&path, e))?;
        checkpoint::write_whole(&path, &bytes)
    }

    /// Writes the card, or adds this fold to the one that is there.
    fn describe(&self, dice: &MeanDice, out: &Path) -> Result<(), TrainError> {
        let (config, dataset) = (self.config, &self.set.dataset);
        let fold = &config.system.fold;
        let earlier = NnUnetCard::read(out)?.map(|card| card.accuracy).unwrap_or_default();
        let mut card = NnUnetCard {
            about: config.about.clone(),
            trained_on: match &config.system.dataset {
                Some(_) => format!("{} films of {}", dataset.training, self.set.plans.dataset_name),
                None => trained_on(config.adults.as_ref(), config.phantoms.count),
            },
            sha256: BTreeMap::new(),
            accuracy: earlier,
        };
        let set = match fold.as_str() {
            _ if config.adults.as_ref().is_some_and(|adults| adults.fold.is_some()) => {
                format!("projected adults of unseen bodies ({})", dice.images)
            }
            "all" => format!("learnt films ({})", dice.images),
            number => format!("held films of fold {number} ({})", dice.images),
        };
        let labels = dataset.labels.iter().map(|label| format!("{} Dice", label.name)).zip(&dice.labels);
        let all = std::iter::once(("mean Dice".to_owned(), &dice.mean)).chain(labels);
        let figures = all.filter(|(_, value)| value.is_finite());
        card.accuracy.insert(set, figures.map(|(name, value)| (name, (1e4 * value).round() / 1e4)).collect());
        card.sign(out)?;
        Ok(card.write(out)?)
    }
}

/// The batch of a step: a function of the seed and the step alone.
fn patches(config: &NnUnetConfig, set: &Set, step: usize) -> Vec<Patch> {
    let (size, patch) = (set.plans.batch, set.plans.patch);
    // The last of the batch are the ones that must show a label.
    let plain = (size as f64 * (1.0 - config.system.foreground)).round() as usize;
    (0..size)
        .into_par_iter()
        .map(|place| {
            let mut random = ChaCha8Rng::seed_from_u64(config.seed);
            random.set_stream(1 + (step * size + place) as u64);
            let case = &set.train[random.random_range(0..set.train.len())];
            let centre = case.centre(patch, place >= plain, &mut random);
            augmented(case, centre, patch, &config.augment, &mut random)
        })
        .collect()
}

/// What was never seen mirrored is not read mirrored.
fn mirror_axes(config: &NnUnetConfig) -> Vec<usize> {
    if config.augment.mirror > 0.0 { vec![0, 1] } else { Vec::new() }
}
