//! From attenuation to the stored film: scatter, detector blur, noise, the processing of a CR or DR system,
//! exposure and contrast, JPEG, bit depth. Every knob is drawn over more than real films show, so that a network
//! learns anatomy and not one machine.

use super::canvas::{Canvas, blur};
use super::dice::Dice;
use image::ImageEncoder;

/// How the film was taken and processed.
#[derive(Debug, Clone)]
pub(in crate::simulate) struct FilmStyle {
    /// In 1/110 of a unit, the size that a TRC–TRC distance of 110 px gives a pixel.
    pub blur: f64,
    pub noise: f64,
    pub grain: f64,
    /// Share of large-scale contrast removed, and the scale in units.
    pub flatten: f64,
    pub flatten_sigma: f64,
    /// Gain of fine detail (edge enhancement) and its scale in units.
    pub enhance: f64,
    pub enhance_sigma: f64,
    pub gamma: f64,
    /// Darkest and brightest grey of the exposed field.
    pub black: f64,
    pub white: f64,
    /// Percentiles (%) that saturate.
    pub clip: (f64, f64),
    pub jpeg: Option<u8>,
    pub inverted: bool,
    pub bits: u16,
}

impl FilmStyle {
    /// `variation` 0 gives a good modern film.
    pub fn draw(variation: f64, dice: &mut Dice) -> Self {
        let v = variation;
        let mix = |plain: f64, drawn: f64| plain + (drawn - plain) * v;
        let rough = dice.range(0.0, 1.0).powi(3);
        Self {
            blur: mix(0.22, dice.log_range(0.3, 1.4)),
            noise: mix(0.010, 0.003 + 0.030 * rough),
            grain: dice.range(0.3, 1.1),
            flatten: mix(0.45, if dice.chance(0.75) { dice.range(0.0, 0.85) } else { 0.0 }),
            flatten_sigma: dice.log_range(0.15, 0.7),
            enhance: mix(0.7, if dice.chance(0.6) { dice.range(0.0, 1.6) } else { 0.0 }),
            enhance_sigma: dice.log_range(0.012, 0.06),
            gamma: mix(1.0, dice.log_range(0.65, 1.9)),
            black: mix(0.03, dice.range(0.0, 1.0).powi(2) * 0.35),
            white: mix(0.97, 1.0 - dice.range(0.0, 1.0).powi(2) * 0.55),
            clip: (
                mix(0.1, 3.0 * dice.range(0.0, 1.0).powi(3)),
                mix(0.1, 3.0 * dice.range(0.0, 1.0).powi(3)),
            ),
            jpeg: (dice.chance(0.5 * v)).then(|| dice.range(28.0, 95.0) as u8),
            inverted: dice.chance(0.04 * v),
            bits: [8, 8, 10, 12, 12][dice.below(5)],
        }
    }
}

/// Turns attenuation into grey of 0–1, not yet compressed.
pub(in crate::simulate) fn expose(canvas: &mut Canvas, style: &FilmStyle, noise: &mut Dice) -> Vec<f32> {
    let (columns, rows, scale) = (canvas.frame.columns, canvas.frame.rows, canvas.frame.scale);
    let u = scale / 110.0;
    canvas.blur(style.blur * u);
    let mut data = std::mem::take(&mut canvas.data);
    add_noise(&mut data, columns, rows, style, noise);
    if style.flatten > 0.01 {
        add_scale(&mut data, columns, rows, style.flatten_sigma * scale, -style.flatten);
    }
    if style.enhance > 0.01 {
        add_scale(&mut data, columns, rows, style.enhance_sigma * scale, style.enhance);
    }
    let (low, high) = percentiles(&data, style.clip);
    let span = 1.0 / (high - low).max(1e-6);
    let gain = (style.white - style.black) as f32;
    for v in &mut data {
        let t = ((*v - low) * span).clamp(0.0, 1.0);
        *v = style.black as f32 + gain * t.powf(style.gamma as f32);
    }
    data
}

/// Quantum noise: white, a little blurred, stronger where less light arrived.
fn add_noise(data: &mut [f32], columns: usize, rows: usize, style: &FilmStyle, dice: &mut Dice) {
    let mut noise = vec![0.0; data.len()];
    dice.fill_gauss(&mut noise);
    blur(&mut noise, columns, rows, style.grain);
    // Blurring by s pixels divides the deviation by about 2 s √π (for s > .4).
    let kept = 1.0 / (2.0 * style.grain * std::f64::consts::PI.sqrt()).max(1.0);
    let gain = (style.noise / kept) as f32;
    for (v, n) in data.iter_mut().zip(noise) {
        *v += gain * n * (0.35 * (*v - 1.0)).clamp(-1.0, 1.0).exp();
    }
}

/// v + gain × (v − blurred v) for positive gain; v − |gain| × blurred v for negative.
fn add_scale(data: &mut [f32], columns: usize, rows: usize, sigma: f64, gain: f64) {
    let mut smooth = data.to_vec();
    blur(&mut smooth, columns, rows, sigma);
    let g = gain as f32;
    for (v, s) in data.iter_mut().zip(smooth) {
        *v = if g > 0.0 { *v + g * (*v - s) } else { *v + g * s };
    }
}

/// The values below which `clip.0` % and above which `clip.1` % lie (from every seventh pixel).
fn percentiles(data: &[f32], clip: (f64, f64)) -> (f32, f32) {
    let mut sample: Vec<f32> = data.iter().copied().step_by(7).collect();
    if sample.is_empty() {
        return (0.0, 1.0);
    }
    let last = sample.len() - 1;
    let low = (clip.0 / 100.0 * last as f64) as usize;
    let high = last - (clip.1 / 100.0 * last as f64) as usize;
    let bottom = *sample.select_nth_unstable_by(low, f32::total_cmp).1;
    let top = *sample.select_nth_unstable_by(high, f32::total_cmp).1;
    (bottom, top)
}

/// JPEG, inversion and quantisation of the finished grey.
pub(in crate::simulate) fn store(grey: &mut [f32], columns: usize, rows: usize, style: &FilmStyle) {
    if let Some(quality) = style.jpeg {
        through_jpeg(grey, columns, rows, quality);
    }
    let levels = f32::from((1u16 << style.bits) - 1);
    for v in grey.iter_mut() {
        let value = if style.inverted { 1.0 - *v } else { *v };
        *v = (value.clamp(0.0, 1.0) * levels).round() / levels;
    }
}

/// `grey` (0–1) as JPEG of `quality` gives it back.
pub(in crate::simulate) fn through_jpeg(grey: &mut [f32], columns: usize, rows: usize, quality: u8) {
    let bytes: Vec<u8> = grey.iter().map(|v| (v * 255.0 + 0.5) as u8).collect();
    let mut file = Vec::new();
    let written = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality).write_image(
        &bytes,
        columns as u32,
        rows as u32,
        image::ExtendedColorType::L8,
    );
    if let (Ok(()), Ok(read)) = (written, image::load_from_memory(&file)) {
        for (v, b) in grey.iter_mut().zip(read.to_luma8().as_raw()) {
            *v = f32::from(*b) / 255.0;
        }
    }
}
