//! The file that says how a model is trained. Every field has a default, which depends on the system; a file names
//! what it changes.

use super::TrainError;
use super::adults::AdultData;
use super::fr_ddh::FrDdhConfig;
use super::heatmap::{FaiConfig, LabelAugmentationConfig};
use super::learner::{Points, Recipe};
use super::optimiser::Method;
use super::recipe::{self, Readable};
use super::rfrv_clm::ClmConfig;
use super::schedule::Schedule;
use super::whdv::WhdvConfig;
use super::whdv_searchers::SearchersConfig;
use crate::measure::{LandmarkCode, LandmarkId};
use crate::models::landmark_detector::mirrored;
use crate::models::plan::parse_id;
use crate::models::{DeviceChoice, View};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::Table;

/// `coxa train CONFIG.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    pub id: String,
    pub version: String,
    pub title: String,
    /// SPDX expression for the weights.
    pub licence: String,
    pub intended_use: String,
    /// What the model will read.
    pub view: View,
    /// Whether films of its view are read by it unasked, where several networks read them.
    pub first_choice: bool,
    /// Where it has not been tried, and where it fails; for the card.
    pub limitations: String,
    /// The command that makes the weights again, for the card.
    pub command: String,
    /// Every random number of the run comes of it.
    pub seed: u64,
    pub device: DeviceChoice,
    /// Weights to start from (`.pth`, `.pt`, safetensors): of the encoder as torchvision or
    /// `segmentation_models_pytorch` have it, or of a whole network of the same system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pretrained: Option<PathBuf>,
    /// `TRC-R`, …: what is learnt, each with its other side.
    pub landmarks: Vec<String>,
    /// Those of them that may be absent.
    pub optional: Vec<String>,
    pub system: SystemConfig,
    pub data: DataConfig,
    pub optimiser: OptimiserConfig,
    pub validation: ValidationConfig,
    /// Going on with real films among the phantoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fine_tuning: Option<FineTuningConfig>,
}

/// What is trained; `[system]`, told apart by its `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SystemConfig {
    /// Weighted heatmap displacement voting.
    Whdv(WhdvConfig),
    /// Landmarks as patches that Faster R-CNN detects.
    FrDdh(FrDdhConfig),
    /// Softmax heat maps.
    Fai(FaiConfig),
    /// Labels that shrink.
    LabelAugmentation(LabelAugmentationConfig),
    /// The same in the two stages of its paper.
    WhdvSearchers(Box<SearchersConfig>),
    /// Random-forest regression voting held by a model of shape.
    RfrvClm(ClmConfig),
}

/// Where the films come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Folder that `coxa dataset import` made and `coxa dataset split` divided; phantoms without.
    pub folder: Option<PathBuf>,
    /// The fold of it that is held out; without, its split `val`.
    pub fold: Option<u32>,
    /// Side of the phantoms in pixels.
    pub phantom_size: usize,
    /// Threads that make phantoms; they divide the phantoms among themselves, so it is part of the recipe.
    pub workers: usize,
    /// Each phantom is seen this many times on average, each time augmented otherwise.
    pub reuse: usize,
    /// Phantoms that a worker keeps to choose from.
    pub kept: usize,
    /// Adults, instead of infants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adults: Option<AdultData>,
}

/// How the weights move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimiserConfig {
    pub method: Method,
    /// After a linear warm-up.
    pub schedule: Schedule,
    pub steps: usize,
    pub batch: usize,
    /// Parts of the batch that go through the network side by side. With batch norm each is normalised by itself.
    pub shards: usize,
    pub learning_rate: f64,
    pub warmup: usize,
    pub weight_decay: f64,
    /// Gradients longer than this are shortened to it.
    pub clip: f64,
    /// Decay of the moving average of the weights that is validated and shipped.
    pub ema: f64,
}

/// What is looked at while it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValidationConfig {
    /// Steps between validations and checkpoints.
    pub every: usize,
    /// Validations without a better one after which the run stops; the weights of the best are then shipped. 0 is never.
    pub patience: usize,
    /// Held phantoms while training.
    pub held: usize,
    /// Held phantoms (others) for the calibration and the card.
    pub calibration: usize,
    /// Folder of real films with `NAME.reference.json`; watched, never trained on. Skipped where it is absent; without
    /// it the folder `jordan` of the environment's `COXA_DATA` is taken.
    pub films: Option<PathBuf>,
}

