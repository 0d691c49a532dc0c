//! What de-identification needs of a file: that it is sound, and its pixels in a form that can be painted on.

use super::attributes::Attributes;
use super::pixels::{Format, decode};
use super::read::source;

/// More pixels than this are not decoded at once.
const MAX_VALUES: usize = 500_000_000;

/// How the samples of all frames lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::imaging) struct FrameFormat {
    pub rows: usize,
    pub columns: usize,
    pub samples: usize,
    pub frames: usize,
    /// Bytes of a sample, 1 or 2.
    pub bytes: usize,
    pub planar: bool,
    pub compressed: bool,
    /// Stored value that is shown black.
    pub black: u16,
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

/// The layout of the pixels, and where they are compressed the decoded frames, one after the other.
///
/// # Errors
/// For compressed colour, and what cannot be decoded.
pub(in crate::imaging) fn decoded_frames(bytes: &[u8]) -> Result<(FrameFormat, Option<Vec<u8>>), String> {
    let source = source(bytes)?;
    let attributes = Attributes::of_frame(&source.object, 0);
    let format = Format::read(&attributes)?;
    let element = source.pixel_data.as_ref().ok_or("no pixel data")?;
    let compressed = element.declared.is_none();
    let bytes = match format.allocated {
        8 => 1,
        16 => 2,
        bits => return Err(format!("pixels of {bits} bits cannot be blacked out")),
    };
    if format.photometric.contains("_422") || !compressed && format.photometric.starts_with("YBR") {
        return Err("YBR pixels cannot be blacked out".to_owned());
    }
    let (low, high) = if format.signed {
        (-(1i64 << (format.stored - 1)), (1i64 << (format.stored - 1)) - 1)
    } else {
        (0, (1i64 << format.stored) - 1)
    };
    let black = if format.photometric == "MONOCHROME1" { high } else { low };
    let layout = FrameFormat {
        rows: format.rows,
        columns: format.columns,
        samples: format.samples,
        frames: format.frames as usize,
        bytes,
        planar: format.planar,
        compressed,
        black: black as u16,
    };
    if !compressed {
        return Ok((layout, None));
    }
    if format.samples != 1 || !format.photometric.starts_with("MONOCHROME") {
        return Err("compressed colour cannot be blacked out".to_owned());
    }
    if format.pixels().saturating_mul(layout.frames) > MAX_VALUES {
        return Err("the image is too large to be blacked out".to_owned());
    }
    let mut data = Vec::new();
    for frame in 0..format.frames {
        let channel = decode(&source, &attributes, &format, frame)?;
        data.extend(channel.values.iter().flat_map(|v| v.to_le_bytes().into_iter().take(bytes)));
    }
    Ok((layout, Some(data)))
}
