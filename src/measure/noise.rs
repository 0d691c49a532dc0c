//! The displacements that draws are made of: of a landmark a Gaussian vector, of a circle's radius a Gaussian number, of
//! a curve a smooth wave.
//!
//! Who traces an outline does not err at every point anew: the whole line is read a little too far out here and too far in
//! there. Errors that are independent from point to point would cancel in a circle fitted to fifty of them, and lend it a
//! certainty nobody has. So a curve's error is a stationary random wave along its length, `(z₀ + Σₖ aₖ cos πkt + bₖ sin
//! πkt)/√(1 + K)` with standard normal coefficients and K = 3: as wide everywhere as its points' deviation, and alike
//! within about a quarter of the curve. How alike readers' errors are has not been published: this program's choice.

use super::catalogue;
use super::covariance::Factor;
use super::landmark::LandmarkId;
use super::metric::{Curve, MetricLandmarks};
use super::point::{Point, Vector};
use super::spread::{Source, Spread, Spreads};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::f64::consts::PI;

const SEED: u64 = 0x00C0_8A00;
/// Harmonics of a wave (K), and the terms they make.
const HARMONICS: usize = 3;
const TERMS: usize = 1 + 2 * HARMONICS;

/// A wave's coefficients across and down.
type Coefficients = ([f64; TERMS], [f64; TERMS]);

/// How far everything of a film may lie from where it is drawn; `None` where nobody says.
#[derive(Debug)]
pub struct FilmSpread {
    /// As the landmarks of the film.
    pub landmarks: Vec<Option<Spread>>,
    /// As its curves.
    pub curves: Vec<Option<CurveSpread>>,
    /// As its circles: standard deviation of the radius in metric units.
    pub radii: Vec<Option<f64>>,
}

/// The spread of one curve.
#[derive(Debug)]
pub struct CurveSpread {
    /// Of each of its points.
    factors: Vec<Factor>,
    pub sources: BTreeSet<Source>,
}

impl FilmSpread {
    /// Empty where nobody says anything of any landmark or curve: most films without a network.
    pub fn new(points: &MetricLandmarks) -> Self {
        if !points.landmarks.states_errors() {
            return Self { landmarks: Vec::new(), curves: Vec::new(), radii: Vec::new() };
        }
        let spreads = Spreads::new(points.landmarks, &points.spacing);
        let of_curve = |curve: &Curve| {
            let each: Vec<Spread> = match curve.numbered {
                None => vec![spreads.curve(curve.code)?; curve.points.len()],
                Some(codes) => {
                    let id = |code: &_| LandmarkId { code: Clone::clone(code), side: curve.side };
                    codes.iter().map(|code| spreads.get(&id(code))).collect::<Option<_>>()?
                }
            };
            Some(CurveSpread {
                factors: each.iter().map(|spread| spread.covariance.factor()).collect(),
                sources: each.iter().map(|spread| spread.source).collect(),
            })
        };
        Self {
            landmarks: points.ids().map(|id| spreads.get(id)).collect(),
            curves: points.curves().iter().map(of_curve).collect(),
            radii: points.circles().map(|id| spreads.radius_sd(&id.code)).collect(),
        }
    }

    /// Whether draws would tell anything: a circle of known size about a centre of unknown place tells nothing.
    pub fn moves(&self) -> bool {
        self.landmarks.iter().flatten().any(|spread| spread.covariance.sd() > 0.0)
            || self.curves.iter().any(Option::is_some)
    }
}

/// The displacements of every draw.
pub struct Noise {
    /// As the points of the film: its landmarks, then those of its curves.
    motions: Vec<Motion>,
    /// Of each curve per draw.
    waves: Vec<Vec<Coefficients>>,
    /// Of each circle per draw.
    radii: Vec<Vec<f64>>,
}

enum Motion {
    Still,
    /// Per draw, pixels.
    Own(Vec<Vector>),
    Wave {
        curve: usize,
        terms: [f64; TERMS],
        factor: Factor,
    },
}

