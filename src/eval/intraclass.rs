//! The intraclass correlation ICC(2,1): how much of the variance of a reading is the subject's.

use super::distribution::f_quantile;
use super::summary::{Interval, magnitude, varies};

/// ICC(2,1): two-way random effects, single rater, absolute agreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intraclass {
    pub subjects: usize,
    pub raters: usize,
    /// May be negative, where raters differ more within a subject than between subjects.
    pub value: f64,
    /// Confidence interval of McGraw & Wong (1996); `None` where its F quantiles are beyond all numbers, as for few
    /// subjects whose value nears 0 from below.
    pub interval: Option<Interval>,
}

impl Intraclass {
    /// Cicchetti's (1994) words: poor below 0.40, fair below 0.60, good below 0.75, excellent from there.
    pub fn band(&self) -> &'static str {
        match self.value {
            value if value < 0.40 => "poor",
            value if value < 0.60 => "fair",
            value if value < 0.75 => "good",
            _ => "excellent",
        }
    }
}

/// ICC(2,1) of `ratings` (Shrout & Fleiss 1979), one row a subject, one column a rater, with its interval at
/// `confidence` (0.95). `None` below two subjects or raters, for rows of unequal length, numbers that are not finite,
/// and where nothing varies.
pub fn icc21(ratings: &[impl AsRef<[f64]>], confidence: f64) -> Option<Intraclass> {
    let subjects = ratings.len();
    let raters = ratings.first()?.as_ref().len();
    let all = || ratings.iter().flat_map(|row| row.as_ref()).copied();
    let even = ratings.iter().all(|row| row.as_ref().len() == raters);
    if subjects < 2 || raters < 2 || !even || !all().all(f64::is_finite) || !varies(all(), magnitude(all())) {
        return None;
    }
    let squares = MeanSquares::of(ratings, raters);
    let value = squares.icc()?;
    let interval = squares.interval(value, confidence);
    Some(Intraclass { subjects, raters, value, interval })
}

/// The analysis of variance of subjects × raters.
struct MeanSquares {
    n: f64,
    k: f64,
    subjects: f64,
    raters: f64,
    error: f64,
}

impl MeanSquares {
    fn of(ratings: &[impl AsRef<[f64]>], raters: usize) -> Self {
        let (n, k) = (ratings.len() as f64, raters as f64);
        let rows: Vec<f64> = ratings.iter().map(|row| row.as_ref().iter().sum::<f64>() / k).collect();
        let column = |j: usize| ratings.iter().map(|row| row.as_ref()[j]).sum::<f64>() / n;
        let columns: Vec<f64> = (0..raters).map(column).collect();
        let grand = rows.iter().sum::<f64>() / n;
        let squares = |means: &[f64]| means.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
        // The residuals themselves: a difference of sums of squares would leave nothing of a small error.
        let residual = |(row, mean): (&[f64], &f64)| -> f64 {
            row.iter().zip(&columns).map(|(x, column)| (x - mean - column + grand).powi(2)).sum()
        };
        let residuals: f64 = ratings.iter().map(AsRef::as_ref).zip(&rows).map(residual).sum();
        Self {
            n,
            k,
            subjects: k * squares(&rows) / (n - 1.0),
            raters: n * squares(&columns) / (k - 1.0),
            error: residuals / ((n - 1.0) * (k - 1.0)),
        }
    }

    fn icc(&self) -> Option<f64> {
        let &Self { n, k, subjects, raters, error } = self;
        let icc = (subjects - error) / (subjects + (k - 1.0) * error + k * (raters - error) / n);
        // Squares past all numbers in the denominator alone would make it 0.
        (icc.is_finite() && (subjects + raters + error).is_finite()).then_some(icc)
    }

    /// McGraw & Wong, Psychol Methods 1996;1:30, case 2, A,1.
    fn interval(&self, icc: f64, confidence: f64) -> Option<Interval> {
        let &Self { n, k, subjects, raters, error } = self;
        // Raters who all agree: whatever the quantiles, both limits tend to 1.
        if icc == 1.0 {
            return (confidence > 0.0 && confidence < 1.0).then_some(Interval { low: 1.0, high: 1.0 });
        }
        let a = k * icc / (n * (1.0 - icc));
        let b = 1.0 + k * icc * (n - 1.0) / (n * (1.0 - icc));
        let freedom = (a * raters + b * error).powi(2)
            / ((a * raters).powi(2) / (k - 1.0) + (b * error).powi(2) / ((n - 1.0) * (k - 1.0)));
        let p = 0.5 + 0.5 * confidence;
        let (below, above) = (f_quantile(p, n - 1.0, freedom)?, f_quantile(p, freedom, n - 1.0)?);
        let q = k * raters + (k * n - k - n) * error;
        let interval = Interval {
            low: n * (subjects - below * error) / (below * q + n * subjects),
            high: n * (above * subjects - error) / (q + n * above * subjects),
        };
        interval.is_finite().then_some(interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHROUT_FLEISS: [[f64; 4]; 6] = [
        [9.0, 2.0, 5.0, 8.0],
        [6.0, 1.0, 3.0, 2.0],
        [8.0, 4.0, 6.0, 8.0],
        [7.0, 1.0, 2.0, 6.0],
        [10.0, 5.0, 6.0, 9.0],
        [6.0, 2.0, 4.0, 7.0],
    ];

    #[test]
    fn icc_of_shrout_and_fleiss() {
        let icc = icc21(&SHROUT_FLEISS, 0.95).expect("varies");
        let interval = icc.interval.expect("six subjects");
        assert!((icc.value - 0.290).abs() < 0.0006, "{icc:?}");
        assert!((interval.low - 0.019).abs() < 0.0006 && (interval.high - 0.761).abs() < 0.0006, "{icc:?}");
        assert_eq!((icc.subjects, icc.raters, icc.band()), (6, 4, "poor"));
    }

    #[test]
    fn raters_who_agree() {
        let same = [[10.1, 10.1], [20.3, 20.3], [30.7, 30.7]];
        let icc = icc21(&same, 0.95).expect("varies");
        assert_eq!((icc.value, icc.interval), (1.0, Some(Interval { low: 1.0, high: 1.0 })));
        assert_eq!(icc.band(), "excellent");
    }

    #[test]
    fn what_is_undefined_is_none() {
        let none = |ratings: &[&[f64]]| assert_eq!(icc21(ratings, 0.95), None, "{ratings:?}");
        none(&[]);
        none(&[&[1.0, 2.0]]);
        none(&[&[1.0], &[2.0]]);
        none(&[&[1.0, 2.0], &[1.0]]);
        none(&[&[1.0, 2.0], &[1.0, f64::NAN]]);
        none(&[&[0.1, 0.1], &[0.1, 0.1], &[0.1, 0.1]]);
        assert_eq!(icc21(&SHROUT_FLEISS, 1.0).expect("varies").interval, None, "no certain interval");
    }
}
