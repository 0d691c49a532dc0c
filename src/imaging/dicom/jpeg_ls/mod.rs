//! JPEG-LS (ITU-T T.87), lossless and near-lossless, in every interleave mode.
//!
//! Ours, because the libraries without C++ read single components only and refuse some sound streams (padding
//! before the end marker). Here are the markers; [`scan`] decodes the samples.

mod bits;
mod coding;
mod scan;

use super::codestream::{segment, start_of_frame};
use super::pixels::{Format, Samples};
use crate::imaging::radiograph::Missing;
use coding::{Coding, Preset};
use scan::decode_scan;

/// # Errors
/// When the codestream is damaged or of a kind not supported.
pub(super) fn decode(data: &[u8], format: &Format) -> Result<Samples, String> {
    let frame = start_of_frame(data).ok_or("the JPEG-LS data has no frame")?;
    frame.check_size(format)?;
    let components = frame.components.len();
    if !matches!(components, 1 | 3) || !(2..=16).contains(&frame.precision) {
        return Err(format!(
            "JPEG-LS of {components} components of {} bits is not supported",
            frame.precision
        ));
    }
    let mut image =
        Samples { values: vec![0; format.pixels() * components], components, ..Samples::default() };
    let mut preset = Preset::default();
    let mut done = 0;
    let mut at = 2;
    while done < components {
        let (marker, body, next) = segment(data, at).ok_or("the JPEG-LS data ends before its image")?;
        at = next;
        match marker {
            0xF8 => preset = Preset::read(body).unwrap_or(preset),
            0xDD if body.iter().any(|b| *b != 0) => {
                return Err("JPEG-LS with restarts is not supported".to_owned());
            }
            0xE8 if body.starts_with(b"mrfx") && body.get(4) != Some(&0) => {
                return Err("JPEG-LS with a colour transform is not supported".to_owned());
            }
            0xDA => {
                let count = usize::from(*body.first().unwrap_or(&0));
                let [near, interleave] = body.get(1 + 2 * count..3 + 2 * count).unwrap_or_default() else {
                    return Err("the JPEG-LS scan header is cut off".to_owned());
                };
                if count == 0
                    || done + count > components
                    || *interleave > 2
                    || (count == 1) != (*interleave == 0 || components == 1)
                {
                    return Err("the JPEG-LS scan header makes no sense".to_owned());
                }
                let coding = Coding::new(frame.precision, i32::from(*near), preset)?;
                let scan = data.get(at..).unwrap_or_default();
                let by_sample = *interleave == 2 && count > 1;
                let decoded = decode_scan(
                    scan,
                    &coding,
                    format.columns,
                    count,
                    by_sample,
                    |line, component, row| {
                        let start = row * format.columns * components + done + component;
                        let pixels = image.values.get_mut(start..).unwrap_or_default();
                        pixels.iter_mut().step_by(components).zip(line).for_each(|(to, from)| *to = *from);
                    },
                    format.rows,
                )?;
                if decoded < format.rows {
                    let lacking = (format.rows - decoded) as f64 / format.rows as f64;
                    image.missing = Some(Missing::Share(lacking));
                }
                done += count;
                at += scan_length(scan);
            }
            _ => {}
        }
    }
    Ok(image)
}

/// Bytes up to the next marker: in a scan, a byte after 0xFF has its top bit clear.
fn scan_length(scan: &[u8]) -> usize {
    scan.windows(2).position(|w| w[0] == 0xFF && w[1] >= 0x80).unwrap_or(scan.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of T.87 H.3.
    const EXAMPLE: &[u8] = &[
        0xFF, 0xD8, 0xFF, 0xF7, 0x00, 0x0B, 0x08, 0x00, 0x04, 0x00, 0x04, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xDA,
        0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0,
        0x00, 0x00, 0x57, 0x40, 0x00, 0x00, 0x6E, 0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8,
        0x00, 0x00, 0x91, 0x60, 0xFF, 0xD9,
    ];

    fn format() -> Format {
        Format {
            rows: 4,
            columns: 4,
            samples: 1,
            allocated: 8,
            stored: 8,
            high_bit: 7,
            signed: false,
            planar: false,
            photometric: "MONOCHROME2".into(),
            frames: 1,
        }
    }

    #[test]
    fn the_example_of_the_standard() {
        let image = decode(EXAMPLE, &format()).expect("an image");
        let expected = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
        assert_eq!((image.values.as_slice(), image.missing), (expected.as_slice(), None));
    }

    #[test]
    fn every_truncation_is_an_error_or_said() {
        for length in 0..EXAMPLE.len() - 4 {
            let cut = decode(&EXAMPLE[..length], &format());
            assert!(cut.is_err() || cut.is_ok_and(|image| image.missing.is_some()), "{length} bytes");
        }
        assert!(decode(EXAMPLE, &Format { rows: 5, ..format() }).is_err());
    }
}
