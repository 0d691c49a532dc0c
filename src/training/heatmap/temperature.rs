//! The temperature of a model's maps: the one under which the true pixels of held films are most probable.

use crate::eval::reliability::least;
use crate::job::Job;
use crate::measure::LandmarkId;
use crate::models::frame::Picture;
use crate::models::heatmap::HeatmapDetector;
use crate::models::{LandmarkDetector, Plan, System};
use crate::training::TrainError;
use crate::training::augment::Film;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use rayon::prelude::*;
use std::collections::HashMap;

/// Films whose maps are kept for the search: more change the temperature little and fill memory.
const FILMS: usize = 48;
/// Pixels below this share of a map's largest probability weigh nothing at any temperature of interest.
const FLOOR: f32 = 1e-9;
/// Logarithm given to a true pixel whose probability is nothing at all.
const NEVER: f64 = -30.0;

/// A map as its likelihood at any temperature needs it, relative to its largest value.
struct Evidence {
    /// Logarithm at the true pixel.
    truth: f64,
    /// Logarithms of all pixels that weigh anything.
    all: Vec<f32>,
}

impl Evidence {
    fn of(map: &[f32], true_pixel: usize) -> Option<Self> {
        let largest = map.iter().copied().fold(0.0, f32::max);
        if largest <= 0.0 {
            return None;
        }
        let share = |value: f32| value / largest;
        let all = map.iter().filter(|v| share(**v) > FLOOR).map(|v| share(*v).ln()).collect();
        let truth = f64::from(share(*map.get(true_pixel)?).ln()).max(NEVER);
        Some(Self { truth, all })
    }

    /// Negative logarithm of the true pixel's probability.
    fn cost(&self, temperature: f64) -> f64 {
        let power = (1.0 / temperature) as f32;
        let total: f64 = self.all.iter().map(|l| f64::from((l * power).exp())).sum();
        total.ln() - self.truth / temperature
    }
}

/// `plan`, of a heat-map system, with the temperature that `films`, which the network of `weights` has not seen, ask for.
///
/// # Errors
/// Weights that are not the plan's, failures of the device.
pub fn calibrated(
    mut plan: Plan,
    weights: &HashMap<String, Tensor>,
    films: &[Film],
    device: &Device,
) -> Result<Plan, TrainError> {
    let ids = plan.ids().map_err(TrainError::Config)?;
    let System::Heatmap(system) = &mut plan.system else { return Ok(plan) };
    let vb = VarBuilder::from_tensors(weights.clone(), DType::F32, device);
    let detector = HeatmapDetector::new(system.clone(), ids, vb)?;
    let films = &films[..films.len().min(FILMS)];
    let evidence: Vec<_> = films.par_iter().map(|film| of_film(&detector, film)).collect::<Result<_, _>>()?;
    let evidence: Vec<Evidence> = evidence.into_iter().flatten().collect();
    if !evidence.is_empty() {
        let cost = |t: f64| evidence.par_iter().map(|e| e.cost(t)).sum::<f64>();
        system.temperature = (1e4 * least(cost)).round() / 1e4;
    }
    Ok(plan)
}

fn of_film(detector: &HeatmapDetector, film: &Film) -> Result<Vec<Evidence>, TrainError> {
    let picture = Picture { grey: &film.grey, rows: film.rows, columns: film.columns };
    let atlas = detector.maps(&picture, &Job::silent())?;
    let side = atlas.frame.side;
    let of = |(id, map): (&LandmarkId, &Vec<f32>)| {
        let at = atlas.frame.to_frame(film.landmarks.get(id)?.position()?);
        let pixel = |v: f64| (0.0..=side as f64 - 1.0).contains(&v.round()).then_some(v.round() as usize);
        Evidence::of(map, pixel(at.y)? * side + pixel(at.x)?)
    };
    Ok(detector.ids().iter().zip(&atlas.maps).filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    /// Maps of SD 2 for errors of SD 3: tempered by 9/4 they are the errors' own distribution.
    #[test]
    fn the_temperature_makes_the_maps_as_wide_as_the_errors() {
        let (side, centre) = (64, 32.0);
        let map: Vec<f32> = (0..side * side)
            .map(|i| {
                let (x, y) = ((i % side) as f64 - centre, (i / side) as f64 - centre);
                (-(x * x + y * y) / 8.0).exp() as f32
            })
            .collect();
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let error = Normal::new(0.0, 3.0).unwrap();
        let evidence: Vec<Evidence> = (0..400)
            .map(|_| {
                let mut pixel = || (centre + error.sample(&mut random)).round().clamp(0.0, 63.0) as usize;
                Evidence::of(&map, pixel() * side + pixel()).unwrap()
            })
            .collect();
        let found = least(|t| evidence.iter().map(|e| e.cost(t)).sum());
        assert!((found - 2.25).abs() < 0.2, "{found}");
        assert!(Evidence::of(&[0.0; 4], 0).is_none() && Evidence::of(&[1.0; 4], 9).is_none());
    }
}
