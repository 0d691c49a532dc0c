//! Training of constrained local models by random-forest regression voting (papers: see [`crate::models::rfrv_clm`]):
//! a model of shape from the points of the films, a forest for the whole shape, and at each resolution one a point.
//!
//! Everything is a function of the films and the seed; how many threads there are changes nothing.

pub mod align;
pub mod grow;
mod train;

pub(super) use train::train;

use super::TrainError;
use super::augment::Film;
use crate::job::Job;
use crate::measure::{LandmarkId, Point};
use crate::models::pyramid::Pyramid;
use crate::models::rfrv_clm::forest::Forests;
use crate::models::rfrv_clm::haar::Integral;
use crate::models::rfrv_clm::{Clm, ClmPlan, GlobalPlan, StagePlan, detector::shape_ids};
use crate::models::similarity::Similarity;
use grow::{Example, ForestConfig, grow};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Films differ in size and angle by this many SDs either way in the global search.
const SCANNED_SD: f64 = 2.2;

/// `[system]` with `kind = "rfrv-clm"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClmConfig {
    /// Films to learn from.
    pub films: usize,
    /// One model of the left hip for both sides; every film then gives two hips to learn from.
    pub mirrored: bool,
    /// Share of the shapes' variance that the modes hold.
    pub variance: f64,
    /// Points are given up when fewer than this share of their votes agree.
    pub least_agreement: f64,
    pub forest: ForestConfig,
    pub global: GlobalConfig,
    /// Coarse to fine.
    pub stages: Vec<StageConfig>,
}

/// The global searcher; lengths in pixels of its reference frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalConfig {
    /// Longer side of the mean shape's bounding box.
    pub size: f64,
    pub patch: usize,
    pub step: usize,
    pub smoothing: f64,
    /// See [`GlobalPlan`].
    pub candidates: usize,
    pub finalists: usize,
    /// Patches of each film.
    pub samples: usize,
    /// Patches lie within this many pixels of the shape's middle, along either axis.
    pub range: usize,
    /// Ratio of a size that is tried to the one before.
    pub scale_step: f64,
    /// Degrees between the angles that are tried.
    pub angle_step: f64,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageConfig {
    pub search: StagePlan,
    /// Patches of each film and point.
    pub samples: usize,
    /// The stage before may be wrong by this factor of the size …
    pub scale: f64,
    /// … and by this many degrees, either way.
    pub angle: f64,
}

impl Default for ClmConfig {
    fn default() -> Self {
        let stage = |size, patch, range, smoothing, rounds, scale, angle| StageConfig {
            search: StagePlan { size, patch, range, step: 2, smoothing, rounds },
            samples: 20,
            scale,
            angle,
        };
        Self {
            films: 100,
            mirrored: false,
            variance: 0.98,
            least_agreement: 0.0,
            forest: ForestConfig::default(),
            global: GlobalConfig {
                size: 24.0,
                patch: 26,
                step: 2,
                smoothing: 1.5,
                candidates: 40,
                finalists: 8,
                samples: 60,
                range: 18,
                scale_step: 1.2,
                angle_step: 12.0,
            },
            stages: vec![
                stage(40.0, 20, 12, 1.5, 2, 1.15, 9.0),
                stage(80.0, 24, 10, 1.2, 2, 1.06, 4.0),
                stage(160.0, 28, 8, 1.0, 1, 1.03, 2.0),
            ],
        }
    }
}