/// How a network that has learnt from phantoms goes on with real films; see [`super::fine_tuning`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FineTuningConfig {
    pub steps: usize,
    pub learning_rate: f64,
    /// Share of the films that is real …
    pub real: f64,
    /// … and of these, share of which the hips are warped.
    pub warped: f64,
    /// Warped, poor, and warped and poor copies made of each film for its figures.
    pub copies: usize,
}

impl Default for FineTuningConfig {
    fn default() -> Self {
        Self { steps: 150, learning_rate: 4e-4, real: 0.5, warped: 0.7, copies: 12 }
    }
}

impl Default for TrainConfig {
    /// Infant landmarks by displacement voting.
    fn default() -> Self {
        let ids = LandmarkId::infant();
        let optional = ids.iter().filter(|id| id.code == LandmarkCode::FH);
        Self {
            id: "infant-whdv".to_owned(),
            version: "0.1.0".to_owned(),
            title: "Infant hip landmarks, weighted heatmap displacement voting".to_owned(),
            licence: "MIT OR Apache-2.0".to_owned(),
            intended_use: "TRC, SMA, HP and FH on AP pelvis radiographs of infants. Research only."
                .to_owned(),
            view: View::InfantPelvis,
            first_choice: false,
            limitations: String::new(),
            command: String::new(),
            seed: 1,
            device: DeviceChoice::Auto,
            pretrained: None,
            optional: optional.map(ToString::to_string).collect(),
            landmarks: ids.iter().map(ToString::to_string).collect(),
            system: SystemConfig::Whdv(WhdvConfig::default()),
            data: DataConfig::default(),
            optimiser: OptimiserConfig::default(),
            validation: ValidationConfig::default(),
            fine_tuning: None,
        }
    }
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { folder: None, fold: None, phantom_size: 288, workers: 2, reuse: 2, kept: 16, adults: None }
    }
}

impl Default for OptimiserConfig {
    fn default() -> Self {
        Self {
            method: Method::default(),
            schedule: Schedule::default(),
            steps: 1500,
            batch: 12,
            shards: 1,
            learning_rate: 2e-3,
            warmup: 50,
            weight_decay: 1e-3,
            clip: 2.0,
            ema: 0.995,
        }
    }
}

impl Default for ValidationConfig {
    fn default() -> Self {
        Self { every: 250, patience: 0, held: 48, calibration: 240, films: None }
    }
}

impl SystemConfig {
    /// The paper's own numbers of the system that `kind` names, as a whole configuration.
    fn defaults(kind: &str) -> Option<TrainConfig> {
        match kind {
            "whdv" => Some(TrainConfig::default()),
            "fr-ddh" => Some(super::fr_ddh::defaults()),
            "fai" => Some(FaiConfig::training()),
            "label-augmentation" => Some(LabelAugmentationConfig::training()),
            "whdv-searchers" => Some(SearchersConfig::paper()),
            "rfrv-clm" => Some(TrainConfig {
                id: "infant-clm".to_owned(),
                title: "Infant hip landmarks, random-forest regression voting".to_owned(),
                system: Self::RfrvClm(ClmConfig::default()),
                ..TrainConfig::default()
            }),
            _ => None,
        }
    }

    /// What [`Self::defaults`] knows.
    const KINDS: &str = "whdv, whdv-searchers, rfrv-clm, fr-ddh, fai, label-augmentation";

    fn check(&self, points: &Points) -> Result<(), String> {
        match self {
            Self::Whdv(recipe) => recipe.check(points),
            Self::FrDdh(recipe) => recipe.check(points),
            Self::Fai(recipe) => recipe.check(points),
            Self::LabelAugmentation(recipe) => recipe.check(points),
            Self::WhdvSearchers(recipe) => recipe.check(points),
            Self::RfrvClm(config) => config.check(),
        }
    }
}

