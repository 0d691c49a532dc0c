//! How far predicted landmarks lie from the true ones. A landmark that was not found is a failure, never left out:
//! a network that stays silent on hard films would otherwise look better than one that tries.

use crate::measure::{LandmarkCode, LandmarkId, LandmarkSet, Side, Spacing};

/// One landmark that the reference has.
#[derive(Debug, Clone, PartialEq)]
pub struct RadialError {
    pub landmark: LandmarkId,
    /// Distance in metric units (millimetres, without spacing columns); `None` where it was not found.
    pub distance: Option<f64>,
}

/// The error of every landmark that `reference` has a position of.
pub fn radial_errors(
    predicted: &LandmarkSet,
    reference: &LandmarkSet,
    spacing: &Spacing,
) -> Vec<RadialError> {
    reference
        .iter()
        .filter_map(|(id, truth)| {
            let truth = spacing.to_metric(truth.position()?);
            let found = predicted.get(id).and_then(|landmark| landmark.position());
            let distance = found.map(|p| spacing.to_metric(p).distance(truth)).filter(|d| d.is_finite());
            Some(RadialError { landmark: id.clone(), distance })
        })
        .collect()
}

/// TRC–TRC distance in metric units: the size of the child on the film, where there are no millimetres.
pub fn baseline(landmarks: &LandmarkSet, spacing: &Spacing) -> Option<f64> {
    let [right, left] = Side::BOTH.map(|side| landmarks.position(LandmarkCode::TRC, side));
    let distance = spacing.to_metric(right?).distance(spacing.to_metric(left?));
    (distance.is_finite() && distance > 0.0).then_some(distance)
}

/// Errors of one kind of landmark over many films, in the unit they were given in.
#[derive(Debug, Clone, PartialEq)]
pub struct RadialSummary {
    pub found: usize,
    pub missed: usize,
    /// Mean radial error of those found (MRE, the PE of a single landmark).
    pub mean: f64,
    pub median: f64,
    pub max: f64,
    /// Root of the mean square.
    pub rms: f64,
}

/// `None` where nothing was found; a distance that is not finite counts as missed.
pub fn summarise(distances: &[Option<f64>]) -> Option<RadialSummary> {
    let mut found: Vec<f64> = distances.iter().flatten().copied().filter(|d| d.is_finite()).collect();
    found.sort_unstable_by(f64::total_cmp);
    let (&max, n) = (found.last()?, found.len());
    Some(RadialSummary {
        found: n,
        missed: distances.len() - n,
        mean: found.iter().sum::<f64>() / n as f64,
        median: 0.5 * (found[(n - 1) / 2] + found[n / 2]),
        max,
        rms: (found.iter().map(|d| d * d).sum::<f64>() / n as f64).sqrt(),
    })
}

/// Successful detection rate (SDR) at `limit`, %: the share of landmarks no further off than it, those missed counted
/// as failures. NaN for none.
pub fn detection_rate(distances: &[Option<f64>], limit: f64) -> f64 {
    share(distances, |distance| distance <= limit)
}

/// [`detection_rate`] with a landmark exactly at the limit a failure, as some papers print it.
pub fn detection_rate_below(distances: &[Option<f64>], limit: f64) -> f64 {
    share(distances, |distance| distance < limit)
}

/// The distance within which the share `part` (0–1) of all landmarks lies; infinite where that many were not found, NaN
/// of none.
pub fn percentile(distances: &[Option<f64>], part: f64) -> f64 {
    let mut all: Vec<f64> =
        distances.iter().map(|d| d.filter(|d| d.is_finite()).unwrap_or(f64::INFINITY)).collect();
    all.sort_unstable_by(f64::total_cmp);
    let Some(last) = all.len().checked_sub(1) else { return f64::NAN };
    let at = part.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (all[at.floor() as usize], all[at.ceil() as usize]);
    if low == high { low } else { low + (high - low) * at.fract() }
}

fn share(distances: &[Option<f64>], hit: impl Fn(f64) -> bool) -> f64 {
    let hits = distances.iter().flatten().filter(|distance| distance.is_finite() && hit(**distance)).count();
    100.0 * hits as f64 / distances.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Landmark, Origin, Point, SpacingStatus};

    const DISTANCES: [Option<f64>; 4] = [Some(0.5), Some(1.0), Some(2.0), Some(4.5)];

    #[test]
    fn worked_numbers_of_the_specification() {
        let summary = summarise(&DISTANCES).expect("four found");
        assert_eq!((summary.mean, summary.median, summary.max), (2.0, 1.5, 4.5));
        assert!((summary.rms - 2.52).abs() < 0.006);
        assert_eq!(detection_rate(&DISTANCES, 2.0), 75.0, "at the limit is a success");
        assert_eq!(detection_rate_below(&DISTANCES, 2.0), 50.0, "or a failure");
    }

    #[test]
    fn a_missed_landmark_is_a_failure() {
        let with_a_miss = [&DISTANCES[..], &[None]].concat();
        assert_eq!(detection_rate(&with_a_miss, 2.0), 60.0);
        let summary = summarise(&with_a_miss).expect("four found");
        assert_eq!((summary.found, summary.missed, summary.mean), (4, 1, 2.0));
        assert_eq!(percentile(&with_a_miss, 0.5), 2.0);
        assert_eq!(percentile(&with_a_miss, 0.9), f64::INFINITY);
        assert_eq!(percentile(&with_a_miss[..3], 0.75), 1.5);
        assert!(percentile(&[], 0.5).is_nan());
        assert_eq!(summarise(&[None, None]), None);
        let lost = [Some(1.0), Some(f64::NAN), Some(f64::INFINITY)];
        assert_eq!(summarise(&lost).map(|summary| (summary.found, summary.missed)), Some((1, 2)));
        assert!((detection_rate(&lost, f64::INFINITY) - 100.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn distances_are_metric_and_misses_are_listed() {
        let id = |code, side| LandmarkId::new(code, side);
        let at = |x, y| Landmark::defined(Point::new(x, y), None, Origin::File);
        let mut truth = LandmarkSet::default();
        truth.insert(id(LandmarkCode::TRC, Side::Right), at(100.0, 100.0));
        truth.insert(id(LandmarkCode::TRC, Side::Left), at(300.0, 100.0));
        truth.insert(id(LandmarkCode::FH, Side::Left), Landmark::missing("none", Origin::File));
        let mut found = LandmarkSet::default();
        found.insert(id(LandmarkCode::TRC, Side::Right), at(103.0, 108.0));
        found.insert(id(LandmarkCode::FH, Side::Left), at(1.0, 1.0));
        let spacing = Spacing { row: 0.1, column: 0.2, status: SpacingStatus::Calibrated };
        let errors = radial_errors(&found, &truth, &spacing);
        assert_eq!(errors.len(), 2, "what the reference lacks has no error");
        assert!((errors[0].distance.expect("found") - 1.0).abs() < 1e-12, "0.6 mm across, 0.8 mm down");
        assert_eq!(errors[1].distance, None);
        assert!((baseline(&truth, &spacing).expect("both TRC") - 40.0).abs() < 1e-12);
        assert_eq!(baseline(&found, &spacing), None);
    }
}
