//! The loop as a whole, on a network and films small enough for a test.

use super::augment::Film;
use super::config::{FineTuningConfig, SystemConfig, TrainConfig};
use super::dataset::{Phantoms, Source};
use super::run::{Event, train, train_on};
use super::whdv::WhdvConfig;
use super::{TrainError, checkpoint};
use crate::job::Job;
use crate::models::whdv::Architecture;
use crate::models::{DeviceChoice, Plan, Predictor};
use crate::simulate::infant::{Phantom, PhantomOptions};
use crate::simulate::real::KnownFilm;
use std::path::Path;
use std::sync::Arc;

/// The same few phantoms again and again.
pub(super) struct Few(pub(super) Vec<Film>);

impl Source for Few {
    fn film(&self, number: u64) -> Film {
        self.0[number as usize % self.0.len()].clone()
    }
}

fn few(count: u64) -> Arc<Few> {
    let options = PhantomOptions { size: 96, variation: 0.2, artefacts: 0.0, ..PhantomOptions::default() };
    let phantoms = Phantoms { seed: 1, options };
    Arc::new(Few((0..count).map(|number| phantoms.film(number)).collect()))
}

fn small(steps: usize) -> TrainConfig {
    let architecture = Architecture {
        stem: 8,
        widths: vec![8, 16, 24],
        decoder: vec![16],
        groups: 4,
        ..Architecture::default()
    };
    let mut whdv =
        WhdvConfig { frame: 64, neighbourhood_px: 8.0, sigma_px: 4.0, architecture, ..WhdvConfig::default() };
    whdv.augment.mirror = 0.0;
    let mut config = TrainConfig { system: SystemConfig::Whdv(whdv), ..TrainConfig::default() };
    config.data.workers = 2;
    config.data.kept = 4;
    config.optimiser.steps = steps;
    config.optimiser.batch = 4;
    config.optimiser.warmup = 5;
    config.optimiser.learning_rate = 5e-3;
    config.validation.every = 5;
    config.validation.held = 2;
    config.validation.calibration = 2;
    config
}

fn run(config: &TrainConfig, out: &Path, resume: bool, job: &Job) -> (Result<Plan, TrainError>, Vec<f64>) {
    let mut losses = Vec::new();
    let plan = train_on(few(4), config, out, resume, job, |event| {
        if let Event::Step(row) = event {
            losses.push(row.loss);
        }
    });
    (plan, losses)
}

#[test]
fn four_phantoms_are_learnt_by_heart() {
    let out = tempfile::tempdir().unwrap();
    let mut config = small(80);
    let SystemConfig::Whdv(whdv) = &mut config.system else { panic!("the default system") };
    let augment = &mut whdv.augment;
    (augment.rotation_deg, augment.scale, augment.shift) = (0.0, 0.0, 0.0);
    (augment.close, augment.invert) = (0.0, 0.0);
    let (plan, losses) = run(&config, out.path(), false, &Job::silent());
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let (before, after) = (mean(&losses[..5]), mean(&losses[75..]));
    assert!(after < before / 3.0, "{before} {after}");

    // What it wrote is a model that loads, and nothing half-written stays.
    let plan = plan.unwrap();
    let weights = std::fs::read(out.path().join("infant-whdv.safetensors")).unwrap();
    let written =
        Plan::parse(&std::fs::read_to_string(out.path().join("infant-whdv.toml")).unwrap()).unwrap();
    assert_eq!(written, plan);
    assert!(Predictor::from_bytes(plan.clone(), &weights, DeviceChoice::Cpu).is_ok());
    assert!(Predictor::from_bytes(plan, &weights[1..], DeviceChoice::Cpu).is_err());
    for entry in std::fs::read_dir(out.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with("partial"), "{name}");
    }
    for name in ["config.toml", "metrics.csv", "validation.csv", "curve.png", checkpoint::FILE] {
        assert!(out.path().join(name).exists(), "{name}");
    }
}

