//! Soft tissue: trunk, buttocks, thighs, muscles between planes of fat, skin folds, the perineum.

use super::anatomy::Infant;
use super::bones::ramp;
use super::canvas::{Blob, Canvas, Profile};
use super::dice::Dice;
use super::shape::Outlines;
use crate::measure::Point;
use crate::measure::spline;

/// Draws everything that is not bone, gas or foreign.
pub(super) fn paint(canvas: &mut Canvas, infant: &Infant, hips: &[Outlines; 2], dice: &mut Dice) {
    let plump = dice.normal(1.0, 0.08);
    trunk(canvas, plump, dice);
    for (outlines, hip) in hips.iter().zip(&infant.hips) {
        let side = outlines.trc.x.signum();
        limb(canvas, outlines, side, hip.shaft_tilt, plump, dice);
    }
    perineum(canvas, dice);
    folds(canvas, dice);
}

/// Trunk and belly: the film is brightest at its top, where the infant is thickest.
fn trunk(canvas: &mut Canvas, plump: f64, dice: &mut Dice) {
    let wide = plump * dice.range(1.12, 1.48);
    let x = dice.normal(0.0, 0.03);
    let trunk = Blob::new(
        Point::new(x, dice.range(-1.6, -1.2)),
        (wide, dice.range(2.3, 2.9)),
        dice.normal(0.0, 0.03),
        Profile::Dome,
    )
    .wobbly(dice, 0.05);
    canvas.blob(&trunk, dice.range(0.22, 0.5));
    let abdomen = Blob::new(
        Point::new(x + dice.normal(0.0, 0.05), dice.range(-1.5, -0.9)),
        (wide * dice.range(0.95, 1.25), dice.range(0.9, 1.4)),
        0.0,
        Profile::Mound,
    )
    .wobbly(dice, 0.08);
    canvas.blob(&abdomen, dice.range(0.3, 0.95));
    let core = Blob::new(
        Point::new(x, dice.range(-1.3, -0.7)),
        (dice.range(0.5, 1.0), dice.range(0.5, 0.9)),
        0.0,
        Profile::Gaussian,
    )
    .wobbly(dice, 0.1);
    canvas.blob(&core, dice.range(0.0, 0.25));
    let hips = Blob::new(
        Point::new(x, dice.range(0.0, 0.35)),
        (plump * dice.range(1.2, 1.5), dice.range(0.9, 1.4)),
        0.0,
        Profile::Mound,
    )
    .wobbly(dice, 0.04);
    canvas.blob(&hips, dice.range(0.02, 0.24));
    // Gluteal and sacral masses behind the wings.
    let behind = Blob::new(
        Point::new(x, dice.range(-0.65, -0.35)),
        (dice.range(0.7, 1.1), dice.range(0.3, 0.5)),
        0.0,
        Profile::Gaussian,
    )
    .wobbly(dice, 0.12);
    canvas.blob(&behind, dice.range(0.0, 0.4));
    // What the pelvis holds: sacral soft tissue, bladder.
    let contents = Blob::new(
        Point::new(dice.normal(0.0, 0.04), dice.range(-0.15, 0.1)),
        (dice.range(0.35, 0.55), dice.range(0.3, 0.5)),
        0.0,
        Profile::Dome,
    )
    .wobbly(dice, 0.15);
    canvas.blob(&contents, dice.range(-0.16, 0.14));
    if dice.chance(0.35) {
        let r = dice.range(0.2, 0.36);
        let bladder = Blob::new(
            Point::new(dice.normal(0.0, 0.05), dice.range(-0.2, 0.1)),
            (r * dice.range(0.9, 1.3), r),
            0.0,
            Profile::Dome,
        )
        .wobbly(dice, 0.08);
        canvas.blob(&bladder, dice.range(0.02, 0.16));
    }
}

