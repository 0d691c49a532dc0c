//! The two searchers of the paper on displacement voting (see [`super::whdv`]): one finds two reference points on the
//! whole film, the other the outline in a patch that they place, turn and scale. A right hip is the left one of the
//! mirrored film. Ours: a film whose bone is dark is read with its greys turned round.
//!
//! The paper does not say where its reference points lie on the bone or in the patch, and what the σ and k of its
//! planes are: the plan does. Its film is "scaled to 192 × 256"; here its sides keep their ratio.

use super::ModelError;
use super::landmark_detector::{
    DetectError, Detected, Detection, LandmarkDetector, NotFound, believe, conviction, is_believed,
};
use super::looks::{Looks, together};
use super::members::{is_one, one, variables};
use super::pyramid::Pyramid;
use super::similarity::Similarity;
use super::voting::{Elected, PointPlanes, Voting, elect};
use super::whdv::{Architecture, Planes, Whdv};
use crate::job::Job;
use crate::measure::{LandmarkCode, LandmarkId, Point, Side, Vector};
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

/// Brightness the other way round must be this much more convincing before it is believed.
const POLARITY_MARGIN: f64 = 1.15;

/// What inference must know beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchersPlan {
    /// Codes of the two reference points; the landmarks hold them on every side that is searched.
    pub references: [String; 2],
    /// Where they come to lie in the patch: x and y in shares of its columns and rows.
    pub places: [[f64; 2]; 2],
    /// On the whole film.
    pub global: SearcherPlan,
    /// In the patch.
    pub local: SearcherPlan,
    /// A hip is given up whole when its weakest points are less sure (see [`believe`]).
    #[serde(default)]
    pub shape_floor: f64,
    /// Pairs of networks whose findings are put together.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub members: usize,
    /// How often each looks at the patch.
    #[serde(default, skip_serializing_if = "Looks::is_none")]
    pub looks: Looks,
}

/// One searcher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearcherPlan {
    /// Pixels that the network sees.
    pub rows: usize,
    pub columns: usize,
    /// σ of the heatmap in these pixels, and the unit of displacement.
    pub sigma_px: f64,
    /// k of the paper: displacements are cut at ± this many of these pixels.
    pub truncation_px: f64,
    pub architecture: Architecture,
    pub voting: Voting,
}

impl SearcherPlan {
    fn check(&self, points: usize) -> Result<(), String> {
        self.architecture.check()?;
        let multiple = self.architecture.multiple();
        let whole = |side: usize| side > 0 && side <= 4096 && side.is_multiple_of(multiple);
        if !whole(self.rows) || !whole(self.columns) {
            return Err(format!(
                "rows and columns of a searcher must be multiples of {multiple}, 4096 at most"
            ));
        }
        if self.architecture.points != points {
            return Err(format!("architecture.points of a searcher must be {points}"));
        }
        if !(self.sigma_px > 0.0 && self.truncation_px > 0.0) {
            return Err("sigma_px and truncation_px are positive".to_owned());
        }
        Ok(())
    }
}

impl SearchersPlan {
    /// `Err` with the reason when no detector of `ids` can be built of it.
    pub fn check(&self, ids: &[LandmarkId]) -> Result<(), String> {
        let codes = codes(ids);
        let known = |name: &String| codes.iter().any(|code| code.as_str() == name);
        if self.references[0] == self.references[1] || !self.references.iter().all(known) {
            return Err("the two reference points are not among the landmarks".to_owned());
        }
        let [a, b] = self.places;
        if !(a.iter().chain(&b).all(|v| v.is_finite()) && a != b) {
            return Err("the reference points have no two places in the patch".to_owned());
        }
        if !(0.0..=1.0).contains(&self.shape_floor) {
            return Err("shape_floor is between 0 and 1".to_owned());
        }
        if self.members == 0 {
            return Err("members: one at least".to_owned());
        }
        self.looks.check()?;
        self.global.check(2)?;
        self.local.check(codes.len() - 2)
    }

    /// From pixels of the global searcher's window to the film.
    pub fn whole(&self, rows: usize, columns: usize) -> Similarity {
        let (wide, high) = (self.global.columns as f64, self.global.rows as f64);
        let scale = (columns as f64 / wide).max(rows as f64 / high);
        let middle = |count: f64| 0.5 * (count - 1.0);
        let centre = Point::new(middle(columns as f64), middle(rows as f64));
        Similarity::new(scale, 0.0, centre)
            .after(&Similarity::translation(Vector::new(-middle(wide), -middle(high))))
    }

    /// From pixels of the patch to the film on which the references lie at `points`; `None` where they coincide.
    pub fn patch(&self, points: [Point; 2]) -> Option<Similarity> {
        let place = |[x, y]: [f64; 2]| {
            Point::new(x * self.local.columns as f64 - 0.5, y * self.local.rows as f64 - 0.5)
        };
        Similarity::fit((0..2).map(|i| (place(self.places[i]), points[i], 1.0)))
    }

    /// Whether a code is that of a reference, and of which.
    pub fn reference(&self, code: &LandmarkCode) -> Option<usize> {
        self.references.iter().position(|name| name == code.as_str())
    }

