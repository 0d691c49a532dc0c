//! `coxa train` of forests: films in, the model with its card out.

use super::super::augment::Film;
use super::super::checkpoint::{keep_config, write_whole};
use super::super::config::TrainConfig;
use super::super::dataset::{Source, calibration};
use super::super::learner::Points;
use super::super::network::{plan_of, trained_on};
use super::super::run::{Event, conclude};
use super::super::shape_floor::shape_floor;
use super::super::{TrainError, file_error};
use super::{ClmConfig, learn};
use crate::job::Job;
use crate::models::rfrv_clm::{Clm, ClmDetector};
use crate::models::{Plan, System};
use crate::simulate::real::KnownFilm;
use rayon::prelude::*;
use std::path::Path;
use std::time::Instant;

/// Trains on the first films of `source`; see [`train_on`](super::super::run::train_on).
#[expect(clippy::too_many_arguments, reason = "all that a run is made of")]
pub fn train(
    config: &ClmConfig,
    watched: &[KnownFilm],
    source: &dyn Source,
    run: &TrainConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    if resume {
        return Err(TrainError::Resume(
            "forests grow in minutes and leave no checkpoint; start anew".to_owned(),
        ));
    }
    std::fs::create_dir_all(out).map_err(|e| file_error(out, e))?;
    let text = toml::to_string(run).map_err(|e| TrainError::Config(e.to_string()))?;
    keep_config(&out.join("config.toml"), &text, false)?;
    job.report("making films", 0.0);
    let films: Vec<Film> =
        (0..config.films as u64).into_par_iter().map(|number| source.film(number)).collect();
    let begun = Instant::now();
    let Points { ids, optional, .. } = run.points()?;
    let (mut system, clm) = learn(&films, &ids, config, run.seed, job)?;
    let bytes = clm.to_bytes().map_err(TrainError::Config)?;
    let seconds = begun.elapsed().as_secs_f64();
    log(&Event::Note(format!(
        "{} films, {} points: {seconds:.0} s, {:.1} MB",
        films.len(),
        ids.len(),
        bytes.len() as f64 / 1e6
    )));
    drop(films);
    write_whole(&out.join(format!("{}.safetensors", run.id)), &bytes)?;
    // What is calibrated and measured is what is shipped: rounded as in the file.
    let clm = Clm::from_bytes(&bytes).map_err(TrainError::Config)?;
    let detector = |system| ClmDetector::new(clm.clone(), system, ids.clone(), optional.clone());
    job.report("which shapes are believed", 0.95);
    let films = calibration(source, run.validation.calibration);
    system.shape_floor = shape_floor(&detector(system.clone())?, &films, job)?;
    drop(films);
    let mut plan = plan_of(run, System::RfrvClm(system.clone()));
    plan.trained_on = trained_on(run.data.adults.as_ref(), config.films);
    let detector = detector(system)?;
    conclude(run, plan, &bytes, &detector, source, watched, out, job, &mut log)
}
