//! The picture of a film without anything else: as PNG, and as a hash that finds it again.

use super::error::DatasetError;
use crate::imaging::{ModalityTransform, Radiograph};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Greys with dense bone bright, from 0, and how many bits they fill (at most 16). Stored values are kept wherever they
/// are linear in the modality's; a table is applied.
pub fn greys(film: &Radiograph) -> (Vec<u16>, u16) {
    let linear = matches!(film.modality, ModalityTransform::Rescale { slope, .. } if slope > 0.0);
    let plain = linear && film.bits_stored <= 16;
    let (low, high) = film.stored_range().unwrap_or((0, 0));
    let floor = low.min(0);
    let top = (1i64 << film.bits_stored.min(16)) - 1;
    if plain && i64::from(high) - i64::from(floor) <= top {
        let value = |v: i32| if film.inverted { low + (high - v) - floor } else { v - floor };
        return (film.stored.iter().map(|v| value(*v) as u16).collect(), film.bits_stored);
    }
    let grey = film.grey();
    let (low, high) = grey.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let scale = if high > low { f32::from(u16::MAX) / (high - low) } else { 0.0 };
    (grey.iter().map(|v| ((v - low) * scale).round() as u16).collect(), 16)
}

/// The picture as a grey PNG of 8 or 16 bits. Depths between are moved to the upper bits, so that every viewer shows
/// them: nothing is rounded, and a film of 8 or 16 bits is kept value by value.
///
/// # Errors
/// A film that is no picture, in words.
pub fn png(film: &Radiograph) -> Result<Vec<u8>, String> {
    let (values, bits) = greys(film);
    if bits <= 8 {
        let bytes: Vec<u8> = values.iter().map(|v| (v << (8 - bits)) as u8).collect();
        return encode(&bytes, film.rows, film.columns, ExtendedColorType::L8);
    }
    let bytes: Vec<u8> = values.iter().flat_map(|v| (v << (16 - bits)).to_ne_bytes()).collect();
    encode(&bytes, film.rows, film.columns, ExtendedColorType::L16)
}

/// Labels as a grey PNG whose values they are.
///
/// # Errors
/// A map that is no picture, in words.
pub fn labels_png(labels: &[u8], rows: usize, columns: usize) -> Result<Vec<u8>, String> {
    encode(labels, rows, columns, ExtendedColorType::L8)
}

fn encode(bytes: &[u8], rows: usize, columns: usize, colour: ExtendedColorType) -> Result<Vec<u8>, String> {
    let mut png = Vec::new();
    let size = [columns, rows].map(|side| u32::try_from(side).map_err(|e| e.to_string()));
    let [width, height] = size;
    PngEncoder::new(&mut png).write_image(bytes, width?, height?, colour).map_err(|e| e.to_string())?;
    Ok(png)
}

/// SHA-256 of the size and the greys, whatever file they came in: the same picture as DICOM and as PNG has one hash.
pub fn pixel_hash(film: &Radiograph) -> [u8; 32] {
    let (values, bits) = greys(film);
    let mut hash = Sha256::new();
    hash.update((film.rows as u64).to_le_bytes());
    hash.update((film.columns as u64).to_le_bytes());
    let shift = if bits <= 8 { 8 - bits } else { 16 - bits };
    for value in values {
        hash.update((value << shift).to_le_bytes());
    }
    hash.finalize().into()
}

/// The labels in a picture of them.
///
/// # Errors
/// A file that cannot be read, or values beyond 255.
pub fn read_labels(path: &Path) -> Result<(usize, usize, Vec<u8>), DatasetError> {
    let film = super::find::open(path)?;
    let labels: Result<Vec<u8>, _> = film.stored.iter().map(|value| u8::try_from(*value)).collect();
    let labels = labels.map_err(|_| DatasetError::content(path, "holds labels outside 0 to 255"))?;
    Ok((film.rows, film.columns, labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(film: &Radiograph) -> Radiograph {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.png");
        std::fs::write(&path, png(film).unwrap()).unwrap();
        crate::imaging::open(&path).unwrap()
    }

    #[test]
    fn every_depth_survives_and_the_hash_knows_the_picture_again() {
        for bits in [1, 7, 8, 10, 12, 16] {
            let top = (1i32 << bits) - 1;
            let stored: Vec<i32> = (0..12).map(|i| (i * 6337 + 5) & top).collect();
            let film = Radiograph::from_stored(3, 4, stored.clone(), bits).unwrap();
            let read = back(&film);
            let shift = if bits <= 8 { 8 - bits } else { 16 - bits };
            assert_eq!(read.stored, stored.iter().map(|v| v << shift).collect::<Vec<_>>(), "{bits} bits");
            assert_eq!(pixel_hash(&read), pixel_hash(&film));
        }
        let one = Radiograph::from_stored(1, 2, vec![1, 2], 8).unwrap();
        let turned = Radiograph::from_stored(2, 1, vec![1, 2], 8).unwrap();
        assert_ne!(pixel_hash(&one), pixel_hash(&turned));
    }

    #[test]
    fn an_inverted_film_comes_out_with_bright_bone_and_signed_values_from_zero() {
        let mut film = Radiograph::from_stored(1, 3, vec![10, 20, 90], 8).unwrap();
        film.inverted = true;
        assert_eq!(back(&film).stored, [90, 80, 10]);
        let signed = Radiograph::from_stored(1, 3, vec![-100, 0, 900], 12).unwrap();
        assert_eq!(back(&signed).stored, [0, 100 << 4, 1000 << 4]);
        let mut falling = Radiograph::from_stored(1, 3, vec![0, 1, 2], 8).unwrap();
        falling.modality = ModalityTransform::Rescale { slope: -1.0, intercept: 2.0 };
        assert_eq!(back(&falling).stored, [65535, 32768, 0]);
    }
}
