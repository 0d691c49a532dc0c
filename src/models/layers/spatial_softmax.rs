//! Softmax over the pixels of each map: a heat map as a probability.

use candle_core::{D, Result, Tensor};

/// Softmax over rows and columns of `[batch, channel, row, column]`: each map sums to 1.
pub fn spatial_softmax(x: &Tensor) -> Result<Tensor> {
    candle_nn::ops::softmax(&x.flatten_from(2)?, D::Minus1)?.reshape(x.shape())
}

/// The logarithm of [`spatial_softmax`], without its underflow.
pub fn spatial_log_softmax(x: &Tensor) -> Result<Tensor> {
    candle_nn::ops::log_softmax(&x.flatten_from(2)?, D::Minus1)?.reshape(x.shape())
}

#[cfg(test)]
mod tests {
    use super::super::check::{difference, gradients, random};
    use super::*;

    #[test]
    fn gradients_match_finite_differences() {
        for shape in [[2, 3, 5, 4], [1, 2, 3, 7]] {
            gradients(&[random(&shape, 1)], 1e-2, 5e-3, |t| spatial_softmax(&t[0])? * 10.0);
            gradients(&[random(&shape, 1)], 1e-2, 5e-3, |t| spatial_log_softmax(&t[0]));
        }
    }

    #[test]
    fn maps_sum_to_one_and_agree_whatever_their_level() {
        let x = random(&[2, 3, 9, 11], 1).affine(20.0, 300.0).unwrap();
        let y = spatial_softmax(&x).unwrap();
        assert!(
            difference(&y.sum((2, 3)).unwrap(), &Tensor::ones((2, 3), y.dtype(), y.device()).unwrap()) < 1e-5
        );
        assert!(difference(&spatial_log_softmax(&x).unwrap().exp().unwrap(), &y) < 1e-4);
    }
}
