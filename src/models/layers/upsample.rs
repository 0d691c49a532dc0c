//! Nearest and bilinear resampling to a given size, with PyTorch's conventions.

use candle_core::{Result, Tensor, bail};

use super::resample::{Axis, resample};

/// `x` at `height` × `width` pixels, each a copy of input pixel `floor(output · in / out)`.
pub fn upsample_nearest2d(x: &Tensor, height: usize, width: usize) -> Result<Tensor> {
    let (_, _, rows, columns) = x.dims4()?;
    resample(x, nearest(rows, height)?, nearest(columns, width)?)
}

/// `x` at `height` × `width` pixels by linear interpolation. With `align_corners` the centres of the corner pixels
/// stay in place, without it the outer edges of the image do.
pub fn upsample_bilinear2d(x: &Tensor, height: usize, width: usize, align_corners: bool) -> Result<Tensor> {
    let (_, _, rows, columns) = x.dims4()?;
    resample(x, linear(rows, height, align_corners)?, linear(columns, width, align_corners)?)
}

fn nearest(inputs: usize, outputs: usize) -> Result<Axis> {
    check(inputs, outputs)?;
    Ok(Axis::new(inputs, (0..outputs).map(|output| vec![(output * inputs / outputs, 1.0)]).collect()))
}

fn linear(inputs: usize, outputs: usize, align_corners: bool) -> Result<Axis> {
    check(inputs, outputs)?;
    let last = inputs - 1;
    let source = |output: usize| match align_corners {
        true if outputs == 1 => 0.0,
        true => output as f64 * last as f64 / (outputs - 1) as f64,
        false => ((output as f64 + 0.5) * inputs as f64 / outputs as f64 - 0.5).max(0.0),
    };
    let taps = (0..outputs)
        .map(|output| {
            let position = source(output).min(last as f64);
            let low = position.floor() as usize;
            let high = (low + 1).min(last);
            let weight = (position - low as f64) as f32;
            vec![(low, 1.0 - weight), (high, weight)]
        })
        .collect();
    Ok(Axis::new(inputs, taps))
}

fn check(inputs: usize, outputs: usize) -> Result<()> {
    if inputs == 0 || outputs == 0 {
        bail!("cannot resample {inputs} pixels to {outputs}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::super::check::{difference, gradients, random};
    use super::*;

    const SIZES: [([usize; 4], usize, usize); 5] = [
        ([2, 3, 4, 5], 8, 10),
        ([2, 1, 3, 7], 5, 21),
        ([1, 2, 6, 5], 4, 3),
        ([1, 2, 1, 4], 3, 1),
        ([1, 1, 5, 5], 5, 5),
    ];

    #[test]
    fn gradients_match_finite_differences() {
        for (shape, height, width) in SIZES {
            let x = [random(&shape, 1)];
            gradients(&x, 0.5, 1e-4, |t| upsample_nearest2d(&t[0], height, width));
            gradients(&x, 0.5, 1e-4, |t| upsample_bilinear2d(&t[0], height, width, false));
            gradients(&x, 0.5, 1e-4, |t| upsample_bilinear2d(&t[0], height, width, true));
        }
    }

    #[test]
    fn equals_candle() {
        for (shape, height, width) in SIZES {
            let x = random(&shape, 1);
            let ours = upsample_nearest2d(&x, height, width).unwrap();
            assert!(difference(&ours, &x.upsample_nearest2d(height, width).unwrap()) == 0.0);
            for align_corners in [false, true] {
                let ours = upsample_bilinear2d(&x, height, width, align_corners).unwrap();
                let theirs = x.upsample_bilinear2d(height, width, align_corners).unwrap();
                assert!(difference(&ours, &theirs) < 1e-5, "{shape:?} to {height} x {width}");
            }
        }
    }

    #[test]
    fn the_composition_for_other_devices_equals_the_operation() {
        for (shape, height, width) in SIZES {
            let x = random(&shape, 1);
            let ours = upsample_bilinear2d(&x, height, width, false).unwrap();
            let double = upsample_bilinear2d(&x.to_dtype(DType::F64).unwrap(), height, width, false).unwrap();
            assert!(difference(&ours, &double) < 1e-6);
        }
    }

    #[test]
    fn nothing_cannot_be_resampled() {
        let x = Tensor::zeros((1, 1, 0, 3), DType::F32, &Device::Cpu).unwrap();
        assert!(upsample_nearest2d(&x, 4, 4).is_err());
        assert!(upsample_bilinear2d(&random(&[1, 1, 2, 2], 1), 0, 4, false).is_err());
    }
}
