//! The training loop: samples in, weights with their card out, exactly resumable in between.

use super::augment::Film;
use super::calibrate::{calibrate, coverage};
use super::checkpoint;
use super::config::{SystemConfig, TrainConfig};
use super::curve::{self, Series};
use super::dataset::{Samples, Source, calibration, held, source};
use super::engine::Engine;
use super::films;
use super::fine_tuning;
use super::learner::{Learner, Recipe};
use super::metrics::{Metrics, Row};
use super::network::{initialise, plan_of};
use super::pretrained::{self, Pretrained};
use super::reliability;
use super::rfrv_clm;
use super::shape_floor::shape_floor;
use super::validate::{FilmScore, Summary, score, summarise};
use super::{TrainError, file_error};
use crate::job::Job;
use crate::models::system::{detector_from_tensors, read_detector};
use crate::models::{LandmarkDetector, ModelCard, Plan, Predictor, device};
use crate::simulate::real::KnownFilm;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Name of a figure on the card.
const COVERAGE: &str = "share of points within their 95 % circle";

/// Of the confidence, tempered; on half of the points, those that did not set the temperature.
const CALIBRATION_ERROR: &str = "expected calibration error of the confidence";

/// Weights of the best validation so far, of a run that may stop early.
const BEST: &str = "best.safetensors";

/// What happens during a run.
#[derive(Debug, Clone)]
pub enum Event {
    Note(String),
    Step(Row),
    Validation { step: usize, held: Summary, films: Option<Summary> },
}

/// Trains the network of `config` on simulated films made on the fly, or on those of its data folder.
///
/// `out` receives `config.toml`, `checkpoint.safetensors`, `metrics.csv`, `curve.png`, and at the end `reliability.png`
/// and the model, `ID.safetensors` with `ID.toml`. With `resume` a run that was stopped goes on exactly as if it had not been.
///
/// # Errors
/// An impossible configuration, files that cannot be read or written, a checkpoint of another run, a
/// loss that is no number any more, cancellation (after writing a checkpoint).
pub fn train(
    config: &TrainConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    config.check()?;
    match &config.fine_tuning {
        Some(settings) => fine_tuning::train(settings, config, out, resume, job, log),
        None => train_on(source(config)?, config, out, resume, job, log),
    }
}

/// [`train`] on films of any source, without fine-tuning; the real films of the configuration are watched.
///
/// # Errors
/// As [`train`].
pub fn train_on(
    source: Arc<dyn Source>,
    config: &TrainConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    let watched = real_films(config, &mut log)?;
    train_watching(&watched, source, config, out, resume, job, log)
}

