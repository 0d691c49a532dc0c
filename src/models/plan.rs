//! The plan of a model: all that inference must know beside the weights, written by training, in TOML.
//!
//! It is also the model's card: licence, data, figures, the command that made it.

use super::system::System;
use super::view::View;
use crate::measure::{LandmarkId, scheme};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Plan and card in one file, `NAME.toml` beside `NAME.safetensors`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What the command line calls it.
    pub id: String,
    /// Version of the weights.
    pub version: String,
    pub title: String,
    /// SPDX expression for the weights.
    pub licence: String,
    /// What it is for, and what not.
    pub intended_use: String,
    /// What it reads: by it the model is chosen for a film.
    pub view: View,
    /// Whether films of its view are read by it unasked, where several models read them.
    #[serde(default)]
    pub first_choice: bool,
    /// Where it has not been tried, and where it fails.
    pub limitations: String,
    /// What it was trained on.
    pub trained_on: String,
    /// The command that makes these weights again.
    pub command: String,
    /// Files of the weights have this SHA-256, hex.
    pub sha256: String,
    /// Names of the landmarks in the order of the system: `TRC-R`, …
    pub landmarks: Vec<String>,
    /// Those of them that may be absent, for which the system answers whether they are there.
    pub optional: Vec<String>,
    pub system: System,
    pub calibration: Calibration,
    /// Figures by data set, in the order they were measured.
    #[serde(default)]
    pub accuracy: BTreeMap<String, BTreeMap<String, f64>>,
}

/// What held-out phantoms said of how far the network can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// By landmark code: SD of the error (per axis) is `sd_gain · spread`, and never below `sd_floor`.
    pub sd_gain: BTreeMap<String, f64>,
    /// In shares of the TRC–TRC distance.
    pub sd_floor: BTreeMap<String, f64>,
    /// Probability from which an optional landmark is there.
    pub presence_threshold: f64,
    /// What the log odds of a confidence are divided by, before it is held against the floor.
    #[serde(default = "untempered")]
    pub confidence_temperature: f64,
    /// Confidence under which a point is not given: it is missing, not a guess.
    pub confidence_floor: f64,
}

fn untempered() -> f64 {
    1.0
}

impl Plan {
    /// Reads a plan from TOML.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plan: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        plan.system.check(&plan.ids()?)?;
        Ok(plan)
    }

    /// The landmarks in the order of the system.
    ///
    /// # Errors
    /// A name that is not `CODE-R` or `CODE-L`.
    pub fn ids(&self) -> Result<Vec<LandmarkId>, String> {
        self.landmarks.iter().map(|name| parse_id(name)).collect()
    }

    /// Whether the landmark at this place may be absent.
    pub fn is_optional(&self, place: usize) -> bool {
        self.landmarks.get(place).is_some_and(|name| self.optional.contains(name))
    }
}

/// The landmark that `CODE-R`, `CODE-L` or, of the midline, `CODE` names.
///
/// # Errors
/// A name that is none of them.
pub fn parse_id(name: &str) -> Result<LandmarkId, String> {
    let id: LandmarkId = name.parse().map_err(|reason| format!("landmark {name:?}: {reason}"))?;
    // Without its side a paired landmark would be another one, which no film has.
    let mut known = scheme::embedded().iter().flat_map(|scheme| &scheme.landmarks);
    if id.side.is_none() && !known.any(|landmark| !landmark.paired && landmark.code == id.code) {
        return Err(format!("landmark {name:?} is neither CODE-R nor CODE-L nor of the midline"));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_landmarks_read_back() {
        for id in LandmarkId::infant() {
            assert_eq!(parse_id(&id.to_string()).unwrap(), id);
        }
        assert_eq!(parse_id("SCJ").unwrap(), LandmarkId::midline(crate::measure::LandmarkCode::SCJ));
        assert!(["FHC", "FHC-X", ""].iter().all(|name| parse_id(name).is_err()));
    }

    #[test]
    fn nonsense_is_an_error_in_words() {
        assert!(Plan::parse("id = 3").is_err());
    }
}
