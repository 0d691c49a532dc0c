//! How good the network is on films whose points are known: held phantoms, real films.

use super::TrainError;
use super::augment::Film;
use crate::eval::agreement::{guess_the_mean, pearson};
use crate::job::Job;
use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Side, Spacing, assess};
use crate::models::{Detected, LandmarkDetector, NotFound};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// One point of one film that is there and was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct PointScore {
    pub id: LandmarkId,
    /// Distance to the truth in percent of [`FilmScore::baseline`]; `None` when nothing was found.
    pub percent: Option<f64>,
    /// As the votes gave it, when there were any; image pixels.
    pub detected: Option<Detected>,
}

/// One film.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmScore {
    /// True TRC–TRC distance in image pixels; of a film that has none, 100 mm, so that percent are millimetres.
    pub baseline: f64,
    pub points: Vec<PointScore>,
    /// Of each optional landmark: whether it is there, and the network's probability of it.
    pub presence: Vec<(LandmarkId, bool, f64)>,
    /// Acetabular index of each side in degrees: true, found.
    pub acetabular_index: Vec<(Side, f64, Option<f64>)>,
}

/// Means over films.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    pub films: usize,
    /// By code: mean radial error in percent of the TRC–TRC distance.
    pub mean_percent: BTreeMap<String, f64>,
    /// By code: 95th percentile of the same.
    pub p95_percent: BTreeMap<String, f64>,
    /// Degrees.
    pub ai_mean_error: f64,
    pub ai_worst_error: f64,
    /// Mean absolute error of guessing the mean of the other films' true values, in degrees.
    pub ai_guess_error: f64,
    pub ai_correlation: f64,
    /// Share of optional landmarks whose presence is told right at the best threshold of these very films.
    pub presence_right: f64,
    pub presence_threshold: f64,
}

/// Runs `detector` over `films`, several at a time.
///
/// # Errors
/// Cancellation and failures of the device.
pub fn score(
    detector: &dyn LandmarkDetector,
    films: &[Film],
    job: &Job,
) -> Result<Vec<FilmScore>, TrainError> {
    films
        .par_iter()
        .map(|film| {
            let silent = Job::silent();
            job.check()?;
            let detection = detector.detect(&film.grey, film.rows, film.columns, &silent)?;
            Ok(score_film(detector.ids(), &film.landmarks, &film.spacing, &detection.points))
        })
        .collect()
}

/// Compares what was found, in the order of `ids`, with the truth.
pub fn score_film(
    ids: &[LandmarkId],
    truth: &LandmarkSet,
    spacing: &Spacing,
    found: &[Result<Detected, NotFound>],
) -> FilmScore {
    let trc = |side| truth.position(LandmarkCode::TRC, side);
    let baseline = match (trc(Side::Right), trc(Side::Left)) {
        (Some(a), Some(b)) => a.distance(b),
        _ if spacing.has_millimetres() => 100.0 / spacing.column,
        _ => f64::NAN,
    };
    let mut points = Vec::new();
    let mut presence = Vec::new();
    let mut set = LandmarkSet::default();
    for (id, detected) in ids.iter().zip(found) {
        let detected = detected.ok();
        if let Some(detected) = detected {
            set.insert(id.clone(), Landmark::defined(detected.position, None, Origin::Model));
        }
        let Some(landmark) = truth.get(id) else { continue };
        if id.code == LandmarkCode::FH {
            let probability = detected.map_or(0.0, |d| d.presence);
            presence.push((id.clone(), landmark.position().is_some(), probability));
        }
        if let Some(position) = landmark.position() {
            let percent = detected.map(|d| 100.0 * d.position.distance(position) / baseline);
            points.push(PointScore { id: id.clone(), percent, detected });
        }
    }
    let (truth, found) = (assess(truth, &Spacing::UNKNOWN), assess(&set, &Spacing::UNKNOWN));
    let acetabular_index = Side::BOTH
        .into_iter()
        .filter_map(|side| {
            let value = |a: &crate::measure::Assessment| a.measurement("AI", Some(side))?.value;
            Some((side, value(&truth)?, value(&found)))
        })
        .collect();
    FilmScore { baseline, points, presence, acetabular_index }
}

