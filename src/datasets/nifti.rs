//! NIfTI-1 of two dimensions, `.nii` and `.nii.gz`: what nnU-Net takes where a PNG would lose the spacing.
//!
//! Own code: the crate for it writes through an array library of its own, for a header of 348 bytes. Written are
//! unsigned 8- and 16-bit, little-endian, one slice, x fastest, with directions that ITK and nibabel both read as the
//! image upright. Read are the usual number types of either byte order; the order of pixels is taken as stored, as
//! nnU-Net does.

use super::error::DatasetError;
use crate::imaging::{ModalityTransform, Radiograph};
use crate::measure::{Spacing, SpacingStatus};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};
use std::path::Path;

const HEADER: usize = 348;
/// Where the pixels of a single file begin.
const OFFSET: usize = 352;
/// More than any film, less than a bomb.
const MAX_BYTES: u64 = 1 << 30;

/// Whether the file's name says that it is one.
pub fn is_named_so(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.ends_with(".nii") || name.ends_with(".nii.gz")
}

/// Numbers at their places in the header, in the file's byte order.
struct Header<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl Header<'_> {
    fn at<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut four = [0; N];
        four.copy_from_slice(&self.bytes[at..at + N]);
        if self.big {
            four.reverse();
        }
        four
    }

    fn short(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.at(at))
    }

    fn float(&self, at: usize) -> f32 {
        f32::from_le_bytes(self.at(at))
    }
}

/// The one slice of a file.
///
/// # Errors
/// A file that cannot be read, is no NIfTI-1, has several slices, or a number type without grey.
pub fn read(path: &Path) -> Result<Radiograph, DatasetError> {
    let failed = |cause| DatasetError::Read { path: path.to_owned(), cause };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        GzDecoder::new(bytes.as_slice()).take(MAX_BYTES).read_to_end(&mut plain).map_err(failed)?;
        bytes = plain;
    }
    parse(&bytes).map_err(|reason| DatasetError::content(path, reason))
}

fn parse(bytes: &[u8]) -> Result<Radiograph, String> {
    if bytes.len() < OFFSET {
        return Err("ends within the header of NIfTI".to_owned());
    }
    let little = i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let header = Header { bytes, big: little != HEADER as i32 };
    if header.big && little.swap_bytes() != HEADER as i32 || &bytes[344..347] != b"n+1" {
        return Err("is no NIfTI-1 file in one piece".to_owned());
    }
    let axes = header.short(40);
    let size = |axis: i16| {
        if axis <= axes { usize::try_from(header.short(40 + 2 * axis as usize)).ok() } else { Some(1) }
    };
    let sizes: Option<Vec<usize>> = (1..=7).map(size).collect();
    let sizes = sizes.filter(|sizes| (2..=7).contains(&axes) && sizes[0] > 0 && sizes[1] > 0);
    let sizes = sizes.ok_or("has no size of a picture")?;
    if sizes[2..].iter().any(|size| *size != 1) {
        return Err("has several slices: only pictures are read".to_owned());
    }
    let (columns, rows) = (sizes[0], sizes[1]);
    let offset = header.float(108).max(OFFSET as f32) as usize;
    let data = bytes.get(offset..).unwrap_or_default();
    let values = values(&header, data, rows * columns)?;
    let (slope, intercept) = (f64::from(header.float(112)), f64::from(header.float(116)));
    let mut film = film(rows, columns, values)?;
    if slope != 0.0 && (slope, intercept) != (1.0, 0.0) && slope.is_finite() && intercept.is_finite() {
        let ModalityTransform::Rescale { slope: own, intercept: base } = film.modality else {
            return Err("has a table of greys".to_owned());
        };
        film.modality =
            ModalityTransform::Rescale { slope: own * slope, intercept: base * slope + intercept };
    }
    // Units are in the lower three bits: 2 is millimetres. Of unknown units nothing is known.
    if bytes[123] & 7 == 2 {
        let spacing = [header.float(84), header.float(80)].map(f64::from);
        film.spacing = Spacing::millimetres(spacing[0], spacing[1], SpacingStatus::UnknownCalibration)
            .unwrap_or(Spacing::UNKNOWN);
    }
    film.identity.encoding = "NIfTI".to_owned();
    Ok(film)
}

