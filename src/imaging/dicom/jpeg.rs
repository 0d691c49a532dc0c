//! JPEG: baseline, extended and progressive of 8 bits and lossless of 2 to 16 through the library, which is told where
//! colour is RGB that does not say so; of 12 bits, which it refuses, by ourselves.

use super::codestream::{StartOfFrame, start_of_frame};
use super::jpeg_extended;
use super::pixels::{Format, Samples};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};
use std::panic::{AssertUnwindSafe, catch_unwind};

impl StartOfFrame {
    /// Whether three components are RGB: named so, or told so by Adobe, else as the DICOM header says.
    fn is_rgb(&self, format: &Format) -> bool {
        match (&self.components[..], self.adobe_transform) {
            ([b'R', b'G', b'B'], _) => true,
            (_, Some(transform)) => transform == 0,
            _ if self.jfif => false,
            _ => !format.photometric.starts_with("YBR"),
        }
    }
}

/// # Errors
/// When the codestream is damaged or of a kind not supported.
pub(super) fn decode(data: &[u8], format: &Format) -> Result<Samples, String> {
    let frame = start_of_frame(data).ok_or("the JPEG data has no frame")?;
    let components = frame.components.len();
    frame.check_size(format)?;
    if !matches!(components, 1 | 3) {
        return Err(format!("JPEG of {components} components is not supported"));
    }
    let lossless = frame.marker == 0xC3;
    if !lossless && frame.precision > 8 {
        return jpeg_extended::decode(data, &frame, format);
    }
    let mut decoder = Decoder::new(data);
    if components == 3 && frame.is_rgb(format) {
        decoder.set_color_transform(ColorTransform::RGB);
    }
    let bytes = catch_unwind(AssertUnwindSafe(|| decoder.decode()))
        .map_err(|_| "the JPEG data is damaged".to_owned())?
        .map_err(|e| format!("the JPEG data is damaged: {e}"))?;
    let values: Vec<i32> = match (decoder.info().map(|info| info.pixel_format), components) {
        (Some(PixelFormat::L8), 1) | (Some(PixelFormat::RGB24), 3) => {
            bytes.iter().map(|&b| i32::from(b)).collect()
        }
        (Some(PixelFormat::L16), 1) => {
            bytes.chunks_exact(2).map(|b| i32::from(u16::from_ne_bytes([b[0], b[1]]))).collect()
        }
        _ => return Err(format!("this kind of JPEG of {components} components is not supported")),
    };
    // Either way YCbCr has become RGB.
    Ok(Samples { values, components, is_rgb: Some(true), missing: None })
}
