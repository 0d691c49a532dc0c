//! The boxes from which the proposal network starts: squares of a few sizes around every cell of the feature map.

use super::boxes::BBox;

/// Anchors of `sides` (pixels) for a feature map of `rows` and `columns` cells, `stride` pixels apart, in the order of
/// the network's outputs: row, column, size. Their corners are rounded to pixels, half to even, as in torchvision.
pub fn anchors(sides: &[f32], [rows, columns]: [usize; 2], stride: usize) -> Vec<BBox> {
    let halves: Vec<f32> = sides.iter().map(|side| (0.5 * side).round_ties_even()).collect();
    let at = |row: usize, column: usize| {
        let (x, y) = ((column * stride) as f32, (row * stride) as f32);
        halves.iter().map(move |half| BBox([x - half, y - half, x + half, y + half]))
    };
    (0..rows).flat_map(|row| (0..columns).flat_map(move |column| at(row, column))).collect()
}
