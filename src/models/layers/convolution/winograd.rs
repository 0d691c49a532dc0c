//! Convolution by kernels of 3 × 3 at stride 1 with a quarter of the products: F(4 × 4, 3 × 3) of A. Lavin, S. Gray,
//! "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, after S. Winograd.
//!
//! Of the 6 × 6 pixels that a patch of 4 × 4 outputs reads 36 sums are made, and as many of each kernel
//! ([`super::filtering`]). Their products, summed over channels, are 36 matrix products by the innermost loop of the
//! direct convolution ([`super::kernels`]); 4 × 4 sums of those are the outputs.

use std::cell::RefCell;
use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::axis::AxisPhase;
use super::correlation::{Correlation, PackedWeights};
use super::epilogue::Epilogue;
use super::filtering::{POINTS, SIDE, TAPS, TransformInput, TransformSums, transform_kernels};
use super::kernels::{BLOCK, Correlate, OVERRUN};
use super::tile::Tile;
use crate::models::layers::buffer::{Output, filled};

/// Transformed inputs of a task, in values: what the caches hold beside weights and sums.
const INPUT_VALUES: usize = 512 * 1024;

/// The fewest patches of a task for which its weights are worth fetching, and the most that help.
const PATCHES: [usize; 2] = [48, 256];

/// Sums that wait for their transform, in values: half of a second-level cache.
const SUMS_VALUES: usize = 128 * 1024;

/// A convolution by 3 × 3 kernels at stride 1, of one group.
#[derive(Debug)]
pub(super) struct Winograd {
    /// The same as a direct sum.
    direct: Correlation,
    padding: usize,
    /// Whether kernels are turned by half a turn, as in the gradient to the input.
    turned: bool,
}

/// What one thread does at a time.
struct Task<'a> {
    /// Patches, whose inputs are those of a convolution of [`TAPS`] taps at stride [`SIDE`].
    tile: Tile<'a>,
    image: usize,
    blocks: Range<usize>,
}

impl Task<'_> {
    fn patches(&self) -> usize {
        self.tile.height * self.tile.columns.count
    }

    /// Patches with those that fill the last vector.
    fn row(&self) -> usize {
        self.patches().next_multiple_of(OVERRUN)
    }
}

