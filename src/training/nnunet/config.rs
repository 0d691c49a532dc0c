//! The file that says how an nnU-Net is trained: `[system] kind = "nn-unet"`. Every field has nnU-Net's default.

use super::super::TrainError;
use super::super::adults::AdultData;
use super::super::config::OptimiserConfig;
use super::super::optimiser::Method;
use super::super::recipe::{self, Readable, is_of};
use super::super::schedule::Schedule;
use super::augment::AugmentConfig;
use crate::models::DeviceChoice;
use crate::models::nnunet::{NnUnetAbout, Plans};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const KIND: &str = "nn-unet";

/// `coxa train CONFIG.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NnUnetConfig {
    /// For the model's card.
    pub about: NnUnetAbout,
    pub system: SystemConfig,
    /// Every random number of the run comes of it.
    pub seed: u64,
    pub device: DeviceChoice,
    pub phantoms: PhantomSet,
    /// Adults with L1 to L5, as many as `phantoms.count`, instead of infants; their split by body goes before `fold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adults: Option<AdultData>,
    pub augment: AugmentConfig,
    /// Steps, learning rate and the rest; the batch is that of the plans.
    pub optimiser: OptimiserConfig,
}

/// `[system]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemConfig {
    pub kind: String,
    /// `all`, or the number of the fold that is held out for validation.
    pub fold: String,
    /// A data set as nnU-Net wants it (`dataset.json`, `imagesTr`, `labelsTr`); without it phantoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<PathBuf>,
    /// Pixels have their size in mm, and films are brought to one spacing; nnU-Net takes PNGs as they are.
    pub use_spacing: bool,
    /// Share of a batch that is sure to show a label.
    pub foreground: f64,
    /// Memory that is planned for.
    pub memory_gb: f64,
    /// Instead of what is planned: rows and columns of the patch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<[usize; 2]>,
    /// Instead of what is planned: channels of every stage, each halving the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<usize>>,
    /// Instead of what is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// Steps between validations and checkpoints.
    pub every: usize,
}

/// Phantoms of infants with their bones as labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhantomSet {
    pub count: usize,
    /// Side in pixels.
    pub size: usize,
    /// How much films differ, 0 to 1.
    pub variation: f64,
}

impl Default for NnUnetConfig {
    fn default() -> Self {
        Self {
            about: NnUnetAbout {
                id: "hip-nn-unet".to_owned(),
                version: "0.1.0".to_owned(),
                title: "Bones of the infant hip, nnU-Net".to_owned(),
                licence: "MIT OR Apache-2.0".to_owned(),
                intended_use: "Masks on AP pelvis radiographs of infants. Research only.".to_owned(),
                ..NnUnetAbout::default()
            },
            system: SystemConfig {
                kind: KIND.to_owned(),
                fold: "0".to_owned(),
                dataset: None,
                use_spacing: false,
                foreground: 0.33,
                memory_gb: 8.0,
                patch: None,
                features: None,
                batch: None,
                every: 250,
            },
            seed: 1,
            device: DeviceChoice::Auto,
            phantoms: PhantomSet { count: 100, size: 288, variation: 1.0 },
            adults: None,
            augment: AugmentConfig::default(),
            optimiser: OptimiserConfig {
                method: Method::Sgd { momentum: 0.99, nesterov: true },
                schedule: Schedule::Polynomial { power: 0.9 },
                steps: 250_000,
                batch: 2,
                shards: 1,
                learning_rate: 0.01,
                warmup: 0,
                weight_decay: 3e-5,
                clip: 12.0,
                // What is shipped is what was reached, without averaging.
                ema: 0.0,
            },
        }
    }
}

/// Whether the text of a training configuration is of this system.
pub fn is_nn_unet(text: &str) -> bool {
    is_of(text, KIND)
}

impl NnUnetConfig {
    /// Reads and checks a configuration file; a relative data set is relative to the file.
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
        let system = &self.system;
        if system.kind != KIND {
            return wrong("system.kind is not nn-unet");
        }
        if system.fold != "all" && system.fold.parse::<usize>().is_err() {
            return wrong("system.fold is the number of a fold or \"all\"");
        }
        let OptimiserConfig { steps, shards, .. } = self.optimiser;
        if steps == 0 || shards == 0 || system.every == 0 {
            return wrong("steps, shards and system.every are positive");
        }
        if !(0.0..=1.0).contains(&system.foreground) || !(0.0..=1.0).contains(&self.phantoms.variation) {
            return wrong("system.foreground and phantoms.variation are shares");
        }
        if let Some(adults) = &self.adults {
            adults.check().map_err(TrainError::Config)?;
            if system.dataset.is_some() {
                return wrong("either system.dataset or adults");
            }
        }
        if system.dataset.is_none() && (self.phantoms.count == 0 || self.phantoms.size < 64) {
            return wrong("phantoms.count is positive and phantoms.size at least 64");
        }
        let AugmentConfig {
            rotate,
            scale,
            noise,
            blur,
            brightness,
            contrast,
            low_resolution,
            inverted_gamma,
            gamma,
            mirror,
        } = self.augment;
        let shares =
            [rotate, scale, noise, blur, brightness, contrast, low_resolution, inverted_gamma, gamma, mirror];
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return wrong("what is under augment are shares, 0 to 1");
        }
        Ok(())
    }

    /// `plans` with what the configuration wants otherwise.
    ///
    /// # Errors
    /// Plans that cannot be built.
    pub(super) fn adjusted(&self, mut plans: Plans) -> Result<Plans, TrainError> {
        let system = &self.system;
        plans.patch = system.patch.unwrap_or(plans.patch);
        plans.batch = system.batch.unwrap_or(plans.batch);
        if let Some(features) = &system.features {
            let stages = features.len();
            plans.architecture.strides =
                (0..stages).map(|stage| if stage == 0 { [1, 1] } else { [2, 2] }).collect();
            plans.architecture.encoder_convs = vec![2; stages];
            plans.architecture.decoder_convs = vec![2; stages.saturating_sub(1)];
            plans.architecture.features = features.clone();
        }
        plans.check().map_err(TrainError::Config)?;
        Ok(plans)
    }
}

impl Readable for NnUnetConfig {
    fn of_text(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let anatomy = self.adults.as_mut().and_then(|adults| adults.anatomy.as_mut());
        [self.system.dataset.as_mut(), anatomy].into_iter().flatten().collect()
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
        let text = "seed = 3\n[system]\nkind = \"nn-unet\"\nfold = \"all\"\n[optimiser]\nsteps = 9";
        assert!(is_nn_unet(text) && !is_nn_unet("seed = 3"));
        let config = NnUnetConfig::parse(text).unwrap();
        assert_eq!((config.seed, config.optimiser.steps, config.optimiser.learning_rate), (3, 9, 0.01));
        assert!(config.check().is_ok());
        let whole = toml::to_string(&config).unwrap();
        assert_eq!(NnUnetConfig::parse(&whole).unwrap(), config);
        assert!(NnUnetConfig::parse("[system]\nfoldd = 1").unwrap_err().contains("foldd"));
    }

    #[test]
    fn impossible_configurations_are_refused() {
        for text in [
            "[system]\nfold = \"x\"",
            "[augment]\nblur = 2.0",
            "[optimiser]\nsteps = 0",
            "[phantoms]\nsize = 8",
        ] {
            assert!(NnUnetConfig::parse(text).unwrap().check().is_err(), "{text}");
        }
    }
}
