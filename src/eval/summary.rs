//! What the metrics share: a mean, a percentile and an interval that refuse what no number can be said of.

use std::fmt;

/// From `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// `half` to both sides of `centre`.
    pub(super) fn around(centre: f64, half: f64) -> Self {
        Self { low: centre - half, high: centre + half }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(2);
        write!(f, "{:.decimals$} to {:.decimals$}", self.low, self.high)
    }
}

/// Arithmetic mean; `None` without values or where it is not finite.
pub fn mean(values: &[f64]) -> Option<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

/// The value that `percent` % of `values` do not exceed, linear between neighbours (Hyndman & Fan's type 7, as numpy
/// and R have it). `None` without values, with one that is not finite, or outside 0–100 %.
pub fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    percentile_of_sorted(&sorted, sorted.len(), percent)
}

/// [`percentile`] of `n` values of which `sorted` are the smallest; `None` where it falls among the others.
pub(super) fn percentile_of_sorted(sorted: &[f64], n: usize, percent: f64) -> Option<f64> {
    if n == 0 || !(0.0..=100.0).contains(&percent) {
        return None;
    }
    let position = (n - 1) as f64 * percent / 100.0;
    let (below, part) = (position.floor() as usize, position.fract());
    let low = *sorted.get(below)?;
    if part == 0.0 {
        return Some(low);
    }
    let high = *sorted.get(below + 1)?;
    // Rounding may carry the mean of two alike past both.
    Some((low * (1.0 - part) + high * part).clamp(low, high))
}

/// Whether `values` differ by more than the rounding of quantities as large as `scale`: a quotient of what is only
/// rounding would look like a finding.
pub(super) fn varies(values: impl IntoIterator<Item = f64>, scale: f64) -> bool {
    let (low, high) = values
        .into_iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    high - low > 1e-12 * scale
}

/// The largest magnitude among `values`.
pub(super) fn magnitude(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |largest, value| value.abs().max(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!([0.0, 50.0, 75.0, 100.0].map(|p| percentile(&values, p)), [1.0, 2.5, 3.25, 4.0].map(Some));
        assert_eq!(percentile(&[7.0], 90.0), Some(7.0));
        assert_eq!(percentile_of_sorted(&[1.0, 2.0], 3, 50.0), Some(2.0));
        assert_eq!(percentile_of_sorted(&[1.0, 2.0], 3, 51.0), None, "on the way to the third");
    }

    #[test]
    fn what_has_no_mean_or_percentile_is_none() {
        assert_eq!((mean(&[]), mean(&[1.0, f64::NAN]), mean(&[1e308, 1e308])), (None, None, None));
        assert_eq!((percentile(&[], 50.0), percentile(&[1.0, f64::NAN], 0.0)), (None, None));
        assert_eq!([-1.0, 101.0, f64::NAN].map(|percent| percentile(&[1.0], percent)), [None; 3]);
    }

    #[test]
    fn rounding_is_no_variation() {
        assert!(0.3 - 0.2 != 0.1 && !varies([0.3 - 0.2, 0.1], 0.3) && varies([0.1, 0.2], 0.3));
        assert!(!varies([], 1.0) && !varies([f64::NAN], 1.0));
    }
}
