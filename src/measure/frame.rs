//! The hip frame: directions of the patient, in millimetres, so that no result depends on how the film was turned,
//! mirrored or stored.

use super::landmark::{LandmarkCode, LandmarkId, Side};
use super::measurement::ReferenceLine;
use super::metric::MetricLandmarks;
use super::point::Vector;
use super::refusal::Refusal;

/// Shortest reference baseline: millimetres, and columns where there is no spacing.
pub(super) const BASELINE: (f64, f64) = (20.0, 50.0);
/// An upright film whose roofs both fall more steeply than this, degrees, is upside down: no hip has such roofs.
const FALLING_ROOF_DEG: f64 = -10.0;

impl ReferenceLine {
    pub const ALL: [ReferenceLine; 5] = [
        ReferenceLine::Hilgenreiner,
        ReferenceLine::Teardrop,
        ReferenceLine::Ischial,
        ReferenceLine::HeadCentres,
        ReferenceLine::Image,
    ];

    /// The landmark that it joins on both sides; `None` for the image's own horizontal.
    pub fn landmark(self) -> Option<LandmarkCode> {
        match self {
            ReferenceLine::Hilgenreiner => Some(LandmarkCode::TRC),
            ReferenceLine::Teardrop => Some(LandmarkCode::TD),
            ReferenceLine::Ischial => Some(LandmarkCode::ISC),
            ReferenceLine::HeadCentres => Some(LandmarkCode::FHC),
            ReferenceLine::Image => None,
        }
    }

    /// As files and options name it.
    pub fn code(self) -> &'static str {
        match self {
            ReferenceLine::Hilgenreiner => "H",
            ReferenceLine::Teardrop => "TD",
            ReferenceLine::Ischial => "ISC",
            ReferenceLine::HeadCentres => "FHC",
            ReferenceLine::Image => "IMG",
        }
    }

    pub fn from_code(code: &str) -> Option<ReferenceLine> {
        Self::ALL.into_iter().find(|line| line.code() == code)
    }

    pub fn name(self) -> &'static str {
        match self {
            ReferenceLine::Hilgenreiner => "Hilgenreiner line",
            ReferenceLine::Teardrop => "teardrop line",
            ReferenceLine::Ischial => "ischial line",
            ReferenceLine::HeadCentres => "line of the head centres",
            ReferenceLine::Image => "image horizontal",
        }
    }

    /// The landmark of the roof's edge that lies towards the head from this line.
    fn edge(self) -> LandmarkCode {
        match self {
            ReferenceLine::Hilgenreiner => LandmarkCode::SMA,
            _ => LandmarkCode::LAE,
        }
    }
}

/// The patient's directions on the film.
#[derive(Debug, Clone, PartialEq)]
pub struct HipFrame {
    pub line: ReferenceLine,
    /// Unit vector from the patient's right to the left, along the reference line.
    pub leftward: Vector,
    /// Unit vector towards the head, perpendicular to `leftward`.
    pub cranial: Vector,
    /// Distance between the line's landmarks in metric units; NaN for the image's horizontal, which has none.
    pub baseline: f64,
}

impl HipFrame {
    /// The frame of the Hilgenreiner line.
    pub fn new(points: &MetricLandmarks) -> Result<HipFrame, Refusal> {
        HipFrame::along(points, ReferenceLine::Hilgenreiner, None)
    }

