//! Convolutions and their transposes: many tiles, each by one thread.

use std::cell::RefCell;
use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::axis::AxisPhase;
use super::epilogue::Epilogue;
use super::kernels::{BLOCK, Correlate, OVERRUN};
use super::tile::Tile;
use crate::models::layers::buffer::{Output, filled};

/// Values of a tile: half of a small second-level cache.
pub(super) const TILE_VALUES: usize = 64 * 1024;

/// Values of the sums that wait for further channels: the other half.
const SUMS_VALUES: usize = 64 * 1024;

/// Pixels for which a tile is worth its set-up, and those at which it is cut where channels come in parts.
const WORTH: [usize; 2] = [128, 192];

/// How to find the weight of an output channel, an input channel and a tap.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeightStrides {
    pub group: usize,
    pub output: usize,
    pub input: usize,
    pub row: usize,
}

/// A sum over taps and channels for every output pixel. Channels are those of one group.
#[derive(Debug)]
pub(super) struct Correlation {
    pub batch: usize,
    pub groups: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub input: [usize; 2],
    pub output: [usize; 2],
    pub rows: Vec<AxisPhase>,
    pub columns: Vec<AxisPhase>,
    pub weights: WeightStrides,
}

/// Weights of every group and phase, as `[block, channel, tap][BLOCK]`; missing channels are zero. Those of a
/// forward convolution do not depend on the size of the image.
#[derive(Debug)]
pub(in crate::models::layers) struct PackedWeights(pub(super) Vec<Vec<[f32; BLOCK]>>);

/// What one thread does at a time.
struct Task<'a> {
    tile: Tile<'a>,
    image: usize,
    group: usize,
    /// Packed weights of all blocks of the group.
    weights: &'a [[f32; BLOCK]],
    blocks: Range<usize>,
}

