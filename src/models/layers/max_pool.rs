//! Max pooling over windows of any size and stride.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result, Shape, Tensor, WithDType, bail};
use pulp::Arch;
use rayon::prelude::*;

use super::buffer::{chunks, values, with_values};

/// The largest value of every `size` × `size` window, `stride` apart. The `padding` on each side never wins.
/// Rows and columns that fill no window are left out.
pub fn max_pool2d(x: &Tensor, size: usize, stride: usize, padding: usize) -> Result<Tensor> {
    let (_, _, height, width) = x.dims4()?;
    let windows = Windows { size, stride, padding };
    let output = [window_count(height, size, stride, padding)?, window_count(width, size, stride, padding)?];
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        if !x.track_op() {
            return x.contiguous()?.apply_op1_no_bwd(&Largest { windows, input: [height, width], output });
        }
        let operation = MaxPool { windows, input: [height, width], output, winners: OnceLock::new() };
        return x.contiguous()?.apply_op1(operation);
    }
    composed(x, windows, output)
}

/// Max pooling made of operations that every device has.
fn composed(x: &Tensor, windows: Windows, [rows, columns]: [usize; 2]) -> Result<Tensor> {
    let Windows { size, stride, padding } = windows;
    let (_, _, height, width) = x.dims4()?;
    // A border pixel of the window stands in for the padding: it cannot beat its own window.
    let index = |outputs: usize, tap: usize, length: usize| {
        let input =
            |output: usize| ((output * stride + tap) as i64 - padding as i64).clamp(0, length as i64 - 1);
        Tensor::new((0..outputs).map(input).collect::<Vec<i64>>(), x.device())
    };
    let mut best: Option<Tensor> = None;
    for row in 0..size {
        let lines = x.index_select(&index(rows, row, height)?, 2)?;
        for column in 0..size {
            let shifted = lines.index_select(&index(columns, column, width)?, 3)?;
            best = Some(match best {
                Some(best) => best.maximum(&shifted)?,
                None => shifted,
            });
        }
    }
    best.map_or_else(|| bail!("a pooling window of no pixels"), Ok)
}

#[derive(Debug, Clone, Copy)]
struct Windows {
    size: usize,
    stride: usize,
    padding: usize,
}

impl Windows {
    /// The inputs of window number `output`.
    fn range(self, output: usize, length: usize) -> std::ops::Range<usize> {
        let start = output * self.stride;
        start.saturating_sub(self.padding)..(start + self.size).saturating_sub(self.padding).min(length)
    }
}

struct MaxPool {
    windows: Windows,
    input: [usize; 2],
    output: [usize; 2],
    /// Of every output, the pixel of its plane that won; kept from the forward pass for the backward one.
    winners: OnceLock<Vec<u32>>,
}

impl MaxPool {
    fn winners(&self, x: &[f32]) -> Vec<u32> {
        let [height, width] = self.input;
        let mut winners = vec![0; x.len() / (height * width) * self.output[0] * self.output[1]];
        let planes =
            winners.par_chunks_mut(self.output[0] * self.output[1]).zip(x.par_chunks(height * width));
        planes.for_each(|(winners, plane)| {
            for (row, winners) in winners.chunks_mut(self.output[1]).enumerate() {
                let rows = self.windows.range(row, height);
                for (column, winner) in winners.iter_mut().enumerate() {
                    let columns = self.windows.range(column, width);
                    let mut best = rows.start * width + columns.start;
                    for row in rows.clone() {
                        for pixel in row * width + columns.start..row * width + columns.end {
                            if plane[pixel] > plane[best] || plane[pixel].is_nan() {
                                best = pixel;
                            }
                        }
                    }
                    *winner = best as u32;
                }
            }
        });
        winners
    }
}

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max-pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let (batch, channels, _, _) = layout.shape().dims4()?;
        let (plane, outputs) = (self.input[0] * self.input[1], self.output[0] * self.output[1]);
        let winners = self.winners.get_or_init(|| self.winners(x));
        let y = chunks(batch * channels * outputs, outputs, |index, out| {
            let image = &x[index * plane..][..plane];
            for (out, winner) in out.iter_mut().zip(&winners[index * outputs..]) {
                *out = image[*winner as usize];
            }
        });
        let shape = (batch, channels, self.output[0], self.output[1]);
        Ok((f32::to_cpu_storage_owned(y), Shape::from(shape)))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let Some(winners) = self.winners.get() else { bail!("max pooling has not run") };
        let (plane, outputs) = (self.input[0] * self.input[1], self.output[0] * self.output[1]);
        let dx = with_values(&dy.contiguous()?, |dy| {
            chunks(x.elem_count(), plane, |index, dx| {
                for (dy, winner) in dy[index * outputs..][..outputs].iter().zip(&winners[index * outputs..]) {
                    dx[*winner as usize] += dy;
                }
            })
        })?;
        Tensor::from_vec(dx, x.shape(), x.device()).map(Some)
    }
}

