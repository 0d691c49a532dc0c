//! Smoothing of a label: each pixel at its border goes with the majority around it, as a median filter does.

use super::edit::{Run, runs};
use crate::measure::LabelMap;

/// The runs that change where the border of `label` is smoothed: a pixel takes the commonest label of the square of
/// `2 radius + 1` pixels around it, its own where that is as common; only pixels that gain or lose `label` change.
/// Spurs and holes narrower than the radius go. Beyond the film the border pixels go on.
pub fn smooth(map: &LabelMap, label: u8, radius: usize) -> Vec<Run> {
    let Some(area) = Area::around(map, label, radius) else { return Vec::new() };
    let mut present: Vec<u8> = area.rows().flat_map(|row| area.line(map, row).iter().copied()).collect();
    present.sort_unstable();
    present.dedup();
    let votes: Vec<(u8, Vec<u32>)> =
        present.into_iter().map(|value| (value, area.votes(map, value, radius))).collect();
    let changed = area.rows().flat_map(|row| {
        let (area, votes) = (&area, &votes);
        (area.left..area.right).filter_map(move |column| {
            let index = row * map.columns + column;
            let now = map.labels[index];
            let of = |votes: &[u32]| votes[(row - area.top) * (area.right - area.left) + column - area.left];
            let own = votes.iter().find(|(value, _)| *value == now).map_or(0, |(_, votes)| of(votes));
            let (to, most) =
                votes.iter().map(|(value, votes)| (*value, of(votes))).max_by_key(|vote| vote.1)?;
            (most > own && (to == label || now == label)).then_some((index, to))
        })
    });
    runs(map, changed)
}

/// The box of a label with a margin, within the film.
struct Area {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
}

impl Area {
    fn around(map: &LabelMap, label: u8, margin: usize) -> Option<Area> {
        let mut bounds: Option<Area> = None;
        for (row, line) in map.labels.chunks_exact(map.columns.max(1)).enumerate() {
            let Some(first) = line.iter().position(|of| *of == label) else { continue };
            let last = line.iter().rposition(|of| *of == label).unwrap_or(first);
            let before = bounds.get_or_insert(Area { top: row, bottom: row, left: first, right: last });
            before.bottom = row;
            before.left = before.left.min(first);
            before.right = before.right.max(last);
        }
        bounds.map(|of| Area {
            top: of.top.saturating_sub(margin),
            bottom: (of.bottom + margin + 1).min(map.rows),
            left: of.left.saturating_sub(margin),
            right: (of.right + margin + 1).min(map.columns),
        })
    }

    fn rows(&self) -> std::ops::Range<usize> {
        self.top..self.bottom
    }

    fn line<'a>(&self, map: &'a LabelMap, row: usize) -> &'a [u8] {
        &map.labels[row * map.columns + self.left..row * map.columns + self.right]
    }

    /// For each pixel of the area, how many of the square around it are `value`; sums along rows, then along columns.
    fn votes(&self, map: &LabelMap, value: u8, radius: usize) -> Vec<u32> {
        let (width, reach) = (self.right - self.left, radius as isize);
        let clamped = |at: isize, size: usize| at.clamp(0, size as isize - 1) as usize;
        // Rows of the area and of the margin above and below it, as the film's edge repeats.
        let lines: Vec<Vec<u32>> = (self.top as isize - reach..self.bottom as isize + reach)
            .map(|row| {
                let row = clamped(row, map.rows) * map.columns;
                let is = |column: isize| u32::from(map.labels[row + clamped(column, map.columns)] == value);
                let first = self.left as isize;
                let mut sum: u32 = (first - reach..=first + reach).map(is).sum();
                let mut sums = Vec::with_capacity(width);
                for column in first..self.right as isize {
                    sums.push(sum);
                    sum = sum + is(column + reach + 1) - is(column - reach);
                }
                sums
            })
            .collect();
        let mut sum = vec![0u32; width];
        let mut votes = Vec::with_capacity(width * (self.bottom - self.top));
        for (index, line) in lines.iter().enumerate() {
            sum.iter_mut().zip(line).for_each(|(sum, of)| *sum += of);
            if index >= 2 * radius {
                votes.extend_from_slice(&sum);
                sum.iter_mut().zip(&lines[index - 2 * radius]).for_each(|(sum, of)| *sum -= of);
            }
        }
        votes
    }
}
