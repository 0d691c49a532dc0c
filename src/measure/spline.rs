//! Smooth curves through points: closed and open Catmull–Rom, and what one asks of a polyline.

use super::Point;

/// Points of a curve from one of its controls to the next.
pub const STEPS: usize = 8;

fn span(a: Point, b: Point, c: Point, d: Point, t: f64) -> Point {
    let of = |a: f64, b: f64, c: f64, d: f64| {
        0.5 * (2.0 * b
            + (c - a) * t
            + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
            + (3.0 * b - a - 3.0 * c + d) * t * t * t)
    };
    Point::new(of(a.x, b.x, c.x, d.x), of(a.y, b.y, c.y, d.y))
}

/// The closed curve through `controls`; control `i` is point `i * STEPS` of the result.
pub fn closed(controls: &[Point]) -> Vec<Point> {
    let n = controls.len();
    let at = |i: usize| controls[i % n];
    (0..n)
        .flat_map(|i| {
            (0..STEPS).map(move |k| span(at(i + n - 1), at(i), at(i + 1), at(i + 2), k as f64 / STEPS as f64))
        })
        .collect()
}

/// The part of a [`closed`] curve from control `from` to control `to` (both included, `from < to`).
pub fn between(curve: &[Point], from: usize, to: usize) -> Vec<Point> {
    (from * STEPS..=to * STEPS).map(|i| curve[i % curve.len()]).collect()
}

/// The open curve through `controls`.
pub fn open(controls: &[Point]) -> Vec<Point> {
    let n = controls.len();
    if n < 2 {
        return controls.to_vec();
    }
    let at = |i: isize| controls[i.clamp(0, n as isize - 1) as usize];
    let mut curve: Vec<Point> = (0..n as isize - 1)
        .flat_map(|i| {
            (0..STEPS).map(move |k| span(at(i - 1), at(i), at(i + 1), at(i + 2), k as f64 / STEPS as f64))
        })
        .collect();
    curve.push(controls[n - 1]);
    curve
}

/// The point at `fraction` of the length of a polyline.
pub fn at_fraction(line: &[Point], fraction: f64) -> Point {
    let total: f64 = line.windows(2).map(|p| p[0].distance(p[1])).sum();
    let mut left = total * fraction.clamp(0.0, 1.0);
    for p in line.windows(2) {
        let step = p[0].distance(p[1]);
        if step >= left && step > 0.0 {
            return p[0] + (p[1] - p[0]) * (left / step);
        }
        left -= step;
    }
    line.last().copied().unwrap_or_default()
}
