//! JPEG with loss at 12 bits (ITU-T T.81, extended sequential process 4), one component: the one JPEG of DICOM
//! that `jpeg-decoder` lacks.

use super::codestream::{StartOfFrame, segment};
use super::pixels::{Format, Samples};
use crate::imaging::radiograph::Missing;
use std::f32::consts::PI;

/// Natural position of the n-th coefficient of the zigzag (T.81 figure 5).
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// # Errors
/// When the codestream is damaged or has more than one component.
pub(super) fn decode(data: &[u8], frame: &StartOfFrame, format: &Format) -> Result<Samples, String> {
    if frame.components.len() != 1 || !matches!(frame.marker, 0xC0 | 0xC1) {
        return Err(format!("this kind of JPEG of {} bits is not supported", frame.precision));
    }
    let mut quantisers = [[1f32; 64]; 4];
    let mut tables: [Option<Huffman>; 8] = Default::default();
    let mut chosen_quantiser = 0;
    let mut restart = 0;
    let mut at = 2;
    loop {
        let (marker, body, next) = segment(data, at).ok_or("the JPEG data ends before its image")?;
        at = next;
        match marker {
            0xDB => read_quantisers(body, &mut quantisers),
            0xC4 => read_huffman(body, &mut tables)?,
            0xDD if body.len() >= 2 => restart = usize::from(u16::from_be_bytes([body[0], body[1]])),
            0xC0 | 0xC1 => chosen_quantiser = usize::from(*body.get(8).unwrap_or(&0) & 3),
            0xDA => {
                let choice = *body.get(2).ok_or("the JPEG scan header is cut off")?;
                let table = |class: usize, id: u8| tables[4 * class + usize::from(id & 3)].as_ref();
                let (Some(dc), Some(ac)) = (table(0, choice >> 4), table(1, choice)) else {
                    return Err("the JPEG data lacks a Huffman table".to_owned());
                };
                let scan = Scan { dc, ac, quantiser: &quantisers[chosen_quantiser], restart };
                return Ok(scan.decode(data.get(at..).unwrap_or_default(), frame, format));
            }
            _ => {}
        }
    }
}

fn read_quantisers(mut body: &[u8], quantisers: &mut [[f32; 64]; 4]) {
    while let Some((&head, rest)) = body.split_first() {
        let bytes = if head >> 4 == 0 { 1 } else { 2 };
        let Some(values) = rest.get(..64 * bytes) else { return };
        let table = &mut quantisers[usize::from(head & 3)];
        for (value, natural) in values.chunks_exact(bytes).zip(ZIGZAG) {
            table[natural] = value.iter().fold(0.0, |sum, b| sum * 256.0 + f32::from(*b));
        }
        body = &rest[64 * bytes..];
    }
}

fn read_huffman(mut body: &[u8], tables: &mut [Option<Huffman>; 8]) -> Result<(), String> {
    while let Some((&head, rest)) = body.split_first() {
        let table = rest.split_at_checked(16).and_then(|(counts, symbols)| {
            let total: usize = counts.iter().map(|c| usize::from(*c)).sum();
            Some((Huffman::new(counts, symbols.get(..total)?)?, &symbols[total..]))
        });
        let (table, rest) = table.ok_or("a JPEG Huffman table is malformed")?;
        tables[4 * usize::from(head >> 4 & 1) + usize::from(head & 3)] = Some(table);
        body = rest;
    }
    Ok(())
}

/// Symbol and code length for each possible next 16 bits; length 0 where no code matches.
struct Huffman(Vec<(u8, u8)>);

impl Huffman {
    /// From the number of codes of each length, 1–16, and their symbols in order; `None` where they do not fit.
    fn new(counts: &[u8], symbols: &[u8]) -> Option<Huffman> {
        let mut table = Vec::with_capacity(1 << 16);
        let mut symbols = symbols.iter();
        for (length, count) in (1u8..).zip(counts) {
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                table.extend(std::iter::repeat_n((*symbol, length), 1 << (16 - length)));
            }
        }
        if table.len() > 1 << 16 {
            return None;
        }
        table.resize(1 << 16, (0, 0));
        Some(Huffman(table))
    }
}

/// Bits of a scan, stuffing removed; zeros beyond its marker.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    buffer: u64,
    count: u32,
    invented: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 56 {
            let byte = match (self.data.get(self.at), self.data.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                (Some(0xFF), _) | (None, _) => {
                    self.invented = self.invented.saturating_add(64 - self.count);
                    self.count = 64;
                    return;
                }
                (Some(byte), _) => {
                    self.at += 1;
                    *byte
                }
            };
            self.count += 8;
            self.buffer |= u64::from(byte) << (64 - self.count);
        }
    }

    fn symbol(&mut self, table: &Huffman) -> Option<u8> {
        if self.count < 32 {
            self.fill();
        }
        let (symbol, length) = table.0[(self.buffer >> 48) as usize];
        self.buffer <<= length;
        self.count -= u32::from(length);
        (length > 0).then_some(symbol)
    }

    /// A value of `size` bits, at most 16, negative where its first bit is 0 (T.81 F.2.2.1).
    fn value(&mut self, size: u32) -> i32 {
        if size == 0 {
            return 0;
        }
        if self.count < size {
            self.fill();
        }
        let raw = (self.buffer >> (64 - size)) as i32;
        self.buffer <<= size;
        self.count -= size;
        if raw >> (size - 1) == 0 { raw - (1 << size) + 1 } else { raw }
    }

    /// Whether bits were used that the scan does not hold.
    fn overran(&self) -> bool {
        self.invented > self.count
    }

    /// Moves behind the next restart marker; false where there is none.
    fn restart(&mut self) -> bool {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let Some(skip) = rest.windows(2).position(|w| w[0] == 0xFF && matches!(w[1], 0xD0..=0xD7)) else {
            return false;
        };
        (self.at, self.buffer, self.count, self.invented) = (self.at + skip + 2, 0, 0, 0);
        true
    }
}

