//! Separable linear resampling, which average pooling, nearest and bilinear up-sampling all are.
//!
//! Each output row is a weighted sum of a few input rows, and the same holds for columns. The gradient is the
//! resampling with both axes transposed.

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result, Shape, Tensor, WithDType};

use super::buffer::{chunks, values};

/// One axis of a resampling: for every output its inputs and their weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    inputs: usize,
    taps: Vec<Vec<(usize, f32)>>,
}

impl Axis {
    /// An axis of `inputs` samples; `taps` gives the `(input, weight)` pairs of every output.
    pub(super) fn new(inputs: usize, taps: Vec<Vec<(usize, f32)>>) -> Self {
        Self { inputs, taps }
    }

    fn outputs(&self) -> usize {
        self.taps.len()
    }

    fn transposed(&self) -> Self {
        let mut taps = vec![Vec::new(); self.inputs];
        for (output, pairs) in self.taps.iter().enumerate() {
            for &(input, weight) in pairs {
                taps[input].push((output, weight));
            }
        }
        Self { inputs: self.outputs(), taps }
    }

    fn matrix(&self, device: &Device) -> Result<Tensor> {
        let mut matrix = vec![0f32; self.inputs * self.outputs()];
        for (output, pairs) in self.taps.iter().enumerate() {
            for &(input, weight) in pairs {
                matrix[input * self.outputs() + output] += weight;
            }
        }
        Tensor::from_vec(matrix, (self.inputs, self.outputs()), device)
    }

    /// The taps of every output, with zeros up to `TAPS`; nothing if some output has more.
    fn padded<const TAPS: usize>(&self) -> Option<Vec<[(usize, f32); TAPS]>> {
        let pad = |pairs: &Vec<(usize, f32)>| {
            let fits = pairs.len() <= TAPS;
            fits.then(|| std::array::from_fn(|i| pairs.get(i).copied().unwrap_or((0, 0.0))))
        };
        self.taps.iter().map(pad).collect()
    }
}

/// `x` `[batch, channel, row, column]` resampled by `rows` and `columns`.
pub(super) fn resample(x: &Tensor, rows: Axis, columns: Axis) -> Result<Tensor> {
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        return x.contiguous()?.apply_op1(Resample { rows, columns });
    }
    let (batch, channels, height, width) = x.dims4()?;
    let matrix = |axis: &Axis| axis.matrix(x.device())?.to_dtype(x.dtype());
    x.reshape((batch * channels * height, width))?
        .matmul(&matrix(&columns)?)?
        .reshape((batch * channels, height, columns.outputs()))?
        .transpose(1, 2)?
        .contiguous()?
        .reshape((batch * channels * columns.outputs(), height))?
        .matmul(&matrix(&rows)?)?
        .reshape((batch, channels, columns.outputs(), rows.outputs()))?
        .transpose(2, 3)?
        .contiguous()
}

struct Resample {
    rows: Axis,
    columns: Axis,
}

impl Resample {
    /// Rows by whole-row sums, then columns by `across` from one row to another.
    fn run(&self, x: &[f32], count: usize, across: impl Fn(&[f32], &mut [f32]) + Sync) -> Vec<f32> {
        let (width, plane) = (self.columns.inputs, self.rows.inputs * self.columns.inputs);
        let outputs = self.rows.outputs() * self.columns.outputs();
        chunks(count * outputs, outputs, |index, out| {
            let image = &x[index * plane..][..plane];
            let mut line = vec![0.0; width];
            let length = self.columns.outputs();
            for (row, pairs) in self.rows.taps.iter().enumerate() {
                let (done, rest) = out.split_at_mut(row * length);
                // Nearest up-sampling repeats whole rows.
                if row > 0 && self.rows.taps[row - 1] == *pairs {
                    rest[..length].copy_from_slice(&done[(row - 1) * length..]);
                    continue;
                }
                line.fill(0.0);
                for &(row, weight) in pairs {
                    for (sum, value) in line.iter_mut().zip(&image[row * width..][..width]) {
                        *sum += weight * value;
                    }
                }
                across(&line, &mut rest[..length]);
            }
        })
    }
}

impl CustomOp1 for Resample {
    fn name(&self) -> &'static str {
        "resample"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let (batch, channels, _, _) = layout.shape().dims4()?;
        let count = batch * channels;
        // Copies, pairs and quadruples cover all that is used; the rest goes tap by tap.
        let y = if let Some(taps) = self.columns.padded::<1>() {
            self.run(x, count, |line, out| across(line, &taps, out))
        } else if let Some(taps) = self.columns.padded::<2>() {
            self.run(x, count, |line, out| across(line, &taps, out))
        } else if let Some(taps) = self.columns.padded::<4>() {
            self.run(x, count, |line, out| across(line, &taps, out))
        } else {
            self.run(x, count, |line, out| across(line, &self.columns.taps, out))
        };
        let shape = (batch, channels, self.rows.outputs(), self.columns.outputs());
        Ok((f32::to_cpu_storage_owned(y), Shape::from(shape)))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let transposed = Self { rows: self.rows.transposed(), columns: self.columns.transposed() };
        dy.contiguous()?.apply_op1_no_bwd(&transposed).map(Some)
    }
}

fn across<T: AsRef<[(usize, f32)]>>(line: &[f32], taps: &[T], out: &mut [f32]) {
    for (out, taps) in out.iter_mut().zip(taps) {
        *out = taps.as_ref().iter().map(|(column, weight)| line[*column] * weight).sum();
    }
}
