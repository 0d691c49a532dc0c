//! Films of an imported data set (`coxa dataset import`), by its own splits: what is learnt from, watched and calibrated on
//! never shares a patient that the splits keep apart.

use super::TrainError;
use super::augment::Film;
use super::dataset::{HELD, Source};
use crate::datasets::{self, Case, DataSet, Format, Split};
use crate::measure::{Landmark, LandmarkCode, Origin};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::path::Path;

/// The films of a folder, read when asked for.
#[derive(Debug)]
pub struct Imported {
    set: DataSet,
    seed: u64,
    /// Indices of the set.
    train: Vec<usize>,
    watched: Vec<usize>,
    calibration: Vec<usize>,
}

impl Imported {
    /// The data set in `folder`. Watched and calibrated on are the films of split `val`, or of `fold`, one half of the
    /// patients each; the split `test` is not touched.
    ///
    /// # Errors
    /// A folder that is none, a film or label that cannot be read, too few films in a split.
    pub fn open(folder: &Path, fold: Option<u32>, seed: u64) -> Result<Self, TrainError> {
        let wrong = |reason: String| TrainError::Config(reason);
        let set = datasets::read(folder, Some(Format::Coxa)).map_err(|e| wrong(e.to_string()))?;
        let mut train = Vec::new();
        let mut held: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, case) in set.cases().enumerate() {
            let Case { name, about, .. } = case.map_err(|e| wrong(e.to_string()))?;
            let is_held = match fold {
                Some(fold) => about.fold == Some(fold),
                None => about.split == Some(Split::Val),
            };
            match about.split {
                Some(Split::Test) => {}
                _ if is_held => held.entry(about.patient.unwrap_or(name)).or_default().push(index),
                Some(Split::Train | Split::Val) => train.push(index),
                None => {
                    let reason = format!("{name} has no split: run coxa dataset split");
                    return Err(wrong(format!("{}: {reason}", folder.display())));
                }
            }
        }
        if train.is_empty() || held.len() < 2 {
            let (films, patients) = (train.len(), held.len());
            return Err(wrong(format!(
                "{}: {films} films to learn from and {patients} patients to watch: at least 1 and 2",
                folder.display()
            )));
        }
        let (mut watched, mut calibration) = (Vec::new(), Vec::new());
        for (number, patient) in held.into_values().enumerate() {
            let half = if number % 2 == 0 { &mut watched } else { &mut calibration };
            half.extend(patient);
        }
        Ok(Self { set, seed, train, watched, calibration })
    }

    /// The index of film `number`; every film once before any again, each time in another order.
    fn index(&self, number: u64) -> usize {
        if number >= HELD {
            let (films, number) = if number >= 2 * HELD {
                (&self.calibration, number - 2 * HELD)
            } else {
                (&self.watched, number - HELD)
            };
            return films[(number % films.len() as u64) as usize];
        }
        let (round, place) = (number / self.train.len() as u64, number % self.train.len() as u64);
        let mut order = self.train.clone();
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(round);
        order.shuffle(&mut random);
        order[place as usize]
    }
}

impl Source for Imported {
    /// Every film was read when the folder was opened; one that has gone since is replaced by the next, and the log says so.
    fn film(&self, number: u64) -> Film {
        let first = self.index(number);
        let order = self.train.iter().copied().cycle().skip(first % self.train.len()).take(self.train.len());
        for index in std::iter::once(first).chain(order) {
            match self.set.entries[index].case() {
                Ok(case) => return film(case),
                Err(error) => log::error!("{error}: another film takes its place"),
            }
        }
        // Without landmarks it teaches nothing.
        Film {
            rows: 64,
            columns: 64,
            grey: vec![0.0; 64 * 64],
            landmarks: Default::default(),
            spacing: crate::measure::Spacing::UNKNOWN,
            labels: None,
        }
    }

    fn held_films(&self) -> usize {
        self.watched.len()
    }

    fn calibration_films(&self) -> usize {
        self.calibration.len()
    }
}

fn film(mut case: Case) -> Film {
    // A head that does not show is none to a network that says whether there is one.
    for id in case.occluded.iter().filter(|id| id.code == LandmarkCode::FH) {
        case.landmarks.insert(id.clone(), Landmark::missing("not seen on the film", Origin::File));
    }
    Film {
        rows: case.film.rows,
        columns: case.film.columns,
        grey: case.film.grey(),
        landmarks: case.landmarks,
        spacing: case.film.spacing,
        labels: case.masks.map(|map| map.labels),
    }
}
