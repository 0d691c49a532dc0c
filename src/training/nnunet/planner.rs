//! Plans from a fingerprint: the rules of nnU-Net's `ExperimentPlanner` for plane images.

use super::fingerprint::{Fingerprint, percentile};
use crate::models::nnunet::{Dataset, Order, Plans, Reader, Scheme, resampled_shape};
use crate::models::plain_conv_unet::Architecture;

/// An axis whose pixels are this much larger than those of the others, or that has this much fewer, is coarse.
const ANISOTROPY: f64 = 3.0;
/// Features of the first stage, and of any.
const BASE_FEATURES: usize = 32;
const MOST_FEATURES: usize = 512;
/// The deepest features have at least this many rows and columns.
const LEAST_EDGE: f64 = 4.0;
/// Numbers in the feature maps of a network with a batch of 12 in 8 GB.
const REFERENCE_MAPS: f64 = 85e6;
const REFERENCE_BATCH: f64 = 12.0;
const REFERENCE_GB: f64 = 8.0;
const LEAST_BATCH: f64 = 2.0;
/// No batch shows more of the data set than this.
const MOST_COVERED: f64 = 0.05;
/// Pixels along each axis of the patch that the search begins with, as a square.
const FIRST_PATCH: f64 = 2048.0;
/// Where cropping leaves less of the films than this, what is zero stays out of the normalisation.
const MASKED_BELOW: f64 = 0.75;

/// What the machine can take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// GB of memory on the graphics card; nnU-Net's default is 8.
    pub memory_gb: f64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { memory_gb: REFERENCE_GB }
    }
}

/// The plans of a data set.
///
/// # Errors
/// A data set of no films, films that are not planes.
pub fn plan(found: &Fingerprint, dataset: &Dataset, reader: Reader, budget: Budget) -> Result<Plans, String> {
    if found.shapes.is_empty() || found.shapes.len() != found.spacings.len() {
        return Err("there are no films to plan for".to_owned());
    }
    let target = target_spacing(found);
    if target[0] < target[1].max(target[2]) || found.shapes.iter().any(|shape| shape[0] != 1) {
        return Err("only plane images are planned for".to_owned());
    }
    let spacing = [target[1], target[2]];
    let resampled: Vec<[usize; 2]> = found
        .shapes
        .iter()
        .zip(&found.spacings)
        .map(|(shape, from)| resampled_shape([shape[1], shape[2]], [from[1], from[2]], spacing))
        .collect();
    let median_shape = [0, 1].map(|axis| {
        percentile(&mut resampled.iter().map(|shape| shape[axis] as f64).collect::<Vec<_>>(), 50.0)
    });
    let pixels_of_set = median_shape[0] * median_shape[1] * dataset.training as f64;
    let classes = dataset.classes() + usize::from(dataset.ignored.is_some());
    let (topology, batch) = fit(spacing, median_shape, pixels_of_set, classes, budget)?;
    let mask = found.relative_size < MASKED_BELOW;
    let normalisation = dataset.channels.iter().map(|name| {
        let scheme = Scheme::of_channel(name);
        (scheme, mask && scheme.leaves_outside_at_zero())
    });
    let stages = topology.strides.len();
    let architecture = Architecture {
        channels: dataset.channels.len(),
        classes: dataset.classes(),
        features: features(stages),
        strides: topology.strides,
        encoder_convs: vec![2; stages],
        decoder_convs: vec![2; stages - 1],
    };
    let plans = Plans {
        dataset_name: String::new(),
        reader,
        patch: topology.patch,
        batch,
        spacing,
        median_shape,
        normalisation: normalisation.collect(),
        data_order: Order::Cubic,
        label_order: Order::Linear,
        logit_order: Order::Linear,
        batch_dice: true,
        architecture,
        intensities: found.intensities.clone(),
    };
    plans.check()?;
    Ok(plans)
}

/// The median, but of a coarse axis the 10th percentile, so that a few coarse films do not set the pace.
fn target_spacing(found: &Fingerprint) -> [f64; 3] {
    let along = |axis: usize| found.spacings.iter().map(|spacing| spacing[axis]).collect::<Vec<_>>();
    let sizes = [0, 1, 2].map(|axis| {
        percentile(&mut found.shapes.iter().map(|shape| shape[axis] as f64).collect::<Vec<_>>(), 50.0)
    });
    let mut target = [0, 1, 2].map(|axis| percentile(&mut along(axis), 50.0));
    let worst = (1..3).fold(0, |worst, axis| if target[axis] > target[worst] { axis } else { worst });
    let others: Vec<usize> = (0..3).filter(|axis| *axis != worst).collect();
    let coarsest = others.iter().map(|axis| target[*axis]).fold(0.0, f64::max);
    let fewest = others.iter().map(|axis| sizes[*axis]).fold(f64::MAX, f64::min);
    if target[worst] > ANISOTROPY * coarsest && sizes[worst] * ANISOTROPY < fewest {
        let fine = percentile(&mut along(worst), 10.0);
        target[worst] = if fine < coarsest { coarsest + 1e-5 } else { fine };
    }
    target
}