/// [`train_on`], with films of which none may be among those of `source`.
pub(super) fn train_watching(
    watched: &[KnownFilm],
    source: Arc<dyn Source>,
    config: &TrainConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    config.check()?;
    match &config.system {
        SystemConfig::Whdv(recipe) => run(recipe, watched, source, config, out, resume, job, log),
        SystemConfig::FrDdh(recipe) => run(recipe, watched, source, config, out, resume, job, log),
        SystemConfig::Fai(recipe) => run(recipe, watched, source, config, out, resume, job, log),
        SystemConfig::LabelAugmentation(recipe) => {
            run(recipe, watched, source, config, out, resume, job, log)
        }
        SystemConfig::WhdvSearchers(recipe) => run(&**recipe, watched, source, config, out, resume, job, log),
        SystemConfig::RfrvClm(recipe) => {
            rfrv_clm::train(recipe, watched, &*source, config, out, resume, job, log)
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "all that a run is made of")]
fn run<R: Recipe>(
    recipe: &R,
    watched: &[KnownFilm],
    source: Arc<dyn Source>,
    config: &TrainConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    std::fs::create_dir_all(out).map_err(|e| file_error(out, e))?;
    let text = toml::to_string(config).map_err(|e| TrainError::Config(e.to_string()))?;
    checkpoint::keep_config(&out.join("config.toml"), &text, resume)?;
    let (device, why) = device(config.device)?;
    log(&Event::Note(format!("device: {why}")));
    let points = config.points()?;
    let mut trainer = Trainer::new(recipe, config, device, &mut log)?;
    let mut metrics = Metrics { parts: R::Learner::PARTS, ..Metrics::default() };
    if resume && trainer.engine.load(out, &trainer.device)? {
        metrics = Metrics::read(out, R::Learner::PARTS, trainer.engine.done())?;
        log(&Event::Note(format!("resumed at step {}", trainer.engine.done())));
    }
    job.report("making held phantoms", 0.0);
    let held = held(&*source, config.validation.held);
    let settings = &config.optimiser;
    let first = (trainer.engine.done() * settings.batch) as u64;
    let mut samples = Samples::start(source.clone(), recipe, &points, config, first);
    let patience = config.validation.patience;
    let tired = |metrics: &Metrics| patience > 0 && metrics.since_best() >= patience;
    while trainer.engine.done() < settings.steps && !tired(&metrics) {
        if job.is_cancelled() {
            save(&trainer, &metrics, out)?;
            job.check()?;
        }
        let row = trainer.step(&mut samples)?;
        log(&Event::Step(row.clone()));
        metrics.rows.push(row);
        let step = trainer.engine.done();
        job.report("training", step as f32 / settings.steps as f32);
        if step.is_multiple_of(config.validation.every) || step == settings.steps {
            let averages = trainer.engine.averages();
            let detector = trainer.detector(averages.clone())?;
            let summary = summarise(&score(&*detector, &held, job)?);
            let scored = score_real(&*detector, watched, job)?;
            let films = (!scored.is_empty()).then(|| summarise(&scored));
            metrics.held.push((step, summary.overall()));
            if let Some(films) = &films {
                metrics.films.push((step, films.overall()));
            }
            log(&Event::Validation { step, held: summary, films });
            if patience > 0 && metrics.since_best() == 0 {
                write_tensors(&averages, &out.join(BEST))?;
            }
            save(&trainer, &metrics, out)?;
        }
    }
    drop(samples);
    if tired(&metrics) {
        let step = trainer.engine.done();
        log(&Event::Note(format!("stopped at step {step}: {patience} validations were no better")));
    }
    finish(&trainer, recipe, &*source, watched, out, job, &mut log)
}

/// The films of the configuration, else those of the data folder that `COXA_DATA` names; watched, never learnt from.
pub(super) fn real_films(
    config: &TrainConfig,
    log: &mut impl FnMut(&Event),
) -> Result<Vec<KnownFilm>, TrainError> {
    // Those are infants.
    let of_data = || if config.data.adults.is_none() { std::env::var_os("COXA_DATA") } else { None };
    let data = || of_data().map(|data| PathBuf::from(data).join("jordan"));
    match config.validation.films.clone().or_else(data) {
        Some(folder) if folder.is_dir() => films::read(&folder),
        Some(folder) => {
            log(&Event::Note(format!("no real films are watched: there is no {}", folder.display())));
            Ok(Vec::new())
        }
        None => Ok(Vec::new()),
    }
}

fn score_real(
    detector: &dyn LandmarkDetector,
    films: &[KnownFilm],
    job: &Job,
) -> Result<Vec<FilmScore>, TrainError> {
    let films: Vec<Film> = films.iter().map(films::film_of).collect();
    score(detector, &films, job)
}

fn save<L>(trainer: &Trainer<L>, metrics: &Metrics, out: &Path) -> Result<(), TrainError> {
    trainer.engine.save(out)?;
    metrics.write(out)?;
    let losses: Vec<(usize, f64)> = metrics.smoothed();
    curve::draw(
        &[
            Series { name: "training loss (mean of 20 steps)", points: &losses },
            Series { name: "held phantoms, mean error %", points: &metrics.held },
            Series { name: "real films, mean error %", points: &metrics.films },
        ],
        &out.join("curve.png"),
    )
}

/// Tensors as the file `path`, whole or not at all.
pub(super) fn write_tensors(tensors: &HashMap<String, Tensor>, path: &Path) -> Result<(), TrainError> {
    let partial = path.with_extension("partial");
    candle_core::safetensors::save(tensors, &partial).map_err(|e| file_error(&partial, e))?;
    std::fs::rename(&partial, path).map_err(|e| file_error(path, e))
}

/// Calibrates, measures, and writes the model with its card.
fn finish<R: Recipe>(
    trainer: &Trainer<R::Learner>,
    recipe: &R,
    source: &dyn Source,
    watched: &[KnownFilm],
    out: &Path,
    job: &Job,
    log: &mut impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    let config = trainer.config;
    // What is calibrated and measured is what is shipped: the averages at 16 bits.
    let best = out.join(BEST);
    let averages = if config.validation.patience > 0 && best.exists() {
        candle_core::safetensors::load(&best, &trainer.device).map_err(|e| file_error(&best, e))?
    } else {
        trainer.engine.averages()
    };
    let half: HashMap<String, Tensor> = averages
        .into_iter()
        .map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F16)?)))
        .collect::<candle_core::Result<_>>()?;
    let weights = out.join(format!("{}.safetensors", config.id));
    write_tensors(&half, &weights)?;
    let bytes = std::fs::read(&weights).map_err(|e| file_error(&weights, e))?;
    let films = calibration(source, config.validation.calibration);
    let plan = recipe.calibrated(trainer.plan.clone(), &half, &films, &trainer.device)?;
    let detector = detector_from_tensors(&plan, half, &trainer.device)?;
    conclude(config, plan, &bytes, &*detector, source, watched, out, job, log)
}

