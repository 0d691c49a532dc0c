//! The landmarks of a film in the metric frame, where all geometry happens.

use super::circle::{self, ARC_REFUSED, Circle};
use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, Side};
use super::point::{Point, Vector};
use super::refusal::Refusal;
use super::scheme::{self, Segment};
use super::spacing::Spacing;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Shortest vector that still has a direction: millimetres, and columns where there is no spacing.
pub const COINCIDENT: (f64, f64) = (0.5, 2.0);

/// Centres of the head, which its outline gives where nobody marked them.
const HEADS: [LandmarkCode; 2] = [LandmarkCode::FH, LandmarkCode::FHC];
/// Curves that measurements read; of a scheme's numbered points no others are put together.
pub const CURVES: [LandmarkCode; 7] = [
    LandmarkCode::HEAD,
    LandmarkCode::HNC,
    LandmarkCode::NCL,
    LandmarkCode::AW,
    LandmarkCode::PW,
    LandmarkCode::SPA,
    LandmarkCode::SNA,
];

/// Defined landmarks in the metric frame: millimetres, or columns where there is no spacing. y points down.
#[derive(Debug, Clone)]
pub struct MetricLandmarks<'a> {
    /// Whose the points are; every displaced copy shares it.
    names: Arc<Names<'a>>,
    /// The landmarks, then the points of the curves.
    points: Vec<Point>,
    /// As `names.circles`.
    radii: Vec<f64>,
    /// The circles fitted to the outlines of the heads, once they were asked for: right, left.
    heads: [OnceLock<Result<Circle, Refusal>>; 2],
    pub(super) landmarks: &'a LandmarkSet,
    pub(super) spacing: Spacing,
}

/// Landmarks by name, found a few million times for the draws of one film.
#[derive(Debug)]
struct Names<'a> {
    ids: Vec<&'a LandmarkId>,
    /// Short names by their hash, and where they stand in `ids`; 0 for a free slot.
    slots: Vec<(u64, usize)>,
    curves: Vec<Curve<'a>>,
    /// Centres of the circles that were given with a radius.
    circles: Vec<&'a LandmarkId>,
}

/// A curve of the film: one that was drawn, or the numbered points that a scheme makes one of.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    pub code: &'a LandmarkCode,
    pub side: Option<Side>,
    /// Where its points stand, after the landmarks.
    pub points: Range<usize>,
    /// Of a curve of numbered points, whose.
    pub numbered: Option<&'a [LandmarkCode]>,
    finite: bool,
}

impl<'a> Names<'a> {
    fn new(ids: Vec<&'a LandmarkId>) -> Self {
        // At least half of the slots stay free, so that a search soon meets one.
        let bits = (2 * ids.len()).next_power_of_two().trailing_zeros().max(1);
        let mut names = Self { slots: vec![(0, 0); 1 << bits], ids, curves: Vec::new(), circles: Vec::new() };
        for (at, id) in names.ids.iter().enumerate() {
            let Some(key) = key(&id.code, id.side) else { continue };
            let mut slot = first_slot(key, names.slots.len());
            while names.slots[slot].0 != 0 {
                slot = (slot + 1) & (names.slots.len() - 1);
            }
            names.slots[slot] = (key, at);
        }
        names
    }

    fn find(&self, code: &LandmarkCode, side: Option<Side>) -> Option<usize> {
        let Some(key) = key(code, side) else {
            return self.ids.iter().position(|id| id.code == *code && id.side == side);
        };
        let mut slot = first_slot(key, self.slots.len());
        loop {
            match self.slots[slot] {
                (0, _) => return None,
                (found, at) if found == key => return Some(at),
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    fn curve(&self, code: &LandmarkCode, side: Option<Side>) -> Option<&Curve<'a>> {
        self.curves.iter().find(|curve| curve.side == side && curve.code == code)
    }
}

/// Name and side as one number, not 0; `None` for a name that does not fit.
fn key(code: &LandmarkCode, side: Option<Side>) -> Option<u64> {
    let name = code.as_str().as_bytes();
    let side = match side {
        None => 1,
        Some(Side::Right) => 2,
        Some(Side::Left) => 3,
    };
    (name.len() < 8).then(|| name.iter().fold(side, |key, byte| key << 8 | u64::from(*byte)))
}

/// Where a search for `key` begins, of a power of two of slots (Fibonacci hashing, Knuth 6.4).
fn first_slot(key: u64, slots: usize) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - slots.trailing_zeros())) as usize
}

impl<'a> Names<'a> {
    /// The curve that `segment` makes of the numbered points of `side`, if they are all there.
    fn number(&mut self, segment: &'a Segment, side: Side, points: &mut Vec<Point>) {
        let from = points.len();
        for code in &segment.points {
            let Some(index) = self.find(code, Some(side)) else {
                points.truncate(from);
                return;
            };
            points.push(points[index]);
        }
        self.curves.push(Curve {
            code: &segment.code,
            side: Some(side),
            points: from..points.len(),
            numbered: Some(&segment.points),
            finite: true,
        });
    }
}

impl<'a> MetricLandmarks<'a> {
    pub fn new(landmarks: &'a LandmarkSet, spacing: &Spacing) -> Self {
        Self::with_segments(landmarks, spacing, scheme::segments())
    }