struct Scan<'a> {
    dc: &'a Huffman,
    ac: &'a Huffman,
    quantiser: &'a [f32; 64],
    restart: usize,
}

impl Scan<'_> {
    /// Decodes until the data ends; what is missing stays 0, with a warning.
    fn decode(&self, data: &[u8], frame: &StartOfFrame, format: &Format) -> Samples {
        let mut bits = Bits { data, at: 0, buffer: 0, count: 0, invented: 0 };
        let (across, down) = (format.columns.div_ceil(8), format.rows.div_ceil(8));
        let mut values = vec![0; format.pixels()];
        let top = (1i32 << frame.precision) - 1;
        let cosines = cosines();
        let mut prediction = 0;
        let mut done = 0;
        for block in 0..across * down {
            if self.restart > 0 && block > 0 && block % self.restart == 0 {
                if !bits.restart() {
                    break;
                }
                prediction = 0;
            }
            let Some(coefficients) = self.block(&mut bits, &mut prediction) else { break };
            if bits.overran() {
                break;
            }
            let pixels = inverse_dct(&coefficients, &cosines);
            let (left, first) = (block % across * 8, block / across * 8);
            for (row, line) in (first..format.rows).zip(pixels.chunks_exact(8)) {
                let start = row * format.columns;
                let target = &mut values[start + left..start + format.columns.min(left + 8)];
                for (to, from) in target.iter_mut().zip(line) {
                    *to = (from.round() as i32 + (top + 1) / 2).clamp(0, top);
                }
            }
            done += 1;
        }
        let share = (across * down - done) as f64 / (across * down) as f64;
        let missing = (done < across * down).then_some(Missing::Share(share));
        Samples { values, components: 1, missing, ..Samples::default() }
    }

    /// Dequantised coefficients in natural order (T.81 F.2.2); `None` where the data is damaged.
    fn block(&self, bits: &mut Bits, prediction: &mut i32) -> Option<[f32; 64]> {
        let mut coefficients = [0f32; 64];
        let size = bits.symbol(self.dc)?;
        if size > 15 {
            return None;
        }
        *prediction = prediction.saturating_add(bits.value(u32::from(size)));
        coefficients[0] = *prediction as f32 * self.quantiser[0];
        let mut index = 1;
        while index < 64 {
            let symbol = bits.symbol(self.ac)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run < 15 {
                    break;
                }
                index += 16;
                continue;
            }
            index += run;
            let natural = *ZIGZAG.get(index)?;
            coefficients[natural] = bits.value(size) as f32 * self.quantiser[natural];
            index += 1;
        }
        Some(coefficients)
    }
}

/// `cosines()[x][u]` = C(u)/2 · cos((2x+1)uπ/16).
fn cosines() -> [[f32; 8]; 8] {
    std::array::from_fn(|x| {
        std::array::from_fn(|u| {
            let scale = if u == 0 { 0.5f32.sqrt() } else { 1.0 };
            0.5 * scale * ((2 * x + 1) as f32 * u as f32 * PI / 16.0).cos()
        })
    })
}

/// The inverse transform (T.81 A.3.3), rows then columns.
fn inverse_dct(coefficients: &[f32; 64], cosines: &[[f32; 8]; 8]) -> [f32; 64] {
    let mut rows = [0f32; 64];
    for (row, out) in coefficients.chunks_exact(8).zip(rows.chunks_exact_mut(8)) {
        if row.iter().any(|v| *v != 0.0) {
            for (x, value) in out.iter_mut().enumerate() {
                *value = row.iter().zip(&cosines[x]).map(|(c, cosine)| c * cosine).sum();
            }
        }
    }
    let mut pixels = [0f32; 64];
    for (y, out) in pixels.chunks_exact_mut(8).enumerate() {
        for (v, row) in rows.chunks_exact(8).enumerate() {
            let cosine = cosines[y][v];
            out.iter_mut().zip(row).for_each(|(value, r)| *value += r * cosine);
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_inverts_the_forward_one() {
        let cosines = cosines();
        let pixels: [f32; 64] = std::array::from_fn(|i| ((i * 2741) % 4096) as f32 - 2048.0);
        let mut coefficients = [0f32; 64];
        for (v, u) in (0..8).flat_map(|v| (0..8).map(move |u| (v, u))) {
            let sum: f32 = (0..64).map(|i| pixels[i] * cosines[i / 8][v] * cosines[i % 8][u]).sum();
            coefficients[8 * v + u] = sum;
        }
        let back = inverse_dct(&coefficients, &cosines);
        assert!(back.iter().zip(&pixels).all(|(a, b)| (a - b).abs() < 0.05));
    }

    #[test]
    fn codes_are_canonical() {
        let mut counts = [0; 16];
        (counts[0], counts[1], counts[2]) = (1, 1, 1);
        let table = Huffman::new(&counts, &[7, 8, 9]).expect("a table");
        assert_eq!(table.0[0b0100_0000_0000_0000], (7, 1));
        assert_eq!(table.0[0b1011_0000_0000_0000], (8, 2));
        assert_eq!(table.0[0b1100_0000_0000_0000], (9, 3));
        assert_eq!(table.0[0b1110_0000_0000_0000], (0, 0));
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3, 4, 5]).is_none());
    }
}
