//! PNG, JPEG and TIFF: images without identity, spacing or sides.

use super::luma::{COLOUR_LOST, luma};
use super::radiograph::Radiograph;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Decoding may take this much memory: more than any film, less than a bomb.
const MAX_ALLOCATION: u64 = 1 << 30;

/// The raster format by its first bytes; `None` for all others.
pub(super) fn format(bytes: &[u8]) -> Option<ImageFormat> {
    image::guess_format(bytes)
        .ok()
        .filter(|f| matches!(f, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Tiff))
}

/// # Errors
/// When the data is damaged, too large, or of a pixel type without grey levels.
pub(super) fn radiograph(bytes: &[u8], format: ImageFormat) -> Result<Radiograph, String> {
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        _ => "TIFF",
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits.max_image_width = Some(65535);
    limits.max_image_height = Some(65535);
    reader.limits(limits);
    let image = reader.decode().map_err(|e| format!("the {name} data cannot be decoded: {e}"))?;
    let (columns, rows) = (image.width() as usize, image.height() as usize);
    let (stored, bits, coloured) = greys(image, name)?;
    let mut film = Radiograph::from_stored(rows, columns, stored, bits).map_err(|e| e.to_string())?;
    film.identity.encoding = name.to_owned();
    if coloured {
        film.warnings.push(COLOUR_LOST.to_owned());
    }
    film.warnings.push(format!("{name} holds no spacing: lengths are in pixels"));
    film.warnings.push(super::ASSUMED_SIDE.to_owned());
    Ok(film)
}

/// One channel at the depth of the file, its bits, and whether colour was lost.
fn greys(image: DynamicImage, name: &str) -> Result<(Vec<i32>, u16, bool), String> {
    use DynamicImage as D;
    let wide = |values: &[u16]| values.iter().map(|&v| i32::from(v)).collect();
    let narrow = |values: &[u8]| values.iter().map(|&v| i32::from(v)).collect();
    let (values, samples, bits): (Vec<i32>, usize, u16) = match image {
        D::ImageLuma8(i) => (narrow(&i), 1, 8),
        D::ImageLumaA8(i) => (narrow(&i), 2, 8),
        D::ImageRgb8(i) => (narrow(&i), 3, 8),
        D::ImageRgba8(i) => (narrow(&i), 4, 8),
        D::ImageLuma16(i) => (wide(&i), 1, 16),
        D::ImageLumaA16(i) => (wide(&i), 2, 16),
        D::ImageRgb16(i) => (wide(&i), 3, 16),
        D::ImageRgba16(i) => (wide(&i), 4, 16),
        _ => return Err(format!("{name} of floating point pixels is not supported")),
    };
    if samples < 3 {
        return Ok((values.into_iter().step_by(samples).collect(), bits, false));
    }
    let coloured = values.chunks_exact(samples).any(|p| p[0] != p[1] || p[1] != p[2]);
    let greys = values.chunks_exact(samples).map(|p| luma(p[0], p[1], p[2])).collect();
    Ok((greys, bits, coloured))
}
