//! Whether a confidence means what it says: of points given with 80 %, eight in ten should be right.
//!
//! Bins and expected calibration error: M. P. Naeini, G. F. Cooper, M. Hauskrecht, AAAI 2015; temperature: C. Guo,
//! G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.

use super::confusion::Proportion;
use super::summary::Interval;

/// Confidences are kept this far from certainty: one wrong point given as certain would cost without end.
const CERTAINTY: f64 = 1e-6;
/// Temperatures that are tried.
const TEMPERATURES: [f64; 2] = [0.02, 50.0];

/// Something that was said with a confidence of 0–1, and whether it was so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    pub confidence: f64,
    pub right: bool,
}

/// Claims of about the same confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// From `low` to below `high`; the last includes 1.
    pub low: f64,
    pub high: f64,
    /// Mean confidence; `None` without claims.
    pub confidence: Option<f64>,
    pub right: Proportion,
}

impl Bin {
    /// Wilson's 95 % interval of the share that was right; `None` without claims.
    pub fn interval(&self) -> Option<Interval> {
        self.right.wilson(0.95)
    }
}

/// Claims in bins of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    pub bins: Vec<Bin>,
}

impl Reliability {
    /// `None` without claims or bins, or with a confidence that is no probability.
    pub fn of(claims: &[Claim], bins: usize) -> Option<Self> {
        if claims.is_empty() || bins == 0 || !all_probabilities(claims) {
            return None;
        }
        let place = |claim: &Claim| ((claim.confidence * bins as f64) as usize).min(bins - 1);
        let bin = |index: usize| {
            let within: Vec<&Claim> = claims.iter().filter(|claim| place(claim) == index).collect();
            let of = within.len();
            let total: f64 = within.iter().map(|claim| claim.confidence).sum();
            Bin {
                low: index as f64 / bins as f64,
                high: (index + 1) as f64 / bins as f64,
                confidence: (of > 0).then(|| total / of as f64),
                right: Proportion { hits: within.iter().filter(|claim| claim.right).count(), of },
            }
        };
        Some(Self { bins: (0..bins).map(bin).collect() })
    }

    /// Expected calibration error: the mean gap between confidence and share right, bins weighted by their claims.
    pub fn expected_error(&self) -> f64 {
        let total: usize = self.bins.iter().map(|bin| bin.right.of).sum();
        self.gaps().map(|(gap, of)| gap * of as f64).sum::<f64>() / total as f64
    }

    /// The largest gap of a bin.
    pub fn largest_error(&self) -> f64 {
        self.gaps().map(|(gap, _)| gap).fold(0.0, f64::max)
    }

    fn gaps(&self) -> impl Iterator<Item = (f64, usize)> {
        self.bins.iter().filter_map(|bin| Some(((bin.confidence? - bin.right.value()?).abs(), bin.right.of)))
    }
}

/// Mean negative logarithm of the probability given to what came true; NaN of none.
pub fn log_loss(claims: &[Claim]) -> f64 {
    let cost = |claim: &Claim| {
        let p = claim.confidence.clamp(CERTAINTY, 1.0 - CERTAINTY);
        -if claim.right { p } else { 1.0 - p }.ln()
    };
    claims.iter().map(cost).sum::<f64>() / claims.len() as f64
}

/// Mean squared distance of confidence from what came true; NaN of none.
pub fn brier_score(claims: &[Claim]) -> f64 {
    let cost = |claim: &Claim| (claim.confidence - f64::from(u8::from(claim.right))).powi(2);
    claims.iter().map(cost).sum::<f64>() / claims.len() as f64
}

/// `confidence` with its log odds divided by `temperature`: above 1 nearer to even odds.
pub fn tempered(confidence: f64, temperature: f64) -> f64 {
    let p = confidence.clamp(CERTAINTY, 1.0 - CERTAINTY);
    1.0 / (1.0 + (-(p / (1.0 - p)).ln() / temperature).exp())
}

/// The temperature under which `claims` have the least [`log_loss`]; `None` without claims or with a confidence that is
/// no probability.
pub fn temperature(claims: &[Claim]) -> Option<f64> {
    if claims.is_empty() || !all_probabilities(claims) {
        return None;
    }
    let loss = |t: f64| {
        let at = |c: &Claim| Claim { confidence: tempered(c.confidence, t), ..*c };
        log_loss(&claims.iter().map(at).collect::<Vec<_>>())
    };
    Some(least(loss))
}

