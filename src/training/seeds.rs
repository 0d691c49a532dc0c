//! One recipe with several seeds: how much of a figure is chance, and what the networks say together.

use super::TrainError;
use super::checkpoint::write_whole;
use super::config::TrainConfig;
use super::heatmap::temperature;
use super::run::{Event, conclude, floored, real_films, train, write_tensors};
use super::{dataset, file_error};
use crate::eval::summary::mean;
use crate::job::Job;
use crate::models::members::prefix;
use crate::models::system::detector_from_tensors;
use crate::models::{Plan, System, device};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Figures of all seeds, in the folder of the whole.
const FILE: &str = "seeds.csv";

/// A figure of the card over the seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Data set and name.
    pub name: [String; 2],
    pub mean: f64,
    /// Standard deviation with n − 1; 0 of a single seed.
    pub sd: f64,
}

/// Trains `config` once with each of `seeds`, in `out/seed-N`, and writes `seeds.csv` with every figure's mean and SD. Of
/// heat-map and voting systems the networks are put together as one model in `out` itself, which averages their maps or
/// takes the median of their points.
///
/// # Errors
/// As [`train`]; no seeds.
pub fn train_seeds(
    config: &TrainConfig,
    seeds: &[u64],
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Vec<Figure>, TrainError> {
    let mut plans = Vec::with_capacity(seeds.len());
    for &seed in seeds {
        log(&Event::Note(format!("seed {seed}")));
        let config = TrainConfig { seed, ..config.clone() };
        plans.push(train(&config, &folder_of(out, seed), resume, job, &mut log)?);
    }
    let figures = figures(&plans);
    write(&figures, &out.join(FILE))?;
    if let (Some(first), true) = (plans.first(), plans.len() > 1) {
        join(config, first.clone(), seeds, out, job, &mut log)?;
    }
    Ok(figures)
}

fn folder_of(out: &Path, seed: u64) -> std::path::PathBuf {
    out.join(format!("seed-{seed}"))
}

/// Mean and SD of every figure that all `plans` have.
fn figures(plans: &[Plan]) -> Vec<Figure> {
    let mut values: BTreeMap<[&String; 2], Vec<f64>> = BTreeMap::new();
    for (set, figures) in plans.iter().flat_map(|plan| &plan.accuracy) {
        for (name, value) in figures {
            values.entry([set, name]).or_default().push(*value);
        }
    }
    let of = |(name, values): ([&String; 2], Vec<f64>)| {
        let mean = mean(&values).filter(|_| values.len() == plans.len())?;
        let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (square / (values.len() - 1).max(1) as f64).sqrt();
        Some(Figure { name: name.map(Clone::clone), mean, sd })
    };
    values.into_iter().filter_map(of).collect()
}

fn write(figures: &[Figure], path: &Path) -> Result<(), TrainError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["set", "figure", "mean", "sd"]).map_err(|e| file_error(path, e))?;
    for Figure { name: [set, name], mean, sd } in figures {
        let row = [set, name, &format!("{mean:.4}"), &format!("{sd:.4}")];
        writer.write_record(row).map_err(|e| file_error(path, e))?;
    }
    let bytes = writer.into_inner().map_err(|e| file_error(path, e.error()))?;
    write_whole(path, &bytes)
}

/// The networks of all seeds as the members of one model, calibrated and measured like each of them.
fn join(
    config: &TrainConfig,
    mut plan: Plan,
    seeds: &[u64],
    out: &Path,
    job: &Job,
    log: &mut impl FnMut(&Event),
) -> Result<(), TrainError> {
    let Some(members) = plan.system.members_mut() else { return Ok(()) };
    *members = seeds.len();
    let names: Vec<String> = seeds.iter().map(ToString::to_string).collect();
    plan.trained_on += &format!("; {} networks, of the seeds {}", seeds.len(), names.join(", "));
    plan.accuracy.clear();
    let (device, _) = device(config.device)?;
    let name = format!("{}.safetensors", config.id);
    let mut all = HashMap::new();
    for (number, &seed) in seeds.iter().enumerate() {
        let path = folder_of(out, seed).join(&name);
        let weights = candle_core::safetensors::load(&path, &device).map_err(|e| file_error(&path, e))?;
        let prefix = prefix(number, seeds.len()).map_or_else(String::new, |prefix| prefix + ".");
        all.extend(weights.into_iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor)));
    }
    let path = out.join(&name);
    write_tensors(&all, &path)?;
    let bytes = std::fs::read(&path).map_err(|e| file_error(&path, e))?;
    let source = dataset::source(config)?;
    let films = dataset::calibration(&*source, config.validation.calibration);
    let plan = match &plan.system {
        System::Heatmap(system) => {
            let views = system.views.clone();
            temperature::calibrated(plan, views, &all, &films, &device)?
        }
        _ => floored(plan, |plan| Ok(detector_from_tensors(plan, all.clone(), &device)?), &films, job)?,
    };
    let detector = detector_from_tensors(&plan, all, &device)?;
    let watched = real_films(config, log)?;
    log(&Event::Note(format!("{} networks as one", seeds.len())));
    conclude(config, plan, &bytes, &*detector, &*source, &watched, out, job, log)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::heatmap::FaiConfig;
    use crate::training::learner::Recipe;
    use crate::training::network::plan_of;

    #[test]
    fn figures_of_the_seeds_have_a_mean_and_an_sd() {
        let mut plans = vec![plan_of(&TrainConfig::default(), FaiConfig::default().system()); 3];
        for (plan, value) in plans.iter_mut().zip([1.0, 2.0, 4.5]) {
            let set = plan.accuracy.entry("held".to_owned()).or_default();
            set.insert("error".to_owned(), value);
        }
        plans[0].accuracy.entry("held".to_owned()).or_default().insert("of one run".to_owned(), 1.0);
        let found = figures(&plans);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!((found[0].mean - 2.5).abs() < 1e-12 && (found[0].sd - 3.25_f64.sqrt()).abs() < 1e-12);
        assert_eq!(figures(&plans[..1])[0].sd, 0.0);
    }
}
