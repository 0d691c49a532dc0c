//! The learning curve of the paper on displacement voting (see [`crate::models::whdv`], its figures 3–6): how far the
//! outline of the proximal femur is missed after training on so many films, by system. The films are phantoms.
//!
//! As in the paper every film shows one hip that counts, the left one; errors are means over the 58 points of a film in
//! % of the shaft's width, and every size and system is tested on the same films.

use super::TrainError;
use super::augment::Film;
use super::config::{SystemConfig, TrainConfig};
use super::dataset::{Phantoms, Source, calibration, held};
use super::engine::Engine;
use super::learner::{Points, Recipe};
use super::network::{initialise, plan_of};
use super::rfrv_clm::{self, ClmConfig};
use super::shape_floor::shape_floor;
use super::whdv_searchers::{SearchersConfig, femur};
use crate::eval::contour_error::{contour_error, percent_of_shaft};
use crate::eval::error_distribution::ErrorDistribution;
use crate::job::Job;
use crate::measure::{LandmarkId, Point, Side};
use crate::models::rfrv_clm::ClmDetector;
use crate::models::system::detector_from_tensors;
use crate::models::{LandmarkDetector, device};
use crate::simulate::infant::PhantomOptions;
use candle_core::{DType, Var};
use candle_nn::{VarBuilder, VarMap};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// Films that say which shapes are believed, those among them that show the whole outline; neither learnt nor tested.
const CALIBRATED: usize = 100;

/// The systems of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Random-forest regression voting.
    #[serde(rename = "RFRV-CLM")]
    Clm,
    /// Weighted heatmap displacement voting.
    #[serde(rename = "WHDV")]
    Whdv,
    /// Displacement voting whose loss does not weigh displacements.
    #[serde(rename = "HDV")]
    Hdv,
    /// Heatmaps only.
    #[serde(rename = "HO")]
    Ho,
}

impl Method {
    /// As the paper writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clm => "RFRV-CLM",
            Self::Whdv => "WHDV",
            Self::Hdv => "HDV",
            Self::Ho => "HO",
        }
    }
}

/// What is trained and tested.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveOptions {
    /// In this order, each on every size.
    pub methods: Vec<Method>,
    pub sizes: Vec<usize>,
    /// Held-out films that show the whole outline.
    pub tested: usize,
    pub seed: u64,
    /// Tested are the first of the films that were learnt.
    pub by_heart: bool,
    /// Side of the films in pixels.
    pub film: usize,
    pub clm: ClmConfig,
    /// The networks' configuration; [`Method`] changes its loss and voting.
    pub searchers: TrainConfig,
}

impl CurveOptions {
    /// The paper's networks at half their input's sides, with planes at a quarter of that, for `steps` updates of ten
    /// films: what a desktop's processor has time for.
    pub fn halved(steps: usize) -> Self {
        let mut searchers = SearchersConfig::paper();
        searchers.optimiser.steps = steps;
        if let SystemConfig::WhdvSearchers(config) = &mut searchers.system {
            for searcher in [&mut config.plan.global, &mut config.plan.local] {
                searcher.rows /= 2;
                searcher.columns /= 2;
                searcher.sigma_px *= 0.5;
                searcher.truncation_px *= 0.5;
                searcher.voting.smoothing_px *= 0.5;
                searcher.architecture.stem_stride = 2;
                searcher.architecture.widths = vec![24, 48, 96, 128];
                searcher.architecture.decoder = vec![96, 64];
            }
        }
        let mut clm = ClmConfig::default();
        // Phantoms of 256 pixels show a femur of 80: the third stage would only enlarge them.
        clm.stages.truncate(2);
        Self {
            methods: vec![Method::Clm, Method::Whdv],
            sizes: vec![50, 100, 200, 500],
            tested: 100,
            seed: 1,
            by_heart: false,
            film: 256,
            clm,
            searchers,
        }
    }

    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |reason: &str| Err(TrainError::Config(reason.to_owned()));
        if self.sizes.iter().any(|size| *size < 2) || self.tested == 0 || self.film < 64 {
            return wrong(
                "sizes are 2 at least, some films are tested, and their side is 64 pixels at least",
            );
        }
        let SystemConfig::WhdvSearchers(config) = &self.searchers.system else {
            return wrong("the networks of a learning curve are whdv-searchers");
        };
        config.check(&points()).map_err(TrainError::Config)?;
        self.clm.check().map_err(TrainError::Config)
    }
}

