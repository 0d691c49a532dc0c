//! A few rows of an image in scratch memory, with a zero border, sorted so that every kernel tap is an offset.

use pulp::{Arch, Simd, WithSimd};

use super::axis::AxisPhase;
use super::kernels::OVERRUN;

/// Output rows `first..first + height` of a phase, and where their inputs lie in scratch memory.
///
/// Scratch memory holds, for each channel and each pair of residues (rows and columns modulo the stride), a plane of
/// `height + halo` rows of `pitch` pixels. Output pixel `(row, column)` is number `row · pitch + column`; it reads
/// scratch memory at that number plus the offset of the tap. Numbers whose column lies beyond the image are computed
/// and thrown away: that keeps the innermost loop free of edges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile<'a> {
    pub rows: &'a AxisPhase,
    pub columns: &'a AxisPhase,
    pub first: usize,
    pub height: usize,
}

impl Tile<'_> {
    /// From one row to the next.
    pub(super) fn pitch(&self) -> usize {
        self.columns.count + self.columns.halo
    }

    /// Output pixels, with those that are thrown away.
    pub(super) fn len(&self) -> usize {
        self.height * self.pitch()
    }

    /// Scratch memory for `channels`, with what the kernels may read beyond.
    pub(super) fn values(&self, channels: usize) -> usize {
        channels * self.channel() + self.columns.halo + OVERRUN
    }

    fn plane(&self) -> usize {
        (self.height + self.rows.halo) * self.pitch()
    }

    /// Scratch memory of one channel.
    pub(super) fn channel(&self) -> usize {
        self.plane() * self.rows.residues * self.columns.residues
    }

    /// The offset of every tap, in the order channel, kernel row, kernel column.
    pub(super) fn offsets(&self, channels: usize, into: &mut Vec<usize>) {
        into.clear();
        for &row_tap in &self.rows.taps {
            let (row_residue, row) = self.rows.place(row_tap);
            for &column_tap in &self.columns.taps {
                let (column_residue, column) = self.columns.place(column_tap);
                let plane = row_residue * self.columns.residues + column_residue;
                into.push(plane * self.plane() + row * self.pitch() + column);
            }
        }
        let taps = into.len();
        for i in taps..channels * taps {
            into.push(into[i - taps] + self.channel());
        }
    }

    /// Copies what the tile reads of `image`, planes of `size` rows and columns, into scratch memory,
    /// [`Tile::values`] of it.
    pub(super) fn gather(&self, image: &[f32], size: [usize; 2], into: &mut [f32]) {
        Arch::new().dispatch(Gather { tile: self, image, size, into });
    }

    #[inline(always)]
    fn copy(&self, image: &[f32], size: [usize; 2], into: &mut [f32]) {
        let [image_rows, image_columns] = size;
        let channels = image.chunks_exact((image_rows * image_columns).max(1));
        let filled = channels.len() * self.channel();
        into[filled..].fill(0.0);
        let slab = self.plane() * self.columns.residues;
        let slabs = into[..filled].chunks_exact_mut(slab.max(1));
        let sources =
            channels.flat_map(|channel| (0..self.rows.residues).map(move |residue| (channel, residue)));
        let mut padded = vec![0.0; self.pitch() * self.columns.stride];
        for ((channel, residue), slab) in sources.zip(slabs) {
            for row in 0..self.height + self.rows.halo {
                let source = ((self.first + row) * self.rows.stride + residue) as isize + self.rows.low;
                let source = usize::try_from(source).ok().filter(|source| *source < image_rows);
                let source = source.map_or(&[][..], |row| &channel[row * image_columns..][..image_columns]);
                let pitch = self.pitch();
                let lines =
                    slab.chunks_exact_mut(self.plane()).map(|plane| &mut plane[row * pitch..][..pitch]);
                if self.columns.stride == 1 {
                    lines.for_each(|line| pad(source, self.columns.low, line));
                } else {
                    pad(source, self.columns.low, &mut padded);
                    for (residue, line) in lines.enumerate() {
                        pick(&padded, self.columns.stride, residue, line);
                    }
                }
            }
        }
    }
}