impl TrainConfig {
    /// Reads and checks a configuration file; a relative path in it is relative to the file.
    ///
    /// # Errors
    /// A file that cannot be read, or says what cannot be.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        recipe::read(path)
    }

    /// The configuration that `text` makes of its system's defaults.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let changes: Table = toml::from_str(text).map_err(|e| e.to_string())?;
        let kind = changes.get("system").and_then(|system| system.get("kind"));
        let kind = kind.map_or(Some("whdv"), |kind| kind.as_str()).unwrap_or_default();
        let defaults = SystemConfig::defaults(kind)
            .ok_or_else(|| format!("system.kind {kind:?} is none of {}", SystemConfig::KINDS))?;
        recipe::changed(&defaults, changes)
    }

    /// The landmarks.
    ///
    /// # Errors
    /// A name that is none, a landmark without its other side, an optional one that is not learnt.
    pub fn points(&self) -> Result<Points, TrainError> {
        let of = |names: &[String]| names.iter().map(|name| parse_id(name)).collect::<Result<Vec<_>, _>>();
        let ids = of(&self.landmarks).map_err(TrainError::Config)?;
        let absent = of(&self.optional).map_err(TrainError::Config)?;
        if let Some(stray) = absent.iter().find(|id| !ids.contains(id)) {
            return Err(TrainError::Config(format!("optional landmark {stray} is not among the landmarks")));
        }
        let optional = ids.iter().map(|id| absent.contains(id)).collect();
        let mirror = mirrored(&ids).map_err(TrainError::Config)?;
        Ok(Points { ids, optional, mirror })
    }

    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |reason: &str| Err(TrainError::Config(reason.to_owned()));
        self.system.check(&self.points()?).map_err(TrainError::Config)?;
        let OptimiserConfig { steps, batch, shards, .. } = self.optimiser;
        if steps == 0 || batch == 0 || shards == 0 || batch < shards {
            return wrong("steps, batch and shards are positive, and shards is at most batch");
        }
        let DataConfig { phantom_size, workers, reuse, kept, ref adults, .. } = self.data;
        if let Some(adults) = adults {
            adults.check().map_err(TrainError::Config)?;
        }
        if phantom_size < 64 || workers == 0 || reuse == 0 || kept == 0 {
            return wrong("phantom_size is at least 64; workers, reuse and kept are positive");
        }
        if self.pretrained.is_some() && matches!(self.system, SystemConfig::RfrvClm(_)) {
            return wrong("forests have no pretrained weights to start from");
        }
        if self.validation.every == 0 {
            return wrong("validation.every is positive");
        }
        Ok(())
    }
}

impl Readable for TrainConfig {
    fn of_text(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let anatomy = self.data.adults.as_mut().and_then(|adults| adults.anatomy.as_mut());
        let named =
            [self.validation.films.as_mut(), self.pretrained.as_mut(), self.data.folder.as_mut(), anatomy];
        named.into_iter().flatten().collect()
    }

    fn possible(&self) -> Result<(), TrainError> {
        self.check()
    }
}

#[cfg(test)]
mod tests {
    use super::super::augment::AugmentConfig;
    use super::*;

    #[test]
    fn an_empty_file_is_the_default_and_a_typing_error_is_named() {
        assert_eq!(TrainConfig::parse("").unwrap(), TrainConfig::default());
        for (text, name) in [
            ("[optimiser]\nlearning_rat = 1", "learning_rat"),
            ("[system]\nkind = \"whdv\"\nfram = 64", "fram"),
            ("[system]\nkind = \"wdhv\"", "wdhv"),
            ("sed = 3", "sed"),
        ] {
            let error = TrainConfig::parse(text).unwrap_err();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let text = "seed = 7\n[system.augment]\nnoise = 0.5\n[optimiser.method]\nkind = \"sgd\"\nmomentum = 0.9\nnesterov = true";
        let mut expected = TrainConfig { seed: 7, ..TrainConfig::default() };
        expected.system = SystemConfig::Whdv(WhdvConfig {
            augment: AugmentConfig { noise: 0.5, ..AugmentConfig::default() },
            ..WhdvConfig::default()
        });
        expected.optimiser.method = Method::Sgd { momentum: 0.9, nesterov: true };
        assert_eq!(TrainConfig::parse(text).unwrap(), expected);
    }

    #[test]
    fn configurations_survive_toml() {
        let text = toml::to_string(&TrainConfig::default()).unwrap();
        assert_eq!(TrainConfig::parse(&text).unwrap(), TrainConfig::default());
    }

    #[test]
    fn impossible_configurations_are_refused() {
        let config = TrainConfig::default();
        assert!(config.check().is_ok());
        let refused = |change: &dyn Fn(&mut TrainConfig)| {
            let mut config = config.clone();
            change(&mut config);
            assert!(config.check().is_err());
        };
        refused(&|config| config.optimiser.shards = 0);
        refused(&|config| config.optimiser.shards = 99);
        refused(&|config| {
            config.system = SystemConfig::Whdv(WhdvConfig { frame: 250, ..WhdvConfig::default() })
        });
        refused(&|config| config.landmarks.truncate(7));
        refused(&|config| config.optional.push("FHC-R".to_owned()));
    }
}
