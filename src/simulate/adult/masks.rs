//! The five structures of the hip on the film (L. Blažková 2024, fig. 2), of which every pixel belongs to one at most.
//!
//! | label | pixels |
//! |---|---|
//! | L1 | the femur's shadow, but for L2 |
//! | L2 | of it what the inside of its shell does not cover, below the greater trochanter's most lateral point on the lateral side, and below the point where the head ends on the medial one; and the lesser trochanter, medial of the line along the medial cortex within a head radius of its tip |
//! | L3 | where most sections of the hip bone, parallel to the film within .3 head radii of the head's centre ([`Socket`]), have bone: from .35 head radii above the centre down to the teardrop's lowest point |
//! | L4 | between the head's shadow and where most sections begin, from the lateral edge of the socket round to the teardrop |
//! | L5 | the rest of the hip bone's shadow |

use super::beam::Beam;
use super::landmarks::{HipReading, Socket};
use super::outline::FemurOutline;
use super::scene::Scene;
use crate::measure::{LabelMap, Point, Structure, Vector};

/// Rays shorter than this in a bone, in mm, are taken to miss it.
const LEAST_MM: f32 = 0.1;

/// Ways of rays through the bones of one side.
pub struct SideLengths {
    pub hip: Vec<f32>,
    pub femur: Vec<f32>,
    pub marrow: Vec<f32>,
}

/// L1 to L5 of both hips.
pub fn masks(scene: &Scene, readings: &[HipReading; 2], lengths: &[SideLengths; 2], beam: &Beam) -> LabelMap {
    let mut map = LabelMap::empty(beam.rows, beam.columns, Structure::hip());
    for (place, (reading, lengths)) in readings.iter().zip(lengths).enumerate() {
        let mut paint = |value: u8, belongs: &dyn Fn(usize) -> bool| {
            for (index, label) in map.labels.iter_mut().enumerate() {
                if belongs(index) {
                    *label = value;
                }
            }
        };
        paint(5, &|index| lengths.hip[index] > LEAST_MM);
        if let (Some(Socket { sections, lowest }), Some(edge)) = (&reading.socket, reading.edge) {
            let space = joint_space(sections, reading, edge, *lowest)
                .map(|line| inside(&[line], beam.rows, beam.columns));
            let section = in_most(sections, beam);
            let upper = reading.head.y - 0.35 * reading.radius;
            let medial = lowest.x < reading.head.x;
            let row = |index: usize| (index / beam.columns) as f64;
            let column = |index: usize| (index % beam.columns) as f64;
            if let Some(space) = space {
                paint(4, &|index| space[index] && !(section[index] && row(index) < upper));
            }
            let reach = 2.2 * reading.radius;
            paint(3, &|index| {
                let (x, y) = (column(index), row(index));
                let wall = (x < reading.head.x) == medial && (x - reading.head.x).abs() < reach;
                section[index] && wall && y >= upper && y <= lowest.y + 0.5
            });
        }
        let cortex = reading.outline.as_ref().map(|outline| Cortex::new(outline, scene, place, beam));
        for (index, label) in map.labels.iter_mut().enumerate() {
            if lengths.femur[index] <= LEAST_MM {
                continue;
            }
            let at = Point::new((index % beam.columns) as f64, (index / beam.columns) as f64);
            let hollow = lengths.marrow[index] > LEAST_MM;
            *label = if cortex.as_ref().is_some_and(|cortex| cortex.holds(at, hollow)) { 2 } else { 1 };
        }
    }
    map
}

/// Which pixels more than half of the sections hold.
fn in_most(sections: &[Vec<Vec<Point>>], beam: &Beam) -> Vec<bool> {
    let mut held = vec![0; beam.rows * beam.columns];
    for curves in sections {
        for (held, inside) in held.iter_mut().zip(inside(curves, beam.rows, beam.columns)) {
            *held += usize::from(inside);
        }
    }
    held.into_iter().map(|held| 2 * held > sections.len()).collect()
}

/// The line around the space between the head's centre and the socket, from its lateral edge to the teardrop's lowest
/// point; `None` where the socket is not closed enough.
fn joint_space(
    sections: &[Vec<Vec<Point>>],
    reading: &HipReading,
    edge: Point,
    lowest: Point,
) -> Option<Vec<Point>> {
    let HipReading { head, radius, .. } = *reading;
    let angle = |p: Point| (p - head).x.atan2(-(p - head).y);
    let (from, to) = (angle(edge), angle(lowest));
    const STEPS: usize = 90;
    let mut line = vec![head, edge];
    for step in 1..STEPS {
        let at = from + (to - from) * step as f64 / STEPS as f64;
        let ray = Vector::new(at.sin(), -at.cos());
        let first = |curves: &Vec<Vec<Point>>| {
            curves
                .iter()
                .filter_map(|curve| first_hit(curve, head, ray, 0.9 * radius))
                .fold(f64::MAX, f64::min)
        };
        let mut hits: Vec<f64> = sections.iter().map(first).collect();
        hits.sort_unstable_by(f64::total_cmp);
        let hit = hits[hits.len() / 2];
        if hit < 1.9 * radius {
            line.push(head + ray * hit);
        }
    }
    line.push(lowest);
    (line.len() > STEPS / 2).then_some(line)
}

