//! A trained model as a landmark detector.

use super::search::{Found, State, settle, stage};
use super::shape::ShapeModel;
use super::{Clm, ClmPlan, StagePlan, global};
use crate::job::Job;
use crate::measure::{LandmarkId, Point, Side};
use crate::models::ModelError;
use crate::models::landmark_detector::{
    DetectError, Detected, Detection, LandmarkDetector, NotFound, believe, conviction, is_believed,
};
use crate::models::pyramid::Pyramid;

/// Candidates are sifted by voters so many times further apart than those of the first stage.
const SIEVE: usize = 2;
/// Two searches have come to the same place when their points differ by no more than this share of the shape's size.
const SAME: f64 = 0.03;

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

    /// What is found on `hips`: the film, `columns` wide, and where it is wanted its mirror image.
    fn read(
        &self,
        hips: &[Pyramid],
        columns: usize,
        job: &Job,
    ) -> Result<Vec<Result<Detected, NotFound>>, DetectError> {
        let found: Vec<_> = hips.iter().map(|hip| self.search(hip, job)).collect::<Result<_, _>>()?;
        let last = columns as f64 - 1.0;
        let points = self.points.iter().zip(&self.optional).map(|((point, mirrored), optional)| {
            let hip = found.get(usize::from(*mirrored)).and_then(Option::as_ref);
            let found = hip.ok_or(NotFound::Unseen)?[*point];
            if found.agreement < self.plan.least_agreement {
                return Err(NotFound::Unseen);
            }
            let Point { x, y } = found.position;
            Ok(Detected {
                position: Point::new(if *mirrored { last - x } else { x }, y),
                spread: found.spread,
                confidence: found.agreement,
                presence: if *optional { found.agreement } else { 1.0 },
            })
        });
        Ok(points.collect())
    }

    /// The points of the shape on one hip; `None` where nothing voted.
    fn search(&self, pyramid: &Pyramid, job: &Job) -> Result<Option<Vec<Found>>, DetectError> {
        let mut states = self.sifted(pyramid);
        let shape = &self.clm.shape;
        for (forests, plan) in self.clm.stages.iter().zip(&self.plan.stages) {
            job.check()?;
            states = states.iter().filter_map(|from| stage(shape, forests, plan, pyramid, from)).collect();
            states = distinct(shape, states);
        }
        let Some((forests, plan)) = self.clm.stages.last().zip(self.plan.stages.last()) else {
            return Ok(None);
        };
        // The largest response is often that of a wrong shape which lies on strong edges; its votes agree less.
        let settled = states.iter().filter_map(|state| settle(shape, forests, plan, pyramid, state));
        let agreement = |points: &Vec<Found>| points.iter().map(|point| point.agreement).sum::<f64>();
        Ok(settled.max_by(|a, b| agreement(a).total_cmp(&agreement(b))))
    }

    /// The best candidates after one quick look at the first stage.
    fn sifted(&self, pyramid: &Pyramid) -> Vec<State> {
        let Some((forests, plan)) = self.clm.stages.first().zip(self.plan.stages.first()) else {
            return Vec::new();
        };
        let plan = StagePlan { step: SIEVE * plan.step, rounds: 1, ..plan.clone() };
        let candidates = global::candidates(&self.clm, &self.plan.global, pyramid);
        let looked_at = |from| stage(&self.clm.shape, forests, &plan, pyramid, from);
        let mut states = distinct(&self.clm.shape, candidates.iter().filter_map(looked_at).collect());
        states.truncate(self.plan.global.finalists);
        states
    }
}

/// Best first, of those that have come to the same place the best alone.
fn distinct(shape: &ShapeModel, mut states: Vec<State>) -> Vec<State> {
    states.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    let mut places: Vec<Vec<Point>> = Vec::new();
    states.retain(|state| {
        let place: Vec<Point> = shape.shape(&state.b).into_iter().map(|p| state.pose.apply(p)).collect();
        let near = SAME * state.pose.scale() * place.len() as f64;
        let apart = |other: &Vec<Point>| place.iter().zip(other).map(|(a, b)| a.distance(*b)).sum::<f64>();
        let is_new = places.iter().all(|other| apart(other) > near);
        if is_new {
            places.push(place);
        }
        is_new
    });
    states
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
        let mut points = self.read(&hips, columns, job)?;
        let mut inverted = false;
        if !is_believed(&points, &self.shapes(), self.plan.shape_floor) {
            job.report("searching", 0.5);
            let negated: Vec<Pyramid> = hips.iter().map(Pyramid::negated).collect();
            let turned = self.read(&negated, columns, job)?;
            // Greys are turned round on a whole film, and only at the end of the search does the wrong way round agree less.
            inverted = conviction(&turned) > conviction(&points);
            points = if inverted { turned } else { points };
        }
        believe(&mut points, &self.shapes(), self.plan.shape_floor);
        job.report("searching", 1.0);
        Ok(Detection { points, inverted, contrast })
    }

    fn shapes(&self) -> Vec<Vec<usize>> {
        let of = |right| (0..self.points.len()).filter(|place| self.points[*place].1 == right).collect();
        [false, true].map(of).to_vec()
    }
}

/// The landmarks that are points of the shape, in its order.
pub fn shape_ids(ids: &[LandmarkId], mirrored: bool) -> Vec<&LandmarkId> {
    ids.iter().filter(|id| !mirrored || id.side == Some(Side::Left)).collect()
}
