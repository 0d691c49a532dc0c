//! How well two series of a quantity agree, and what the agreement is worth against guessing. Limits of agreement are
//! [`super::bland_altman`]'s.

use super::intraclass::icc21;
use super::summary::{magnitude, mean, percentile, varies};

/// Agreement of predictions with a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    pub n: usize,
    /// Absolute error: mean (MAE; AE where the quantity is an angle), median, 90th percentile, largest.
    pub mean_absolute: f64,
    pub median_absolute: f64,
    pub p90_absolute: f64,
    pub max_absolute: f64,
    /// Mean of prediction − reference.
    pub bias: f64,
    /// Standard deviation of prediction − reference (n − 1); `None` for one pair.
    pub sd: Option<f64>,
    /// Pearson's r; `None` where a series does not vary.
    pub pearson: Option<f64>,
    /// ICC(2,1) without its interval, see [`icc21`].
    pub icc21: Option<f64>,
}

/// `pairs` are (reference, prediction); `None` without any and for numbers that are not finite.
pub fn agreement(pairs: &[(f64, f64)]) -> Option<Agreement> {
    let n = pairs.len() as f64;
    let errors: Vec<f64> = pairs.iter().map(|(reference, predicted)| predicted - reference).collect();
    let absolute: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    let bias = mean(&errors)?;
    let squares: f64 = errors.iter().map(|error| (error - bias).powi(2)).sum();
    let icc = icc21(&pairs.iter().map(|(a, b)| [*a, *b]).collect::<Vec<_>>(), 0.95);
    Some(Agreement {
        n: pairs.len(),
        mean_absolute: mean(&absolute)?,
        median_absolute: percentile(&absolute, 50.0)?,
        p90_absolute: percentile(&absolute, 90.0)?,
        max_absolute: magnitude(errors),
        bias,
        sd: (pairs.len() > 1).then(|| (squares / (n - 1.0)).sqrt()).filter(|sd| sd.is_finite()),
        pearson: pearson(pairs),
        icc21: icc.map(|icc| icc.value),
    })
}

/// The AA of FR-DDH, in %: 100 × the mean of 1 − |error| / reference. Its paper defines it nowhere; this reading alone
/// fits its tables. A small reference inflates it, so the absolute error comes first. `None` without pairs and where a
/// reference is not positive.
pub fn average_accuracy(pairs: &[(f64, f64)]) -> Option<f64> {
    if !pairs.iter().all(|(reference, _)| *reference > 0.0) {
        return None;
    }
    let accuracy = |(reference, predicted): &(f64, f64)| 1.0 - (predicted - reference).abs() / reference;
    mean(&pairs.iter().map(accuracy).collect::<Vec<_>>()).map(|mean| 100.0 * mean)
}

/// Pearson's correlation; blind to bias and scale, so never a substitute for the ICC. `None` where a series does not
/// vary or is not finite.
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (mean_a, mean_b) = (mean(&first)?, mean(&second)?);
    if ![&first, &second].iter().all(|series| varies(series.iter().copied(), magnitude(series.to_vec()))) {
        return None;
    }
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    let r = ab / (aa.sqrt() * bb.sqrt());
    // Rounding may carry a perfect correlation past 1; a sum of squares past all numbers would make any look like 0.
    (r.is_finite() && aa.is_finite() && bb.is_finite()).then(|| r.clamp(-1.0, 1.0))
}

/// Absolute errors of guessing each value as the mean of all values of the **other** films: what a prediction must
/// beat to be worth anything. `values` are (film, value); empty where there is but one film.
pub fn guess_the_mean(values: &[(usize, f64)]) -> Vec<f64> {
    values
        .iter()
        .filter_map(|(film, value)| {
            let (sum, count) = values
                .iter()
                .filter(|(other, _)| other != film)
                .fold((0.0, 0_usize), |(sum, count), (_, other)| (sum + other, count + 1));
            (count > 0).then(|| (value - sum / count as f64).abs())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_error_and_accuracy_of_the_specification() {
        let pairs = [(20.0, 22.0), (25.0, 24.0), (30.0, 33.0)];
        let found = agreement(&pairs).expect("three pairs");
        assert!((found.mean_absolute - 2.0).abs() < 1e-12 && (found.bias - 4.0 / 3.0).abs() < 1e-12);
        assert_eq!((found.median_absolute, found.max_absolute), (2.0, 3.0));
        assert!((found.p90_absolute - 2.8).abs() < 1e-12);
        assert!((average_accuracy(&pairs).expect("positive") - 92.0).abs() < 0.05);
    }

    /// FR-DDH's Table 2 gives AE and AA; if AA is what we take it for, hips of this mean index give both.
    #[test]
    fn average_accuracy_reads_the_published_tables() {
        for (error, accuracy, index) in
            [(3.78, 83.6, 23.0), (2.95, 85.4, 20.2), (2.32, 87.8, 19.0), (2.36, 87.2, 18.4)]
        {
            let found =
                average_accuracy(&[(index, index + error), (index, index - error)]).expect("positive");
            assert!((found - accuracy).abs() < 0.05, "{found} {accuracy}");
        }
    }

    #[test]
    fn icc_sees_the_bias_that_pearson_does_not() {
        let pairs = [(10.0, 20.0), (20.0, 30.0), (30.0, 40.0)];
        let agreement = agreement(&pairs).expect("three pairs");
        assert!((agreement.pearson.expect("varies") - 1.0).abs() < 1e-12);
        // Subjects' mean square 200, raters' 150, no error: 200 / (200 + 2·150/3).
        assert!((agreement.icc21.expect("varies") - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_undefined_is_none() {
        assert_eq!(agreement(&[]), None);
        let one = agreement(&[(1.0, 2.0)]).expect("one pair");
        assert_eq!((one.sd, one.pearson, one.icc21), (None, None, None));
        let constant = agreement(&[(1.0, 1.0), (1.0, 1.0)]).expect("two pairs");
        assert_eq!((constant.pearson, constant.icc21), (None, None));
        assert_eq!(agreement(&[(1.0, 2.0), (f64::NAN, 2.0)]), None);
        assert_eq!(pearson(&[(0.1, 1.0), (0.1, 2.0), (0.1, 4.0)]), None, "rounding is no variation");
        assert_eq!((average_accuracy(&[]), average_accuracy(&[(0.0, 1.0)])), (None, None));
        assert_eq!(average_accuracy(&[(-5.0, 1.0), (5.0, 5.0)]), None);
    }

    #[test]
    fn guessing_uses_only_other_films() {
        assert_eq!(guess_the_mean(&[(0, 10.0), (0, 20.0), (1, 30.0), (1, 50.0)]), [30.0, 20.0, 15.0, 35.0]);
        assert!(guess_the_mean(&[(0, 10.0), (0, 20.0)]).is_empty());
    }
}
