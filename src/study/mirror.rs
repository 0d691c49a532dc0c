//! A point from the other side: reflected in the midline of the pelvis.

use crate::measure::{LandmarkCode, LandmarkId, LandmarkSet, Point, Side, Spacing, Vector};

/// Landmarks of the pelvis itself. Those of the femur go with the hip, and a displaced one would turn the midline.
const PELVIC: [LandmarkCode; 12] = [
    LandmarkCode::TRC,
    LandmarkCode::TD,
    LandmarkCode::ISC,
    LandmarkCode::SMA,
    LandmarkCode::LAE,
    LandmarkCode::AD,
    LandmarkCode::OFM,
    LandmarkCode::OFL,
    LandmarkCode::OFS,
    LandmarkCode::OFI,
    LandmarkCode::ISL,
    LandmarkCode::ISP,
];

/// The midline of the pelvis in the metric frame: a point of it, and the direction across it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Midline {
    pub through: Point,
    /// Unit vector from the patient's right to the left.
    pub leftward: Vector,
}

impl Midline {
    /// Of the pairs of the pelvis without `except`: through the mean of their midpoints, across the mean of their
    /// directions. `None` without a pair.
    pub fn of(landmarks: &LandmarkSet, spacing: &Spacing, except: &LandmarkCode) -> Option<Midline> {
        let (mut across, mut sum, mut count) = (Vector::default(), Vector::default(), 0.0);
        for code in PELVIC.iter().filter(|code| *code != except) {
            let at = |side| landmarks.position(code.clone(), side).map(|point| spacing.to_metric(point));
            let Some((right, left)) = at(Side::Right).zip(at(Side::Left)) else { continue };
            let Some(unit) = (left - right).unit() else { continue };
            across = across + unit;
            sum = sum + (right.midpoint(left) - Point::default());
            count += 1.0;
        }
        let leftward = across.unit()?;
        Some(Midline { through: Point::default() + sum * (1.0 / count), leftward })
    }

    /// The point's image on the other side, metric frame.
    pub fn reflect(&self, point: Point) -> Point {
        point - self.leftward * (2.0 * (point - self.through).dot(self.leftward))
    }
}

/// Where `id` would lie if it were the mirror image of the other side's point, pixels; `None` where there is no midline
/// or no such point.
pub fn mirrored(landmarks: &LandmarkSet, spacing: &Spacing, id: &LandmarkId) -> Option<Point> {
    let other = LandmarkId::new(id.code.clone(), id.side?.opposite());
    let from = landmarks.get(&other)?.position()?;
    let midline = Midline::of(landmarks, spacing, &id.code)?;
    Some(spacing.to_pixel(midline.reflect(spacing.to_metric(from))))
}
