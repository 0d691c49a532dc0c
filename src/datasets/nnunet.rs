//! nnU-Net's raw folder: `dataset.json`, `imagesTr/NAME_0000.png`, `labelsTr/NAME.png`, and `imagesTs`, `labelsTs` for tests
//! (github.com/MIC-DKFZ/nnUNet, "dataset format"); PNG, TIFF or `.nii.gz`.
//!
//! Read is the first channel. `splits_final.json`, which nnU-Net keeps elsewhere, is taken where it lies in the folder: of
//! one split it says what is watched, of several which fold a case is held out in. Written with `.nii.gz` the spacing comes
//! back (as 32-bit numbers); landmarks and what is known of a case have no place. Only cases with masks are written.
//!
//! `dataset.json` is read more freely here than by [`crate::models::nnunet`], which must train by it.

use super::case::{Case, Split};
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::{Format, WriteOptions, Writer};
use super::set::{DataSet, Entry};
use super::target::Target;
use super::{image, nifti};
use crate::measure::{LabelMap, LandmarkSet, Structure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const HEAD: &str = "dataset.json";
const SPLITS: &str = "splits_final.json";

#[derive(Deserialize)]
struct Head {
    #[serde(alias = "modality")]
    #[serde(rename = "channel_names")]
    _channels: Map<String, Value>,
    labels: Map<String, Value>,
    #[serde(default)]
    file_ending: Option<String>,
}

/// An element of `splits_final.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Fold {
    train: Vec<String>,
    val: Vec<String>,
}

fn head(files: &Files) -> Result<Head, DatasetError> {
    let path = files.root.join(HEAD);
    serde_json::from_str(&text(&path)?).map_err(|e| DatasetError::content(&path, e))
}

pub(super) fn is_in(files: &Files) -> bool {
    head(files).is_ok()
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let root = &files.root;
    let head = head(files)?;
    let structures =
        structures(&head.labels).map_err(|reason| DatasetError::content(&root.join(HEAD), reason))?;
    let ending = head.file_ending.unwrap_or_else(|| ".nii.gz".to_owned());
    let folds = match text(&root.join(SPLITS)) {
        Err(_) => Vec::new(),
        Ok(text) => serde_json::from_str::<Vec<Fold>>(&text)
            .map_err(|e| DatasetError::content(&root.join(SPLITS), e))?,
    };
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (images, labels, split) in
        [("imagesTr", "labelsTr", Split::Train), ("imagesTs", "labelsTs", Split::Test)]
    {
        let first = format!("_0000{ending}");
        let named = |folder: &str, ending: &str| -> BTreeSet<String> {
            let folder = root.join(folder);
            let within = files.paths.iter().filter(|path| path.parent() == Some(&folder));
            let names = within.filter_map(|path| path.file_name()?.to_str()?.strip_suffix(ending));
            names.map(str::to_owned).collect()
        };
        let (pictures, painted) = (named(images, &first), named(labels, &ending));
        for name in painted.difference(&pictures) {
            let path = root.join(labels).join(format!("{name}{ending}"));
            problems.push(DatasetError::content(
                &path,
                format!("no image {name}{first} belongs to these labels"),
            ));
        }
        for name in pictures {
            let picture = root.join(images).join(format!("{name}{first}"));
            let mask = painted.contains(&name).then(|| root.join(labels).join(format!("{name}{ending}")));
            let held: Vec<usize> = (0..folds.len()).filter(|fold| folds[*fold].val.contains(&name)).collect();
            let watched = folds.len() == 1 && held == [0];
            let fold = held.first().filter(|_| folds.len() > 1).and_then(|fold| u32::try_from(*fold).ok());
            let split = if split == Split::Train && watched { Split::Val } else { split };
            let structures = structures.clone();
            entries.push(Entry::new(name.clone(), move || {
                let (film, mut about) = find::film(&picture)?;
                (about.split, about.fold) = (Some(split), fold);
                let masks = mask.as_deref().map(|mask| masks(mask, &structures)).transpose()?;
                let (landmarks, occluded) = (LandmarkSet::default(), BTreeSet::new());
                let case = Case { name: name.clone(), film, landmarks, occluded, masks, about };
                case.checked()
                    .map_err(|reason| DatasetError::content(mask.as_deref().unwrap_or(&picture), reason))
            }));
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::NnUnet, structures, entries) })
}

