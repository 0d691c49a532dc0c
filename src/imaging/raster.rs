//! PNG, JPEG and TIFF: images without identity, spacing or sides.

use super::luma::{COLOUR_LOST, luma};
use super::radiograph::Radiograph;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Decoding may take this much memory: more than any film, less than a bomb.
const MAX_ALLOCATION: u64 = 512 << 20;
/// As many as a DICOM image may have.
const MAX_PIXELS: u64 = 100_000_000;

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
    let damaged = |e| format!("the {name} data cannot be decoded: {e}");
    let size = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().map_err(damaged)?;
    if u64::from(size.0) * u64::from(size.1) > MAX_PIXELS {
        return Err(format!("an image of {} rows and {} columns is too large", size.1, size.0));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    reader.limits(limits);
    let image = reader.decode().map_err(damaged)?;
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
    match image {
        D::ImageLuma8(i) => Ok(one_channel::<_, 1>(&i, 8)),
        D::ImageLumaA8(i) => Ok(one_channel::<_, 2>(&i, 8)),
        D::ImageRgb8(i) => Ok(one_channel::<_, 3>(&i, 8)),
        D::ImageRgba8(i) => Ok(one_channel::<_, 4>(&i, 8)),
        D::ImageLuma16(i) => Ok(one_channel::<_, 1>(&i, 16)),
        D::ImageLumaA16(i) => Ok(one_channel::<_, 2>(&i, 16)),
        D::ImageRgb16(i) => Ok(one_channel::<_, 3>(&i, 16)),
        D::ImageRgba16(i) => Ok(one_channel::<_, 4>(&i, 16)),
        _ => Err(format!("{name} of floating point pixels is not supported")),
    }
}

/// Grey, or the luma of colour, of pixels of `N` samples.
fn one_channel<T: Copy + PartialEq + Into<i32>, const N: usize>(
    samples: &[T],
    bits: u16,
) -> (Vec<i32>, u16, bool) {
    let pixels = samples.as_chunks::<N>().0;
    if N < 3 {
        return (pixels.iter().map(|p| p[0].into()).collect(), bits, false);
    }
    let coloured = pixels.iter().any(|p| p[0] != p[1] || p[1] != p[2]);
    (pixels.iter().map(|p| luma(p[0].into(), p[1].into(), p[2].into())).collect(), bits, coloured)
}
