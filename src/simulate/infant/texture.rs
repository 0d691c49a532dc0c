//! Multi-scale texture: octaves of seeded lattices, interpolated with cubic B-splines.
//!
//! A lattice is fixed to the film frame, not to its pixels, so the texture is the same at every resolution.

use super::dice::{Dice, Stream};

/// Adds one octave of smooth noise to `into` (row-major): about standard normal × `amplitude`,
/// with `cells` lattice cells along the longer edge. Cells too small for the pixels add nothing.
pub(in crate::simulate) fn octave(
    into: &mut [f32],
    columns: usize,
    rows: usize,
    cells: f64,
    amplitude: f64,
    dice: &mut Dice,
) {
    let cell = columns.max(rows) as f64 / cells;
    if amplitude == 0.0 || cell < 1.2 {
        return;
    }
    let count = |n: usize| (n as f64 / cell).ceil() as usize + 4;
    let (wide, high) = (count(columns), count(rows));
    let mut lattice = vec![0.0f32; wide * high];
    dice.fill_gauss(&mut lattice);
    let weights = |n: usize| -> Vec<(usize, [f32; 4])> {
        (0..n)
            .map(|i| {
                let at = (i as f64 + 0.5) / cell;
                (at as usize, spline_weights((at - at.floor()) as f32))
            })
            .collect()
    };
    let (across, down) = (weights(columns), weights(rows));
    let mut stretched = vec![0.0f32; columns * high];
    for (line, source) in stretched.chunks_exact_mut(columns).zip(lattice.chunks_exact(wide)) {
        for (value, (at, w)) in line.iter_mut().zip(&across) {
            *value =
                w[0] * source[*at] + w[1] * source[at + 1] + w[2] * source[at + 2] + w[3] * source[at + 3];
        }
    }
    // The B-spline averages: restore about unit variance (mean of the squared weights is .479 per axis).
    let gain = (amplitude / 0.479) as f32;
    for (target, (at, w)) in into.chunks_exact_mut(columns).zip(&down) {
        let line = |k: usize| &stretched[(at + k) * columns..(at + k + 1) * columns];
        let (a, b, c, d) = (line(0), line(1), line(2), line(3));
        for (i, value) in target.iter_mut().enumerate() {
            *value += gain * (w[0] * a[i] + w[1] * b[i] + w[2] * c[i] + w[3] * d[i]);
        }
    }
}

fn spline_weights(t: f32) -> [f32; 4] {
    let u = 1.0 - t;
    [
        u * u * u / 6.0,
        (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0,
        t * t * t / 6.0,
    ]
}

/// A field of octaves from `coarsest` to `finest` cells, each finer one weaker by `fall` (1: equal); unit variance.
pub(in crate::simulate) fn field(
    columns: usize,
    rows: usize,
    coarsest: f64,
    finest: f64,
    fall: f64,
    seed: u64,
    number: u64,
) -> Vec<f32> {
    let octaves = ((finest / coarsest).log2().floor().max(0.0)) as u32 + 1;
    let total: f64 = (0..octaves).map(|k| fall.powi(2 * k as i32)).sum::<f64>().sqrt();
    let mut into = vec![0.0; columns * rows];
    for k in 0..octaves {
        let mut dice = Dice::numbered(seed, Stream::Texture, 16 * number + u64::from(k));
        let cells = coarsest * f64::from(1 << k);
        octave(&mut into, columns, rows, cells, fall.powi(k as i32) / total, &mut dice);
    }
    into
}
