//! The run: a shelf of pictures, learning, validation, and the card with what was measured.

use super::super::curve::{self, Series};
use super::super::engine::Engine;
use super::super::learner::Learner;
use super::super::metrics::{Metrics, Row};
use super::super::network::initialise;
use super::super::run::write_tensors;
use super::super::{TrainError, checkpoint, file_error};
use super::config::ViewConfig;
use super::guise::{GuiseConfig, ViewSample, sample};
use super::learner::ViewLearner;
use super::shelf::{Picture, Shelf};
use crate::job::Job;
use crate::models::device;
use crate::models::predictor::hex;
use crate::models::view::{Classifier, Content, ID, Opinion, ViewCard};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Instant;

/// Guises in which every held picture to be read is looked at, to find the least share.
const GUISES: u64 = 4;
/// Larger least shares are not set, however sure the network is of what it was trained on.
const STRICTEST: f64 = 0.5;
/// Nor smaller ones, however unsure: what is that little like a hip is refused.
const LAXEST: f64 = 0.3;

/// What happens during a run.
#[derive(Debug, Clone)]
pub enum ViewEvent {
    Note(String),
    Step(Row),
    /// Shares of the held pictures: told right, and of what is to be read, refused; of the rest, read.
    Validation {
        step: usize,
        right: f64,
        refused: f64,
        read: f64,
    },
}

/// Trains the classifier of `config`. `out` receives `config.toml`, checkpoint, metrics and curve, and at the end
/// `view.safetensors` with `view.toml`. With `resume` a run that was stopped goes on exactly as if it had not been.
///
/// # Errors
/// People that cannot be read, files that cannot be written, a checkpoint of another run, a loss that is no number any
/// more, cancellation (after writing a checkpoint).
pub fn train(
    config: &ViewConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&ViewEvent),
) -> Result<ViewCard, TrainError> {
    config.check()?;
    std::fs::create_dir_all(out).map_err(|e| file_error(out, e))?;
    let text = toml::to_string(config).map_err(|e| TrainError::Config(e.to_string()))?;
    checkpoint::keep_config(&out.join("config.toml"), &text, resume)?;
    let (device, why) = device(config.device)?;
    log(&ViewEvent::Note(format!("device: {why}")));
    let begun = Instant::now();
    let (shelf, held) = Shelf::make(&config.data, config.seed, job)?;
    let made = shelf.pictures().count();
    log(&ViewEvent::Note(format!("{made} pictures in {:.0} s", begun.elapsed().as_secs_f64())));
    learn(config, &shelf, &held, &device, out, resume, job, log)
}

#[expect(clippy::too_many_arguments, reason = "all that a run is made of")]
fn learn(
    config: &ViewConfig,
    shelf: &Shelf,
    held: &Shelf,
    device: &Device,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&ViewEvent),
) -> Result<ViewCard, TrainError> {
    let map = VarMap::new();
    let network = &config.system.network;
    let learner = ViewLearner::new(network, VarBuilder::from_varmap(&map, DType::F32, device))?;
    let vars: HashMap<String, Var> = match map.data().lock() {
        Ok(data) => data.clone(),
        Err(poisoned) => poisoned.into_inner().clone(),
    };
    initialise(&vars, config.seed, |_| None)?;
    let mut engine = Engine::new(&vars, &config.optimiser)?;
    let mut metrics = Metrics { parts: ViewLearner::PARTS, ..Metrics::default() };
    if resume && engine.load(out, device)? {
        metrics = Metrics::read(out, ViewLearner::PARTS, engine.done())?;
        log(&ViewEvent::Note(format!("resumed at step {}", engine.done())));
    }
    let steps = config.optimiser.steps;
    let mut next = batch(config, shelf, engine.done())?;
    while engine.done() < steps {
        if job.is_cancelled() {
            save(&engine, &metrics, out)?;
            job.check()?;
        }
        let (begun, after) = (Instant::now(), engine.done() + 1);
        let (prepared, row) = std::thread::scope(|scope| {
            let prepared = scope.spawn(move || batch(config, shelf, after));
            let row = engine.step(&learner, &next, begun);
            (prepared.join(), row)
        });
        let died = |_| TrainError::Config("a thread that prepares pictures has died".to_owned());
        next = prepared.map_err(died)??;
        let row = row?;
        log(&ViewEvent::Step(row.clone()));
        metrics.rows.push(row);
        let step = engine.done();
        job.report("training", step as f32 / steps as f32);
        if step.is_multiple_of(config.system.every) || step == steps {
            let card = card(config, shelf.pictures().count());
            let classifier = Classifier::from_tensors(card, engine.averages(), device)?;
            let told = opinions(&classifier, held)?;
            let figures = Figures::of(&told, STRICTEST);
            metrics.held.push((step, 100.0 * (1.0 - figures.right)));
            let Figures { right, refused, read, .. } = figures;
            log(&ViewEvent::Validation { step, right, refused, read });
            save(&engine, &metrics, out)?;
        }
    }
    finish(config, &engine, shelf, held, device, out)
}

