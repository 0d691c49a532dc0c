//! The two innermost loops, written once for every width of vector and chosen at run time by `pulp`.

use pulp::{Simd, WithSimd};

/// Output channels computed together.
pub(super) const BLOCK: usize = 8;

/// Vectors of pixels computed together.
const VECTORS: usize = 3;

/// Pixels a kernel may read or write beyond the last one it is asked for.
pub(super) const OVERRUN: usize = 16;

/// `out[o][p] (+)= Σ over taps t of weights[t][o] · tile[offsets[t] + p]` for [`BLOCK`] channels `o` and `len` pixels.
pub(super) struct Correlate<'a> {
    pub tile: &'a [f32],
    pub offsets: &'a [usize],
    pub weights: &'a [[f32; BLOCK]],
    /// Whether what is in `out` is no sum yet.
    pub fresh: bool,
    pub len: usize,
    pub row: usize,
    /// [`BLOCK`] rows of `row`, at least `len` up to a multiple of [`OVERRUN`].
    pub out: &'a mut [f32],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::REGISTER_COUNT >= 32 { self.run::<S, 8>(simd) } else { self.run::<S, 4>(simd) }
    }
}

impl Correlate<'_> {
    #[inline(always)]
    fn run<S: Simd, const CHANNELS: usize>(mut self, simd: S) {
        let step = VECTORS * S::F32_LANES;
        let wide = self.len / step * step;
        for channel in (0..BLOCK).step_by(CHANNELS) {
            for pixel in (0..wide).step_by(step) {
                self.block::<S, CHANNELS, VECTORS>(simd, channel, pixel);
            }
        }
        let mut pixel = wide;
        if self.len - wide > S::F32_LANES {
            for channel in (0..BLOCK).step_by(CHANNELS) {
                self.block::<S, CHANNELS, 2>(simd, channel, pixel);
            }
            pixel += 2 * S::F32_LANES;
        }
        if pixel < self.len {
            self.block::<S, BLOCK, 1>(simd, 0, pixel);
        }
    }

    #[inline(always)]
    fn block<S: Simd, const CHANNELS: usize, const WIDTH: usize>(
        &mut self,
        simd: S,
        channel: usize,
        pixel: usize,
    ) {
        let (step, row) = (WIDTH * S::F32_LANES, self.row);
        let mut sums = [[simd.splat_f32s(0.0); WIDTH]; CHANNELS];
        if !self.fresh {
            for (i, sums) in sums.iter_mut().enumerate() {
                let (out, _) = S::as_simd_f32s(&self.out[(channel + i) * row + pixel..][..step]);
                sums.copy_from_slice(&out[..WIDTH]);
            }
        }
        for (offset, weights) in self.offsets.iter().zip(self.weights) {
            let (pixels, _) = S::as_simd_f32s(&self.tile[offset + pixel..][..step]);
            let pixels: [S::f32s; WIDTH] = std::array::from_fn(|i| pixels[i]);
            for (sums, weight) in sums.iter_mut().zip(&weights[channel..channel + CHANNELS]) {
                let weight = simd.splat_f32s(*weight);
                for (sum, pixel) in sums.iter_mut().zip(pixels) {
                    *sum = simd.mul_add_f32s(pixel, weight, *sum);
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            let out = &mut self.out[(channel + i) * row + pixel..][..step];
            let (out, _) = S::as_mut_simd_f32s(out);
            out.copy_from_slice(&sums);
        }
    }
}

/// Rows of the output gradient that [`CorrelateOver`] takes together.
pub(super) const ROWS: usize = 4;

/// `out[o][t] += Σ over tiles and pixels p of gradient[o][p] · tile[offsets[t] + p]`.
pub(super) struct CorrelateOver<'a> {
    /// Tiles of equal length.
    pub tiles: &'a [f32],
    /// From one tile to the next.
    pub tile: usize,
    pub offsets: &'a [usize],
    /// Rows of `len` pixels of every tile, as many as `out` has, up to a multiple of [`ROWS`].
    pub gradient: &'a [f32],
    /// Pixels of a tile, a multiple of the longest vector.
    pub len: usize,
    /// Rows of as many values as there are taps.
    pub out: &'a mut [f32],
}

impl WithSimd for CorrelateOver<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::REGISTER_COUNT >= 32 { self.run::<S, 6>(simd) } else { self.run::<S, 2>(simd) }
    }
}

