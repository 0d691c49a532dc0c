//! JPEG 2000: small images through the library, large ones in strips on every core.
//!
//! The library decodes on one thread, and a film takes it half as long again as OpenJPEG in C. Its decoder reads an
//! area as well as the whole, only through the code blocks that it needs, so that strips of rows are independent.

use super::codestream::{check_size, jpeg_2000 as shape_of};
use super::library;
use super::pixels::{Format, Samples};
use dicom_dictionary_std::uids;
use jpeg2k::{DecodeArea, DecodeParameters, Image};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows of the least strip: code blocks cover 64 rows of a band, and 128 of the image in the finest bands.
const STRIP: usize = 128;
/// Pixels from which strips are worth it.
const LARGE: usize = 1 << 19;

/// # Errors
/// When the codestream is damaged, or not of the size of the header.
pub(super) fn decode(data: &[u8], high_throughput: bool, format: &Format) -> Result<Samples, String> {
    let (shape, at_origin) = shape_of(data)?;
    check_size(shape.rows, shape.columns, format)?;
    let strips = rayon::current_num_threads().min(shape.rows / STRIP);
    let values = if at_origin && strips > 1 && format.pixels() >= LARGE {
        let rows = shape.rows.div_ceil(strips).next_multiple_of(STRIP);
        in_strips(data, rows, &shape)?
    } else {
        library::decode(data, if high_throughput { uids::HTJ2K } else { uids::JPEG2000 }, shape)?
    };
    // A multiple component transform is undone by the decoder: RCT and ICT come out as RGB.
    let is_rgb = (format.photometric != "YBR_FULL").then_some(true);
    Ok(Samples { values, components: shape.components, is_rgb, warnings: Vec::new() })
}

fn in_strips(data: &[u8], rows: usize, shape: &library::Shape) -> Result<Vec<i32>, String> {
    let damaged = || "the JPEG 2000 data is damaged".to_owned();
    let mut values = vec![0; shape.rows * shape.columns * shape.components];
    values.par_chunks_mut(rows * shape.columns * shape.components).enumerate().try_for_each(
        |(index, strip)| {
            let top = index * rows;
            let bottom = (top + rows).min(shape.rows);
            let area = DecodeArea::new(0, top as u32, shape.columns as u32, bottom as u32);
            let parameters = || DecodeParameters::new().decode_area(Some(area));
            let image = catch_unwind(AssertUnwindSafe(|| Image::from_bytes_with(data, parameters())));
            let image =
                image.map_err(|_| damaged())?.map_err(|e| format!("the JPEG 2000 data is damaged: {e}"))?;
            let parts = image.components();
            if parts.len() != shape.components {
                return Err(damaged());
            }
            for (component, part) in parts.iter().enumerate() {
                if part.data().len() * shape.components != strip.len() {
                    return Err(damaged());
                }
                for (pixel, value) in strip.chunks_exact_mut(shape.components).zip(part.data()) {
                    pixel[component] = *value;
                }
            }
            Ok(())
        },
    )?;
    Ok(values)
}
