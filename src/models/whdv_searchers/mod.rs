//! The two searchers of the paper on displacement voting (see [`crate::models::whdv`]): one finds two reference points on the
//! whole film, the other the outline in a patch that they place, turn and scale. A right hip is the left one of the
//! mirrored film. Ours: a film whose bone is dark is read with its greys turned round.
//!
//! The paper does not say where its reference points lie on the bone or in the patch, and what the σ and k of its
//! planes are: the plan does. Its film is "scaled to 192 × 256"; here its sides keep their ratio.

mod plan;

pub use plan::{SearcherPlan, SearchersPlan};

use super::ModelError;
use super::landmark_detector::{
    DetectError, Detected, Detection, LandmarkDetector, NotFound, believe, conviction, is_believed,
};
use super::looks::together;
use super::members::variables;
use super::pyramid::Pyramid;
use super::similarity::Similarity;
use super::voting::{Elected, PointPlanes, elect};
use super::whdv::{Planes, Whdv};
use crate::job::Job;
use crate::measure::femur::cam_point;
use crate::measure::{LandmarkCode, LandmarkId, Point, Side};
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;

/// Brightness the other way round must be this much more convincing before it is believed.
const POLARITY_MARGIN: f64 = 1.15;

/// So many points are an outline, found or lost as a whole. Fewer are landmarks of their own: a doubtful one says nothing of
/// the others.
const OUTLINE: usize = 20;

/// Both networks; variables under `global` and `local`.
#[derive(Debug, Clone)]
pub struct Searchers {
    pub global: Whdv,
    pub local: Whdv,
}

impl Searchers {
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(plan: &SearchersPlan, vb: VarBuilder) -> candle_core::Result<Self> {
        Ok(Self {
            global: Whdv::new(&plan.global.architecture, vb.pp("global"))?,
            local: Whdv::new(&plan.local.architecture, vb.pp("local"))?,
        })
    }
}

/// The searchers as a landmark detector.
#[derive(Debug, Clone)]
pub struct SearchersDetector {
    members: Vec<Searchers>,
    plan: SearchersPlan,
    ids: Vec<LandmarkId>,
    outline: Vec<LandmarkCode>,
    planes: Vec<LandmarkCode>,
    device: Device,
}

impl SearchersDetector {
    /// # Errors
    /// A plan that does not fit `ids`; variables that are missing or of another shape.
    pub fn new(plan: SearchersPlan, ids: Vec<LandmarkId>, vb: VarBuilder) -> Result<Self, ModelError> {
        plan.check(&ids).map_err(|reason| ModelError::Damaged { id: String::new(), reason })?;
        let device = vb.device().clone();
        let members = variables(&vb, plan.members)
            .map(|vb| Searchers::new(&plan, vb))
            .collect::<candle_core::Result<_>>()?;
        let (outline, planes) = (plan.outline(&ids), plan.planes(&ids));
        Ok(Self { members, plan, ids, outline, planes, device })
    }

    /// What is found on a film, `columns` wide.
    fn read(
        &self,
        pyramid: &Pyramid,
        columns: usize,
        job: &Job,
    ) -> Result<Vec<Result<Detected, NotFound>>, DetectError> {
        let wanted = |right: bool| self.ids.iter().any(|id| (id.side == Some(Side::Right)) == right);
        let left = if wanted(false) { Some(self.hip(pyramid, job)?) } else { None };
        let right = if wanted(true) { Some(self.hip(&pyramid.mirrored(), job)?) } else { None };
        let last = columns as f64 - 1.0;
        let points = self.ids.iter().map(|id| {
            let mirrored = id.side == Some(Side::Right);
            let of = |hip: &Hip| match self.plan.reference(&id.code) {
                Some(reference) => hip.references[reference],
                None => hip.outline[self.outline.iter().position(|code| *code == id.code)?],
            };
            let hip = if mirrored { right.as_ref() } else { left.as_ref() };
            let mut found = hip.and_then(of).ok_or(NotFound::Unseen)?;
            if mirrored {
                found.position.x = last - found.position.x;
            }
            Ok(found)
        });
        Ok(points.collect())
    }

