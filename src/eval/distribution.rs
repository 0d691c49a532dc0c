//! The quantiles and tails that the intervals need, on statrs' incomplete beta. Its own inverses lose digits (1e-6 of
//! t at 10⁵ degrees of freedom, all of F below one degree), so the quantiles are solved here, from the tail that keeps
//! its digits: as scipy's to 1e-9 between 0.3 and [`MOST_FREEDOM`] degrees (`tests/eval_oracle.rs`).

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::ln_gamma;

/// Beyond these degrees of freedom statrs' continued fraction ends before it has converged, so there is no answer.
pub const MOST_FREEDOM: f64 = 1e5;

/// The logarithm of F is sought up to here, where ratios of degrees of freedom still leave it a number.
const LARGEST: f64 = 650.0;

/// Quantile of the standard normal distribution; `None` unless 0 < `p` < 1.
pub fn normal_quantile(p: f64) -> Option<f64> {
    (p > 0.0 && p < 1.0).then(|| Normal::standard().inverse_cdf(p))
}

/// Quantile of Student's t with `freedom` degrees of freedom; `None` unless 0 < `p` < 1 and `freedom` is at least 10⁻⁹
/// and no more than [`MOST_FREEDOM`].
pub fn t_quantile(p: f64, freedom: f64) -> Option<f64> {
    if p == 0.5 {
        return standing(freedom).then_some(0.0);
    }
    // t² is F with one and `freedom` degrees.
    let outside = 2.0 * p.min(1.0 - p);
    let size = f_between(1.0 - outside, outside, 1.0, freedom)?.sqrt();
    Some(if p < 0.5 { -size } else { size })
}

/// Two-sided p-value of `t`: the chance of one at least as far from zero. `None` for NaN and for freedom as in
/// [`t_quantile`].
pub fn t_two_sided(t: f64, freedom: f64) -> Option<f64> {
    Some(f_tails(t * t, 1.0, freedom)?.1)
}

/// Quantile of Fisher's F with `above` and `below` degrees of freedom, whole or not; `None` unless 0 < `p` < 1, both
/// are as in [`t_quantile`], and the quantile lies between e⁻⁶⁴⁹ and e⁶⁴⁹.
pub fn f_quantile(p: f64, above: f64, below: f64) -> Option<f64> {
    f_between(p, 1.0 - p, above, below)
}

/// Quantile of F with `p` below and `q` above it: near 1 either says what the other has lost.
fn f_between(p: f64, q: f64, above: f64, below: f64) -> Option<f64> {
    if !(p > 0.0 && q > 0.0 && standing(above) && standing(below)) {
        return None;
    }
    let ln_beta = ln_gamma(0.5 * above) + ln_gamma(0.5 * below) - ln_gamma(0.5 * (above + below));
    // Newton on the logarithm of F, kept inside the bracket by halving it.
    let (mut low, mut high, mut at) = (-LARGEST, LARGEST, 0.0_f64);
    for _ in 0..500 {
        let f = at.exp();
        let (lower, upper) = f_tails(f, above, below)?;
        let beyond = if lower <= upper { lower - p } else { q - upper };
        if beyond < 0.0 {
            low = at;
        } else {
            high = at;
        }
        let (x, y) = shares(f, above, below);
        let slope = (0.5 * above * x.ln() + 0.5 * below * y.ln() - ln_beta).exp();
        let newton = at - beyond / slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - at).abs() <= 1e-15 * at.abs().max(1.0) {
            return (next.abs() < LARGEST - 1.0).then(|| next.exp());
        }
        at = next;
    }
    None
}

/// P(F ≤ f) and P(F > f), the smaller of which keeps its digits.
fn f_tails(f: f64, above: f64, below: f64) -> Option<(f64, f64)> {
    if !(f >= 0.0 && standing(above) && standing(below)) {
        return None;
    }
    let (x, y) = shares(f, above, below);
    let (a, b) = (0.5 * above, 0.5 * below);
    // Below this the continued fraction gives the lower tail itself, above it the upper one; the other is 1 − it.
    let (lower, upper) = if x < (a + 1.0) / (a + b + 2.0) {
        let lower = checked_beta_reg(a, b, x).ok()?;
        (lower, 1.0 - lower)
    } else {
        let upper = checked_beta_reg(b, a, y).ok()?;
        (1.0 - upper, upper)
    };
    (lower.is_finite() && upper.is_finite()).then_some((lower, upper))
}

fn standing(freedom: f64) -> bool {
    (1e-9..=MOST_FREEDOM).contains(&freedom)
}

/// The arguments of the two incomplete betas, which add to 1, each without cancellation.
fn shares(f: f64, above: f64, below: f64) -> (f64, f64) {
    let ratio = above * f / below;
    (1.0 / (1.0 + 1.0 / ratio), 1.0 / (1.0 + ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_the_tables() {
        let near = |value: Option<f64>, table: f64| (value.expect("defined") - table).abs() < 5e-4;
        assert!(near(normal_quantile(0.975), 1.96));
        assert!(near(t_quantile(0.975, 5.0), 2.5706) && near(t_quantile(0.025, 5.0), -2.5706));
        assert_eq!(t_quantile(0.5, 5.0), Some(0.0));
        assert!(near(f_quantile(0.95, 3.0, 10.0), 3.7083));
        assert!(near(t_two_sided(2.5706, 5.0), 0.05) && near(t_two_sided(-2.5706, 5.0), 0.05));
        assert_eq!(t_two_sided(f64::INFINITY, 5.0), Some(0.0));
        assert_eq!(t_two_sided(0.0, 5.0), Some(1.0));
    }

    /// Against scipy: 1 − the other tail would be 0.
    #[test]
    fn small_tails_keep_their_digits() {
        for (t, freedom, p) in [(10.0, 1000.0, 1.6670702958600137e-22), (30.0, 1e5, 7.378536872222761e-197)] {
            let found = t_two_sided(t, freedom).expect("within the domain");
            assert!((found / p - 1.0).abs() < 1e-9, "{found}");
        }
        let all_but = t_two_sided(1e-6, 1e5).expect("within the domain");
        assert!((1.0 - all_but - 7.97882566e-7).abs() < 1e-14, "{all_but}");
    }

    #[test]
    fn outside_their_domain_there_is_no_answer() {
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
            assert_eq!((normal_quantile(p), t_quantile(p, 5.0), f_quantile(p, 3.0, 5.0)), (None, None, None));
        }
        for freedom in [0.0, -1.0, 2e5, f64::INFINITY, f64::NAN] {
            assert_eq!((t_quantile(0.5, freedom), t_quantile(0.9, freedom)), (None, None));
            assert_eq!((f_quantile(0.9, freedom, 2.0), f_quantile(0.9, 2.0, freedom)), (None, None));
            assert_eq!(t_two_sided(1.0, freedom), None);
        }
        assert_eq!(t_two_sided(f64::NAN, 5.0), None);
        assert_eq!(f_quantile(0.975, 5.0, 1e-9), None, "beyond the largest number");
    }
}
