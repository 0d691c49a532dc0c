//! What de-identification needs of a file: that it is sound, its texts in a form that can be searched, and its pixels in
//! one that can be painted on.

use super::attributes::Attributes;
use super::lut;
use super::pixels::{Format, Samples, mask, samples};
use super::presentation::embedded;
use super::read::{source, source_with};
use dicom_object::InMemDicomObject;

/// More samples than this are not decoded at once.
const MAX_VALUES: usize = 500_000_000;

/// Every frame decoded, one after the other, samples interleaved; bits that hold no image are clear.
#[derive(Debug, Clone)]
pub(in crate::imaging) struct Frames {
    pub rows: usize,
    pub columns: usize,
    /// Bytes of a sample, 1 or 2.
    pub bytes: usize,
    pub bits_stored: u32,
    /// What the samples are now: the codecs of JPEG undo their transform of colours.
    pub photometric: String,
    /// Samples of a pixel that is shown black.
    pub black: Vec<u16>,
    pub was_compressed: bool,
    /// Little endian.
    pub data: Vec<u8>,
}

/// Refuses a file whose structure is damaged anywhere.
pub(in crate::imaging) fn check_sound(bytes: &[u8]) -> Result<(), String> {
    let source = source(bytes)?;
    match source.damage {
        Some(damage) => Err(format!("a damaged DICOM file: {damage}")),
        None if source.skipped > 0 => Err("a damaged DICOM file: malformed elements".to_owned()),
        None => Ok(()),
    }
}

/// Everything before the pixel data, its texts as Unicode whatever sets they were written in.
pub(in crate::imaging) fn unicode_header(bytes: &[u8]) -> Result<InMemDicomObject, String> {
    Ok(source_with(bytes, |_| true)?.object)
}

/// Whether bits of the pixels beside those of the image hold an overlay.
pub(in crate::imaging) fn has_embedded_overlay(bytes: &[u8]) -> bool {
    let Ok(source) = source(bytes) else { return false };
    let format = Format::read(&Attributes::of_frame(&source.object, 0));
    format.is_ok_and(|format| !embedded(&source.object, &format).is_empty())
}

/// # Errors
/// For depths other than 8 and 16 bits, and what cannot be decoded.
pub(in crate::imaging) fn decoded_frames(bytes: &[u8]) -> Result<Frames, String> {
    let source = source(bytes)?;
    let attributes = Attributes::of_frame(&source.object, 0);
    let format = Format::read(&attributes)?;
    let element = source.pixel_data.as_ref().ok_or("no pixel data")?;
    let bytes = match format.allocated {
        8 => 1,
        16 => 2,
        bits => return Err(format!("pixels of {bits} bits cannot be blacked out")),
    };
    let frames = format.frames as usize;
    if format.pixels().saturating_mul(format.samples).saturating_mul(frames) > MAX_VALUES {
        return Err("the image is too large to be blacked out".to_owned());
    }
    let mut data = Vec::new();
    let mut kind = None;
    for frame in 0..format.frames {
        let Samples { mut values, components, is_rgb, missing } = samples(&source, element, &format, frame)?;
        if missing.is_some() || components != format.samples {
            return Err("the pixel data is not whole".to_owned());
        }
        mask(&mut values, &format);
        data.extend(values.iter().flat_map(|v| v.to_le_bytes().into_iter().take(bytes)));
        kind = is_rgb;
    }
    let photometric = match (format.samples, kind, format.photometric.as_str()) {
        (3, Some(true), _) => "RGB",
        // Its chroma is one for each pixel now.
        (3, _, kind) if kind.starts_with("YBR_FULL") => "YBR_FULL",
        (_, _, kind) => kind,
    };
    let black = black(photometric, &format, &attributes)?;
    Ok(Frames {
        rows: format.rows,
        columns: format.columns,
        bytes,
        bits_stored: format.stored,
        photometric: photometric.to_owned(),
        black,
        was_compressed: element.declared.is_none(),
        data,
    })
}

fn black(photometric: &str, format: &Format, attributes: &Attributes) -> Result<Vec<u16>, String> {
    let (low, high) = if format.signed {
        (-(1i32 << (format.stored - 1)), (1i32 << (format.stored - 1)) - 1)
    } else {
        (0, (1i32 << format.stored) - 1)
    };
    let middle = 1 << (format.stored - 1);
    Ok(match photometric {
        "MONOCHROME1" => vec![high as u16],
        "PALETTE COLOR" => {
            let indices: Vec<i32> = (low..=high).collect();
            let (luma, _) = lut::palette_luma(&indices, attributes, format, &mut Vec::new())?;
            let darkest = indices.iter().zip(luma).min_by_key(|(_, luma)| *luma);
            vec![darkest.map_or(0, |(index, _)| *index as u16)]
        }
        "YBR_FULL" => vec![0, middle, middle],
        kind if kind.starts_with("YBR") => return Err(format!("{kind} pixels cannot be blacked out")),
        _ => vec![low as u16; format.samples],
    })
}
