//! The lateral cam point (LCP) as a reader finds it on a film: a circle is laid over the outline of the head, and LCP is
//! where the outline, followed down the superior neck, leaves it.
//!
//! The circle is that of the *film*. A head is no sphere: where its outline hovers about the sphere that fits it best in
//! space, the exit jumps by 15 mm as the femur turns. On 800 simulated hips of 15 scanned bodies the middle half of a hip's
//! alpha spans 17° with the sphere and 11° with the circle.

use super::contour::first_exit;
use crate::measure::circle::{self, ARC_REFUSED, Circle};
use crate::measure::landmark::LandmarkCode;
use crate::measure::point::{Point, Vector};
use crate::measure::spline;

/// How many points of the outline are asked for: some down the superior neck, in even steps along it, since no ray from the
/// head meets it in one place where it runs away from the head; then those met by rays over the head to the inferior neck.
pub const POINTS: usize = DOWN + RAYS;
/// Down the superior neck, from the first ray's point.
pub const DOWN: usize = 12;
pub const RAYS: usize = 25;
/// Steps down the neck, in radii of the head: as long as those between the rays on it.
pub const DOWN_STEP: f64 = 0.14;
/// Angle of the first ray from the neck's axis, seen from the head's centre, and from one to the next over the head; degrees.
const FIRST_DEG: f64 = 104.0;
const STEP_DEG: f64 = 8.0;
/// The circle is fitted to what lies at least so far from the neck's axis.
const ROUND_DEG: f64 = 60.0;
/// Nearer to the top of the head than this an uneven head is no exit.
const TOP_DEG: f64 = 100.0;
/// The head is left where the outline is farther from the circle's centre than its radius by this factor. On those hips
/// alpha is 66 ± 12° with 1.03 and 60 ± 11° with 1.05.
pub const EXIT: f64 = 1.05;

/// Name of a point of the outline: `HN01` is the lowest on the superior neck, the last lies on the inferior neck.
pub fn code(number: usize) -> LandmarkCode {
    LandmarkCode::new(format!("HN{:02}", number + 1))
}

/// The rays from the head's centre, from the superior to the inferior side. `axis` runs from the head's centre to the
/// neck's; on the film of a `right` hip lateral is to the left. `None` without an axis.
pub fn directions(axis: Vector, right: bool) -> Option<[Vector; RAYS]> {
    let along = axis.unit()?;
    let up = if right { Vector::new(-along.y, along.x) } else { Vector::new(along.y, -along.x) };
    Some(std::array::from_fn(|ray| {
        let (sin, cos) = (FIRST_DEG + STEP_DEG * ray as f64).to_radians().sin_cos();
        along * cos + up * sin
    }))
}

/// The circle laid over the head of an outline of [`POINTS`], in their order; `None` where they do not make one.
pub fn circle(outline: &[Point], head: Point, neck: Point) -> Option<Circle> {
    let axis = (neck - head).unit()?;
    let curve = spline::open(outline);
    let round: Vec<Point> = curve.into_iter().filter(|p| (*p - head).angle_deg(axis) >= ROUND_DEG).collect();
    circle::fit(&round, ARC_REFUSED).ok()
}