/// One film under one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilmError {
    pub method: Method,
    /// Films it was trained on.
    pub trained_on: usize,
    pub film: usize,
    /// Mean distances in % of the shaft's width; empty where a point was not found.
    pub point_to_point: Option<f64>,
    pub point_to_curve: Option<f64>,
    /// Mean distance to the points in pixels of the film.
    pub pixels: Option<f64>,
}

/// One system trained on one number of films.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub method: Method,
    pub trained_on: usize,
    pub films: Vec<FilmError>,
    pub training_s: f64,
    /// Mean time for a film, both stages, on the threads there are.
    pub film_ms: f64,
}

impl Outcome {
    /// What an earlier run has written of one system and size; its times are not known.
    pub fn of(films: Vec<FilmError>) -> Option<Self> {
        let FilmError { method, trained_on, .. } = *films.first()?;
        Some(Self { method, trained_on, films, training_s: f64::NAN, film_ms: f64::NAN })
    }

    /// Mean distance in pixels over the films on which every point was found; NaN without any.
    pub fn mean_px(&self) -> f64 {
        let found: Vec<f64> = self.films.iter().filter_map(|film| film.pixels).collect();
        found.iter().sum::<f64>() / found.len() as f64
    }

    /// Distribution of one of the two errors.
    pub fn distribution(&self, error: fn(&FilmError) -> Option<f64>) -> ErrorDistribution {
        ErrorDistribution::of(&self.films.iter().map(error).collect::<Vec<_>>())
    }
}

/// Trains every method on every size that is not `known`, and calls `done` after each.
///
/// # Errors
/// An impossible configuration, a loss that is no number any more, cancellation.
pub fn run(
    options: &CurveOptions,
    known: &[(Method, usize)],
    job: &Job,
    mut done: impl FnMut(Outcome),
) -> Result<(), TrainError> {
    options.check()?;
    // Tight frames, so that the lower end of the outline is on the film.
    let phantoms = PhantomOptions { size: options.film, cropped: true, ..PhantomOptions::default() };
    let source = Phantoms { seed: options.seed, options: phantoms };
    let most = options.sizes.iter().copied().max().unwrap_or_default();
    job.report("making films", 0.0);
    let films: Vec<Film> = (0..most as u64).into_par_iter().map(|number| source.film(number)).collect();
    let mut unseen = if options.by_heart { Vec::new() } else { held(&source, 2 * options.tested) };
    unseen.retain(is_whole);
    unseen.truncate(options.tested);
    if !options.by_heart && unseen.len() < options.tested {
        return Err(TrainError::Config("too few of the held films show the whole outline".to_owned()));
    }
    // Learnt by heart, every film is to be found: nothing is given up.
    let mut others = if options.by_heart { Vec::new() } else { calibration(&source, CALIBRATED) };
    others.retain(is_whole);
    for method in &options.methods {
        for size in options.sizes.iter().filter(|size| !known.contains(&(*method, **size))) {
            job.report(&format!("{} on {size}", method.name()), 0.0);
            let begun = Instant::now();
            let detector = trained(options, *method, &films[..*size], &others, job)?;
            let training_s = begun.elapsed().as_secs_f64();
            let tested = if options.by_heart { &films[..options.tested.min(*size)] } else { &unseen };
            let begun = Instant::now();
            let films = test(&*detector, *method, *size, tested, job)?;
            let film_ms = 1e3 * begun.elapsed().as_secs_f64() / tested.len() as f64;
            done(Outcome { method: *method, trained_on: *size, films, training_s, film_ms });
        }
    }
    Ok(())
}

/// The left hip's landmarks.
fn points() -> Points {
    let ids = femur(Side::Left);
    Points { optional: vec![false; ids.len()], mirror: (0..ids.len()).collect(), ids }
}

fn trained(
    options: &CurveOptions,
    method: Method,
    films: &[Film],
    others: &[Film],
    job: &Job,
) -> Result<Arc<dyn LandmarkDetector>, TrainError> {
    let mut networks = options.searchers.clone();
    let SystemConfig::WhdvSearchers(config) = &mut networks.system else {
        return Err(TrainError::Config("the networks of a learning curve are whdv-searchers".to_owned()));
    };
    match method {
        Method::Clm => {
            let ids = outline();
            let (mut plan, clm) = rfrv_clm::learn(films, &ids, &options.clm, options.seed, job)?;
            let of = |plan| ClmDetector::new(clm.clone(), plan, ids.clone(), vec![false; 58]);
            plan.shape_floor = shape_floor(&of(plan.clone())?, others, job)?;
            return Ok(Arc::new(of(plan)?));
        }
        Method::Whdv => {}
        Method::Hdv => config.loss.weighted = false,
        Method::Ho => {
            config.loss.displacement = 0.0;
            config.plan.global.voting.displaced = false;
            config.plan.local.voting.displaced = false;
        }
    }
    let recipe = config.clone();
    network(&recipe, &networks, options.seed, films, others, job)
}

