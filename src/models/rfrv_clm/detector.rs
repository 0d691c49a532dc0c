//! A trained model as a landmark detector.

use super::search::{Found, State, settle, stage};
use super::{Clm, ClmPlan, StagePlan, global};
use crate::job::Job;
use crate::measure::{LandmarkId, Point, Side};
use crate::models::ModelError;
use crate::models::landmark_detector::{DetectError, Detected, Detection, LandmarkDetector};
use crate::models::pyramid::Pyramid;
use std::cmp::Ordering;

/// Candidates that are searched for at every stage, the others only sifted.
const FINALISTS: usize = 2;
/// Candidates are sifted by voters so many times further apart than those of the first stage.
const SIEVE: usize = 2;

/// A constrained local model with the names of its landmarks.
#[derive(Debug, Clone)]
pub struct ClmDetector {
    clm: Clm,
    plan: ClmPlan,
    ids: Vec<LandmarkId>,
    /// Landmarks that may be absent: how far their votes agree tells whether they are.
    optional: Vec<bool>,
    /// Of each landmark its point of the shape; and whether it is found on the mirrored film.
    points: Vec<(usize, bool)>,
}

impl ClmDetector {
    /// `ids` are the landmarks to give, of which some are `optional`. A mirrored plan's shape has the points of the left hip in their order in
    /// `ids`, another's all of `ids`.
    ///
    /// # Errors
    /// Weights, plan and landmarks that do not fit each other.
    pub fn new(
        clm: Clm,
        plan: ClmPlan,
        ids: Vec<LandmarkId>,
        optional: Vec<bool>,
    ) -> Result<Self, ModelError> {
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
        Ok(Self { clm, plan, ids, optional, points })
    }

    /// Of each hip the points of the shape; `None` where nothing voted.
    fn read(&self, hips: &[Pyramid], job: &Job) -> Result<Vec<Option<Vec<Found>>>, DetectError> {
        hips.iter().map(|hip| self.search(hip, job)).collect()
    }

    fn search(&self, pyramid: &Pyramid, job: &Job) -> Result<Option<Vec<Found>>, DetectError> {
        let mut states = self.sifted(pyramid);
        let shape = &self.clm.shape;
        for (forests, plan) in self.clm.stages.iter().zip(&self.plan.stages) {
            job.check()?;
            states = states.iter().filter_map(|from| stage(shape, forests, plan, pyramid, from)).collect();
            states.sort_by(best_first);
        }
        let last = self.clm.stages.last().zip(self.plan.stages.last());
        let found = last
            .zip(states.first())
            .and_then(|((forests, plan), state)| settle(shape, forests, plan, pyramid, state));
        Ok(found)
    }

    /// The best candidates after one quick look at the first stage.
    fn sifted(&self, pyramid: &Pyramid) -> Vec<State> {
        let Some((forests, plan)) = self.clm.stages.first().zip(self.plan.stages.first()) else {
            return Vec::new();
        };
        let plan = StagePlan { step: SIEVE * plan.step, rounds: 1, ..plan.clone() };
        let candidates = global::candidates(&self.clm, &self.plan.global, pyramid);
        let looked_at = |from| stage(&self.clm.shape, forests, &plan, pyramid, from);
        let mut states: Vec<State> = candidates.iter().filter_map(looked_at).collect();
        states.sort_by(best_first);
        states.truncate(FINALISTS);
        states
    }
}

/// How far the votes agree, over all points of all hips.
fn agreement(hips: &[Option<Vec<Found>>]) -> f64 {
    hips.iter().flatten().flatten().map(|point| point.agreement).sum()
}

fn best_first(a: &State, b: &State) -> Ordering {
    b.quality.total_cmp(&a.quality)
}

impl LandmarkDetector for ClmDetector {
    fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError> {
        let film = Pyramid::new(grey, rows, columns);
        let contrast = film.contrast;
        let both = self.points.iter().any(|(_, mirrored)| *mirrored);
        let mut hips = vec![film];
        hips.extend(both.then(|| hips[0].mirrored()));
        job.check()?;
        job.report("searching", 0.1);
        let upright = self.read(&hips, job)?;
        job.report("searching", 0.5);
        let negated: Vec<Pyramid> = hips.iter().map(Pyramid::negated).collect();
        let turned = self.read(&negated, job)?;
        // Greys are turned round on a whole film, and only at the end of the search does the wrong way round agree less.
        let inverted = agreement(&turned) > agreement(&upright);
        let found = if inverted { turned } else { upright };
        let last = columns as f64 - 1.0;
        let points = self.points.iter().zip(&self.optional).map(|((point, mirrored), optional)| {
            let found = found.get(usize::from(*mirrored))?.as_ref()?[*point];
            if found.agreement < self.plan.least_agreement {
                return None;
            }
            let Point { x, y } = found.position;
            Some(Detected {
                position: Point::new(if *mirrored { last - x } else { x }, y),
                spread: found.spread,
                confidence: found.agreement,
                presence: if *optional { found.agreement } else { 1.0 },
            })
        });
        let points = points.collect();
        job.report("searching", 1.0);
        Ok(Detection { points, inverted, contrast })
    }
}

/// The landmarks that are points of the shape, in its order.
pub fn shape_ids(ids: &[LandmarkId], mirrored: bool) -> Vec<&LandmarkId> {
    ids.iter().filter(|id| !mirrored || id.side == Some(Side::Left)).collect()
}
