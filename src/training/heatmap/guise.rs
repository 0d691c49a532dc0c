//! A film in another attitude and exposure: an affine map of the picture, then its greys, as the papers augment.

use crate::measure::{Point, Vector};
use crate::models::Frame;
use crate::models::frame::Picture;
use crate::models::heatmap::view::{adjust, stretch};
use crate::training::augment::{Film, Sample, blur, mirror, truth_of};
use crate::training::learner::Points;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// How far a guise strays; 0 is not at all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuiseConfig {
    /// Share of the films whose place and shape change.
    pub moved: f64,
    /// Rotation within ± this.
    pub rotation_deg: f64,
    /// Scale within 1 ± this.
    pub scale: f64,
    /// Shift along each axis within ± this share of the frame.
    pub shift: f64,
    /// Shear along each axis within ± this.
    pub shear_deg: f64,
    /// Share mirrored, with the sides of the landmarks exchanged.
    pub mirror: f64,
    /// Share whose greys change.
    pub exposed: f64,
    /// Factor of the greys within 1 ± this.
    pub brightness: f64,
    /// Factor of their distance from the mean within 1 ± this.
    pub contrast: f64,
    /// Exponent within 1 ± this.
    pub gamma: f64,
    /// Largest SD of noise, as a share of the range of the greys.
    pub noise: f64,
    /// Largest SD of blur in frame pixels, on a quarter of the films.
    pub blur_px: f64,
}

impl GuiseConfig {
    /// That of the paper on heat maps, by its released program; mirroring is ours, since its pictures show right hips.
    pub fn fai() -> Self {
        Self {
            moved: 0.8,
            rotation_deg: 15.0,
            scale: 0.05,
            shift: 0.05,
            shear_deg: 5.0,
            mirror: 0.5,
            exposed: 0.7,
            brightness: 0.2,
            contrast: 0.2,
            gamma: 0.2,
            noise: 0.06,
            blur_px: 1.0,
        }
    }

    /// The image augmentation that the paper on labels compares itself with: rotation by up to 20°.
    pub fn rotated() -> Self {
        Self { moved: 1.0, rotation_deg: 20.0, ..Self::default() }
    }

    /// # Errors
    /// A share that is none, a range that reaches zero.
    pub fn check(&self) -> Result<(), String> {
        let shares = [self.moved, self.mirror, self.exposed];
        let ranges = [self.scale, self.brightness, self.contrast, self.gamma];
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err("guise: shares are within 0 and 1".to_owned());
        }
        if ranges.iter().any(|range| !(0.0..1.0).contains(range)) {
            return Err("guise: scale, brightness, contrast and gamma are at least 0 and below 1".to_owned());
        }
        let others = [self.rotation_deg, self.shift, self.shear_deg, self.noise, self.blur_px];
        if others.iter().any(|range| !(*range >= 0.0 && range.is_finite())) || self.shear_deg >= 45.0 {
            return Err("guise: ranges are finite and not negative, shear below 45°".to_owned());
        }
        Ok(())
    }
}

/// `film` in one of its guises, in a square of `side` pixels.
pub fn sample(
    film: &Film,
    points: &Points,
    side: usize,
    config: &GuiseConfig,
    random: &mut ChaCha8Rng,
) -> Sample {
    let base = Frame::letterbox(film.rows, film.columns, side);
    let affine = Affine::draw(base, config, random);
    let picture = Picture { grey: &film.grey, rows: film.rows, columns: film.columns };
    let (mut values, inside) = picture.resample(side, base.scale, |at| affine.to_image(at));
    stretch(&mut values, &inside);
    expose(&mut values, side, config, random);
    let truth = points.ids.iter();
    let mut truth: Vec<_> =
        truth.map(|id| truth_of(&film.landmarks, id, side, |at| affine.to_frame(at))).collect();
    if random.random_bool(config.mirror) {
        mirror(&mut values, &mut truth, &points.mirror, side);
    }
    Sample { values, truth }
}

/// The letterbox, then a linear map about its middle and a shift.
#[derive(Debug, Clone, Copy)]
struct Affine {
    base: Frame,
    /// Rows of the matrix.
    matrix: [Vector; 2],
    shift: Vector,
}

impl Affine {
    fn draw(base: Frame, config: &GuiseConfig, random: &mut ChaCha8Rng) -> Self {
        let still =
            Self { base, matrix: [Vector::new(1.0, 0.0), Vector::new(0.0, 1.0)], shift: Vector::default() };
        if !random.random_bool(config.moved) {
            return still;
        }
        let mut within = |range: f64| range * random.random_range(-1.0..=1.0);
        let (sin, cos) = within(config.rotation_deg).to_radians().sin_cos();
        let scale = 1.0 + within(config.scale);
        let shear = [within(config.shear_deg), within(config.shear_deg)].map(|deg| deg.to_radians().tan());
        let reach = config.shift * base.side as f64;
        // Scale, rotation, and a shear before it.
        let row = |a: f64, b: f64| Vector::new(a + b * shear[1], a * shear[0] + b) * scale;
        Self {
            matrix: [row(cos, -sin), row(sin, cos)],
            shift: Vector::new(within(reach), within(reach)),
            ..still
        }
    }

    fn middle(&self) -> Point {
        let middle = 0.5 * (self.base.side as f64 - 1.0);
        Point::new(middle, middle)
    }

