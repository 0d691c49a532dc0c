//! A yes-or-no finding against the reference, with intervals that hold at 0 and 100 % and for few hips.

use super::distribution::normal_quantile;
use super::summary::Interval;

/// `hits` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    pub hits: usize,
    pub of: usize,
}

impl Proportion {
    /// The share, 0–1; `None` of none, or for more hits than there are.
    pub fn value(self) -> Option<f64> {
        (self.of > 0 && self.hits <= self.of).then(|| self.hits as f64 / self.of as f64)
    }

    /// Wilson's score interval at `confidence` (0.95), within 0–1; `None` where there is no share. It takes the hits
    /// for independent: of several hips a patient, [`super::bootstrap`] the patients.
    pub fn wilson(self, confidence: f64) -> Option<Interval> {
        let (p, n) = (self.value()?, self.of as f64);
        let z = normal_quantile(0.5 + 0.5 * confidence).filter(|z| *z > 0.0)?;
        let scale = 1.0 + z * z / n;
        let centre = (p + z * z / (2.0 * n)) / scale;
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / scale;
        // At 0 and at `n` hits the ends are 0 and 1; rounding alone would put them beside.
        let low = if self.hits == 0 { 0.0 } else { centre - half };
        let high = if self.hits == self.of { 1.0 } else { centre + half };
        Some(Interval { low, high })
    }
}

/// The two-by-two table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    pub true_positive: usize,
    pub false_positive: usize,
    pub true_negative: usize,
    pub false_negative: usize,
}

impl Confusion {
    /// Counts (reference, prediction).
    pub fn of(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut table = Self::default();
        for pair in pairs {
            *match pair {
                (true, true) => &mut table.true_positive,
                (false, true) => &mut table.false_positive,
                (false, false) => &mut table.true_negative,
                (true, false) => &mut table.false_negative,
            } += 1;
        }
        table
    }

    /// Of those with the finding, how many were found.
    pub fn sensitivity(&self) -> Proportion {
        part(self.true_positive, self.false_negative)
    }

    /// Of those without the finding, how many were left alone.
    pub fn specificity(&self) -> Proportion {
        part(self.true_negative, self.false_positive)
    }

    /// Positive predictive value: of those called, how many have it. Depends on how frequent the finding is here.
    pub fn ppv(&self) -> Proportion {
        part(self.true_positive, self.false_positive)
    }

    /// Negative predictive value: of those not called, how many are free of it.
    pub fn npv(&self) -> Proportion {
        part(self.true_negative, self.false_negative)
    }

    pub fn accuracy(&self) -> Proportion {
        part(
            self.true_positive.saturating_add(self.true_negative),
            self.false_positive.saturating_add(self.false_negative),
        )
    }
}

fn part(hits: usize, misses: usize) -> Proportion {
    Proportion { hits, of: hits.saturating_add(misses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S5's table 6/0/29/5.
    #[test]
    fn example_of_the_specification() {
        let table = Confusion { true_positive: 6, false_positive: 0, true_negative: 29, false_negative: 5 };
        for (name, proportion, percent) in [
            ("sensitivity", table.sensitivity(), [54.5, 28.0, 78.7]),
            ("specificity", table.specificity(), [100.0, 88.3, 100.0]),
            ("PPV", table.ppv(), [100.0, 61.0, 100.0]),
            ("NPV", table.npv(), [85.3, 69.9, 93.6]),
            ("accuracy", table.accuracy(), [87.5, 73.9, 94.5]),
        ] {
            let interval = proportion.wilson(0.95).expect("some");
            let found = [proportion.value().expect("some"), interval.low, interval.high].map(|p| 100.0 * p);
            assert!(found.iter().zip(percent).all(|(a, b)| (a - b).abs() <= 0.05), "{name} {found:?}");
        }
    }

    #[test]
    fn counts_reference_and_prediction() {
        let table =
            Confusion::of([(true, true), (true, false), (true, false), (false, true), (false, false)]);
        let expected = Confusion { true_positive: 1, false_positive: 1, true_negative: 1, false_negative: 2 };
        assert_eq!(table, expected);
        assert_eq!(
            (table.sensitivity(), table.npv()),
            (Proportion { hits: 1, of: 3 }, Proportion { hits: 1, of: 3 })
        );
    }

    #[test]
    fn the_ends_are_exact() {
        for of in [1, 3, 7, 29, 1000] {
            assert_eq!(Proportion { hits: 0, of }.wilson(0.95).expect("some").low, 0.0);
            assert_eq!(Proportion { hits: of, of }.wilson(0.95).expect("some").high, 1.0);
        }
    }

    #[test]
    fn none_of_none() {
        let nothing = Confusion::default().sensitivity();
        assert_eq!((nothing.value(), nothing.wilson(0.95)), (None, None));
        assert_eq!(Proportion { hits: 2, of: 1 }.value(), None);
        assert_eq!([0.0, 1.0, f64::NAN].map(|c| Proportion { hits: 1, of: 2 }.wilson(c)), [None; 3]);
    }
}
