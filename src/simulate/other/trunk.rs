//! Radiographs of the trunk without the hips, and of the head.

use super::Sheet;
use super::forms::{bone, vertebrae};
use crate::measure::Point;
use crate::measure::spline;
use crate::simulate::infant::canvas::{Blob, Canvas, Profile};
use crate::simulate::infant::dice::Dice;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

fn body(canvas: &mut Canvas, dice: &mut Dice) {
    let axes = (dice.range(0.9, 1.4), dice.range(1.6, 2.6));
    canvas.blob(
        &Blob::new(Point::default(), axes, 0.0, Profile::Dome).wobbly(dice, 0.06),
        dice.range(0.8, 1.4),
    );
}

fn ribs(canvas: &mut Canvas, height: f64, wide: f64, amount: f64, dice: &mut Dice) {
    let (pitch, slope) = (dice.range(0.13, 0.2), dice.range(0.1, 0.5));
    for side in [-1.0, 1.0] {
        for number in 0..10 {
            let y = -height + pitch * f64::from(number);
            let reach = wide * (0.55 + 0.45 * (f64::from(number) / 9.0).sqrt());
            let rib = [
                Point::new(0.06 * side, y),
                Point::new(0.6 * reach * side, y - 0.05),
                Point::new(reach * side, y + 0.5 * slope),
                Point::new(0.75 * reach * side, y + slope + 0.1),
                Point::new(0.4 * reach * side, y + slope + 0.16),
            ];
            let seen = if dice.chance(0.6) { &rib[..] } else { &rib[..4] };
            let (strong, width) = (amount * dice.range(0.6, 1.1), dice.range(0.018, 0.032));
            canvas.stroke(&spline::open(seen), width, |t| (strong * (1.0 - 0.5 * f64::from(t))) as f32);
        }
    }
}

/// Two dark lungs behind ribs, a heart, a diaphragm; from the front or from the side; of children and adults.
pub fn chest(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let turn = if dice.chance(0.12) { dice.range(0.0, TAU) } else { dice.normal(0.0, 0.06) };
    let mut canvas = sheet.canvas(turn);
    body(&mut canvas, dice);
    let lateral = dice.chance(0.25);
    let air = dice.range(0.35, 0.8);
    let (wide, tall) = (dice.range(0.3, 0.42), dice.range(0.6, 0.85));
    let sides: &[f64] = if lateral { &[0.0] } else { &[-1.0, 1.0] };
    for side in sides {
        let axes = if lateral { (1.5 * wide, tall) } else { (wide, tall * dice.range(0.9, 1.05)) };
        let lung = Blob::new(Point::new(0.46 * side, -0.05), axes, 0.08 * side, Profile::Plateau(0.35));
        canvas.blob(&lung.wobbly(dice, 0.15), -air);
    }
    let strength = dice.range(0.08, 0.3);
    ribs(&mut canvas, tall, dice.range(0.75, 0.95), strength, dice);
    let heart = Blob::new(Point::new(0.12, 0.25), (dice.range(0.25, 0.42), 0.35), 0.5, Profile::Plateau(0.4));
    canvas.blob(&heart.wobbly(dice, 0.1), dice.range(0.3, 0.7));
    let line = [Point::new(dice.normal(0.0, 0.05), -1.3), Point::new(dice.normal(0.0, 0.06), 1.3)];
    vertebrae(&mut canvas, &line, 0.09, dice.range(0.15, 0.5), dice);
    for side in [-1.0, 1.0] {
        let dome = Blob::new(Point::new(0.45 * side, 1.15), (0.62, 0.5), 0.0, Profile::Plateau(0.3));
        canvas.blob(&dome, dice.range(0.3, 0.7));
        let clavicle =
            [Point::new(0.08 * side, -0.72), Point::new(0.45 * side, -0.86), Point::new(0.85 * side, -0.8)];
        canvas.stroke(&spline::open(&clavicle), 0.03, |_| strength as f32);
    }
    sheet.film(canvas, dice)
}

/// Vertebrae, from the front or the side, straight or bent.
pub fn spine(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let turn = if dice.chance(0.25) { FRAC_PI_2 } else { 0.0 } + dice.normal(0.0, 0.15);
    let mut canvas = sheet.canvas(turn);
    body(&mut canvas, dice);
    let bend = dice.normal(0.0, 0.18);
    let line =
        [Point::new(bend, -1.4), Point::new(-bend, 0.0), Point::new(bend + dice.normal(0.0, 0.2), 1.4)];
    vertebrae(&mut canvas, &line, dice.range(0.1, 0.3), dice.range(0.3, 0.9), dice);
    if dice.chance(0.4) {
        let strength = dice.range(0.05, 0.2);
        ribs(&mut canvas, 1.2, 0.9, strength, dice);
    }
    sheet.film(canvas, dice)
}

