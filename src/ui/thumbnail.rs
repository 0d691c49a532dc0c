//! The small picture of a film in the list.

use crate::imaging::{Radiograph, Window};
use egui::ColorImage;

/// Longest side, pixels.
const SIDE: usize = 96;

/// The film as `window` shows it, averaged down.
pub fn render(radiograph: &Radiograph, window: Window) -> ColorImage {
    let grey = radiograph.render(window, false);
    let step = radiograph.rows.max(radiograph.columns).div_ceil(SIDE).max(1);
    let (rows, columns) = (radiograph.rows.div_ceil(step), radiograph.columns.div_ceil(step));
    let mean = |row: usize, column: usize| {
        let mut sum = 0u64;
        let mut count = 0u64;
        for y in row * step..((row + 1) * step).min(radiograph.rows) {
            let line = y * radiograph.columns;
            for x in column * step..((column + 1) * step).min(radiograph.columns) {
                sum += u64::from(grey[line + x]);
                count += 1;
            }
        }
        (sum / count.max(1)) as u8
    };
    let pixels: Vec<u8> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .map(|(r, c)| mean(r, c))
        .collect();
    ColorImage::from_gray([columns, rows], &pixels)
}