/// Max pooling without a gradient, where nobody asks which pixel won: rows first, then columns.
struct Largest {
    windows: Windows,
    input: [usize; 2],
    output: [usize; 2],
}

impl CustomOp1 for Largest {
    fn name(&self) -> &'static str {
        "max-pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let (batch, channels, _, _) = layout.shape().dims4()?;
        let ([height, width], [rows, columns]) = (self.input, self.output);
        let y = chunks(batch * channels * rows * columns, rows * columns, |index, out| {
            let plane = &x[index * height * width..][..height * width];
            // The padding on both sides, and what the last window reaches beyond, never win.
            let mut line = vec![f32::NEG_INFINITY; width + 2 * self.windows.padding + self.windows.stride];
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (row, out) in out.chunks_exact_mut(columns).enumerate() {
                        let inner = &mut line[self.windows.padding..][..width];
                        inner.fill(f32::NEG_INFINITY);
                        for row in self.windows.range(row, height) {
                            larger(inner, plane[row * width..][..width].iter());
                        }
                        out.fill(f32::NEG_INFINITY);
                        for tap in 0..self.windows.size {
                            match self.windows.stride {
                                1 => larger(out, line[tap..].iter()),
                                // The stride that matters, known to the compiler.
                                2 => larger(out, line[tap..].as_chunks::<2>().0.iter().map(|pair| &pair[0])),
                                stride => larger(out, line[tap..].iter().step_by(stride)),
                            }
                        }
                    }
                },
            );
        });
        Ok((f32::to_cpu_storage_owned(y), Shape::from((batch, channels, rows, columns))))
    }
}

/// Takes the values that are larger.
#[inline(always)]
fn larger<'a>(best: &mut [f32], values: impl Iterator<Item = &'a f32>) {
    for (best, value) in best.iter_mut().zip(values) {
        *best = if *best >= *value { *best } else { *value };
    }
}

/// How many windows of `size`, `stride` apart, fit into `length` pixels with `padding` on both sides.
pub(super) fn window_count(length: usize, size: usize, stride: usize, padding: usize) -> Result<usize> {
    if size == 0 || stride == 0 || padding * 2 > size {
        bail!("pooling by windows of {size}, {stride} apart, padding {padding} is not possible");
    }
    match (length + 2 * padding).checked_sub(size) {
        Some(rest) if length > 0 => Ok(rest / stride + 1),
        _ => bail!("pooling windows of {size} do not fit into {length} pixels"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{difference, gradients, random};
    use super::*;

    const CASES: [([usize; 4], usize, usize, usize); 5] = [
        ([2, 3, 8, 6], 2, 2, 0),
        ([2, 2, 7, 9], 2, 2, 0),
        ([1, 2, 7, 8], 3, 2, 1),
        ([2, 1, 6, 6], 3, 1, 1),
        ([1, 1, 9, 8], 2, 3, 1),
    ];

    #[test]
    fn gradients_match_finite_differences() {
        for (shape, size, stride, padding) in CASES {
            // Distinct values 0.05 apart, so that no step makes another pixel win.
            let count: usize = shape.iter().product();
            let order: Vec<f32> = (0..count).map(|i| (i * 37 % count) as f32 * 0.05).collect();
            let x = [Tensor::from_vec(order, &shape, &candle_core::Device::Cpu).unwrap()];
            gradients(&x, 0.01, 1e-2, |t| max_pool2d(&t[0], size, stride, padding));
        }
    }

    #[test]
    fn equals_candle_and_the_composition() {
        for (shape, size, stride, padding) in CASES {
            let x = random(&shape, 1);
            let ours = max_pool2d(&x, size, stride, padding).unwrap();
            let double = max_pool2d(&x.to_dtype(DType::F64).unwrap(), size, stride, padding).unwrap();
            assert!(difference(&ours, &double) < 1e-6);
            let tracked = candle_core::Var::from_tensor(&x).unwrap();
            let trained = max_pool2d(&tracked, size, stride, padding).unwrap();
            assert!(difference(&ours, &trained) == 0.0);
            if padding == 0 {
                let theirs = x.max_pool2d_with_stride(size, stride).unwrap();
                assert!(difference(&ours, &theirs) == 0.0);
            }
        }
    }

    #[test]
    fn negative_values_win_over_the_padding() {
        let x = random(&[1, 1, 4, 4], 1).affine(0.1, -5.0).unwrap();
        let smallest = max_pool2d(&x, 3, 2, 1).unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(smallest < -4.0);
    }
}
