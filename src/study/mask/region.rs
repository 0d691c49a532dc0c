//! Tools on whole regions: polygon, flood fill, clearing, and taking over what a network said.

use super::Paint;
use super::brush::changed;
use super::edit::{Run, runs};
use crate::measure::{LabelMap, Point};

/// The runs that change inside a closed polygon (pixels): centres within it by the even-odd rule, so that a loop in the
/// outline leaves a hole. Fewer than three vertices enclose nothing.
pub fn polygon(map: &LabelMap, vertices: &[Point], paint: Paint) -> Vec<Run> {
    let mut found = Vec::new();
    if vertices.len() < 3 || map.columns == 0 || !vertices.iter().all(|vertex| vertex.is_finite()) {
        return found;
    }
    let lowest = vertices.iter().map(|v| v.y).fold(f64::INFINITY, f64::min).ceil().max(0.0);
    let highest = vertices.iter().map(|v| v.y).fold(f64::NEG_INFINITY, f64::max).floor();
    let mut row = lowest as usize;
    let mut crossings: Vec<f64> = Vec::new();
    while row < map.rows && row as f64 <= highest {
        let y = row as f64;
        crossings.clear();
        let next = vertices.iter().cycle().skip(1);
        for (a, b) in vertices.iter().zip(next) {
            // Half open, so that a vertex on the row counts once.
            if (a.y <= y) != (b.y <= y) {
                crossings.push(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
            }
        }
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // Half open likewise: polygons that share an edge share no pixel.
            let first = pair[0].ceil().max(0.0);
            let last = (pair[1].ceil() - 1.0).min(map.columns as f64 - 1.0);
            if first <= last {
                let start = row * map.columns;
                changed(&map.labels, start + first as usize..start + last as usize + 1, paint, &mut found);
            }
        }
        row += 1;
    }
    found
}

/// The runs that change where `seed` (row, column) and the pixels of its label that hang together with it by edges
/// become `label`. Nothing for a seed outside.
pub fn flood(map: &LabelMap, (row, column): (usize, usize), label: u8) -> Vec<Run> {
    if row >= map.rows || column >= map.columns || map.labels[row * map.columns + column] == label {
        return Vec::new();
    }
    let (columns, target) = (map.columns, map.labels[row * map.columns + column]);
    let mut reached = vec![false; map.labels.len()];
    let mut open = vec![(row, column)];
    // A span of a row at a time; of the rows above and below, the first pixel of each span goes on the stack.
    while let Some((row, column)) = open.pop() {
        let line = &map.labels[row * columns..(row + 1) * columns];
        if reached[row * columns + column] {
            continue;
        }
        let left = line[..column].iter().rposition(|label| *label != target).map_or(0, |at| at + 1);
        let right =
            line[column..].iter().position(|label| *label != target).map_or(columns, |at| column + at);
        reached[row * columns + left..row * columns + right].fill(true);
        for next in [row.checked_sub(1), Some(row + 1).filter(|next| *next < map.rows)].into_iter().flatten()
        {
            let mut inside = false;
            for column in left..right {
                let index = next * columns + column;
                let free = map.labels[index] == target && !reached[index];
                if free && !inside {
                    open.push((next, column));
                }
                inside = free;
            }
        }
    }
    runs(map, reached.iter().enumerate().filter(|(_, reached)| **reached).map(|(index, _)| (index, label)))
}

/// The runs that change where a label goes.
pub fn clear(map: &LabelMap, label: u8) -> Vec<Run> {
    let of_label = map.labels.iter().enumerate().filter(|(_, of)| **of == label);
    runs(map, of_label.map(|(index, _)| (index, 0)))
}

/// The runs that change where `label`, or every one, becomes what `predicted` says. Pixels that lose the label become
/// background. Nothing where the maps are not of one size.
pub fn accept(map: &LabelMap, predicted: &LabelMap, label: Option<u8>) -> Vec<Run> {
    if map.labels.len() != predicted.labels.len() || map.columns != predicted.columns {
        return Vec::new();
    }
    let pairs = map.labels.iter().zip(&predicted.labels).enumerate();
    let Some(label) = label else { return runs(map, pairs.map(|(index, (_, said))| (index, *said))) };
    let becomes = pairs.filter_map(|(index, (now, said))| match (*now == label, *said == label) {
        (false, true) => Some((index, label)),
        (true, false) => Some((index, 0)),
        _ => None,
    });
    runs(map, becomes)
}
