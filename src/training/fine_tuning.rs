//! From phantoms to real films: a network that has learnt from phantoms goes on for a short while with the few real films
//! there are among them.
//!
//! Every figure on a real film is of a network that has not seen it: for each film one network is fine-tuned without it,
//! and judged on it and on its warped and poor copies. Only then the one that is kept learns of all films.

use super::config::{FineTuningConfig, TrainConfig};
use super::dataset::source;
use super::films::predict;
use super::mixed::Mixed;
use super::run::{Event, real_films, rounded, train_on, train_watching};
use super::{TrainError, checkpoint};
use crate::eval::infant::{self, Figures, JudgedFilm};
use crate::job::Job;
use crate::models::{Plan, Predictor};
use crate::simulate::real::{KnownFilm, stressed, warped};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where the network that has learnt from phantoms alone is kept.
const PHANTOMS: &str = "phantoms";

/// Films that are judged on, by their name on the card, as they are made of one film.
type Made = (&'static str, fn(&KnownFilm, usize, u64) -> Vec<KnownFilm>);
const SETS: [Made; 4] = [
    ("real films", |film, _, _| vec![film.clone()]),
    ("warped real films", warped),
    ("poor copies of real films", stressed),
    ("poor copies of warped real films", |film, copies, seed| {
        warped(film, copies, seed).iter().flat_map(|film| stressed(film, 2, seed)).collect()
    }),
];

/// Trains as `config` says on phantoms, then as `settings` say with the real films of `config`.
///
/// With `resume` parts that were finished are not done again.
///
/// # Errors
/// As [`super::train`]; no real films.
pub(super) fn train(
    settings: &FineTuningConfig,
    config: &TrainConfig,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Plan, TrainError> {
    config.check()?;
    let films = real_films(config, &mut log)?;
    if films.is_empty() {
        let reason = "fine_tuning needs real films: validation.films, or COXA_DATA in the environment";
        return Err(TrainError::Config(reason.to_owned()));
    }
    let source = source(config)?;
    let first = TrainConfig { fine_tuning: None, ..config.clone() };
    let folder = out.join(PHANTOMS);
    let done = |folder: &Path| resume && folder.join(format!("{}.toml", config.id)).is_file();
    if !done(&folder) {
        train_on(source.clone(), &first, &folder, resume, job, &mut log)?;
    }
    let mut second = first;
    second.pretrained = Some(folder.join(format!("{}.safetensors", config.id)));
    second.optimiser.steps = settings.steps;
    second.optimiser.learning_rate = settings.learning_rate;
    second.optimiser.warmup = settings.steps / 10;
    second.validation.every = settings.steps;
    let mixed = |films: Vec<KnownFilm>| {
        let FineTuningConfig { real, warped, .. } = *settings;
        Arc::new(Mixed { seed: config.seed, phantoms: source.clone(), films, real, warped })
    };

    let mut judged: [Vec<JudgedFilm>; SETS.len()] = Default::default();
    for (number, film) in films.iter().enumerate() {
        log(&Event::Note(format!("without {}", film.name)));
        let folder = out.join(format!("without-{}", film.name));
        if !done(&folder) {
            let others = films.iter().enumerate().filter(|(i, _)| *i != number).map(|(_, film)| film.clone());
            let alone = std::slice::from_ref(film);
            train_watching(alone, mixed(others.collect()), &second, &folder, resume, job, &mut log)?;
        }
        let plan = folder.join(format!("{}.toml", config.id));
        let predictor = Predictor::load(Some(&plan.to_string_lossy()), config.device)?;
        for (judged, (_, make)) in judged.iter_mut().zip(SETS) {
            judged.extend(predict(&make(film, settings.copies, config.seed), &predictor, job)?);
        }
    }

    log(&Event::Note(format!("with all {} films", films.len())));
    let count = films.len();
    let mut plan = train_watching(&[], mixed(films), &second, out, resume, job, &mut log)?;
    plan.trained_on = format!(
        "{} simulated infants, made by this program; then {} films of which {:.0} % were {count} real ones, {:.0} % of \
         these with their hips warped",
        config.optimiser.steps * config.optimiser.batch / config.data.reuse,
        settings.steps * config.optimiser.batch / config.data.reuse,
        100.0 * settings.real,
        100.0 * settings.warped,
    );
    for (judged, (name, _)) in judged.iter().zip(SETS) {
        let figures = infant::judge(judged);
        log(&Event::Note(format!(
            "{name}, each read by a network that was fine-tuned without it\n{figures}"
        )));
        plan.accuracy
            .insert(format!("{name} ({}), each left out of the fine-tuning", judged.len()), card(&figures));
    }
    let text = toml::to_string(&plan).map_err(|e| TrainError::Config(e.to_string()))?;
    checkpoint::write_whole(&out.join(format!("{}.toml", config.id)), text.as_bytes())?;
    Ok(plan)
}

/// `figures` as a card holds them, to two digits.
fn card(figures: &Figures) -> BTreeMap<String, f64> {
    let mut card = BTreeMap::new();
    let mut put = |name: String, value: Option<f64>| {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            card.insert(name, rounded(value));
        }
    };
    for (code, of) in &figures.landmarks {
        put(format!("{code} mean radial error, % of TRC-TRC"), of.error.as_ref().map(|e| e.mean));
        put(format!("{code} missed"), of.error.as_ref().map(|e| e.missed as f64));
    }
    let points = figures.points.as_ref();
    put("all points 90th percentile, % of TRC-TRC".into(), points.map(|p| p.p90));
    put("share of points within 10 % of TRC-TRC".into(), points.map(|p| p.rates[2] / 100.0));
    let index = figures.acetabular_index.as_ref();
    put("AI mean absolute error, deg".into(), index.map(|a| a.mean_absolute));
    put("AI worst error, deg".into(), index.map(|a| a.max_absolute));
    put("AI correlation".into(), index.and_then(|a| a.pearson));
    put("AI ICC(2,1)".into(), index.and_then(|a| a.icc21));
    put("AI missed".into(), Some(figures.acetabular_index_missed as f64));
    put("AI error of guessing the mean, deg".into(), figures.acetabular_index_guess);
    let share = |(right, all): (usize, usize)| (all > 0).then(|| right as f64 / all as f64);
    put("IHDI right, share".into(), share(figures.ihdi));
    let n = &figures.nucleus;
    let right = n.found + n.rightly_absent;
    put("FH presence right, share".into(), share((right, right + n.missed + n.invented)));
    card
}