impl ClmConfig {
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), String> {
        self.forest.check()?;
        let global = &self.global;
        let sampled = global.samples > 0 && self.stages.iter().all(|stage| stage.samples > 0);
        let stepped = global.scale_step > 1.0 && global.angle_step > 0.0;
        let jittered = self.stages.iter().all(|stage| stage.scale >= 1.0 && stage.angle >= 0.0);
        if self.films < 2 || !(self.variance > 0.0 && self.variance <= 1.0) {
            return Err("two films at least, and a variance of 0–1".to_owned());
        }
        if !(sampled && stepped && jittered) {
            return Err(
                "samples are positive, scale_step > 1, angle_step > 0, scale ≥ 1, angle ≥ 0".to_owned()
            );
        }
        self.plan(&[(1.0, 0.0)]).check()
    }

    /// What inference must know; the sizes (shares of the film) and angles (radians) of `poses` are searched.
    fn plan(&self, poses: &[(f64, f64)]) -> ClmPlan {
        let GlobalConfig { size, patch, step, smoothing, candidates, finalists, .. } = self.global;
        let GlobalConfig { scale_step, angle_step, .. } = self.global;
        let logarithms: Vec<f64> = poses.iter().map(|(size, _)| size.ln()).collect();
        let angles: Vec<f64> = poses.iter().map(|(_, angle)| angle.to_degrees()).collect();
        ClmPlan {
            mirrored: self.mirrored,
            least_agreement: self.least_agreement,
            shape_floor: 0.0,
            global: GlobalPlan {
                size,
                patch,
                step,
                smoothing,
                sizes: spread(&logarithms, scale_step.ln()).into_iter().map(f64::exp).collect(),
                angles: spread(&angles, angle_step),
                candidates,
                finalists,
            },
            stages: self.stages.iter().map(|stage| stage.search.clone()).collect(),
        }
    }
}

/// Values no further apart than `step` over the range of `values`, as their mean and SD tell it.
fn spread(values: &[f64], step: f64) -> Vec<f64> {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
    let steps = (2.0 * SCANNED_SD * sd / step).ceil();
    (0..=steps as usize).map(|i| mean + (i as f64 - 0.5 * steps) * step.min(2.0 * SCANNED_SD * sd)).collect()
}

/// A film, or its mirror image, with the points of one shape.
struct Subject {
    pyramid: Pyramid,
    points: Vec<Option<Point>>,
    /// From the model's frame to the film.
    pose: Similarity,
}

/// Learns `ids` (see [`ClmDetector::new`](crate::models::rfrv_clm::ClmDetector::new)) from films whose bone is bright.
/// A point off its film is as good as missing.
///
/// # Errors
/// Films that define no shape; cancellation.
pub fn learn(
    films: &[Film],
    ids: &[LandmarkId],
    config: &ClmConfig,
    seed: u64,
    job: &Job,
) -> Result<(ClmPlan, Clm), TrainError> {
    config.check().map_err(TrainError::Config)?;
    let shape_ids: Vec<LandmarkId> = shape_ids(ids, config.mirrored).into_iter().cloned().collect();
    let mut hips: Vec<(Pyramid, Vec<Option<Point>>)> = Vec::new();
    for film in films {
        let pyramid = Pyramid::new(&film.grey, film.rows, film.columns);
        if config.mirrored {
            let last = film.columns as f64 - 1.0;
            let right = shape_ids.iter().map(|id| {
                let other = LandmarkId { side: id.side.map(crate::measure::Side::opposite), ..id.clone() };
                position(film, &other).map(|p| Point::new(last - p.x, p.y))
            });
            hips.push((pyramid.mirrored(), right.collect()));
        }
        hips.push((pyramid, shape_ids.iter().map(|id| position(film, id)).collect()));
    }
    hips.retain(|(_, points)| points.iter().flatten().count() >= 2);
    let shapes: Vec<_> = hips.iter().map(|(_, points)| points.clone()).collect();
    let (shape, poses) = align::learn(&shapes, config.variance).ok_or_else(|| {
        TrainError::Config(
            "the films define no shape: two with every landmark are needed at least".to_owned(),
        )
    })?;
    let subjects: Vec<Subject> = hips
        .into_iter()
        .zip(poses)
        .map(|((pyramid, points), pose)| Subject { pyramid, points, pose })
        .collect();
    let of_film = |s: &Subject| s.pose.scale() / s.pyramid.rows().max(s.pyramid.columns()) as f64;
    let seen: Vec<(f64, f64)> = subjects.iter().map(|s| (of_film(s), s.pose.rotation())).collect();
    let plan = config.plan(&seen);

    job.report("global forest", 0.0);
    let reference = Reference {
        size: config.global.size,
        patch: config.global.patch,
        range: config.global.range as f64,
        // Between two sizes or angles that are tried, and a little beyond.
        scale: config.global.scale_step.powf(0.6),
        angle: 0.6 * config.global.angle_step,
        samples: config.global.samples,
    };
    let examples = examples(&subjects, &reference, seed, 0, |s| Some(s.pose.apply(Point::default())));
    let global = grow(&examples, reference.patch, &config.forest, seed, 1);
    let mut stages = Vec::new();
    let total = (config.stages.len() * shape_ids.len()) as f32;
    for (index, stage) in config.stages.iter().enumerate() {
        let StagePlan { size, patch, range, .. } = stage.search;
        let reference = Reference {
            size,
            patch,
            range: range as f64,
            scale: stage.scale,
            angle: stage.angle,
            samples: stage.samples,
        };
        let mut forests = Forests::default();
        for point in 0..shape_ids.len() {
            job.check()?;
            let done = (index * shape_ids.len() + point) as f32;
            job.report(&format!("forests of {size} px"), done / total);
            // Every point of every stage draws from streams of its own.
            let stream = ((index as u64 + 1) << 40) | ((point as u64) << 24);
            let examples = examples_of(&subjects, &reference, seed, stream, point);
            if examples.is_empty() {
                return Err(TrainError::Config(format!("no film shows {}", shape_ids[point])));
            }
            forests.extend(grow(&examples, patch, &config.forest, seed, stream + (1 << 23)));
        }
        stages.push(forests);
    }
    let clm = Clm { shape, global, stages };
    clm.check(&plan).map_err(TrainError::Config)?;
    Ok((plan, clm))
}

