//! What formulas read: one hip, or the pelvis, with the directions of the reference line.

use super::frame::{HipFrame, Offset};
use super::landmark::{LandmarkCode, Side};
use super::metric::{COINCIDENT, MetricLandmarks};
use super::point::{Point, Vector};
use super::refusal::Refusal;
use super::spacing::SpacingStatus;

/// One hip: what every measurement and grade reads.
#[derive(Debug, Clone, Copy)]
pub struct Hip<'a> {
    pub points: &'a MetricLandmarks<'a>,
    pub frame: &'a HipFrame,
    pub side: Side,
}

impl<'a> Hip<'a> {
    /// Metric position of `code` on this side.
    pub fn point(&self, code: LandmarkCode) -> Result<Point, Refusal> {
        self.points.get(code, self.side)
    }

    /// `to` − `from` in patient directions.
    pub fn offset(&self, from: LandmarkCode, to: LandmarkCode) -> Result<Offset, Refusal> {
        self.resolve(self.point(to)? - self.point(from)?)
    }

    /// Like [`Hip::offset`], for its direction: refuses vectors below 0.5 mm (without spacing 2 px).
    pub fn direction(&self, from: LandmarkCode, to: LandmarkCode) -> Result<Offset, Refusal> {
        self.resolve(self.vector(from, to)?)
    }

    /// `to` − `from` as a direction in the metric frame; refuses vectors below 0.5 mm (without spacing 2 px).
    pub fn vector(&self, from: LandmarkCode, to: LandmarkCode) -> Result<Vector, Refusal> {
        let vector = self.point(to.clone())? - self.point(from.clone())?;
        if !vector.is_finite() {
            return Err(Refusal::NotFinite);
        }
        if vector.length() < self.points.limit(COINCIDENT) {
            return Err(Refusal::Coincident { from, to, side: Some(self.side) });
        }
        Ok(vector)
    }

    /// A metric displacement in patient directions.
    pub fn resolve(&self, vector: Vector) -> Result<Offset, Refusal> {
        let offset = self.frame.resolve(vector, self.side);
        let finite = offset.lateral.is_finite() && offset.cranial.is_finite();
        if finite { Ok(offset) } else { Err(Refusal::NotFinite) }
    }

    /// Metric radius of the circle about `code`, as given.
    pub fn radius(&self, code: LandmarkCode) -> Result<f64, Refusal> {
        self.points.radius(code, self.side)
    }

    /// Metric radius of the circle about `code`: as given, else of the circle through the outline of the head.
    pub fn head_radius(&self, code: LandmarkCode) -> Result<f64, Refusal> {
        self.radius(code).or_else(|refusal| match self.points.head(self.side) {
            Ok(circle) => Ok(circle.radius),
            Err(Refusal::Missing(_)) => Err(refusal),
            Err(of_outline) => Err(of_outline),
        })
    }

    /// Metric points of a polyline of this side; refuses one of fewer than `least`.
    pub fn polyline(&self, code: LandmarkCode, least: usize) -> Result<&'a [Point], Refusal> {
        self.points.polyline(code, self.side, least)
    }

    /// `millimetres` where lengths are those of the patient, else `share` of the baseline (none or detector spacing).
    pub fn tolerance(&self, millimetres: f64, share: f64) -> f64 {
        match self.points.spacing.status {
            SpacingStatus::Detector | SpacingStatus::AssumedIsotropic => share * self.frame.baseline,
            _ => millimetres,
        }
    }

    pub fn opposite(&self) -> Hip<'a> {
        Hip { side: self.side.opposite(), ..*self }
    }

    pub fn pelvis(&self) -> Pelvis<'a> {
        Pelvis { points: self.points, frame: self.frame }
    }
}

/// Both hips and the midline.
#[derive(Debug, Clone, Copy)]
pub struct Pelvis<'a> {
    pub points: &'a MetricLandmarks<'a>,
    pub frame: &'a HipFrame,
}

impl<'a> Pelvis<'a> {
    pub fn hip(&self, side: Side) -> Hip<'a> {
        Hip { points: self.points, frame: self.frame, side }
    }

    /// Right, left.
    pub fn hips(&self) -> [Hip<'a>; 2] {
        Side::BOTH.map(|side| self.hip(side))
    }

    pub fn midline(&self, code: LandmarkCode) -> Result<Point, Refusal> {
        self.points.midline(code)
    }

    /// `formula` of the right and of the left hip.
    pub fn both(&self, formula: fn(&Hip) -> Result<f64, Refusal>) -> Result<[f64; 2], Refusal> {
        let [right, left] = self.hips();
        Ok([formula(&right)?, formula(&left)?])
    }
}
