//! What compressed data says of itself, read before anything of its size is allocated: a codec by its first bytes,
//! the frame header of JPEG, the size of JPEG 2000 and JPEG XL.

use super::library::Shape;
use super::pixels::Format;

/// What a codestream says of itself in its start of frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StartOfFrame {
    /// Second byte of the marker: 0xC0 baseline, 0xC1 extended, 0xC3 lossless, 0xF7 JPEG-LS.
    pub marker: u8,
    pub precision: u32,
    pub rows: usize,
    pub columns: usize,
    pub components: Vec<u8>,
    /// Transform byte of an Adobe segment, if any came before.
    pub adobe_transform: Option<u8>,
    pub jfif: bool,
}

/// Reads the markers up to the start of frame; `None` where there is none.
pub(super) fn start_of_frame(data: &[u8]) -> Option<StartOfFrame> {
    let (mut adobe_transform, mut jfif) = (None, false);
    let mut at = 2;
    loop {
        let (marker, body, next) = segment(data, at)?;
        at = next;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7 => {
                let count = usize::from(*body.get(5)?);
                let word = |at: usize| usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
                return Some(StartOfFrame {
                    marker,
                    precision: u32::from(body[0]),
                    rows: word(1),
                    columns: word(3),
                    components: (0..count).filter_map(|i| body.get(6 + 3 * i).copied()).collect(),
                    adobe_transform,
                    jfif,
                });
            }
            0xE0 if body.starts_with(b"JFIF") => jfif = true,
            0xEE if body.starts_with(b"Adobe") => adobe_transform = body.get(11).copied(),
            0xDA => return None,
            _ => {}
        }
    }
}

/// Marker, body and end of the segment at or after `at`; `None` at the end of the image.
pub(super) fn segment(data: &[u8], at: usize) -> Option<(u8, &[u8], usize)> {
    let mut at = at;
    while *data.get(at)? != 0xFF || matches!(*data.get(at + 1)?, 0xFF | 0) {
        at += 1;
    }
    let marker = data[at + 1];
    if matches!(marker, 0xD0..=0xD9) {
        return (marker != 0xD9).then_some((marker, &[], at + 2));
    }
    let length = usize::from(u16::from_be_bytes([*data.get(at + 2)?, *data.get(at + 3)?])).max(2);
    Some((marker, data.get(at + 4..at + 2 + length)?, at + 2 + length))
}

impl StartOfFrame {
    /// Refuses a codestream of another size than the header before anything of its size is allocated.
    pub fn check_size(&self, format: &Format) -> Result<(), String> {
        check_size(self.rows, self.columns, format)
    }
}

/// Refuses a codestream of another size than the header before anything of its size is allocated.
pub(super) fn check_size(rows: usize, columns: usize, format: &Format) -> Result<(), String> {
    if (rows, columns) == (format.rows, format.columns) {
        return Ok(());
    }
    Err(format!(
        "the compressed image has {rows} rows and {columns} columns, the header says {} and {}",
        format.rows, format.columns
    ))
}

/// The codestream of JPEG 2000 data, bare or in its boxes, and what its SIZ segment says.
///
/// # Errors
/// Where there is none, or its components differ in size or depth.
pub(super) fn jpeg_2000(data: &[u8]) -> Result<(&[u8], Shape), String> {
    let start = data.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51]);
    let codestream = start.and_then(|at| data.get(at..)).unwrap_or_default();
    let shape = jpeg_2000_size(codestream).ok_or("the JPEG 2000 data has no size")??;
    Ok((codestream, shape))
}

fn jpeg_2000_size(siz: &[u8]) -> Option<Result<Shape, String>> {
    let word = |at: usize| {
        let bytes = siz.get(at..at + 4)?;
        Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    };
    let (right, bottom, left, top) = (word(8)?, word(12)?, word(16)?, word(20)?);
    let (rows, columns) = (bottom.checked_sub(top)?, right.checked_sub(left)?);
    let components = usize::from(u16::from_be_bytes([*siz.get(40)?, *siz.get(41)?]));
    // Depth less one with the sign above, then the steps of the grid, for each component.
    let parts = siz.get(42..42 + 3 * components)?;
    let precision = u32::from(parts.first()? & 0x7F) + 1;
    if parts.chunks_exact(3).any(|p| p[1] != 1 || p[2] != 1 || u32::from(p[0] & 0x7F) + 1 != precision) {
        return Some(Err("JPEG 2000 whose components differ is not supported".to_owned()));
    }
    Some(Ok(Shape { rows, columns, components, precision }))
}

/// Rows and columns of a JPEG XL codestream, bare or in its first codestream box (ISO/IEC 18181-1 annex D.2).
pub(super) fn jpeg_xl(data: &[u8]) -> Option<(usize, usize)> {
    let start = data.windows(2).position(|w| w == [0xFF, 0x0A])?;
    let mut bits = LowFirst { data: data.get(start + 2..)?, at: 0 };
    let small = bits.take(1)? == 1;
    let rows = bits.side(small)?;
    let columns = match bits.take(3)? {
        0 => bits.side(small)?,
        ratio => {
            let (numerator, denominator) =
                [(1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1)][ratio as usize - 1];
            rows * numerator / denominator
        }
    };
    Some((usize::try_from(rows).ok()?, usize::try_from(columns).ok()?))
}

/// Bits from the lowest of each byte up.
struct LowFirst<'a> {
    data: &'a [u8],
    at: usize,
}

impl LowFirst<'_> {
    /// One side of an image: a multiple of 8, or a number of 9 to 30 bits.
    fn side(&mut self, small: bool) -> Option<u64> {
        if small {
            return Some(8 * (self.take(5)? + 1));
        }
        let width = [9, 13, 18, 30][self.take(2)? as usize];
        Some(self.take(width)? + 1)
    }

    fn take(&mut self, count: usize) -> Option<u64> {
        (0..count).try_fold(0, |value, i| {
            let bit = self.data.get(self.at / 8)? >> (self.at % 8) & 1;
            self.at += 1;
            Some(value | u64::from(bit) << i)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_jpeg_xl() {
        // Small: 1, rows (3 + 1) * 8, ratio 1:1.
        assert_eq!(jpeg_xl(&[0xFF, 0x0A, 0b0100_0111, 0]), Some((32, 32)));
        // Large: 0, selector 0, rows 99 + 1 in 9 bits, ratio 0, selector 0, columns 199 + 1 in 9 bits.
        let fields = [(0u32, 1), (0, 2), (99, 9), (0, 3), (0, 2), (199, 9)];
        let (value, _) = fields.iter().fold((0u64, 0), |(v, at), (f, n)| (v | u64::from(*f) << at, at + n));
        let bytes = [&[0xFF, 0x0A][..], &value.to_le_bytes()].concat();
        assert_eq!(jpeg_xl(&bytes), Some((100, 200)));
        assert_eq!(jpeg_xl(&[0xFF, 0x0A, 0]), None);
    }
}
