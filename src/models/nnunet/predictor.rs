//! A trained folder of nnU-Net, and the masks it gives an image.

use super::card::{self, NnUnetCard};
use super::dataset::Dataset;
use super::plans::{Plans, Reader};
use super::preprocess::Prepared;
use super::spline::resize;
use super::window::{mirror, mirrorings, starts, weights};
use super::{NnUnetError, file_error};
use crate::imaging::Radiograph;
use crate::job::Job;
use crate::measure::LabelMap;
use crate::models::checkpoint::{Checkpoint, CheckpointError, Fault};
use crate::models::device::{DeviceChoice, device};
use crate::models::plain_conv_unet::PlainConvUnet;
use candle_core::{Device, Tensor};
use std::path::{Path, PathBuf};

/// Files of the weights in a fold's folder, the first that is there is taken.
const CHECKPOINTS: [&str; 3] =
    ["checkpoint_final.safetensors", "checkpoint_final.pth", "checkpoint_best.pth"];

/// Networks of one or more folds with their plans.
#[derive(Debug, Clone)]
pub struct NnUnet {
    plans: Plans,
    dataset: Dataset,
    folds: Vec<PlainConvUnet>,
    /// Axes along which patches are also read mirrored: 0 rows, 1 columns.
    mirror_axes: Vec<usize>,
    device: Device,
}

impl NnUnet {
    /// Reads a model folder. `folds` are names as `0` or `all`; none takes every numbered fold that is there, and
    /// `all` where there is none.
    ///
    /// # Errors
    /// Files that are missing, damaged, or ask for what is not here; weights that do not fit, with the list.
    pub fn load(folder: &Path, folds: &[String], choice: DeviceChoice) -> Result<Self, NnUnetError> {
        let (dataset, plans) = card::described(folder)?;
        let card = NnUnetCard::read(folder)?;
        let (device, _) = device(choice)?;
        let mut networks = Vec::new();
        let mut mirror_axes = None;
        for path in checkpoints(folder, folds)? {
            if let Some(card) = &card {
                card.check(folder, &path)?;
            }
            let checkpoint = Checkpoint::read(&path)?;
            if let Some(other) = configuration(&checkpoint).filter(|name| name != "2d") {
                return Err(file_error(&path, format!("is of configuration {other}, not 2d")));
            }
            let (network, report) =
                checkpoint.load(&device, |vb| PlainConvUnet::new(&plans.architecture, vb))?;
            if !report.is_exact() {
                return Err(CheckpointError { path, fault: Fault::Misfit(report) }.into());
            }
            mirror_axes.get_or_insert_with(|| mirroring(&checkpoint));
            networks.push(network);
        }
        Ok(Self { plans, dataset, folds: networks, mirror_axes: mirror_axes.unwrap_or_default(), device })
    }

    /// A model of networks that are in memory already, as training has them.
    pub fn from_networks(
        plans: Plans,
        dataset: Dataset,
        folds: Vec<PlainConvUnet>,
        mirror_axes: Vec<usize>,
        device: Device,
    ) -> Self {
        Self { plans, dataset, folds, mirror_axes, device }
    }

    /// The same model without test-time mirroring: four times as fast where it was trained with it.
    pub fn without_mirroring(self) -> Self {
        Self { mirror_axes: Vec::new(), ..self }
    }

    pub fn plans(&self) -> &Plans {
        &self.plans
    }

    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Networks whose opinions are averaged.
    pub fn folds(&self) -> usize {
        self.folds.len()
    }

    /// The masks of a film, and warnings about it.
    ///
    /// # Errors
    /// Films that are none, models of several channels, cancellation, failures of the device.
    pub fn segment(&self, film: &Radiograph, job: &Job) -> Result<(LabelMap, Vec<String>), NnUnetError> {
        film.is_projection().and_then(|()| film.is_whole()).map_err(NnUnetError::Image)?;
        let mut warnings = Vec::new();
        let spacing = match self.plans.reader {
            Reader::Natural => [1.0, 1.0],
            Reader::Spaced if film.spacing.has_millimetres() => [film.spacing.row, film.spacing.column],
            Reader::Spaced => {
                let [height, width] = self.plans.spacing;
                warnings.push(format!(
                    "the film does not say how large its pixels are: taken as the model's {height} × {width} mm"
                ));
                self.plans.spacing
            }
        };
        // Colour channels of a grey film are alike.
        let channels = vec![film.grey(); self.dataset.channels.len()];
        Ok((self.predict(&channels, [film.rows, film.columns], spacing, job)?, warnings))
    }

