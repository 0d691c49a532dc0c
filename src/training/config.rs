//! The file that says how a network is trained. Every field has a default, so a file names what it changes.

use super::TrainError;
use crate::models::DeviceChoice;
use crate::models::voting::Voting;
use crate::models::whdv::Architecture;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `coxa train CONFIG.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    pub id: String,
    pub version: String,
    pub title: String,
    /// SPDX expression for the weights.
    pub licence: String,
    pub intended_use: String,
    /// Where it has not been tried, and where it fails; for the card.
    pub limitations: String,
    /// The command that makes the weights again, for the card.
    pub command: String,
    /// Every random number of the run comes of it.
    pub seed: u64,
    pub device: DeviceChoice,
    /// Side of the square frame in pixels.
    pub frame: usize,
    /// SD in frame pixels of the neighbourhood that greys are measured against; 0 for the whole image only.
    pub neighbourhood_px: f64,
    /// σ of the heatmap in frame pixels, and the unit of displacement.
    pub sigma_px: f64,
    /// k of the paper: displacements are cut at ± this many frame pixels.
    pub truncation_px: f64,
    /// TRC–TRC distance as a share of the frame in the second look; 0 for none.
    pub second_look: f64,
    pub architecture: Architecture,
    pub voting: Voting,
    pub data: DataConfig,
    pub augment: AugmentConfig,
    pub loss: LossConfig,
    pub optimiser: OptimiserConfig,
    pub validation: ValidationConfig,
}

/// Where the films come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Side of the phantoms in pixels.
    pub phantom_size: usize,
    /// Threads that make phantoms; they divide the phantoms among themselves, so it is part of the recipe.
    pub workers: usize,
    /// Each phantom is seen this many times on average, each time augmented otherwise.
    pub reuse: usize,
    /// Phantoms that a worker keeps to choose from.
    pub kept: usize,
}

/// What happens to a film before the network sees it. The greys of a phantom vary already; this adds a viewer's
/// framing and what scanners and archives do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugmentConfig {
    /// SD of the rotation in degrees.
    pub rotation_deg: f64,
    /// Scale is between 1 / (1 + this) and 1 + this.
    pub scale: f64,
    /// Shift along each axis is within ± this share of the frame.
    pub shift: f64,
    /// Share of films framed as the second look frames them.
    pub close: f64,
    /// Share mirrored, with the sides of the landmarks exchanged.
    pub mirror: f64,
    /// Share with greys turned round.
    pub invert: f64,
    /// SD of the logarithm of gamma.
    pub gamma: f64,
    /// Largest SD of noise, in SDs of the picture.
    pub noise: f64,
    /// Largest SD of blur in frame pixels, on half of the films.
    pub blur_px: f64,
    /// Share with an opaque box somewhere.
    pub boxes: f64,
}

/// Weights of the parts of the loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// The paper's displacement term.
    pub displacement: f64,
    /// The paper's heatmap term.
    pub heatmap: f64,
    /// Ours: cross-entropy of the weight plane as a distribution over the grid; the paper has 0.
    pub cross_entropy: f64,
    /// Ours: whether optional landmarks are there.
    pub presence: f64,
}

/// AdamW with a cosine after a linear warm-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimiserConfig {
    pub steps: usize,
    pub batch: usize,
    /// Parts of the batch that go through the network side by side; each must be whole.
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
    /// Held phantoms while training.
    pub held: usize,
    /// Held phantoms (others) for the calibration and the card.
    pub calibration: usize,
    /// Folder of real films with `NAME.reference.json`; watched, never trained on. Skipped where it is absent; without
    /// it the folder `jordan` of the environment's `COXA_DATA` is taken.
    pub films: Option<PathBuf>,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            id: "infant-whdv".to_owned(),
            version: "0.1.0".to_owned(),
            title: "Infant hip landmarks, weighted heatmap displacement voting".to_owned(),
            licence: "MIT OR Apache-2.0".to_owned(),
            intended_use: "TRC, SMA, HP and FH on AP pelvis radiographs of infants. Research only."
                .to_owned(),
            limitations: String::new(),
            command: String::new(),
            seed: 1,
            device: DeviceChoice::Auto,
            frame: 256,
            neighbourhood_px: 24.0,
            sigma_px: 6.0,
            truncation_px: 24.0,
            second_look: 0.45,
            architecture: Architecture::default(),
            voting: Voting::default(),
            data: DataConfig::default(),
            augment: AugmentConfig::default(),
            loss: LossConfig::default(),
            optimiser: OptimiserConfig::default(),
            validation: ValidationConfig::default(),
        }
    }
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { phantom_size: 288, workers: 2, reuse: 2, kept: 16 }
    }
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            rotation_deg: 5.0,
            scale: 0.2,
            shift: 0.06,
            close: 0.4,
            mirror: 0.5,
            invert: 0.06,
            gamma: 0.2,
            noise: 0.12,
            blur_px: 1.2,
            boxes: 0.2,
        }
    }
}

impl Default for LossConfig {
    fn default() -> Self {
        Self { displacement: 1.0, heatmap: 1.0, cross_entropy: 1.0, presence: 1.0 }
    }
}

impl Default for OptimiserConfig {
    fn default() -> Self {
        Self {
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
        Self { every: 250, held: 48, calibration: 240, films: None }
    }
}

impl TrainConfig {
    /// Reads and checks a configuration file; a relative film folder is relative to the file.
    ///
    /// # Errors
    /// A file that cannot be read, or says what cannot be.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path).map_err(|e| super::file_error(path, e))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|e| TrainError::Config(format!("{e}: {}", path.display())))?;
        if let (Some(films), Some(folder)) = (&config.validation.films, path.parent())
            && films.is_relative()
        {
            config.validation.films = Some(folder.join(films));
        }
        config.check()?;
        Ok(config)
    }

    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |reason: &str| Err(TrainError::Config(reason.to_owned()));
        self.architecture.check().map_err(TrainError::Config)?;
        let OptimiserConfig { steps, batch, shards, .. } = self.optimiser;
        if self.frame == 0 || !self.frame.is_multiple_of(self.architecture.multiple()) {
            return wrong("frame must be a multiple of two to the number of widths");
        }
        if self.architecture.points != crate::measure::LandmarkId::infant().len() {
            return wrong("architecture.points must be the eight infant landmarks");
        }
        if steps == 0 || batch == 0 || shards == 0 || !batch.is_multiple_of(shards) {
            return wrong("steps, batch and shards are positive, and shards divides batch");
        }
        let DataConfig { phantom_size, workers, reuse, kept } = self.data;
        if phantom_size < 64 || workers == 0 || reuse == 0 || kept == 0 {
            return wrong("phantom_size is at least 64; workers, reuse and kept are positive");
        }
        if !(self.sigma_px > 0.0 && self.truncation_px > 0.0) {
            return wrong("sigma_px and truncation_px are positive");
        }
        if self.validation.every == 0 {
            return wrong("validation.every is positive");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default_and_a_typing_error_is_named() {
        assert_eq!(toml::from_str::<TrainConfig>("").unwrap(), TrainConfig::default());
        let error = toml::from_str::<TrainConfig>("[optimiser]\nlearning_rat = 1").unwrap_err().to_string();
        assert!(error.contains("learning_rat"), "{error}");
    }

    #[test]
    fn configurations_survive_toml() {
        let text = toml::to_string(&TrainConfig::default()).unwrap();
        assert_eq!(toml::from_str::<TrainConfig>(&text).unwrap(), TrainConfig::default());
    }

    #[test]
    fn impossible_configurations_are_refused() {
        let mut config = TrainConfig::default();
        assert!(config.check().is_ok());
        config.optimiser.shards = 5;
        assert!(config.check().is_err());
        assert!(TrainConfig { frame: 250, ..TrainConfig::default() }.check().is_err());
    }
}
