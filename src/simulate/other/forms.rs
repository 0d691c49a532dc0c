//! What the motifs are put together from: bones of any outline, flesh, vertebrae.

use crate::measure::Point;
use crate::measure::spline;
use crate::simulate::infant::canvas::{Blob, Canvas, Profile};
use crate::simulate::infant::dice::Dice;
use crate::simulate::infant::patch::Patch;

/// Adds a bone of the closed `outline`: `amount` within, and as much more times `rim` along its edge.
pub fn bone(canvas: &mut Canvas, outline: &[Point], amount: f64, rim: f64) {
    let frame = canvas.frame;
    let Some(patch) = Patch::fill(&frame, outline, 2.0) else { return };
    let soft = patch.blurred(0.018 * frame.scale);
    for row in 0..patch.area.height {
        let at = (patch.area.top + row) * frame.columns + patch.area.left;
        for column in 0..patch.area.width {
            let index = row * patch.area.width + column;
            let edge = 2.0 * (1.0 - soft[index]).clamp(0.0, 0.5);
            canvas.data[at + column] += amount as f32 * patch.coverage[index] * (1.0 + rim as f32 * edge);
        }
    }
}

/// The outline of a long bone from `a` to `b`: half widths at its ends and, narrower, in its middle.
pub fn shaft(a: Point, b: Point, [first, middle, last]: [f64; 3], dice: &mut Dice) -> Vec<Point> {
    let along = b - a;
    let across = crate::measure::Vector::new(-along.y, along.x) * (1.0 / along.length().max(1e-6));
    let widths = [0.75 * first, first, middle, middle * dice.range(0.85, 1.15), last, 0.75 * last];
    let places = [0.0, 0.05, 0.28, 0.7, 0.95, 1.0];
    let bow = dice.normal(0.0, 0.02) * along.length();
    let side = |sign: f64| {
        let of = |i: usize| {
            let bowed = bow * 4.0 * places[i] * (1.0 - places[i]);
            a + along * places[i] + across * (sign * widths[i] + bowed)
        };
        (0..places.len()).map(of).collect::<Vec<Point>>()
    };
    let mut outline = side(1.0);
    outline.extend(side(-1.0).into_iter().rev());
    spline::closed(&outline)
}

/// A column of vertebrae along `line`; `half` is half their width, in units.
pub fn vertebrae(canvas: &mut Canvas, line: &[Point], half: f64, amount: f64, dice: &mut Dice) {
    let height = half * dice.range(0.9, 1.5);
    let total: f64 = line.windows(2).map(|p| p[0].distance(p[1])).sum();
    let count = (total / height).ceil() as usize;
    let curve = spline::open(line);
    let (lateral, processes) = (dice.chance(0.4), dice.range(0.1, 0.8));
    for i in 0..count {
        let at = (i as f64 + 0.5) / count as f64 * (curve.len() - 1) as f64;
        let (here, next) = (curve[at as usize], curve[(at as usize + 1).min(curve.len() - 1)]);
        let along = (next - here).unit().unwrap_or_default();
        let across = crate::measure::Vector::new(-along.y, along.x);
        let corner = |u: f64, v: f64| here + across * (u * half) + along * (v * height);
        let waist = 0.9;
        let body = [(-1.0, -0.4), (1.0, -0.4), (waist, 0.0), (1.0, 0.4), (-1.0, 0.4), (-waist, 0.0)];
        let body: Vec<Point> = body.iter().map(|(u, v)| corner(*u, *v)).collect();
        bone(canvas, &body, amount, 0.8);
        let reach = if lateral { 1.9 } else { 0.0 };
        let process = Blob::new(corner(reach, 0.2), (0.5 * half, 0.22 * height), 0.0, Profile::Dome);
        canvas.blob(&process.wobbly(dice, 0.2), processes * amount);
        if !lateral {
            for side in [-1.4, 1.4] {
                let wing = Blob::new(corner(side, -0.1), (0.5 * half, 0.16 * height), 0.0, Profile::Dome);
                canvas.blob(&wing, 0.6 * processes * amount);
            }
        }
    }
}

/// Flesh around a limb from `a` to `b`.
pub fn flesh(canvas: &mut Canvas, a: Point, b: Point, [first, last]: [f64; 2], amount: f64, dice: &mut Dice) {
    let outline = shaft(a, b, [first, 0.5 * (first + last) * dice.range(0.9, 1.15), last], dice);
    let Some(patch) = Patch::fill(&canvas.frame, &outline, 2.0) else { return };
    // Thick in the middle: the blurred inside of the outline is near enough to a round limb.
    let deep = patch.blurred(0.35 * first.min(last) * canvas.frame.scale);
    for row in 0..patch.area.height {
        let at = (patch.area.top + row) * canvas.frame.columns + patch.area.left;
        for column in 0..patch.area.width {
            let index = row * patch.area.width + column;
            canvas.data[at + column] += amount as f32 * patch.coverage[index] * (0.4 + 0.6 * deep[index]);
        }
    }
}
