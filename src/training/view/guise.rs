//! A picture as another viewer, machine or archive would show it; and, now and then, spoilt so that it is read no more.

use super::shelf::Picture;
use crate::measure::Point;
use crate::models::view::{Content, View};
use crate::models::{Frame, contrast::normalise, view};
use crate::training::augment::blur;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// How far a guise strays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuiseConfig {
    /// Rotation within ± this.
    pub rotation_deg: f64,
    /// Least and largest scale.
    pub scale: [f64; 2],
    /// Shift along each axis within ± this share of the frame.
    pub shift: f64,
    pub mirror: f64,
    /// Share with greys turned round.
    pub invert: f64,
    /// SD of the logarithm of gamma.
    pub gamma: f64,
    /// Largest SD of noise, in SDs of the picture.
    pub noise: f64,
    /// Largest SD of blur in frame pixels, on half of the pictures.
    pub blur_px: f64,
    /// Share with a box, and share with a bar along an edge, of one grey.
    pub boxes: f64,
    /// Share of what could be read that is turned by a quarter or half, or shows a small part only: then it is none.
    pub spoilt: f64,
}

impl Default for GuiseConfig {
    fn default() -> Self {
        Self {
            rotation_deg: 17.0,
            scale: [0.68, 1.4],
            shift: 0.1,
            mirror: 0.5,
            invert: 0.25,
            gamma: 0.4,
            noise: 0.25,
            blur_px: 1.2,
            boxes: 0.2,
            spoilt: 0.14,
        }
    }
}

impl GuiseConfig {
    /// Nothing but the letterbox.
    pub fn none() -> Self {
        Self {
            rotation_deg: 0.0,
            scale: [1.0, 1.0],
            shift: 0.0,
            mirror: 0.0,
            invert: 0.0,
            gamma: 0.0,
            noise: 0.0,
            blur_px: 0.0,
            boxes: 0.0,
            spoilt: 0.0,
        }
    }

    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), String> {
        let shares = [self.mirror, self.invert, self.boxes, self.spoilt];
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err("guise: mirror, invert, boxes and spoilt are shares".to_owned());
        }
        let ranges = [self.rotation_deg, self.shift, self.gamma, self.noise, self.blur_px];
        let [least, largest] = self.scale;
        if ranges.iter().any(|range| !(*range >= 0.0 && range.is_finite()))
            || !(0.0 < least && least <= largest)
        {
            return Err("guise: ranges are not negative, scales positive and in order".to_owned());
        }
        Ok(())
    }
}

/// What the network is given, and what it should say.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewSample {
    /// Two planes, `side * side` each.
    pub planes: Vec<f32>,
    pub content: Content,
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

/// `picture` in one of its guises, for a network of this `architecture`.
pub fn sample(
    picture: &Picture,
    architecture: &view::Architecture,
    config: &GuiseConfig,
    random: &mut ChaCha8Rng,
) -> ViewSample {
    let side = architecture.side;
    let (frame, content) = framing(picture, side, config, random);
    let grey: Vec<f32> = picture.grey.iter().map(|v| f32::from(*v)).collect();
    let mut image = frame.render(&grey, picture.rows, picture.columns, 0.0);
    expose(&mut image.values, &image.inside, side, config, random);
    normalise(&mut image.values, &image.inside, side, 0.0);
    let mut planes = view::planes(&image.values, &image.inside, side, architecture.neighbourhood_px);
    if random.random_bool(config.mirror) {
        planes.chunks_exact_mut(side).for_each(<[f32]>::reverse);
    }
    ViewSample { planes, content }
}

fn framing(
    picture: &Picture,
    side: usize,
    config: &GuiseConfig,
    random: &mut ChaCha8Rng,
) -> (Frame, Content) {
    let mut frame = Frame::letterbox(picture.rows, picture.columns, side);
    let [least, largest] = config.scale;
    let mut content = picture.content;
    frame.rotation += (config.rotation_deg * random.random_range(-1.0..=1.0)).to_radians();
    let mut scale = random.random_range(least.ln()..=largest.ln()).exp();
    let mut reach = config.shift * side as f64;
    if let (Content::Readable(view), true) = (content, random.random_bool(config.spoilt)) {
        content = Content::Other;
        if random.random_bool(0.55) {
            frame.rotation += FRAC_PI_2 * f64::from(random.random_range(1..=3));
        } else {
            // Closer than anybody frames what is measured; an adult's pelvis a little closer is a hip.
            scale = match view {
                View::AdultPelvis => random.random_range(3.8..6.0),
                View::AdultHip => random.random_range(2.8..4.5),
                View::InfantPelvis | View::CoronalMr => random.random_range(2.9..5.0),
            };
            reach = 0.35 * scale * side as f64;
        }
    }
    frame.scale *= scale;
    let reach = reach / frame.scale;
    frame.centre = Point::new(
        frame.centre.x + reach * random.random_range(-1.0..=1.0),
        frame.centre.y + reach * random.random_range(-1.0..=1.0),
    );
    (frame, content)
}

