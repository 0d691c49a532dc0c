//! What is no picture of a body: test patterns, pages of text, leaves that hide one another, noise, masks.

use super::Sheet;
use crate::measure::Point;
use crate::simulate::infant::canvas::{Blob, Profile};
use crate::simulate::infant::dice::{Dice, Stream};
use std::f64::consts::PI;

/// Fills the pixels of a box, given in shares of the picture.
fn fill(grey: &mut [f32], columns: usize, rows: usize, [left, top, right, bottom]: [f64; 4], level: f32) {
    let pixel = |share: f64, count: usize| ((share * count as f64) as usize).min(count);
    for row in pixel(top.max(0.0), rows)..pixel(bottom, rows) {
        let (from, to) = (pixel(left.max(0.0), columns), pixel(right, columns));
        if from < to {
            grey[row * columns + from..row * columns + to].fill(level);
        }
    }
}

/// Lines of something like letters, `tall` in shares of the height.
pub fn captions(grey: &mut [f32], columns: usize, rows: usize, count: usize, tall: f64, dice: &mut Dice) {
    for _ in 0..count {
        let (mut x, y) = (dice.range(0.0, 0.85), dice.range(0.0, 0.97));
        let level = dice.range(0.6, 1.0) as f32;
        for _ in 0..3 + dice.below(16) {
            words(grey, columns, rows, [x, y], tall, level, dice);
            x += 0.75 * tall;
        }
    }
}

/// One letter: a few strokes in its cell.
fn words(
    grey: &mut [f32],
    columns: usize,
    rows: usize,
    [x, y]: [f64; 2],
    tall: f64,
    level: f32,
    dice: &mut Dice,
) {
    for _ in 0..2 + dice.below(2) {
        let (u, v) = (x + 0.25 * tall * dice.below(3) as f64, y + 0.33 * tall * dice.below(3) as f64);
        let thick = 0.14 * tall;
        let (wide, high) = if dice.chance(0.5) { (0.55 * tall, thick) } else { (thick, 0.7 * tall) };
        fill(grey, columns, rows, [u, v, u + wide, v + high], level);
    }
}

/// Bars, boards, wedges, rings and crosses.
pub fn test_pattern(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let Sheet { rows, columns, .. } = sheet;
    let mut grey = vec![dice.range(0.0, 1.0) as f32; rows * columns];
    match dice.below(4) {
        0 => {
            let (count, upright) = (2 + dice.below(14), dice.chance(0.5));
            for bar in 0..count {
                let (a, b) = (bar as f64 / count as f64, (bar as f64 + 1.0) / count as f64);
                let place = if upright { [a, 0.0, b, 1.0] } else { [0.0, a, 1.0, b] };
                fill(&mut grey, columns, rows, place, dice.range(0.0, 1.0) as f32);
            }
        }
        1 => {
            let count = 2 + dice.below(12);
            let drawn = dice.chance(0.5);
            for cell in 0..count * count {
                let (u, v) = ((cell % count) as f64 / count as f64, (cell / count) as f64 / count as f64);
                let side = 1.0 / count as f64;
                let level =
                    if drawn { dice.range(0.0, 1.0) } else { ((cell % count + cell / count) % 2) as f64 };
                fill(&mut grey, columns, rows, [u, v, u + side, v + side], level as f32);
                if drawn {
                    let level = dice.range(0.0, 1.0) as f32;
                    fill(
                        &mut grey,
                        columns,
                        rows,
                        [u + 0.3 * side, v + 0.3 * side, u + 0.7 * side, v + 0.7 * side],
                        level,
                    );
                }
            }
        }
        2 => {
            let (a, b, c) = (dice.range(-1.0, 1.0), dice.range(-1.0, 1.0), dice.range(0.0, 40.0));
            for (index, value) in grey.iter_mut().enumerate() {
                let (u, v) =
                    ((index % columns) as f64 / columns as f64, (index / columns) as f64 / rows as f64);
                let t = a * u + b * v;
                *value = if c < 10.0 { t.abs().fract() as f32 } else { (0.5 + 0.5 * (c * t).sin()) as f32 };
            }
        }
        _ => {
            let mut canvas = sheet.canvas(0.0);
            for _ in 0..2 + dice.below(5) {
                let r = dice.range(0.2, 1.0);
                let at = Point::new(dice.normal(0.0, 0.2), dice.normal(0.0, 0.2));
                let change = dice.range(-0.6, 0.6);
                canvas.blob(&Blob::new(at, (r, r), 0.0, Profile::Plateau(0.01)), change);
            }
            grey.iter_mut()
                .zip(&canvas.data)
                .for_each(|(value, drawn)| *value = (*value + drawn).clamp(0.0, 1.0));
        }
    }
    for _ in 0..dice.below(20) {
        let (u, v) = (dice.range(0.0, 0.95), dice.range(0.0, 0.95));
        let place = [u, v, u + dice.log_range(0.004, 0.3), v + dice.log_range(0.004, 0.3)];
        fill(&mut grey, columns, rows, place, dice.range(0.0, 1.0) as f32);
    }
    grey
}

