//! Floating point pixel data as steps of its range: stored values are whole numbers everywhere else.

use super::native::Order;
use super::pixels::Format;
use super::walk::DOUBLE_PIXEL_DATA;

/// As many steps as the mantissa of a 32-bit float has.
const STEPS: f64 = 16_777_215.0;

/// Stored values with the line that leads back to the floats.
#[derive(Debug, PartialEq)]
pub(super) struct Steps {
    pub values: Vec<i32>,
    pub slope: f64,
    pub intercept: f64,
    pub warnings: Vec<String>,
}

/// Frame `frame` (from 0). Whole numbers stay what they are; others are right within half a step, a 33 millionth of
/// their range. What is no number becomes the least value.
///
/// # Errors
/// When the file lacks a part of the frame.
pub(super) fn decode(
    bytes: &[u8],
    tag: u32,
    order: Order,
    format: &Format,
    frame: u32,
) -> Result<Steps, String> {
    let width = if tag == DOUBLE_PIXEL_DATA { 8 } else { 4 };
    if format.samples != 1 {
        return Err("floating point pixels of several samples are not supported".to_owned());
    }
    let size = width * format.pixels();
    let start = size.checked_mul(frame as usize).ok_or("the image is too large")?;
    let bytes = bytes.get(start..start.saturating_add(size)).ok_or_else(|| {
        format!("only {} of the {} bytes of the image are in the file", bytes.len(), start + size)
    })?;
    let floats: Vec<f64> = bytes.chunks_exact(width).map(|b| float(b, order.big_endian)).collect();
    Ok(steps(&floats))
}

fn float(bytes: &[u8], big_endian: bool) -> f64 {
    let mut low_first = [0; 8];
    let word = &mut low_first[..bytes.len()];
    word.copy_from_slice(bytes);
    if big_endian {
        word.reverse();
    }
    let bits = u64::from_le_bytes(low_first);
    if bytes.len() == 8 { f64::from_bits(bits) } else { f64::from(f32::from_bits(bits as u32)) }
}

fn steps(floats: &[f64]) -> Steps {
    let finite = || floats.iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    let mut warnings = Vec::new();
    if finite().count() < floats.len() {
        warnings.push("some pixels are no numbers and shown as the least value".to_owned());
    }
    if low > high {
        return Steps { values: vec![0; floats.len()], slope: 1.0, intercept: 0.0, warnings };
    }
    let whole =
        low >= f64::from(i32::MIN) && high <= f64::from(i32::MAX) && finite().all(|v| v.fract() == 0.0);
    let (slope, intercept) = match (whole, (high - low) / STEPS) {
        (true, _) => (1.0, 0.0),
        (false, slope) if slope.is_finite() && slope > 0.0 => (slope, low),
        _ => (1.0, low),
    };
    let step = |v: &f64| ((if v.is_finite() { *v } else { low } - intercept) / slope).round() as i32;
    Steps { values: floats.iter().map(step).collect(), slope, intercept, warnings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_come_back() {
        let floats = [0.1, -3.7, 1e3, f64::NAN];
        let Steps { values, slope, intercept, warnings } = steps(&floats);
        for (value, float) in values.iter().zip(&floats).take(3) {
            assert!((f64::from(*value) * slope + intercept - float).abs() < 1003.7 / 3e7);
        }
        assert_eq!((values[3], warnings.len()), (0, 1));
        let whole = steps(&[-5.0, 70_000.0]);
        assert_eq!((whole.values, whole.slope, whole.intercept), (vec![-5, 70_000], 1.0, 0.0));
        assert_eq!(steps(&[0.5, 0.5]).values, [0, 0]);
    }

    #[test]
    fn both_widths_and_orders() {
        assert_eq!(float(&1.5f32.to_be_bytes(), true), 1.5);
        assert_eq!(float(&(-2.25f64).to_le_bytes(), false), -2.25);
    }
}