/// Buttock, thigh, and the muscles of one side.
fn limb(canvas: &mut Canvas, hip: &Outlines, side: f64, shaft_tilt: f64, plump: f64, dice: &mut Dice) {
    let at = |x: f64, y: f64| Point::new(side * x, y);
    let crotch = dice.range(0.75, 1.1);
    // The thigh about the shaft, faded in from above: a long ellipse whose upper part lies in the trunk.
    let axis = hip.hp + (at(0.02, 0.0) - Point::default());
    let thigh_angle = side * shaft_tilt.clamp(-0.3, 0.5);
    let length = dice.range(1.9, 2.6);
    let centre = Point::new(axis.x - side * 0.06 + thigh_angle.sin() * length * 0.8, axis.y + length * 0.8);
    let thick = plump * dice.range(0.46, 0.68);
    let thigh = Blob::new(centre, (thick, length), -thigh_angle, Profile::Dome).wobbly(dice, 0.02);
    canvas.blob_by(&thigh, dice.range(0.12, 0.36) as f32, |_, y| ramp(y, -0.15, 0.75));
    let muscle =
        Blob::new(centre, (thick * dice.range(0.5, 0.72), length), -thigh_angle, Profile::Plateau(0.3))
            .wobbly(dice, 0.03);
    canvas.blob_by(&muscle, dice.range(0.0, 0.12) as f32, |_, y| ramp(y, 0.0, 0.7));
    // The buttock, with its sharp lower edge across the thigh.
    let low = crotch * dice.range(0.95, 1.15);
    let tall = dice.range(0.55, 0.85);
    let buttock = Blob::new(
        at(dice.range(0.40, 0.52), low - tall),
        (plump * dice.range(0.46, 0.60), tall),
        side * dice.normal(-0.1, 0.12),
        if dice.chance(0.4) { Profile::Plateau(dice.range(0.1, 0.9)) } else { Profile::Dome },
    )
    .wobbly(dice, 0.06);
    canvas.blob(&buttock, dice.range(0.01, 0.16));
    // Muscles: gluteal, iliopsoas, adductors; some denser, some with the fat around them.
    let places = [
        (0.86, -0.12, 0.16, 0.45, -0.15),
        (0.72, 0.05, 0.14, 0.22, 0.0),
        (0.40, 0.75, 0.16, 0.34, -0.25),
        (0.30, 0.55, 0.12, 0.24, -0.5),
        (0.60, 0.75, 0.14, 0.45, 0.05),
        (0.95, 0.45, 0.10, 0.45, 0.0),
        (0.22, 0.0, 0.14, 0.4, 0.35),
    ];
    for (x, y, a, b, lean) in places {
        let blob = Blob::new(
            at(x + dice.normal(0.0, 0.05), y + dice.normal(0.0, 0.08)),
            (a * dice.range(0.7, 1.4), b * dice.range(0.7, 1.4)),
            -side * (lean + dice.normal(0.0, 0.15)),
            Profile::Plateau(dice.range(0.15, 0.9)),
        )
        .wobbly(dice, 0.15);
        canvas.blob(&blob, dice.normal(if x > 0.5 { 0.0 } else { -0.02 }, 0.04));
    }
    // Planes of fat: dark soft bands, lateral to the gluteal muscles and along the thigh.
    for _ in 0..2 + dice.below(3) {
        let x = dice.range(0.75, 1.08);
        let y = dice.range(-0.5, 0.3);
        let run = dice.range(0.3, 0.9);
        let lean = dice.normal(0.05, 0.12);
        let bow = dice.normal(0.0, 0.05);
        let line = spline::open(&[
            at(x, y),
            at(x + lean * 0.5 * run + bow, y + 0.5 * run),
            at(x + lean * run, y + run),
        ]);
        let amount = -dice.range(0.01, 0.09) as f32;
        canvas.stroke(&line, dice.log_range(0.008, 0.05), |t| {
            amount * ramp(t, 0.0, 0.3) * (1.0 - ramp(t, 0.7, 1.0))
        });
    }
    // The outer layer of fat is less dense than what it covers.
    if dice.chance(0.7) {
        let edge = dice.range(0.98, 1.12) * plump;
        let line = spline::open(&[
            at(edge * 0.95, -0.7),
            at(edge, -0.1),
            at(edge * 1.02, 0.4),
            at(edge * 0.98, 0.9),
            at(edge * 0.93, 1.6),
        ]);
        let amount = -dice.range(0.02, 0.15) as f32;
        canvas.stroke(&line, dice.range(0.03, 0.08), |_| amount);
    }
    // Air between the thighs begins at the crotch.
    let gap = Blob::new(
        at(dice.range(0.0, 0.05), crotch + dice.range(0.45, 0.75)),
        (dice.range(0.03, 0.15), dice.range(0.4, 0.7)),
        0.0,
        Profile::Plateau(dice.range(0.1, 0.9)),
    )
    .wobbly(dice, 0.12);
    canvas.blob(&gap, -dice.range(0.02, 0.28));
}