    /// References and outline of the left hip of a film, or of the right one of a mirrored film.
    fn hip(&self, pyramid: &Pyramid, job: &Job) -> Result<Hip, DetectError> {
        let whole = self.plan.whole(pyramid.rows(), pyramid.columns());
        let global = |member: &Searchers| self.search(&member.global, &self.plan.global, pyramid, &whole);
        let references = together(&self.members.iter().map(global).collect::<Result<Vec<_>, _>>()?);
        job.check()?;
        let patch = match references[..] {
            [Some(a), Some(b)] => self.plan.patch([a.position, b.position]),
            _ => None,
        };
        let outline = match patch {
            Some(patch) => self.looked(pyramid, &patch, job)?,
            None => vec![None; self.outline.len()],
        };
        Ok(Hip { references, outline })
    }

    /// What all looks of all members at the patch that `patch` takes to the film say together.
    fn looked(
        &self,
        pyramid: &Pyramid,
        patch: &Similarity,
        job: &Job,
    ) -> Result<Vec<Option<Detected>>, DetectError> {
        let local = &self.plan.local;
        let mut looks = Vec::new();
        for look in self.plan.looks.poses(local.rows, local.columns) {
            for member in &self.members {
                job.check()?;
                looks.push(self.search(&member.local, local, pyramid, &patch.after(&look))?);
            }
        }
        let agreed = together(&looks);
        if !self.plan.cam_by_outline {
            return Ok(agreed);
        }
        // What each look reads off its own outline says how sure LCP is, the outline they agree on where it lies.
        let each: Vec<_> = looks.iter().map(|look| vec![self.cam_point(look)]).collect();
        let cam = self.cam_point(&agreed).zip(together(&each)[0]);
        let cam = cam.map(|(at, said)| Detected { position: at.position, ..said });
        let of = |code: &LandmarkCode| match self.planes.iter().position(|plane| plane == code) {
            Some(plane) => agreed[plane],
            None => cam,
        };
        Ok(self.outline.iter().map(of).collect())
    }

    /// LCP by the planes that make the outline; as sure as they are in the mean, and off by as much as those about it.
    fn cam_point(&self, planes: &[Option<Detected>]) -> Option<Detected> {
        let of = |code: &LandmarkCode| planes[self.planes.iter().position(|plane| plane == code)?];
        let outline = &planes[planes.len() - cam_point::POINTS..];
        let outline: Vec<Detected> = outline.iter().copied().collect::<Option<_>>()?;
        let points: Vec<Point> = outline.iter().map(|point| point.position).collect();
        let (head, neck) = (of(&LandmarkCode::FHC)?, of(&LandmarkCode::NA)?);
        let position = cam_point::cam_point(&points, head.position, neck.position)?;
        let away = |point: &&Detected| point.position.distance(position);
        let nearest = outline.iter().min_by(|a, b| away(a).total_cmp(&away(b)))?;
        let confidence = outline.iter().map(|point| point.confidence).sum::<f64>() / outline.len() as f64;
        Some(Detected { position, confidence, ..*nearest })
    }

    /// One network on the window that `pose` takes to the film.
    fn search(
        &self,
        network: &Whdv,
        plan: &SearcherPlan,
        pyramid: &Pyramid,
        pose: &Similarity,
    ) -> Result<Vec<Option<Detected>>, DetectError> {
        let window = pyramid.window(pose, plan.rows, plan.columns);
        let input = Tensor::from_vec(window.values, (1, 1, plan.rows, plan.columns), &self.device)?;
        let planes = network.forward(&input)?;
        let elected = elect_all(&planes, plan)?;
        Ok(elected
            .into_iter()
            .map(|elected| {
                elected.map(|e| Detected {
                    position: pose.apply(e.position),
                    spread: e.spread * pose.scale(),
                    confidence: e.confidence,
                    presence: 1.0,
                })
            })
            .collect())
    }
}

/// What was found of one hip.
struct Hip {
    references: Vec<Option<Detected>>,
    outline: Vec<Option<Detected>>,
}

