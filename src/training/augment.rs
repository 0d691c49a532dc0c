//! What happens to a film before the network sees it: another framing, another exposure, another scanner.

use super::learner::Points;
use super::loss::Truth;
use super::whdv::WhdvConfig;
use crate::measure::{LandmarkCode, LandmarkId, LandmarkSet, Point, Side};
use crate::models::contrast::normalise;
use crate::models::frame::Frame;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

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

/// A film with known landmarks. Bone is bright, the patient's right on the left.
#[derive(Debug, Clone)]
pub struct Film {
    pub rows: usize,
    pub columns: usize,
    /// Row-major, any unit.
    pub grey: Vec<f32>,
    /// A landmark that is missing in the set is taken to be absent; one that is not in the set is unknown.
    pub landmarks: LandmarkSet,
    /// Class of every pixel, row-major, where somebody said.
    pub labels: Option<Vec<u8>>,
}

/// What the network is given, and what it should say.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Standardised greys, `side * side`.
    pub values: Vec<f32>,
    /// In the order of the run's landmarks, frame pixels.
    pub truth: Vec<Truth>,
}

/// `film` in one of its many guises.
pub fn augment(film: &Film, points: &Points, config: &WhdvConfig, random: &mut ChaCha8Rng) -> Sample {
    let (side, neighbourhood) = (config.frame, config.neighbourhood_px);
    let frame = framing(film, side, config.second_look, &config.augment, random);
    let mut image = frame.render(&film.grey, film.rows, film.columns, 0.0);
    exposure(&mut image.values, side, &config.augment, random);
    normalise(&mut image.values, &image.inside, side, neighbourhood);
    let mut truth: Vec<Truth> = points.ids.iter().map(|id| truth_of(&film.landmarks, id, &frame)).collect();
    if random.random_bool(config.augment.mirror) {
        mirror(&mut image.values, &mut truth, &points.mirror, side);
    }
    Sample { values: image.values, truth }
}

