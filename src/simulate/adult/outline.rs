//! The outline of a femur on the film, and the points that lie on it.

use super::beam::Beam;
use super::mesh::{Mesh, V3};
use super::scene::PosedFemur;
use crate::measure::femur::cam_point::{self, EXIT};
use crate::measure::{Point, Vector};

/// Grid that outlines are traced on; mm on the detector.
const GRID_MM: f64 = 0.4;
/// The outline ends this many radii of the head below the lesser trochanter.
const BELOW: f64 = 1.6;

/// The proximal femur as the film shows it. Points are pixels of the film.
#[derive(Debug, Clone)]
pub struct FemurOutline {
    /// Open: from the lateral end of the shaft up over the greater trochanter and the head, and down to the medial end.
    pub points: Vec<Point>,
    pub head: Point,
    /// Radius of the head.
    pub radius: f64,
    pub neck: Point,
    /// Middle of the shaft, proximal and distal.
    pub shaft: [Point; 2],
    /// Where on `points` the scheme's anchors lie.
    pub anchors: Anchors,
}

/// Places on the outline, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchors {
    /// The most lateral point of the greater trochanter.
    pub ridge: usize,
    /// Its tip: highest along the shaft.
    pub tip: usize,
    /// Deepest point between tip and head.
    pub saddle: usize,
    /// Where the head is left superolaterally, and inferomedially.
    pub lateral_exit: usize,
    pub medial_exit: usize,
    /// Deepest point between head and lesser trochanter: the corner of neck and shaft. Down to the shaft's end it would be
    /// there on one film, and below the trochanter on the next.
    pub corner: usize,
}

impl FemurOutline {
    /// `None` when the femur leaves no outline of the usual form: turned too far, or without a neck.
    pub fn trace(femur: &PosedFemur, beam: &Beam) -> Option<FemurOutline> {
        let head = beam.project(&femur.head);
        let radius = femur.radius * beam.scale(&femur.head);
        let neck = beam.project(&femur.neck);
        let shaft = femur.shaft.map(|p| beam.project(&p));
        let axis = (shaft[1] - shaft[0]).unit()?;
        let lesser = beam.project(&femur.lesser);
        let end = shaft[0] + axis * ((lesser - shaft[0]).dot(axis) + BELOW * radius);
        // Lateral is where the shaft lies, seen from the head.
        let across = Vector::new(-axis.y, axis.x);
        let lateral = if across.dot(neck - head) > 0.0 { across } else { -across };

        let finer = beam.pixel / GRID_MM;
        let reach = 2.4 * radius;
        let corners = [head, end, beam.project(&femur.greater)];
        let low = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::MAX, f64::min) - reach;
        let high = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::MIN, f64::max) + reach;
        let first = Point::new(low(|p| p.x), low(|p| p.y));
        let count = |length: f64| (length * finer).ceil() as usize;
        let (rows, columns) = (count(high(|p| p.y) - first.y), count(high(|p| p.x) - first.x));
        let window = beam.window(first, rows, columns, finer);
        let lengths = window.path_lengths(&femur.shell.outer);
        let covered: Vec<bool> = lengths
            .iter()
            .enumerate()
            .map(|(index, length)| {
                let at = Point::new((index % columns) as f64, (index / columns) as f64);
                let at = Point::new(first.x + at.x / finer, first.y + at.y / finer);
                *length > 0.1 && (at - end).dot(axis) < 0.0
            })
            .collect();
        let curve = longest_contour(&covered, rows, columns)?;
        let curve: Vec<Point> =
            curve.iter().map(|p| Point::new(first.x + p.x / finer, first.y + p.y / finer)).collect();
        let points = opened(curve, |p| (end - p).dot(axis) > 3.0 / finer, |p| (p - end).dot(lateral))?;
        let anchors = Anchors::find(&points, head, radius, neck, lesser, [axis, lateral])?;
        Some(FemurOutline { points, head, radius, neck, shaft, anchors })
    }

    /// The outline of head and neck by the points of [`cam_point`]; `None` where it is not met or ends too soon.
    pub fn head_neck(&self, right: bool) -> Option<Vec<Point>> {
        let rays = cam_point::directions(self.neck - self.head, right)?;
        let over: Vec<(usize, Point)> = rays.iter().map(|ray| self.meets(*ray)).collect::<Option<_>>()?;
        let (index, first) = *over.first()?;
        let down: Vec<Point> =
            std::iter::once(first).chain(self.points[..=index].iter().rev().copied()).collect();
        let total: f64 = down.windows(2).map(|p| p[0].distance(p[1])).sum();
        let share = |number: usize| cam_point::DOWN_STEP * number as f64 * self.radius / total;
        let down = (1..=cam_point::DOWN).rev().map(|number| along(&down, share(number)));
        (share(cam_point::DOWN) < 1.0).then(|| down.chain(over.iter().map(|(_, p)| *p)).collect())
    }

    /// Where the ray from the head's centre first leaves the bone, and after which of the points.
    fn meets(&self, ray: Vector) -> Option<(usize, Point)> {
        let side = |p: Point| ray.cross(p - self.head);
        let crossing = |(index, pair): (usize, &[Point])| {
            let (a, b) = (side(pair[0]), side(pair[1]));
            let p = pair[0] + (pair[1] - pair[0]) * (a / (a - b));
            let met = (a < 0.0) != (b < 0.0) && ray.dot(p - self.head) > 0.0;
            met.then_some((index, p))
        };
        let away = |(_, p): &(usize, Point)| p.distance(self.head);
        let met = self.points.windows(2).enumerate().filter_map(crossing);
        met.min_by(|a, b| away(a).total_cmp(&away(b)))
    }

    /// Lateral cam point (see [`cam_point::cam_point`]).
    pub fn cam_point(&self, right: bool) -> Option<Point> {
        cam_point::cam_point(&self.head_neck(right)?, self.head, self.neck)
    }

    /// F01 to F58: the anchors, and between two of them points spread evenly over the outline.
    pub fn points_58(&self) -> Vec<Point> {
        let Anchors { ridge, saddle, lateral_exit, medial_exit, corner, .. } = self.anchors;
        let last = self.points.len() - 1;
        let anchors = [
            (1, 0),
            (8, ridge),
            (18, saddle),
            (24, lateral_exit),
            (42, medial_exit),
            (48, corner),
            (58, last),
        ];
        let mut outline = Vec::with_capacity(58);
        for pair in anchors.windows(2) {
            let ((number, from), (next, to)) = (pair[0], pair[1]);
            let line = &self.points[from..=to];
            let count = next - number;
            outline.extend((0..count).map(|i| along(line, i as f64 / count as f64)));
        }
        outline.push(self.points[last]);
        outline
    }
}