/// The points of the first picture of a batch, in window pixels.
fn elect_all(planes: &Planes, plan: &SearcherPlan) -> candle_core::Result<Vec<Option<Elected>>> {
    let (_, points, rows, columns) = planes.weight_logit.dims4()?;
    let displacement = (&planes.displacement * plan.sigma_px)?.get(0)?.flatten_all()?.to_vec1::<f32>()?;
    let weight = planes.weight()?.get(0)?.flatten_all()?.to_vec1::<f32>()?;
    let cells = rows * columns;
    let of = |point: usize| {
        let plane = |index: usize| &displacement[index * cells..(index + 1) * cells];
        let planes = PointPlanes {
            rows,
            columns,
            stride: plan.architecture.stride(),
            dx: plane(2 * point),
            dy: plane(2 * point + 1),
            weight: &weight[point * cells..(point + 1) * cells],
        };
        elect(&planes, &plan.voting)
    };
    Ok((0..points).map(of).collect())
}

impl LandmarkDetector for SearchersDetector {
    fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError> {
        let pyramid = Pyramid::new(grey, rows, columns);
        job.check()?;
        job.report("network", 0.1);
        let mut points = self.read(&pyramid, columns, job)?;
        let mut inverted = false;
        if !is_believed(&points, &self.shapes(), self.plan.shape_floor) {
            job.report("network", 0.5);
            let turned = self.read(&pyramid.negated(), columns, job)?;
            inverted = conviction(&turned) > POLARITY_MARGIN * conviction(&points);
            points = if inverted { turned } else { points };
        }
        believe(&mut points, &self.shapes(), self.plan.shape_floor);
        job.report("network", 1.0);
        Ok(Detection { points, inverted, contrast: pyramid.contrast })
    }

