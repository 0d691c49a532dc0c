//! How the learning rate goes over a run.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How the learning rate falls after the warm-up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// Half a cosine down to 1 % at the last step.
    #[default]
    Cosine,
    Constant,
    /// Times `factor` every `every` steps.
    Steps {
        every: usize,
        factor: f64,
    },
    /// Times `factor` every step.
    Exponential {
        factor: f64,
    },
    /// (1 − done)^power down to nothing at the last step, as nnU-Net has it.
    Polynomial {
        power: f64,
    },
}

impl Schedule {
    /// The rate of `step`, counted from 0: up to `peak` in a straight line over `warmup` steps, then down until `steps`.
    pub fn rate(&self, peak: f64, step: usize, warmup: usize, steps: usize) -> f64 {
        if step < warmup {
            return peak * (step + 1) as f64 / warmup as f64;
        }
        let since = step - warmup;
        let done = (since as f64 / steps.saturating_sub(warmup).max(1) as f64).min(1.0);
        peak * match self {
            Self::Cosine => 0.01 + 0.99 * 0.5 * (1.0 + (PI * done).cos()),
            Self::Constant => 1.0,
            Self::Steps { every, factor } => factor.powf((since / (*every).max(1)) as f64),
            Self::Exponential { factor } => factor.powf(since as f64),
            Self::Polynomial { power } => (1.0 - done).powf(*power),
        }
    }
}

/// Decay of the weights' moving average: short at first, when the weights still run.
pub fn ema_decay(limit: f64, step: usize) -> f64 {
    limit.min((1.0 + step as f64) / (10.0 + step as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_then_falls() {
        let at = |step| Schedule::Cosine.rate(1.0, step, 10, 110);
        assert!((at(0) - 0.1).abs() < 1e-12 && (at(9) - 1.0).abs() < 1e-12);
        assert!((at(10) - 1.0).abs() < 1e-12);
        assert!((at(60) - 0.505).abs() < 1e-9);
        assert!((at(110) - 0.01).abs() < 1e-12 && (at(500) - 0.01).abs() < 1e-12);
        assert_eq!(Schedule::Cosine.rate(1.0, 0, 0, 0), 1.0);
    }

    #[test]
    fn the_others_fall_as_they_say() {
        let steps = Schedule::Steps { every: 80, factor: 0.1 };
        assert_eq!(steps.rate(1e-3, 79, 0, 110), 1e-3);
        assert!((steps.rate(1e-3, 80, 0, 110) - 1e-4).abs() < 1e-18);
        let exponential = Schedule::Exponential { factor: 0.99 };
        assert!((exponential.rate(1.0, 100, 0, 1000) - 0.99_f64.powi(100)).abs() < 1e-12);
        // nnU-Net: 0.01 (1 − epoch / epochs)^0.9.
        let polynomial = Schedule::Polynomial { power: 0.9 };
        assert!((polynomial.rate(0.01, 250, 0, 1000) - 0.01 * 0.75_f64.powf(0.9)).abs() < 1e-12);
        assert_eq!(polynomial.rate(0.01, 1000, 0, 1000), 0.0);
        assert_eq!(Schedule::Constant.rate(0.5, 70, 0, 100), 0.5);
    }

    #[test]
    fn the_average_starts_short() {
        assert!(ema_decay(0.99, 0) < 0.2);
        assert_eq!(ema_decay(0.99, 10_000), 0.99);
    }
}
