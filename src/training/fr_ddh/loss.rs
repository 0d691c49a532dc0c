//! Log losses of the classes and smooth L1 of the boxes, each over the boxes that count.

use candle_core::{Result, Tensor};
use candle_nn::ops::log_softmax;

/// Mean binary cross-entropy of `logits` `[n]` against the `targets` 0 and 1.
///
/// # Errors
/// Targets that are not as many.
pub fn binary_cross_entropy(logits: &Tensor, targets: &[f32]) -> Result<Tensor> {
    let targets = Tensor::new(targets, logits.device())?.to_dtype(logits.dtype())?;
    // log(1 + exp(x)) without overflow.
    let soft = (logits.relu()? + (logits.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
    (soft - (logits * targets)?)?.mean_all()
}

/// Mean −log p of the true class; `logits` are `[n, classes]`.
///
/// # Errors
/// Classes that are not as many, or beyond the last.
pub fn cross_entropy(logits: &Tensor, classes: &[u32]) -> Result<Tensor> {
    let classes = Tensor::new(classes, logits.device())?.unsqueeze(1)?;
    log_softmax(logits, 1)?.gather(&classes, 1)?.neg()?.mean_all()
}

/// The sum of smooth L1 between `codes` `[n, 4]` and `targets`: a parabola up to `beta`, a line beyond it.
///
/// # Errors
/// Targets that are not as many.
pub fn smooth_l1(codes: &Tensor, targets: &[[f32; 4]], beta: f64) -> Result<Tensor> {
    if targets.is_empty() {
        return Tensor::zeros((), codes.dtype(), codes.device());
    }
    let targets = Tensor::from_slice(targets.as_flattened(), (targets.len(), 4), codes.device())?;
    let distance = (codes - targets.to_dtype(codes.dtype())?)?.abs()?;
    let parabola = (distance.sqr()? * (0.5 / beta))?;
    let line = (&distance - 0.5 * beta)?;
    distance.lt(beta)?.where_cond(&parabola, &line)?.sum_all()
}

/// Rows `indices` of `x` `[rows, …]`.
///
/// # Errors
/// An index beyond the last row.
pub fn rows(x: &Tensor, indices: &[usize]) -> Result<Tensor> {
    let indices: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
    x.index_select(&Tensor::new(indices, x.device())?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};

    fn value(tensor: Tensor) -> f64 {
        tensor.to_dtype(DType::F64).unwrap().to_scalar().unwrap()
    }

    #[test]
    fn losses_by_hand() {
        let logits = Tensor::new(&[0f64, 100.0, -100.0], &Device::Cpu).unwrap();
        let found = value(binary_cross_entropy(&logits, &[1.0, 1.0, 1.0]).unwrap());
        assert!((found - (2f64.ln() + 100.0) / 3.0).abs() < 1e-9, "{found}");
        let logits = Tensor::new(&[[0f64, 0.0, 0.0], [1.0, 2.0, 3.0]], &Device::Cpu).unwrap();
        let found = value(cross_entropy(&logits, &[1, 2]).unwrap());
        let second = (1.0 + (-1f64).exp() + (-2f64).exp()).ln();
        assert!((found - 0.5 * (3f64.ln() + second)).abs() < 1e-9, "{found}");
        let codes = Tensor::new(&[[0.5f64, -2.0, 0.0, 1.0]], &Device::Cpu).unwrap();
        let found = value(smooth_l1(&codes, &[[0.0, 0.0, 0.0, 1.0]], 1.0).unwrap());
        assert!((found - (0.125 + 1.5)).abs() < 1e-9, "{found}");
        assert_eq!(value(smooth_l1(&codes, &[], 1.0).unwrap()), 0.0);
    }
}