    /// The codes of the local searcher's planes in their order.
    pub fn outline(&self, ids: &[LandmarkId]) -> Vec<LandmarkCode> {
        codes(ids).into_iter().filter(|code| self.reference(code).is_none()).cloned().collect()
    }
}

/// Every code once, in the order of `ids`.
fn codes(ids: &[LandmarkId]) -> Vec<&LandmarkCode> {
    let mut codes: Vec<&LandmarkCode> = Vec::new();
    for id in ids {
        if !codes.contains(&&id.code) {
            codes.push(&id.code);
        }
    }
    codes
}

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
        let outline = plan.outline(&ids);
        Ok(Self { members, plan, ids, outline, device })
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
        Ok(together(&looks))
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
        let is_right = |place: &usize| self.ids[*place].side == Some(Side::Right);
        let of = |right| (0..self.ids.len()).filter(|place| is_right(place) == right).collect();
        [false, true].map(of).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::bench::formula::formula;
    use crate::models::members::prefix;

    fn plan() -> SearchersPlan {
        let searcher = |points, rows, columns| SearcherPlan {
            rows,
            columns,
            sigma_px: 4.0,
            truncation_px: 16.0,
            architecture: Architecture { points, ..Architecture::default() },
            voting: Voting::PAPER,
        };
        SearchersPlan {
            references: ["REF1".into(), "REF2".into()],
            places: [[0.5, 0.25], [0.5, 0.75]],
            global: searcher(2, 192, 256),
            local: searcher(1, 224, 224),
            shape_floor: 0.0,
            members: 1,
            looks: Looks::default(),
        }
    }

    #[test]
    fn the_references_come_to_their_places() {
        let plan = plan();
        let points = [Point::new(300.0, 120.0), Point::new(310.0, 420.0)];
        let patch = plan.patch(points).unwrap();
        assert!(patch.apply(Point::new(111.5, 55.5)).distance(points[0]) < 1e-9);
        assert!(patch.apply(Point::new(111.5, 167.5)).distance(points[1]) < 1e-9);
        assert!(plan.patch([points[0]; 2]).is_none());
        // A film of another shape keeps its ratio, in the middle.
        let whole = plan.whole(1000, 1000);
        assert!((whole.scale() - 1000.0 / 192.0).abs() < 1e-12);
        assert!(whole.apply(Point::new(127.5, 95.5)).distance(Point::new(499.5, 499.5)) < 1e-9);
    }

    /// What a detector with the weights of `vb`, made by a formula, finds on greys with no pattern of their own.
    fn found(plan: SearchersPlan, vb: VarBuilder) -> Vec<Detected> {
        let ids = ["REF1", "F01", "REF2"].map(|code| LandmarkId::new(LandmarkCode::new(code), Side::Left));
        let (rows, columns) = (90, 120);
        let grey: Vec<f32> = (0..rows * columns)
            .map(|i| ((i % columns) as f32 * 0.31).sin() + ((i / columns) as f32 * 0.17).cos())
            .collect();
        let detector = SearchersDetector::new(plan, ids.to_vec(), vb).unwrap();
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
        assert!(one[1].position.distance(twice[1].position) < 1e-9);
        assert!((one[1].spread - twice[1].spread).abs() < 1e-9);
        assert!(one[1].position.distance(other[1].position) > 1e-3);
        assert_eq!([one[0], one[2]], [other[0], other[2]], "the references are found once");
    }

    #[test]
    fn members_meet_between_what_each_finds() {
        let vb = formula(&Device::Cpu);
        // Whatever is found is believed, so that all see the greys the same way round.
        let plan = || SearchersPlan { shape_floor: 1e-12, ..plan() };
        let [one, other] = [0, 1].map(|number| found(plan(), vb.pp(prefix(number, 2).unwrap())));
        let both = found(SearchersPlan { members: 2, ..plan() }, vb);
        for reference in [0, 2] {
            let (a, b, p) = (one[reference].position, other[reference].position, both[reference].position);
            assert!(a.distance(b) > 1e-3, "two different networks");
            assert!((a.distance(p) + p.distance(b) - a.distance(b)).abs() < 1e-6, "{a:?} {p:?} {b:?}");
            let mean = 0.5 * (one[reference].confidence + other[reference].confidence);
            assert!((both[reference].confidence - mean).abs() < 1e-9);
        }
        assert!(SearchersPlan { members: 0, ..plan() }.check(&[]).is_err());
    }

    #[test]
    fn plans_that_do_not_fit_are_refused() {
        let id = |code: &str| LandmarkId::new(LandmarkCode::new(code), Side::Left);
        let ids = [id("REF1"), id("F01"), id("REF2")];
        assert_eq!(plan().check(&ids), Ok(()));
        assert!(plan().check(&ids[..2]).is_err());
        assert!(SearchersPlan { places: [[0.5; 2]; 2], ..plan() }.check(&ids).is_err());
        let mut odd = plan();
        odd.local.rows = 225;
        assert!(odd.check(&ids).is_err());
    }
}
