//! What is on films beside the patient: side markers, collimation, and metal in the patient.

use super::beam::Beam;
use super::scene::PosedFemur;
use crate::measure::{Point, Side, Vector};
use crate::simulate::infant::dice::Dice;

/// Attenuation that nothing shines through.
const METAL: f32 = 6.0;

/// Letters of the height 1, as strokes.
const R: &[&[(f64, f64)]] = &[
    &[(0.0, 1.0), (0.0, 0.0), (0.45, 0.0), (0.6, 0.14), (0.6, 0.36), (0.45, 0.5), (0.0, 0.5)],
    &[(0.3, 0.5), (0.62, 1.0)],
];
const L: &[&[(f64, f64)]] = &[&[(0.0, 0.0), (0.0, 1.0), (0.55, 1.0)]];

/// Thickens `film` along the line from `a` to `b` to a value of at least `value` within `radius` pixels.
fn stroke(film: &mut [f32], beam: &Beam, a: Point, b: Point, radii: [f64; 2], value: f32) {
    let reach = radii[0].max(radii[1]) + 1.0;
    let span = |p: f64, q: f64, count: usize| {
        let low = (p.min(q) - reach).max(0.0) as usize;
        let high = (p.max(q) + reach + 1.0).max(0.0) as usize;
        low.min(count)..high.min(count)
    };
    let line = b - a;
    for row in span(a.y, b.y, beam.rows) {
        for column in span(a.x, b.x, beam.columns) {
            let from = Point::new(column as f64, row as f64) - a;
            let share = (from.dot(line) / line.dot(line).max(1e-9)).clamp(0.0, 1.0);
            let radius = radii[0] + (radii[1] - radii[0]) * share;
            // One pixel of soft edge.
            let cover = (radius - (from + line * -share).length() + 0.5).clamp(0.0, 1.0) as f32;
            let at = &mut film[row * beam.columns + column];
            *at = at.max(cover * value);
        }
    }
}

/// A lead letter beside the patient, on its proper side.
pub(in crate::simulate) fn marker(attenuation: &mut [f32], beam: &Beam, dice: &mut Dice) {
    let side = if dice.chance(0.5) { Side::Right } else { Side::Left };
    let height = dice.range(12.0, 26.0) / beam.pixel;
    let (width, tall) = (beam.columns as f64, beam.rows as f64);
    let near = dice.range(0.02, 0.12) * width;
    let x = if side == Side::Right { near } else { width - near - 0.65 * height };
    let y = if dice.chance(0.5) { dice.range(0.02, 0.12) } else { dice.range(0.6, 0.88) } * tall;
    let (sin, cos) = dice.normal(0.0, 0.12).sin_cos();
    let thick = height * dice.range(0.05, 0.1);
    let value = dice.range(2.0, 6.0) as f32;
    let place =
        |(u, v): (f64, f64)| Point::new(x, y) + Vector::new(cos * u - sin * v, sin * u + cos * v) * height;
    let mut layer = vec![0.0; attenuation.len()];
    for line in if side == Side::Right { R } else { L } {
        for pair in line.windows(2) {
            stroke(&mut layer, beam, place(pair[0]), place(pair[1]), [thick; 2], value);
        }
    }
    attenuation.iter_mut().zip(layer).for_each(|(a, m)| *a += m);
}

/// Shutters: beyond them hardly any light falls, and the picture is black or white there.
pub(in crate::simulate) fn collimate(grey: &mut [f32], beam: &Beam, dice: &mut Dice) {
    let mut edge =
        |length: usize| if dice.chance(0.5) { dice.range(0.0, 0.05) * length as f64 } else { -2.0 };
    let [left, right, top, bottom] =
        [edge(beam.columns), edge(beam.columns), edge(beam.rows), edge(beam.rows)];
    let level = if dice.chance(0.8) { 0.0 } else { 1.0 };
    let soft = dice.range(0.5, 3.0) / beam.pixel;
    for (row, line) in grey.chunks_exact_mut(beam.columns).enumerate() {
        for (column, value) in line.iter_mut().enumerate() {
            let across = (column as f64 - left).min(beam.columns as f64 - 1.0 - right - column as f64);
            let down = (row as f64 - top).min(beam.rows as f64 - 1.0 - bottom - row as f64);
            let open = (across.min(down) / soft + 1.0).clamp(0.0, 1.0) as f32;
            *value = level + (*value - level) * open;
        }
    }
}

/// A total hip: stem, neck, head and cup in place of the joint.
pub(in crate::simulate) fn implant(
    attenuation: &mut [f32],
    femur: &PosedFemur,
    beam: &Beam,
    dice: &mut Dice,
) -> Option<()> {
    let [proximal, distal] = femur.shaft.map(|p| beam.project(&p));
    let head = beam.project(&femur.head);
    let mm = beam.scale(&femur.head);
    let axis = (distal - proximal).unit()?;
    let shoulder = proximal - axis * (38.0 * mm);
    let foot = proximal + axis * (dice.range(70.0, 110.0) * mm);
    let mut layer = vec![0.0; attenuation.len()];
    let mut add = |a: Point, b: Point, radii: [f64; 2]| {
        stroke(&mut layer, beam, a, b, radii.map(|r| r * mm), METAL);
    };
    add(shoulder, foot, [dice.range(8.0, 12.0), dice.range(4.0, 6.0)]);
    add(shoulder, head, [7.0, 6.0]);
    add(head, head, [dice.range(13.0, 18.0); 2]);
    let cup = femur.radius + 3.0;
    let lateral = if femur.side == Side::Left { 1.0 } else { -1.0 };
    let face = dice.range(35.0, 55.0_f64).to_radians();
    let at = |angle: f64| {
        let turned = face + angle;
        head + Vector::new(-lateral * turned.sin(), -turned.cos()) * (cup * mm)
    };
    for step in -8..8 {
        add(at(f64::from(step) * 0.19), at(f64::from(step + 1) * 0.19), [2.5; 2]);
    }
    attenuation.iter_mut().zip(layer).for_each(|(a, m)| *a += m);
    Some(())
}
