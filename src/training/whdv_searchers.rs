//! Training of the two searchers (see [`crate::models::whdv_searchers`]): every sample shows one hip to both, and their
//! losses add up, so that one loop trains two networks that share nothing.
//!
//! The paper turns every film once, from 35° anti-clockwise to 5° clockwise. A patch that its reference points turn
//! upright would not notice, so the global searcher's window is turned. Ours: the patch is off by as much as the
//! global searcher may be.

use super::TrainError;
use super::augment::Film;
use super::config::{OptimiserConfig, SystemConfig, TrainConfig};
use super::learner::{Learner, Loss, Points, Recipe};
use super::loss::{LossConfig, Targets, Truth, whdv_loss};
use super::optimiser::Method;
use super::schedule::Schedule;
use super::shape_floor::shape_floor;
use crate::job::Job;
use crate::measure::{LandmarkCode, LandmarkId, Point, Side, Vector};
use crate::models::looks::Looks;
use crate::models::pyramid::Pyramid;
use crate::models::similarity::Similarity;
use crate::models::voting::Voting;
use crate::models::whdv::Architecture;
use crate::models::whdv_searchers::{SearcherPlan, Searchers, SearchersDetector, SearchersPlan};
use crate::models::{Plan, System};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The heads start small: no point is anywhere yet.
const HEAD_SD: f64 = 0.02;

/// `[system]` with `kind = "whdv-searchers"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchersConfig {
    pub plan: SearchersPlan,
    pub loss: LossConfig,
    /// Degrees by which a film is turned, anti-clockwise and clockwise, for a left hip.
    pub rotation_deg: [f64; 2],
    /// The patch's scale is off by up to this factor either way …
    pub patch_scale: f64,
    /// … its angle by up to this many degrees, and its place by up to this share of its side.
    pub patch_rotation_deg: f64,
    pub patch_shift: f64,
}

impl Default for SearchersConfig {
    /// The paper's, for the outline of the proximal femur. Widths, σ and k are ours: the paper gives none.
    fn default() -> Self {
        let searcher = |points, rows, columns, sigma_px: f64| SearcherPlan {
            rows,
            columns,
            sigma_px,
            truncation_px: 4.0 * sigma_px,
            architecture: Architecture::paper(points),
            voting: Voting::PAPER,
        };
        Self {
            plan: SearchersPlan {
                references: ["REF1".to_owned(), "REF2".to_owned()],
                // The outline's middle is the patch's, and a fifth of the patch is left around it.
                places: [[0.42, 0.26], [0.5, 0.8]],
                global: searcher(2, 192, 256, 5.0),
                local: searcher(58, 224, 224, 5.0),
                shape_floor: 0.0,
                cam_by_outline: false,
                members: 1,
                looks: Looks::default(),
            },
            loss: LossConfig::PAPER,
            rotation_deg: [35.0, 5.0],
            patch_scale: 1.1,
            patch_rotation_deg: 5.0,
            patch_shift: 0.03,
        }
    }
}

impl SearchersConfig {
    /// The whole configuration of the paper: Adam at 1e-3, ten films a batch, the femur's outline on either side.
    pub fn paper() -> TrainConfig {
        TrainConfig {
            id: "femur-whdv".to_owned(),
            title: "Outline of the proximal femur, weighted heatmap displacement voting".to_owned(),
            intended_use: "Outline of the proximal femur on AP pelvis radiographs. Research only.".to_owned(),
            landmarks: Side::BOTH
                .into_iter()
                .flat_map(|side| femur(side).into_iter().map(|id| id.to_string()))
                .collect(),
            optional: Vec::new(),
            system: SystemConfig::WhdvSearchers(Box::default()),
            optimiser: OptimiserConfig {
                method: Method::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
                schedule: Schedule::Constant,
                batch: 10,
                learning_rate: 1e-3,
                warmup: 0,
                weight_decay: 0.0,
                clip: 1e9,
                ..OptimiserConfig::default()
            },
            ..TrainConfig::default()
        }
    }
}