fn truth_of(landmarks: &LandmarkSet, id: &LandmarkId, frame: &Frame) -> Truth {
    let Some(landmark) = landmarks.get(id) else { return Truth::Unknown };
    let Some(position) = landmark.position() else { return Truth::Absent };
    let at = frame.to_frame(position);
    let last = frame.side as f64 - 1.0;
    let inside = (0.0..=last).contains(&at.x) && (0.0..=last).contains(&at.y);
    if inside { Truth::At(at) } else { Truth::Unknown }
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

/// Between 1 / (1 + range) and 1 + range, either way as often.
fn factor(random: &mut ChaCha8Rng, range: f64) -> f64 {
    ((1.0 + range).ln() * random.random_range(-1.0..=1.0)).exp()
}

/// The first look's letterbox or the second look's closer view, each a little off.
fn framing(
    film: &Film,
    side: usize,
    second_look: f64,
    config: &AugmentConfig,
    random: &mut ChaCha8Rng,
) -> Frame {
    let trc = |of| film.landmarks.position(LandmarkCode::TRC, of);
    let whole = Frame::letterbox(film.rows, film.columns, side);
    let close = second_look > 0.0 && random.random_bool(config.close);
    let (mut frame, looseness) = match (close, trc(Side::Right), trc(Side::Left)) {
        (true, Some(right), Some(left)) if right != left => {
            let line = left - right;
            let scale = second_look * side as f64 / line.length();
            let rotation = -line.y.atan2(line.x);
            // The first look that will frame this is nearly right.
            (Frame { side, scale, centre: right.midpoint(left), rotation }, 0.5)
        }
        _ => (whole, 1.0),
    };
    frame.scale *= factor(random, looseness * config.scale);
    frame.rotation += (looseness * config.rotation_deg * normal(random)).to_radians();
    let reach = looseness * config.shift * side as f64 / frame.scale;
    frame.centre = Point::new(
        frame.centre.x + reach * random.random_range(-1.0..=1.0),
        frame.centre.y + reach * random.random_range(-1.0..=1.0),
    );
    frame
}

/// Greys as another detector, archive or screen would show them; `values` are standardised.
fn exposure(values: &mut [f32], side: usize, config: &AugmentConfig, random: &mut ChaCha8Rng) {
    if random.random_bool(0.5) {
        blur(values, side, random.random_range(0.0..=config.blur_px));
    }
    let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let range = (high - low).max(1e-6);
    let gamma = (config.gamma * normal(random)).exp() as f32;
    // A slow change of brightness across the film: heel effect, uneven soft tissue.
    let (tilt_x, tilt_y) = (0.25 * normal(random) as f32, 0.25 * normal(random) as f32);
    let noise = random.random_range(0.0..=config.noise) as f32;
    for (i, value) in values.iter_mut().enumerate() {
        let x = (i % side) as f32 / side as f32 - 0.5;
        let y = (i / side) as f32 / side as f32 - 0.5;
        let curved = low + range * ((*value - low) / range).clamp(0.0, 1.0).powf(gamma);
        *value = curved + tilt_x * x + tilt_y * y + noise * normal(random) as f32;
    }
    if random.random_bool(config.boxes) {
        opaque_box(values, side, random);
    }
    if random.random_bool(config.invert) {
        values.iter_mut().for_each(|value| *value = -*value);
    }
}

/// A marker, a shield, a burnt-in text's background: one grey over up to a sixth of each side.
fn opaque_box(values: &mut [f32], side: usize, random: &mut ChaCha8Rng) {
    let reach = (side / 6).max(2);
    let (height, width) = (random.random_range(2..=reach), random.random_range(2..=reach));
    let (top, left) = (random.random_range(0..side - height), random.random_range(0..side - width));
    let grey = (1.5 * normal(random)) as f32;
    for row in top..top + height {
        values[row * side + left..row * side + left + width].fill(grey);
    }
}

/// Separable Gaussian of `sd` pixels; the border repeats.
fn blur(values: &mut [f32], side: usize, sd: f64) {
    if sd < 0.2 {
        return;
    }
    let radius = (3.0 * sd).ceil() as isize;
    let kernel: Vec<f32> =
        (-radius..=radius).map(|i| (-((i * i) as f64) / (2.0 * sd * sd)).exp() as f32).collect();
    let total: f32 = kernel.iter().sum();
    let mut line = vec![0.0_f32; side];
    for (lines, step) in [(side, 1), (1, side)] {
        for index in 0..side {
            let start = index * lines;
            for (i, out) in line.iter_mut().enumerate() {
                *out = kernel
                    .iter()
                    .zip(-radius..)
                    .map(|(weight, offset)| {
                        let at = (i as isize + offset).clamp(0, side as isize - 1) as usize;
                        weight * values[start + at * step]
                    })
                    .sum::<f32>()
                    / total;
            }
            for (i, value) in line.iter().enumerate() {
                values[start + i * step] = *value;
            }
        }
    }
}

/// The film of the mirrored child: left and right change places.
fn mirror(values: &mut [f32], truth: &mut Vec<Truth>, other_side: &[usize], side: usize) {
    values.chunks_exact_mut(side).for_each(<[f32]>::reverse);
    *truth = other_side.iter().map(|&place| truth[place]).collect();
    for point in truth {
        if let Truth::At(p) = point {
            p.x = side as f64 - 1.0 - p.x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Landmark, Origin};
    use crate::training::TrainConfig;
    use rand::SeedableRng;

    fn with(augment: AugmentConfig) -> WhdvConfig {
        WhdvConfig { frame: 128, neighbourhood_px: 0.0, augment, ..WhdvConfig::default() }
    }

    fn infant() -> Points {
        TrainConfig::default().points().unwrap()
    }

    /// A film with a bright dot at each landmark, and nothing else.
    fn dots() -> Film {
        let (rows, columns) = (200, 240);
        let mut landmarks = LandmarkSet::default();
        let mut grey = vec![0.0; rows * columns];
        for (i, id) in LandmarkId::infant().into_iter().enumerate() {
            let side = if i < 4 { 0.0 } else { 90.0 };
            let p = Point::new(60.0 + 8.0 * (i % 4) as f64 + side, 70.0 + 20.0 * (i % 4) as f64);
            if i == 7 {
                landmarks.insert(id, Landmark::missing("no nucleus", Origin::File));
                continue;
            }
            for (k, value) in grey.iter_mut().enumerate() {
                let q = Point::new((k % columns) as f64, (k / columns) as f64);
                *value += (-p.distance(q).powi(2) / 8.0).exp() as f32 * (1.0 + i as f32);
            }
            landmarks.insert(id, Landmark::defined(p, None, Origin::File));
        }
        Film { rows, columns, grey, landmarks, labels: None }
    }

    #[test]
    fn landmarks_go_where_their_pixels_go() {
        let film = dots();
        let config = with(AugmentConfig { noise: 0.0, boxes: 0.0, invert: 0.0, ..AugmentConfig::default() });
        for seed in 0..20 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let sample = augment(&film, &infant(), &config, &mut random);
            let absent = sample.truth.iter().filter(|t| **t == Truth::Absent).count();
            assert_eq!(absent, 1);
            for truth in &sample.truth {
                let Truth::At(p) = truth else { continue };
                let at = |x: f64, y: f64| {
                    let (x, y) = (x.round().clamp(0.0, 127.0), y.round().clamp(0.0, 127.0));
                    sample.values[y as usize * 128 + x as usize]
                };
                let around = [(-4.0, 0.0), (4.0, 0.0), (0.0, -4.0), (0.0, 4.0)];
                assert!(
                    around.iter().all(|(dx, dy)| at(p.x, p.y) > at(p.x + dx, p.y + dy)),
                    "seed {seed} {p:?}"
                );
            }
        }
    }

    #[test]
    fn a_mirrored_film_has_its_sides_exchanged() {
        let film = dots();
        let off = AugmentConfig {
            rotation_deg: 0.0,
            scale: 0.0,
            shift: 0.0,
            close: 0.0,
            mirror: 1.0,
            boxes: 0.0,
            ..AugmentConfig::default()
        };
        let sample = augment(&film, &infant(), &with(off), &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(sample.truth[3], Truth::Absent, "the left nucleus was missing");
        let left = film.landmarks.position(LandmarkCode::TRC, Side::Left).unwrap();
        let expected = Frame::letterbox(film.rows, film.columns, 128).to_frame(left);
        let Truth::At(found) = sample.truth[0] else { panic!("the TRC is there") };
        assert!((found.x - (127.0 - expected.x)).abs() < 1e-9 && (found.y - expected.y).abs() < 1e-9);
    }

    #[test]
    fn one_seed_one_sample() {
        let film = dots();
        let config = with(AugmentConfig::default());
        let sample = |seed| augment(&film, &infant(), &config, &mut ChaCha8Rng::seed_from_u64(seed));
        assert_eq!(sample(3), sample(3));
        assert_ne!(sample(3), sample(4));
    }
}
