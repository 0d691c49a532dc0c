//! Bowel gas and stool: dark lobed pockets with a faint bright wall, over the wings and in the rectum.

use super::canvas::{Blob, Canvas, Profile};
use super::dice::Dice;
use crate::measure::Point;

/// Draws a few loops above the pelvis and, often, some within it.
pub(super) fn paint(canvas: &mut Canvas, plenty: f64, dice: &mut Dice) {
    let loops = (plenty * dice.range(0.0, 7.0)) as usize;
    for _ in 0..loops {
        let centre = Point::new(dice.normal(0.0, 0.55), dice.range(-1.25, -0.40));
        cluster(canvas, centre, dice);
    }
    if dice.chance(0.45 * plenty) {
        cluster(canvas, Point::new(dice.normal(0.0, 0.12), dice.normal(-0.12, 0.15)), dice);
    }
    // Stool: mottled, neither dark nor bright.
    while dice.chance(0.55 * plenty.min(1.0)) {
        let spread = dice.range(0.08, 0.25);
        let (strength, mean) = (dice.log_range(0.03, 0.14), dice.normal(0.0, 0.03));
        let centre = Point::new(dice.normal(0.0, 0.5), dice.range(-1.1, 0.0));
        for _ in 0..8 + dice.below(24) {
            let r = dice.log_range(0.012, 0.06);
            let blob = Blob::new(
                Point::new(centre.x + dice.normal(0.0, spread), centre.y + dice.normal(0.0, 0.7 * spread)),
                (r, r * dice.range(0.6, 1.2)),
                dice.range(0.0, 3.1),
                Profile::Gaussian,
            )
            .wobbly(dice, 0.3);
            canvas.blob(&blob, dice.normal(mean, strength));
        }
    }
}

fn cluster(canvas: &mut Canvas, centre: Point, dice: &mut Dice) {
    let depth = dice.log_range(0.05, 0.45);
    let spread = dice.range(0.03, 0.12);
    let softness = dice.range(0.15, 0.8);
    for _ in 0..1 + dice.below(4) {
        let r = dice.log_range(0.03, 0.17);
        let at = Point::new(centre.x + dice.normal(0.0, spread), centre.y + dice.normal(0.0, spread));
        let axes = (r * dice.range(0.8, 1.6), r * dice.range(0.5, 1.0));
        let angle = dice.normal(0.0, 0.6);
        let pocket = Blob::new(at, axes, angle, Profile::Plateau(softness)).wobbly(dice, 0.25);
        canvas.blob(&pocket, -depth * dice.range(0.5, 1.0));
        if dice.chance(0.4) {
            let wall = Blob { axes: (axes.0 * 1.12, axes.1 * 1.12), ..pocket };
            canvas.blob(&wall, depth * 0.15);
        }
    }
}
