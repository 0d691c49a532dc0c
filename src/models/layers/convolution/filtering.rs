//! The three transforms of [`super::winograd`]: inputs and kernels to their values at the points, products back to
//! pixels. Each is that of a line, done to columns and then to rows.

use pulp::{Simd, WithSimd};

use super::kernels::BLOCK;
use super::tile::Tile;

/// Output pixels of a patch along an axis.
pub(super) const SIDE: usize = 4;

/// Input pixels of a patch along an axis.
pub(super) const TAPS: usize = SIDE + 2;

/// Products of a patch.
pub(super) const POINTS: usize = TAPS * TAPS;

/// The points are 0, ∞, these and their negatives. At the usual ±1 and ±2 the error is three times as large.
const A: f32 = 0.625;
const B: f32 = 1.5;

/// The sums of the inputs of all patches of one channel.
pub(super) struct TransformInput<'a> {
    pub tile: &'a Tile<'a>,
    /// Of the tile, and where the inputs of its first patch lie in it.
    pub values: &'a [f32],
    pub offsets: [usize; POINTS],
    /// Where the patches go, without gaps, and the distance from a point to the next.
    pub out: &'a mut [f32],
    pub point: usize,
}

impl WithSimd for TransformInput<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.tile.columns.count;
        for row in 0..self.tile.height {
            for column in (0..count).step_by(S::F32_LANES) {
                let from = row * self.tile.pitch() + column;
                let mut columns = [[simd.splat_f32s(0.0); TAPS]; TAPS];
                for (column, points) in columns.iter_mut().enumerate() {
                    let pixels = std::array::from_fn(|row| {
                        let from = self.offsets[row * TAPS + column] + from;
                        S::as_simd_f32s(&self.values[from..][..S::F32_LANES]).0[0]
                    });
                    *points = input_points(simd, pixels);
                }
                let to = row * count + column;
                for row in 0..TAPS {
                    for (column, values) in input_points(simd, line(&columns, row)).into_iter().enumerate() {
                        let to = (row * TAPS + column) * self.point + to;
                        S::as_mut_simd_f32s(&mut self.out[to..][..S::F32_LANES]).0[0] = values;
                    }
                }
            }
        }
    }
}

/// The pixels of a row of patches of one channel from the sums over channels at every point.
pub(super) struct TransformSums<'a> {
    pub sums: &'a [f32],
    /// From a point to the next.
    pub point: usize,
    /// Patches, with those that fill the last vector.
    pub width: usize,
    /// The pixels of all patches at each place in a patch, [`SIDE`]² lists of `width`.
    pub places: &'a mut [f32],
    /// The same in order: [`SIDE`] lines of [`SIDE`] · `width` pixels.
    pub lines: &'a mut [f32],
}

impl WithSimd for TransformSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for patch in (0..self.width).step_by(S::F32_LANES) {
            let mut columns = [[simd.splat_f32s(0.0); SIDE]; TAPS];
            for (column, pixels) in columns.iter_mut().enumerate() {
                let points = std::array::from_fn(|row| {
                    let from = (row * TAPS + column) * self.point + patch;
                    S::as_simd_f32s(&self.sums[from..][..S::F32_LANES]).0[0]
                });
                *pixels = output_pixels(simd, points);
            }
            for row in 0..SIDE {
                for (column, values) in output_pixels(simd, line(&columns, row)).into_iter().enumerate() {
                    let place = (row * SIDE + column) * self.width + patch;
                    S::as_mut_simd_f32s(&mut self.places[place..][..S::F32_LANES]).0[0] = values;
                }
            }
        }
        let line = SIDE * self.width;
        for (line, places) in self.lines.chunks_exact_mut(line).zip(self.places.chunks_exact(line)) {
            let place = |column: usize| &places[column * self.width..][..self.width];
            let (a, b, c, d) = (place(0), place(1), place(2), place(3));
            for (i, line) in line.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
                *line = [a[i], b[i], c[i], d[i]];
            }
        }
    }
}

/// One row of what is held by columns.
#[inline(always)]
fn line<T: Copy, const ROWS: usize>(columns: &[[T; ROWS]; TAPS], row: usize) -> [T; TAPS] {
    std::array::from_fn(|column| columns[column][row])
}

