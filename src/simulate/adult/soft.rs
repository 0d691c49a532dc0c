//! What rays meet beside bone: the trunk, the thighs, fat under the skin, bowel gas.

use super::beam::Beam;
use crate::simulate::infant::dice::Dice;
use crate::simulate::infant::{canvas::blur, texture};
use rayon::prelude::*;

/// Attenuation per mm at about 55 keV.
pub const MUSCLE: f32 = 0.0206;
pub const FAT: f32 = 0.0184;

/// A patient's outer form, in mm at the depth of the hips.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    /// Half the width at the hips, and the depth there.
    pub half_width: f64,
    pub depth: f64,
    /// How much narrower the waist is, and at which height above the hips (mm).
    pub waist: f64,
    /// Fat under the skin.
    pub fat: f64,
    /// Distance of the crotch below the hips, and of each thigh's middle from the midline there.
    pub crotch: f64,
    pub thigh: f64,
    /// How far thighs part below, per mm.
    pub parting: f64,
}

impl Body {
    /// `reach` is how far bone extends from the midline.
    pub(in crate::simulate) fn draw(reach: f64, dice: &mut Dice) -> Self {
        let fat = dice.log_range(10.0, 55.0);
        let half_width = reach + 12.0 + 0.9 * fat + dice.range(0.0, 12.0);
        Body {
            half_width,
            depth: 165.0 + 1.6 * fat + dice.normal(0.0, 15.0),
            waist: dice.range(0.0, 0.16),
            fat,
            crotch: dice.range(70.0, 105.0),
            thigh: 0.51 * half_width,
            parting: dice.range(-0.02, 0.12),
        }
    }

    /// Attenuation of body and fat at `x` from the midline and `y` below the hips.
    fn attenuation(&self, x: f64, y: f64) -> f32 {
        let waist = 1.0 - self.waist * (1.0 - (-(y.min(0.0) / 110.0).powi(2)).exp());
        let trunk = rounded(x, self.half_width * waist, self.depth);
        let slim = rounded(x, self.half_width * waist - self.fat, self.depth - 1.2 * self.fat);
        let below = (y - self.crotch).max(0.0);
        let middle = self.thigh + self.parting * below;
        let width = (self.half_width - self.thigh - 0.06 * below).max(30.0);
        let of_thigh = |width: f64| rounded(x.abs() - middle, width, 0.93 * self.depth.min(2.1 * width));
        // Below the crotch there are thighs alone.
        let share = super::shell::smooth((y - self.crotch + 18.0) / 36.0);
        let body = trunk * (1.0 - share) + of_thigh(width) * share;
        let lean = slim * (1.0 - share) + of_thigh(width - self.fat) * share;
        let lean = lean.min(body) as f32;
        MUSCLE * lean + FAT * (body as f32 - lean)
    }
}

/// Depth of a rounded body of half width `width` at `x` from its middle.
fn rounded(x: f64, width: f64, depth: f64) -> f64 {
    if width <= 0.0 || depth <= 0.0 {
        return 0.0;
    }
    depth * (1.0 - (x / width).abs().powf(2.6)).max(0.0).powf(0.55)
}

/// Attenuation of everything that is no bone.
pub(in crate::simulate) fn paint(beam: &Beam, body: &Body, seed: u64, dice: &mut Dice) -> Vec<f32> {
    let (rows, columns) = (beam.rows, beam.columns);
    let enlarged = beam.distance() / -beam.source.z;
    let middle = |count: usize| 0.5 * (count as f64 - 1.0);
    let place = |index: f64, count: usize, middle_mm: f64, source: f64| {
        source + ((index - middle(count)) * beam.pixel + middle_mm - source) / enlarged
    };
    let xs: Vec<f64> =
        (0..columns).map(|i| place(i as f64, columns, beam.middle[0], beam.source.x)).collect();
    let mut film = vec![0.0_f32; rows * columns];
    film.par_chunks_mut(columns).enumerate().for_each(|(row, line)| {
        let y = place(row as f64, rows, beam.middle[1], beam.source.y);
        line.iter_mut().zip(&xs).for_each(|(value, x)| *value = body.attenuation(*x, y));
    });
    // Muscles, vessels and folds: fields of several sizes, where there is body at all.
    let wide = rows.max(columns) as f64 * beam.pixel;
    let coarse = texture::field(columns, rows, wide / 110.0, wide / 25.0, 0.7, seed, 1);
    let fine = texture::field(columns, rows, wide / 22.0, wide / 3.0, 0.75, seed, 2);
    let (large, small) = (dice.range(0.03, 0.16) as f32, dice.range(0.01, 0.05) as f32);
    for ((value, c), f) in film.iter_mut().zip(coarse).zip(fine) {
        let body = (*value / 1.5).min(1.0);
        *value += body * (large * c + small * f);
    }
    let gas = gas(beam, &xs, body, dice);
    for (value, gas) in film.iter_mut().zip(gas) {
        *value = (*value - MUSCLE * gas).max(0.0);
    }
    film
}

/// Millimetres of gas: loops of bowel above and before the pelvis, and in the rectum.
fn gas(beam: &Beam, xs: &[f64], body: &Body, dice: &mut Dice) -> Vec<f32> {
    let (rows, columns) = (beam.rows, beam.columns);
    let mut film = vec![0.0_f32; rows * columns];
    let enlarged = beam.distance() / -beam.source.z;
    let scale = enlarged / beam.pixel;
    let origin = xs.first().map_or(0.0, |x| *x);
    let top =
        beam.source.y + (beam.middle[1] - 0.5 * (rows as f64 - 1.0) * beam.pixel - beam.source.y) / enlarged;
    for _ in 0..dice.below(8) {
        // A loop is a chain of pouches.
        let (mut x, mut y) = if dice.chance(0.35) {
            (dice.normal(0.0, 12.0), dice.normal(-20.0, 18.0))
        } else {
            (dice.normal(0.0, 0.4 * body.half_width), dice.normal(-95.0, 35.0))
        };
        let mut course = dice.range(0.0, std::f64::consts::TAU);
        let (size, thick) = (dice.log_range(6.0, 16.0), dice.range(8.0, 32.0));
        for _ in 0..1 + dice.below(7) {
            let radius = size * dice.range(0.7, 1.3);
            let (cx, cy) = ((x - origin) * scale, (y - top) * scale);
            let reach = radius * scale;
            let span = |c: f64, count: usize| {
                ((c - reach).max(0.0) as usize).min(count)..((c + reach + 1.0).max(0.0) as usize).min(count)
            };
            for row in span(cy, rows) {
                for column in span(cx, columns) {
                    let off = (column as f64 - cx).hypot(row as f64 - cy) / reach;
                    let deep = (thick * (1.0 - off * off).max(0.0).sqrt()) as f32;
                    let value = &mut film[row * columns + column];
                    *value = value.max(deep);
                }
            }
            course += dice.normal(0.0, 0.6);
            x += 1.1 * radius * course.cos();
            y += 0.8 * radius * course.sin();
        }
    }
    blur(&mut film, columns, rows, 1.2 * scale);
    film
}