/// Trains the searchers on films drawn from `films` again and again; `others` say which shapes are believed.
fn network(
    recipe: &SearchersConfig,
    config: &TrainConfig,
    seed: u64,
    films: &[Film],
    others: &[Film],
    job: &Job,
) -> Result<Arc<dyn LandmarkDetector>, TrainError> {
    let (device, _) = device(config.device)?;
    let points = points();
    let map = VarMap::new();
    let learner = recipe.learner(&points, VarBuilder::from_varmap(&map, DType::F32, &device))?;
    let vars: HashMap<String, Var> = match map.data().lock() {
        Ok(data) => data.clone(),
        Err(poisoned) => poisoned.into_inner().clone(),
    };
    initialise(&vars, seed, |name| recipe.initial_sd(name))?;
    let mut engine = Engine::new(&vars, &config.optimiser)?;
    let steps = config.optimiser.steps;
    while engine.done() < steps {
        job.check()?;
        let begun = Instant::now();
        let first = engine.done() * config.optimiser.batch;
        let batch: Vec<_> = (first..first + config.optimiser.batch)
            .into_par_iter()
            .map(|sample| {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream(1 + sample as u64);
                recipe.sample(&films[random.random_range(0..films.len())], &points, &mut random)
            })
            .collect();
        let row = engine.step(&learner, &batch, begun)?;
        job.report(&format!("loss {:.3}", row.loss), engine.done() as f32 / steps as f32);
    }
    let names = |ids: &[LandmarkId]| ids.iter().map(ToString::to_string).collect();
    let mut plan = plan_of(config, recipe.system());
    plan.landmarks = names(&points.ids);
    let plan = recipe.calibrated(plan, &engine.averages(), others, &device)?;
    Ok(detector_from_tensors(&plan, engine.averages(), &device)?)
}

/// F01…F58 of the left hip.
fn outline() -> Vec<LandmarkId> {
    let mut ids = femur(Side::Left);
    ids.truncate(58);
    ids
}

/// Whether the film shows every point that is tested: a femur that the film's edge cuts off is nobody's to find.
fn is_whole(film: &Film) -> bool {
    let on = |value: f64, count: usize| (0.0..=count as f64 - 1.0).contains(&value);
    outline().iter().all(|id| {
        let at = film.landmarks.get(id).and_then(|landmark| landmark.position());
        at.is_some_and(|at| on(at.x, film.columns) && on(at.y, film.rows))
    })
}

fn test(
    detector: &dyn LandmarkDetector,
    method: Method,
    size: usize,
    films: &[Film],
    job: &Job,
) -> Result<Vec<FilmError>, TrainError> {
    let outline = outline();
    let places: Vec<Option<usize>> =
        outline.iter().map(|id| detector.ids().iter().position(|other| other == id)).collect();
    films
        .par_iter()
        .enumerate()
        .map(|(number, film)| {
            job.check()?;
            let points = detector.detect(&film.grey, film.rows, film.columns, &Job::silent())?.points;
            let found: Option<Vec<Point>> =
                places.iter().map(|place| Some(points.get((*place)?)?.as_ref().ok()?.position)).collect();
            let truth: Option<Vec<Point>> =
                outline.iter().map(|id| film.landmarks.get(id)?.position()).collect();
            let width = truth.as_ref().and_then(|t| Some(t.first()?.distance(*t.last()?)));
            let error = found.zip(truth.as_ref()).and_then(|(found, truth)| contour_error(&found, truth));
            let percent = |error: Option<f64>| percent_of_shaft(error?, width?);
            Ok(FilmError {
                method,
                trained_on: size,
                film: number,
                point_to_point: percent(error.and_then(|e| e.to_point)),
                point_to_curve: percent(error.map(|e| e.to_curve)),
                pixels: error.and_then(|e| e.to_point),
            })
        })
        .collect()
}
