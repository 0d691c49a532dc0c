//! What held phantoms say of how far the network can be trusted: SDs, presence threshold, least confidence.

use super::validate::{FilmScore, best_threshold, mean, quantile};
use crate::eval::reliability::tempered;
use crate::measure::{LandmarkCode, LandmarkId};
use crate::models::plan::Calibration;
use std::collections::{BTreeMap, BTreeSet};

/// Median and 95th percentile of a Rayleigh variable of unit σ: the radial error of a point whose axes have SD 1.
const RAYLEIGH_MEDIAN: f64 = 1.177_410;
const RAYLEIGH_95: f64 = 2.447_747;
/// Share of held points with less confidence than the floor, before it is halved for real films' sake.
const UNSURE: f64 = 0.01;

/// Calibration from films the network has not seen; `confidence_temperature` is known already (see
/// [`super::reliability`]). Landmarks `of_shapes` are believed or given up with their shape, not by themselves.
pub fn calibrate(
    scores: &[FilmScore],
    of_shapes: &BTreeSet<LandmarkId>,
    confidence_temperature: f64,
) -> Calibration {
    let mut sd_gain = BTreeMap::new();
    let mut sd_floor = BTreeMap::new();
    let mut by_code: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    let mut confidence = Vec::new();
    for score in scores {
        for point in &score.points {
            let (Some(percent), Some(detected)) = (point.percent, point.detected) else { continue };
            let entry = by_code.entry(point.id.code.to_string()).or_default();
            entry.push((percent / 100.0, detected.spread / score.baseline));
            if point.id.code != LandmarkCode::FH && !of_shapes.contains(&point.id) {
                confidence.push(detected.confidence);
            }
        }
    }
    for (code, pairs) in by_code {
        // The tail sets the gain, since it is the 95 % interval that is read; the middle sets the floor.
        let ratios: Vec<f64> = pairs.iter().map(|(error, spread)| error / spread.max(1e-6)).collect();
        let errors: Vec<f64> = pairs.iter().map(|(error, _)| *error).collect();
        sd_gain.insert(code.clone(), round(quantile(&ratios, 0.95) / RAYLEIGH_95, 4));
        sd_floor.insert(code, round(0.5 * quantile(&errors, 0.5) / RAYLEIGH_MEDIAN, 6));
    }
    let presence: Vec<(bool, f64)> =
        scores.iter().flat_map(|s| &s.presence).map(|(_, there, p)| (*there, *p)).collect();
    // Halved as the votes say it: near 1 a tempered confidence halved is hardly another one.
    let floor = tempered(0.5 * quantile(&confidence, UNSURE), confidence_temperature);
    Calibration {
        sd_gain,
        sd_floor,
        confidence_temperature,
        presence_threshold: round(best_threshold(&presence).0, 4),
        confidence_floor: if floor.is_finite() { round(floor, 6) } else { 0.0 },
    }
}

/// Share of points within the 95 % circle of their calibrated SD; .95 where the SDs are right.
pub fn coverage(scores: &[FilmScore], calibration: &Calibration) -> f64 {
    let mut inside = Vec::new();
    for score in scores {
        for point in &score.points {
            let (Some(percent), Some(detected)) = (point.percent, point.detected) else { continue };
            let code = point.id.code.as_str();
            let of = |map: &BTreeMap<String, f64>| map.get(code).copied().unwrap_or(0.0);
            let sd =
                (of(&calibration.sd_gain) * detected.spread / score.baseline).max(of(&calibration.sd_floor));
            inside.push(if percent / 100.0 <= RAYLEIGH_95 * sd { 1.0 } else { 0.0 });
        }
    }
    mean(&inside)
}

fn round(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Point, Side};
    use crate::models::Detected;
    use crate::training::validate::PointScore;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    /// Errors drawn with three times the SD that the votes claim.
    #[test]
    fn the_gain_is_what_the_votes_claim_too_little() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let scores: Vec<FilmScore> = (0..2000)
            .map(|i| {
                let spread = 0.5 + f64::from(i % 10) * 0.1;
                let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
                let error = 3.0 * spread * normal().hypot(normal());
                let detected =
                    Detected { position: Point::default(), spread, confidence: 0.8, presence: 1.0 };
                FilmScore {
                    baseline: 100.0,
                    points: vec![PointScore {
                        id: LandmarkId::new(LandmarkCode::TRC, Side::Right),
                        percent: Some(error),
                        detected: Some(detected),
                    }],
                    presence: vec![],
                    acetabular_index: vec![],
                }
            })
            .collect();
        let calibration = calibrate(&scores, &BTreeSet::new(), 1.0);
        assert!((calibration.sd_gain["TRC"] - 3.0).abs() < 0.15, "{calibration:?}");
        assert!((coverage(&scores, &calibration) - 0.95).abs() < 0.015);
        assert!((calibration.confidence_floor - 0.4).abs() < 1e-9);
        let steeper = calibrate(&scores, &BTreeSet::new(), 0.5).confidence_floor;
        assert!((steeper - 0.16 / (0.16 + 0.36)).abs() < 1e-6, "the odds squared: {steeper}");
        let shape = BTreeSet::from([LandmarkId::new(LandmarkCode::TRC, Side::Right)]);
        assert_eq!(calibrate(&scores, &shape, 1.0).confidence_floor, 0.0, "its shape is believed or not");
    }
}