    /// The masks of an image of `shape` rows and columns, whose pixels are `spacing` mm high and wide.
    ///
    /// # Errors
    /// Channels that are not the model's, cancellation, failures of the device.
    pub fn predict(
        &self,
        channels: &[Vec<f32>],
        shape: [usize; 2],
        spacing: [f64; 2],
        job: &Job,
    ) -> Result<LabelMap, NnUnetError> {
        let image = Prepared::new(channels, shape, spacing, &self.plans).map_err(NnUnetError::Image)?;
        let logits = self.logits(&image, job)?;
        job.report("masks", 1.0);
        Ok(self.masks(&image, &logits, shape))
    }

    /// Mean logits of a prepared image, `classes` planes row-major: of all windows, mirrorings and folds.
    ///
    /// # Errors
    /// Cancellation, failures of the device.
    pub fn logits(&self, image: &Prepared, job: &Job) -> Result<Vec<f32>, NnUnetError> {
        let [patch_rows, patch_columns] = self.plans.patch;
        let (rows, columns) = (image.rows.max(patch_rows), image.columns.max(patch_columns));
        // Zeros around an image that is smaller than a window.
        let (top, left) = ((rows - image.rows) / 2, (columns - image.columns) / 2);
        let classes = self.dataset.classes();
        let weights = weights(self.plans.patch);
        let windows: Vec<(usize, usize)> = starts(rows, patch_rows)
            .into_iter()
            .flat_map(|y| starts(columns, patch_columns).into_iter().map(move |x| (y, x)))
            .collect();
        let mut total = vec![0.0; classes * rows * columns];
        let mut shares = vec![0.0; rows * columns];
        let rounds = (windows.len() * self.folds.len()).max(1) as f32;
        for (number, (y, x)) in windows.iter().enumerate() {
            let patch = self.cut(image, [*y as isize - top as isize, *x as isize - left as isize]);
            let mut logits = vec![0.0; classes * patch_rows * patch_columns];
            for (fold, network) in self.folds.iter().enumerate() {
                job.check()?;
                job.report("network", (number * self.folds.len() + fold) as f32 / rounds);
                self.add(network, &patch, &mut logits)?;
            }
            for row in 0..patch_rows {
                let (from, to) = (row * patch_columns, (y + row) * columns + x);
                for column in 0..patch_columns {
                    let weight = weights[from + column];
                    shares[to + column] += weight;
                    for class in 0..classes {
                        total[class * rows * columns + to + column] +=
                            weight * logits[class * patch_rows * patch_columns + from + column];
                    }
                }
            }
        }
        let mut kept = Vec::with_capacity(classes * image.rows * image.columns);
        for class in 0..classes {
            for row in top..top + image.rows {
                let line = row * columns + left..row * columns + left + image.columns;
                let plane = &total[class * rows * columns..];
                kept.extend(plane[line.clone()].iter().zip(&shares[line]).map(|(sum, share)| sum / share));
            }
        }
        Ok(kept)
    }

    /// The patch whose first pixel is `at` of the image, zero outside.
    fn cut(&self, image: &Prepared, [y, x]: [isize; 2]) -> Vec<f32> {
        let [rows, columns] = self.plans.patch;
        let mut patch = vec![0.0; image.channels.len() * rows * columns];
        for (channel, out) in image.channels.iter().zip(patch.chunks_exact_mut(rows * columns)) {
            for (row, line) in out.chunks_exact_mut(columns).enumerate() {
                let Some(row) = y.checked_add_unsigned(row).and_then(|row| usize::try_from(row).ok()) else {
                    continue;
                };
                let Some(source) = channel.get(row * image.columns..(row + 1) * image.columns) else {
                    continue;
                };
                let skip = (-x).max(0) as usize;
                let source = &source[(x.max(0) as usize).min(image.columns)..];
                for (out, value) in line.iter_mut().skip(skip).zip(source) {
                    *out = *value;
                }
            }
        }
        patch
    }

