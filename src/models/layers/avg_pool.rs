//! Average pooling over windows of any size and stride.

use candle_core::{Result, Tensor};

use super::max_pool::window_count;
use super::resample::{Axis, resample};

/// The mean of every `size` × `size` window, `stride` apart, with `padding` zeros on each side that count in the
/// mean (PyTorch's default). Rows and columns that fill no window are left out.
pub fn avg_pool2d(x: &Tensor, size: usize, stride: usize, padding: usize) -> Result<Tensor> {
    let (_, _, height, width) = x.dims4()?;
    resample(x, windows(height, size, stride, padding)?, windows(width, size, stride, padding)?)
}

fn windows(length: usize, size: usize, stride: usize, padding: usize) -> Result<Axis> {
    let outputs = window_count(length, size, stride, padding)?;
    let weight = 1.0 / size as f32;
    let taps = (0..outputs)
        .map(|output| {
            (0..size)
                .filter_map(|tap| (output * stride + tap).checked_sub(padding))
                .filter(|input| *input < length)
                .map(|input| (input, weight))
                .collect()
        })
        .collect();
    Ok(Axis::new(length, taps))
}

#[cfg(test)]
mod tests {
    use super::super::check::{difference, gradients, random};
    use super::*;

    #[test]
    fn gradients_match_finite_differences() {
        for (shape, size, stride, padding) in [
            ([2, 3, 8, 6], 2, 2, 0),
            ([2, 2, 7, 9], 2, 2, 0),
            ([1, 2, 7, 8], 3, 2, 1),
            ([1, 1, 9, 9], 5, 1, 2),
        ] {
            gradients(&[random(&shape, 1)], 0.5, 1e-4, |t| avg_pool2d(&t[0], size, stride, padding));
        }
    }

    #[test]
    fn equals_candle_and_the_mean_of_windows() {
        for size in [2, 3, 6] {
            let x = random(&[2, 3, 13, 20], 1);
            let theirs = x.avg_pool2d(size).unwrap();
            assert!(difference(&avg_pool2d(&x, size, size, 0).unwrap(), &theirs) < 1e-6);
        }
        let x = Tensor::new(&[[[[1f32, 2.0, 3.0], [4.0, 5.0, 6.0]]]], &candle_core::Device::Cpu).unwrap();
        let expected = Tensor::new(&[[[[12f32 / 9.0, 16.0 / 9.0]]]], &candle_core::Device::Cpu).unwrap();
        assert!(difference(&avg_pool2d(&x, 3, 2, 1).unwrap(), &expected) < 1e-6);
    }

    #[test]
    fn windows_that_do_not_fit_are_errors() {
        let x = random(&[1, 1, 3, 3], 1);
        assert!(avg_pool2d(&x, 4, 1, 0).is_err());
        assert!(avg_pool2d(&x, 2, 0, 0).is_err());
        assert!(avg_pool2d(&x, 2, 1, 2).is_err());
    }
}
