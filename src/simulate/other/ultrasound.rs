//! Ultrasound: speckle in a sector or a box on black, with the machine's text around.

use super::Sheet;
use crate::simulate::infant::canvas::blur;
use crate::simulate::infant::dice::{Dice, Stream};

/// A scan.
pub fn scan(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let Sheet { rows, columns, seed } = sheet;
    let mut speckle = vec![0.0; rows * columns];
    Dice::new(seed, Stream::Noise).fill_gauss(&mut speckle);
    let grain = dice.log_range(0.5, 1.6);
    blur(&mut speckle, columns, rows, grain);
    let tissue = sheet.texture(dice.range(3.0, 7.0), 40.0, dice.range(0.6, 0.95), 1);
    let sector = dice.chance(0.6);
    let (middle, top) = (dice.range(0.35, 0.65), dice.range(-0.15, 0.2));
    let (opening, depth) = (dice.range(0.35, 0.9), dice.range(0.6, 0.95));
    let half = dice.range(0.2, 0.45);
    let layers = dice.range(4.0, 30.0);
    let (gain, fall, contrast) = (dice.range(0.2, 0.6), dice.range(0.0, 0.6), dice.range(0.1, 0.5));
    let size = rows.max(columns) as f64;
    let mut grey = vec![0.0_f32; rows * columns];
    for (index, value) in grey.iter_mut().enumerate() {
        let x = ((index % columns) as f64 - middle * columns as f64) / size;
        let y = ((index / columns) as f64 - top * rows as f64) / size;
        let (deep, inside) = if sector {
            (x.hypot(y), y > 0.0 && (x / y.max(1e-6)).atan().abs() < opening && x.hypot(y) > 0.06)
        } else {
            (y, x.abs() < half && y > 0.0)
        };
        if inside && deep < depth {
            let banded = 0.12 * (layers * deep).sin() * (1.0 - deep).max(0.0);
            let base = gain + banded - fall * deep * gain + contrast * f64::from(tissue[index]) * 0.6;
            // Speckle is multiplicative.
            let echo = base.max(0.02) * (1.0 + 1.4 * grain * f64::from(speckle[index])).max(0.0);
            *value = echo.clamp(0.0, 1.0) as f32;
        }
    }
    super::patterns::captions(&mut grey, columns, rows, 2 + dice.below(12), 0.025, dice);
    grey
}
