//! The file that says how the classifier is trained: `[system] kind = "view"`.

use super::super::TrainError;
use super::super::config::OptimiserConfig;
use super::super::recipe::{self, Readable, is_of};
use super::guise::GuiseConfig;
use crate::models::DeviceChoice;
use crate::models::view::Architecture;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const KIND: &str = "view";

/// `coxa train CONFIG.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewConfig {
    pub version: String,
    pub title: String,
    /// SPDX expression for the weights.
    pub licence: String,
    pub intended_use: String,
    pub limitations: String,
    /// The command that makes the weights again, for the card.
    pub command: String,
    pub system: SystemConfig,
    /// Every random number of the run comes of it.
    pub seed: u64,
    pub device: DeviceChoice,
    pub data: ShelfConfig,
    pub guise: GuiseConfig,
    pub optimiser: OptimiserConfig,
}

/// `[system]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemConfig {
    pub kind: String,
    pub network: Architecture,
    /// Steps between validations and checkpoints.
    pub every: usize,
    /// Share of held pictures to be read that may be refused; sets the card's `least_share`.
    pub lost: f64,
}

/// `[data]`: how many pictures of each kind are made, and how large.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShelfConfig {
    /// Folder of the people; without it the folder `vsd` of the environment's `COXA_DATA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anatomy: Option<PathBuf>,
    /// Bodies whose number is a multiple of this are held out.
    pub folds: usize,
    /// Longer side in pixels.
    pub size: usize,
    pub infants: usize,
    pub pelves: usize,
    pub hips: usize,
    pub slices: usize,
    pub implants: usize,
    /// Bones seen from where nothing is measured.
    pub elsewhere: usize,
    /// Drawings of everything else.
    pub drawings: usize,
    /// As many of each, over this, are made once more and held out.
    pub held: usize,
}

impl Default for ViewConfig {
    fn default() -> Self {
        Self {
            version: "0.1.0".to_owned(),
            title:
                "What a picture shows: infant or adult pelvis, hip, coronal MR, implant, or something else"
                    .to_owned(),
            licence: "CC-BY-NC-SA-4.0".to_owned(),
            intended_use:
                "Choosing the model that reads a picture, and refusing what none reads. Research only."
                    .to_owned(),
            limitations: String::new(),
            command: String::new(),
            system: SystemConfig {
                kind: KIND.to_owned(),
                network: Architecture::default(),
                every: 250,
                lost: 0.002,
            },
            seed: 1,
            device: DeviceChoice::Auto,
            data: ShelfConfig {
                anatomy: None,
                folds: 4,
                size: 160,
                infants: 1200,
                pelves: 700,
                hips: 500,
                slices: 350,
                implants: 450,
                elsewhere: 500,
                drawings: 3000,
                held: 6,
            },
            guise: GuiseConfig::default(),
            optimiser: OptimiserConfig {
                steps: 3000,
                batch: 48,
                learning_rate: 2e-3,
                warmup: 60,
                ema: 0.995,
                ..OptimiserConfig::default()
            },
        }
    }
}

/// Whether the text of a training configuration is of this system.
pub fn is_view(text: &str) -> bool {
    is_of(text, KIND)
}

impl ViewConfig {
    /// Reads and checks a configuration file; a relative folder of people is relative to the file.
    ///
    /// # Errors
    /// A file that cannot be read, or says what cannot be.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        recipe::read(path)
    }

    /// The configuration that `text` makes of the defaults.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        recipe::changed(&Self::default(), toml::from_str(text).map_err(|e| e.to_string())?)
    }

    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |reason: &str| Err(TrainError::Config(reason.to_owned()));
        if self.system.kind != KIND {
            return wrong("system.kind is not view");
        }
        self.system.network.check().map_err(TrainError::Config)?;
        self.guise.check().map_err(TrainError::Config)?;
        let OptimiserConfig { steps, batch, shards, .. } = self.optimiser;
        if steps == 0 || batch == 0 || shards == 0 || batch < shards || self.system.every == 0 {
            return wrong("steps, batch, shards and system.every are positive, and shards is at most batch");
        }
        let data = &self.data;
        if data.size < 64 || data.held == 0 || data.folds < 2 || data.infants == 0 || data.drawings == 0 {
            return wrong(
                "data: size is at least 64, folds at least 2; held, infants and drawings are positive",
            );
        }
        if !(0.0..0.5).contains(&self.system.lost) {
            return wrong("system.lost is a small share");
        }
        Ok(())
    }
}

impl Readable for ViewConfig {
    fn of_text(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        self.data.anatomy.as_mut().into_iter().collect()
    }

    fn possible(&self) -> Result<(), TrainError> {
        self.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_what_it_names() {
        let text = "seed = 3\n[system]\nkind = \"view\"\n[data]\npelves = 9";
        assert!(is_view(text) && !is_view("seed = 3"));
        let config = ViewConfig::parse(text).unwrap();
        assert_eq!((config.seed, config.data.pelves, config.data.infants), (3, 9, 1200));
        config.check().unwrap();
        assert_eq!(ViewConfig::parse(&toml::to_string(&config).unwrap()).unwrap(), config);
        assert!(ViewConfig::parse("[data]\npelvs = 1").unwrap_err().contains("pelvs"));
    }

    #[test]
    fn impossible_configurations_are_refused() {
        for text in
            ["[system]\nlost = 0.9", "[data]\nsize = 8", "[optimiser]\nsteps = 0", "[guise]\nmirror = 2.0"]
        {
            assert!(ViewConfig::parse(text).unwrap().check().is_err(), "{text}");
        }
    }
}
