//! The classifier's card: what inference must know beside the weights, and what a reader must know of them.

use super::network::Architecture;
use crate::models::{ModelError, installed};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// Its files are `view.toml` and `view.safetensors`.
pub const ID: &str = "view";

/// Card and plan in one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewCard {
    pub id: String,
    pub version: String,
    pub title: String,
    /// SPDX expression for the weights.
    pub licence: String,
    pub intended_use: String,
    /// Where it has not been tried, and where it fails.
    pub limitations: String,
    pub trained_on: String,
    /// The command that makes these weights again, and how long it takes.
    pub command: String,
    pub seed: u64,
    /// Of the weights, hex.
    pub sha256: String,
    /// Share of the views that are read, of all that the picture may show, below which it is refused.
    pub least_share: f64,
    pub network: Architecture,
    /// Figures by data set.
    #[serde(default)]
    pub accuracy: BTreeMap<String, BTreeMap<String, f64>>,
}

impl ViewCard {
    /// Reads a card from TOML.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let card: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        card.network.check()?;
        if !(0.0..=1.0).contains(&card.least_share) {
            return Err("least_share is within 0 and 1".to_owned());
        }
        Ok(card)
    }
}

/// The classifier that lies where models are installed, else the one inside the program: its card, and its weights as
/// safetensors.
///
/// # Errors
/// Files that are there and cannot be read.
pub fn found() -> Result<(ViewCard, Cow<'static, [u8]>), ModelError> {
    let mut cards = installed::folders().into_iter().map(|folder| folder.join(format!("{ID}.toml")));
    match cards.find(|card| card.is_file()) {
        Some(card) => read(&card).map(|(card, weights)| (card, Cow::Owned(weights))),
        None => shipped(),
    }
}

/// The card at `path`, and the weights beside it.
fn read(path: &Path) -> Result<(ViewCard, Vec<u8>), ModelError> {
    let file = |path: &Path, reason: String| ModelError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|e| file(path, e.to_string()))?;
    let card = ViewCard::parse(&text).map_err(|reason| file(path, reason))?;
    let weights = path.with_extension("safetensors");
    let bytes = std::fs::read(&weights).map_err(|e| file(&weights, e.to_string()))?;
    Ok((card, bytes))
}

/// That inside the program, its weights of 16-bit floats.
fn shipped() -> Result<(ViewCard, Cow<'static, [u8]>), ModelError> {
    let card = ViewCard::parse(include_str!("../../../weights/view.toml"))
        .map_err(|reason| ModelError::Damaged { id: ID.to_owned(), reason })?;
    Ok((card, Cow::Borrowed(include_bytes!("../../../weights/view.safetensors"))))
}
