//! The small picture of a film in the list.

use super::jobs::Opened;
use crate::imaging::{GreyTable, VoiTransform};
use egui::ColorImage;

/// Longest side, pixels.
const SIDE: usize = 96;
/// Pixels looked at in a square of the film, per side: enough for a mean that does not flicker.
const TAPS: usize = 4;

/// The film at its default window, averaged down, in true proportions.
pub fn render(opened: &Opened) -> ColorImage {
    let film = &opened.radiograph;
    let table = GreyTable::over(opened.range, film, &VoiTransform::Window(opened.default_window), false);
    let (height, width) = film.square_size();
    let scale = height.max(width).div_ceil(SIDE).max(1);
    let (rows, columns) = (height.div_ceil(scale), width.div_ceil(scale));
    let mean = |row: usize, column: usize| {
        let at = |index: usize, of: usize, size: usize, tap: usize| {
            (((index * TAPS + tap) * size) / (of * TAPS)).min(size - 1)
        };
        let mut sum = 0;
        for y in 0..TAPS {
            for x in 0..TAPS {
                let place = at(row, rows, film.rows, y) * film.columns + at(column, columns, film.columns, x);
                sum += usize::from(table.grey(film.stored[place]));
            }
        }
        (sum / (TAPS * TAPS)) as u8
    };
    let pixels = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    ColorImage::from_gray_iter([columns, rows], pixels.map(|(row, column)| mean(row, column)))
}