fn values(header: &Header, data: &[u8], count: usize) -> Result<Vec<f64>, String> {
    fn each<const N: usize>(header: &Header, data: &[u8], count: usize, of: fn([u8; N]) -> f64) -> Vec<f64> {
        let pixels = data.as_chunks::<N>().0.iter().take(count);
        let ordered = pixels.map(|chunk| {
            let mut chunk = *chunk;
            if header.big {
                chunk.reverse();
            }
            of(chunk)
        });
        ordered.collect()
    }
    let values = match header.short(70) {
        2 => each(header, data, count, |b: [u8; 1]| f64::from(b[0])),
        256 => each(header, data, count, |b: [u8; 1]| f64::from(b[0] as i8)),
        4 => each(header, data, count, |b| f64::from(i16::from_le_bytes(b))),
        512 => each(header, data, count, |b| f64::from(u16::from_le_bytes(b))),
        8 => each(header, data, count, |b| f64::from(i32::from_le_bytes(b))),
        768 => each(header, data, count, |b| f64::from(u32::from_le_bytes(b))),
        16 => each(header, data, count, |b| f64::from(f32::from_le_bytes(b))),
        64 => each(header, data, count, f64::from_le_bytes),
        other => return Err(format!("has pixels of type {other}, which is no grey")),
    };
    if values.len() < count {
        return Err(format!("ends after {} of {count} pixels", values.len()));
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err("has pixels that are no numbers".to_owned());
    }
    Ok(values)
}

/// Whole numbers of 16 bits as they are; all others spread over 16 bits, with the transform that leads back.
fn film(rows: usize, columns: usize, values: Vec<f64>) -> Result<Radiograph, String> {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let whole = values.iter().all(|value| value.fract() == 0.0);
    let bits = if whole && low >= 0.0 && high <= 255.0 { 8 } else { 16 };
    if whole && low >= f64::from(i16::MIN) && high - low.min(0.0) <= f64::from(u16::MAX) {
        let stored = values.into_iter().map(|value| value as i32).collect();
        return Radiograph::from_stored(rows, columns, stored, bits).map_err(|e| e.to_string());
    }
    let step = if high > low { (high - low) / f64::from(u16::MAX) } else { 1.0 };
    let stored = values.into_iter().map(|value| ((value - low) / step).round() as i32).collect();
    let mut film = Radiograph::from_stored(rows, columns, stored, 16).map_err(|e| e.to_string())?;
    film.modality = ModalityTransform::Rescale { slope: step, intercept: low };
    Ok(film)
}

