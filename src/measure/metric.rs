//! The landmarks of a film in the metric frame, where all geometry happens.

use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, Side};
use super::point::{Point, Vector};
use super::refusal::Refusal;
use super::scheme::{self, Segment};
use super::spacing::Spacing;
use std::sync::Arc;

/// Shortest vector that still has a direction: millimetres, and columns where there is no spacing.
pub const COINCIDENT: (f64, f64) = (0.5, 2.0);

/// Defined landmarks in the metric frame: millimetres, or columns where there is no spacing. y points down.
#[derive(Debug, Clone)]
pub struct MetricLandmarks<'a> {
    /// Whose the points are; every displaced copy shares it.
    names: Arc<Names<'a>>,
    points: Vec<Point>,
    pub(super) landmarks: &'a LandmarkSet,
    /// Polylines that are made of numbered points.
    segments: &'a [Segment],
    pub(super) spacing: Spacing,
}

/// Landmarks by name, found a few million times for the draws of one film.
#[derive(Debug)]
struct Names<'a> {
    ids: Vec<&'a LandmarkId>,
    /// Of each short name where it stands in `ids`, ascending.
    keys: Vec<(u128, usize)>,
}

impl<'a> Names<'a> {
    fn new(ids: Vec<&'a LandmarkId>) -> Self {
        let key = |(at, id): (usize, &&LandmarkId)| Some((key(&id.code, id.side)?, at));
        let mut keys: Vec<(u128, usize)> = ids.iter().enumerate().filter_map(key).collect();
        keys.sort_unstable();
        Self { ids, keys }
    }

    fn find(&self, code: &LandmarkCode, side: Option<Side>) -> Option<usize> {
        match key(code, side) {
            Some(key) => {
                let at = self.keys.binary_search_by_key(&key, |(key, _)| *key).ok()?;
                Some(self.keys[at].1)
            }
            None => self.ids.iter().position(|id| id.code == *code && id.side == side),
        }
    }
}

/// Name and side as one number; `None` for a name that does not fit.
fn key(code: &LandmarkCode, side: Option<Side>) -> Option<u128> {
    let name = code.as_str().as_bytes();
    let mut bytes = [0; 16];
    bytes[..15].get_mut(..name.len())?.copy_from_slice(name);
    bytes[15] = match side {
        None => 1,
        Some(Side::Right) => 2,
        Some(Side::Left) => 3,
    };
    Some(u128::from_be_bytes(bytes))
}

impl<'a> MetricLandmarks<'a> {
    pub fn new(landmarks: &'a LandmarkSet, spacing: &Spacing) -> Self {
        Self::with_segments(landmarks, spacing, scheme::segments())
    }

    /// [`MetricLandmarks::new`], the numbered points of outlines read by `segments`.
    pub fn with_segments(landmarks: &'a LandmarkSet, spacing: &Spacing, segments: &'a [Segment]) -> Self {
        let (ids, points) = landmarks
            .iter()
            .filter_map(|(id, landmark)| Some((id, spacing.to_metric(landmark.position()?))))
            .filter(|(_, point)| point.is_finite())
            .unzip();
        Self { names: Arc::new(Names::new(ids)), points, landmarks, segments, spacing: *spacing }
    }

    /// The same landmarks, each pixel position moved by what `noise` gives for it; polylines stay.
    pub fn displaced(&self, noise: impl Fn(usize) -> Vector) -> Self {
        let moved = |(index, point): (usize, &Point)| {
            let pixels = noise(index);
            *point + Vector::new(pixels.x * self.spacing.column, pixels.y * self.spacing.row)
        };
        let points = self.points.iter().enumerate().map(moved).collect();
        Self { names: Arc::clone(&self.names), points, ..*self }
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

    fn at(&self, code: LandmarkCode, side: Option<Side>) -> Result<Point, Refusal> {
        match self.names.find(&code, side) {
            Some(index) => Ok(self.points[index]),
            None => Err(Refusal::Missing(LandmarkId { code, side })),
        }
    }

    /// A polyline of the film, or the numbered points that a scheme makes one of; at least `least` points.
    pub fn polyline(&self, code: LandmarkCode, side: Side, least: usize) -> Result<Vec<Point>, Refusal> {
        let id = LandmarkId::new(code, side);
        let points = match (self.landmarks.polylines.get(&id), self.numbered(&id)) {
            (Some(line), _) => line.iter().map(|point| self.spacing.to_metric(*point)).collect(),
            (None, Some(codes)) => codes
                .iter()
                .map(|code| Some(self.points[self.names.find(code, Some(side))?]))
                .collect::<Option<Vec<Point>>>()
                .ok_or_else(|| Refusal::Missing(id.clone()))?,
            (None, None) => return Err(Refusal::Missing(id)),
        };
        if points.len() < least {
            return Err(Refusal::TooFew { id, least });
        }
        if points.iter().all(|point: &Point| point.is_finite()) {
            Ok(points)
        } else {
            Err(Refusal::NotFinite)
        }
    }

    /// The numbered points of a polyline that the film does not hold as such.
    pub fn numbered(&self, id: &LandmarkId) -> Option<&'a [LandmarkCode]> {
        let segment = self.segments.iter().find(|segment| segment.code == id.code)?;
        (!self.landmarks.polylines.contains_key(id)).then_some(&segment.points)
    }

    /// Of a pair of limits the one of this film: millimetres, or columns where there is no spacing.
    pub fn limit(&self, (millimetres, columns): (f64, f64)) -> f64 {
        if self.spacing.has_millimetres() { millimetres } else { columns }
    }
}