    fn to_frame(self, image: Point) -> Point {
        let v = self.base.to_frame(image) - self.middle();
        self.middle() + Vector::new(self.matrix[0].dot(v), self.matrix[1].dot(v)) + self.shift
    }

    fn to_image(self, frame: Point) -> Point {
        let v = frame - self.middle() + -self.shift;
        let [a, b] = self.matrix;
        let inverse = Vector::new(b.y * v.x - a.y * v.y, a.x * v.y - b.x * v.x) * (1.0 / a.cross(b));
        self.base.to_image(self.middle() + inverse)
    }
}

/// Greys 0–1 of another exposure and scanner.
fn expose(values: &mut [f32], side: usize, config: &GuiseConfig, random: &mut ChaCha8Rng) {
    if !random.random_bool(config.exposed) {
        return;
    }
    let mut factor = |range: f64| 1.0 + range * random.random_range(-1.0..=1.0);
    adjust(values, factor(config.brightness), factor(config.contrast), factor(config.gamma));
    if random.random_bool(0.25) {
        blur(values, side, random.random_range(0.0..=config.blur_px));
    }
    let noise = random.random_range(0.0..=config.noise) as f32;
    if noise > 0.0 {
        for value in values {
            let normal: f32 = StandardNormal.sample(random);
            *value = (*value + noise * normal).clamp(0.0, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Side, Spacing};
    use crate::training::TrainConfig;
    use crate::training::loss::Truth;
    use rand::SeedableRng;

    fn points() -> Points {
        TrainConfig::default().points().unwrap()
    }

    /// A bright dot where each TRC is.
    fn dots() -> Film {
        let (rows, columns) = (180, 240);
        let at = [(Side::Right, Point::new(90.0, 80.0)), (Side::Left, Point::new(160.0, 100.0))];
        let mut landmarks = LandmarkSet::default();
        for (side, p) in at {
            landmarks
                .insert(LandmarkId::new(LandmarkCode::TRC, side), Landmark::defined(p, None, Origin::File));
        }
        landmarks.insert(
            LandmarkId::new(LandmarkCode::FH, Side::Left),
            Landmark::missing("no nucleus", Origin::File),
        );
        let grey = (0..rows * columns)
            .map(|i| {
                let p = Point::new((i % columns) as f64, (i / columns) as f64);
                at.iter().map(|(_, q)| (-p.distance(*q).powi(2) / 18.0).exp() as f32).sum::<f32>()
            })
            .collect();
        Film { rows, columns, grey, landmarks, spacing: Spacing::UNKNOWN, labels: None }
    }

    #[test]
    fn landmarks_go_where_their_pixels_go() {
        let config = GuiseConfig { noise: 0.0, exposed: 1.0, moved: 1.0, scale: 0.2, ..GuiseConfig::fai() };
        let mut shown = 0;
        for seed in 0..40 {
            let sample = sample(&dots(), &points(), 128, &config, &mut ChaCha8Rng::seed_from_u64(seed));
            for truth in &sample.truth {
                let Truth::At(p) = truth else { continue };
                let (mut total, mut x, mut y) = (0.0, 0.0, 0.0);
                for (i, value) in sample.values.iter().enumerate() {
                    let q = Point::new((i % 128) as f64, (i / 128) as f64);
                    // The pedestal that contrast may give is taken away.
                    let weight = f64::from((value - 0.3).max(0.0));
                    if q.distance(*p) < 6.0 {
                        total += weight;
                        x += weight * q.x;
                        y += weight * q.y;
                    }
                }
                if p.x > 8.0 && p.y > 8.0 && p.x < 119.0 && p.y < 119.0 {
                    let found = Point::new(x / total, y / total);
                    assert!(found.distance(*p) < 0.25, "seed {seed}: {found:?} {p:?}");
                    shown += 1;
                }
            }
        }
        assert!(shown > 60, "{shown}");
    }

    #[test]
    fn a_mirrored_film_has_its_sides_exchanged() {
        let still = GuiseConfig { mirror: 1.0, ..GuiseConfig::default() };
        let sample = sample(&dots(), &points(), 128, &still, &mut ChaCha8Rng::seed_from_u64(1));
        let place = |id: LandmarkId| points().ids.iter().position(|other| *other == id).unwrap();
        assert_eq!(sample.truth[place(LandmarkId::new(LandmarkCode::FH, Side::Right))], Truth::Absent);
        let left = Frame::letterbox(180, 240, 128).to_frame(Point::new(160.0, 100.0));
        let Truth::At(found) = sample.truth[place(LandmarkId::new(LandmarkCode::TRC, Side::Right))] else {
            panic!()
        };
        assert!((found.x - (127.0 - left.x)).abs() < 1e-9 && (found.y - left.y).abs() < 1e-9);
    }

    #[test]
    fn one_seed_one_sample_and_still_is_still() {
        let of = |config: &GuiseConfig, seed| {
            sample(&dots(), &points(), 96, config, &mut ChaCha8Rng::seed_from_u64(seed))
        };
        assert_eq!(of(&GuiseConfig::fai(), 3), of(&GuiseConfig::fai(), 3));
        assert_ne!(of(&GuiseConfig::fai(), 3), of(&GuiseConfig::fai(), 4));
        assert_eq!(of(&GuiseConfig::default(), 3), of(&GuiseConfig::default(), 4));
        assert!(GuiseConfig { scale: 1.0, ..GuiseConfig::default() }.check().is_err());
        assert!(GuiseConfig::fai().check().is_ok() && GuiseConfig::rotated().check().is_ok());
    }
}