impl Noise {
    /// Everything has its own random stream, fixed by its name.
    pub fn new(points: &MetricLandmarks, spread: &FilmSpread, draws: usize) -> Self {
        let ids: Vec<&LandmarkId> = points.ids().collect();
        let own = |(id, spread): (&&LandmarkId, &Option<Spread>)| match spread {
            Some(spread) if spread.covariance.sd() > 0.0 && catalogue::is_point(&id.code) => {
                let factor = spread.covariance.factor();
                let mut axis = normal(&id.to_string());
                Motion::Own((0..draws).map(|_| factor.draw(axis(), axis())).collect())
            }
            _ => Motion::Still,
        };
        let mut motions: Vec<Motion> = ids.par_iter().zip(&spread.landmarks).map(own).collect();
        for (index, (curve, spread)) in points.curves().iter().zip(&spread.curves).enumerate() {
            match spread {
                None => motions.extend(curve.points.clone().map(|_| Motion::Still)),
                Some(spread) => {
                    let along = along(points.points_of(curve));
                    let moves = along.into_iter().zip(&spread.factors);
                    motions.extend(moves.map(|(t, factor)| Motion::Wave {
                        curve: index,
                        terms: terms(t),
                        factor: *factor,
                    }));
                }
            }
        }
        let wave = |(curve, spread): (&Curve, &Option<CurveSpread>)| {
            if spread.is_none() {
                return Vec::new();
            }
            let side = curve.side.map_or("", |side| side.letter());
            let mut axis = normal(&format!("curve {}-{side}", curve.code));
            let mut coefficients = || std::array::from_fn(|_| axis());
            (0..draws).map(|_| (coefficients(), coefficients())).collect()
        };
        let waves = points.curves().par_iter().zip(&spread.curves).map(wave).collect();
        let radius = |(id, sd): (&LandmarkId, &Option<f64>)| match sd {
            Some(sd) => {
                let mut axis = normal(&format!("radius {id}"));
                (0..draws).map(|_| axis() * sd).collect()
            }
            None => Vec::new(),
        };
        Self { motions, waves, radii: points.circles().zip(&spread.radii).map(radius).collect() }
    }

    /// Of the point at `index`, pixels.
    pub fn of_point(&self, index: usize, draw: usize) -> Vector {
        match &self.motions[index] {
            Motion::Still => Vector::default(),
            Motion::Own(moves) => moves[draw],
            Motion::Wave { curve, terms, factor } => {
                let (across, down) = &self.waves[*curve][draw];
                let sum = |of: &[f64; TERMS]| of.iter().zip(terms).map(|(a, b)| a * b).sum();
                factor.draw(sum(across), sum(down))
            }
        }
    }

    /// Of the radius of the circle at `index`, metric units.
    pub fn of_radius(&self, index: usize, draw: usize) -> f64 {
        self.radii[index].get(draw).copied().unwrap_or_default()
    }
}

/// The share of its length at which each point of a curve lies.
fn along(points: &[Point]) -> Vec<f64> {
    let mut lengths = vec![0.0; points.len()];
    for i in 1..points.len() {
        lengths[i] = lengths[i - 1] + points[i].distance(points[i - 1]);
    }
    let whole = lengths.last().copied().filter(|whole| *whole > 0.0 && whole.is_finite()).unwrap_or(1.0);
    lengths.into_iter().map(|length| length / whole).collect()
}

/// A wave's terms at the share `t` of the curve; their squares sum to 1.
fn terms(t: f64) -> [f64; TERMS] {
    let scale = 1.0 / ((1 + HARMONICS) as f64).sqrt();
    std::array::from_fn(|term| {
        let (sin, cos) = (PI * t * term.div_ceil(2) as f64).sin_cos();
        scale * if term % 2 == 0 && term > 0 { sin } else { cos }
    })
}

/// Standard normal numbers of the stream of that name.
fn normal(name: &str) -> impl FnMut() -> f64 + use<> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    rng.set_stream(stream(name));
    move || StandardNormal.sample(&mut rng)
}

/// FNV-1a of a name: the same on every machine and in every release, unlike the standard hasher.
fn stream(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_as_wide_everywhere_and_alike_nearby() {
        for i in 0..=20 {
            let t = f64::from(i) / 20.0;
            let dot = |other: f64| -> f64 { terms(t).iter().zip(terms(other)).map(|(a, b)| a * b).sum() };
            assert!((dot(t) - 1.0).abs() < 1e-12, "variance at {t}");
            assert!(dot(t + 0.05) > 0.9 && dot(t + 0.3).abs() < 0.35, "{} {}", dot(t + 0.05), dot(t + 0.3));
        }
    }
}
