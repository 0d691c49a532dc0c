//! What lies in the beam and is not the infant: streaky table and nappy lines, shields, tubes, a parent's hand.

use super::canvas::{Blob, Canvas, Profile};
use super::dice::Dice;
use super::patch::Patch;
use crate::measure::Point;
use crate::measure::spline;

/// Draws what is in the beam; `plenty` scales every probability. Returns in words what was drawn.
pub(super) fn paint(canvas: &mut Canvas, plenty: f64, dice: &mut Dice) -> Vec<&'static str> {
    let mut drawn = Vec::new();
    if dice.chance(0.45 * plenty) {
        for _ in 0..1 + dice.below(2) {
            streaks(canvas, dice);
        }
        drawn.push("streaky line");
    }
    if dice.chance(0.07 * plenty) {
        shield(canvas, dice);
        drawn.push("gonad shield");
    }
    if dice.chance(0.07 * plenty) {
        tube(canvas, dice);
        drawn.push("tube");
    }
    if dice.chance(0.04 * plenty) {
        hand(canvas, dice);
        drawn.push("hand");
    }
    if dice.chance(0.10 * plenty) {
        for _ in 0..1 + dice.below(3) {
            snap(canvas, dice);
        }
        drawn.push("snap fastener");
    }
    drawn
}

/// A bundle of nearly parallel thin bright threads across the film: the edge of a nappy, sheet or table.
fn streaks(canvas: &mut Canvas, dice: &mut Dice) {
    let frame = canvas.frame;
    let (w, h) = (frame.columns as f64, frame.rows as f64);
    let y = dice.range(0.02, 0.98) * h;
    let slope = dice.normal(0.0, 0.025);
    let whole = dice.chance(0.7);
    let (from, to) = if whole { (0.0, 1.0) } else { (dice.range(0.0, 0.5), dice.range(0.5, 1.0)) };
    let bow = dice.normal(0.0, 0.01) * h;
    let strength = dice.log_range(0.04, 0.55);
    let spread = dice.range(0.002, 0.018) * h;
    let haze = spline::open(&[
        frame.to_unit(Point::new(from * w, y)),
        frame.to_unit(Point::new(0.5 * (from + to) * w, y + bow)),
        frame.to_unit(Point::new(to * w, y + slope * w)),
    ]);
    canvas.stroke(&haze, 1.2 * spread / frame.scale, |_| (0.25 * strength) as f32);
    for _ in 0..2 + dice.below(5) {
        let offset = dice.normal(0.0, spread);
        let line: Vec<Point> = (0..=24)
            .map(|i| {
                let t = from + (to - from) * f64::from(i) / 24.0;
                let arch = bow * (1.0 - (2.0 * (t - from) / (to - from) - 1.0).powi(2));
                let at = y + offset + slope * (t - from) * w + arch + dice.normal(0.0, 0.0012) * h;
                frame.to_unit(Point::new(t * w, at))
            })
            .collect();
        // Knots of brightness along the thread.
        let knots: Vec<f32> = (0..24).map(|_| dice.range(0.0, 1.0).powi(2) as f32).collect();
        let gain = (strength * dice.range(0.3, 1.2)) as f32;
        canvas.stroke(&line, dice.range(0.0012, 0.003) * h / frame.scale, |t| {
            let at = t * (knots.len() - 1) as f32;
            let i = (at as usize).min(knots.len() - 2);
            let f = at - i as f32;
            gain * (knots[i] * (1.0 - f) + knots[i + 1] * f)
        });
    }
}

/// A lead shield over the pelvis or one testis: a plain dense shape with a hard edge.
fn shield(canvas: &mut Canvas, dice: &mut Dice) {
    let centre = Point::new(dice.normal(0.0, 0.05), dice.range(0.1, 0.7));
    let (half, tall) = (dice.range(0.12, 0.34), dice.range(0.12, 0.34));
    let shape: Vec<Point> = match dice.below(3) {
        // Heart or triangle, point down.
        0 => vec![(-1.0, -0.8), (0.0, -0.6), (1.0, -0.8), (0.75, 0.1), (0.0, 1.0), (-0.75, 0.1)],
        1 => vec![(-1.0, -0.9), (1.0, -0.9), (0.35, 1.0), (-0.35, 1.0)],
        _ => {
            (0..20).map(|i| f64::from(i) / 20.0 * std::f64::consts::TAU).map(|a| (a.cos(), a.sin())).collect()
        }
    }
    .into_iter()
    .map(|(x, y)| Point::new(centre.x + half * x, centre.y + tall * y))
    .collect();
    let shape = if dice.chance(0.5) { spline::closed(&shape) } else { shape };
    let amount = dice.range(0.5, 2.2) as f32;
    if let Some(patch) = Patch::fill(&canvas.frame, &shape, 1.0) {
        for row in 0..patch.area.height {
            let at = (patch.area.top + row) * canvas.frame.columns + patch.area.left;
            for i in 0..patch.area.width {
                canvas.data[at + i] += amount * patch.coverage[row * patch.area.width + i];
            }
        }
    }
}

/// A thin tube or lead: two walls.
fn tube(canvas: &mut Canvas, dice: &mut Dice) {
    let mut at = Point::new(dice.normal(0.0, 0.8), dice.range(-1.2, -0.6));
    let mut heading = dice.range(0.3, 2.8);
    let mut path = vec![at];
    for _ in 0..5 {
        heading += dice.normal(0.0, 0.4);
        at = Point::new(at.x + 0.3 * heading.cos(), at.y + 0.3 * heading.sin());
        path.push(at);
    }
    let path = spline::open(&path);
    let width = dice.range(0.008, 0.02);
    let amount = dice.range(0.05, 0.35) as f32;
    for side in [-width, width] {
        let wall: Vec<Point> = path.iter().map(|p| Point::new(p.x + side, p.y + 0.5 * side)).collect();
        canvas.stroke(&wall, 0.006, |_| amount);
    }
}

/// Fingers of who holds the infant, coming in from a side.
fn hand(canvas: &mut Canvas, dice: &mut Dice) {
    let side = dice.sign();
    let root = Point::new(side * dice.range(1.0, 1.35), dice.range(-0.6, 1.2));
    for finger in 0..3 + dice.below(2) {
        let y = root.y + 0.17 * f64::from(finger as u32);
        let angle = dice.normal(0.0, 0.12);
        for phalanx in 0..3 {
            let length = 0.2 - 0.04 * f64::from(phalanx);
            let x = root.x - side * (0.26 * f64::from(phalanx) - 0.1);
            let centre = Point::new(x, y + angle * 0.3 * f64::from(phalanx));
            let bone =
                Blob::new(centre, (0.5 * length, 0.035), angle, Profile::Plateau(0.3)).wobbly(dice, 0.2);
            canvas.blob(&bone, dice.range(0.2, 0.45));
            let flesh = Blob::new(centre, (0.6 * length + 0.06, 0.085), angle, Profile::Dome);
            canvas.blob(&flesh, 0.15);
        }
    }
}

/// A metal snap of clothing.
fn snap(canvas: &mut Canvas, dice: &mut Dice) {
    let centre = Point::new(dice.normal(0.0, 0.6), dice.range(-1.0, 1.3));
    let r = dice.range(0.02, 0.05);
    let amount = dice.range(0.4, 1.5);
    canvas.blob(&Blob::new(centre, (r, r), 0.0, Profile::Plateau(0.2)), amount);
    canvas.blob(&Blob::new(centre, (0.6 * r, 0.6 * r), 0.0, Profile::Plateau(0.2)), -0.7 * amount);
}