/// A picture of 8 bits (`values` of one byte) or 16 as a compressed file; without millimetres its units are unknown.
///
/// # Errors
/// A side beyond 32767, which the header cannot say.
pub fn write(
    rows: usize,
    columns: usize,
    bits: u16,
    values: &[u16],
    spacing: Spacing,
) -> Result<Vec<u8>, String> {
    let side = |side: usize| {
        i16::try_from(side).map_err(|_| format!("a side of {side} pixels is too long for NIfTI"))
    };
    let known = spacing.has_millimetres();
    let [mm_row, mm_column] =
        if known { [spacing.row, spacing.column].map(|mm| mm as f32) } else { [1.0, 1.0] };
    let mut header = vec![0u8; OFFSET];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    let mut shorts = |at: usize, values: &[i16]| {
        values.iter().enumerate().for_each(|(i, v)| put(at + 2 * i, &v.to_le_bytes()));
    };
    let (kind, width) = if bits <= 8 { (2, 8) } else { (512, 16) };
    shorts(40, &[3, side(columns)?, side(rows)?, 1, 1, 1, 1, 1]);
    shorts(70, &[kind, width]);
    // Both ways of saying how the grid lies in space: scanner coordinates.
    shorts(252, &[1, 1]);
    let mut floats = |at: usize, values: &[f32]| {
        values.iter().enumerate().for_each(|(i, v)| put(at + 4 * i, &v.to_le_bytes()));
    };
    floats(76, &[1.0, mm_column, mm_row, 1.0]);
    floats(108, &[OFFSET as f32, 1.0, 0.0]);
    // ITK's x and y run to the patient's left and back, NIfTI's to the right and front: half a turn about z.
    floats(256, &[0.0, 0.0, 1.0]);
    floats(280, &[-mm_column, 0.0, 0.0, 0.0, 0.0, -mm_row, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    put(0, &(HEADER as i32).to_le_bytes());
    put(38, b"r");
    put(123, &[if known { 2 } else { 0 }]);
    put(344, b"n+1\0");
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    let pixels: Vec<u8> = if bits <= 8 {
        values.iter().map(|value| *value as u8).collect()
    } else {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    };
    file.write_all(&header).and_then(|()| file.write_all(&pixels)).map_err(|e| e.to_string())?;
    file.finish().map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(bits: u16, values: &[u16], spacing: Spacing) -> Vec<u8> {
        let mut bytes = Vec::new();
        GzDecoder::new(write(2, 3, bits, values, spacing).unwrap().as_slice())
            .read_to_end(&mut bytes)
            .unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let spacing = Spacing::millimetres(0.25, 0.5, SpacingStatus::Calibrated).unwrap();
        for (bits, values) in
            [(8, [0, 1, 2, 3, 4, 255]), (12, [0, 1, 2, 3, 4, 4095]), (16, [0, 1, 2, 3, 4, 65535])]
        {
            let film = parse(&plain(bits, &values, spacing)).unwrap();
            assert_eq!((film.rows, film.columns), (2, 3));
            assert_eq!(film.stored, values.map(i32::from));
            assert_eq!((film.spacing.row, film.spacing.column), (0.25, 0.5));
        }
        assert_eq!(parse(&plain(8, &[0; 6], Spacing::UNKNOWN)).unwrap().spacing, Spacing::UNKNOWN);
    }

    #[test]
    fn both_byte_orders_and_fractions_are_read() {
        let mut bytes = plain(16, &[1, 2, 3, 4, 5, 600], Spacing::UNKNOWN);
        let little = parse(&bytes).unwrap().stored;
        for (at, width) in [(0, 4), (70, 2), (72, 2), (108, 4), (112, 4), (116, 4)]
            .into_iter()
            .chain((0..8).map(|i| (40 + 2 * i, 2)))
            .chain((0..6).map(|i| (OFFSET + 2 * i, 2)))
        {
            bytes[at..at + width].reverse();
        }
        assert_eq!(parse(&bytes).unwrap().stored, little);
        let film = film(1, 3, vec![-0.5, 0.0, 0.5]).unwrap();
        let grey = film.grey();
        assert!(grey.iter().zip([-0.5, 0.0, 0.5]).all(|(a, b)| (a - b).abs() < 1e-4), "{grey:?}");
    }

    #[test]
    fn damaged_files_are_refused_in_words() {
        let good = plain(8, &[0; 6], Spacing::UNKNOWN);
        let refused = |change: &dyn Fn(&mut Vec<u8>), word: &str| {
            let mut bytes = good.clone();
            change(&mut bytes);
            let reason = parse(&bytes).expect_err("refused");
            assert!(reason.contains(word), "{reason}");
        };
        refused(&|bytes| bytes.truncate(100), "header");
        refused(&|bytes| bytes.truncate(OFFSET + 5), "5 of 6");
        refused(&|bytes| bytes[344] = b'x', "NIfTI-1");
        refused(&|bytes| bytes[46] = 2, "slices");
        refused(&|bytes| bytes[70] = 32, "type 32");
        refused(&|bytes| bytes[42] = 0, "size");
        assert!(write(40_000, 1, 8, &[], Spacing::UNKNOWN).is_err());
    }
}
