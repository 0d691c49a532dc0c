//! Radiographs of limbs, and of their vessels.

use super::Sheet;
use super::forms::{bone, flesh, shaft};
use crate::measure::{Point, Vector};
use crate::simulate::infant::canvas::{Blob, Profile};
use crate::simulate::infant::dice::Dice;
use std::f64::consts::{FRAC_PI_2, TAU};

/// Upright, lying, or askew.
fn attitude(dice: &mut Dice) -> f64 {
    match dice.below(4) {
        0 => FRAC_PI_2 + dice.normal(0.0, 0.15),
        1 => dice.range(0.0, TAU),
        _ => dice.normal(0.0, 0.2),
    }
}

/// Shafts of one or two bones, with or without an end on the film; sometimes both legs.
pub fn long_bone(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(attitude(dice));
    let limbs = if dice.chance(0.25) { 2 } else { 1 };
    for limb in 0..limbs {
        let middle = if limbs == 2 { 0.55 * (2.0 * f64::from(limb) - 1.0) } else { dice.normal(0.0, 0.12) };
        let (top, foot) = (dice.range(-1.8, -0.6), dice.range(0.6, 1.8));
        let (a, b) = (Point::new(middle, top), Point::new(middle + dice.normal(0.0, 0.12), foot));
        let wide = dice.range(0.2, 0.5);
        flesh(&mut canvas, a, b, [wide, wide * dice.range(0.6, 1.0)], dice.range(0.4, 1.2), dice);
        let (amount, rim) = (dice.range(0.3, 0.9), dice.range(0.6, 2.0));
        let bones = 1 + dice.below(2);
        for index in 0..bones {
            let aside = if bones == 2 { 0.45 * wide * (2.0 * index as f64 - 1.0) } else { 0.0 };
            let half = wide * if bones == 2 { dice.range(0.12, 0.3) } else { dice.range(0.22, 0.4) };
            let ends = [half * dice.range(1.2, 2.2), half, half * dice.range(1.2, 2.2)];
            let move_by = Vector::new(aside, 0.0);
            let outline = shaft(a + move_by, b + move_by, ends, dice);
            bone(&mut canvas, &outline, amount, rim);
        }
    }
    sheet.film(canvas, dice)
}

/// Two bones that meet: knee, ankle, elbow, shoulder.
pub fn joint(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(attitude(dice));
    let at = Point::new(dice.normal(0.0, 0.15), dice.normal(0.0, 0.15));
    let (amount, rim) = (dice.range(0.4, 0.9), dice.range(0.4, 1.6));
    let bend = dice.range(-0.9, 0.9) * if dice.chance(0.5) { 1.0 } else { 0.1 };
    for (turn, gap) in [(0.0, -0.03), (std::f64::consts::PI + bend, 0.03)] {
        let heading = Vector::new(f64::sin(turn), -f64::cos(turn));
        let near = at + heading * (0.04 + gap * dice.range(0.0, 1.0));
        let far = at + heading * dice.range(1.0, 1.7);
        let wide = dice.range(0.35, 0.6);
        flesh(&mut canvas, near + heading * -0.3, far, [wide, 0.8 * wide], dice.range(0.4, 1.0), dice);
        let count = 1 + dice.below(2);
        for index in 0..count {
            let side =
                Vector::new(-heading.y, heading.x) * (0.22 * (index as f64 - 0.5 * (count as f64 - 1.0)));
            let half = dice.range(0.08, 0.15) / (count as f64).sqrt();
            let outline = shaft(near + side, far + side, [half * dice.range(1.8, 3.0), half, half], dice);
            bone(&mut canvas, &outline, amount, rim);
        }
    }
    if dice.chance(0.4) {
        let cap = Blob::new(at + Vector::new(dice.normal(0.0, 0.08), -0.1), (0.13, 0.15), 0.0, Profile::Dome);
        canvas.blob(&cap.wobbly(dice, 0.2), 0.7 * amount);
    }
    sheet.film(canvas, dice)
}

