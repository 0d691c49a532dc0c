//! What is on the film but not in the beam's path through the infant: collimation, letterbox bars, markers, text.

use super::canvas::{Canvas, Frame};
use super::dice::Dice;
use crate::measure::{Point, Side, Vector};
use std::f64::consts::{FRAC_PI_2, TAU};

/// Multiplies the exposed field by its collimation and adds marker and text on top of the finished grey (0–1).
pub(in crate::simulate) fn paint(
    grey: &mut [f32],
    columns: usize,
    rows: usize,
    plenty: f64,
    dice: &mut Dice,
) -> Vec<&'static str> {
    let mut drawn = Vec::new();
    if dice.chance(0.11 * plenty) {
        collimate(grey, columns, rows, dice);
        drawn.push("collimation");
    }
    let size = columns.max(rows) as f64;
    // In units of the longer edge.
    let frame = Frame { columns, rows, scale: size, origin: Point::default(), cos: 1.0, sin: 0.0 };
    if dice.chance(0.30 * plenty) {
        let side = if dice.chance(0.5) { Side::Right } else { Side::Left };
        marker(grey, frame, side, dice);
        drawn.push("side marker");
    }
    if dice.chance(0.08 * plenty) {
        text(grey, frame, dice);
        drawn.push("text");
    }
    if dice.chance(0.05 * plenty) {
        grid(grey, columns, rows, dice);
        drawn.push("grid lines");
    }
    if dice.chance(0.06 * plenty) {
        bars(grey, columns, rows, dice);
        drawn.push("letterbox");
    }
    drawn
}

/// Shutters: outside a turned rectangle the film is unexposed; sometimes its shadow is soft and not quite empty.
fn collimate(grey: &mut [f32], columns: usize, rows: usize, dice: &mut Dice) {
    let (w, h) = (columns as f64, rows as f64);
    let (sin, cos) = dice.normal(0.0, 0.02).sin_cos();
    let mut edge = || if dice.chance(0.6) { dice.range(0.0, 0.07) } else { -1.0 };
    let (left, top, right, bottom) = (edge() * w, edge() * h, w - edge() * w, h - edge() * h);
    let soft = dice.log_range(0.0015, 0.012) * w;
    let dark = if dice.chance(0.7) { 0.0 } else { dice.range(0.0, 0.25) } as f32;
    let level = if dice.chance(0.85) { 0.0 } else { 1.0f32 };
    for (row, line) in grey.chunks_exact_mut(columns).enumerate() {
        for (column, v) in line.iter_mut().enumerate() {
            let (dx, dy) = (column as f64 - 0.5 * w, row as f64 - 0.5 * h);
            let (x, y) = (0.5 * w + cos * dx + sin * dy, 0.5 * h - sin * dx + cos * dy);
            let inside = (x - left).min(right - x).min(y - top).min(bottom - y);
            if inside < soft {
                let open = ((inside / soft).clamp(0.0, 1.0) as f32).max(dark);
                *v = *v * open + level * (1.0 - open);
            }
        }
    }
}

/// The lines of an anti-scatter grid that stood still, or what is left of them after sampling: fine stripes all over.
fn grid(grey: &mut [f32], columns: usize, rows: usize, dice: &mut Dice) {
    let pitch = dice.log_range(2.2, 9.0);
    let (sin, cos) = (if dice.chance(0.5) { 0.0 } else { FRAC_PI_2 } + dice.normal(0.0, 0.01)).sin_cos();
    let depth = dice.log_range(0.008, 0.05) as f32;
    for row in 0..rows {
        for (column, v) in grey[row * columns..(row + 1) * columns].iter_mut().enumerate() {
            let phase = TAU / pitch * (cos * column as f64 + sin * row as f64);
            *v = (*v * (1.0 + depth * phase.sin() as f32)).clamp(0.0, 1.0);
        }
    }
}

/// Empty bars along two opposite edges, as viewers and collections pad films to a square.
fn bars(grey: &mut [f32], columns: usize, rows: usize, dice: &mut Dice) {
    let share = dice.range(0.01, 0.05);
    let level = if dice.chance(0.8) { 0.0 } else { dice.range(0.0, 1.0) as f32 };
    let (bar_x, bar_y) = if dice.chance(0.5) {
        ((share * columns as f64) as usize, 0)
    } else {
        (0, (share * rows as f64) as usize)
    };
    for (row, line) in grey.chunks_exact_mut(columns).enumerate() {
        if row < bar_y || row >= rows - bar_y {
            line.fill(level);
        }
        line[..bar_x].fill(level);
        line[columns - bar_x..].fill(level);
    }
}

