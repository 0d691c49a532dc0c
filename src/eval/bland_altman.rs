//! Bland & Altman's limits of agreement (Lancet 1986;327:307): how far a new reading may lie from the reference.

use super::distribution::{t_quantile, t_two_sided};
use super::summary::{Interval, magnitude, mean, varies};

/// Normal quantile of the limits, as rounded as every paper prints it.
const Z: f64 = 1.96;

/// Differences are prediction − reference; every interval is at 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlandAltman {
    pub n: usize,
    pub bias: f64,
    pub bias_interval: Interval,
    /// Standard deviation of the differences (n − 1).
    pub sd: f64,
    /// bias ± 1.96 sd.
    pub limits: Interval,
    /// Half the width of the confidence interval of either limit.
    pub limit_margin: f64,
    /// `None` below three pairs and where the differences or the pair means do not vary.
    pub proportional: Option<ProportionalBias>,
}

/// Regression of the difference on the mean of the pair: does the bias grow with the quantity?
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionalBias {
    pub slope: f64,
    /// Of a slope of zero, two-sided, n − 2 degrees of freedom.
    pub p: f64,
}

/// `pairs` are (reference, prediction); `None` below two and for numbers that are not finite. One hip or image is the
/// unit: pairs of one patient depend on each other, see [`super::bootstrap`].
pub fn bland_altman(pairs: &[(f64, f64)]) -> Option<BlandAltman> {
    let n = pairs.len() as f64;
    let differences: Vec<f64> = pairs.iter().map(|(reference, predicted)| predicted - reference).collect();
    let bias = mean(&differences)?;
    if pairs.len() < 2 {
        return None;
    }
    let sd = (differences.iter().map(|d| (d - bias).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let t = t_quantile(0.975, n - 1.0)?;
    let found = BlandAltman {
        n: pairs.len(),
        bias,
        bias_interval: Interval::around(bias, t * sd / n.sqrt()),
        sd,
        limits: Interval::around(bias, Z * sd),
        limit_margin: t * sd * (1.0 / n + Z * Z / (2.0 * (n - 1.0))).sqrt(),
        proportional: proportional(pairs, &differences, bias),
    };
    (found.bias_interval.is_finite() && found.limits.is_finite() && found.limit_margin.is_finite())
        .then_some(found)
}

fn proportional(pairs: &[(f64, f64)], differences: &[f64], bias: f64) -> Option<ProportionalBias> {
    let scale = magnitude(pairs.iter().flat_map(|pair| [pair.0, pair.1]));
    let means: Vec<f64> = pairs.iter().map(|(a, b)| 0.5 * (a + b)).collect();
    if pairs.len() < 3 || !varies(means.iter().copied(), scale) || !varies(differences.iter().copied(), scale)
    {
        return None;
    }
    let centre = mean(&means)?;
    let points = || means.iter().map(|m| m - centre).zip(differences.iter().map(|d| d - bias));
    let xx: f64 = points().map(|(x, _)| x * x).sum();
    let slope = points().map(|(x, y)| x * y).sum::<f64>() / xx;
    let residual: f64 = points().map(|(x, y)| (y - slope * x).powi(2)).sum();
    let freedom = pairs.len() as f64 - 2.0;
    let p = t_two_sided(slope / (residual / freedom / xx).sqrt(), freedom)?;
    (slope.is_finite() && xx.is_finite()).then_some(ProportionalBias { slope, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_the_specification() {
        let pairs = [(20.0, 21.0), (24.0, 23.0), (28.0, 30.0), (32.0, 31.0), (36.0, 38.0), (40.0, 41.0)];
        let found = bland_altman(&pairs).expect("six pairs");
        let near = |value: f64, printed: f64| assert!((value - printed).abs() < 0.051, "{value} {printed}");
        near(found.bias, 0.7);
        near(found.sd, 1.4);
        near(found.limits.low, -2.0);
        near(found.limits.high, 3.3);
        near(found.bias_interval.high - found.bias, 1.4);
        near(found.bias - found.bias_interval.low, 1.4);
        near(found.limit_margin, 2.6);
        let proportional = found.proportional.expect("six pairs");
        near(proportional.slope, 0.06);
        assert!((proportional.p - 0.54).abs() < 0.005, "{}", proportional.p);
    }

    #[test]
    fn a_bias_that_grows_with_the_quantity() {
        let pairs = [(10.0, 11.0), (20.0, 22.0), (30.0, 33.0), (40.0, 44.0)];
        let proportional = bland_altman(&pairs).expect("four").proportional.expect("varies");
        assert!(
            (proportional.slope - 1.0 / 10.5).abs() < 1e-12 && proportional.p < 1e-12,
            "{proportional:?}"
        );
    }

    #[test]
    fn what_is_undefined_is_none() {
        assert_eq!((bland_altman(&[]), bland_altman(&[(1.0, 2.0)])), (None, None));
        assert_eq!(bland_altman(&[(1.0, 2.0), (f64::NAN, 2.0)]), None);
        assert_eq!(bland_altman(&[(1.0, 2.0), (3.0, 5.0)]).expect("two pairs").proportional, None);
        let same = bland_altman(&[(0.2, 0.3), (0.5, 0.6), (1.1, 1.2)]).expect("three pairs");
        assert!(
            same.sd < 1e-12 && same.proportional.is_none(),
            "differences that are alike but for rounding"
        );
        let one_mean = bland_altman(&[(9.0, 11.0), (8.0, 12.0), (11.0, 9.0)]).expect("three pairs");
        assert_eq!(one_mean.proportional, None);
    }
}
