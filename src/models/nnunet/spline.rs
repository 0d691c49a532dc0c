//! Resizing by splines: `skimage.transform.resize(order, mode="edge", anti_aliasing=False)`, with which nnU-Net
//! resamples. Coordinates are those of pixel centres; both axes are treated one after the other, in 64-bit floats.

use rayon::prelude::*;

/// Degree of the spline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Nearest,
    Linear,
    /// The result is clipped to the range of the input.
    Cubic,
}

impl Order {
    /// 0, 1 or 3.
    pub fn degree(self) -> u64 {
        match self {
            Self::Nearest => 0,
            Self::Linear => 1,
            Self::Cubic => 3,
        }
    }

    /// The order of this degree, if there is one.
    pub fn from_degree(degree: u64) -> Option<Self> {
        [Self::Nearest, Self::Linear, Self::Cubic].into_iter().find(|order| order.degree() == degree)
    }
}

/// Pixels repeated beyond each edge before the cubic prefilter, as SciPy does.
const EDGE: usize = 12;
/// Pole of the cubic B-spline's prefilter: √3 − 2.
const POLE: f64 = -0.267_949_192_431_122_7;

/// `values` of `from` rows and columns at `to` rows and columns; none may be 0.
pub fn resize(values: &[f32], from: [usize; 2], to: [usize; 2], order: Order) -> Vec<f32> {
    if from == to {
        return values.to_vec();
    }
    let [rows, columns] = [0, 1].map(|axis| Axis::new(from[axis], to[axis], order));
    let padded = [from[0] + 2 * rows.edge, from[1] + 2 * columns.edge];
    let mut plane = vec![0.0; padded[0] * padded[1]];
    plane.par_chunks_mut(padded[1]).enumerate().for_each(|(row, line)| {
        let row = row.saturating_sub(rows.edge).min(from[0] - 1);
        for (column, value) in line.iter_mut().enumerate() {
            let column = column.saturating_sub(columns.edge).min(from[1] - 1);
            *value = f64::from(values[row * from[1] + column]);
        }
    });
    if order == Order::Cubic {
        plane.par_chunks_mut(padded[1]).for_each(|line| prefilter(line, 1));
        prefilter(&mut plane, padded[1]);
    }
    // Across first, so that the pass down runs over whole rows of the narrower picture.
    let mut across = vec![0.0; padded[0] * to[1]];
    across.par_chunks_mut(to[1]).zip(plane.par_chunks(padded[1])).for_each(|(out, line)| {
        for (out, (first, weights)) in out.iter_mut().zip(&columns.taps) {
            *out = weights.iter().zip(&line[*first..]).map(|(w, v)| w * v).sum();
        }
    });
    let limits = (order == Order::Cubic)
        .then(|| values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v))));
    let mut result = vec![0.0; to[0] * to[1]];
    result.par_chunks_mut(to[1]).zip(&rows.taps).for_each(|(out, (first, weights))| {
        let mut sums = vec![0.0; out.len()];
        for (index, weight) in weights.iter().enumerate() {
            let line = &across[(first + index) * to[1]..][..to[1]];
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += weight * value);
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = sum as f32;
            if let Some((low, high)) = limits {
                *out = out.max(low).min(high);
            }
        }
    });
    result
}

/// Where the outputs of an axis take from.
struct Axis {
    /// Pixels added before the first and after the last.
    edge: usize,
    /// First input (of the padded axis) and the weights of it and its followers.
    taps: Vec<(usize, Vec<f64>)>,
}

impl Axis {
    fn new(from: usize, to: usize, order: Order) -> Self {
        let scale = from as f64 / to as f64;
        let edge = if order == Order::Cubic { EDGE } else { 0 };
        let taps = (0..to).map(|output| taps((output as f64 + 0.5) * scale - 0.5, from, order)).collect();
        Self { edge, taps }
    }
}

fn taps(at: f64, count: usize, order: Order) -> (usize, Vec<f64>) {
    let last = count - 1;
    match order {
        Order::Nearest => (((at + 0.5).floor().max(0.0) as usize).min(last), vec![1.0]),
        Order::Linear => {
            let at = at.clamp(0.0, last as f64);
            let first = (at.floor() as usize).min(last.saturating_sub(1));
            let t = at - first as f64;
            (first, if count == 1 { vec![1.0] } else { vec![1.0 - t, t] })
        }
        Order::Cubic => {
            let at = at + EDGE as f64;
            let t = at - at.floor();
            let s = 1.0 - t;
            let weights = vec![
                s * s * s / 6.0,
                (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0,
                (4.0 - 6.0 * s * s + 3.0 * s * s * s) / 6.0,
                t * t * t / 6.0,
            ];
            (at.floor() as usize - 1, weights)
        }
    }
}

/// B-spline coefficients of samples that are mirrored at the edges (half a pixel beyond the last), along an axis on
/// which neighbours are `step` apart.
fn prefilter(c: &mut [f64], step: usize) {
    let count = c.len() / step;
    let gain = (1.0 - POLE) * (1.0 - 1.0 / POLE);
    c.iter_mut().for_each(|v| *v *= gain);
    let power = POLE.powi(count as i32);
    for lane in 0..step {
        let at = |index: usize| index * step + lane;
        let mut first = c[at(0)] + power * c[at(count - 1)];
        let mut weight = POLE;
        for index in 1..count.min(60) {
            first += weight * (c[at(index)] + power * c[at(count - 1 - index)]);
            weight *= POLE;
        }
        c[lane] += first * POLE / (1.0 - power * power);
    }
    for index in 1..count {
        let (before, line) = c[(index - 1) * step..(index + 1) * step].split_at_mut(step);
        line.iter_mut().zip(before).for_each(|(value, before)| *value += POLE * *before);
    }
    c[(count - 1) * step..].iter_mut().for_each(|v| *v *= POLE / (POLE - 1.0));
    for index in (0..count - 1).rev() {
        let (line, after) = c[index * step..(index + 2) * step].split_at_mut(step);
        line.iter_mut().zip(after).for_each(|(value, after)| *value = POLE * (*after - *value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_stays_a_plane_inside() {
        let plane = |row: f32, column: f32| 3.0 + 2.0 * row - column;
        let values: Vec<f32> = (0..30 * 40).map(|i| plane((i / 40) as f32, (i % 40) as f32)).collect();
        for order in [Order::Linear, Order::Cubic] {
            let out = resize(&values, [30, 40], [45, 28], order);
            for (row, column) in [(20, 10), (14, 15), (30, 20)] {
                let (y, x) = ((row as f32 + 0.5) / 1.5 - 0.5, (column as f32 + 0.5) * 40.0 / 28.0 - 0.5);
                let found = out[row * 28 + column];
                assert!((found - plane(y, x)).abs() < 2e-3, "{order:?} {found} {}", plane(y, x));
            }
        }
    }

    #[test]
    fn constants_and_single_pixels_stay() {
        for order in [Order::Nearest, Order::Linear, Order::Cubic] {
            assert!(resize(&[5.0; 6], [2, 3], [7, 1], order).iter().all(|v| (v - 5.0).abs() < 1e-6));
            assert_eq!(resize(&[2.0], [1, 1], [2, 2], order), [2.0; 4]);
        }
    }
}