/// How a patch is pooled.
#[derive(Debug, Clone, PartialEq)]
struct Topology {
    /// Rounded up so that it can be.
    patch: [usize; 2],
    strides: Vec<[usize; 2]>,
    multiple: [usize; 2],
}

impl Topology {
    fn new(spacing: [f64; 2], patch: [f64; 2]) -> Self {
        let (mut spacing, mut size) = (spacing, patch);
        let mut strides = vec![[1, 1]];
        let mut multiple = [1, 1];
        loop {
            let roomy: Vec<usize> = (0..2).filter(|axis| size[*axis] >= 2.0 * LEAST_EDGE).collect();
            let finest = roomy.iter().map(|axis| spacing[*axis]).fold(f64::MAX, f64::min);
            let pooled: Vec<usize> = roomy.into_iter().filter(|axis| spacing[*axis] / finest < 2.0).collect();
            match pooled[..] {
                [] => break,
                [one] if size[one] < 3.0 * LEAST_EDGE => break,
                _ => {}
            }
            let mut stride = [1, 1];
            for axis in pooled {
                stride[axis] = 2;
                multiple[axis] *= 2;
                spacing[axis] *= 2.0;
                size[axis] = (size[axis] / 2.0).ceil();
            }
            strides.push(stride);
        }
        // Whole pixels first: a median may lie between two.
        let patch = [0, 1].map(|axis| {
            let pixels = patch[axis];
            let over = pixels % multiple[axis] as f64;
            let padded = if over == 0.0 { pixels } else { pixels + multiple[axis] as f64 - over };
            padded as usize
        });
        Self { patch, strides, multiple }
    }

    /// Numbers in all feature maps for one image: what nnU-Net takes for the memory needed.
    fn maps(&self, classes: usize) -> f64 {
        let features = features(self.strides.len());
        let mut sizes = Vec::with_capacity(features.len());
        let mut size = self.patch;
        for stride in &self.strides {
            size = [size[0] / stride[0], size[1] / stride[1]];
            sizes.push((size[0] * size[1]) as f64);
        }
        let both = |stage: usize| 2.0 * features[stage] as f64 * sizes[stage];
        let encoder: f64 = (0..features.len()).map(both).sum();
        // Two convolutions and the transposed one; logits only at full size.
        let decoder: f64 = (0..features.len() - 1).map(|stage| 1.5 * both(stage)).sum();
        encoder + decoder + classes as f64 * sizes[0]
    }
}

fn features(stages: usize) -> Vec<usize> {
    (0..stages as u32)
        .map(|stage| BASE_FEATURES.saturating_mul(2_usize.saturating_pow(stage)).min(MOST_FEATURES))
        .collect()
}

/// The largest patch of which two fit, and how many fit of it.
fn fit(
    spacing: [f64; 2],
    median_shape: [f64; 2],
    pixels_of_set: f64,
    classes: usize,
    budget: Budget,
) -> Result<(Topology, usize), String> {
    let inverse = spacing.map(|mm| 1.0 / mm);
    let scale = (FIRST_PATCH * FIRST_PATCH / (inverse[0] * inverse[1])).sqrt();
    let first = [0, 1].map(|axis| (inverse[axis] * scale).round_ties_even().min(median_shape[axis]));
    let mut topology = Topology::new(spacing, first);
    let reference = REFERENCE_MAPS * budget.memory_gb / REFERENCE_GB;
    while topology.maps(classes) / REFERENCE_BATCH * 2.0 > reference {
        let share = |axis: usize| topology.patch[axis] as f64 / median_shape[axis];
        // The axis that is largest against the films; NumPy's sort leaves the last of equals last.
        let axis = if share(1) >= share(0) { 1 } else { 0 };
        let as_floats = |patch: [usize; 2]| patch.map(|side| side as f64);
        // A smaller patch may need another multiple, and sizes in between must not be skipped.
        let reduced = |by: usize| -> Result<[usize; 2], String> {
            let mut patch = topology.patch;
            patch[axis] =
                patch[axis].checked_sub(by).filter(|side| *side > 0).ok_or("no patch fits the memory")?;
            Ok(patch)
        };
        let multiple = Topology::new(spacing, as_floats(reduced(topology.multiple[axis])?)).multiple;
        topology = Topology::new(spacing, as_floats(reduced(multiple[axis])?));
    }
    if topology.strides.len() < 2 {
        return Err(format!("films of {median_shape:?} pixels are too small for a network of two stages"));
    }
    let fitting = (reference / topology.maps(classes) * REFERENCE_BATCH).round_ties_even();
    let pixels = (topology.patch[0] * topology.patch[1]) as f64;
    let covering = (pixels_of_set * MOST_COVERED / pixels).round_ties_even();
    Ok((topology, fitting.min(covering).max(LEAST_BATCH) as usize))
}
