//! Masks as pictures: the labels as they are, and laid over the film in their colours.

use super::ExportError;
use crate::imaging::Radiograph;
use crate::measure::LabelMap;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// How much of the colour shows inside of a structure, in 256ths; its border is of the full colour.
const TINT: u32 = 90;

/// A grey PNG whose values are the labels, as programs read them.
///
/// # Errors
/// A map that is no picture.
pub fn labels_png(masks: &LabelMap) -> Result<Vec<u8>, ExportError> {
    encode(&masks.labels, masks, ExtendedColorType::L8)
}

/// The film at its default window with every structure tinted and outlined.
///
/// # Errors
/// A map that is not of the film.
pub fn overlay_png(film: &Radiograph, masks: &LabelMap) -> Result<Vec<u8>, ExportError> {
    if (film.rows, film.columns) != (masks.rows, masks.columns) {
        return Err(ExportError::Image("the masks are not of the size of the film".to_owned()));
    }
    let grey = film.render(film.default_window(), false);
    let border = (masks.rows.max(masks.columns) / 1200).max(1);
    let mut pixels = Vec::with_capacity(3 * grey.len());
    for (index, value) in grey.into_iter().enumerate() {
        let label = masks.labels[index];
        let Some(structure) = masks.structures.iter().find(|name| name.value == label) else {
            pixels.extend([value; 3]);
            continue;
        };
        let share = if on_border(masks, index, border) { 256 } else { TINT };
        let mixed = |colour: u8| ((u32::from(value) * (256 - share) + u32::from(colour) * share) / 256) as u8;
        pixels.extend(structure.colour().map(mixed));
    }
    encode(&pixels, masks, ExtendedColorType::Rgb8)
}

/// Whether another label is within `reach` pixels along a row or a column.
fn on_border(masks: &LabelMap, index: usize, reach: usize) -> bool {
    let (row, column) = (index / masks.columns, index % masks.columns);
    let label = masks.labels[index];
    let other = |row: usize, column: usize| masks.labels[row * masks.columns + column] != label;
    other(row.saturating_sub(reach), column)
        || other((row + reach).min(masks.rows - 1), column)
        || other(row, column.saturating_sub(reach))
        || other(row, (column + reach).min(masks.columns - 1))
}

fn encode(pixels: &[u8], masks: &LabelMap, colour: ExtendedColorType) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(pixels, masks.columns as u32, masks.rows as u32, colour)
        .map_err(|e| ExportError::Image(e.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Structure;

    #[test]
    fn structures_are_tinted_outlined_and_kept_as_numbers() {
        let labels =
            (0..49).map(|i| u8::from((1..6).contains(&(i / 7)) && (1..6).contains(&(i % 7)))).collect();
        let structures = vec![Structure { value: 1, name: "L1".to_owned() }];
        let masks = LabelMap { rows: 7, columns: 7, labels, structures };
        let film = Radiograph::from_grey(7, 7, &[0.5; 49], 8).unwrap();
        let overlay = image::load_from_memory(&overlay_png(&film, &masks).unwrap()).unwrap().to_rgb8();
        let red = |x, y| i32::from(overlay.get_pixel(x, y)[0]) - i32::from(overlay.get_pixel(x, y)[2]);
        assert_eq!(red(0, 0), 0);
        assert!(red(3, 3) > 20 && red(1, 3) > 2 * red(3, 3), "{} {}", red(3, 3), red(1, 3));
        let plain = image::load_from_memory(&labels_png(&masks).unwrap()).unwrap().to_luma8();
        assert_eq!(plain.into_raw(), masks.labels);
        let other = Radiograph::from_grey(1, 7, &[0.5; 7], 8).unwrap();
        assert!(overlay_png(&other, &masks).is_err());
    }
}
