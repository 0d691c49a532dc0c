//! Where the infant lies on the film: shape of the film, size of the pelvis on it, place, obliquity.

use super::canvas::Frame;
use super::dice::Dice;
use super::options::PhantomOptions;
use crate::measure::Point;

/// Share of the film along each edge that holds no landmark.
const MARGIN: f64 = 0.03;

/// Draws a frame that holds `landmarks` (in units); the longer edge has `options.size` pixels.
pub(super) fn draw(landmarks: &[Point], dice: &mut Dice, options: &PhantomOptions) -> Frame {
    let size = options.size.max(16) as f64;
    let square = options.cropped || dice.chance(0.72);
    let aspect = if square { 1.0 } else { dice.log_range(0.68, 1.5) };
    let (columns, rows) = if aspect >= 1.0 { (size, size / aspect) } else { (size * aspect, size) };
    let (columns, rows) = (columns.round(), rows.round());
    let tight = options.cropped || dice.chance(0.68);
    let share = if tight { dice.normal(0.438, 0.038) } else { dice.range(0.26, 0.60) };
    let (x, y) = if tight {
        (dice.normal(0.487, 0.02), dice.normal(0.44, 0.045))
    } else {
        (dice.normal(0.5, 0.06), dice.normal(0.46, 0.09))
    };
    let angle = if tight { dice.normal(0.0, 2.2) } else { dice.normal(0.0, 5.0) };
    let (sin, cos) = angle.to_radians().sin_cos();
    let turned = landmarks.iter().map(|p| Point::new(cos * p.x - sin * p.y, sin * p.x + cos * p.y));
    let (mut low, mut high) = (Point::default(), Point::default());
    for p in turned {
        low = Point::new(low.x.min(p.x), low.y.min(p.y));
        high = Point::new(high.x.max(p.x), high.y.max(p.y));
    }
    // All landmarks stay on the film, a little off its edge; there is some of the wings and of the thighs.
    let free = 1.0 - 2.0 * MARGIN;
    let scale = (share * columns).min(free * columns / (high.x - low.x)).min(rows / 1.25);
    let clamp = |n: f64, low: f64, high: f64, at: f64| {
        let (first, last) = (MARGIN * n - low * scale, (1.0 - MARGIN) * n - high * scale);
        if first < last { at.clamp(first, last) } else { 0.5 * (first + last) }
    };
    let origin = Point::new(
        clamp(columns, low.x, high.x, x * columns),
        clamp(rows, low.y.min(-0.55), high.y.max(0.4), y * rows),
    );
    Frame { columns: columns as usize, rows: rows as usize, scale, origin, cos, sin }
}
