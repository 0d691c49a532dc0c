//! How far the borders of two masks lie from each other: the 95th percentile of the Hausdorff distance (HD95) and the
//! average symmetric surface distance (ASSD), as medpy and scipy have them (`tests/oracle/surface_distance.py`).

use super::summary::{mean, percentile};

/// A mask on a grid of pixels `spacing` high and wide.
#[derive(Debug, Clone, Copy)]
pub struct Mask<'a> {
    /// Row-major.
    pub inside: &'a [bool],
    pub columns: usize,
}

/// Distances between two borders, in the unit of the spacing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceDistance {
    /// 95th percentile of the distances of both borders' pixels to the other border, put together.
    pub hd95: f64,
    /// Mean over both directions of the mean distance to the other border.
    pub assd: f64,
}

/// `None` where the masks are not of one size or one is empty: there is no distance to nothing.
pub fn surface_distance(predicted: Mask, reference: Mask, spacing: [f64; 2]) -> Option<SurfaceDistance> {
    let sized = |mask: &Mask| mask.columns > 0 && mask.inside.len().is_multiple_of(mask.columns);
    if predicted.inside.len() != reference.inside.len()
        || predicted.columns != reference.columns
        || !sized(&predicted)
        || !spacing.iter().all(|step| step.is_finite() && *step > 0.0)
    {
        return None;
    }
    let [there, back] = [(predicted, reference), (reference, predicted)]
        .map(|(from, to)| distances(&border(from), &border(to), from.columns, spacing));
    let both: Vec<f64> = there.iter().chain(&back).copied().collect();
    Some(SurfaceDistance { hd95: percentile(&both, 95.0)?, assd: 0.5 * (mean(&there)? + mean(&back)?) })
}

/// Pixels of the mask with one of four neighbours outside of it; beyond the picture is outside.
fn border(mask: Mask) -> Vec<bool> {
    let (columns, rows) = (mask.columns, mask.inside.len() / mask.columns);
    let inside = |row: usize, column: usize| mask.inside[row * columns + column];
    (0..mask.inside.len())
        .map(|index| {
            let (row, column) = (index / columns, index % columns);
            let within = row > 0
                && column > 0
                && row + 1 < rows
                && column + 1 < columns
                && inside(row - 1, column)
                && inside(row + 1, column)
                && inside(row, column - 1)
                && inside(row, column + 1);
            mask.inside[index] && !within
        })
        .collect()
}

/// Of each pixel of `from` the distance to the nearest of `to`; empty where either is, for there is none.
fn distances(from: &[bool], to: &[bool], columns: usize, spacing: [f64; 2]) -> Vec<f64> {
    if !to.contains(&true) {
        return Vec::new();
    }
    let squares = squared_distance(to, columns, spacing);
    from.iter().zip(squares).filter(|(from, _)| **from).map(|(_, square)| square.sqrt()).collect()
}

/// Squared Euclidean distance of every pixel to the nearest one that is set: lower envelopes of parabolas along columns,
/// then rows (P. F. Felzenszwalb, D. P. Huttenlocher, "Distance Transforms of Sampled Functions", 2012).
fn squared_distance(set: &[bool], columns: usize, [row_step, column_step]: [f64; 2]) -> Vec<f64> {
    let rows = set.len() / columns;
    let mut squares: Vec<f64> = set.iter().map(|set| if *set { 0.0 } else { f64::INFINITY }).collect();
    for column in 0..columns {
        let line: Vec<f64> = (0..rows).map(|row| squares[row * columns + column]).collect();
        for (row, square) in envelope(&line, row_step).into_iter().enumerate() {
            squares[row * columns + column] = square;
        }
    }
    for line in squares.chunks_exact_mut(columns) {
        let found = envelope(line, column_step);
        line.copy_from_slice(&found);
    }
    squares
}

/// min over q of `heights[q]` + (step (p − q))², of every p.
fn envelope(heights: &[f64], step: f64) -> Vec<f64> {
    // The parabolas of the envelope, and where each begins.
    let mut parabolas: Vec<(usize, f64)> = Vec::new();
    for (q, height) in heights.iter().enumerate().filter(|(_, height)| height.is_finite()) {
        let mut begins = f64::NEG_INFINITY;
        while let Some((last, began)) = parabolas.last().copied() {
            let (x, at) = (step * q as f64, step * last as f64);
            begins = (height + x * x - heights[last] - at * at) / (2.0 * (x - at));
            if begins > began {
                break;
            }
            parabolas.pop();
            begins = f64::NEG_INFINITY;
        }
        parabolas.push((q, begins));
    }
    let mut current = 0;
    (0..heights.len())
        .map(|p| {
            let x = step * p as f64;
            while parabolas.get(current + 1).is_some_and(|(_, begins)| *begins < x) {
                current += 1;
            }
            parabolas.get(current).map_or(f64::INFINITY, |(q, _)| {
                let across = step * (p as f64 - *q as f64);
                heights[*q] + across * across
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_squares_a_step_apart() {
        let square = |from: usize| -> Vec<bool> {
            (0..100).map(|i| (2..6).contains(&(i / 10)) && (from..from + 4).contains(&(i % 10))).collect()
        };
        let (a, b) = (square(2), square(3));
        let mask = |inside| Mask { inside, columns: 10 };
        let found = surface_distance(mask(&a), mask(&b), [0.5, 0.5]).unwrap();
        assert_eq!(found.hd95, 0.5);
        assert!(found.assd > 0.0 && found.assd < 0.5);
        let same = surface_distance(mask(&a), mask(&a), [0.5, 0.5]).unwrap();
        assert_eq!((same.hd95, same.assd), (0.0, 0.0));
    }

    #[test]
    fn to_nothing_there_is_no_distance() {
        let (none, all) = ([false; 9], [true; 9]);
        let mask = |inside| Mask { inside, columns: 3 };
        assert_eq!(surface_distance(mask(&none), mask(&all), [1.0, 1.0]), None);
        assert_eq!(surface_distance(mask(&all), Mask { inside: &all[..6], columns: 3 }, [1.0, 1.0]), None);
    }
}
