//! The guises in which a network sees a case: nnU-Net's augmentations of plane images, with its shares and ranges.

use super::cases::Prepped;
use crate::models::nnunet::{Order, resize};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// Shares of the patches that something happens to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugmentConfig {
    pub rotate: f64,
    pub scale: f64,
    pub noise: f64,
    pub blur: f64,
    pub brightness: f64,
    pub contrast: f64,
    pub low_resolution: f64,
    pub inverted_gamma: f64,
    pub gamma: f64,
    /// Along each axis by itself. With 0 nothing is mirrored when the model is used, either.
    pub mirror: f64,
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            rotate: 0.2,
            scale: 0.2,
            noise: 0.1,
            blur: 0.2,
            brightness: 0.15,
            contrast: 0.15,
            low_resolution: 0.25,
            inverted_gamma: 0.1,
            gamma: 0.3,
            mirror: 0.5,
        }
    }
}

impl AugmentConfig {
    /// Patches as they are.
    pub const OFF: Self = Self {
        rotate: 0.0,
        scale: 0.0,
        noise: 0.0,
        blur: 0.0,
        brightness: 0.0,
        contrast: 0.0,
        low_resolution: 0.0,
        inverted_gamma: 0.0,
        gamma: 0.0,
        mirror: 0.0,
    };
}

/// What the network is given, and what it should say.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Planes, row-major.
    pub channels: Vec<Vec<f32>>,
    pub labels: Vec<u8>,
}

/// Rotation and scale about the centre of a patch.
struct Turn {
    centre: [f64; 2],
    cosine: f64,
    sine: f64,
    scale: f64,
}

impl Turn {
    /// Image pixel (row, column) of a patch pixel.
    fn source(&self, patch: [usize; 2], row: usize, column: usize) -> (f64, f64) {
        let y = self.scale * (row as f64 - 0.5 * (patch[0] as f64 - 1.0));
        let x = self.scale * (column as f64 - 0.5 * (patch[1] as f64 - 1.0));
        (self.centre[0] + self.cosine * y + self.sine * x, self.centre[1] - self.sine * y + self.cosine * x)
    }
}

/// A patch of `case` around `centre` in one of its guises.
pub(super) fn augmented(
    case: &Prepped,
    centre: [f64; 2],
    patch: [usize; 2],
    config: &AugmentConfig,
    random: &mut ChaCha8Rng,
) -> Patch {
    // Long patches would turn out of themselves.
    let long = patch[0].max(patch[1]) as f64 > 1.5 * patch[0].min(patch[1]) as f64;
    let most = if long { 15.0_f64 } else { 180.0 }.to_radians();
    let angle = if random.random_bool(config.rotate) { random.random_range(-most..=most) } else { 0.0 };
    let scale = if random.random_bool(config.scale) { either_way(random, 0.7, 1.4) } else { 1.0 };
    let turn = Turn { centre, cosine: angle.cos(), sine: angle.sin(), scale };
    let shape = [case.image.rows, case.image.columns];
    let mut labels = vec![0; patch[0] * patch[1]];
    for (index, label) in labels.iter_mut().enumerate() {
        let (y, x) = turn.source(patch, index / patch[1], index % patch[1]);
        let (y, x) = (y.round(), x.round());
        if (0.0..shape[0] as f64).contains(&y) && (0.0..shape[1] as f64).contains(&x) {
            *label = case.labels[y as usize * shape[1] + x as usize];
        }
    }
    let channels = case.image.channels.iter().map(|plane| {
        let at = |index: usize| turn.source(patch, index / patch[1], index % patch[1]);
        (0..patch[0] * patch[1]).map(|index| bilinear(plane, shape, at(index))).collect()
    });
    let mut patched = Patch { channels: channels.collect(), labels };
    greys(&mut patched.channels, patch, config, random);
    for axis in 0..2 {
        if random.random_bool(config.mirror) {
            patched.channels.iter_mut().for_each(|plane| mirror(plane, patch[1], axis));
            mirror(&mut patched.labels, patch[1], axis);
        }
    }
    patched
}