impl Anchors {
    fn find(
        points: &[Point],
        head: Point,
        radius: f64,
        neck: Point,
        lesser: Point,
        [axis, lateral]: [Vector; 2],
    ) -> Option<Anchors> {
        let neck_axis = (neck - head).unit()?;
        let pole = head - neck_axis * radius;
        let top = nearest(points, pole)?;
        let outside = |index: &usize| points[*index].distance(head) > EXIT * radius;
        // Near the pole the fovea and the fit's own error are not an exit.
        let towards = |index: &usize| (points[*index] - head).angle_deg(neck_axis) < 100.0;
        let lateral_exit = (0..top).rev().filter(towards).find(outside)?;
        let medial_exit = (top..points.len()).filter(towards).find(outside)?;
        let far = |index: &usize| (points[*index] - head).dot(lateral) > 1.35 * radius;
        let height = |index: usize| -(points[index] - head).dot(axis);
        let tip = (0..lateral_exit).filter(far).max_by(|a, b| height(*a).total_cmp(&height(*b)))?;
        let aside = |index: usize| (points[index] - head).dot(lateral);
        let ridge = (1..=tip).max_by(|a, b| aside(*a).total_cmp(&aside(*b)))?;
        let foot = points[0].midpoint(points[points.len() - 1]);
        let saddle = deepest(points, tip, lateral_exit, foot)?;
        let trochanter = medial_exit + nearest(&points[medial_exit..], lesser)?;
        let corner = deepest(points, medial_exit, trochanter, points[ridge])?;
        let found = Anchors { ridge, tip, saddle, lateral_exit, medial_exit, corner };
        let order = [0, ridge, saddle, lateral_exit, medial_exit, corner, points.len() - 1];
        order.windows(2).all(|pair| pair[1] > pair[0] + 2).then_some(found)
    }
}

