//! Pixels that are not square: on a screen the coarser side is drawn larger.

use super::radiograph::Radiograph;
use image::imageops::{FilterType, resize};
use image::{GrayImage, ImageBuffer};

/// Ratios beyond this are damage, not a detector.
const MAX_RATIO: f64 = 8.0;
/// Rounded decimal strings make ratios this close to 1.
const SQUARE: f64 = 1e-3;

impl Radiograph {
    /// Height of a pixel over its width.
    pub fn pixel_aspect(&self) -> f64 {
        let ratio = self.spacing.row / self.spacing.column;
        if ratio.is_finite() && (1.0 / MAX_RATIO..=MAX_RATIO).contains(&ratio) { ratio } else { 1.0 }
    }

    /// Rows and columns on a screen with square pixels: the finer side keeps its number.
    pub fn square_size(&self) -> (usize, usize) {
        let aspect = self.pixel_aspect();
        if (aspect - 1.0).abs() < SQUARE {
            (self.rows, self.columns)
        } else if aspect > 1.0 {
            ((self.rows as f64 * aspect).round() as usize, self.columns)
        } else {
            (self.rows, (self.columns as f64 / aspect).round() as usize)
        }
    }

    /// Greys of this image at its [`square_size`](Self::square_size); as they are where they do not fit it.
    pub fn squared(&self, grey: Vec<u8>) -> (usize, usize, Vec<u8>) {
        let (rows, columns) = self.square_size();
        if (rows, columns) == (self.rows, self.columns) {
            return (rows, columns, grey);
        }
        let image: Option<GrayImage> = ImageBuffer::from_raw(self.columns as u32, self.rows as u32, grey);
        match image {
            Some(image) => {
                let image = resize(&image, columns as u32, rows as u32, FilterType::Triangle);
                (rows, columns, image.into_raw())
            }
            None => (self.rows, self.columns, Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::imaging::Radiograph;
    use crate::measure::{Spacing, SpacingStatus};

    #[test]
    fn tall_pixels_are_drawn_tall() {
        let mut film = Radiograph::from_stored(2, 3, vec![0; 6], 8).expect("an image");
        assert_eq!(film.square_size(), (2, 3));
        film.spacing = Spacing { row: 0.4, column: 0.2, status: SpacingStatus::Detector };
        let (rows, columns, grey) = film.squared(vec![7; 6]);
        assert_eq!((rows, columns, grey), (4, 3, vec![7; 12]));
        film.spacing = Spacing { row: 0.2, column: 0.4, status: SpacingStatus::Detector };
        assert_eq!(film.square_size(), (2, 6));
    }
}
