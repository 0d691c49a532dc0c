//! Lower lumbar vertebrae and sacrum: paired bright knots of half-ossified bone about the midline.

use super::canvas::{Blob, Canvas, Profile};
use super::dice::Dice;
use super::shape::Pose;
use crate::measure::Point;
use crate::measure::spline;

/// Draws L3 to the coccyx. `shift` moves it sideways (rotation of the pelvis).
pub(super) fn paint(canvas: &mut Canvas, pose: &Pose, shift: f64, gain: f64, dice: &mut Dice) {
    let lean = dice.normal(0.0, 0.06);
    let top_of_sacrum = dice.range(-0.62, -0.40);
    let middle = |y: f64| shift + lean * (y - top_of_sacrum);
    // Haze of the sacrum as a whole.
    let haze = Blob::new(
        pose.warp(Point::new(middle(-0.3), top_of_sacrum + 0.22)),
        (dice.range(0.30, 0.42), dice.range(0.28, 0.42)),
        lean,
        Profile::Gaussian,
    )
    .wobbly(dice, 0.15);
    canvas.blob(&haze, gain * dice.range(0.2, 0.9));
    // The wings of the sacrum reach under the ilia and hide their medial border.
    for side in [-1.0, 1.0] {
        let ala = Blob::new(
            pose.warp(Point::new(
                shift + side * dice.range(0.24, 0.38),
                top_of_sacrum + dice.range(0.0, 0.18),
            )),
            (dice.range(0.15, 0.25), dice.range(0.16, 0.28)),
            side * dice.normal(0.2, 0.2),
            Profile::Gaussian,
        )
        .wobbly(dice, 0.25);
        canvas.blob(&ala, gain * dice.range(0.05, 0.5));
    }
    // Mottle: stool, foramina and half-ossified wings one over the other.
    for _ in 0..8 + dice.below(36) {
        let r = dice.log_range(0.015, 0.07);
        let at = Point::new(middle(-0.3) + dice.normal(0.0, 0.24), top_of_sacrum + dice.normal(0.12, 0.2));
        let blob =
            Blob::new(pose.warp(at), (r, r * dice.range(0.4, 1.0)), dice.range(0.0, 3.1), Profile::Gaussian)
                .wobbly(dice, 0.3);
        canvas.blob(&blob, gain * dice.normal(0.05, 0.2));
    }
    let mut y = top_of_sacrum + 0.06;
    let mut half = dice.range(0.20, 0.28);
    for segment in 0..5 {
        let pitch = dice.range(0.095, 0.13) * (1.0 - 0.1 * f64::from(segment));
        let strength = gain * dice.range(0.15, 0.42) * (1.0 - 0.15 * f64::from(segment));
        let body = Blob::new(
            pose.warp(Point::new(middle(y), y)),
            (half * dice.range(0.40, 0.56), pitch * dice.range(0.30, 0.44)),
            lean,
            Profile::Plateau(0.5),
        )
        .wobbly(dice, 0.12);
        canvas.blob(&body, strength * 0.6);
        for side in [-1.0, 1.0] {
            let wing = Blob::new(
                pose.warp(Point::new(
                    middle(y) + side * half * dice.range(0.6, 0.85),
                    y + dice.range(-0.02, 0.02),
                )),
                (half * dice.range(0.3, 0.5), pitch * dice.range(0.35, 0.6)),
                side * dice.normal(0.2, 0.2),
                Profile::Gaussian,
            )
            .wobbly(dice, 0.2);
            canvas.blob(&wing, strength);
            let arch = Blob::new(
                pose.warp(Point::new(
                    middle(y) + side * half * dice.range(0.25, 0.5),
                    y + dice.range(-0.03, 0.03),
                )),
                (dice.range(0.015, 0.05), dice.range(0.015, 0.05)),
                dice.range(0.0, 3.0),
                Profile::Gaussian,
            )
            .wobbly(dice, 0.3);
            canvas.blob(&arch, strength * dice.range(0.0, 1.1));
        }
        half *= dice.range(0.76, 0.92);
        y += pitch;
    }
    let mut y = top_of_sacrum - dice.range(0.06, 0.10);
    for _ in 0..4 {
        y -= vertebra(canvas, pose, middle(y), y, lean, gain, dice);
    }
}

/// One vertebra about (x, y): a faint body, and over it the bright knots of pedicles, facets and laminae.
/// Returns the distance to the next.
fn vertebra(canvas: &mut Canvas, pose: &Pose, x: f64, y: f64, lean: f64, gain: f64, dice: &mut Dice) -> f64 {
    let half = dice.range(0.17, 0.23);
    let tall = dice.range(0.055, 0.08);
    let strength = gain * dice.range(0.25, 0.55);
    let soft = dice.range(0.3, 0.9);
    let body =
        Blob::new(pose.warp(Point::new(x, y)), (half, tall), lean, Profile::Plateau(soft)).wobbly(dice, 0.1);
    canvas.blob(&body, strength * dice.range(0.3, 1.0));
    for plate in [-1.0, 1.0] {
        let level = y + plate * tall * 0.9;
        let bow = -plate * dice.range(0.0, 0.015);
        let line = spline::open(&[
            pose.warp(Point::new(x - half * 0.85, level)),
            pose.warp(Point::new(x, level + bow)),
            pose.warp(Point::new(x + half * 0.85, level)),
        ]);
        let amount = (strength * dice.range(0.0, 0.7)) as f32;
        canvas.stroke(&line, dice.range(0.007, 0.014), |_| amount);
    }
    for side in [-1.0, 1.0] {
        let knot = |canvas: &mut Canvas, dx: f64, dy: f64, axes: (f64, f64), amount: f64, dice: &mut Dice| {
            let at = pose.warp(Point::new(x + side * dx, y + dy));
            let angle = side * dice.normal(0.2, 0.4);
            canvas.blob(&Blob::new(at, axes, angle, Profile::Gaussian).wobbly(dice, 0.25), amount);
        };
        let outer = half * dice.range(0.75, 1.05);
        let pedicle = (dice.range(0.025, 0.05), dice.range(0.03, 0.065));
        let dy = dice.range(-0.03, 0.03);
        let amount = strength * dice.range(0.5, 1.8);
        knot(canvas, outer, dy, pedicle, amount, dice);
        let process = (dice.range(0.06, 0.11), dice.range(0.018, 0.035));
        let (dx, amount) = (half * dice.range(1.25, 1.6), strength * dice.range(0.2, 0.8));
        knot(canvas, dx, dice.range(-0.03, 0.02), process, amount, dice);
        for _ in 0..2 + dice.below(4) {
            let axes = (dice.range(0.012, 0.045), dice.range(0.012, 0.045));
            let (dx, dy) = (half * dice.range(0.15, 1.1), dice.range(-0.07, 0.07));
            let amount = strength * dice.range(0.0, 1.1);
            knot(canvas, dx, dy, axes, amount, dice);
        }
        // Lamina: an oblique ridge towards the midline.
        let lamina = [
            pose.warp(Point::new(x + side * outer, y + dice.range(-0.03, 0.02))),
            pose.warp(Point::new(x + side * dice.range(0.01, 0.05), y + dice.range(0.0, 0.06))),
        ];
        let amount = (strength * dice.range(0.0, 0.7)) as f32;
        canvas.stroke(&lamina, dice.range(0.008, 0.018), |_| amount);
    }
    2.0 * tall + dice.range(0.035, 0.06)
}
