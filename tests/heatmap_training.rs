//! The heat-map systems from configuration to predictor, and eight phantoms learnt by heart, which a network, a loss and
//! a reading that fit each other must do.
//!
//! The latter take minutes each, so they run when asked for:
//! `CANDLE_NUM_THREADS=1 cargo test --release --test heatmap_training -- --ignored --nocapture`

use std::collections::HashMap;
use std::time::Instant;

use candle_core::{DType, Device, Var};
use candle_nn::{VarBuilder, VarMap};
use coxa::imaging::Radiograph;
use coxa::job::Job;
use coxa::models::encoder::EncoderKind;
use coxa::models::heatmap::view::Views;
use coxa::models::resnet::Depth;
use coxa::models::system::detector_from_tensors;
use coxa::models::{DeviceChoice, Plan, Predictor, System};
use coxa::simulate::infant::PhantomOptions;
use coxa::training::augment::Film;
use coxa::training::dataset::{Phantoms, Source};
use coxa::training::engine::Engine;
use coxa::training::heatmap::label_augmentation::Pixels;
use coxa::training::heatmap::{Curriculum, FaiConfig, GuiseConfig, LabelAugmentationConfig};
use coxa::training::learner::Recipe;
use coxa::training::network::{initialise, plan_of};
use coxa::training::{TrainConfig, train};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Pixels along a side of the phantoms, and of the frame: a pixel is a pixel.
const SIDE: usize = 128;

fn films() -> Vec<Film> {
    let options = PhantomOptions {
        size: SIDE,
        variation: 0.3,
        artefacts: 0.0,
        cropped: true,
        ..PhantomOptions::default()
    };
    let source = Phantoms { seed: 11, options };
    (0..8).map(|number| source.film(number)).collect()
}

/// Trains on the very films, then finds their points: mean distance in pixels, and how many of all were judged.
fn overfit<R: Recipe>(name: &str, recipe: &R, config: &TrainConfig) -> f64 {
    let films = films();
    let points = config.points().expect("landmarks");
    let map = VarMap::new();
    let learner =
        recipe.learner(&points, VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu)).expect("a network");
    let vars: HashMap<String, Var> = map.data().lock().expect("variables").clone();
    initialise(&vars, 1, |variable| recipe.initial_sd(variable)).expect("parameters");
    let mut engine = Engine::new(&vars, &config.optimiser).expect("an optimiser");
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let samples: Vec<_> = films.iter().map(|film| recipe.sample(film, &points, &mut random)).collect();
    let begun = Instant::now();
    for step in 0..config.optimiser.steps {
        let row = engine.step(&learner, &samples, Instant::now()).expect("a step");
        if step % 10 == 9 {
            println!(
                "{name}: step {} loss {:.4}, {:.0} s",
                row.step,
                row.loss,
                begun.elapsed().as_secs_f64()
            );
        }
    }
    let plan = plan_of(config, recipe.system());
    let detector = detector_from_tensors(&plan, engine.averages(), &Device::Cpu).expect("a detector");
    let mut distances = Vec::new();
    for film in &films {
        let found = detector.detect(&film.grey, film.rows, film.columns, &Job::silent()).expect("points");
        for (id, point) in detector.ids().iter().zip(found.points) {
            let Some(truth) = film.landmarks.position(id.code.clone(), id.side.expect("paired")) else {
                continue;
            };
            distances.push(point.map_or(f64::INFINITY, |point| point.position.distance(truth)));
        }
    }
    let mean = distances.iter().sum::<f64>() / distances.len() as f64;
    let worst = distances.iter().copied().fold(0.0, f64::max);
    println!("{name}: mean error {mean:.3} px, worst {worst:.2} px of {} points", distances.len());
    assert!(distances.len() >= 48, "six points of every film and what nuclei there are");
    mean
}

#[test]
fn a_configuration_becomes_a_model_that_predicts() {
    let small = "[optimiser]\nsteps = 2\nbatch = 2\n\
        [validation]\nevery = 1\npatience = 1\nheld = 1\ncalibration = 2\n\
        [data]\nphantom_size = 96\nworkers = 1\n";
    let unet = "[system.architecture]\ndecoder = \"unet\"\nencoder = \"resnet18\"\n";
    for (kind, fields) in
        [("fai", "[system.views]\nrotation_deg = []\nscale = []\n"), ("label-augmentation", unet)]
    {
        let text = format!("id = \"small\"\n[system]\nkind = \"{kind}\"\nside = 64\n{fields}{small}");
        let config = TrainConfig::parse(&text).expect("a configuration");
        let out = tempfile::tempdir().expect("a folder");
        let plan = train(&config, out.path(), false, &Job::silent(), |_| {}).expect("a model");
        let read = |name: &str| std::fs::read(out.path().join(name)).expect(name);
        let written = Plan::parse(&String::from_utf8(read("small.toml")).expect("text")).expect("a plan");
        assert_eq!(written, plan);
        let System::Heatmap(system) = &plan.system else { panic!("{kind}: {:?}", plan.system) };
        assert!(system.temperature > 0.0 && system.side == 64);
        for name in ["best.safetensors", "reliability.png", "curve.png", "metrics.csv"] {
            assert!(!read(name).is_empty(), "{kind}: {name}");
        }
        let predictor = Predictor::from_bytes(plan, &read("small.safetensors"), DeviceChoice::Cpu);
        let film = &films()[0];
        let film = Radiograph::from_grey(film.rows, film.columns, &film.grey, 12).expect("a film");
        let predicted = predictor.expect("a predictor").predict(&film, &Job::silent()).expect("points");
        assert_eq!(predicted.landmarks.iter().count(), 8);
    }
}

#[test]
#[ignore = "minutes"]
fn unet_plus_plus_learns_heat_maps_by_heart() {
    let recipe = FaiConfig {
        side: SIDE,
        sigma_px: 1.5,
        guise: GuiseConfig::default(),
        views: Views::default(),
        ..FaiConfig::default()
    };
    let mut config = FaiConfig::training();
    config.optimiser.learning_rate = 1e-3;
    config.optimiser.steps = 100;
    config.optimiser.batch = 8;
    assert!(overfit("fai", &recipe, &config) < 1.0);
}

#[test]
#[ignore = "minutes"]
fn labels_that_shrink_are_learnt_by_heart() {
    let architecture = coxa::models::heatmap::Architecture {
        encoder: EncoderKind::Resnet(Depth::Resnet18),
        ..LabelAugmentationConfig::default().architecture
    };
    // The paper's curriculum at a quarter of its resolution, an epoch of the eight films being one step.
    let curriculum = Curriculum {
        dilations: 16,
        erosions: 3,
        every_epochs: 25,
        steps_per_epoch: 1,
        ..Curriculum::default()
    };
    for pixels in [Pixels::Labels, Pixels::Classes] {
        let recipe = LabelAugmentationConfig {
            architecture,
            side: SIDE,
            curriculum,
            pixels,
            ..LabelAugmentationConfig::default()
        };
        let mut config = LabelAugmentationConfig::training();
        config.optimiser.learning_rate = 1e-3;
        config.optimiser.steps = 200;
        config.optimiser.batch = 8;
        assert!(overfit(&format!("{pixels:?}"), &recipe, &config) < 1.0);
    }
}