/// `line[i] = source[left + i]`, zero where the source has no such pixel.
#[inline(always)]
fn pad(source: &[f32], left: isize, line: &mut [f32]) {
    let before = left.min(0).unsigned_abs().min(line.len());
    let source = source.get(left.max(0) as usize..).unwrap_or_default();
    let (zeros, rest) = line.split_at_mut(before);
    let (values, beyond) = rest.split_at_mut(source.len().min(rest.len()));
    zeros.fill(0.0);
    // Rows of deep layers are short: most are copied without a call.
    let (blocks, last) = values.as_chunks_mut::<16>();
    for (block, source) in blocks.iter_mut().zip(source.as_chunks::<16>().0) {
        *block = *source;
    }
    if !last.is_empty() {
        last.copy_from_slice(&source[blocks.len() * 16..][..last.len()]);
    }
    beyond.fill(0.0);
}

/// `line[i] = padded[stride · i + residue]`.
#[inline(always)]
fn pick(padded: &[f32], stride: usize, residue: usize, line: &mut [f32]) {
    match stride {
        // The strides that matter, known to the compiler.
        2 => every::<2>(padded, residue, line),
        4 => every::<4>(padded, residue, line),
        _ => {
            let values = padded[residue..].iter().step_by(stride);
            line.iter_mut().zip(values).for_each(|(pixel, value)| *pixel = *value);
        }
    }
}

/// [`pick`] at a stride that the compiler knows.
#[inline(always)]
fn every<const STRIDE: usize>(padded: &[f32], residue: usize, line: &mut [f32]) {
    for (pixel, neighbours) in line.iter_mut().zip(padded.as_chunks::<STRIDE>().0) {
        *pixel = neighbours[residue % STRIDE];
    }
}

/// [`Tile::gather`] with the vectors of the machine.
struct Gather<'a> {
    tile: &'a Tile<'a>,
    image: &'a [f32],
    size: [usize; 2],
    into: &'a mut [f32],
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.tile.copy(self.image, self.size, self.into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_copied_with_its_border() {
        let source = [1.0, 2.0, 3.0, 4.0, 5.0];
        for left in -9isize..9 {
            let mut line = [9.0; 6];
            pad(&source, left, &mut line);
            for (i, value) in line.iter().enumerate() {
                let expected = usize::try_from(left + i as isize).ok().and_then(|at| source.get(at)).copied();
                assert_eq!(*value, expected.unwrap_or(0.0), "left {left} pixel {i}");
            }
        }
    }

    #[test]
    fn every_tap_finds_its_pixel() {
        let size = [7, 37];
        let image: Vec<f32> = (0..2 * size[0] * size[1]).map(|i| i as f32 + 1.0).collect();
        for (stride, taps, padding) in [(1, 3, 1), (2, 5, 2), (3, 2, 0), (4, 6, 1), (2, 1, 0)] {
            let outputs = |length: usize| (length + 2 * padding - taps) / stride + 1;
            let [rows, columns] = size.map(|n| AxisPhase::forward(outputs(n), taps, stride, padding, 1));
            let tile = Tile { rows: &rows, columns: &columns, first: 1, height: rows.count - 1 };
            let (mut scratch, mut offsets) = (vec![9.0; tile.values(2)], Vec::new());
            tile.gather(&image, size, &mut scratch);
            tile.offsets(2, &mut offsets);
            for (tap, offset) in offsets.iter().enumerate() {
                let (channel, row, column) = (tap / (taps * taps), tap / taps % taps, tap % taps);
                for output in 0..tile.height * columns.count {
                    let (y, x) = (output / columns.count, output % columns.count);
                    let at = |first: usize, tap: usize, length: usize| {
                        (first * stride + tap).checked_sub(padding).filter(|at| *at < length)
                    };
                    let pixel = at(y + 1, row, size[0]).zip(at(x, column, size[1]));
                    let expected = pixel.map_or(0.0, |(y, x)| image[(channel * size[0] + y) * size[1] + x]);
                    assert_eq!(scratch[offset + y * tile.pitch() + x], expected, "stride {stride} tap {tap}");
                }
            }
        }
    }
}