/// Midline below the symphysis: labia or penis and scrotum, the cleft between the buttocks.
fn perineum(canvas: &mut Canvas, dice: &mut Dice) {
    let x = dice.normal(0.0, 0.03);
    let top = dice.range(0.38, 0.6);
    let length = dice.range(0.15, 0.5);
    let lean = dice.normal(0.0, 0.08);
    let spindle = Blob::new(
        Point::new(x, top + 0.5 * length),
        (dice.range(0.03, 0.09), 0.5 * length),
        lean,
        Profile::Dome,
    )
    .wobbly(dice, 0.2);
    canvas.blob(&spindle, dice.range(0.05, 0.34));
    // Darker to both sides of it.
    for side in [-1.0, 1.0] {
        let groin = Blob::new(
            Point::new(x + side * dice.range(0.1, 0.17), top + dice.range(0.05, 0.4)),
            (dice.range(0.05, 0.12), dice.range(0.15, 0.3)),
            side * dice.normal(0.2, 0.2),
            Profile::Gaussian,
        )
        .wobbly(dice, 0.2);
        canvas.blob(&groin, -dice.range(0.0, 0.2));
    }
    if dice.chance(0.35) {
        let scrotum = Blob::new(
            Point::new(x, top + dice.range(0.2, 0.4)),
            (dice.range(0.1, 0.2), dice.range(0.1, 0.22)),
            0.0,
            Profile::Plateau(0.4),
        )
        .wobbly(dice, 0.15);
        canvas.blob(&scrotum, dice.range(0.03, 0.2));
    }
    let cleft = [Point::new(x, top + 0.6 * length), Point::new(x + 0.5 * lean, dice.range(1.0, 1.5))];
    let amount = dice.range(-0.15, 0.15) as f32;
    canvas.stroke(&cleft, dice.log_range(0.005, 0.025), |t| amount * ramp(t, 0.0, 0.2));
}

/// Creases of skin and nappy: thin soft lines and edges, mostly oblique below the hips.
fn folds(canvas: &mut Canvas, dice: &mut Dice) {
    for _ in 0..dice.below(7) {
        let side = dice.sign();
        let from = Point::new(side * dice.range(0.05, 0.5), dice.range(0.4, 1.1));
        let run = dice.range(0.25, 0.9);
        let angle = dice.normal(0.75, 0.5);
        let outward = dice.sign();
        let to = Point::new(from.x + side * outward * run * angle.cos(), from.y + run * angle.sin());
        let bow = dice.normal(0.0, 0.08);
        let middle = Point::new(from.midpoint(to).x + bow, from.midpoint(to).y - bow);
        let amount = (dice.range(0.02, 0.12) * if dice.chance(0.7) { 1.0 } else { -0.7 }) as f32;
        canvas.stroke(&spline::open(&[from, middle, to]), dice.log_range(0.005, 0.022), |t| {
            amount * ramp(t, 0.0, 0.25) * (1.0 - ramp(t, 0.6, 1.0))
        });
    }
    // A crease across the thigh, skin on skin.
    for side in [-1.0, 1.0] {
        if dice.chance(0.5) {
            let y = dice.range(0.75, 1.25);
            let line = spline::open(&[
                Point::new(side * 0.05, y - dice.range(0.0, 0.1)),
                Point::new(side * 0.4, y + dice.range(-0.02, 0.08)),
                Point::new(side * 0.8, y + dice.range(-0.1, 0.05)),
                Point::new(side * 1.05, y - dice.range(0.05, 0.3)),
            ]);
            let amount = (dice.range(0.03, 0.14) * dice.sign()) as f32;
            canvas.stroke(&line, dice.log_range(0.006, 0.03), |t| {
                amount * ramp(t, 0.0, 0.3) * (1.0 - ramp(t, 0.7, 1.0))
            });
        }
    }
}