/// `model` with a calibration and figures of `config`'s films, its weights as they are: `out` receives the model, and
/// `reliability.png`. Of `config` the seed, the data and the validation count.
///
/// # Errors
/// Weights that are not the plan's, a folder that cannot be written to, cancellation.
pub fn recalibrate(
    model: &ModelCard,
    config: &TrainConfig,
    out: &Path,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    std::fs::create_dir_all(out).map_err(|e| file_error(out, e))?;
    let config = TrainConfig { id: model.plan.id.clone(), ..config.clone() };
    let (device, _) = device(config.device)?;
    checkpoint::write_whole(&out.join(format!("{}.safetensors", config.id)), &model.bytes)?;
    let plan = Plan { accuracy: BTreeMap::new(), ..model.plan.clone() };
    let (source, watched) = (source(&config)?, real_films(&config, &mut log)?);
    let films = calibration(&*source, config.validation.calibration);
    let plan = floored(plan, |plan| Ok(read_detector(plan, &model.bytes, &device)?), &films, job)?;
    let detector = read_detector(&plan, &model.bytes, &device)?;
    conclude(&config, plan, &model.bytes, &*detector, &*source, &watched, out, job, &mut log)
}

/// `plan` with the shape floor that `films` ask for, where its system has one.
pub(super) fn floored(
    mut plan: Plan,
    detector: impl Fn(&Plan) -> Result<Arc<dyn LandmarkDetector>, TrainError>,
    films: &[Film],
    job: &Job,
) -> Result<Plan, TrainError> {
    if let Some(floor) = plan.system.shape_floor_mut() {
        *floor = 0.0;
        let found = shape_floor(&*detector(&plan)?, films, job)?;
        plan.system.shape_floor_mut().into_iter().for_each(|floor| *floor = found);
    }
    Ok(plan)
}

/// Calibrates and measures `detector`, whose weights are `bytes`, and writes the card.
#[expect(clippy::too_many_arguments, reason = "all that a run has made comes together here")]
pub(super) fn conclude(
    config: &TrainConfig,
    mut plan: Plan,
    bytes: &[u8],
    detector: &dyn LandmarkDetector,
    source: &dyn Source,
    watched: &[KnownFilm],
    out: &Path,
    job: &Job,
    log: &mut impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    job.report("calibrating", 0.99);
    let films = calibration(source, config.validation.calibration);
    let scores = score(detector, &films, job)?;
    plan.sha256 = crate::models::predictor::hex(&Sha256::digest(bytes));
    let confidence = reliability::calibrate(&reliability::claims(detector, &films, &scores));
    let ids = detector.ids();
    let of_shapes = detector.shapes().iter().flatten().filter_map(|place| ids.get(*place).cloned()).collect();
    plan.calibration = calibrate(&scores, &of_shapes, confidence.as_ref().map_or(1.0, |c| c.temperature));
    let mut figures = figures(&summarise(&scores), plan.calibration.presence_threshold, &scores);
    figures.insert(COVERAGE.into(), rounded(coverage(&scores, &plan.calibration)));
    if let Some(confidence) = confidence {
        figures.insert(CALIBRATION_ERROR.into(), rounded(confidence.after.expected_error()));
        reliability::draw(&confidence, &out.join("reliability.png"))?;
    }
    let held = match (&config.data.folder, &config.data.adults) {
        (Some(_), _) => "held films of the data set",
        (None, Some(adults)) if adults.fold.is_some() => "projected adults of unseen bodies",
        (None, Some(_)) => "projected adults of bodies learnt from",
        (None, None) => "held phantoms",
    };
    plan.accuracy.insert(format!("{held} ({})", scores.len()), figures);
    let scored = score_real(detector, watched, job)?;
    if !scored.is_empty() {
        let threshold = plan.calibration.presence_threshold;
        let mut figures = self::figures(&summarise(&scored), threshold, &scored);
        figures.insert(COVERAGE.into(), rounded(coverage(&scored, &plan.calibration)));
        plan.accuracy.insert(format!("real films ({}), not trained on", scored.len()), figures);
    }
    let text = toml::to_string(&plan).map_err(|e| TrainError::Config(e.to_string()))?;
    checkpoint::write_whole(&out.join(format!("{}.toml", config.id)), text.as_bytes())?;
    if !watched.is_empty() {
        let predictor = Predictor::from_bytes(plan.clone(), bytes, config.device)?;
        log(&Event::Note(films::judge(watched, &predictor, job)?.to_string()));
    }
    Ok(plan)
}

