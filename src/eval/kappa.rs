//! Cohen's kappa: agreement on grades beyond what chance gives (Cohen 1960; weighted 1968).

use std::collections::BTreeMap;

/// What a disagreement of two grades costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Any disagreement alike: for grades without order.
    Unweighted,
    /// By the steps between the grades.
    Linear,
    /// By the square of the steps; for two raters of like means close to the ICC.
    Quadratic,
}

impl Weights {
    fn cost(self, a: u32, b: u32) -> f64 {
        let steps = f64::from(a.abs_diff(b));
        match self {
            Self::Unweighted => f64::from(u8::from(a != b)),
            Self::Linear => steps,
            Self::Quadratic => steps * steps,
        }
    }
}

/// Kappa of grades by their number (IHDI 1–4). 1 all alike, 0 as by chance, negative below. `None` without pairs, and
/// where both raters give but one and the same grade: chance alone then explains all.
pub fn kappa(pairs: &[(u32, u32)], weights: Weights) -> Option<f64> {
    let n = pairs.len() as f64;
    let (mut first, mut second): (BTreeMap<u32, f64>, BTreeMap<u32, f64>) = Default::default();
    for (a, b) in pairs {
        *first.entry(*a).or_default() += 1.0;
        *second.entry(*b).or_default() += 1.0;
    }
    let observed: f64 = pairs.iter().map(|(a, b)| weights.cost(*a, *b)).sum();
    let by_chance: f64 = first
        .iter()
        .flat_map(|(a, na)| second.iter().map(move |(b, nb)| weights.cost(*a, *b) * na * nb))
        .sum();
    let kappa = 1.0 - observed * n / by_chance;
    kappa.is_finite().then_some(kappa)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Weights; 3] = [Weights::Unweighted, Weights::Linear, Weights::Quadratic];

    /// 20 yes–yes, 5 yes–no, 10 no–yes, 15 no–no: 0.7 observed, 0.5 by chance.
    #[test]
    fn two_grades_by_hand() {
        let table = [((1, 1), 20), ((1, 2), 5), ((2, 1), 10), ((2, 2), 15)];
        let pairs: Vec<_> = table.iter().flat_map(|(pair, n)| vec![*pair; *n]).collect();
        for weights in ALL {
            assert!(
                (kappa(&pairs, weights).expect("varies") - 0.4).abs() < 1e-12,
                "of two grades all are one"
            );
        }
    }

    #[test]
    fn weights_forgive_near_misses() {
        let near = [(1, 1), (2, 3), (3, 3), (4, 4)];
        let [nominal, linear, quadratic] = ALL.map(|weights| kappa(&near, weights).expect("varies"));
        assert!(nominal < linear && linear < quadratic, "{nominal} {linear} {quadratic}");
        assert_eq!(ALL.map(|weights| kappa(&[(1, 1), (4, 4)], weights)), [Some(1.0); 3]);
        assert_eq!(ALL.map(|weights| kappa(&[(1, 4), (4, 1)], weights)), [Some(-1.0); 3]);
    }

    #[test]
    fn one_grade_only_is_no_agreement() {
        assert_eq!(ALL.map(|weights| kappa(&[], weights)), [None; 3]);
        assert_eq!(ALL.map(|weights| kappa(&[(2, 2), (2, 2)], weights)), [None; 3]);
        assert_eq!(kappa(&[(1, 2), (1, 2)], Weights::Linear), Some(0.0), "all of it is as by chance");
    }
}
