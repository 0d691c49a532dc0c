//! JPEG: baseline, extended and progressive of 8 bits and lossless of 2 to 16 through the library; of 12 bits, and
//! RGB that does not say so, by ourselves: the library refuses the one and takes the other for YCbCr.

use super::codestream::{StartOfFrame, start_of_frame};
use super::jpeg_extended;
use super::library::{self, Shape};
use super::pixels::{Format, Samples};
use dicom_dictionary_std::uids;
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

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
    let values = if components == 3 && frame.is_rgb(format) && frame.components != b"RGB" {
        untransformed(data)?
    } else {
        let syntax = if lossless { uids::JPEG_LOSSLESS } else { uids::JPEG_BASELINE8_BIT };
        let shape =
            Shape { rows: format.rows, columns: format.columns, components, precision: frame.precision };
        library::decode(data, syntax, shape)?
    };
    // Either way YCbCr has become RGB.
    Ok(Samples { values, components, is_rgb: Some(true), missing: None })
}

/// Three components as they are.
fn untransformed(data: &[u8]) -> Result<Vec<i32>, String> {
    let mut decoder = Decoder::new(data);
    decoder.set_color_transform(ColorTransform::RGB);
    let bytes = decoder.decode().map_err(|e| format!("the JPEG data is damaged: {e}"))?;
    match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::RGB24) => Ok(bytes.iter().map(|&b| i32::from(b)).collect()),
        _ => Err("this kind of colour JPEG is not supported".to_owned()),
    }
}