/// The batch of a step: a function of the seed and the step alone.
fn batch(config: &ViewConfig, shelf: &Shelf, step: usize) -> Result<Vec<ViewSample>, TrainError> {
    let size = config.optimiser.batch;
    let samples = (0..size).into_par_iter().map(|place| {
        let mut random = ChaCha8Rng::seed_from_u64(config.seed);
        random.set_stream(1 + (step * size + place) as u64);
        let picture = shelf.choose(random.random(), random.random())?;
        Some(sample(picture, &config.system.network, &config.guise, &mut random))
    });
    let samples: Option<Vec<ViewSample>> = samples.collect();
    samples.ok_or_else(|| TrainError::Config("there are no pictures".to_owned()))
}

fn save(engine: &Engine, metrics: &Metrics, out: &Path) -> Result<(), TrainError> {
    engine.save(out)?;
    metrics.write(out)?;
    let losses: Vec<(usize, f64)> = metrics.smoothed();
    curve::draw(
        &[
            Series { name: "training loss (mean of 20 steps)", points: &losses },
            Series { name: "held pictures told wrong, %", points: &metrics.held },
        ],
        &out.join("curve.png"),
    )
}

/// What the network says of every picture of a shelf.
fn opinions<'a>(
    classifier: &Classifier,
    shelf: &'a Shelf,
) -> Result<Vec<(&'a Picture, Opinion)>, TrainError> {
    let pictures: Vec<&Picture> = shelf.pictures().collect();
    let told = pictures.into_par_iter().map(|picture| {
        let grey: Vec<f32> = picture.grey.iter().map(|v| f32::from(*v)).collect();
        Ok((picture, classifier.classify(&grey, picture.rows, picture.columns)?))
    });
    told.collect()
}

/// Shares of told pictures.
#[derive(Debug, Clone, Default)]
struct Figures {
    right: f64,
    refused: f64,
    read: f64,
    /// Told right, by content.
    by_content: BTreeMap<String, f64>,
}

impl Figures {
    fn of(told: &[(&Picture, Opinion)], least: f64) -> Self {
        let readable = |content| matches!(content, Content::Readable(_));
        let share = |of: &dyn Fn(Content) -> bool, hit: &dyn Fn(Content, Content) -> bool| {
            let those: Vec<bool> = told
                .iter()
                .filter(|(picture, _)| of(picture.content))
                .map(|(picture, opinion)| hit(picture.content, opinion.verdict(least)))
                .collect();
            those.iter().filter(|hit| **hit).count() as f64 / those.len().max(1) as f64
        };
        let by_content = Content::ALL.into_iter().filter(|c| told.iter().any(|(p, _)| p.content == *c));
        Self {
            right: share(&|_| true, &|a, b| a == b),
            refused: share(&readable, &|_, b| !readable(b)),
            read: share(&|content| !readable(content), &|_, b| readable(b)),
            by_content: by_content
                .map(|content| (format!("told right: {content}"), share(&|c| c == content, &|a, b| a == b)))
                .collect(),
        }
    }
}

/// The card before anything was measured.
fn card(config: &ViewConfig, pictures: usize) -> ViewCard {
    ViewCard {
        id: ID.to_owned(),
        version: config.version.clone(),
        title: config.title.clone(),
        licence: config.licence.clone(),
        intended_use: config.intended_use.clone(),
        limitations: config.limitations.clone(),
        trained_on: format!(
            "{pictures} simulated pictures, each in many guises: infants, bones of adults (M. C. M. Fischer 2023), \
             drawings of everything else; no real picture"
        ),
        command: config.command.clone(),
        seed: config.seed,
        sha256: String::new(),
        least_share: STRICTEST,
        network: config.system.network.clone(),
        accuracy: BTreeMap::new(),
    }
}

