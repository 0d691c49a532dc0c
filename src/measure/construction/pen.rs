//! What a definition draws with: strokes in the metric frame of the film, named as a reader names them.

use super::Role;
use crate::measure::anatomy::Hip;
use crate::measure::frame::HipFrame;
use crate::measure::landmark::{LandmarkCode, Side};
use crate::measure::metric::MetricLandmarks;
use crate::measure::point::{Point, Vector};
use crate::measure::refusal::Refusal;

/// How far a line runs beyond the points that define it, as a share of their distance.
const BEYOND: f64 = 0.25;
/// Radius of an angle's arc, as a share of its shorter leg.
const ARC: f64 = 0.55;
/// One point of an arc for so many degrees.
const STEP_DEG: f64 = 3.0;
/// Half the length of the ticks at the ends of a distance, as a share of it, and at most of the baseline.
const TICK: (f64, f64) = (0.12, 0.015);

/// A line, or an open or closed curve about a centre; metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Stroke {
    Line { role: Role, a: Point, b: Point },
    Curve { role: Role, center: Point, points: Vec<Point> },
}

/// Collects the strokes of one measurement.
#[derive(Debug)]
pub struct Pen<'a> {
    frame: &'a HipFrame,
    pub(super) strokes: Vec<Stroke>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(frame: &'a HipFrame) -> Self {
        Self { frame, strokes: Vec::new() }
    }

    /// From `a` to `b`.
    pub fn segment(&mut self, role: Role, a: Point, b: Point) {
        self.strokes.push(Stroke::Line { role, a, b });
    }

    /// Through `a` and `b`, somewhat beyond both.
    pub fn through(&mut self, role: Role, a: Point, b: Point) {
        let beyond = (b - a) * BEYOND;
        self.segment(role, a + -beyond, b + beyond);
    }

    /// The line that gives the directions, where it joins landmarks.
    pub fn baseline(&mut self, points: &MetricLandmarks) {
        let Some(code) = self.frame.line.landmark() else { return };
        if let [Ok(right), Ok(left)] = Side::BOTH.map(|side| points.get(code.clone(), side)) {
            self.through(Role::Reference, right, left);
        }
    }

    /// Perpendicular to the reference line through `at`, as far as `to` reaches and somewhat beyond, both ways.
    pub fn upright(&mut self, at: Point, to: Point) {
        let up = self.frame.cranial;
        let rise = (to - at).dot(up);
        let beyond = up * (BEYOND * (to - at).length());
        let (low, high) = if rise < 0.0 { (rise, 0.0) } else { (0.0, rise) };
        self.segment(Role::Perkin, at + up * low + -beyond, at + up * high + beyond);
    }

    /// Along the reference line from `at` by `length`, which may be negative.
    pub fn level(&mut self, at: Point, side: Side, length: f64) {
        self.segment(Role::Reference, at, at + self.frame.lateral(side) * length);
    }

    /// The angle at `vertex` between two directions, whose lengths are those of its legs.
    pub fn angle(&mut self, vertex: Point, from: Vector, to: Vector) {
        let radius = ARC * from.length().min(to.length());
        let start = from.y.atan2(from.x);
        let turn = from.cross(to).atan2(from.dot(to));
        self.arc(Role::AngleArc, vertex, radius, start, turn);
    }

    pub fn circle(&mut self, center: Point, radius: f64) {
        self.arc(Role::Outline, center, radius, 0.0, std::f64::consts::TAU);
    }

    fn arc(&mut self, role: Role, center: Point, radius: f64, start: f64, turn: f64) {
        let steps = (turn.abs().to_degrees() / STEP_DEG).ceil().max(1.0);
        let at = |i: usize| {
            let (sin, cos) = (start + turn * i as f64 / steps).sin_cos();
            center + Vector::new(cos, sin) * radius
        };
        let points = (0..=steps as usize).map(at).collect();
        self.strokes.push(Stroke::Curve { role, center, points });
    }

    /// An outline as it was drawn.
    pub fn curve(&mut self, points: &[Point]) {
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let center = first.midpoint(*last);
            self.strokes.push(Stroke::Curve { role: Role::Outline, center, points: points.to_vec() });
        }
    }

    /// A distance that is measured, with a tick at both ends.
    pub fn distance(&mut self, a: Point, b: Point) {
        let along = b - a;
        self.segment(Role::Distance, a, b);
        let most = if self.frame.baseline.is_finite() { TICK.1 * self.frame.baseline } else { f64::INFINITY };
        let Some(unit) = along.unit() else { return };
        let tick = Vector::new(-unit.y, unit.x) * (TICK.0 * along.length()).min(most);
        for end in [a, b] {
            self.segment(Role::Distance, end + -tick, end + tick);
        }
    }

    /// How far `b` lies from `a` along the reference line, drawn at the height of `b`.
    pub fn across(&mut self, a: Point, b: Point) {
        let foot = a + self.frame.cranial * (b - a).dot(self.frame.cranial);
        if foot != a {
            self.segment(Role::Perkin, a, foot);
        }
        self.distance(foot, b);
    }

    /// How far `b` lies from `a` towards the head or away from it, drawn through `b`.
    pub fn along(&mut self, a: Point, b: Point) {
        let foot = b + self.frame.cranial * (a - b).dot(self.frame.cranial);
        if foot != a {
            self.segment(Role::Reference, a, foot);
        }
        self.distance(foot, b);
    }

    /// The angle from straight up at `center` to the edge: a centre-edge angle.
    pub fn centre_edge(
        &mut self,
        hip: &Hip,
        center: LandmarkCode,
        edge: LandmarkCode,
    ) -> Result<(), Refusal> {
        let leg = hip.vector(center.clone(), edge)?;
        let center = hip.point(center)?;
        self.baseline(hip.points);
        self.upright(center, center + hip.frame.cranial * leg.length());
        self.segment(Role::Roof, center, center + leg * (1.0 + BEYOND));
        self.angle(center, hip.frame.cranial * leg.length(), leg);
        Ok(())
    }

    /// The arc of a head with the width and the height of its epiphysis.
    pub fn epiphysis(&mut self, hip: &Hip) -> Result<(), Refusal> {
        let arc = hip.polyline(LandmarkCode::HEAD, 3)?;
        let (start, chord) = (arc[0], arc[arc.len() - 1] - arc[0]);
        let unit = chord.unit().ok_or(Refusal::NotFinite)?;
        let off = |point: &Point| unit.cross(*point - start).abs();
        self.curve(arc);
        self.distance(start, start + chord);
        if let Some(top) = arc.iter().max_by(|a, b| off(a).total_cmp(&off(b))) {
            self.distance(start + unit * unit.dot(*top - start), *top);
        }
        Ok(())
    }

    /// The angle of a roof's line against the reference line.
    pub fn slope(&mut self, hip: &Hip, medial: LandmarkCode, lateral: LandmarkCode) -> Result<(), Refusal> {
        let roof = hip.vector(medial.clone(), lateral)?;
        let medial = hip.point(medial)?;
        self.baseline(hip.points);
        self.level(medial, hip.side, roof.length() * (1.0 + BEYOND));
        self.through(Role::Roof, medial, medial + roof);
        self.angle(medial, hip.frame.lateral(hip.side) * roof.length(), roof);
        Ok(())
    }
}
