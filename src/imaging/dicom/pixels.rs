//! One frame of pixel data to one channel of stored values: bits above BitsStored masked, sign extended,
//! colour reduced to its luma.

use super::attributes::Attributes;
use super::read::Source;
use super::walk::Element;
use super::{codec, float, lut, native, presentation, walk};
use crate::imaging::luma::{COLOUR_LOST, luma};
use crate::imaging::presentation::Overlay;
use crate::imaging::radiograph::Missing;
use dicom_dictionary_std::tags;

/// More than any film has: 100 million samples are 400 MB of stored values.
const MAX_SAMPLES: usize = 100_000_000;

/// The image pixel module (PS3.3 C.7.6.3), checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Format {
    pub rows: usize,
    pub columns: usize,
    pub samples: usize,
    pub allocated: u32,
    pub stored: u32,
    pub high_bit: u32,
    pub signed: bool,
    /// Planar configuration 1: all red, then all green, then all blue.
    pub planar: bool,
    pub photometric: String,
    pub frames: u32,
}

/// Decoded samples, interleaved, before masking; unsigned 32-bit values by their bits.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Samples {
    pub values: Vec<i32>,
    pub components: usize,
    /// Whether the three components are RGB, where the codestream settles it; else the header does.
    pub is_rgb: Option<bool>,
    pub missing: Option<Missing>,
}

/// One channel, ready.
#[derive(Debug)]
pub(super) struct Channel {
    pub values: Vec<i32>,
    pub bits: u16,
    pub inverted: bool,
    /// Slope and intercept from values to the floats that they stand for.
    pub scale: Option<(f64, f64)>,
    /// Overlay planes from the bits beside the stored ones.
    pub overlays: Vec<Overlay>,
    pub missing: Option<Missing>,
    pub warnings: Vec<String>,
}