#[test]
fn a_resumed_run_is_the_run_that_was_never_stopped() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = small(14);
    let (_, losses) = run(&config, whole.path(), false, &Job::silent());

    // Cancelled at step 7, between two validations.
    let job = Job::silent();
    let mut first = Vec::new();
    let stopped = train_on(few(4), &config, broken.path(), false, &job, |event| {
        if let Event::Step(row) = event {
            first.push(row.loss);
            if row.step == 7 {
                job.cancel();
            }
        }
    });
    assert!(matches!(stopped, Err(TrainError::Cancelled(_))));
    let (plan, rest) = run(&config, broken.path(), true, &Job::silent());
    first.extend(rest);
    assert_eq!(first, losses);
    let read = |folder: &Path| std::fs::read(folder.join("infant-whdv.safetensors")).unwrap();
    assert!(read(whole.path()) == read(broken.path()), "the weights differ");
    assert!(plan.is_ok());
    let rows = std::fs::read_to_string(broken.path().join("metrics.csv")).unwrap();
    assert_eq!(rows.lines().count(), 15);
}

#[test]
fn a_run_is_not_resumed_with_another_recipe() {
    let out = tempfile::tempdir().unwrap();
    let mut config = small(2);
    run(&config, out.path(), false, &Job::silent()).0.unwrap();
    config.optimiser.learning_rate = 1e-4;
    let (again, _) = run(&config, out.path(), true, &Job::silent());
    assert!(matches!(again, Err(TrainError::Resume(_))), "{again:?}");
}

/// Phantoms stand for the real films here.
fn known_films(folder: &Path, count: u64) {
    for seed in 0..count {
        let options =
            PhantomOptions { size: 128, cropped: true, variation: 0.2, ..PhantomOptions::default() };
        let phantom = Phantom::generate(seed, &options);
        let (radiograph, landmarks) = (phantom.radiograph(), phantom.landmarks.clone());
        let made = serde_json::Value::Null;
        KnownFilm { name: format!("film-{seed}"), radiograph, landmarks, made }.write(folder).unwrap();
    }
}

#[test]
fn fine_tuning_judges_each_film_without_having_seen_it() {
    let (out, films) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    known_films(films.path(), 2);
    let mut config = small(6);
    config.fine_tuning = Some(FineTuningConfig { steps: 4, copies: 2, ..FineTuningConfig::default() });
    config.data.phantom_size = 96;
    config.validation.films = Some(films.path().to_owned());
    let silent = Job::silent();
    let plan = train(&config, out.path(), false, &silent, |_| ()).unwrap();
    let set = "real films (2), each left out of the fine-tuning";
    assert!(plan.accuracy.contains_key(set), "{:?}", plan.accuracy.keys());
    assert!(!plan.accuracy.keys().any(|set| set.ends_with("not trained on")), "it has seen all of them");
    assert!(plan.trained_on.contains("2 real ones"), "{}", plan.trained_on);

    let read = |folder: &Path| std::fs::read(folder.join("infant-whdv.safetensors")).unwrap();
    let folders = ["", "phantoms", "without-film-0", "without-film-1"].map(|name| out.path().join(name));
    let weights = folders.each_ref().map(|folder| read(folder));
    for (i, one) in weights.iter().enumerate() {
        assert!(weights[i + 1..].iter().all(|other| one != other), "{:?} is like another", folders[i]);
    }
    let text = std::fs::read_to_string(out.path().join("infant-whdv.toml")).unwrap();
    assert_eq!(Plan::parse(&text).unwrap(), plan);

    // What was finished is not done again, and all of it comes out as it was.
    let mut steps = 0;
    let again = train(&config, out.path(), true, &silent, |event| {
        steps += usize::from(matches!(event, Event::Step(_)))
    });
    assert_eq!(again.unwrap(), plan);
    assert_eq!((steps, read(out.path()) == weights[0]), (0, true));

    config.validation.films = Some(out.path().join("nowhere"));
    assert!(matches!(train(&config, out.path(), false, &silent, |_| ()), Err(TrainError::Config(_))));
}
