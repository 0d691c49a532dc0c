//! Labelled images: nnU-Net's raw folder or phantoms; prepared for training, and patches of them.

use super::super::adults::AdultData;
use super::super::dataset::HELD;
use super::super::{TrainError, file_error};
use super::config::PhantomSet;
use super::folds::Split;
use crate::imaging;
use crate::measure::Structure;
use crate::models::nnunet::{Dataset, Plans, Prepared, Reader, resample_labels};
use crate::simulate::infant::PhantomOptions;
use crate::training::dataset::{Phantoms, Source};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::path::Path;

/// A labelled image.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub name: String,
    /// Row-major planes.
    pub channels: Vec<Vec<f32>>,
    pub labels: Vec<u8>,
    pub rows: usize,
    pub columns: usize,
    /// Height and width of a pixel in mm.
    pub spacing: [f64; 2],
}

/// Names of [`Phantom::labels`](crate::simulate::infant::Phantom) from 1 upwards.
const PHANTOM_LABELS: [&str; 5] = ["ilium", "ischium", "pubis", "femur", "nucleus"];

/// Phantoms with what is drawn in them.
pub(super) fn phantoms(set: &PhantomSet, seed: u64) -> (Dataset, Vec<Case>) {
    let options = PhantomOptions { size: set.size, variation: set.variation, ..PhantomOptions::default() };
    let source = Phantoms { seed, options };
    let cases: Vec<Case> = (0..set.count as u64)
        .into_par_iter()
        .filter_map(|number| {
            let film = source.film(number);
            Some(Case {
                name: format!("phantom_{number:04}"),
                channels: vec![film.grey],
                labels: film.labels?,
                rows: film.rows,
                columns: film.columns,
                spacing: [1.0, 1.0],
            })
        })
        .collect();
    let labels =
        PHANTOM_LABELS.iter().zip(1..).map(|(name, value)| Structure { value, name: (*name).to_owned() });
    let dataset = Dataset {
        channels: vec!["xray".to_owned()],
        labels: labels.collect(),
        ignored: None,
        training: cases.len(),
        file_ending: ".png".to_owned(),
    };
    (dataset, cases)
}

/// Films of adults, `count` to learn from and a fifth as many of held-out bodies, with L1 to L5.
///
/// # Errors
/// People who cannot be read.
pub(super) fn adults(
    data: &AdultData,
    count: usize,
    seed: u64,
) -> Result<(Dataset, Vec<Case>, Split), TrainError> {
    let source = data.source(seed)?;
    let make = |name: &str, first: u64, count: usize| -> Vec<Case> {
        let numbers = (0..count as u64).into_par_iter();
        numbers
            .filter_map(|number| {
                let film = source.film(first + number);
                Some(Case {
                    name: format!("{name}_{number:04}"),
                    channels: vec![film.grey],
                    labels: film.labels?,
                    rows: film.rows,
                    columns: film.columns,
                    spacing: [film.spacing.row, film.spacing.column],
                })
            })
            .collect()
    };
    let (mut cases, held) = (make("learnt", 0, count), make("held", HELD, count.div_ceil(5)));
    let names = |cases: &[Case]| cases.iter().map(|case| case.name.clone()).collect();
    let split = Split { train: names(&cases), val: names(&held) };
    cases.extend(held);
    let dataset = Dataset {
        channels: vec!["xray".to_owned()],
        labels: Structure::hip(),
        ignored: None,
        training: cases.len(),
        file_ending: ".png".to_owned(),
    };
    Ok((dataset, cases, split))
}

/// The training images of a folder as nnU-Net wants it: `dataset.json`, `imagesTr/NAME_0000.png`, `labelsTr/NAME.png`.
///
/// # Errors
/// Files that are missing or damaged, images and labels of different sizes, labels that the data set does not name.
pub(super) fn folder(folder: &Path, reader: Reader) -> Result<(Dataset, Vec<Case>), TrainError> {
    let path = folder.join("dataset.json");
    let text = std::fs::read_to_string(&path).map_err(|e| file_error(&path, e))?;
    let mut dataset = Dataset::parse(&text).map_err(|reason| file_error(&path, reason))?;
    let labels = folder.join("labelsTr");
    let mut names: Vec<String> = std::fs::read_dir(&labels)
        .map_err(|e| file_error(&labels, e))?
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            Some(name.strip_suffix(&dataset.file_ending)?.to_owned())
        })
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(file_error(&labels, format!("holds no files named *{}", dataset.file_ending)));
    }
    let cases: Vec<Case> =
        names.par_iter().map(|name| case(folder, name, &dataset, reader)).collect::<Result<_, _>>()?;
    dataset.training = cases.len();
    Ok((dataset, cases))
}