/// Between four pixels in straight lines; 0 outside of the image.
fn bilinear(plane: &[f32], [rows, columns]: [usize; 2], (y, x): (f64, f64)) -> f32 {
    let (top, left) = (y.floor(), x.floor());
    let (down, across) = ((y - top) as f32, (x - left) as f32);
    let at = |row: f64, column: f64| {
        let inside = (0.0..rows as f64).contains(&row) && (0.0..columns as f64).contains(&column);
        if inside { plane[row as usize * columns + column as usize] } else { 0.0 }
    };
    let upper = at(top, left) * (1.0 - across) + at(top, left + 1.0) * across;
    let lower = at(top + 1.0, left) * (1.0 - across) + at(top + 1.0, left + 1.0) * across;
    upper * (1.0 - down) + lower * down
}

/// Below 1 as often as above.
fn either_way(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    if random.random_bool(0.5) { random.random_range(low..=1.0) } else { random.random_range(1.0..=high) }
}

fn mirror<T: Copy>(plane: &mut [T], columns: usize, axis: usize) {
    if axis == 0 {
        plane.reverse();
    }
    plane.chunks_exact_mut(columns).for_each(<[T]>::reverse);
}

fn greys(channels: &mut [Vec<f32>], shape: [usize; 2], config: &AugmentConfig, random: &mut ChaCha8Rng) {
    if random.random_bool(config.noise) {
        let sd: f64 = random.random_range(0.0..=0.1);
        for value in channels.iter_mut().flatten() {
            let normal: f64 = StandardNormal.sample(random);
            *value += (sd * normal) as f32;
        }
    }
    let blurred = random.random_bool(config.blur);
    for plane in channels.iter_mut() {
        if blurred && random.random_bool(0.5) {
            blur(plane, shape, random.random_range(0.5..=1.0));
        }
    }
    if random.random_bool(config.brightness) {
        for plane in channels.iter_mut() {
            let factor = either_way(random, 0.75, 1.25) as f32;
            plane.iter_mut().for_each(|value| *value *= factor);
        }
    }
    if random.random_bool(config.contrast) {
        for plane in channels.iter_mut() {
            let factor = either_way(random, 0.75, 1.25);
            let Stats { mean, low, high, .. } = Stats::of(plane);
            for value in plane.iter_mut() {
                *value = (((f64::from(*value) - mean) * factor + mean) as f32).clamp(low, high);
            }
        }
    }
    let coarse = random.random_bool(config.low_resolution);
    for plane in channels.iter_mut() {
        if coarse && random.random_bool(0.5) {
            let share: f64 = random.random_range(0.5..=1.0);
            let small = shape.map(|side| ((side as f64 * share).round() as usize).max(1));
            *plane = resize(&resize(plane, shape, small, Order::Nearest), small, shape, Order::Linear);
        }
    }
    for (share, inverted) in [(config.inverted_gamma, true), (config.gamma, false)] {
        if random.random_bool(share) {
            for plane in channels.iter_mut() {
                gamma(plane, either_way(random, 0.7, 1.5), inverted);
            }
        }
    }
}

struct Stats {
    mean: f64,
    sd: f64,
    low: f32,
    high: f32,
}

impl Stats {
    fn of(plane: &[f32]) -> Self {
        let count = plane.len() as f64;
        let mean = plane.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
        let variance = plane.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / count;
        let (low, high) = plane.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        Self { mean, sd: variance.sqrt(), low, high }
    }
}

/// A power of the greys within their range; mean and SD stay what they were.
fn gamma(plane: &mut [f32], power: f64, inverted: bool) {
    let sign = if inverted { -1.0 } else { 1.0 };
    plane.iter_mut().for_each(|value| *value *= sign);
    let before = Stats::of(plane);
    let range = f64::from(before.high - before.low).max(1e-7);
    for value in plane.iter_mut() {
        *value = ((f64::from(*value - before.low) / range).powf(power) * range) as f32 + before.low;
    }
    let after = Stats::of(plane);
    for value in plane.iter_mut() {
        let standard = (f64::from(*value) - after.mean) / after.sd.max(1e-8);
        *value = sign * (standard * before.sd + before.mean) as f32;
    }
}

