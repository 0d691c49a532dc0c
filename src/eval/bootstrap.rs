//! Confidence intervals by redrawing **patients**, not hips: two hips and several films of one child resemble each
//! other, and an interval that takes them for strangers is too narrow.

use super::summary::{Interval, percentile};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    pub draws: usize,
    pub seed: u64,
    pub confidence: f64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { draws: 2000, seed: 0, confidence: 0.95 }
    }
}

/// A statistic with its percentile interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrapped {
    /// Of the data as they are.
    pub value: f64,
    pub interval: Interval,
    pub patients: usize,
    /// Draws in which the statistic was undefined (no diseased hip among the drawn); the interval is of the others.
    pub undefined: usize,
}

impl Bootstrap {
    /// Redraws patients with replacement, always as many as there are. `patients` names the patient of each row;
    /// `statistic` gets the rows of the drawn patients, repeated as drawn. `None` below two patients, without draws,
    /// and where the statistic of the data or of every draw is undefined. The same seed gives the same interval.
    pub fn interval<P: Ord>(
        &self,
        patients: &[P],
        statistic: impl Fn(&[usize]) -> Option<f64>,
    ) -> Option<Bootstrapped> {
        let count = rows_by_patient(patients).len();
        if count < 2 {
            return None;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let draws = (0..self.draws).map(|_| (0..count).map(|_| random.random_range(0..count)).collect());
        interval_of_draws(patients, statistic, draws, self.confidence)
    }
}

/// [`Bootstrap::interval`] of given draws: each names patients by their rank in the order of `P`; ranks beyond the
/// last name nobody.
pub fn interval_of_draws<P: Ord>(
    patients: &[P],
    statistic: impl Fn(&[usize]) -> Option<f64>,
    draws: impl IntoIterator<Item = Vec<usize>>,
    confidence: f64,
) -> Option<Bootstrapped> {
    let defined = |rows: &[usize]| statistic(rows).filter(|value| value.is_finite());
    let by_patient = rows_by_patient(patients);
    if by_patient.len() < 2 || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let value = defined(&(0..patients.len()).collect::<Vec<_>>())?;
    let (mut values, mut undefined) = (Vec::new(), 0);
    for draw in draws {
        let drawn = draw.iter().filter_map(|patient| by_patient.get(*patient)).flatten();
        match defined(&drawn.copied().collect::<Vec<_>>()) {
            Some(value) => values.push(value),
            None => undefined += 1,
        }
    }
    let end = |part: f64| percentile(&values, 100.0 * part);
    let interval = Interval { low: end(0.5 - 0.5 * confidence)?, high: end(0.5 + 0.5 * confidence)? };
    Some(Bootstrapped { value, interval, patients: by_patient.len(), undefined })
}

fn rows_by_patient<P: Ord>(patients: &[P]) -> Vec<Vec<usize>> {
    let mut rows: BTreeMap<&P, Vec<usize>> = BTreeMap::new();
    for (row, patient) in patients.iter().enumerate() {
        rows.entry(patient).or_default().push(row);
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::summary::mean;
    use super::*;

    fn mean_of<'a>(values: &'a [f64]) -> impl Fn(&[usize]) -> Option<f64> + 'a {
        |rows| mean(&rows.iter().map(|row| values[*row]).collect::<Vec<_>>())
    }

    #[test]
    fn patients_are_drawn_whole() {
        let (patients, values) = (["b", "a", "b", "c"], [1.0, 10.0, 3.0, 20.0]);
        let draws = [vec![1, 1, 1], vec![0, 2, 2]];
        let found = interval_of_draws(&patients, mean_of(&values), draws, 0.5).expect("three patients");
        assert_eq!((found.value, found.patients, found.undefined), (8.5, 3, 0));
        let (b, acc) = (2.0, 50.0 / 3.0);
        assert!((found.interval.low - (b + 0.25 * (acc - b))).abs() < 1e-12, "{found:?}");
        assert!((found.interval.high - (b + 0.75 * (acc - b))).abs() < 1e-12, "{found:?}");
    }

    /// Hips of one child that are alike tell no more than one of them: drawn as strangers, the interval would shrink.
    #[test]
    fn alike_hips_do_not_narrow_the_interval() {
        let values: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 20)).collect();
        let doubled: Vec<f64> = values.iter().flat_map(|v| [*v; 2]).collect();
        let width = |patients: Vec<usize>, values: &[f64]| {
            let found = Bootstrap::default().interval(&patients, mean_of(values)).expect("many patients");
            assert!((found.value - 9.5).abs() < 1e-12);
            found.interval.high - found.interval.low
        };
        let once = width((0..20).collect(), &values);
        let twice = width((0..40).map(|i| i / 2).collect(), &doubled);
        let strangers = width((0..40).collect(), &doubled);
        assert!((once - twice).abs() < 1e-12, "{once} {twice}");
        // Standard error 5.77 / √20, so a width near 3.92 of it; strangers come out narrower by √2.
        assert!((once - 5.05).abs() < 0.3, "{once}");
        assert!((once / strangers - 2.0_f64.sqrt()).abs() < 0.12, "{once} {strangers}");
    }

    #[test]
    fn the_seed_decides() {
        let values: Vec<f64> = (0..12).map(f64::from).collect();
        let patients: Vec<usize> = (0..12).collect();
        let of = |seed| Bootstrap { seed, ..Bootstrap::default() }.interval(&patients, mean_of(&values));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn draws_without_an_answer_are_counted() {
        let diseased = [true, false, false];
        let share = |rows: &[usize]| rows.iter().any(|row| diseased[*row]).then_some(rows.len() as f64);
        let draws = [vec![0, 0, 0], vec![1, 2, 1]];
        let found = interval_of_draws(&[1, 2, 3], share, draws, 0.95).expect("one draw");
        assert_eq!((found.undefined, found.interval), (1, Interval { low: 3.0, high: 3.0 }));
    }

    #[test]
    fn what_is_undefined_is_none() {
        let none = Bootstrap::default();
        assert_eq!(none.interval(&["a", "a"], |_| Some(1.0)), None, "one patient");
        assert_eq!(none.interval::<u8>(&[], |_| Some(1.0)), None);
        assert_eq!(none.interval(&[1, 2], |_| Some(f64::NAN)), None);
        assert_eq!(Bootstrap { draws: 0, ..none }.interval(&[1, 2], |_| Some(1.0)), None);
        assert_eq!(Bootstrap { confidence: 1.0, ..none }.interval(&[1, 2], |_| Some(1.0)), None);
    }
}
