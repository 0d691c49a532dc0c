//! Dice and cross-entropy at every resolution: `DC_and_CE_loss` under `DeepSupervisionWrapper` of nnU-Net.

use candle_core::{Result, Tensor};

/// Keeps Dice of nothing against nothing finite.
const SMOOTH: f64 = 1e-5;

/// Weights of the resolutions, the finest first: halved each time, nothing for the coarsest, 1 in all.
pub fn deep_weights(levels: usize) -> Vec<f64> {
    let mut weights: Vec<f64> = (0..levels).map(|level| 0.5_f64.powi(level as i32)).collect();
    if levels > 1 {
        weights[levels - 1] = 0.0;
    }
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// Soft Dice loss (−1 … 0) and cross-entropy, each weighted over the resolutions, as a tensor of two.
///
/// `logits` are `[batch, classes, rows, columns]` at each resolution and `labels` `[batch, rows, columns]` of `u32` for
/// them; pixels of `ignored` count for nothing. With `batch_dice` the batch is one image. Class 0 is the background,
/// which Dice leaves out.
///
/// # Errors
/// Shapes that do not fit.
pub fn supervised_loss(
    logits: &[Tensor],
    labels: &[Tensor],
    batch_dice: bool,
    ignored: Option<u32>,
) -> Result<Tensor> {
    let mut sum: Option<Tensor> = None;
    for ((logits, labels), weight) in logits.iter().zip(labels).zip(deep_weights(logits.len())) {
        if weight > 0.0 {
            let both = (dice_and_cross_entropy(logits, labels, batch_dice, ignored)? * weight)?;
            sum = Some(match sum {
                None => both,
                Some(sum) => (sum + both)?,
            });
        }
    }
    sum.ok_or_else(|| candle_core::Error::msg("no resolution has a weight"))
}

fn dice_and_cross_entropy(
    logits: &Tensor,
    labels: &Tensor,
    batch_dice: bool,
    ignored: Option<u32>,
) -> Result<Tensor> {
    let (_, classes, _, _) = logits.dims4()?;
    let labels = labels.unsqueeze(1)?;
    let numbers = Tensor::arange(0, classes as u32, logits.device())?.reshape((1, classes, 1, 1))?;
    // Of an ignored pixel no class is true.
    let truth = labels.broadcast_eq(&numbers)?.to_dtype(logits.dtype())?;
    let counted = match ignored {
        Some(ignored) => Some(labels.ne(ignored)?.to_dtype(logits.dtype())?),
        None => None,
    };
    let log_probability = candle_nn::ops::log_softmax(logits, 1)?;
    let pixels = truth.sum_all()?.maximum(1.0)?;
    let cross_entropy = (&log_probability * &truth)?.sum_all()?.neg()?.div(&pixels)?;

    let foreground = |t: &Tensor| t.narrow(1, 1, classes - 1);
    let mut probability = foreground(&log_probability.exp()?)?;
    if let Some(counted) = &counted {
        probability = probability.broadcast_mul(counted)?;
    }
    let truth = foreground(&truth)?;
    let total = |t: &Tensor| {
        let sums = t.sum((2, 3))?;
        if batch_dice { sums.sum_keepdim(0) } else { Ok(sums) }
    };
    let overlap = total(&(&probability * &truth)?)?;
    let sizes = (total(&truth)? + total(&probability)?)?;
    let dice = (((overlap * 2.0)? + SMOOTH)? / (sizes + SMOOTH)?)?.mean_all()?.neg()?;
    Tensor::stack(&[dice, cross_entropy], 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    #[test]
    fn weights_halve_and_end_in_nothing() {
        assert_eq!(deep_weights(3), [2.0 / 3.0, 1.0 / 3.0, 0.0]);
        assert_eq!(deep_weights(1), [1.0]);
    }

    #[test]
    fn a_perfect_answer_has_a_dice_of_one() {
        let labels = Tensor::new(&[[[0_u32, 1], [2, 1]]], &Device::Cpu).unwrap();
        let numbers = Tensor::arange(0_u32, 3, &Device::Cpu).unwrap().reshape((1, 3, 1, 1)).unwrap();
        let truth = labels.unsqueeze(1).unwrap().broadcast_eq(&numbers).unwrap();
        let logits = (truth.to_dtype(candle_core::DType::F32).unwrap() * 40.0).unwrap();
        let parts = supervised_loss(&[logits], &[labels], true, None).unwrap().to_vec1::<f32>().unwrap();
        assert!((parts[0] + 1.0).abs() < 1e-5 && parts[1].abs() < 1e-5, "{parts:?}");
    }

    #[test]
    fn ignored_pixels_have_no_gradient() {
        let labels = Tensor::new(&[[[0_u32, 1], [9, 1]]], &Device::Cpu).unwrap();
        let wave: Vec<f32> = (0..8).map(|i| (i as f32).sin()).collect();
        let logits = Var::from_tensor(&Tensor::from_vec(wave, (1, 2, 2, 2), &Device::Cpu).unwrap()).unwrap();
        let parts = supervised_loss(&[logits.as_tensor().clone()], &[labels], true, Some(9)).unwrap();
        let gradient = parts.sum_all().unwrap().backward().unwrap();
        let gradient = gradient.get(&logits).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (index, slope) in gradient.iter().enumerate() {
            assert_eq!(*slope == 0.0, index % 4 == 2, "{gradient:?}");
        }
    }
}