pub(super) fn rounded(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}

/// The figures of a card, to two digits; presence is judged at `threshold`.
fn figures(summary: &Summary, threshold: f64, scores: &[FilmScore]) -> BTreeMap<String, f64> {
    let known: Vec<f64> = scores
        .iter()
        .flat_map(|s| &s.presence)
        .map(|(_, there, p)| if (*p >= threshold) == *there { 1.0 } else { 0.0 })
        .collect();
    let mut figures = BTreeMap::new();
    let mut put = |name: String, value: f64| {
        if value.is_finite() {
            figures.insert(name, rounded(value));
        }
    };
    let unit = summary.unit();
    for (code, error) in &summary.mean_percent {
        put(format!("{code} mean radial error, {unit}"), *error);
    }
    for (code, error) in &summary.p95_percent {
        put(format!("{code} 95th percentile, {unit}"), *error);
    }
    put("AI mean absolute error, deg".into(), summary.ai_mean_error);
    put("AI worst error, deg".into(), summary.ai_worst_error);
    put("AI error of guessing the mean, deg".into(), summary.ai_guess_error);
    put("AI correlation".into(), summary.ai_correlation);
    put("FH presence right, share".into(), super::validate::mean(&known));
    figures
}

/// Network, optimiser and what they need in every step.
struct Trainer<'a, L> {
    config: &'a TrainConfig,
    plan: Plan,
    learner: L,
    engine: Engine,
    device: Device,
}

impl<'a, L> Trainer<'a, L> {
    fn new<R: Recipe<Learner = L>>(
        recipe: &R,
        config: &'a TrainConfig,
        device: Device,
        log: &mut impl FnMut(&Event),
    ) -> Result<Self, TrainError> {
        let map = VarMap::new();
        let learner =
            recipe.learner(&config.points()?, VarBuilder::from_varmap(&map, DType::F32, &device))?;
        let vars: HashMap<String, Var> = match map.data().lock() {
            Ok(data) => data.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        initialise(&vars, config.seed, |name| recipe.initial_sd(name))?;
        let mut plan = plan_of(config, recipe.system());
        if let Some(path) = &config.pretrained {
            let Pretrained { filled, report, sha256 } = pretrained::fill(path, &vars, recipe.encoder())?;
            let (name, all) = (path.file_name().unwrap_or_default().to_string_lossy(), vars.len());
            plan.trained_on +=
                &format!("; {filled} of {all} variables began as those of {name}, SHA-256 {sha256}");
            log(&Event::Note(format!("{filled} of {all} variables from {}; {report}", path.display())));
        }
        let engine = Engine::new(&vars, &config.optimiser)?;
        Ok(Self { config, plan, learner, engine, device })
    }

    /// The network with other weights, ready to find points.
    fn detector(&self, weights: HashMap<String, Tensor>) -> Result<Arc<dyn LandmarkDetector>, TrainError> {
        Ok(detector_from_tensors(&self.plan, weights, &self.device)?)
    }
}

impl<L: Learner> Trainer<'_, L> {
    /// One update with the next batch.
    fn step(&mut self, samples: &mut Samples<L::Sample>) -> Result<Row, TrainError> {
        let begun = Instant::now();
        let size = self.config.optimiser.batch;
        let batch: Vec<L::Sample> = samples.take(size).collect();
        if batch.len() < size {
            return Err(TrainError::Config("a thread that makes films has died".to_owned()));
        }
        self.engine.step(&self.learner, &batch, begun)
    }
}
