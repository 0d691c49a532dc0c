//! How sure a number is: the landmarks' standard deviations carried through the formulas by 2,000 Gaussian draws.
//!
//! Each landmark has its own random stream, fixed by its name. So the same film gives the same interval on every
//! machine, an interval moves smoothly while a point is dragged, and points that a measurement does not use cannot
//! change it.

use super::anatomy::Hip;
use super::definition::{Definition, Need, Rule};
use super::frame::HipFrame;
use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, Side};
use super::lines::Lines;
use super::measurement::ReferenceLine;
use super::metric::MetricLandmarks;
use super::point::Vector;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// Landmark sets drawn.
pub const DRAWS: usize = 2000;
const SEED: u64 = 0x00C0_8A00;
/// Fewest draws, of [`DRAWS`], that must yield a value for an interval to be given.
const ENOUGH: usize = DRAWS / 2;

/// The drawn films.
pub struct Draws<'a> {
    points: &'a MetricLandmarks<'a>,
    landmarks: &'a LandmarkSet,
    films: Vec<MetricLandmarks<'a>>,
    /// Per reference line the frame of each drawn film, `None` where the line collapses; empty without the line.
    frames: [Vec<Option<HipFrame>>; 5],
}

/// What the draws gave for one measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// In no order.
    pub values: Vec<f64>,
    /// 2.5th and 97.5th percentile.
    pub interval: (f64, f64),
}

impl Sample {
    /// Of at least one value.
    fn new(mut values: Vec<f64>) -> Sample {
        let interval = (percentile(&mut values, 0.025), percentile(&mut values, 0.975));
        Sample { values, interval }
    }

    /// Standard deviation (n − 1).
    pub fn deviation(&self) -> f64 {
        let n = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / n;
        (self.values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
    }
}

impl<'a> Draws<'a> {
    /// Draws [`DRAWS`] films about `points`; those without deviation stay where they are. None at all where no point
    /// has a deviation.
    pub fn new(landmarks: &'a LandmarkSet, points: &'a MetricLandmarks<'a>, lines: &Lines) -> Self {
        let ids: Vec<&LandmarkId> = points.ids().collect();
        let known = ids.iter().any(|id| deviation(landmarks, id).is_some_and(|sd| sd > 0.0));
        if !known {
            return Self { points, landmarks, films: Vec::new(), frames: Default::default() };
        }
        let moves: Vec<Vec<Vector>> = ids.par_iter().map(|id| moves(landmarks, id)).collect();
        let films: Vec<MetricLandmarks> = (0..DRAWS)
            .into_par_iter()
            .map(|draw| points.displaced(|index| moves[index].get(draw).copied().unwrap_or_default()))
            .collect();
        let frames = ReferenceLine::ALL.map(|line| match lines.get(line) {
            Err(_) => Vec::new(),
            Ok(frame) if line == ReferenceLine::Image => vec![Some(frame.clone()); films.len()],
            // No draw turns the film over.
            Ok(frame) => films.iter().map(|film| HipFrame::towards(film, line, frame.cranial).ok()).collect(),
        });
        Self { points, landmarks, films, frames }
    }

    /// Whether no landmark has a deviation.
    pub fn is_empty(&self) -> bool {
        self.films.is_empty()
    }