/// Gas and spine, without the pelvis.
pub fn abdomen(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(dice.normal(0.0, 0.08));
    body(&mut canvas, dice);
    let line = [Point::new(dice.normal(0.0, 0.05), -1.3), Point::new(dice.normal(0.0, 0.05), 1.3)];
    vertebrae(&mut canvas, &line, dice.range(0.08, 0.16), dice.range(0.2, 0.6), dice);
    for _ in 0..4 + dice.below(30) {
        let at = Point::new(dice.normal(0.0, 0.45), dice.normal(0.0, 0.5));
        let axes = (dice.log_range(0.03, 0.3), dice.log_range(0.03, 0.16));
        let gas = Blob::new(at, axes, dice.range(0.0, PI), Profile::Plateau(0.4)).wobbly(dice, 0.3);
        canvas.blob(&gas, -dice.range(0.05, 0.35));
    }
    if dice.chance(0.5) {
        let strength = dice.range(0.05, 0.2);
        ribs(&mut canvas, 1.6, 0.9, strength, dice);
    }
    sheet.film(canvas, dice)
}

/// Half a disc of soft tissue at one edge.
pub fn breast(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas([0.0, PI, FRAC_PI_2, -FRAC_PI_2][dice.below(4)]);
    let axes = (dice.range(0.9, 1.8), dice.range(0.6, 1.0));
    let form = Blob::new(Point::new(-1.1, 0.0), axes, 0.0, Profile::Plateau(dice.range(0.1, 0.4)));
    canvas.blob(&form.wobbly(dice, 0.08), 1.0);
    for _ in 0..20 + dice.below(60) {
        let at = Point::new(-1.1 + dice.range(0.1, 0.9) * axes.0, dice.normal(0.0, 0.3 * axes.1));
        let size = (dice.log_range(0.03, 0.3), dice.log_range(0.01, 0.1));
        canvas.blob(&Blob::new(at, size, dice.normal(0.0, 0.5), Profile::Mound), dice.range(0.03, 0.2));
    }
    sheet.film(canvas, dice)
}

/// A round shell with orbits, a jaw and teeth, from the front or the side.
pub fn skull(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(dice.normal(0.0, 0.2));
    let lateral = dice.chance(0.5);
    let axes = if lateral { (dice.range(0.75, 0.95), 0.72) } else { (0.66, dice.range(0.72, 0.9)) };
    let at = Point::new(0.0, -0.2);
    canvas.blob(&Blob::new(at, (1.08 * axes.0, 1.08 * axes.1), 0.0, Profile::Dome), dice.range(0.3, 0.7));
    let ring: Vec<Point> = (0..24)
        .map(|i| TAU * f64::from(i) / 24.0)
        .map(|a| Point::new(at.x + axes.0 * a.cos(), at.y + axes.1 * a.sin()))
        .collect();
    bone(&mut canvas, &spline::closed(&ring), dice.range(0.2, 0.5), dice.range(1.0, 3.0));
    let face = if lateral { -0.5 } else { 0.0 };
    let jaw = [(-0.35, 0.3), (0.35, 0.3), (0.3, 0.75), (0.0, 0.95), (-0.3, 0.75)];
    let jaw: Vec<Point> = jaw.iter().map(|(x, y)| Point::new(x + face, *y)).collect();
    bone(&mut canvas, &spline::closed(&jaw), dice.range(0.2, 0.5), 0.8);
    for side in if lateral { vec![0.0] } else { vec![-1.0, 1.0] } {
        let orbit = Blob::new(Point::new(face + 0.27 * side, 0.1), (0.2, 0.17), 0.0, Profile::Plateau(0.3));
        canvas.blob(&orbit, -dice.range(0.1, 0.4));
    }
    for tooth in 0..8 {
        let x = face + 0.07 * (f64::from(tooth) - 3.5);
        canvas.blob(&Blob::new(Point::new(x, 0.62), (0.03, 0.09), 0.0, Profile::Dome), dice.range(0.2, 0.6));
    }
    for _ in 0..dice.below(12) {
        let line = [
            Point::new(dice.normal(0.0, 0.4), dice.normal(-0.2, 0.3)),
            Point::new(dice.normal(0.0, 0.4), dice.normal(-0.2, 0.3)),
        ];
        canvas.stroke(&line, 0.012, |_| 0.12);
    }
    let neck = [Point::new(0.15, 0.55), Point::new(0.2, 1.5)];
    vertebrae(&mut canvas, &neck, 0.12, 0.35, dice);
    sheet.film(canvas, dice)
}