fn position(film: &Film, id: &LandmarkId) -> Option<Point> {
    let at = film.landmarks.get(id)?.position()?;
    let on = |value: f64, count: usize| value >= 0.0 && value <= count as f64 - 1.0;
    (on(at.x, film.columns) && on(at.y, film.rows)).then_some(at)
}

/// How patches are drawn; lengths in pixels of the reference frame.
struct Reference {
    size: f64,
    patch: usize,
    range: f64,
    scale: f64,
    angle: f64,
    samples: usize,
}

fn examples_of(
    subjects: &[Subject],
    reference: &Reference,
    seed: u64,
    stream: u64,
    point: usize,
) -> Vec<Example> {
    examples(subjects, reference, seed, stream, |subject| subject.points[point])
}

/// Patches around the point that `target` names, each seen at a slightly wrong size and angle.
fn examples(
    subjects: &[Subject],
    reference: &Reference,
    seed: u64,
    stream: u64,
    target: impl Fn(&Subject) -> Option<Point> + Sync,
) -> Vec<Example> {
    let half = 0.5 * (reference.patch as f64 - 1.0);
    subjects
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, subject)| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(stream + index as u64 + (1 << 62));
            let count = if target(subject).is_some() { reference.samples } else { 0 };
            let at = target(subject).unwrap_or_default();
            (0..count)
                .map(|_| {
                    let mut either =
                        |most: f64| if most > 0.0 { random.random_range(-most..=most) } else { 0.0 };
                    let (dx, dy) = (either(reference.range), either(reference.range));
                    let scale = subject.pose.scale() / reference.size * either(reference.scale.ln()).exp();
                    let rotation = subject.pose.rotation() + either(reference.angle.to_radians());
                    // The point lies at (half − d) of the patch, whose centre is at d from it.
                    let turned = Similarity::new(scale, rotation, at);
                    let shift = Similarity::translation(crate::measure::Vector::new(dx - half, dy - half));
                    let window =
                        subject.pyramid.window(&turned.after(&shift), reference.patch, reference.patch);
                    Example { integral: Integral::new(&window), displacement: [-dx as f32, -dy as f32] }
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests;