/// A page, or a screen.
pub fn text(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let Sheet { rows, columns, .. } = sheet;
    let paper = if dice.chance(0.6) { 1.0 } else { 0.0 };
    let mut grey = vec![paper as f32; rows * columns];
    let (tall, margin) = (dice.log_range(0.02, 0.2), dice.range(0.02, 0.15));
    let mut y = margin;
    while y < 1.0 - margin {
        let end = margin + (1.0 - 2.0 * margin) * dice.range(0.1, 1.0);
        let mut x = margin;
        while x < end {
            if !dice.chance(0.15) {
                words(&mut grey, columns, rows, [x, y], tall, (1.0 - paper) as f32 * 0.9 + 0.05, dice);
            }
            x += 0.8 * tall;
        }
        y += dice.range(1.3, 2.0) * tall;
    }
    grey
}

/// Forms of all sizes that hide one another, each with its own texture: the statistics of any picture.
pub fn leaves(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let Sheet { rows, columns, .. } = sheet;
    let mut grey = vec![0.0_f32; rows * columns];
    let textures: Vec<Vec<f32>> =
        (0..3).map(|i| sheet.texture(dice.log_range(2.0, 20.0), 60.0, dice.range(0.5, 1.0), 1 + i)).collect();
    let blank = sheet.canvas(0.0);
    for _ in 0..20 + dice.below(120) {
        let (half_x, half_y) = sheet.half();
        let at = Point::new(dice.range(-half_x, half_x), dice.range(-half_y, half_y));
        let size = dice.log_range(0.03, 0.9);
        let axes = (size, size * dice.log_range(0.2, 1.0));
        let mut canvas = blank.clone();
        let leaf = Blob::new(at, axes, dice.range(0.0, PI), Profile::Plateau(dice.log_range(0.02, 0.6)));
        canvas.blob(&leaf.wobbly(dice, 0.4), 1.0);
        let (level, depth) = (dice.range(0.0, 1.0) as f32, dice.range(0.0, 0.2) as f32);
        let texture = &textures[dice.below(textures.len())];
        for ((value, cover), cloud) in grey.iter_mut().zip(&canvas.data).zip(texture) {
            *value += cover.min(1.0) * (level + depth * cloud - *value);
        }
    }
    sheet.scan(grey, dice)
}

/// Clouds or snow, with or without specks.
pub fn noise(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut grey = if dice.chance(0.3) {
        let mut snow = vec![0.0; sheet.rows * sheet.columns];
        Dice::new(sheet.seed, Stream::Texture).fill_gauss(&mut snow);
        snow
    } else {
        sheet.texture(dice.log_range(1.5, 30.0), dice.log_range(31.0, 120.0), dice.range(0.4, 1.2), 1)
    };
    let (middle, gain) = (dice.range(0.2, 0.8) as f32, dice.log_range(0.05, 0.4) as f32);
    grey.iter_mut().for_each(|value| *value = (middle + gain * *value).clamp(0.0, 1.0));
    for _ in 0..dice.below(60) {
        let (u, v) = (dice.range(0.0, 1.0), dice.range(0.0, 1.0));
        let side = dice.log_range(0.005, 0.05);
        let level = dice.range(0.0, 1.0) as f32;
        fill(&mut grey, sheet.columns, sheet.rows, [u, v, u + side, v + side], level);
    }
    grey
}

/// White forms on black.
pub fn mask(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(0.0);
    for _ in 0..1 + dice.below(4) {
        let at = Point::new(dice.normal(0.0, 0.4), dice.normal(0.0, 0.4));
        let axes = (dice.log_range(0.1, 0.7), dice.log_range(0.1, 0.7));
        let form = Blob::new(at, axes, dice.range(0.0, PI), Profile::Plateau(0.02));
        canvas.blob(&form.wobbly(dice, 0.6), 1.0);
    }
    let turned = dice.chance(0.2);
    canvas.data.iter().map(|v| if (*v > 0.5) != turned { 1.0 } else { 0.0 }).collect()
}