/// LCP on such an outline. `None` without a circle, or where the outline does not leave it.
pub fn cam_point(outline: &[Point], head: Point, neck: Point) -> Option<Point> {
    let circle = circle(outline, head, neck)?;
    let below_top = |p: &Point| (*p - head).angle_deg(neck - head) < TOP_DEG;
    let mut down: Vec<Point> = spline::open(outline).into_iter().take_while(below_top).collect();
    down.reverse();
    first_exit(&down, circle.center, EXIT * circle.radius)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const HEAD: Point = Point { x: 200.0, y: 150.0 };
    const RADIUS: f64 = 50.0;

    /// A round head on a neck with parallel sides, `half` radii from its axis, turned by `tilt` radians.
    fn outline(half: f64, tilt: f64, right: bool) -> (Vec<Point>, Point) {
        let axis = Vector::new(tilt.cos(), tilt.sin());
        let axis = if right { Vector::new(-axis.x, axis.y) } else { axis };
        let rays = directions(axis, right).unwrap();
        let up = rays[0] + axis * -rays[0].dot(axis);
        let up = up.unit().unwrap();
        // Down the head to where the neck begins, then along the neck.
        let (first, last) = (FIRST_DEG.to_radians(), half.asin());
        let down = |number: usize| {
            let way = DOWN_STEP * number as f64;
            let (sin, cos) = (first - way).max(last).sin_cos();
            let beyond = (way - (first - last)).max(0.0);
            HEAD + (axis * (cos + beyond) + up * sin) * RADIUS
        };
        let inferior =
            |ray: &Vector| if ray.dot(axis) > 0.0 { (half / ray.cross(axis).abs()).max(1.0) } else { 1.0 };
        let round = rays.iter().map(|ray| HEAD + *ray * (inferior(ray) * RADIUS));
        ((1..=DOWN).rev().map(down).chain(round).collect(), HEAD + axis * 80.0)
    }

    /// Alpha of that hip: the neck's side is 1.05 radii away where the sine of the angle is half / 1.05.
    #[test]
    fn the_head_is_left_where_the_neck_begins() {
        for (half, tilt) in [(0.7, 0.9), (0.75, 0.6), (0.8, 0.4)] {
            let mut alphas = Vec::new();
            for right in [false, true] {
                let (points, neck) = outline(half, tilt, right);
                let exit = cam_point(&points, HEAD, neck).unwrap();
                let (axis, leg) = (neck - HEAD, exit - HEAD);
                assert!((axis.cross(leg) < 0.0) != right, "superior: {exit:?}");
                alphas.push(leg.angle_deg(axis));
            }
            let expected = (half / EXIT).asin().to_degrees();
            assert!((alphas[0] - expected).abs() < 2.0, "{alphas:?} {expected}");
            assert!((alphas[0] - alphas[1]).abs() < 1e-9, "the other side is its mirror image");
        }
    }

    #[test]
    fn a_bump_is_an_exit_higher_up() {
        let (mut points, neck) = outline(0.7, 0.7, false);
        let plain = cam_point(&points, HEAD, neck).unwrap();
        let axis = neck - HEAD;
        for p in &mut points {
            let off = ((*p - HEAD).angle_deg(axis) - 62.0) / 15.0;
            let superior = axis.cross(*p - HEAD) < 0.0;
            *p = *p + (*p - HEAD) * if superior { 0.16 * (-off * off).exp() } else { 0.0 };
        }
        let cam = cam_point(&points, HEAD, neck).unwrap();
        let alpha = |p: Point| (p - HEAD).angle_deg(axis);
        assert!(alpha(cam) > alpha(plain) + 20.0, "{} {}", alpha(plain), alpha(cam));
    }

    /// The circle is the outline's own: where it lies, and how large it is, is not asked of anybody.
    #[test]
    fn a_head_that_is_off_its_mark_is_left_at_the_same_place() {
        let (points, neck) = outline(0.72, 0.7, false);
        let right = cam_point(&points, HEAD, neck).unwrap();
        let off = cam_point(&points, HEAD + Vector::new(2.0, -1.5), neck).unwrap();
        assert!(right.distance(off) < 0.02 * RADIUS, "{right:?} {off:?}");
    }

    #[test]
    fn no_exit_is_no_point() {
        let axis = Vector::new(1.0, 0.5);
        let rays = directions(axis, false).unwrap();
        let ball: Vec<Point> = rays.iter().map(|ray| HEAD + *ray * RADIUS).collect();
        assert_eq!(cam_point(&ball, HEAD, HEAD + Vector::new(80.0, 40.0)), None);
        assert_eq!(cam_point(&ball[..2], HEAD, HEAD + Vector::new(80.0, 40.0)), None, "no circle");
        assert_eq!(cam_point(&ball, HEAD, HEAD), None, "no axis");
        assert_eq!(directions(Vector::new(0.0, 0.0), true), None);
        let last = (FIRST_DEG + STEP_DEG * (RAYS - 1) as f64).to_radians();
        assert!(last < TAU && TAU - last > ROUND_DEG.to_radians(), "the last lies on the inferior neck");
    }
}