/// Separable Gaussian; edges repeat.
fn blur(plane: &mut Vec<f32>, [rows, columns]: [usize; 2], sd: f64) {
    let radius = (4.0 * sd + 0.5) as isize;
    let kernel: Vec<f64> = (-radius..=radius).map(|i| (-0.5 * (i as f64 / sd).powi(2)).exp()).collect();
    let total: f64 = kernel.iter().sum();
    for (lines, length, step, stride) in [(rows, columns, 1, columns), (columns, rows, columns, 1)] {
        let mut out = vec![0.0; plane.len()];
        for line in 0..lines {
            for i in 0..length {
                let taps = kernel.iter().zip(-radius..).map(|(weight, offset)| {
                    let at = (i as isize + offset).clamp(0, length as isize - 1) as usize;
                    weight * f64::from(plane[line * stride + at * step])
                });
                out[line * stride + i * step] = (taps.sum::<f64>() / total) as f32;
            }
        }
        *plane = out;
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::Case;
    use super::*;
    use crate::models::nnunet::{Dataset, Plans, Reader, Scheme};
    use crate::training::nnunet::{Budget, fingerprint, plan};
    use rand::SeedableRng;

    /// A case whose greys are its labels, so that both must go the same way.
    fn case() -> (Prepped, Plans) {
        let (rows, columns) = (60, 52);
        let labels: Vec<u8> = (0..rows * columns)
            .map(|i| u8::from((20..40).contains(&(i / columns)) && (10..30).contains(&(i % columns))))
            .collect();
        let case = Case {
            name: "square".to_owned(),
            channels: vec![labels.iter().map(|label| 1.0 + f32::from(*label)).collect()],
            labels,
            rows,
            columns,
            spacing: [1.0, 1.0],
        };
        let described =
            r#"{"channel_names": {"0": "nonorm"}, "labels": {"background": 0, "a": 1}, "numTraining": 1}"#;
        let dataset = Dataset::parse(described).unwrap();
        let plans =
            plan(&fingerprint(std::slice::from_ref(&case)), &dataset, Reader::Natural, Budget::default())
                .unwrap();
        assert_eq!(plans.normalisation, [(Scheme::None, false)]);
        (Prepped::new(&case, &plans, None).unwrap(), plans)
    }

    #[test]
    fn labels_go_where_their_pixels_go() {
        let (case, _) = case();
        let config = AugmentConfig { rotate: 1.0, scale: 1.0, mirror: 0.5, ..AugmentConfig::OFF };
        for seed in 0..20 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let patch = augmented(&case, [30.0, 20.0], [48, 48], &config, &mut random);
            let wrong = patch.channels[0]
                .iter()
                .zip(&patch.labels)
                .filter(|(grey, label)| (**grey > 1.5) != (**label == 1) && (**grey - 1.5).abs() > 0.45);
            assert_eq!(wrong.count(), 0, "seed {seed}");
            assert!(patch.labels.contains(&1));
        }
    }

    #[test]
    fn nothing_happens_when_all_is_off() {
        let (case, _) = case();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let centre = [29.5, 25.5];
        let patch = augmented(&case, centre, [60, 52], &AugmentConfig::OFF, &mut random);
        assert_eq!((&patch.channels, &patch.labels), (&case.image.channels, &case.labels));
    }

    #[test]
    fn foreground_patches_hold_a_label_and_others_reach_the_edges() {
        let (case, _) = case();
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let mut least = [f64::MAX; 2];
        for _ in 0..300 {
            let centre = case.centre([16, 16], true, &mut random);
            let patch = augmented(&case, centre, [16, 16], &AugmentConfig::OFF, &mut random);
            assert!(patch.labels.contains(&1));
            let centre = case.centre([16, 16], false, &mut random);
            (0..2).for_each(|axis| least[axis] = least[axis].min(centre[axis]));
        }
        assert_eq!(least, [7.5, 7.5]);
        let centre = case.centre([80, 52], false, &mut random);
        assert_eq!(centre, [29.5, 25.5], "a patch that is taller than the image is centred on it");
    }

    #[test]
    fn gamma_keeps_mean_and_sd() {
        let mut plane: Vec<f32> = (0..400).map(|i| (i as f32 * 0.37).sin()).collect();
        let before = Stats::of(&plane);
        for inverted in [false, true] {
            gamma(&mut plane, 1.4, inverted);
            let after = Stats::of(&plane);
            assert!((after.mean - before.mean).abs() < 1e-5 && (after.sd - before.sd).abs() < 1e-5);
        }
    }

    #[test]
    fn blurring_keeps_the_sum_of_what_lies_inside() {
        let mut plane = vec![0.0; 21 * 17];
        plane[10 * 17 + 8] = 1.0;
        blur(&mut plane, [21, 17], 1.0);
        assert!((plane.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!((plane[10 * 17 + 8] - 0.1592).abs() < 1e-3);
    }
}