/// Distance at which the ray first meets the closed `curve`, not before `least`.
fn first_hit(curve: &[Point], from: Point, ray: Vector, least: f64) -> Option<f64> {
    let hits = (0..curve.len()).filter_map(|i| {
        let (a, b) = (curve[i] - from, curve[(i + 1) % curve.len()] - from);
        let (p, q) = (ray.cross(a), ray.cross(b));
        if (p >= 0.0) == (q >= 0.0) {
            return None;
        }
        let distance = (a + (b + -a) * (p / (p - q))).dot(ray);
        (distance >= least).then_some(distance)
    });
    hits.min_by(f64::total_cmp)
}

/// Which pixels have their centre inside of the closed curves, wherever these turn about it: surfaces may overlap.
pub(super) fn inside(curves: &[Vec<Point>], rows: usize, columns: usize) -> Vec<bool> {
    let mut covered = vec![false; rows * columns];
    let mut crossings: Vec<Vec<(f64, i32)>> = vec![Vec::new(); rows];
    for curve in curves {
        for i in 0..curve.len() {
            let (a, b) = (curve[i], curve[(i + 1) % curve.len()]);
            let (upper, lower, turn) = if a.y < b.y { (a, b, 1) } else { (b, a, -1) };
            let first = upper.y.ceil().max(0.0) as usize;
            let end = (lower.y.ceil().max(0.0) as usize).min(rows);
            for (row, crossings) in crossings.iter_mut().enumerate().take(end).skip(first) {
                let share = (row as f64 - upper.y) / (lower.y - upper.y);
                crossings.push((upper.x + (lower.x - upper.x) * share, turn));
            }
        }
    }
    for (line, crossings) in covered.chunks_exact_mut(columns).zip(&mut crossings) {
        crossings.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut turns = 0;
        for pair in crossings.windows(2) {
            turns += pair[0].1;
            let first = pair[0].0.ceil().max(0.0) as usize;
            let end = (pair[1].0.ceil().max(0.0) as usize).min(columns);
            if turns != 0 && first < end {
                line[first..end].fill(true);
            }
        }
    }
    covered
}

/// Where the femur's shadow is cortex.
struct Cortex {
    head: Point,
    axis: Vector,
    lateral: Vector,
    /// Distances along the shaft below the head's centre.
    ridge: f64,
    exit: f64,
    /// In the middle of the shaft.
    middle: Point,
    /// From the corner of neck and shaft to the end of the medial cortex; what is medial of it, and near to the tip of the
    /// lesser trochanter, is lesser trochanter.
    medial: [Point; 2],
    trochanter: Point,
    near: f64,
}

/// Half of the height of the lesser trochanter's base, in radii of the head: where the line runs flat, other bone is medial
/// of it too.
const TROCHANTER: f64 = 1.0;

impl Cortex {
    fn new(outline: &FemurOutline, scene: &Scene, place: usize, beam: &Beam) -> Cortex {
        let [proximal, distal] = outline.shaft;
        let along = distal - proximal;
        let axis = along.unit().unwrap_or(Vector::new(0.0, 1.0));
        let across = Vector::new(-axis.y, axis.x);
        let lateral = if across.dot(outline.neck - outline.head) > 0.0 { across } else { -across };
        let below = |index: usize| (outline.points[index] - outline.head).dot(axis);
        let end = outline.points[outline.points.len() - 1];
        let trochanter = beam.project(&scene.femora[place].lesser);
        // The medial cortex above the trochanter goes on straight to where it is met again below.
        let corner = outline.points[outline.anchors.corner];
        Cortex {
            head: outline.head,
            axis,
            lateral,
            ridge: below(outline.anchors.ridge),
            exit: below(outline.anchors.medial_exit),
            middle: proximal,
            medial: [corner, end],
            trochanter,
            near: TROCHANTER * outline.radius,
        }
    }

    fn holds(&self, at: Point, hollow: bool) -> bool {
        let from = at - self.head;
        let down = from.dot(self.axis);
        let [corner, end] = self.medial;
        let line = end - corner;
        let share = (at - corner).dot(line) / line.dot(line).max(1e-9);
        let hump = (0.0..1.0).contains(&share)
            && (at - (corner + line * share)).dot(self.lateral) < 0.0
            && at.distance(self.trochanter) < self.near;
        if hump {
            return true;
        }
        let medial = (at - self.middle).dot(self.lateral) < 0.0;
        !hollow && if medial { down > self.exit } else { down > self.ridge }
    }
}
