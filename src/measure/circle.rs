//! Circle through points: Kåsa's algebraic start (1976), then geometric least squares by Levenberg–Marquardt.
//!
//! A short arc hardly fixes its circle. With 15 points and 2 % radial noise, the 95th percentile of the centre's error
//! is 3, 6, 10 and 24 % of the radius for arcs of 180, 120, 90 and 60°.

use super::measurement::Status;
use super::point::{Point, Vector};
use super::refusal::Refusal;

/// An arc below this many degrees is flagged.
pub const ARC_FLAGGED: f64 = 120.0;
/// An arc below this many degrees is refused.
pub const ARC_REFUSED: f64 = 90.0;
/// Determinant of the points' scatter over its squared trace, below which they lie on a line.
const COLLINEAR: f64 = 1e-9;
const ITERATIONS: usize = 100;
/// Share of the radius that ends the iteration.
const CONVERGED: f64 = 1e-8;

/// A fitted circle, in the unit of its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    pub center: Point,
    pub radius: f64,
    /// Degrees of the circle between the first and the last of its points.
    pub arc_deg: f64,
}

impl Circle {
    /// How far `point` lies outside the circle.
    pub fn outside(&self, point: Point) -> f64 {
        point.distance(self.center) - self.radius
    }

    /// The doubt that a short arc leaves.
    pub fn doubt(&self) -> Option<(Status, String)> {
        (self.arc_deg < ARC_FLAGGED).then(|| {
            let degrees = self.arc_deg;
            (Status::ArcShort, format!("the points span {degrees:.0}° of the circle: its size is uncertain"))
        })
    }
}

/// The circle of least squared distance to at least three points.
///
/// # Errors
/// `COLLINEAR`, and `ARC_SHORT` where they span less than `least_arc` degrees ([`ARC_REFUSED`] for a head).
pub fn fit(points: &[Point], least_arc: f64) -> Result<Circle, Refusal> {
    let mean = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let middle = Point::new(mean(|p| p.x), mean(|p| p.y));
    let points: Vec<Vector> = points.iter().map(|p| *p - middle).collect();
    if !points.iter().all(|p| p.is_finite()) {
        return Err(Refusal::NotFinite);
    }
    let (mut center, mut radius) = start(&points)?;
    refine(&points, &mut center, &mut radius);
    if !(center.is_finite() && radius.is_finite()) {
        return Err(Refusal::Collinear);
    }
    let arc_deg = arc(&points, center);
    if arc_deg < least_arc {
        return Err(Refusal::ArcShort(arc_deg));
    }
    Ok(Circle { center: middle + center, radius, arc_deg })
}

/// Kåsa's circle of points about their mean.
fn start(points: &[Vector]) -> Result<(Vector, f64), Refusal> {
    let sum = |of: &dyn Fn(&Vector) -> f64| points.iter().map(of).sum::<f64>();
    let (xx, yy, xy) = (sum(&|p| p.x * p.x), sum(&|p| p.y * p.y), sum(&|p| p.x * p.y));
    let determinant = xx * yy - xy * xy;
    let trace = xx + yy;
    // Also false for NaN.
    if !(points.len() > 2 && determinant > COLLINEAR * trace * trace) {
        return Err(Refusal::Collinear);
    }
    let bx = 0.5 * sum(&|p| p.x * p.dot(*p));
    let by = 0.5 * sum(&|p| p.y * p.dot(*p));
    let center = Vector::new((bx * yy - by * xy) / determinant, (by * xx - bx * xy) / determinant);
    Ok((center, (center.dot(center) + trace / points.len() as f64).sqrt()))
}

/// Normal equations of one Gauss–Newton step, and the sum of squared distances where it starts.
struct Step {
    cost: f64,
    /// Upper triangle, row by row.
    normal: [f64; 6],
    gradient: [f64; 3],
}

fn step(points: &[Vector], center: Vector, radius: f64) -> Step {
    let mut step = Step { cost: 0.0, normal: [0.0; 6], gradient: [0.0; 3] };
    for point in points {
        let from = *point + -center;
        // The plain root: points of a film do not overflow, and `hypot` would cost most of the fit.
        let distance = from.dot(from).sqrt().max(f64::MIN_POSITIVE);
        let inverse = 1.0 / distance;
        let (x, y, residual) = (from.x * inverse, from.y * inverse, distance - radius);
        step.cost += residual * residual;
        for (sum, term) in step.normal.iter_mut().zip([x * x, x * y, x, y * y, y, 1.0]) {
            *sum += term;
        }
        for (sum, term) in step.gradient.iter_mut().zip([x, y, 1.0]) {
            *sum += term * residual;
        }
    }
    step
}

/// Minimises the squared distances; damping keeps short arcs from running away.
fn refine(points: &[Vector], center: &mut Vector, radius: &mut f64) {
    let mut now = step(points, *center, *radius);
    let mut damping = 0.0;
    for _ in 0..ITERATIONS {
        let [xx, xy, x, yy, y, n] = now.normal;
        let more = damping * n;
        let normal = [[xx + more, xy, x], [xy, yy + more, y], [x, y, n + more]];
        let Some([dx, dy, dr]) = solve(normal, now.gradient) else { return };
        let (to, wider) = (*center + Vector::new(dx, dy), *radius + dr);
        let next = step(points, to, wider);
        if next.cost <= now.cost {
            (*center, *radius, now) = (to, wider, next);
            damping *= 0.1;
            if dx.abs().max(dy.abs()).max(dr.abs()) < CONVERGED * wider {
                return;
            }
        } else if damping > 1e6 {
            return;
        } else {
            damping = (damping * 10.0).max(1e-6);
        }
    }
}

/// Cramer's rule; `None` for a singular system.
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> Option<[f64; 3]> {
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&a);
    if whole == 0.0 || !whole.is_finite() {
        return None;
    }
    let column = |k: usize| {
        let mut m = a;
        for (row, value) in m.iter_mut().zip(b) {
            row[k] = value;
        }
        determinant(&m) / whole
    };
    Some([column(0), column(1), column(2)])
}

/// The whole turn without the widest gap between neighbours, degrees.
fn arc(points: &[Vector], center: Vector) -> f64 {
    let mut angles: Vec<f64> = points
        .iter()
        .map(|p| {
            let v = *p + -center;
            v.y.atan2(v.x).to_degrees()
        })
        .collect();
    angles.sort_unstable_by(f64::total_cmp);
    let wrap = angles.first().zip(angles.last()).map_or(360.0, |(first, last)| first + 360.0 - last);
    let widest = angles.windows(2).map(|pair| pair[1] - pair[0]).fold(wrap, f64::max);
    360.0 - widest
}