/// Greys as another detector, archive or screen would show them; `values` are standardised.
fn expose(values: &mut [f32], inside: &[bool], side: usize, config: &GuiseConfig, random: &mut ChaCha8Rng) {
    if random.random_bool(0.5) {
        blur(values, side, random.random_range(0.0..=config.blur_px));
    }
    let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let range = (high - low).max(1e-6);
    let gamma = (config.gamma * normal(random)).exp() as f32;
    let tilt = config.gamma * 0.6;
    let (tilt_x, tilt_y) = ((tilt * normal(random)) as f32, (tilt * normal(random)) as f32);
    let noise = random.random_range(0.0..=config.noise) as f32;
    for (i, value) in values.iter_mut().enumerate() {
        let (x, y) = ((i % side) as f32 / side as f32 - 0.5, (i / side) as f32 / side as f32 - 0.5);
        let curved = low + range * ((*value - low) / range).clamp(0.0, 1.0).powf(gamma);
        *value = curved + tilt_x * x + tilt_y * y + noise * normal(random) as f32;
    }
    if random.random_bool(config.boxes) {
        let reach = (side / 4).max(3);
        let [wide, high] = [0, 1].map(|_| random.random_range(2..=reach));
        let [left, top] = [wide, high].map(|size| random.random_range(0..side - size));
        one_grey(values, side, [left, top, wide, high], random);
    }
    if random.random_bool(config.boxes) {
        // A shutter, the table, a viewer's margin.
        let thick = random.random_range(1..=side / 5);
        let place = match random.random_range(0..4) {
            0 => [0, 0, thick, side],
            1 => [side - thick, 0, thick, side],
            2 => [0, 0, side, thick],
            _ => [0, side - thick, side, thick],
        };
        one_grey(values, side, place, random);
    }
    if random.random_bool(config.invert) {
        values.iter_mut().for_each(|value| *value = -*value);
    }
    values.iter_mut().zip(inside).filter(|(_, inside)| !**inside).for_each(|(value, _)| *value = 0.0);
}

fn one_grey(values: &mut [f32], side: usize, [left, top, wide, high]: [usize; 4], random: &mut ChaCha8Rng) {
    let grey = (1.7 * normal(random)) as f32;
    for row in top..top + high {
        values[row * side + left..row * side + left + wide].fill(grey);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::infant::{Phantom, PhantomOptions};
    use rand::SeedableRng;

    fn picture() -> Picture {
        let film = Phantom::generate(3, &PhantomOptions { size: 96, ..PhantomOptions::default() });
        let grey = film.grey.iter().map(|v| (255.0 * v) as u8).collect();
        Picture {
            content: Content::Readable(View::InfantPelvis),
            rows: film.rows,
            columns: film.columns,
            grey,
        }
    }

    #[test]
    fn a_seed_is_a_guise_and_what_is_spoilt_is_something_else() {
        let (picture, architecture) = (picture(), view::Architecture::default());
        let of = |spoilt: f64, seed| {
            let config = GuiseConfig { spoilt, ..GuiseConfig::default() };
            sample(&picture, &architecture, &config, &mut ChaCha8Rng::seed_from_u64(seed))
        };
        assert_eq!(of(0.0, 1), of(0.0, 1));
        assert_ne!(of(0.0, 1).planes, of(0.0, 2).planes);
        assert_eq!(of(0.0, 1).content, picture.content);
        assert!((0..9).all(|seed| of(1.0, seed).content == Content::Other));
        assert!(of(0.0, 5).planes.iter().all(|v| v.is_finite()));
    }

    #[test]
    fn without_a_guise_it_is_what_inference_sees() {
        let (picture, architecture) = (picture(), view::Architecture::default());
        let side = architecture.side;
        let plain = sample(&picture, &architecture, &GuiseConfig::none(), &mut ChaCha8Rng::seed_from_u64(1));
        let grey: Vec<f32> = picture.grey.iter().map(|v| f32::from(*v)).collect();
        let image = Frame::letterbox(picture.rows, picture.columns, side).render(
            &grey,
            picture.rows,
            picture.columns,
            0.0,
        );
        let seen = view::planes(&image.values, &image.inside, side, architecture.neighbourhood_px);
        let worst = plain.planes.iter().zip(&seen).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 0.15, "{worst}");
    }
}