/// F01…F58 and the references of one side.
pub fn femur(side: Side) -> Vec<LandmarkId> {
    let numbered = (1..=58).map(|n| format!("F{n:02}"));
    let codes = numbered.chain(["REF1".to_owned(), "REF2".to_owned()]);
    codes.map(|code| LandmarkId::new(LandmarkCode::new(code), side)).collect()
}

/// One hip as both searchers see it.
#[derive(Debug, Clone, PartialEq)]
pub struct HipSample {
    global: View,
    local: View,
}

#[derive(Debug, Clone, PartialEq)]
struct View {
    values: Vec<f32>,
    truth: Vec<Truth>,
}

impl Recipe for SearchersConfig {
    type Learner = SearchersLearner;

    fn check(&self, points: &Points) -> Result<(), String> {
        let positive = self.patch_scale >= 1.0 && self.patch_rotation_deg >= 0.0 && self.patch_shift >= 0.0;
        if !positive || self.rotation_deg.iter().any(|angle| !(0.0..=90.0).contains(angle)) {
            return Err("patch_scale is at least 1, rotation_deg 0–90, the others not negative".to_owned());
        }
        self.plan.check(&points.ids)
    }

    fn sample(&self, film: &Film, points: &Points, random: &mut ChaCha8Rng) -> HipSample {
        let sides: Vec<Side> = Side::BOTH
            .into_iter()
            .filter(|side| points.ids.iter().any(|id| id.side == Some(*side)))
            .collect();
        let side = if sides.is_empty() { Side::Left } else { sides[random.random_range(0..sides.len())] };
        let plain = Pyramid::new(&film.grey, film.rows, film.columns);
        let pyramid = if side == Side::Right { plain.mirrored() } else { plain };
        let last = film.columns as f64 - 1.0;
        let position = |code: &LandmarkCode| {
            let at = film.landmarks.position(code.clone(), side)?;
            Some(if side == Side::Right { Point::new(last - at.x, at.y) } else { at })
        };
        let [first, second] = [0, 1].map(|i| position(&LandmarkCode::new(self.plan.references[i].clone())));
        // The picture turns clockwise as its window turns the other way.
        let [against, with] = self.rotation_deg;
        let turn = random.random_range(-against..=with).to_radians();
        let whole =
            turned(&self.plan.whole(film.rows, film.columns), &self.plan.global, 1.0, -turn, [0.0; 2]);
        let global = view(&pyramid, &whole, &self.plan.global, &[first, second]);

        let mut either = |most: f64| if most > 0.0 { random.random_range(-most..=most) } else { 0.0 };
        let scale = either(self.patch_scale.ln()).exp();
        let rotation = either(self.patch_rotation_deg.to_radians());
        let shift = [either(self.patch_shift), either(self.patch_shift)];
        let patch = first.zip(second).and_then(|(a, b)| self.plan.patch([a, b]));
        let planes = self.plan.planes(&points.ids);
        let truth: Vec<Option<Point>> = match patch {
            Some(_) => planes.iter().map(position).collect(),
            // A hip whose references nobody marked has no patch: it teaches nothing.
            None => vec![None; planes.len()],
        };
        let patch = turned(&patch.unwrap_or(whole), &self.plan.local, scale, rotation, shift);
        HipSample { global, local: view(&pyramid, &patch, &self.plan.local, &truth) }
    }

    fn learner(&self, _points: &Points, vb: VarBuilder) -> Result<SearchersLearner, TrainError> {
        let device = vb.device().clone();
        Ok(SearchersLearner { config: self.clone(), networks: Searchers::new(&self.plan, vb)?, device })
    }

    fn initial_sd(&self, variable: &str) -> Option<f64> {
        variable.contains("head").then_some(HEAD_SD)
    }