#[derive(Default)]
struct Scratch {
    tile: Vec<f32>,
    offsets: Vec<usize>,
    sums: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Correlation {
    /// `[batch, group · outputs, rows, columns]`.
    pub(super) fn run(&self, x: &[f32], weights: &PackedWeights, epilogue: &Epilogue) -> Vec<f32> {
        let tasks = self.tasks(&weights.0);
        let len = self.batch * self.groups * self.outputs * self.output[0] * self.output[1];
        // SAFETY: every pixel of every channel of every image belongs to one phase and one task.
        unsafe {
            filled(len, |out| {
                tasks
                    .par_iter()
                    .for_each(|task| SCRATCH.with_borrow_mut(|s| self.work(task, x, epilogue, out, s)));
            })
        }
    }

    fn phases(&self) -> impl Iterator<Item = (&AxisPhase, &AxisPhase)> {
        self.rows.iter().flat_map(|rows| self.columns.iter().map(move |columns| (rows, columns)))
    }

    /// `weights` in the order in which this correlation reads them.
    pub(super) fn pack(&self, weights: &[f32]) -> PackedWeights {
        let strides = self.weights;
        let pack = |(group, rows, columns): (usize, &AxisPhase, &AxisPhase)| {
            let taps: Vec<usize> = rows
                .taps
                .iter()
                .flat_map(|row| columns.taps.iter().map(move |column| row.index * strides.row + column.index))
                .collect();
            let depth = self.inputs * taps.len();
            let mut packed = vec![[0.0; BLOCK]; self.blocks() * depth];
            packed.par_chunks_mut(depth.max(1)).enumerate().for_each(|(block, packed)| {
                for lane in 0..BLOCK.min(self.outputs - block * BLOCK) {
                    let base = group * strides.group + (block * BLOCK + lane) * strides.output;
                    for (input, packed) in packed.chunks_exact_mut(taps.len()).enumerate() {
                        let weights = &weights[base + input * strides.input..];
                        for (packed, tap) in packed.iter_mut().zip(&taps) {
                            packed[lane] = weights[*tap];
                        }
                    }
                }
            });
            packed
        };
        let groups = 0..self.groups;
        let parts = groups.flat_map(|g| self.phases().map(move |(rows, columns)| (g, rows, columns)));
        PackedWeights(parts.map(pack).collect())
    }

    fn blocks(&self) -> usize {
        self.outputs.div_ceil(BLOCK)
    }

    fn tasks<'a>(&'a self, packed: &'a [Vec<[f32; BLOCK]>]) -> Vec<Task<'a>> {
        let wanted = 2 * rayon::current_num_threads();
        let mut tasks = Vec::new();
        let parts = (0..self.groups).flat_map(|group| self.phases().map(move |phase| (group, phase)));
        for ((group, (rows, columns)), weights) in parts.zip(packed) {
            let height = self.tile_height(rows, columns, wanted);
            let tiles = rows.count.div_ceil(height) * self.batch;
            let pixels = height * (columns.count + columns.halo);
            let run = self.blocks().div_ceil(wanted.div_ceil(tiles.max(1)));
            let run = run.min(SUMS_VALUES / (BLOCK * pixels)).max(1);
            for image in 0..self.batch {
                for first in (0..rows.count).step_by(height) {
                    let tile = Tile { rows, columns, first, height: height.min(rows.count - first) };
                    for start in (0..self.blocks()).step_by(run) {
                        let blocks = start..(start + run).min(self.blocks());
                        tasks.push(Task { tile, image, group, weights, blocks });
                    }
                }
            }
        }
        tasks
    }

    /// Rows of a tile: as many as fit the cache with all channels, if that is worth their set-up. Otherwise
    /// channels come in parts, and rows are as many as fit the cache with the sums of all output channels.
    fn tile_height(&self, rows: &AxisPhase, columns: &AxisPhase, wanted: usize) -> usize {
        let pitch = columns.count + columns.halo;
        let whole = tile_height(self.inputs, rows, columns, self.batch, wanted);
        if whole * pitch >= WORTH[0].min(rows.count * pitch) && whole >= rows.halo.min(rows.count) {
            return whole;
        }
        let fitting = SUMS_VALUES / (pitch * self.blocks() * BLOCK).max(1);
        let worth = WORTH[1] / pitch.max(1);
        let shared = (rows.count * self.batch).div_ceil(wanted);
        let height = fitting.min(shared).max(worth).clamp(1, rows.count.max(1));
        rows.count.div_ceil(rows.count.div_ceil(height)).max(1)
    }

    fn work(&self, task: &Task, x: &[f32], epilogue: &Epilogue, out: &Output, scratch: &mut Scratch) {
        let Task { tile, image, group, .. } = task;
        let plane = self.input[0] * self.input[1];
        let first = (image * self.groups + group) * self.inputs * plane;
        let image_values = &x[first..][..self.inputs * plane];
        let parts = self.inputs.div_ceil((TILE_VALUES / tile.channel().max(1)).max(1)).max(1);
        let together = self.inputs.div_ceil(parts);
        scratch.tile.resize(tile.values(together), 0.0);
        tile.offsets(together, &mut scratch.offsets);
        let taps = tile.rows.taps.len() * tile.columns.taps.len();
        let row = tile.len().next_multiple_of(OVERRUN);
        // Sums wait for the next part of the channels; where there is one part alone they need not.
        let waiting = if parts == 1 { 1 } else { task.blocks.len() };
        scratch.sums.resize(waiting * BLOCK * row, 0.0);
        for part in 0..parts {
            let channels = part * together..((part + 1) * together).min(self.inputs);
            tile.gather(
                &image_values[channels.start * plane..channels.end * plane],
                self.input,
                &mut scratch.tile,
            );
            for (number, block) in task.blocks.clone().enumerate() {
                let weights = &task.weights[block * self.inputs * taps..];
                let sums = &mut scratch.sums[number % waiting * BLOCK * row..][..BLOCK * row];
                Arch::new().dispatch(Correlate {
                    tile: &scratch.tile,
                    offsets: &scratch.offsets[..channels.len() * taps],
                    weights: &weights[channels.start * taps..channels.end * taps],
                    fresh: part == 0,
                    len: tile.len(),
                    row,
                    out: sums,
                });
                if part + 1 == parts {
                    let outputs = block * BLOCK..((block + 1) * BLOCK).min(self.outputs);
                    for (output, sums) in outputs.zip(sums.chunks_exact(row)) {
                        self.store(tile, *image, group * self.outputs + output, sums, epilogue, out);
                    }
                }
            }
        }
    }

    /// Writes the pixels of one tile into a channel of the output.
    fn store(
        &self,
        tile: &Tile,
        image: usize,
        channel: usize,
        sums: &[f32],
        epilogue: &Epilogue,
        out: &Output,
    ) {
        let [height, width] = self.output;
        let plane = image * self.groups * self.outputs + channel;
        for (row, sums) in sums.chunks_exact(tile.pitch()).take(tile.height).enumerate() {
            let row = tile.rows.first + tile.rows.step * (tile.first + row);
            let first = (plane * height + row) * width + tile.columns.first;
            let sums = &sums[..tile.columns.count];
            // SAFETY: these pixels of this plane are written by this task alone.
            unsafe { epilogue.write(channel, sums, first, tile.columns.step, out) };
        }
    }
}

/// Rows of a tile: as many as fit the cache, but few enough that every thread has some.
pub(super) fn tile_height(
    channels: usize,
    rows: &AxisPhase,
    columns: &AxisPhase,
    batch: usize,
    wanted: usize,
) -> usize {
    let pitch = columns.count + columns.halo;
    let row = channels * rows.residues * columns.residues * pitch;
    let fitting = (TILE_VALUES / row.max(1)).saturating_sub(rows.halo).max(1);
    let tiles = rows.count.div_ceil(fitting).max(wanted.div_ceil(batch.max(1)).min(rows.count));
    // Rows are spread evenly, and a tile is worth its set-up only with a few hundred pixels.
    rows.count.div_ceil(tiles.max(1)).max(256usize.div_ceil(pitch.max(1)).min(fitting)).max(1)
}