    /// Adds a network's mean logits over the mirrorings, by the number of folds.
    fn add(&self, network: &PlainConvUnet, patch: &[f32], logits: &mut [f32]) -> Result<(), NnUnetError> {
        let [rows, columns] = self.plans.patch;
        let ways = mirrorings(&self.mirror_axes);
        let share = 1.0 / (ways.len() * self.folds.len()) as f32;
        for how in ways {
            let mut turned = patch.to_vec();
            turned.chunks_exact_mut(rows * columns).for_each(|plane| mirror(plane, columns, how));
            let input =
                Tensor::from_vec(turned, (1, patch.len() / (rows * columns), rows, columns), &self.device)?;
            let mut found = network.forward(&input)?.flatten_all()?.to_vec1::<f32>()?;
            found.chunks_exact_mut(rows * columns).for_each(|plane| mirror(plane, columns, how));
            logits.iter_mut().zip(found).for_each(|(sum, value)| *sum += share * value);
        }
        Ok(())
    }

    /// The label of the largest logit of every pixel of an image of `shape`, at its own resolution.
    pub fn masks(&self, image: &Prepared, logits: &[f32], shape: [usize; 2]) -> LabelMap {
        let crop = &image.crop;
        let mut best = vec![f32::NEG_INFINITY; crop.rows * crop.columns];
        let mut labels = vec![0; crop.rows * crop.columns];
        for (class, plane) in logits.chunks_exact(image.rows * image.columns).enumerate() {
            // One plane after the other: all at full size would take a film's size for every label.
            let to = [crop.rows, crop.columns];
            let plane = resize(plane, [image.rows, image.columns], to, self.plans.logit_order);
            for ((best, label), value) in best.iter_mut().zip(&mut labels).zip(plane) {
                if value > *best {
                    (*best, *label) = (value, class as u8);
                }
            }
        }
        let [rows, columns] = shape;
        let mut whole = vec![0; rows * columns];
        for (row, line) in labels.chunks_exact(crop.columns).enumerate() {
            whole[(crop.top + row) * columns + crop.left..][..crop.columns].copy_from_slice(line);
        }
        LabelMap { rows, columns, labels: whole, structures: self.dataset.labels.clone() }
    }
}

/// The configuration a checkpoint was trained in, where it says so.
fn configuration(checkpoint: &Checkpoint) -> Option<String> {
    Some(checkpoint.metadata().get("init_args")?.get("configuration")?.as_str()?.to_owned())
}

/// Axes of test-time mirroring; ours are text in safetensors.
fn mirroring(checkpoint: &Checkpoint) -> Vec<usize> {
    let axes = checkpoint.metadata().get("inference_allowed_mirroring_axes");
    let parsed = axes.and_then(|axes| axes.as_str()).and_then(|text| serde_json::from_str(text).ok());
    let axes = parsed.as_ref().or(axes).and_then(|axes| axes.as_array());
    axes.into_iter().flatten().filter_map(|axis| Some(axis.as_u64()? as usize)).collect()
}

/// The weights of the folds asked for.
pub(super) fn checkpoints(folder: &Path, folds: &[String]) -> Result<Vec<PathBuf>, NnUnetError> {
    let of = |fold: &str| {
        let fold = folder.join(format!("fold_{fold}"));
        CHECKPOINTS.iter().map(|name| fold.join(name)).find(|path| path.is_file())
    };
    let found: Vec<PathBuf> = if folds.is_empty() {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .map_err(|e| file_error(folder, e))?
            .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_prefix("fold_")?.to_owned()))
            .collect();
        names.sort();
        let numbered: Vec<PathBuf> =
            names.iter().filter(|name| *name != "all").filter_map(|f| of(f)).collect();
        if numbered.is_empty() { of("all").into_iter().collect() } else { numbered }
    } else {
        let missing = |fold: &String| file_error(&folder.join(format!("fold_{fold}")), "has no checkpoint");
        folds.iter().map(|fold| of(fold).ok_or_else(|| missing(fold))).collect::<Result<_, _>>()?
    };
    if found.is_empty() { Err(file_error(folder, "has no fold with a checkpoint")) } else { Ok(found) }
}