    /// Refuses without both landmarks of the line, or where they lie closer than 20 mm (without spacing 50 px).
    ///
    /// Cranial is up in the image. Only where the roof edges leave no doubt, or the film lies on its side, it is the
    /// side of the roof edges. `right_on_left`, whether the patient's right is on the left of the image, matters only
    /// to the image's horizontal on a film without a pair of landmarks.
    pub fn along(
        points: &MetricLandmarks,
        line: ReferenceLine,
        right_on_left: Option<bool>,
    ) -> Result<HipFrame, Refusal> {
        let up = Vector::new(0.0, -1.0);
        let Some(landmark) = line.landmark() else { return HipFrame::of_image(points, right_on_left) };
        let frame = HipFrame::towards(points, line, up)?;
        let roofs: Vec<Offset> = Side::BOTH
            .into_iter()
            .filter_map(|side| {
                let roof = points.get(line.edge(), side).ok()? - points.get(landmark.clone(), side).ok()?;
                roof.is_finite().then(|| frame.resolve(roof, side))
            })
            .collect();
        let on_its_side = frame.cranial.x.abs() > frame.cranial.y.abs();
        let upside_down = if on_its_side {
            roofs.iter().map(|roof| roof.cranial).sum::<f64>() < 0.0
        } else {
            let falls = |roof: &Offset| roof.elevation_deg() < FALLING_ROOF_DEG && roof.lateral > 0.0;
            roofs.len() == 2 && roofs.iter().all(falls)
        };
        Ok(if upside_down { HipFrame { cranial: -frame.cranial, ..frame } } else { frame })
    }

    /// The frame of `line`, not the image's, with the head on the side that `cranial`, in the image, points to.
    pub fn towards(
        points: &MetricLandmarks,
        line: ReferenceLine,
        cranial: Vector,
    ) -> Result<HipFrame, Refusal> {
        let landmark = line.landmark().ok_or(Refusal::NotAvailable("the image has no landmarks"))?;
        if !points.is_measurable() {
            return Err(Refusal::BadSpacing);
        }
        let right = points.get(landmark.clone(), Side::Right)?;
        let left = points.get(landmark, Side::Left)?;
        let baseline = right.distance(left);
        if baseline < points.limit(BASELINE) {
            return Err(Refusal::BaselineShort(line));
        }
        let leftward = (left - right).unit().ok_or(Refusal::NotFinite)?;
        let upward = Vector::new(leftward.y, -leftward.x);
        let cranial = if upward.dot(cranial) < 0.0 { -upward } else { upward };
        Ok(HipFrame { line, leftward, cranial, baseline })
    }

    /// The image's own axes; left and right by the first pair of landmarks, else by the file, else as usual.
    fn of_image(points: &MetricLandmarks, right_on_left: Option<bool>) -> Result<HipFrame, Refusal> {
        if !points.is_measurable() {
            return Err(Refusal::BadSpacing);
        }
        let leftward = pair(points).map(|v| v.x > 0.0).or(right_on_left).unwrap_or(true);
        Ok(HipFrame {
            line: ReferenceLine::Image,
            leftward: Vector::new(if leftward { 1.0 } else { -1.0 }, 0.0),
            cranial: Vector::new(0.0, -1.0),
            baseline: f64::NAN,
        })
    }

    /// Away from the midline.
    pub fn lateral(&self, side: Side) -> Vector {
        match side {
            Side::Left => self.leftward,
            Side::Right => -self.leftward,
        }
    }

    /// `v` in patient directions.
    pub fn resolve(&self, v: Vector, side: Side) -> Offset {
        Offset { lateral: v.dot(self.lateral(side)), cranial: v.dot(self.cranial) }
    }

    /// Angle in degrees, 0–180, by which the film is turned in the image: cranial against image up.
    pub fn turned_deg(&self) -> f64 {
        self.cranial.x.abs().atan2(-self.cranial.y).to_degrees()
    }
}

/// From the right to the left of the first landmark that is there on both sides; `None` without any.
pub fn pair(points: &MetricLandmarks) -> Option<Vector> {
    points.ids().find_map(|id: &LandmarkId| {
        let right = points.get(id.code.clone(), Side::Right).ok()?;
        let v = points.get(id.code.clone(), Side::Left).ok()? - right;
        (v.is_finite() && v.x != 0.0).then_some(v)
    })
}

/// A displacement in patient directions, metric units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offset {
    /// Away from the midline.
    pub lateral: f64,
    /// Towards the head.
    pub cranial: f64,
}

impl Offset {
    /// T(A→B): how far the direction rises above the reference line, degrees.
    pub fn elevation_deg(self) -> f64 {
        self.cranial.atan2(self.lateral).to_degrees()
    }

    /// C(A→B): how far the direction leans laterally from the perpendicular, degrees.
    pub fn cover_deg(self) -> f64 {
        self.lateral.atan2(self.cranial).to_degrees()
    }
}
