//! Sections through a body as CT, MR and nuclear medicine show them; coronal ones of the hips are not among them.

use super::Sheet;
use crate::measure::Point;
use crate::simulate::infant::canvas::{Blob, Canvas, Profile};
use crate::simulate::infant::dice::Dice;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

fn ellipse(x: f64, y: f64, axes: (f64, f64), angle: f64) -> Blob {
    Blob::new(Point::new(x, y), axes, angle, Profile::Plateau(0.06))
}

/// Signals with their own textures, nothing where there is nothing.
fn textured(sheet: Sheet, canvas: Canvas, dice: &mut Dice) -> Vec<f32> {
    let depth = dice.range(0.02, 0.25) as f32;
    let field = sheet.texture(dice.range(4.0, 16.0), dice.range(30.0, 90.0), 0.8, 1);
    let mut signal = canvas.data;
    signal.iter_mut().zip(field).for_each(|(value, cloud)| *value = value.max(0.0) * (1.0 + depth * cloud));
    signal
}

/// Trunk, pelvis, thighs, neck or head across: skin and fat, muscle, organs, bones, the table.
pub fn axial(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(if dice.chance(0.15) { FRAC_PI_2 } else { dice.normal(0.0, 0.08) });
    let mr = dice.chance(0.5);
    let (fat, muscle, bone) = if mr {
        (dice.range(0.6, 1.0), dice.range(0.2, 0.45), dice.range(0.05, 0.8))
    } else {
        (dice.range(0.1, 0.3), dice.range(0.35, 0.55), dice.range(0.8, 1.2))
    };
    let both = dice.chance(0.2);
    let size = dice.range(0.35, 1.1);
    let ratio = dice.range(0.45, 1.1);
    for part in 0..if both { 2 } else { 1 } {
        let (x, wide) =
            if both { (0.52 * size * (2.0 * f64::from(part) - 1.0), 0.5 * size) } else { (0.0, size) };
        let tall = if both { wide } else { wide * ratio };
        let skin = dice.range(0.03, 0.22);
        canvas.blob(&ellipse(x, 0.0, (wide, tall), 0.0).wobbly(dice, 0.08), fat);
        let (inner_x, inner_y) = (wide * (1.0 - skin), tall * (1.0 - skin));
        canvas.blob(&ellipse(x, 0.0, (inner_x, inner_y), 0.0).wobbly(dice, 0.08), muscle - fat);
        for _ in 0..dice.below(16) {
            let at = (x + dice.normal(0.0, 0.4) * inner_x, dice.normal(0.0, 0.4) * inner_y);
            let axes = (dice.log_range(0.05, 0.4) * inner_x, dice.log_range(0.05, 0.4) * inner_y);
            let change = dice.range(-0.9, 0.8) * if mr { 0.5 } else { 0.3 };
            canvas.blob(&ellipse(at.0, at.1, axes, dice.range(0.0, PI)).wobbly(dice, 0.3), change);
        }
        if dice.chance(0.25) && !both {
            for side in [-1.0, 1.0] {
                let lung = ellipse(0.45 * inner_x * side, -0.05, (0.36 * inner_x, 0.62 * inner_y), 0.0);
                canvas.blob(&lung.wobbly(dice, 0.2), -muscle);
            }
        }
        // Symmetric bones: heads of femora, wings, a vertebra behind.
        let pairs = dice.below(4);
        for _ in 0..pairs {
            let (u, v) = (dice.range(0.2, 0.8) * inner_x, dice.normal(0.0, 0.35) * inner_y);
            let axes = (dice.log_range(0.04, 0.2) * wide, dice.log_range(0.04, 0.2) * wide);
            let (turn, hollow) = (dice.range(0.0, PI), dice.chance(0.5));
            for side in [-1.0, 1.0] {
                let form = ellipse(x + side * u, v, axes, side * turn).wobbly(dice, 0.2);
                canvas.blob(&form, bone - muscle);
                if hollow {
                    canvas.blob(
                        &ellipse(x + side * u, v, (0.7 * axes.0, 0.7 * axes.1), side * turn),
                        muscle - bone,
                    );
                }
            }
        }
        if dice.chance(0.7) {
            let round = dice.range(0.08, 0.2) * wide;
            canvas.blob(&ellipse(x, 0.45 * inner_y, (round, 0.8 * round), 0.0), bone - muscle);
            canvas.blob(
                &ellipse(x, 0.45 * inner_y + 1.4 * round, (0.4 * round, 0.8 * round), 0.0),
                bone - muscle,
            );
        }
    }
    if !mr && dice.chance(0.6) {
        let y = size * ratio + dice.range(0.03, 0.2);
        let table = [Point::new(-0.8, y - 0.1), Point::new(0.0, y), Point::new(0.8, y - 0.1)];
        canvas.stroke(&table, 0.015, |_| 0.25);
    }
    let signal = textured(sheet, canvas, dice);
    sheet.scan(signal, dice)
}