    fn calibrated(
        &self,
        mut plan: Plan,
        weights: &HashMap<String, Tensor>,
        films: &[Film],
        device: &Device,
    ) -> Result<Plan, TrainError> {
        let ids = plan.ids().map_err(TrainError::Config)?;
        let System::WhdvSearchers(system) = &mut plan.system else { return Ok(plan) };
        system.shape_floor = 0.0;
        let vb = VarBuilder::from_tensors(weights.clone(), DType::F32, device);
        let detector = SearchersDetector::new(*system.clone(), ids, vb)?;
        system.shape_floor = shape_floor(&detector, films, &Job::silent())?;
        Ok(plan)
    }

    fn system(&self) -> System {
        System::WhdvSearchers(Box::new(self.plan.clone()))
    }
}

/// A window turned and scaled about its middle, and moved by shares of its size.
fn turned(pose: &Similarity, plan: &SearcherPlan, scale: f64, rotation: f64, shift: [f64; 2]) -> Similarity {
    let middle = Vector::new(0.5 * (plan.columns as f64 - 1.0), 0.5 * (plan.rows as f64 - 1.0));
    let moved = Point::new(middle.x + shift[0] * plan.columns as f64, middle.y + shift[1] * plan.rows as f64);
    pose.after(&Similarity::new(scale, rotation, moved).after(&Similarity::translation(-middle)))
}

fn view(pyramid: &Pyramid, pose: &Similarity, plan: &SearcherPlan, points: &[Option<Point>]) -> View {
    let back = pose.inverse();
    let inside =
        |p: &Point| (0.0..plan.columns as f64).contains(&p.x) && (0.0..plan.rows as f64).contains(&p.y);
    let truth = |point: &Option<Point>| match point.map(|p| back.apply(p)).filter(inside) {
        Some(at) => Truth::At(at),
        None => Truth::Unknown,
    };
    View {
        values: pyramid.window(pose, plan.rows, plan.columns).values,
        truth: points.iter().map(truth).collect(),
    }
}

/// Both networks with what their losses must know.
#[derive(Debug)]
pub struct SearchersLearner {
    config: SearchersConfig,
    networks: Searchers,
    device: Device,
}

impl SearchersLearner {
    /// Displacement and heatmap loss of one searcher, as a total and its parts.
    fn searcher<'a>(
        &self,
        network: &crate::models::whdv::Whdv,
        plan: &SearcherPlan,
        views: impl Iterator<Item = &'a View> + Clone,
    ) -> Result<Loss, TrainError> {
        let truth: Vec<Vec<Truth>> = views.clone().map(|view| view.truth.clone()).collect();
        let values: Vec<f32> = views.flat_map(|view| view.values.iter().copied()).collect();
        let input = Tensor::from_vec(values, (truth.len(), 1, plan.rows, plan.columns), &self.device)?;
        let targets = Targets {
            stride: plan.architecture.stride(),
            sigma_px: plan.sigma_px,
            truncation_px: plan.truncation_px,
        };
        let optional = vec![false; plan.architecture.points];
        Ok(whdv_loss(&network.forward(&input)?, &truth, &optional, &targets, &self.config.loss)?)
    }
}

