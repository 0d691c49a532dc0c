//! Brush and eraser: a disc swept along a path.

use super::edit::Run;
use super::{Over, Paint};
use crate::measure::{LabelMap, Point};

/// A round brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Pixels; at 0.5 and below it still paints the pixel under it.
    pub radius: f64,
    pub paint: Paint,
}

impl Brush {
    /// Paints `label` over anything.
    pub fn of(label: u8, radius: f64) -> Brush {
        Brush { radius, paint: Paint { label, over: Over::Anything } }
    }

    /// Takes away `label`, or every label.
    pub fn eraser(label: Option<u8>, radius: f64) -> Brush {
        Brush { radius, paint: Paint { label: 0, over: label.map_or(Over::Anything, Over::Label) } }
    }
}

/// The runs that change where the brush goes from `from` to `to` (pixels, of any fraction): a pixel does where its
/// centre lies within the radius of the path.
pub fn sweep(map: &LabelMap, from: Point, to: Point, brush: Brush) -> Vec<Run> {
    let mut runs = Vec::new();
    if !(from.is_finite() && to.is_finite() && brush.radius.is_finite()) || map.columns == 0 {
        return runs;
    }
    // A pixel's centre is at most √½ away.
    let radius = brush.radius.max(std::f64::consts::FRAC_1_SQRT_2);
    let top = (from.y.min(to.y) - radius).ceil().max(0.0) as usize;
    let bottom = (from.y.max(to.y) + radius).floor().min(map.rows as f64 - 1.0);
    if bottom < 0.0 {
        return runs;
    }
    for row in top..=bottom as usize {
        let Some((left, right)) = chord(from, to, radius, row as f64) else { continue };
        let first = left.ceil().max(0.0);
        let last = right.floor().min(map.columns as f64 - 1.0);
        if first <= last {
            let start = row * map.columns;
            changed(&map.labels, start + first as usize..start + last as usize + 1, brush.paint, &mut runs);
        }
    }
    runs
}

/// The runs that change where `paint` goes once more over the pixels of `runs`, on a map that is another now.
pub(in crate::study) fn repainted(map: &LabelMap, runs: &[Run], paint: Paint) -> Vec<Run> {
    let mut again = Vec::new();
    for run in runs.iter().filter(|run| run.range().end <= map.labels.len()) {
        changed(&map.labels, run.range(), paint, &mut again);
    }
    again
}

/// Where the row `y` enters and leaves the disc of `radius` swept from `a` to `b`, which is convex.
fn chord(a: Point, b: Point, radius: f64, y: f64) -> Option<(f64, f64)> {
    let disc = |center: Point| {
        let half = (radius * radius - (y - center.y).powi(2)).sqrt();
        (!half.is_nan()).then_some((center.x - half, center.x + half))
    };
    // The rectangle between the discs: points of the row whose foot on the path lies within it.
    let along = b - a;
    let length = along.length();
    let band = (length > 0.0).then(|| {
        let (ux, uy) = (along.x / length, along.y / length);
        // 0 ≤ (x − a.x)·ux + (y − a.y)·uy ≤ length and |(x − a.x)·uy − (y − a.y)·ux| ≤ radius.
        let mut range = (f64::NEG_INFINITY, f64::INFINITY);
        for (slope, offset, low, high) in
            [(ux, (y - a.y) * uy, 0.0, length), (uy, -(y - a.y) * ux, -radius, radius)]
        {
            if slope.abs() < 1e-12 {
                if offset < low || offset > high {
                    return None;
                }
                continue;
            }
            let (p, q) = ((low - offset) / slope, (high - offset) / slope);
            range = (range.0.max(p.min(q)), range.1.min(p.max(q)));
        }
        (range.0 <= range.1).then_some((a.x + range.0, a.x + range.1))
    });
    let parts = [disc(a), disc(b), band.flatten()];
    parts.into_iter().flatten().reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// Adds the runs of the pixels of `range` that `paint` changes.
pub(super) fn changed(labels: &[u8], range: std::ops::Range<usize>, paint: Paint, runs: &mut Vec<Run>) {
    let mut start = range.start;
    for pixels in labels[range].chunk_by(|a, b| a == b) {
        let from = pixels[0];
        if paint.changes(from) {
            runs.push(Run { start: start as u32, length: pixels.len() as u32, from, to: paint.label });
        }
        start += pixels.len();
    }
}