/// A head in any plane: scalp, skull, folds.
pub fn brain(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(dice.normal(0.0, 0.2));
    let (wide, tall) = (dice.range(0.5, 0.95), dice.range(0.6, 1.0));
    canvas.blob(&ellipse(0.0, 0.0, (1.12 * wide, 1.1 * tall), 0.0).wobbly(dice, 0.08), dice.range(0.3, 1.0));
    canvas.blob(&ellipse(0.0, 0.0, (1.03 * wide, 1.02 * tall), 0.0), -dice.range(0.3, 1.0));
    let within = dice.range(0.4, 0.7);
    canvas.blob(&ellipse(0.0, 0.0, (0.95 * wide, 0.95 * tall), 0.0), within);
    for _ in 0..30 + dice.below(60) {
        let (turn, away) = (dice.range(0.0, TAU), dice.range(0.2, 0.9));
        let at = Point::new(away * wide * turn.cos(), away * tall * turn.sin());
        let fold =
            Blob::new(at, (dice.log_range(0.03, 0.16), dice.log_range(0.01, 0.05)), turn, Profile::Mound);
        canvas.blob(&fold, dice.range(-0.5, 0.5) * within);
    }
    for side in [-1.0, 1.0] {
        let chamber = ellipse(0.12 * side, 0.0, (0.07, 0.25), 0.3 * side).wobbly(dice, 0.2);
        canvas.blob(&chamber, dice.range(-0.9, 0.9) * within);
    }
    if dice.chance(0.4) {
        canvas.blob(&ellipse(-0.4, 0.8, (0.5, 0.6), 0.3).wobbly(dice, 0.3), 0.4 * within);
        canvas.blob(&ellipse(0.15, 1.0, (0.2, 0.6), 0.0).wobbly(dice, 0.2), 0.5 * within);
    }
    let signal = textured(sheet, canvas, dice);
    sheet.scan(signal, dice)
}

/// Cobbles of bone with dark rims and strands beside them: wrist, ankle, knee, spine in MR.
pub fn wrist(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(dice.range(0.0, TAU));
    let (flesh, marrow) = (dice.range(0.25, 0.6), dice.range(-0.3, 0.5));
    canvas.blob(&ellipse(0.0, 0.0, (dice.range(0.7, 1.6), 2.2), 0.0).wobbly(dice, 0.1), flesh);
    for _ in 0..dice.below(30) {
        let x = dice.normal(0.0, 0.6);
        let line = [Point::new(x, -1.3), Point::new(x + dice.normal(0.0, 0.2), 1.3)];
        let change = (dice.range(-0.9, 0.9) * flesh) as f32;
        canvas.stroke(&line, dice.log_range(0.01, 0.06), |_| change);
    }
    let size = dice.log_range(0.08, 0.35);
    for _ in 0..3 + dice.below(16) {
        let (x, y) = (dice.normal(0.0, 0.4), dice.normal(0.0, 0.5));
        let axes = (size * dice.range(0.6, 1.4), size * dice.range(0.6, 1.4));
        let turn = dice.range(0.0, PI);
        canvas.blob(&ellipse(x, y, (1.15 * axes.0, 1.15 * axes.1), turn).wobbly(dice, 0.25), -0.8 * flesh);
        canvas.blob(&ellipse(x, y, axes, turn).wobbly(dice, 0.25), 0.8 * flesh + marrow);
    }
    let signal = textured(sheet, canvas, dice);
    sheet.scan(signal, dice)
}

/// Blurred spots on black: scintigrams, PET.
pub fn scintigram(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(0.0);
    let whole = dice.chance(0.5);
    if whole {
        let wide = dice.range(0.12, 0.3);
        for (y, axes) in [(-0.85, (0.6, 0.14)), (-0.4, (1.3, 0.35)), (0.1, (1.1, 0.25))] {
            canvas.blob(&Blob::new(Point::new(0.0, y), (wide * axes.0, axes.1), 0.0, Profile::Gaussian), 0.8);
        }
        for side in [-1.0, 1.0] {
            let leg =
                Blob::new(Point::new(0.5 * wide * side, 0.65), (0.4 * wide, 0.45), 0.0, Profile::Gaussian);
            canvas.blob(&leg, 0.5);
        }
    }
    for _ in 0..3 + dice.below(20) {
        let at = Point::new(dice.normal(0.0, if whole { 0.12 } else { 0.4 }), dice.normal(0.0, 0.5));
        let axes = (dice.log_range(0.03, 0.4), dice.log_range(0.03, 0.4));
        canvas.blob(&Blob::new(at, axes, dice.range(0.0, PI), Profile::Gaussian), dice.log_range(0.1, 1.0));
    }
    canvas.blur(0.02 * canvas.frame.scale);
    let signal = textured(sheet, canvas, dice);
    sheet.scan(signal, dice)
}