/// Rays of small bones from a cluster: hand or foot, one or both.
pub fn hand(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(attitude(dice));
    let hands = if dice.chance(0.3) { 2 } else { 1 };
    let (amount, rim) = (dice.range(0.35, 0.8), dice.range(0.4, 1.4));
    for number in 0..hands {
        let (middle, size) =
            if hands == 2 { (0.55 * (2.0 * f64::from(number) - 1.0), 0.62) } else { (0.0, 1.0) };
        let size = size * dice.range(0.75, 1.15);
        let root = Point::new(middle + dice.normal(0.0, 0.05), 0.45 * size);
        let palm =
            Blob::new(root + Vector::new(0.0, -0.2 * size), (0.42 * size, 0.5 * size), 0.0, Profile::Dome);
        canvas.blob(&palm.wobbly(dice, 0.1), dice.range(0.4, 0.9));
        let forearm = root + Vector::new(0.0, 1.2 * size);
        flesh(&mut canvas, root, forearm, [0.26 * size, 0.3 * size], 0.7, dice);
        for aside in [-0.11, 0.12] {
            let aside = Vector::new(aside * size, 0.12 * size);
            let outline = shaft(root + aside, forearm + aside, [0.1 * size, 0.06 * size, 0.06 * size], dice);
            bone(&mut canvas, &outline, amount, rim);
        }
        for _ in 0..8 {
            let off = Vector::new(dice.normal(0.0, 0.13), dice.normal(-0.02, 0.07)) * size;
            let axes = (dice.range(0.05, 0.09) * size, dice.range(0.05, 0.09) * size);
            canvas.blob(&Blob::new(root + off, axes, 0.0, Profile::Plateau(0.3)).wobbly(dice, 0.3), amount);
        }
        let spread = dice.range(0.06, 0.26);
        for ray in 0..5 {
            let turn = (f64::from(ray) - 2.0) * spread + dice.normal(0.0, 0.03);
            let heading = Vector::new(turn.sin(), -turn.cos());
            let mut at = root + heading * (0.16 * size);
            for (phalanx, length) in [0.38, 0.26, 0.17, 0.12].into_iter().enumerate() {
                let next = at + heading * (length * size);
                let half = (0.055 - 0.008 * phalanx as f64) * size;
                flesh(&mut canvas, at, next, [0.1 * size, 0.1 * size], 0.35, dice);
                let outline = shaft(at, next + heading * (-0.02 * size), [half, 0.6 * half, half], dice);
                bone(&mut canvas, &outline, amount, rim);
                at = next;
            }
        }
    }
    sheet.film(canvas, dice)
}

/// Contrast medium in branching vessels, often in a round field.
pub fn vessels(sheet: Sheet, dice: &mut Dice) -> Vec<f32> {
    let mut canvas = sheet.canvas(dice.range(0.0, TAU));
    canvas.blob(&Blob::new(Point::default(), (1.5, 1.4), 0.0, Profile::Dome).wobbly(dice, 0.1), 1.0);
    let mut tips = vec![(Point::new(dice.normal(0.0, 0.2), 1.1), -FRAC_PI_2, dice.range(0.02, 0.06), 0)];
    while let Some((mut at, mut heading, width, depth)) = tips.pop() {
        let mut line = vec![at];
        for _ in 0..6 {
            heading += dice.normal(0.0, 0.25);
            at = at + Vector::new(heading.cos(), heading.sin()) * 0.09;
            line.push(at);
        }
        canvas.stroke(&line, width, |_| (6.0 * width) as f32);
        if depth < 6 {
            for turn in [-1.0, 1.0] {
                tips.push((
                    at,
                    heading + turn * dice.range(0.2, 0.7),
                    width * dice.range(0.65, 0.9),
                    depth + 1,
                ));
            }
        }
    }
    let field = dice.chance(0.6).then(|| dice.range(0.85, 1.08));
    let mut grey = sheet.film(canvas, dice);
    if let Some(radius) = field {
        let (half_x, half_y) = sheet.half();
        let level = if dice.chance(0.8) { 0.0 } else { 1.0 };
        for (index, value) in grey.iter_mut().enumerate() {
            let x = ((index % sheet.columns) as f64 / sheet.columns as f64 - 0.5) * 2.0 * half_x;
            let y = ((index / sheet.columns) as f64 / sheet.rows as f64 - 0.5) * 2.0 * half_y;
            if x.hypot(y) > radius * half_x.min(half_y) {
                *value = level;
            }
        }
    }
    grey
}
