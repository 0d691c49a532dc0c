//! The gradient of a convolution to its kernel: sums over all pixels of all images.

use std::cell::RefCell;
use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::axis::AxisPhase;
use super::correlation::tile_height;
use super::kernels::{CorrelateOver, OVERRUN, ROWS};
use super::tile::Tile;

/// Pixels of a tile for which [`ROWS`] rows of the output gradient fit the first-level cache.
const TILE_PIXELS: usize = 1536;

/// Scratch memory of the tiles that are worked at together, in values: half of a second-level cache.
const TILES_VALUES: usize = 128 * 1024;

/// Partial sums are made by this many tasks, whatever the number of threads: results do not depend on it.
const TASKS: usize = 16;

/// Values all partial sums may hold together.
const PARTIAL_VALUES: usize = 4 << 20;

/// A convolution whose kernel gradient is wanted. Channels are those of one group.
#[derive(Debug)]
pub(super) struct WeightCorrelation {
    pub batch: usize,
    pub groups: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub input: [usize; 2],
    pub output: [usize; 2],
    pub rows: AxisPhase,
    pub columns: AxisPhase,
}

#[derive(Default)]
struct Scratch {
    tiles: Vec<f32>,
    offsets: Vec<usize>,
    gradient: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl WeightCorrelation {
    /// `[group · outputs, inputs, kernel rows, kernel columns]` for input `x` and output gradient `gradient`.
    pub(super) fn run(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let depth = self.inputs * self.rows.taps.len() * self.columns.taps.len();
        let all = self.groups * self.outputs * depth;
        let tiles = self.tiles();
        if all == 0 || tiles.is_empty() {
            return vec![0.0; all];
        }
        // A part has pixels enough for its sums to pay.
        let pixels = tiles.iter().map(|(_, tile)| tile.len()).sum::<usize>();
        let parts = (PARTIAL_VALUES / all).min(pixels.div_ceil(TILE_PIXELS)).clamp(1, TASKS.min(tiles.len()));
        let split = TASKS.div_ceil(parts * self.groups).min(self.outputs.div_ceil(ROWS)).max(1);
        let channels = self.outputs.div_ceil(split).next_multiple_of(ROWS);
        let runs = self.outputs.div_ceil(channels);
        let mut partial = vec![0.0; parts * all];
        let mut tasks = Vec::new();
        let mut rest = partial.as_mut_slice();
        for part in 0..parts {
            let share = part * tiles.len() / parts..(part + 1) * tiles.len() / parts;
            for run in 0..self.groups * runs {
                let group = run / runs;
                let first = run % runs * channels;
                let channels = first..(first + channels).min(self.outputs);
                let (sums, after) = rest.split_at_mut(channels.len() * depth);
                rest = after;
                tasks.push((&tiles[share.clone()], group, channels, sums));
            }
        }
        tasks.into_par_iter().for_each(|(tiles, group, channels, sums)| {
            SCRATCH.with_borrow_mut(|scratch| {
                // Small tiles of equal height go together.
                for tiles in tiles.chunk_by(|(_, a), (_, b)| a.height == b.height) {
                    let tile = tiles[0].1;
                    let fitting =
                        (TILE_PIXELS / tile.len().max(1)).min(TILES_VALUES / tile.values(self.inputs));
                    for tiles in tiles.chunks(fitting.max(1)) {
                        self.work(tiles, group, channels.clone(), [x, gradient], sums, scratch);
                    }
                }
            });
        });
        let (total, others) = partial.split_at_mut(all);
        total.par_chunks_mut(4096).enumerate().for_each(|(chunk, total)| {
            for other in others.chunks_exact(all) {
                for (total, value) in total.iter_mut().zip(&other[chunk * 4096..]) {
                    *total += value;
                }
            }
        });
        partial.truncate(all);
        partial
    }

    fn tiles(&self) -> Vec<(usize, Tile<'_>)> {
        let (rows, columns) = (&self.rows, &self.columns);
        let pitch = columns.count + columns.halo;
        let height = tile_height(self.inputs, rows, columns, self.batch, TASKS);
        let height = height.min((TILE_PIXELS / pitch.max(1)).max(1));
        let tile = |first| Tile { rows, columns, first, height: height.min(rows.count - first) };
        (0..self.batch)
            .flat_map(|image| (0..rows.count).step_by(height).map(move |first| (image, tile(first))))
            .collect()
    }

    /// Adds what `tiles` of equal height yield for some output channels of a group.
    fn work(
        &self,
        tiles: &[(usize, Tile)],
        group: usize,
        channels: Range<usize>,
        [x, gradient]: [&[f32]; 2],
        sums: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Some((_, tile)) = tiles.first() else { return };
        let (plane, values) = (self.input[0] * self.input[1], tile.values(self.inputs));
        scratch.tiles.resize(tiles.len() * values, 0.0);
        for ((image, tile), into) in tiles.iter().zip(scratch.tiles.chunks_exact_mut(values)) {
            let first = (image * self.groups + group) * self.inputs * plane;
            tile.gather(&x[first..][..self.inputs * plane], self.input, into);
        }
        tile.offsets(self.inputs, &mut scratch.offsets);
        let len = tile.len().next_multiple_of(OVERRUN);
        scratch.gradient.clear();
        for channel in channels {
            for (image, tile) in tiles {
                let padded = scratch.gradient.len() + len;
                let channel = (image * self.groups + group) * self.outputs + channel;
                let start = (channel * self.output[0] + tile.first) * self.output[1];
                let rows = gradient[start..][..tile.height * self.output[1]].chunks_exact(self.output[1]);
                for row in rows {
                    scratch.gradient.extend_from_slice(row);
                    scratch.gradient.resize(scratch.gradient.len() + tile.columns.halo, 0.0);
                }
                scratch.gradient.resize(padded, 0.0);
            }
        }
        let row = tiles.len() * len;
        let rows = (scratch.gradient.len() / row).next_multiple_of(ROWS);
        scratch.gradient.resize(rows * row, 0.0);
        Arch::new().dispatch(CorrelateOver {
            tiles: &scratch.tiles,
            tile: values,
            offsets: &scratch.offsets,
            gradient: &scratch.gradient,
            len,
            out: sums,
        });
    }
}