#[derive(Default)]
struct Scratch {
    tile: Vec<f32>,
    offsets: Vec<usize>,
    /// Transformed inputs as `[point][channel][patch]`.
    inputs: Vec<f32>,
    /// Sums over channels as `[block][point][lane][patch]`.
    sums: Vec<f32>,
    places: Vec<f32>,
    lines: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Winograd {
    /// That of `direct`, where there is one and it pays: the transforms cost as much as the products of some tens of
    /// channels save, and of few patches the transformed weights take longer to fetch.
    pub(super) fn of(direct: Correlation, padding: usize, turned: bool) -> Option<Self> {
        let patches: usize = direct.output.iter().map(|length| length.div_ceil(SIDE)).product();
        let pays = direct.inputs.min(direct.outputs) >= 32 && direct.batch * patches >= 16;
        pays.then_some(Self { direct, padding, turned })
    }

    fn blocks(&self) -> usize {
        self.direct.outputs.div_ceil(BLOCK)
    }

    /// The transformed kernels as `[point, block, channel][BLOCK]`.
    pub(super) fn pack(&self, weights: &[f32]) -> PackedWeights {
        let Correlation { inputs, outputs, weights: strides, .. } = self.direct;
        let transformed = (0..self.blocks() * inputs).into_par_iter().map(|i| {
            let (block, input) = (i / inputs, i % inputs);
            let kernels = std::array::from_fn(|tap| {
                let tap = if self.turned { 8 - tap } else { tap };
                std::array::from_fn(|lane| {
                    let output = block * BLOCK + lane;
                    let at = output * strides.output + input * strides.input + tap;
                    if output < outputs { weights[at] } else { 0.0 }
                })
            });
            Arch::new().dispatch(
                #[inline(always)]
                || transform_kernels(&kernels),
            )
        });
        let transformed: Vec<[[f32; BLOCK]; POINTS]> = transformed.collect();
        let mut packed = vec![[0.0; BLOCK]; POINTS * transformed.len()];
        packed.par_chunks_mut(transformed.len().max(1)).enumerate().for_each(|(point, packed)| {
            packed.iter_mut().zip(&transformed).for_each(|(to, from)| *to = from[point]);
        });
        PackedWeights(vec![packed])
    }

    /// `[batch, outputs, rows, columns]`.
    pub(super) fn run(&self, x: &[f32], weights: &PackedWeights, epilogue: &Epilogue) -> Vec<f32> {
        let Correlation { batch, inputs, outputs, output, .. } = self.direct;
        let patches = (INPUT_VALUES / (POINTS * inputs)).clamp(PATCHES[0], PATCHES[1]);
        let [rows, columns] =
            output.map(|length| AxisPhase::forward(length.div_ceil(SIDE), TAPS, SIDE, self.padding, 1));
        let columns = columns.parts(patches);
        let tasks = self.tasks(&rows, &columns, patches);
        // SAFETY: every pixel of every channel of every image belongs to one task.
        unsafe {
            filled(batch * outputs * output[0] * output[1], |out| {
                tasks.par_iter().for_each(|task| {
                    SCRATCH.with_borrow_mut(|scratch| {
                        self.transform_inputs(task, x, scratch);
                        self.multiply(task, &weights.0[0], epilogue, out, scratch);
                    });
                });
            })
        }
    }

    /// Tasks of about `patches`.
    fn tasks<'a>(&self, rows: &'a AxisPhase, columns: &'a [AxisPhase], patches: usize) -> Vec<Task<'a>> {
        let wanted = 2 * rayon::current_num_threads();
        let mut tasks = Vec::new();
        for columns in columns {
            let fitting = (patches / columns.count).max(1);
            let height = rows.count.div_ceil(rows.count.div_ceil(fitting));
            let tiles = rows.count.div_ceil(height) * self.direct.batch;
            let run = self.blocks().div_ceil(wanted.div_ceil(tiles));
            for image in 0..self.direct.batch {
                for first in (0..rows.count).step_by(height) {
                    let tile = Tile { rows, columns, first, height: height.min(rows.count - first) };
                    for start in (0..self.blocks()).step_by(run) {
                        let blocks = start..(start + run).min(self.blocks());
                        tasks.push(Task { tile, image, blocks });
                    }
                }
            }
        }
        tasks
    }

    fn transform_inputs(&self, task: &Task, x: &[f32], scratch: &mut Scratch) {
        let Correlation { inputs, input, .. } = self.direct;
        let (tile, row) = (&task.tile, task.row());
        // Vectors at the end of a line run over into the next, which is written later; the last one into what is left
        // over here.
        let point = inputs * row + OVERRUN;
        scratch.inputs.resize(POINTS * point, 0.0);
        scratch.tile.resize(tile.values(1), 0.0);
        tile.offsets(1, &mut scratch.offsets);
        let offsets = std::array::from_fn(|tap| scratch.offsets[tap]);
        let plane = input[0] * input[1];
        for channel in 0..inputs {
            tile.gather(&x[(task.image * inputs + channel) * plane..][..plane], input, &mut scratch.tile);
            let out = &mut scratch.inputs[channel * row..];
            Arch::new().dispatch(TransformInput { tile, values: &scratch.tile, offsets, out, point });
        }
    }

    fn multiply(
        &self,
        task: &Task,
        weights: &[[f32; BLOCK]],
        epilogue: &Epilogue,
        out: &Output,
        scratch: &mut Scratch,
    ) {
        let inputs = self.direct.inputs;
        let (len, row) = (task.patches(), task.row());
        scratch.offsets.clear();
        scratch.offsets.extend((0..inputs).map(|channel| channel * row));
        let (point, block_len) = (BLOCK * row, POINTS * BLOCK * row);
        let together = (SUMS_VALUES / block_len).clamp(1, task.blocks.len());
        scratch.sums.resize(together * block_len + OVERRUN, 0.0);
        for first in task.blocks.clone().step_by(together) {
            let run = first..(first + together).min(task.blocks.end);
            for (at, tile) in scratch.inputs.chunks_exact(inputs * row + OVERRUN).enumerate() {
                for (block, sums) in run.clone().zip(scratch.sums.chunks_exact_mut(block_len)) {
                    let weights = &weights[(at * self.blocks() + block) * inputs..][..inputs];
                    let (offsets, out) = (&scratch.offsets[..], &mut sums[at * point..][..point]);
                    Arch::new().dispatch(Correlate { tile, offsets, weights, fresh: true, len, row, out });
                }
            }
            self.transform_sums(task, run, epilogue, out, scratch);
        }
    }

    /// Writes the pixels of some blocks of channels.
    fn transform_sums(
        &self,
        task: &Task,
        blocks: Range<usize>,
        epilogue: &Epilogue,
        out: &Output,
        scratch: &mut Scratch,
    ) {
        let Correlation { outputs, output: [height, image_width], .. } = self.direct;
        let (tile, row) = (&task.tile, task.row());
        let width = tile.columns.count.next_multiple_of(OVERRUN);
        scratch.places.resize(SIDE * SIDE * width, 0.0);
        scratch.lines.resize(SIDE * SIDE * width, 0.0);
        let left = SIDE * tile.columns.first;
        let pixels = (SIDE * tile.columns.count).min(image_width - left);
        for channel in blocks.start * BLOCK..(blocks.end * BLOCK).min(outputs) {
            let number = channel - blocks.start * BLOCK;
            let sums = &scratch.sums[(number / BLOCK * POINTS * BLOCK + number % BLOCK) * row..];
            for patch_row in 0..tile.height {
                Arch::new().dispatch(TransformSums {
                    sums: &sums[patch_row * tile.columns.count..],
                    point: BLOCK * row,
                    width,
                    places: &mut scratch.places,
                    lines: &mut scratch.lines,
                });
                let top = SIDE * (tile.first + patch_row);
                for (line, row) in scratch.lines.chunks_exact(SIDE * width).zip(top..height) {
                    let first = ((task.image * outputs + channel) * height + row) * image_width + left;
                    // SAFETY: these pixels of this plane are written by this task alone.
                    unsafe { epilogue.write(channel, &line[..pixels], first, 1, out) };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Tensor};

    use super::*;
    use crate::models::layers::Conv2dOptions;
    use crate::models::layers::check::{difference, random};
    use crate::models::layers::convolution::sizes::Sizes;

    #[test]
    fn equals_the_direct_sum_in_double_precision() {
        // Rows and columns of every remainder, several tiles, images and blocks, and patches in parts.
        for (x, outputs, padding) in [
            ([2, 33, 18, 21], 41, 1),
            ([1, 40, 23, 16], 32, 0),
            ([1, 32, 9, 1200], 34, 2),
            ([3, 32, 20, 19], 32, 1),
            ([1, 300, 21, 22], 50, 1),
        ] {
            let weight = [outputs, x[1], 3, 3];
            let options = Conv2dOptions { padding, ..Conv2dOptions::default() };
            let sizes = Sizes::of(&x, &weight, options).unwrap();
            for transposed in [false, true] {
                let winograd = sizes.winograd(transposed).unwrap();
                let Correlation { inputs, input: [rows, columns], .. } = winograd.direct;
                let x = random(&[x[0], inputs, rows, columns], 1);
                let kernels = random(&weight, 2);
                let [x64, kernels64] = [&x, &kernels].map(|t| t.to_dtype(DType::F64).unwrap());
                let exact = match transposed {
                    false => x64.conv2d(&kernels64, padding, 1, 1, 1).unwrap(),
                    true => x64.conv_transpose2d(&kernels64, padding, 0, 1, 1).unwrap(),
                };
                let [x, kernels] = [x, kernels].map(|t| t.flatten_all().unwrap().to_vec1::<f32>().unwrap());
                let y = winograd.run(&x, &winograd.pack(&kernels), &Epilogue::default());
                let y = Tensor::new(y, exact.device()).unwrap();
                let error = difference(&y, &exact.flatten_all().unwrap());
                assert!(error < 4e-6, "{weight:?}, transposed {transposed}: {error}");
            }
        }
    }
}
