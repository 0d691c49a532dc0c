//! A trained model as a landmark detector.

use super::search::{Found, State, settle, stage};
use super::{Clm, ClmPlan, global};
use crate::job::Job;
use crate::measure::{LandmarkId, Point, Side};
use crate::models::ModelError;
use crate::models::landmark_detector::{DetectError, Detected, Detection, LandmarkDetector};
use crate::models::pyramid::Pyramid;

/// Candidates of the first stage that go on to the next.
const FINALISTS: usize = 3;

/// A constrained local model with the names of its landmarks.
#[derive(Debug, Clone)]
pub struct ClmDetector {
    clm: Clm,
    plan: ClmPlan,
    ids: Vec<LandmarkId>,
    /// Of each landmark its point of the shape; and whether it is found on the mirrored film.
    points: Vec<(usize, bool)>,
}

impl ClmDetector {
    /// `ids` are the landmarks to give. A mirrored plan's shape has the points of the left hip in their order in
    /// `ids`, another's all of `ids`.
    ///
    /// # Errors
    /// Weights, plan and landmarks that do not fit each other.
    pub fn new(clm: Clm, plan: ClmPlan, ids: Vec<LandmarkId>) -> Result<Self, ModelError> {
        let damaged = |reason: String| ModelError::Damaged { id: "rfrv-clm".to_owned(), reason };
        clm.check(&plan).map_err(damaged)?;
        let shape = shape_ids(&ids, plan.mirrored);
        if shape.len() != clm.shape.mean.len() {
            return Err(damaged(format!(
                "the shape has {} points, its landmarks are {}",
                clm.shape.mean.len(),
                shape.len()
            )));
        }
        let points = ids
            .iter()
            .map(|id| {
                let right = plan.mirrored && id.side == Some(Side::Right);
                let own = if right { LandmarkId::new(id.code.clone(), Side::Left) } else { id.clone() };
                let point = shape.iter().position(|other| **other == own);
                point.map(|point| (point, right)).ok_or_else(|| damaged(format!("{id} lacks its left side")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { clm, plan, ids, points })
    }

    /// The points of the shape, `None` where nothing voted.
    fn search(&self, pyramid: &Pyramid, job: &Job) -> Result<Option<Vec<Found>>, DetectError> {
        let mut states = global::candidates(&self.clm, &self.plan.global, pyramid);
        let shape = &self.clm.shape;
        for (forests, plan) in self.clm.stages.iter().zip(&self.plan.stages) {
            job.check()?;
            states = states.iter().filter_map(|from| stage(shape, forests, plan, pyramid, from)).collect();
            states.sort_by(|a: &State, b: &State| b.quality.total_cmp(&a.quality));
            states.truncate(FINALISTS);
        }
        let last = self.clm.stages.last().zip(self.plan.stages.last());
        Ok(last
            .zip(states.first())
            .and_then(|((forests, plan), state)| settle(shape, forests, plan, pyramid, state)))
    }
}

impl LandmarkDetector for ClmDetector {
    fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError> {
        let pyramid = Pyramid::new(grey, rows, columns);
        job.check()?;
        job.report("searching", 0.1);
        let left = self.search(&pyramid, job)?;
        let right = if self.points.iter().any(|(_, mirrored)| *mirrored) {
            job.report("searching", 0.5);
            self.search(&pyramid.mirrored(), job)?
        } else {
            None
        };
        let last = columns as f64 - 1.0;
        let points = self.points.iter().map(|(point, mirrored)| {
            let found = (if *mirrored { &right } else { &left }).as_ref()?[*point];
            if found.agreement < self.plan.least_agreement {
                return None;
            }
            let Point { x, y } = found.position;
            Some(Detected {
                position: Point::new(if *mirrored { last - x } else { x }, y),
                spread: found.spread,
                confidence: found.agreement,
                presence: 1.0,
            })
        });
        let points = points.collect();
        job.report("searching", 1.0);
        Ok(Detection { points, inverted: false, contrast: pyramid.contrast })
    }
}

/// The landmarks that are points of the shape, in its order.
pub fn shape_ids(ids: &[LandmarkId], mirrored: bool) -> Vec<&LandmarkId> {
    ids.iter().filter(|id| !mirrored || id.side == Some(Side::Left)).collect()
}