/// Writes the averages at 16 bits with their card.
fn finish(
    config: &ViewConfig,
    engine: &Engine,
    shelf: &Shelf,
    held: &Shelf,
    device: &Device,
    out: &Path,
) -> Result<ViewCard, TrainError> {
    let half: HashMap<String, Tensor> = engine
        .averages()
        .into_iter()
        .map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F16)?)))
        .collect::<candle_core::Result<_>>()?;
    let weights = out.join(format!("{ID}.safetensors"));
    write_tensors(&half, &weights)?;
    let bytes = std::fs::read(&weights).map_err(|e| file_error(&weights, e))?;
    let card = card(config, shelf.pictures().count());
    let classifier = Classifier::from_tensors(card.clone(), half, device)?;
    let least_share = least_share(config, &classifier, held)?;
    let told = opinions(&classifier, held)?;
    let figures = Figures::of(&told, least_share);
    let mut named = figures.by_content;
    named.insert("read, of what is to be refused".to_owned(), figures.read);
    named.insert("refused, of what is to be read".to_owned(), figures.refused);
    let named = named.into_iter().map(|(name, value)| (name, (1e4 * value).round() / 1e4)).collect();
    let set = format!("held simulated pictures ({}), of bodies it has not seen", told.len());
    let card = ViewCard {
        sha256: hex(&Sha256::digest(&bytes)),
        least_share,
        accuracy: BTreeMap::from([(set, named)]),
        ..card
    };
    let text = toml::to_string(&card).map_err(|e| TrainError::Config(e.to_string()))?;
    checkpoint::write_whole(&out.join(format!("{ID}.toml")), text.as_bytes())?;
    Ok(card)
}

/// The share that all but the lost ones of the held pictures to be read reach, in the guises that they were learnt in.
fn least_share(config: &ViewConfig, classifier: &Classifier, held: &Shelf) -> Result<f64, TrainError> {
    let guise = GuiseConfig { spoilt: 0.0, ..config.guise.clone() };
    let readable: Vec<&Picture> =
        held.pictures().filter(|picture| matches!(picture.content, Content::Readable(_))).collect();
    let shares = (0..readable.len() as u64 * GUISES).into_par_iter().map(|number| {
        let mut random = ChaCha8Rng::seed_from_u64(!config.seed);
        random.set_stream(number);
        let picture = readable[(number / GUISES) as usize];
        let sample = sample(picture, &config.system.network, &guise, &mut random);
        Ok(classifier.of_planes(sample.planes)?.readable())
    });
    let mut shares = shares.collect::<Result<Vec<f64>, TrainError>>()?;
    shares.sort_by(f64::total_cmp);
    let place = (config.system.lost * shares.len() as f64) as usize;
    let least = shares.get(place).copied().unwrap_or(STRICTEST).clamp(LAXEST, STRICTEST);
    Ok((1e4 * least).floor() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::DeviceChoice;

    /// Infants against drawings, minutely: the loop learns, stops, and goes on as if it had not stopped.
    #[test]
    fn it_learns_and_resumes_exactly() {
        let mut config = ViewConfig { device: DeviceChoice::Cpu, ..ViewConfig::default() };
        config.system.network.side = 32;
        config.system.network.widths = vec![8, 16];
        config.system.network.neighbourhood_px = 3.0;
        config.system.every = 120;
        config.data =
            super::super::config::ShelfConfig { size: 64, infants: 24, drawings: 40, ..config.data };
        config.guise = GuiseConfig::none();
        config.optimiser.batch = 12;
        config.optimiser.steps = 240;
        config.optimiser.warmup = 4;
        config.optimiser.ema = 0.9;
        let shelf = Shelf::of(&[], &config.data, 1, 0, &Job::silent()).unwrap();
        let held = Shelf::of(&[], &config.data, 1, 9000, &Job::silent()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let run = |name: &str, stop: Option<usize>, resume: bool| {
            let job = Job::silent();
            let mut rights = Vec::new();
            let out = folder.path().join(name);
            std::fs::create_dir_all(&out).unwrap();
            let done = learn(&config, &shelf, &held, &Device::Cpu, &out, resume, &job, |event| match event {
                ViewEvent::Step(row) if Some(row.step) == stop => job.cancel(),
                ViewEvent::Validation { right, .. } => rights.push(*right),
                _ => {}
            });
            (done, rights)
        };
        let (whole, rights) = run("whole", None, false);
        assert!(rights.last().unwrap() > &0.8, "{rights:?}");
        assert!(run("parts", Some(25), false).0.is_err());
        let parts = run("parts", None, true).0.unwrap();
        assert_eq!(whole.unwrap().sha256, parts.sha256);
    }
}
