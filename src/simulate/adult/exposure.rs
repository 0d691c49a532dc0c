//! From attenuation to the grey of a film: scatter, the detector's blur and noise, and the processing that makes a
//! picture of it. Ranges go beyond good films on purpose, so that a network learns anatomy and not one machine.

use crate::simulate::infant::canvas::blur;
use crate::simulate::infant::dice::Dice;
use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;

/// How a film is taken and processed; lengths in mm on the detector.
#[derive(Debug, Clone)]
pub(in crate::simulate) struct Exposure {
    /// Scattered light as a share of the direct light behind the patient.
    scatter: f64,
    blur: f64,
    /// SD of the noise behind 20 cm of soft tissue.
    noise: f64,
    /// Share of large-scale contrast removed, and the scale.
    flatten: f64,
    flatten_mm: f64,
    /// Gain of fine detail and its scale.
    enhance: f64,
    enhance_mm: f64,
    gamma: f64,
    /// Percentiles that are black and white.
    clip: [f64; 2],
    /// Of the exposed field.
    black: f64,
    white: f64,
    jpeg: Option<u8>,
    /// Bone is dark, as on a film that was digitised the wrong way round.
    pub inverted: bool,
    pub bits: u16,
}

impl Exposure {
    /// `variation` 0 is a good modern film, 1 all that may happen.
    pub fn draw(variation: f64, dice: &mut Dice) -> Self {
        let mix = |plain: f64, drawn: f64| plain + (drawn - plain) * variation;
        Self {
            scatter: mix(0.25, dice.range(0.05, 0.9)),
            blur: mix(0.22, dice.log_range(0.12, 0.9)),
            noise: mix(0.012, dice.log_range(0.004, 0.05)),
            flatten: mix(0.45, if dice.chance(0.75) { dice.range(0.0, 0.8) } else { 0.0 }),
            flatten_mm: dice.log_range(18.0, 70.0),
            enhance: mix(0.6, if dice.chance(0.6) { dice.range(0.0, 1.6) } else { 0.0 }),
            enhance_mm: dice.log_range(0.8, 6.0),
            gamma: mix(1.0, dice.log_range(0.65, 1.7)),
            clip: [
                mix(1.0, 12.0 * dice.range(0.0, 1.0).powi(2)),
                mix(0.1, 2.5 * dice.range(0.0, 1.0).powi(3)),
            ],
            black: mix(0.02, 0.25 * dice.range(0.0, 1.0).powi(2)),
            white: mix(0.98, 1.0 - 0.4 * dice.range(0.0, 1.0).powi(2)),
            jpeg: dice.chance(0.35 * variation).then(|| dice.range(35.0, 95.0) as u8),
            inverted: dice.chance(0.03 * variation),
            bits: [8, 10, 12, 12, 14][dice.below(5)],
        }
    }

    /// Grey of 0–1 of the attenuation of every ray; `pixel` is the side of a pixel in mm.
    pub fn expose(
        &self,
        attenuation: &[f32],
        columns: usize,
        rows: usize,
        pixel: f64,
        dice: &mut Dice,
    ) -> Vec<f32> {
        let px = |mm: f64| mm / pixel;
        let mut light: Vec<f32> = attenuation.iter().map(|a| (-a).exp()).collect();
        blur(&mut light, columns, rows, px(self.blur));
        let mut scattered = light.clone();
        // Light beside the patient scatters in no one.
        let beside = (-1.2_f32).exp();
        scattered.iter_mut().for_each(|v| *v = v.min(beside));
        blur(&mut scattered, columns, rows, px(35.0));
        let mut noise = vec![0.0; light.len()];
        dice.fill_gauss(&mut noise);
        let reference = (-200.0 * super::soft::MUSCLE).exp();
        let mut film: Vec<f32> = light
            .iter()
            .zip(&scattered)
            .zip(&noise)
            .map(|((direct, scattered), noise)| {
                let all = direct + self.scatter as f32 * scattered;
                // Quanta: relative noise falls as the root of their number.
                let sd = self.noise as f32 * (reference / all).sqrt().min(6.0);
                -all.ln() + sd * noise
            })
            .collect();
        // A detector has a darkest black: what is hardly attenuated is all the same.
        let open = 0.9_f32;
        film.iter_mut().for_each(|v| *v = v.max(open));
        let mut coarse = film.clone();
        blur(&mut coarse, columns, rows, px(self.flatten_mm));
        let mut fine = film.clone();
        blur(&mut fine, columns, rows, px(self.enhance_mm));
        for ((value, coarse), fine) in film.iter_mut().zip(&coarse).zip(&fine) {
            *value += self.enhance as f32 * (*value - fine) - self.flatten as f32 * coarse;
        }
        let [low, high] = percentiles(&film, self.clip);
        let span = 1.0 / (high - low).max(1e-6);
        let gain = (self.white - self.black) as f32;
        for value in &mut film {
            let t = ((*value - low) * span).clamp(0.0, 1.0);
            *value = self.black as f32 + gain * t.powf(self.gamma as f32);
        }
        film
    }

    /// JPEG, inversion and the steps of the stored values.
    pub fn store(&self, grey: &mut [f32], columns: usize, rows: usize) {
        if let Some(quality) = self.jpeg {
            let bytes: Vec<u8> = grey.iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect();
            let mut file = Vec::new();
            let written = JpegEncoder::new_with_quality(&mut file, quality).write_image(
                &bytes,
                columns as u32,
                rows as u32,
                image::ExtendedColorType::L8,
            );
            if let (Ok(()), Ok(read)) = (written, image::load_from_memory(&file)) {
                for (value, byte) in grey.iter_mut().zip(read.to_luma8().as_raw()) {
                    *value = f32::from(*byte) / 255.0;
                }
            }
        }
        let levels = f32::from((1_u16 << self.bits) - 1);
        for value in grey {
            let shown = if self.inverted { 1.0 - *value } else { *value };
            *value = (shown.clamp(0.0, 1.0) * levels).round() / levels;
        }
    }
}

/// Values at the two percentages, of every seventh pixel.
fn percentiles(film: &[f32], [low, high]: [f64; 2]) -> [f32; 2] {
    let mut sample: Vec<f32> = film.iter().copied().step_by(7).collect();
    let Some(last) = sample.len().checked_sub(1) else { return [0.0, 1.0] };
    let mut at =
        |share: f64| *sample.select_nth_unstable_by((share * last as f64) as usize, f32::total_cmp).1;
    [at(low / 100.0), at(1.0 - high / 100.0)]
}
