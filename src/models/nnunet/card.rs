//! `model.toml` of an nnU-Net folder: what nnU-Net's own files do not say. Licence, data, figures, and the sums by which
//! its files are known.

use super::predictor::checkpoints;
use super::{Dataset, NnUnetError, Plans, file_error};
use crate::models::installed;
use crate::models::predictor::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Name of the card in the model's folder.
pub const CARD: &str = "model.toml";
/// Names of the files that tell the network.
const PLANS: [&str; 2] = ["dataset.json", "plans.json"];
/// Beginning of a fold's folder.
const FOLD: &str = "fold_";

/// The card of an nnU-Net.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NnUnetAbout {
    /// What the command line calls it.
    pub id: String,
    pub version: String,
    pub title: String,
    /// SPDX expression for the weights.
    pub licence: String,
    pub intended_use: String,
    /// Where it has not been tried, and where it fails.
    pub limitations: String,
    /// The command that makes the weights again.
    pub command: String,
}

/// The card of an nnU-Net with what training has found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NnUnetCard {
    pub about: NnUnetAbout,
    /// What it was trained on.
    pub trained_on: String,
    /// SHA-256, hex, by the file's path in the folder.
    #[serde(default)]
    pub sha256: BTreeMap<String, String>,
    /// Figures by data set.
    #[serde(default)]
    pub accuracy: BTreeMap<String, BTreeMap<String, f64>>,
}

impl NnUnetCard {
    /// The card in `folder`, if there is one.
    ///
    /// # Errors
    /// A card that cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, NnUnetError> {
        let path = folder.join(CARD);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map(Some).map_err(|e| file_error(&path, e)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(file_error(&path, e)),
        }
    }

    /// The card in `folder`; of a folder that the public program trained what its files say, with their sums.
    ///
    /// # Errors
    /// A folder that is no model.
    pub fn of(folder: &Path) -> Result<Self, NnUnetError> {
        if let Some(card) = Self::read(folder)? {
            return Ok(card);
        }
        let (dataset, plans) = described(folder)?;
        let about = NnUnetAbout {
            id: plans.dataset_name.clone(),
            version: "0".to_owned(),
            title: format!("nnU-Net, trained elsewhere on {}", plans.dataset_name),
            licence: "unknown".to_owned(),
            ..NnUnetAbout::default()
        };
        let trained_on = format!("{} films of {}", dataset.training, plans.dataset_name);
        let mut card = Self { about, trained_on, sha256: BTreeMap::new(), accuracy: BTreeMap::new() };
        card.sign(folder)?;
        Ok(card)
    }

    /// Takes the sums of all files that a model in `folder` is made of.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn sign(&mut self, folder: &Path) -> Result<(), NnUnetError> {
        self.sha256 = files(folder)?
            .into_iter()
            .map(|name| {
                let sum = sum(&folder.join(&name))?;
                Ok((name, sum))
            })
            .collect::<Result<_, NnUnetError>>()?;
        Ok(())
    }

    /// Whether the file at `path`, in the model's `folder`, is the one that the card means.
    ///
    /// # Errors
    /// A file that is another, or of which the card does not know.
    pub fn check(&self, folder: &Path, path: &Path) -> Result<(), NnUnetError> {
        let name = path.strip_prefix(folder).ok().and_then(relative);
        match name.and_then(|name| self.sha256.get(&name)) {
            Some(known) if *known == sum(path)? => Ok(()),
            Some(_) => Err(file_error(path, format!("its SHA-256 is not the one of {CARD}"))),
            None => Err(file_error(path, format!("{CARD} does not know it"))),
        }
    }

    /// [`Self::check`] of every file that there is or should be.
    ///
    /// # Errors
    /// The first that is not what the card means.
    pub fn verify(&self, folder: &Path) -> Result<(), NnUnetError> {
        let there = files(folder)?;
        self.sha256.keys().chain(&there).try_for_each(|name| self.check(folder, &folder.join(name)))
    }

    /// Writes the card into `folder`.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<(), NnUnetError> {
        let path = folder.join(CARD);
        let text = toml::to_string(self).map_err(|e| file_error(&path, e))?;
        let partial = path.with_extension("partial");
        std::fs::write(&partial, text)
            .and_then(|()| std::fs::rename(&partial, &path))
            .map_err(|e| file_error(&path, e))
    }

    /// Copies the model in `from` into `folder` under its id; one of the same id is replaced.
    ///
    /// # Errors
    /// An id that is no file name, files that are not the card's, a folder that cannot be written to.
    pub fn install(&self, from: &Path, folder: &Path) -> Result<PathBuf, NnUnetError> {
        installed::check_id(&self.about.id).map_err(|reason| file_error(from, reason))?;
        self.verify(from)?;
        let target = folder.join(&self.about.id);
        // Whole or not at all: a model that is half there must not be found.
        let partial = folder.join(format!(".{}.partial", self.about.id));
        let _ = std::fs::remove_dir_all(&partial);
        for name in self.sha256.keys() {
            let to = partial.join(name);
            let copied = std::fs::create_dir_all(to.parent().unwrap_or(&partial))
                .and_then(|()| std::fs::copy(from.join(name), &to));
            copied.map_err(|e| file_error(&to, e))?;
        }
        self.write(&partial)?;
        if target.exists() {
            std::fs::remove_dir_all(&target).map_err(|e| file_error(&target, e))?;
        }
        std::fs::rename(&partial, &target).map_err(|e| file_error(&target, e))?;
        Ok(target)
    }
}

/// Whether `folder` is a trained folder of nnU-Net.
pub fn is_model(folder: &Path) -> bool {
    PLANS.iter().all(|name| folder.join(name).is_file())
}

/// The folder of the model that `name` names: itself, or an installed one's of this id.
pub fn find(name: &Path) -> PathBuf {
    let own = installed::folder().map(|folder| folder.join(name)).filter(|folder| is_model(folder));
    own.filter(|_| !name.exists() && name.components().count() == 1).unwrap_or_else(|| name.to_owned())
}

/// Every nnU-Net in `folder`, in the order of names.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut models: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            is_model(path) && path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
        })
        .collect();
    models.sort();
    models
}

/// Data set and plans of a model's folder.
///
/// # Errors
/// Files that are missing or ask for what is not here.
pub(super) fn described(folder: &Path) -> Result<(Dataset, Plans), NnUnetError> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map(|text| (text, path.clone())).map_err(|e| file_error(&path, e))
    };
    let (text, path) = read(PLANS[0])?;
    let dataset = Dataset::parse(&text).map_err(|reason| file_error(&path, reason))?;
    let (text, path) = read(PLANS[1])?;
    let plans = Plans::parse(&text, &dataset).map_err(|reason| file_error(&path, reason))?;
    Ok((dataset, plans))
}

/// Paths in `folder` of the files that a model is made of.
fn files(folder: &Path) -> Result<Vec<String>, NnUnetError> {
    let folds = std::fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    let folds = folds
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_prefix(FOLD)?.to_owned()))
        // A fold that is still being trained has none yet.
        .filter_map(|fold| checkpoints(folder, &[fold]).ok()?.pop());
    let weights = folds.filter_map(|path| relative(path.strip_prefix(folder).ok()?));
    let mut files: Vec<String> = PLANS.map(str::to_owned).into_iter().chain(weights).collect();
    files.sort();
    Ok(files)
}

/// A path in a folder as the card writes it on every system.
fn relative(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn sum(path: &Path) -> Result<String, NnUnetError> {
    Ok(hex(&Sha256::digest(std::fs::read(path).map_err(|e| file_error(path, e))?)))
}