/// The values of a polynomial of 6 coefficients, backwards, at every point.
#[inline(always)]
fn input_points<S: Simd>(simd: S, d: [S::f32s; TAPS]) -> [S::f32s; TAPS] {
    let number = |value: f32| simd.splat_f32s(value);
    let fma = |factor: f32, x: S::f32s, y: S::f32s| simd.mul_add_f32s(number(factor), x, y);
    let ends = |x: S::f32s, y: S::f32s, z: S::f32s| fma(A * A * B * B, x, fma(-(A * A + B * B), y, z));
    let pair = |point: f32, other: f32| {
        let (even, odd) = (fma(-other * other, d[2], d[4]), fma(-other * other, d[1], d[3]));
        [fma(point, odd, even), fma(-point, odd, even)]
    };
    let ([p1, p2], [p3, p4]) = (pair(A, B), pair(B, A));
    [ends(d[0], d[2], d[4]), p1, p2, p3, p4, ends(d[1], d[3], d[5])]
}

/// The pixels from the products at every point.
#[inline(always)]
fn output_pixels<S: Simd>(simd: S, m: [S::f32s; TAPS]) -> [S::f32s; SIDE] {
    let (add, sub) = (|x, y| simd.add_f32s(x, y), |x, y| simd.sub_f32s(x, y));
    let fma = |factor: f32, x: S::f32s, y: S::f32s| simd.mul_add_f32s(simd.splat_f32s(factor), x, y);
    let (even, odd) = ([add(m[1], m[2]), add(m[3], m[4])], [sub(m[1], m[2]), sub(m[3], m[4])]);
    let zero = simd.splat_f32s(0.0);
    [
        add(m[0], add(even[0], even[1])),
        fma(A, odd[0], fma(B, odd[1], zero)),
        fma(A * A, even[0], fma(B * B, even[1], zero)),
        fma(A * A * A, odd[0], fma(B * B * B, odd[1], m[5])),
    ]
}

/// The values of kernels at every point, exact but for one rounding.
#[inline(always)]
pub(super) fn transform_kernels(kernels: &[[f32; BLOCK]; 9]) -> [[f32; BLOCK]; POINTS] {
    let mut points = [[0.0; BLOCK]; POINTS];
    for lane in 0..BLOCK {
        let rows: [[f64; TAPS]; 3] = std::array::from_fn(|row| {
            kernel_points(std::array::from_fn(|column| f64::from(kernels[row * 3 + column][lane])))
        });
        for column in 0..TAPS {
            let values = kernel_points(std::array::from_fn(|row| rows[row][column]));
            (0..TAPS).for_each(|row| points[row * TAPS + column][lane] = values[row] as f32);
        }
    }
    points
}

/// The values of a polynomial of 3 coefficients at every point, divided by what [`input_points`] leaves out.
#[inline(always)]
fn kernel_points(g: [f64; 3]) -> [f64; TAPS] {
    let (a, b) = (f64::from(A), f64::from(B));
    let pair = |point: f64, other: f64| {
        let scale = 1.0 / (2.0 * point * point * (point * point - other * other));
        let (even, odd) = (g[0] + point * point * g[2], point * g[1]);
        [(even + odd) * scale, (even - odd) * scale]
    };
    let ([p1, p2], [p3, p4]) = (pair(a, b), pair(b, a));
    [g[0] / (a * a * b * b), p1, p2, p3, p4, g[2]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::layers::check::random;

    /// A patch through all three transforms, with vectors of one value.
    #[test]
    fn products_of_the_values_at_the_points_are_the_convolution() {
        let simd = pulp::Scalar::new();
        let values = |len, seed| random(&[len], seed).to_vec1::<f32>().unwrap();
        let (pixels, weights) = (values(POINTS, 1), values(9, 2));
        let kernels = std::array::from_fn(|tap| [weights[tap]; BLOCK]);
        let columns: [[f32; TAPS]; TAPS] = std::array::from_fn(|column| {
            input_points(simd, std::array::from_fn(|row| pixels[row * TAPS + column]))
        });
        let mut products = transform_kernels(&kernels).map(|values| values[0]);
        for row in 0..TAPS {
            let points = input_points(simd, std::array::from_fn(|column| columns[column][row]));
            (0..TAPS).for_each(|column| products[row * TAPS + column] *= points[column]);
        }
        let rows: [[f32; SIDE]; TAPS] = std::array::from_fn(|column| {
            output_pixels(simd, std::array::from_fn(|row| products[row * TAPS + column]))
        });
        for row in 0..SIDE {
            let line = output_pixels(simd, rows.map(|values| values[row]));
            for (column, value) in line.into_iter().enumerate() {
                let product = |tap: usize| weights[tap] * pixels[(row + tap / 3) * TAPS + column + tap % 3];
                let expected: f32 = (0..9).map(product).sum();
                assert!((value - expected).abs() < 1e-5, "{row} {column}: {value} is not {expected}");
            }
        }
    }
}