    /// [`MetricLandmarks::new`], the numbered points of outlines read by `segments`.
    pub fn with_segments(landmarks: &'a LandmarkSet, spacing: &Spacing, segments: &'a [Segment]) -> Self {
        let (ids, mut points): (Vec<&LandmarkId>, Vec<Point>) = landmarks
            .iter()
            .filter_map(|(id, landmark)| Some((id, spacing.to_metric(landmark.position()?))))
            .filter(|(_, point)| point.is_finite())
            .unzip();
        let mut names = Names::new(ids);
        for (id, line) in &landmarks.polylines {
            let from = points.len();
            points.extend(line.iter().map(|point| spacing.to_metric(*point)));
            let finite = points[from..].iter().all(|point| point.is_finite());
            let points = from..points.len();
            names.curves.push(Curve { code: &id.code, side: id.side, points, numbered: None, finite });
        }
        for segment in segments.iter().filter(|segment| CURVES.contains(&segment.code)) {
            for side in Side::BOTH {
                if names.curve(&segment.code, Some(side)).is_none() {
                    names.number(segment, side, &mut points);
                }
            }
        }
        let (circles, radii) =
            landmarks.radii_px.iter().map(|(id, radius)| (id, radius * spacing.column)).unzip();
        names.circles = circles;
        Self {
            names: Arc::new(names),
            points,
            radii,
            heads: Default::default(),
            landmarks,
            spacing: *spacing,
        }
    }

    /// The same landmarks, each pixel position (those of landmarks, then those of curves) moved by what `noise` gives for
    /// it, each radius by what `wider` gives in metric units.
    pub fn displaced(&self, noise: impl Fn(usize) -> Vector, wider: impl Fn(usize) -> f64) -> Self {
        let moved = |(index, point): (usize, &Point)| {
            let pixels = noise(index);
            *point + Vector::new(pixels.x * self.spacing.column, pixels.y * self.spacing.row)
        };
        Self {
            names: Arc::clone(&self.names),
            points: self.points.iter().enumerate().map(moved).collect(),
            radii: self.radii.iter().enumerate().map(|(index, radius)| radius + wider(index)).collect(),
            heads: Default::default(),
            ..*self
        }
    }

    pub fn ids(&self) -> impl Iterator<Item = &'a LandmarkId> {
        self.names.ids.iter().copied()
    }

    /// Where `id` stands in [`MetricLandmarks::ids`].
    pub(super) fn index(&self, id: &LandmarkId) -> Option<usize> {
        self.names.find(&id.code, id.side)
    }

    /// Whether both spacings are finite and positive.
    pub fn is_measurable(&self) -> bool {
        let valid = |v: f64| v.is_finite() && v > 0.0;
        valid(self.spacing.row) && valid(self.spacing.column)
    }

    pub fn get(&self, code: LandmarkCode, side: Side) -> Result<Point, Refusal> {
        self.at(code, Some(side))
    }

    pub fn midline(&self, code: LandmarkCode) -> Result<Point, Refusal> {
        self.at(code, None)
    }

    /// The landmark, or the centre of the head's outline where nobody marked the head.
    fn at(&self, code: LandmarkCode, side: Option<Side>) -> Result<Point, Refusal> {
        match (self.names.find(&code, side), side) {
            (Some(index), _) => Ok(self.points[index]),
            (None, Some(side)) if self.is_outlined(&code, side) => Ok(self.head(side)?.center),
            (None, _) => Err(Refusal::Missing(LandmarkId { code, side })),
        }
    }

    /// Whether `code` is taken from the outline of the head: nobody marked it, not even as missing, and there is one.
    pub fn is_outlined(&self, code: &LandmarkCode, side: Side) -> bool {
        HEADS.contains(code)
            && self.names.curve(&LandmarkCode::HEAD, Some(side)).is_some()
            && self.landmarks.get(&LandmarkId::new(code.clone(), side)).is_none()
    }

    /// The circle through the outline of the head.
    pub fn head(&self, side: Side) -> Result<Circle, Refusal> {
        let fit = || circle::fit(self.polyline(LandmarkCode::HEAD, side, 3)?, ARC_REFUSED);
        self.heads[side as usize].get_or_init(fit).clone()
    }

    /// Radius of the circle about that landmark, as given; metric units.
    pub fn radius(&self, code: LandmarkCode, side: Side) -> Result<f64, Refusal> {
        let given = self.circles().position(|id| id.side == Some(side) && id.code == code);
        match given.map(|index| self.radii[index]) {
            Some(radius) if radius.is_finite() && radius > 0.0 => Ok(radius),
            _ => Err(Refusal::NoRadius(LandmarkId::new(code, side))),
        }
    }

    /// Centres of the circles whose radius was given.
    pub fn circles(&self) -> impl Iterator<Item = &'a LandmarkId> {
        self.names.circles.iter().copied()
    }

    pub fn curves(&self) -> &[Curve<'a>] {
        &self.names.curves
    }

    pub fn curve(&self, id: &LandmarkId) -> Option<&Curve<'a>> {
        self.names.curve(&id.code, id.side)
    }

    /// The metric points of a curve.
    pub fn points_of(&self, curve: &Curve) -> &[Point] {
        &self.points[curve.points.clone()]
    }

    /// A curve of the film, of at least `least` points.
    pub fn polyline(&self, code: LandmarkCode, side: Side, least: usize) -> Result<&[Point], Refusal> {
        let Some(curve) = self.names.curve(&code, Some(side)) else {
            return Err(Refusal::Missing(LandmarkId::new(code, side)));
        };
        if curve.points.len() < least {
            return Err(Refusal::TooFew { id: LandmarkId::new(code, side), least });
        }
        if curve.finite { Ok(self.points_of(curve)) } else { Err(Refusal::NotFinite) }
    }

    /// Of a pair of limits the one of this film: millimetres, or columns where there is no spacing.
    pub fn limit(&self, (millimetres, columns): (f64, f64)) -> f64 {
        if self.spacing.has_millimetres() { millimetres } else { columns }
    }
}
