//! How the learning rate goes over a run.

use std::f64::consts::PI;

/// Linear warm-up over `warmup` steps, then half a cosine down to 1 % at `steps`. `step` counts from 0.
pub fn learning_rate(peak: f64, step: usize, warmup: usize, steps: usize) -> f64 {
    if step < warmup {
        return peak * (step + 1) as f64 / warmup as f64;
    }
    let done = (step - warmup) as f64 / steps.saturating_sub(warmup).max(1) as f64;
    peak * (0.01 + 0.99 * 0.5 * (1.0 + (PI * done.min(1.0)).cos()))
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
        let at = |step| learning_rate(1.0, step, 10, 110);
        assert!((at(0) - 0.1).abs() < 1e-12 && (at(9) - 1.0).abs() < 1e-12);
        assert!((at(10) - 1.0).abs() < 1e-12);
        assert!((at(60) - 0.505).abs() < 1e-9);
        assert!((at(110) - 0.01).abs() < 1e-12 && (at(500) - 0.01).abs() < 1e-12);
        assert_eq!(learning_rate(1.0, 0, 0, 0), 1.0);
    }

    #[test]
    fn the_average_starts_short() {
        assert!(ema_decay(0.99, 0) < 0.2);
        assert_eq!(ema_decay(0.99, 10_000), 0.99);
    }
}