/// The means. A point that was not found counts as one baseline off, an angle as 45° off.
pub fn summarise(scores: &[FilmScore]) -> Summary {
    let mut errors: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for point in scores.iter().flat_map(|s| &s.points) {
        errors.entry(point.id.code.to_string()).or_default().push(point.percent.unwrap_or(100.0));
    }
    let angles: Vec<(f64, f64)> = scores
        .iter()
        .flat_map(|s| &s.acetabular_index)
        .map(|(_, truth, found)| (*truth, found.unwrap_or(truth + 45.0)))
        .collect();
    let truths: Vec<(usize, f64)> = scores
        .iter()
        .enumerate()
        .flat_map(|(film, s)| s.acetabular_index.iter().map(move |(_, truth, _)| (film, *truth)))
        .collect();
    let gaps: Vec<f64> = angles.iter().map(|(truth, found)| (truth - found).abs()).collect();
    let presence: Vec<(bool, f64)> =
        scores.iter().flat_map(|s| &s.presence).map(|(_, there, p)| (*there, *p)).collect();
    let (presence_threshold, presence_right) = best_threshold(&presence);
    Summary {
        films: scores.len(),
        mean_percent: errors.iter().map(|(code, e)| (code.clone(), mean(e))).collect(),
        p95_percent: errors.iter().map(|(code, e)| (code.clone(), quantile(e, 0.95))).collect(),
        ai_mean_error: mean(&gaps),
        // Of no gap at all there is no worst.
        ai_worst_error: gaps.iter().copied().fold(f64::NAN, f64::max),
        ai_guess_error: mean(&guess_the_mean(&truths)),
        ai_correlation: pearson(&angles).unwrap_or(f64::NAN),
        presence_right,
        presence_threshold,
    }
}

impl Summary {
    /// Mean over the codes of the mean error: one number to follow.
    pub fn overall(&self) -> f64 {
        mean(&self.mean_percent.values().copied().collect::<Vec<_>>())
    }

    /// What the errors are in: films of adults have no TRC.
    pub fn unit(&self) -> &'static str {
        if self.mean_percent.contains_key("TRC") { "% of TRC-TRC" } else { "mm" }
    }

    /// One line for a log.
    pub fn line(&self) -> String {
        let points: Vec<String> =
            self.mean_percent.iter().map(|(code, e)| format!("{code} {e:.2}")).collect();
        format!(
            "{} %, AI {:.2}° (worst {:.1}°, guess {:.2}°, r {:.2}), FH presence {:.0} % at {:.2}",
            points.join(" "),
            self.ai_mean_error,
            self.ai_worst_error,
            self.ai_guess_error,
            self.ai_correlation,
            100.0 * self.presence_right,
            self.presence_threshold,
        )
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Value below which the share `q` of `values` lies; NaN of none.
pub(super) fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

/// Threshold that tells most of (is there, probability) right, midway between its neighbours; and that share.
pub(super) fn best_threshold(known: &[(bool, f64)]) -> (f64, f64) {
    let mut sorted = known.to_vec();
    sorted.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    if sorted.is_empty() {
        return (0.5, f64::NAN);
    }
    let edges = (0..=sorted.len()).map(|i| match i {
        0 => 0.5 * sorted[0].1,
        i if i == sorted.len() => 0.5 * (1.0 + sorted[i - 1].1),
        i => 0.5 * (sorted[i - 1].1 + sorted[i].1),
    });
    let mut best = (0.5, 0);
    for threshold in edges {
        let right = sorted.iter().filter(|(there, p)| (*p >= threshold) == *there).count();
        // Of equals the one nearest to even odds.
        let nearer = (threshold - 0.5).abs() < (best.0 - 0.5_f64).abs();
        if right > best.1 || (right == best.1 && nearer) {
            best = (threshold, right);
        }
    }
    (best.0, best.1 as f64 / sorted.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_separate_what_can_be_separated() {
        let (threshold, right) = best_threshold(&[(false, 0.1), (true, 0.8), (false, 0.3), (true, 0.6)]);
        assert_eq!(right, 1.0);
        assert!((threshold - 0.45).abs() < 1e-12);
        let (_, right) = best_threshold(&[(true, 0.1), (false, 0.2), (true, 0.9), (true, 0.95)]);
        assert_eq!(right, 0.75);
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert!((quantile(&[0.0, 1.0], 0.95) - 0.95).abs() < 1e-12);
    }
}