/// The point between `from` and `to` that lies farthest from their chord on the side of `bone`.
fn deepest(points: &[Point], from: usize, to: usize, bone: Point) -> Option<usize> {
    let chord = (points[to] - points[from]).unit()?;
    let side = chord.cross(bone - points[from]).signum();
    let depth = |index: usize| side * chord.cross(points[index] - points[from]);
    (from + 1..to).max_by(|a, b| depth(*a).total_cmp(&depth(*b)))
}

fn nearest(points: &[Point], to: Point) -> Option<usize> {
    (0..points.len()).min_by(|a, b| points[*a].distance(to).total_cmp(&points[*b].distance(to)))
}

/// The point at `share` of the length of `line`.
fn along(line: &[Point], share: f64) -> Point {
    let total: f64 = line.windows(2).map(|p| p[0].distance(p[1])).sum();
    let mut left = share * total;
    for pair in line.windows(2) {
        let step = pair[0].distance(pair[1]);
        if left <= step && step > 0.0 {
            return pair[0] + (pair[1] - pair[0]) * (left / step);
        }
        left -= step;
    }
    line.last().copied().unwrap_or_default()
}

/// The closed `curve` without its straight end, from the end where `side` is greater.
fn opened(
    curve: Vec<Point>,
    kept: impl Fn(Point) -> bool,
    side: impl Fn(Point) -> f64,
) -> Option<Vec<Point>> {
    let count = curve.len();
    // The first kept point after one that is not.
    let start = (0..count).find(|&i| kept(curve[i]) && !kept(curve[(i + count - 1) % count]))?;
    let mut points: Vec<Point> =
        (0..count).map(|i| curve[(start + i) % count]).take_while(|p| kept(*p)).collect();
    let (first, last) = (*points.first()?, *points.last()?);
    if side(first) < side(last) {
        points.reverse();
    }
    (points.len() > 100).then_some(points)
}

/// The longest closed curve around what is covered, between pixel centres, smoothed by about a pixel.
fn longest_contour(covered: &[bool], rows: usize, columns: usize) -> Option<Vec<Point>> {
    let mut soft: Vec<f32> = covered.iter().map(|inside| f32::from(u8::from(*inside))).collect();
    crate::simulate::infant::canvas::blur(&mut soft, columns, rows, 1.0);
    // A surface over the film as high as it is covered, cut at half of the height.
    let near = |row: usize, column: usize| {
        let at = row * columns + column;
        let corners = [soft[at], soft[at + 1], soft[at + columns], soft[at + columns + 1]];
        corners.iter().any(|v| *v >= 0.5) && corners.iter().any(|v| *v < 0.5)
    };
    let mut faces = Vec::new();
    for row in 0..rows.checked_sub(1)? {
        for column in 0..columns.checked_sub(1)? {
            if near(row, column) {
                let at = (row * columns + column) as u32;
                let below = at + columns as u32;
                faces.push([at, at + 1, below]);
                faces.push([at + 1, below + 1, below]);
            }
        }
    }
    let height = |at: usize| V3::new((at % columns) as f64, (at / columns) as f64, f64::from(soft[at]));
    let surface = Mesh { vertices: (0..soft.len()).map(height).collect(), faces };
    let curves = surface.section(|p| p.z - 0.5);
    let longest = curves.into_iter().max_by_key(Vec::len)?;
    Some(longest.iter().map(|p| Point::new(p.x, p.y)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_has_a_round_outline() {
        let (rows, columns) = (120, 140);
        let centre = Point::new(63.3, 58.8);
        let covered: Vec<bool> = (0..rows * columns)
            .map(|i| Point::new((i % columns) as f64, (i / columns) as f64).distance(centre) < 41.0)
            .collect();
        let curve = longest_contour(&covered, rows, columns).unwrap();
        let worst = curve.iter().map(|p| (p.distance(centre) - 41.0).abs()).fold(0.0, f64::max);
        assert!(worst < 0.6 && curve.len() > 250, "{worst} {}", curve.len());
    }

    #[test]
    fn a_line_is_divided_by_its_length() {
        let line = [Point::new(0.0, 0.0), Point::new(3.0, 0.0), Point::new(3.0, 1.0)];
        assert_eq!(along(&line, 0.5), Point::new(2.0, 0.0));
        assert_eq!(along(&line, 1.0), Point::new(3.0, 1.0));
    }
}