fn structures(labels: &Map<String, Value>) -> Result<Vec<Structure>, String> {
    let mut structures = Vec::new();
    for (name, value) in labels {
        let value = value.as_u64().and_then(|value| u8::try_from(value).ok());
        let value =
            value.ok_or_else(|| format!("label {name:?} is no number below 256 (regions are not read)"))?;
        if value > 0 {
            structures.push(Structure { value, name: name.clone() });
        }
    }
    structures.sort_by_key(|structure| structure.value);
    Ok(structures)
}

fn masks(path: &Path, structures: &[Structure]) -> Result<LabelMap, DatasetError> {
    let (rows, columns, labels) = image::read_labels(path)?;
    let known = |label: &u8| *label == 0 || structures.iter().any(|structure| structure.value == *label);
    if let Some(label) = labels.iter().find(|label| !known(label)) {
        return Err(DatasetError::content(
            path,
            format!("holds label {label}, which dataset.json does not name"),
        ));
    }
    Ok(LabelMap { rows, columns, labels, structures: structures.to_vec() })
}

/// Writes nnU-Net's raw folder.
pub(super) struct NnUnetWriter {
    target: Target,
    options: WriteOptions,
    structures: BTreeMap<u8, String>,
    /// Name, split and fold of what is in `imagesTr`.
    training: Vec<(String, Split, Option<u32>)>,
}

impl NnUnetWriter {
    pub fn new(out: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        Ok(Self { target: Target::new(out)?, options, structures: BTreeMap::new(), training: Vec::new() })
    }

    fn ending(&self) -> &'static str {
        if self.options.nifti { ".nii.gz" } else { ".png" }
    }

    /// Every fold, or the one of what is watched; none where nothing is.
    fn folds(&self) -> Vec<Fold> {
        let most = self.training.iter().filter_map(|(_, _, fold)| *fold).max();
        let count = most.map_or(1, |fold| fold as usize + 1);
        let mut folds: Vec<Fold> = (0..count).map(|_| Fold::default()).collect();
        for (name, split, held) in &self.training {
            for (index, fold) in folds.iter_mut().enumerate() {
                let is_held = if most.is_some() { *held == Some(index as u32) } else { *split == Split::Val };
                let list = if is_held { &mut fold.val } else { &mut fold.train };
                list.push(name.clone());
            }
        }
        folds.retain(|fold| !fold.val.is_empty());
        folds
    }
}

impl Writer for NnUnetWriter {
    fn add(&mut self, case: &Case) -> Result<(), DatasetError> {
        let name = &case.name;
        let wrong = |reason: String| DatasetError::content(Path::new(name), reason);
        let Some(map) = &case.masks else {
            return Err(wrong("has no masks: nnU-Net learns masks".to_owned()));
        };
        self.target.take(name)?;
        for structure in &map.structures {
            let before = self.structures.insert(structure.value, structure.name.clone());
            if before.is_some_and(|name| name != structure.name) {
                return Err(wrong(format!("value {} has another name than before", structure.value)));
            }
        }
        let (rows, columns, spacing) = (case.film.rows, case.film.columns, case.film.spacing);
        let (picture, labels) = if self.options.nifti {
            let (greys, bits) = image::greys(&case.film);
            let labels: Vec<u16> = map.labels.iter().map(|label| u16::from(*label)).collect();
            let picture = nifti::write(rows, columns, bits, &greys, spacing);
            (picture, nifti::write(rows, columns, 8, &labels, spacing))
        } else {
            (image::png(&case.film), image::labels_png(&map.labels, rows, columns))
        };
        let split = case.about.split.unwrap_or(Split::Train);
        let place = if split == Split::Test { "Ts" } else { "Tr" };
        let ending = self.ending();
        self.target.write(&format!("images{place}/{name}_0000{ending}"), picture.map_err(wrong)?)?;
        self.target.write(&format!("labels{place}/{name}{ending}"), labels.map_err(wrong)?)?;
        if split != Split::Test {
            self.training.push((name.clone(), split, case.about.fold));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), DatasetError> {
        let mut labels = Map::from_iter([("background".to_owned(), 0.into())]);
        labels.extend(self.structures.iter().map(|(value, name)| (name.clone(), (*value).into())));
        let head = json!({
            "channel_names": {"0": "xray"},
            "labels": labels,
            "numTraining": self.training.len(),
            "file_ending": self.ending(),
        });
        self.target.write(HEAD, format!("{head:#}\n"))?;
        let folds = self.folds();
        if !folds.is_empty() {
            let text =
                serde_json::to_vec_pretty(&folds).map_err(|e| DatasetError::content(Path::new(SPLITS), e))?;
            self.target.write(SPLITS, text)?;
        }
        self.target.publish()
    }
}