impl Format {
    /// Reads and checks the module.
    ///
    /// # Errors
    /// What is missing or impossible.
    pub fn read(attributes: &Attributes) -> Result<Format, String> {
        let need = |tag, name: &str| {
            attributes.integer::<usize>(tag).ok_or_else(|| format!("{name} is missing or no number"))
        };
        let rows = need(tags::ROWS, "Rows")?;
        let columns = need(tags::COLUMNS, "Columns")?;
        if rows == 0 || columns == 0 {
            return Err(format!("an image of {rows} rows and {columns} columns is empty"));
        }
        let allocated = attributes.integer::<u32>(tags::BITS_ALLOCATED).unwrap_or(8);
        if !matches!(allocated, 1 | 8 | 16 | 32 | 64) {
            return Err(format!("{allocated} bits allocated are not supported"));
        }
        let samples = attributes.integer::<usize>(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
        if !matches!(samples, 1 | 3 | 4) {
            return Err(format!("{samples} samples per pixel are not supported"));
        }
        if rows.saturating_mul(columns).saturating_mul(samples) > MAX_SAMPLES {
            return Err(format!("an image of {rows} rows and {columns} columns is too large"));
        }
        let stored = attributes.integer::<u32>(tags::BITS_STORED).filter(|b| (1..=allocated).contains(b));
        let stored = stored.unwrap_or(allocated);
        let high_bit =
            attributes.integer::<u32>(tags::HIGH_BIT).filter(|b| (stored - 1..allocated).contains(b));
        let photometric = attributes.text(tags::PHOTOMETRIC_INTERPRETATION).to_ascii_uppercase();
        Ok(Format {
            rows,
            columns,
            samples,
            allocated,
            stored,
            high_bit: high_bit.unwrap_or(stored - 1),
            signed: attributes.integer::<u16>(tags::PIXEL_REPRESENTATION) == Some(1),
            planar: attributes.integer::<u16>(tags::PLANAR_CONFIGURATION) == Some(1),
            photometric,
            frames: attributes.integer::<u32>(tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1),
        })
    }

    pub fn pixels(&self) -> usize {
        self.rows * self.columns
    }
}

/// Decodes frame `frame` (from 0) of `source`.
///
/// # Errors
/// Why there is no image, in words.
pub(super) fn decode(
    source: &Source,
    attributes: &Attributes,
    format: &Format,
    frame: u32,
) -> Result<Channel, String> {
    let element = source.pixel_data.as_ref().ok_or_else(|| match &source.damage {
        Some(damage) => format!("no pixel data: {damage}"),
        None => "no pixel data".to_owned(),
    })?;
    if element.declared.is_some() && element.tag != walk::PIXEL_DATA {
        let bytes = source.dataset.get(element.value.clone()).unwrap_or_default();
        let float::Steps { values, slope, intercept, warnings } =
            float::decode(bytes, element.tag, order(source, element), format, frame)?;
        let inverted = format.photometric == "MONOCHROME1";
        let scale = Some((slope, intercept));
        return Ok(Channel { values, bits: 24, inverted, scale, overlays: vec![], missing: None, warnings });
    }
    let mut samples = samples(source, element, format, frame)?;
    let overlays = presentation::embedded_overlays(&source.object, &samples, format);
    mask(&mut samples.values, format);
    Ok(Channel { overlays, ..one_channel(samples, attributes, format)? })
}

/// The samples of frame `frame` (from 0) as they are stored, bits beside the stored ones included.
///
/// # Errors
/// Why there are none, in words.
pub(super) fn samples(
    source: &Source,
    element: &Element,
    format: &Format,
    frame: u32,
) -> Result<Samples, String> {
    if frame >= format.frames {
        return Err(format!("there is no frame {} among {}", u64::from(frame) + 1, format.frames));
    }
    if element.declared.is_none() {
        return codec::decode(source, element, format, frame);
    }
    if codec::is_compressed(&source.transfer_syntax) {
        return Err("the pixel data should be compressed and is not".to_owned());
    }
    let bytes = source.dataset.get(element.value.clone()).unwrap_or_default();
    native::decode(bytes, order(source, element), format, frame)
}

fn order(source: &Source, element: &Element) -> native::Order {
    native::Order { big_endian: source.layout.big_endian, words: &element.vr == b"OW" }
}

/// Reduces masked samples to one channel.
fn one_channel(samples: Samples, attributes: &Attributes, format: &Format) -> Result<Channel, String> {
    let Samples { mut values, components, is_rgb, missing } = samples;
    let mut warnings = Vec::new();
    let overlays = Vec::new();
    if format.stored == 32 && !format.signed && values.iter().any(|v| *v < 0) {
        values.iter_mut().filter(|v| **v < 0).for_each(|v| *v = i32::MAX);
        warnings.push("values above 2147483647 are clipped".to_owned());
    }
    let inverted = format.photometric == "MONOCHROME1";
    let bits = format.stored.min(32) as u16;
    if components == 1 {
        if format.photometric == "PALETTE COLOR" {
            let (values, bits) = lut::palette_luma(&values, attributes, format, &mut warnings)?;
            return Ok(Channel { values, bits, inverted: false, scale: None, overlays, missing, warnings });
        }
        return Ok(Channel { values, bits, inverted, scale: None, overlays, missing, warnings });
    }
    let is_rgb = is_rgb.unwrap_or(!format.photometric.starts_with("YBR"));
    let pixels = values.chunks_exact(components);
    let values: Vec<i32> = if is_rgb {
        let mut coloured = false;
        let luma = pixels.map(|p| {
            coloured |= p[0] != p[1] || p[1] != p[2];
            luma(p[0], p[1], p[2])
        });
        let values = luma.collect();
        if coloured {
            warnings.push(COLOUR_LOST.to_owned());
        }
        values
    } else {
        let middle = 1 << (format.stored - 1).min(30);
        let mut coloured = false;
        // The chroma of a grey strays by a unit or two in lossy encodings.
        let luma = pixels.map(|p| {
            coloured |= (p[1] - middle).abs() > 3 || (p[2] - middle).abs() > 3;
            p[0]
        });
        let values = luma.collect();
        if coloured {
            warnings.push(COLOUR_LOST.to_owned());
        }
        values
    };
    Ok(Channel { values, bits, inverted: false, scale: None, overlays, missing, warnings })
}

/// Keeps the BitsStored bits that end at HighBit and extends their sign: overlays may live above.
pub(super) fn mask(values: &mut [i32], format: &Format) {
    let shift = (format.high_bit + 1).saturating_sub(format.stored);
    let unused = 32u32.saturating_sub(format.stored);
    if unused == 0 || format.allocated == 1 {
        return;
    }
    let left = unused.saturating_sub(shift);
    if format.signed {
        values.iter_mut().for_each(|v| *v = (*v << left) >> unused);
    } else {
        values.iter_mut().for_each(|v| *v = (((*v as u32) << left) >> unused) as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(stored: u32, high_bit: u32, signed: bool) -> Format {
        Format {
            rows: 1,
            columns: 1,
            samples: 1,
            allocated: 16,
            stored,
            high_bit,
            signed,
            planar: false,
            photometric: "MONOCHROME2".into(),
            frames: 1,
        }
    }

    #[test]
    fn bits_above_are_masked_and_signs_extended() {
        let masked = |values: &[i32], format: Format| {
            let mut values = values.to_vec();
            mask(&mut values, &format);
            values
        };
        assert_eq!(masked(&[0xF123, 0x0FFF], format(12, 11, false)), [0x123, 0xFFF]);
        assert_eq!(masked(&[0xF123, 0x0FFF, 0x0800], format(12, 11, true)), [0x123, -1, -2048]);
        assert_eq!(masked(&[0x1234], format(12, 15, false)), [0x123]);
        assert_eq!(masked(&[0xFFFF, 0x7FFF], format(16, 15, true)), [-1, 32767]);
        assert_eq!(masked(&[-5], format(16, 15, false)), [65531]);
    }
}