    /// What the draws give for each of `wanted` (a definition, its line and a side). `None` unless every landmark it
    /// needs has a deviation, for one that needs a circle or a curve (no deviation of theirs is known), and where half
    /// of the draws give no value.
    pub fn samples(
        &self,
        wanted: &[(&'static Definition, Option<ReferenceLine>, Option<Side>)],
    ) -> Vec<Option<Sample>> {
        wanted.par_iter().map(|(definition, line, side)| self.sample(definition, *line, *side)).collect()
    }

    fn sample(
        &self,
        definition: &Definition,
        line: Option<ReferenceLine>,
        side: Option<Side>,
    ) -> Option<Sample> {
        if self.films.is_empty() || !self.known(definition.needs, line, side) {
            return None;
        }
        let hips = self.hips(line.unwrap_or(ReferenceLine::Image), side.unwrap_or(Side::Right));
        let values: Vec<f64> = hips.filter_map(|hip| definition.of_hip(&hip).ok()).collect();
        (values.len() >= ENOUGH).then(|| Sample::new(values))
    }

    /// Share of the draws that give each grade, most probable first, none that never occurs; empty unless every
    /// landmark the rule needs has a deviation.
    pub fn probabilities(&self, rule: &Rule, side: Side) -> Vec<(String, f64)> {
        if !self.known_points(rule, side) {
            return Vec::new();
        }
        let mut counts = vec![0_usize; rule.grades.len()];
        let hips = self.hips(ReferenceLine::Hilgenreiner, side);
        for graded in hips.filter_map(|hip| (rule.grade)(&hip).ok()) {
            counts[graded.grade] += 1;
        }
        let total: usize = counts.iter().sum();
        if total < ENOUGH {
            return Vec::new();
        }
        let mut shares: Vec<_> = rule
            .grades
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(grade, count)| ((*grade).to_owned(), count as f64 / total as f64))
            .collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        shares
    }

    /// The drawn hips of `side` whose reference line holds.
    pub fn hips(&self, line: ReferenceLine, side: Side) -> impl Iterator<Item = Hip<'_>> {
        let frames = &self.frames[line as usize];
        let drawn = self.films.iter().zip(frames);
        drawn.filter_map(move |(points, frame)| Some(Hip { points, frame: frame.as_ref()?, side }))
    }

    /// Whether every landmark of the rule and of its line has a deviation.
    pub fn known_points(&self, rule: &Rule, side: Side) -> bool {
        let own = rule.landmarks.iter().all(|code| self.has(&LandmarkId::new(code.clone(), side)));
        !self.films.is_empty() && own && self.knows_line(Some(ReferenceLine::Hilgenreiner))
    }

    fn known(&self, needs: &[Need], line: Option<ReferenceLine>, side: Option<Side>) -> bool {
        let need = |need: &Need| match need {
            Need::Circle(_) => false,
            Need::Line(_) | Need::Lines(_) => need.ids(side).iter().all(|id| {
                let point = |code: &LandmarkCode| self.has(&LandmarkId { code: code.clone(), side: id.side });
                self.points.numbered(id).is_some_and(|codes| codes.iter().all(point))
            }),
            _ => need.ids(side).iter().all(|id| self.has(id)),
        };
        needs.iter().all(need) && self.knows_line(line)
    }

    fn knows_line(&self, line: Option<ReferenceLine>) -> bool {
        let Some(code) = line.and_then(ReferenceLine::landmark) else { return true };
        Side::BOTH.iter().all(|side| self.has(&LandmarkId::new(code.clone(), *side)))
    }

    fn has(&self, id: &LandmarkId) -> bool {
        deviation(self.landmarks, id).is_some()
    }
}

/// The displacements of one landmark, pixels; none for a point without deviation.
fn moves(landmarks: &LandmarkSet, id: &LandmarkId) -> Vec<Vector> {
    let Some(sd) = deviation(landmarks, id).filter(|sd| *sd > 0.0) else { return Vec::new() };
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    rng.set_stream(stream(id));
    let mut axis = || -> f64 { StandardNormal.sample(&mut rng) };
    (0..DRAWS).map(|_| Vector::new(axis(), axis()) * sd).collect()
}

/// The per-axis standard deviation in pixels, if it is one.
fn deviation(landmarks: &LandmarkSet, id: &LandmarkId) -> Option<f64> {
    landmarks.get(id)?.sd_px().filter(|sd| sd.is_finite() && *sd >= 0.0)
}

/// FNV-1a of the landmark's name: the same on every machine and in every release, unlike the standard hasher.
fn stream(id: &LandmarkId) -> u64 {
    id.to_string().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Linear interpolation between the closest ranks of non-empty `values`, which are reordered: two of 2,000 need no sort.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    let rank = share * (values.len() - 1) as f64;
    let (_, below, above) = values.select_nth_unstable_by(rank.floor() as usize, f64::total_cmp);
    let below = *below;
    let above = above.iter().copied().min_by(f64::total_cmp).unwrap_or(below);
    below + (above - below) * rank.fract()
}