    fn shapes(&self) -> Vec<Vec<usize>> {
        if self.outline.len() < OUTLINE {
            return Vec::new();
        }
        let is_right = |place: &usize| self.ids[*place].side == Some(Side::Right);
        let of = |right| (0..self.ids.len()).filter(|place| is_right(place) == right).collect();
        [false, true].map(of).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::plan::tests::plan;
    use super::*;
    use crate::models::bench::formula::formula;
    use crate::models::looks::Looks;
    use crate::models::members::prefix;

    /// The references, and so many points of a left hip.
    fn ids(points: usize) -> Vec<LandmarkId> {
        let numbered = (1..=points).map(|number| format!("F{number:02}"));
        let codes = ["REF1".to_owned(), "REF2".to_owned()].into_iter().chain(numbered);
        codes.map(|code| LandmarkId::new(LandmarkCode::new(code), Side::Left)).collect()
    }

    /// What a detector with the weights of `vb`, made by a formula, finds on greys with no pattern of their own.
    fn found(plan: SearchersPlan, vb: VarBuilder) -> Vec<Detected> {
        let ids = ids(plan.local.architecture.points);
        let (rows, columns) = (90, 120);
        let grey: Vec<f32> = (0..rows * columns)
            .map(|i| ((i % columns) as f32 * 0.31).sin() + ((i / columns) as f32 * 0.17).cos())
            .collect();
        let detector = SearchersDetector::new(plan, ids, vb).unwrap();
        let points = detector.detect(&grey, rows, columns, &Job::silent()).unwrap().points;
        points.into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn the_same_look_twice_says_what_one_says_and_others_say_something_else() {
        let of = |scale: Vec<f64>| {
            let looks = Looks { scale, ..Looks::default() };
            found(SearchersPlan { looks, ..plan() }, formula(&Device::Cpu))
        };
        let (one, twice, other) = (of(vec![]), of(vec![1.0]), of(vec![1.3]));
        assert!(one[2].position.distance(twice[2].position) < 1e-9);
        assert!((one[2].spread - twice[2].spread).abs() < 1e-9);
        assert!(one[2].position.distance(other[2].position) > 1e-3);
        assert_eq!(one[..2], other[..2], "the references are found once");
    }

    #[test]
    fn members_meet_between_what_each_finds() {
        let vb = formula(&Device::Cpu);
        // An outline, whatever it is, is believed, so that all see the greys the same way round.
        let plan = || {
            let mut plan = SearchersPlan { shape_floor: 1e-12, ..plan() };
            plan.local.architecture.points = OUTLINE;
            plan
        };
        let [one, other] = [0, 1].map(|number| found(plan(), vb.pp(prefix(number, 2).unwrap())));
        let both = found(SearchersPlan { members: 2, ..plan() }, vb);
        for reference in [0, 1] {
            let (a, b, p) = (one[reference].position, other[reference].position, both[reference].position);
            assert!(a.distance(b) > 1e-3, "two different networks");
            assert!((a.distance(p) + p.distance(b) - a.distance(b)).abs() < 1e-6, "{a:?} {p:?} {b:?}");
            let mean = 0.5 * (one[reference].confidence + other[reference].confidence);
            assert!((both[reference].confidence - mean).abs() < 1e-9);
        }
        assert!(SearchersPlan { members: 0, ..plan() }.check(&[]).is_err());
    }

    #[test]
    fn few_points_are_no_shape() {
        let detector = |points| {
            let mut plan = plan();
            plan.local.architecture.points = points;
            SearchersDetector::new(plan, ids(points), formula(&Device::Cpu)).unwrap()
        };
        assert!(detector(8).shapes().is_empty());
        assert_eq!(detector(OUTLINE).shapes()[0].len(), OUTLINE + 2);
    }

    /// FHC and NA of a left hip whose outline the local searcher finds; LCP is nobody's plane.
    fn by_outline() -> SearchersDetector {
        let codes = ["REF1", "REF2", "FHC", "LCP", "NA"];
        let ids = codes.map(|code| LandmarkId::new(LandmarkCode::new(code), Side::Left)).to_vec();
        let mut plan = SearchersPlan { cam_by_outline: true, ..plan() };
        plan.local.architecture.points = 2 + cam_point::POINTS;
        SearchersDetector::new(plan, ids, formula(&Device::Cpu)).unwrap()
    }

    #[test]
    fn the_cam_point_is_read_off_the_outline() {
        let detector = by_outline();
        let at = |x, y, confidence| {
            Some(Detected { position: Point::new(x, y), spread: 2.0, confidence, presence: 1.0 })
        };
        let (head, neck) = (Point::new(100.0, 100.0), Point::new(150.0, 130.0));
        let rays = cam_point::directions(neck - head, false).unwrap();
        // The superior neck runs away from the head to the right, at the height of the first ray's point.
        let first = head + rays[0] * 40.0;
        let outline: Vec<Point> = (1..=cam_point::DOWN)
            .rev()
            .map(|step| Point::new(first.x + 5.6 * step as f64, first.y))
            .chain(rays.iter().map(|ray| head + *ray * 40.0))
            .collect();
        let expected = cam_point::cam_point(&outline, head, neck).unwrap();
        let mut planes = vec![at(head.x, head.y, 0.9), at(neck.x, neck.y, 0.9)];
        planes.extend(outline.iter().map(|p| at(p.x, p.y, 0.5)));
        let found = detector.cam_point(&planes).unwrap();
        assert!(found.position.distance(expected) < 1e-9 && (found.confidence - 0.5).abs() < 1e-9);
        assert_eq!(found.spread, 2.0, "that of the outline about it");
        planes[20] = None;
        assert_eq!(detector.cam_point(&planes), None, "a part of the outline is missing");
    }

    #[test]
    fn an_outline_gives_all_landmarks_and_no_others() {
        let detector = by_outline();
        let (rows, columns) = (90, 120);
        let grey: Vec<f32> = (0..rows * columns).map(|i| ((i % columns) as f32 * 0.31).sin()).collect();
        let points = detector.detect(&grey, rows, columns, &Job::silent()).unwrap().points;
        assert_eq!(points.len(), 5);
        assert!(points[2].is_ok() && points[4].is_ok());
        let mut lacking = detector.plan.clone();
        lacking.local.architecture.points -= 1;
        let ids: Vec<LandmarkId> =
            detector.ids.iter().filter(|id| id.code != LandmarkCode::NA).cloned().collect();
        assert!(lacking.check(&ids).is_err(), "without the neck's axis");
    }
}
