//! JPEG 2000, also high-throughput, through OpenJPEG: its code blocks are decoded on every core.

use super::codestream::{check_size, jpeg_2000 as siz};
use super::library::Shape;
use super::pixels::{Format, Samples};
use jpeg2k::Image;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Deeper samples do not survive OpenJPEG: measured, 24 bits come back as they were and 26 do not.
const MAX_PRECISION: u32 = 24;
/// OpenJPEG holds samples of 4 bytes once or twice, and we once more: less than 1 GiB.
const MAX_SAMPLES: usize = 64_000_000;

/// # Errors
/// When the codestream is damaged, of a kind not supported, or not of the size of the header.
pub(super) fn decode(data: &[u8], format: &Format) -> Result<Samples, String> {
    let damaged = || "the JPEG 2000 data is damaged".to_owned();
    // Without the boxes that DICOM does not allow around it, and their parser.
    let (codestream, shape) = siz(data)?;
    let Shape { rows, columns, components, precision, .. } = shape;
    check_size(rows, columns, format)?;
    if !matches!(components, 1 | 3 | 4) || precision > MAX_PRECISION {
        return Err(format!("JPEG 2000 of {components} components of {precision} bits is not supported"));
    }
    if format.pixels().saturating_mul(components) > MAX_SAMPLES {
        return Err(format!("JPEG 2000 of {rows} rows and {columns} columns is too large"));
    }
    let image = catch_unwind(AssertUnwindSafe(|| Image::from_bytes(codestream)))
        .map_err(|_| damaged())?
        .map_err(|e| format!("the JPEG 2000 data is damaged: {e}"))?;
    let parts: Vec<&[i32]> = image.components().iter().map(|part| part.data()).collect();
    if parts.len() != components || parts.iter().any(|part| part.len() != format.pixels()) {
        return Err(damaged());
    }
    let values = match parts[..] {
        [part] => part.to_vec(),
        _ => (0..format.pixels()).flat_map(|pixel| parts.iter().map(move |part| part[pixel])).collect(),
    };
    // A multiple component transform is undone by the decoder: RCT and ICT come out as RGB.
    let is_rgb = (format.photometric != "YBR_FULL").then_some(true);
    Ok(Samples { values, components, is_rgb, missing: None })
}