/// The temperature at which `loss` is least, searched on its logarithm by golden sections. A loss that is convex in
/// the inverse temperature, as every log-likelihood of this family is, has one minimum.
pub fn least(loss: impl Fn(f64) -> f64) -> f64 {
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let [mut low, mut high] = TEMPERATURES.map(f64::ln);
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (loss(left.exp()), loss(right.exp()));
    while high - low > 1e-4 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = loss(left.exp());
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = loss(right.exp());
        }
    }
    (0.5 * (low + high)).exp()
}

fn all_probabilities(claims: &[Claim]) -> bool {
    claims.iter().all(|claim| (0.0..=1.0).contains(&claim.confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(pairs: &[(f64, bool)]) -> Vec<Claim> {
        pairs.iter().map(|&(confidence, right)| Claim { confidence, right }).collect()
    }

    /// `right` of 100 claims of each confidence.
    fn hundreds(of: &[(f64, usize)]) -> Vec<Claim> {
        of.iter()
            .flat_map(|&(confidence, right)| (0..100).map(move |i| Claim { confidence, right: i < right }))
            .collect()
    }

    #[test]
    fn worked_numbers() {
        let claims = claims(&[(0.9, true), (0.8, false), (0.3, false), (0.2, false), (1.0, true)]);
        let reliability = Reliability::of(&claims, 2).unwrap();
        // Below .5: mean .25, none of two right. Above: mean .9, two of three right.
        let expected = (2.0 * 0.25 + 3.0 * (0.9 - 2.0 / 3.0)) / 5.0;
        assert!((reliability.expected_error() - expected).abs() < 1e-12);
        assert!((reliability.largest_error() - 0.25).abs() < 1e-12);
        assert_eq!(reliability.bins[1].right, Proportion { hits: 2, of: 3 });
        assert_eq!(reliability.bins[1].interval(), Proportion { hits: 2, of: 3 }.wilson(0.95));
        let brier = (0.01 + 0.64 + 0.09 + 0.04 + 0.0) / 5.0;
        assert!((brier_score(&claims) - brier).abs() < 1e-12);
        let log = -(0.9_f64.ln() + 0.2_f64.ln() + 0.7_f64.ln() + 0.8_f64.ln()) / 5.0;
        assert!((log_loss(&claims) - log).abs() < 1e-6);
    }

    #[test]
    fn what_is_calibrated_has_no_error_and_temperature_one() {
        let honest = hundreds(&[(0.1, 10), (0.5, 50), (0.7, 70), (0.9, 90)]);
        assert!(Reliability::of(&honest, 10).unwrap().expected_error() < 1e-12);
        assert!((temperature(&honest).unwrap() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_temperature_of_boasts_is_the_one_they_were_heated_by() {
        let honest = [(0.2, 20), (0.6, 60), (0.8, 80), (0.95, 95)];
        for heat in [0.4, 2.5] {
            // Log odds times `heat`: tempering by it takes them back.
            let boasts = honest.map(|(p, right)| (tempered(p, 1.0 / heat), right));
            let claims = hundreds(&boasts);
            let found = temperature(&claims).unwrap();
            assert!((found - heat).abs() < 2e-3 * heat, "{found} {heat}");
            let cooled: Vec<Claim> =
                claims.iter().map(|c| Claim { confidence: tempered(c.confidence, found), ..*c }).collect();
            let of = |claims: &[Claim]| Reliability::of(claims, 10).unwrap().expected_error();
            assert!(of(&cooled) < 2e-3 && of(&claims) > 0.05, "{} {}", of(&cooled), of(&claims));
            assert!(log_loss(&cooled) < log_loss(&claims));
        }
    }

    #[test]
    fn of_nothing_and_of_nonsense_there_is_none() {
        assert_eq!(Reliability::of(&[], 10), None);
        assert_eq!(Reliability::of(&claims(&[(0.5, true)]), 0), None);
        for wrong in [f64::NAN, 1.5, -0.1] {
            assert_eq!(Reliability::of(&claims(&[(wrong, true)]), 10), None);
            assert_eq!(temperature(&claims(&[(wrong, true)])), None);
        }
        // Always certain and always right, or always wrong: bounded, not endless.
        assert!(temperature(&claims(&[(1.0, true)])).unwrap().is_finite());
        assert!(log_loss(&claims(&[(1.0, false)])).is_finite());
        assert_eq!(Reliability::of(&claims(&[(1.0, true), (0.0, false)]), 5).unwrap().expected_error(), 0.0);
    }
}
