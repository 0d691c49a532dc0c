//! Films of adults made from bones while a network learns, split by body: whoever is held out is never learnt from.

use super::TrainError;
use super::augment::Film;
use super::dataset::{HELD, Source};
use crate::measure::{LandmarkSet, Spacing};
use crate::simulate::adult::{AdultFilm, AdultOptions, Person, read_all};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// `[data.adults]`: learn from adults instead of infants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdultData {
    /// Folder of the people; without it the folder `vsd` of the environment's `COXA_DATA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anatomy: Option<PathBuf>,
    /// Which of the `folds` is held out; without it everybody is learnt from, and figures are of people already seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<usize>,
    pub folds: usize,
    pub film: AdultOptions,
}

impl Default for AdultData {
    fn default() -> Self {
        Self { anatomy: None, fold: None, folds: 4, film: AdultOptions::default() }
    }
}

impl AdultData {
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), String> {
        if self.folds < 2 || self.fold.is_some_and(|fold| fold >= self.folds) {
            return Err("adults: two folds at least, and fold is one of them".to_owned());
        }
        let film = &self.film;
        let shares =
            [film.variation, film.whole, film.implants, film.artefacts, film.frogged, 2.0 * film.deformed];
        if film.size < 64
            || !(0.0..=4.0).contains(&film.details)
            || shares.iter().any(|share| !(0.0..=1.0).contains(share))
        {
            return Err("adults: size is at least 64; details is within 0 and 4; variation, whole, implants, artefacts and \
                frogged are within 0 and 1, deformed within 0 and 0.5"
                .to_owned());
        }
        Ok(())
    }

    /// The people as a source of films.
    ///
    /// # Errors
    /// No folder, or people who cannot be read; a fold that leaves nobody on one side.
    pub fn source(&self, seed: u64) -> Result<Adults, TrainError> {
        self.check().map_err(TrainError::Config)?;
        let data = || std::env::var_os("COXA_DATA").map(|data| PathBuf::from(data).join("vsd"));
        let folder = self.anatomy.clone().or_else(data).ok_or_else(|| {
            TrainError::Config("adults: neither data.adults.anatomy nor COXA_DATA names a folder".to_owned())
        })?;
        let people = read_all(&folder).map_err(|e| TrainError::Config(e.to_string()))?;
        Adults::new(people, self, seed)
    }
}

/// Films of people, those of the held-out fold from number [`HELD`] on.
#[derive(Debug, Clone)]
pub struct Adults {
    learnt: Arc<Vec<Person>>,
    held: Arc<Vec<Person>>,
    options: AdultOptions,
    seed: u64,
}

impl Adults {
    /// `people` split by body as `data` says.
    ///
    /// # Errors
    /// Nobody on one of the sides.
    pub fn new(people: Vec<Person>, data: &AdultData, seed: u64) -> Result<Self, TrainError> {
        let bodies: BTreeSet<String> = people.iter().map(|person| person.body.clone()).collect();
        let out: BTreeSet<&String> = bodies
            .iter()
            .enumerate()
            .filter(|(index, _)| data.fold == Some(index % data.folds))
            .map(|(_, body)| body)
            .collect();
        let (held, learnt) = match data.fold {
            Some(_) => people.into_iter().partition(|person| out.contains(&person.body)),
            None => (people.clone(), people),
        };
        if held.is_empty() || learnt.is_empty() {
            return Err(TrainError::Config("adults: there are fewer bodies than folds".to_owned()));
        }
        Ok(Self { learnt: Arc::new(learnt), held: Arc::new(held), options: data.film.clone(), seed })
    }

    /// How many bodies are learnt from.
    pub fn bodies(&self) -> usize {
        self.learnt.iter().map(|person| &person.body).collect::<BTreeSet<_>>().len()
    }

    fn person(&self, number: u64) -> &Person {
        let people = if number >= HELD { &self.held } else { &self.learnt };
        &people[(number % people.len() as u64) as usize]
    }
}

impl Source for Adults {
    fn film(&self, number: u64) -> Film {
        let seed = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number);
        match AdultFilm::generate(self.person(number), seed, &self.options) {
            Some(film) => Film {
                rows: film.rows,
                columns: film.columns,
                grey: film.grey,
                landmarks: film.landmarks,
                spacing: film.spacing,
                labels: film.masks.map(|masks| masks.labels),
            },
            // None of several draws could be read: a black film with no landmarks teaches nothing.
            None => {
                log::warn!("film {number} shows no readable hip");
                let side = self.options.size;
                Film {
                    rows: side,
                    columns: side,
                    grey: vec![0.0; side * side],
                    landmarks: LandmarkSet::default(),
                    spacing: Spacing::UNKNOWN,
                    labels: None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Option<Vec<Person>> {
        let data = std::env::var_os("COXA_DATA")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
        let folder = data.join("vsd");
        if !folder.is_dir() {
            println!("skipped: there is no {}", folder.display());
            return None;
        }
        Some(read_all(&folder).unwrap())
    }

    #[test]
    fn no_body_is_on_both_sides_and_all_are_held_once() {
        let Some(people) = people() else { return };
        let mut held = Vec::new();
        for fold in 0..4 {
            let data = AdultData { fold: Some(fold), ..AdultData::default() };
            let adults = Adults::new(people.clone(), &data, 1).unwrap();
            let bodies = |people: &[Person]| people.iter().map(|p| p.body.clone()).collect::<BTreeSet<_>>();
            assert!(bodies(&adults.learnt).is_disjoint(&bodies(&adults.held)));
            held.extend(adults.held.iter().map(|person| person.name.clone()));
            for number in 0..40 {
                assert!(bodies(&adults.learnt).contains(&adults.person(number).body));
                assert!(bodies(&adults.held).contains(&adults.person(HELD + number).body));
                assert!(bodies(&adults.held).contains(&adults.person(2 * HELD + number).body));
            }
        }
        held.sort();
        assert_eq!(held, people.iter().map(|person| person.name.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn the_recipes_in_the_repository_are_possible() {
        use crate::training::nnunet::{NnUnetConfig, is_nn_unet};
        use crate::training::view::{ViewConfig, is_view};
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.to_string_lossy().ends_with(".train.toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if is_view(&text) {
                ViewConfig::read(&path).unwrap();
            } else if is_nn_unet(&text) {
                NnUnetConfig::read(&path).unwrap();
            } else {
                let config = crate::training::TrainConfig::read(&path).unwrap();
                let name = format!("{}.train.toml", config.id);
                assert_eq!(path.file_name().unwrap().to_str().unwrap(), name);
            }
            seen += 1;
        }
        assert!(seen >= 8, "{seen}");
    }

    #[test]
    fn impossible_splits_are_refused() {
        let wrong = [
            AdultData { fold: Some(4), ..AdultData::default() },
            AdultData { folds: 1, ..AdultData::default() },
            AdultData { film: AdultOptions { size: 8, ..AdultOptions::default() }, ..AdultData::default() },
        ];
        assert!(wrong.iter().all(|data| data.check().is_err()));
        let missing = AdultData { anatomy: Some(PathBuf::from("nowhere")), ..AdultData::default() };
        assert!(missing.source(1).unwrap_err().to_string().contains("nowhere"));
    }
}