fn case(folder: &Path, name: &str, dataset: &Dataset, reader: Reader) -> Result<Case, TrainError> {
    let open = |path: &Path| imaging::open(path).map_err(|e| TrainError::Config(e.to_string()));
    let path = folder.join("labelsTr").join(format!("{name}{}", dataset.file_ending));
    let drawn = open(&path)?;
    let most = dataset.ignored.into_iter().chain(dataset.labels.iter().map(|label| label.value)).max();
    let labels = drawn.stored.iter().map(|value| u8::try_from(*value).ok().filter(|v| Some(*v) <= most));
    let labels: Vec<u8> = labels
        .collect::<Option<_>>()
        .ok_or_else(|| file_error(&path, "holds labels that dataset.json does not name"))?;
    let mut channels = Vec::new();
    let mut spacing = [1.0, 1.0];
    for channel in 0..dataset.channels.len() {
        let path = folder.join("imagesTr").join(format!("{name}_{channel:04}{}", dataset.file_ending));
        let film = open(&path)?;
        if (film.rows, film.columns) != (drawn.rows, drawn.columns) {
            return Err(file_error(&path, "is not of the size of its labels"));
        }
        if reader == Reader::Spaced && film.spacing.has_millimetres() {
            spacing = [film.spacing.row, film.spacing.column];
        }
        channels.push(film.grey());
    }
    Ok(Case { name: name.to_owned(), channels, labels, rows: drawn.rows, columns: drawn.columns, spacing })
}

/// A case as the network sees it.
#[derive(Debug, Clone)]
pub(super) struct Prepped {
    pub image: Prepared,
    /// At the image's resolution.
    pub labels: Vec<u8>,
    /// Pixels of each label that occurs, some ten thousand at most.
    locations: Vec<Vec<u32>>,
}

/// Pixels remembered of each label.
const MOST_LOCATIONS: usize = 10_000;

impl Prepped {
    /// # Errors
    /// As [`Prepared::new`].
    pub fn new(case: &Case, plans: &Plans, ignored: Option<u8>) -> Result<Self, TrainError> {
        let image = Prepared::new(&case.channels, [case.rows, case.columns], case.spacing, plans)
            .map_err(|reason| TrainError::Config(format!("{}: {reason}", case.name)))?;
        let labels = image.crop.of(&case.labels, case.columns);
        let shape = [image.crop.rows, image.crop.columns];
        let labels = resample_labels(&labels, shape, [image.rows, image.columns], plans.label_order);
        let mut all: Vec<Vec<u32>> = vec![Vec::new(); 256];
        for (index, label) in labels.iter().enumerate() {
            if *label > 0 && Some(*label) != ignored {
                all[usize::from(*label)].push(index as u32);
            }
        }
        let locations = all
            .into_iter()
            .filter(|pixels| !pixels.is_empty())
            .map(|pixels| {
                let step = pixels.len().div_ceil(MOST_LOCATIONS);
                pixels.into_iter().step_by(step).collect()
            })
            .collect();
        Ok(Self { image, labels, locations })
    }

    /// Centre of a random patch (row, column): within reach of the edges, or at a pixel of a random label.
    pub fn centre(&self, patch: [usize; 2], foreground: bool, random: &mut ChaCha8Rng) -> [f64; 2] {
        let shape = [self.image.rows, self.image.columns];
        let least = [0, 1].map(|axis| {
            let pad = patch[axis].saturating_sub(shape[axis]) as i64;
            -(pad / 2 + pad % 2)
        });
        let first = match self.locations.len() {
            count if foreground && count > 0 => {
                let pixels = &self.locations[random.random_range(0..count)];
                let pixel = pixels[random.random_range(0..pixels.len())] as usize;
                let at = [pixel / self.image.columns, pixel % self.image.columns];
                [0, 1].map(|axis| (at[axis] as i64 - patch[axis] as i64 / 2).max(least[axis]))
            }
            _ => [0, 1].map(|axis| {
                let pad = patch[axis].saturating_sub(shape[axis]) as i64;
                let most = shape[axis] as i64 + pad / 2 - patch[axis] as i64;
                random.random_range(least[axis]..=most.max(least[axis]))
            }),
        };
        [0, 1].map(|axis| first[axis] as f64 + 0.5 * (patch[axis] as f64 - 1.0))
    }
}