impl Learner for SearchersLearner {
    type Sample = HipSample;
    const PARTS: &'static [&'static str] = &[
        "global_displacement",
        "global_heatmap",
        "global_cross_entropy",
        "global_presence",
        "local_displacement",
        "local_heatmap",
        "local_cross_entropy",
        "local_presence",
    ];

    fn loss(&self, share: &[HipSample]) -> Result<Loss, TrainError> {
        let Searchers { global, local } = &self.networks;
        let plan = &self.config.plan;
        let first = self.searcher(global, &plan.global, share.iter().map(|sample| &sample.global))?;
        let second = self.searcher(local, &plan.local, share.iter().map(|sample| &sample.local))?;
        Ok(Loss {
            total: (first.total + second.total)?,
            parts: Tensor::cat(&[first.parts, second.parts], 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Landmark, LandmarkSet, Origin, Spacing};
    use rand::SeedableRng;

    /// A film with a bright dot at every landmark of one femur, and nothing else.
    fn dots(side: Side) -> (Film, Points) {
        let (rows, columns) = (200, 240);
        let ids = femur(side);
        let mut grey = vec![0.0_f32; rows * columns];
        let mut landmarks = LandmarkSet::default();
        for (n, id) in ids.iter().enumerate() {
            let at = match id.code.as_str() {
                "REF1" => Point::new(140.0, 70.0),
                "REF2" => Point::new(150.0, 150.0),
                _ => Point::new(120.0 + 6.0 * (n % 8) as f64, 62.0 + 10.0 * (n / 8) as f64),
            };
            let at = if side == Side::Right { Point::new(columns as f64 - 1.0 - at.x, at.y) } else { at };
            for (k, value) in grey.iter_mut().enumerate() {
                let q = Point::new((k % columns) as f64, (k / columns) as f64);
                *value = value.max((-at.distance(q).powi(2) / 4.0).exp() as f32);
            }
            landmarks.insert(id.clone(), Landmark::defined(at, None, Origin::File));
        }
        let points = Points { optional: vec![false; 60], mirror: (0..60).collect(), ids };
        (Film { rows, columns, grey, landmarks, spacing: Spacing::UNKNOWN, labels: None }, points)
    }

    #[test]
    fn points_go_where_their_pixels_go_in_both_windows() {
        let (film, points) = dots(Side::Left);
        let config = SearchersConfig::default();
        for seed in 0..6 {
            let sample = config.sample(&film, &points, &mut ChaCha8Rng::seed_from_u64(seed));
            for (view, plan) in [(&sample.global, &config.plan.global), (&sample.local, &config.plan.local)] {
                let mut seen = 0;
                for truth in &view.truth {
                    let Truth::At(p) = truth else { continue };
                    let value = view.values[p.y.round().min(plan.rows as f64 - 1.0) as usize * plan.columns
                        + p.x.round().min(plan.columns as f64 - 1.0) as usize];
                    let mean = view.values.iter().sum::<f32>() / view.values.len() as f32;
                    assert!(value > mean + 1.0, "seed {seed} {p:?}: {value} on {mean}");
                    seen += 1;
                }
                assert!(seen >= 2, "seed {seed}: {seen} points");
            }
        }
    }

    #[test]
    fn a_right_hip_is_the_left_one_of_the_mirrored_film() {
        let config = SearchersConfig::default();
        let of = |side| {
            let (film, points) = dots(side);
            config.sample(&film, &points, &mut ChaCha8Rng::seed_from_u64(3))
        };
        let (right, left) = (of(Side::Right), of(Side::Left));
        let gap = |a: &View, b: &View| {
            a.values.iter().zip(&b.values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        assert!(gap(&right.global, &left.global) < 1e-3 && gap(&right.local, &left.local) < 1e-3);
    }

    #[test]
    fn without_jitter_the_references_lie_in_their_places() {
        let (film, points) = dots(Side::Left);
        let config = SearchersConfig {
            rotation_deg: [0.0; 2],
            patch_scale: 1.0,
            patch_rotation_deg: 0.0,
            patch_shift: 0.0,
            ..SearchersConfig::default()
        };
        let sample = config.sample(&film, &points, &mut ChaCha8Rng::seed_from_u64(1));
        let whole = config.plan.whole(film.rows, film.columns).inverse();
        assert!(matches!(sample.global.truth[0], Truth::At(p)
            if p.distance(whole.apply(Point::new(140.0, 70.0))) < 1e-9));
        let patch = config.plan.patch([Point::new(140.0, 70.0), Point::new(150.0, 150.0)]).unwrap().inverse();
        // F01 was drawn at (120, 62).
        let expected = patch.apply(Point::new(120.0, 62.0));
        assert!(matches!(sample.local.truth[0], Truth::At(p) if p.distance(expected) < 1e-9), "{expected:?}");
    }
}