impl CorrelateOver<'_> {
    #[inline(always)]
    fn run<S: Simd, const TAPS: usize>(self, simd: S) {
        let row_len = self.tiles.len() / self.tile * self.len;
        let blocks = self.gradient.chunks_exact(ROWS * row_len);
        for (gradient, out) in blocks.zip(self.out.chunks_mut(ROWS * self.offsets.len())) {
            for (block, offsets) in self.offsets.chunks(TAPS).enumerate() {
                let mut sums = [[simd.splat_f32s(0.0); TAPS]; ROWS];
                for (number, tile) in self.tiles.chunks_exact(self.tile).enumerate() {
                    let rows: [&[S::f32s]; ROWS] = std::array::from_fn(|row| {
                        S::as_simd_f32s(&gradient[row * row_len + number * self.len..][..self.len]).0
                    });
                    // The last block repeats a tap; what it yields is not stored.
                    let taps: [&[S::f32s]; TAPS] = std::array::from_fn(|tap| {
                        let offset = offsets.get(tap).unwrap_or(&offsets[0]);
                        S::as_simd_f32s(&tile[*offset..][..self.len]).0
                    });
                    for pixel in 0..self.len / S::F32_LANES {
                        let gradient: [S::f32s; ROWS] = std::array::from_fn(|row| rows[row][pixel]);
                        for tap in 0..TAPS {
                            let value = taps[tap][pixel];
                            for row in 0..ROWS {
                                sums[row][tap] = simd.mul_add_f32s(gradient[row], value, sums[row][tap]);
                            }
                        }
                    }
                }
                for (out, sums) in out.chunks_exact_mut(self.offsets.len()).zip(sums) {
                    for (out, sum) in out[block * TAPS..].iter_mut().zip(sums) {
                        *out += simd.reduce_sum_f32s(sum);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::layers::check::random;

    fn values(len: usize, seed: u64) -> Vec<f32> {
        random(&[len], seed).to_vec1().unwrap()
    }

    /// Runs a kernel with the vectors of this machine and narrower ones that others have.
    fn for_every_width(run: impl Fn(&mut dyn FnMut(Correlate), &mut dyn FnMut(CorrelateOver))) {
        run(&mut |k| pulp::Arch::new().dispatch(k), &mut |k| pulp::Arch::new().dispatch(k));
        run(&mut |k| pulp::Scalar::new().vectorize(k), &mut |k| pulp::Scalar::new().vectorize(k));
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            run(&mut |k| Simd::vectorize(simd, k), &mut |k| Simd::vectorize(simd, k));
        }
    }

    #[test]
    fn sums_over_taps_are_right_for_every_width_of_vector() {
        let (tile, offsets) = (values(400, 1), [3, 0, 57, 200, 91]);
        let weights: Vec<[f32; BLOCK]> =
            (0..offsets.len()).map(|tap| values(BLOCK, tap as u64).try_into().unwrap()).collect();
        for len in [1usize, 15, 48, 100] {
            let row = len.next_multiple_of(OVERRUN);
            for_every_width(|correlate, _| {
                let mut out = vec![9.0; BLOCK * row];
                for fresh in [true, false] {
                    correlate(Correlate {
                        tile: &tile,
                        offsets: &offsets,
                        weights: &weights,
                        fresh,
                        len,
                        row,
                        out: &mut out,
                    });
                }
                for (i, out) in out.iter().enumerate().filter(|(i, _)| i % row < len) {
                    let (channel, pixel) = (i / row, i % row);
                    let taps = offsets.iter().zip(&weights);
                    let sum: f32 = taps.map(|(offset, w)| w[channel] * tile[offset + pixel]).sum();
                    assert!((out - 2.0 * sum).abs() < 1e-5);
                }
            });
        }
    }

    #[test]
    fn sums_over_pixels_are_right_for_every_width_of_vector() {
        let (tiles, offsets) = (values(2 * 300, 1), [3, 0, 57, 200, 91, 1, 2]);
        for (rows, len) in [(1usize, 16), (6, 96)] {
            let mut gradient = values(rows * 2 * len, 2);
            gradient.resize(rows.next_multiple_of(ROWS) * 2 * len, 0.0);
            for_every_width(|_, correlate_over| {
                let mut out = vec![1.0; rows * offsets.len()];
                correlate_over(CorrelateOver {
                    tiles: &tiles,
                    tile: 300,
                    offsets: &offsets,
                    gradient: &gradient,
                    len,
                    out: &mut out,
                });
                for (i, out) in out.iter().enumerate() {
                    let (row, offset) = (i / offsets.len(), offsets[i % offsets.len()]);
                    let product =
                        |p: usize| gradient[row * 2 * len + p] * tiles[p / len * 300 + offset + p % len];
                    let sum: f32 = (0..2 * len).map(product).sum();
                    assert!((out - 1.0 - sum).abs() < 1e-4);
                }
            });
        }
    }
}