type Strokes = &'static [&'static [(f64, f64)]];
const R: Strokes = &[
    &[(0.0, 1.0), (0.0, 0.0), (0.45, 0.0), (0.6, 0.12), (0.6, 0.38), (0.45, 0.5), (0.0, 0.5)],
    &[(0.3, 0.5), (0.62, 1.0)],
];
const L: Strokes = &[&[(0.0, 0.0), (0.0, 1.0), (0.55, 1.0)]];

fn write_strokes(canvas: &mut Canvas, strokes: Strokes, at: Point, x: Vector, y: Vector, sigma: f64) {
    for stroke in strokes {
        let line: Vec<Point> = stroke.iter().map(|(u, v)| at + x * *u + y * *v).collect();
        canvas.stroke(&line, sigma, |_| 1.0);
    }
}

/// A lead letter near a corner of the patient's side, sometimes mirrored, boxed or tilted.
fn marker(grey: &mut [f32], frame: Frame, side: Side, dice: &mut Dice) {
    let (w, h) = (frame.columns as f64 / frame.scale, frame.rows as f64 / frame.scale);
    let tall = dice.range(0.03, 0.08);
    let near = dice.range(0.02, 0.10);
    let x = if side == Side::Right { near * w } else { w * (1.0 - near) - 0.6 * tall };
    let y = if dice.chance(0.6) { dice.range(0.02, 0.15) } else { dice.range(0.7, 0.92) } * h;
    let (sin, cos) = dice.normal(0.0, 0.15).sin_cos();
    let mirror = if dice.chance(0.1) { -1.0 } else { 1.0 };
    let mut layer = Canvas::new(frame);
    let (across, down) = (Vector::new(cos, sin) * tall, Vector::new(-sin, cos) * tall);
    let letter = if side == Side::Right { R } else { L };
    write_strokes(&mut layer, letter, Point::new(x, y), across * mirror, down, tall * dice.range(0.04, 0.08));
    let level = dice.range(0.75, 1.0) as f32;
    compose(grey, &layer, level);
}

/// A line of burned-in characters: short strokes in cells, nothing legible, on a box or bare.
fn text(grey: &mut [f32], frame: Frame, dice: &mut Dice) {
    let (w, h) = (frame.columns as f64 / frame.scale, frame.rows as f64 / frame.scale);
    let tall = dice.range(0.014, 0.03);
    let count = 4 + dice.below(14);
    let x = if dice.chance(0.5) { 0.02 * w } else { (w - 0.8 * tall * count as f64 - 0.02).max(0.0) };
    let y = if dice.chance(0.7) { 0.02 * h } else { h - 1.5 * tall };
    if dice.chance(0.4) {
        // On a box of its own.
        let pixel = |v: f64| (v * frame.scale).max(0.0) as usize;
        let [left, right] = [pixel(x - 0.3 * tall), pixel(x + 0.8 * tall * count as f64)];
        let [top, bottom] = [pixel(y - 0.3 * tall), pixel(y + 1.3 * tall)];
        let level = if dice.chance(0.8) { 0.0 } else { dice.range(0.0, 0.5) as f32 };
        for row in top..bottom.min(frame.rows) {
            let line = &mut grey[row * frame.columns..(row + 1) * frame.columns];
            line[left.min(frame.columns)..right.min(frame.columns)].fill(level);
        }
    }
    let mut layer = Canvas::new(frame);
    for i in 0..count {
        let cell = Point::new(x + 0.8 * tall * i as f64, y);
        for _ in 0..2 + dice.below(2) {
            let mut corner = || Vector::new(0.3 * dice.below(3) as f64, 0.5 * dice.below(3) as f64) * tall;
            let line = [cell + corner(), cell + corner()];
            layer.stroke(&line, 0.05 * tall, |_| 1.0);
        }
    }
    compose(grey, &layer, 1.0);
}

fn compose(grey: &mut [f32], layer: &Canvas, level: f32) {
    for (v, l) in grey.iter_mut().zip(&layer.data) {
        let cover = (1.3 * l).min(1.0);
        *v += cover * (level - *v);
    }
}
