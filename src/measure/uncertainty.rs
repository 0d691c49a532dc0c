//! How sure a number is: the landmarks' covariances carried through the formulas by 2,000 Gaussian draws.
//!
//! Landmarks err independently of each other. An error that two points share, as of a film read a little too low, moves
//! no angle between them; to take none for shared widens an interval rather than narrows it.
//!
//! Each landmark has its own random stream, fixed by its name. So the same film gives the same interval on every
//! machine, an interval moves smoothly while a point is dragged, and points that a measurement does not use cannot
//! change it.

use super::anatomy::Hip;
use super::definition::{Definition, Need, Rule};
use super::frame::HipFrame;
use super::landmark::{LandmarkCode, LandmarkId, Side};
use super::lines::Lines;
use super::measurement::ReferenceLine;
use super::metric::MetricLandmarks;
use super::noise::{FilmSpread, Noise};
use super::spread::Source;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Landmark sets drawn.
pub const DRAWS: usize = 2000;
/// Fewest draws, of [`DRAWS`], that must yield a value for an interval to be given.
const ENOUGH: usize = DRAWS / 2;

/// The drawn films.
pub struct Draws<'a> {
    points: &'a MetricLandmarks<'a>,
    spread: FilmSpread,
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
    /// Whose deviations made them differ, ascending.
    pub sources: Vec<Source>,
}

impl Sample {
    /// Of at least one value.
    fn new(mut values: Vec<f64>, sources: Vec<Source>) -> Sample {
        let interval = (percentile(&mut values, 0.025), percentile(&mut values, 0.975));
        Sample { values, interval, sources }
    }

    /// Standard deviation (n − 1).
    pub fn deviation(&self) -> f64 {
        let n = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / n;
        (self.values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
    }
}

impl<'a> Draws<'a> {
    /// Draws [`DRAWS`] films about `points`; what has no deviation stays where it is. None at all where nothing has one.
    pub fn new(points: &'a MetricLandmarks<'a>, lines: &Lines) -> Self {
        let spread = FilmSpread::new(points);
        if !spread.moves() {
            return Self { points, spread, films: Vec::new(), frames: Default::default() };
        }
        let noise = Noise::new(points, &spread, DRAWS);
        let film = |draw| {
            points.displaced(|index| noise.of_point(index, draw), |index| noise.of_radius(index, draw))
        };
        let films: Vec<MetricLandmarks> = (0..DRAWS).into_par_iter().map(film).collect();
        let frames = ReferenceLine::ALL.map(|line| match lines.get(line) {
            Err(_) => Vec::new(),
            Ok(frame) if line == ReferenceLine::Image => vec![Some(frame.clone()); films.len()],
            // No draw turns the film over.
            Ok(frame) => {
                films.par_iter().map(|film| HipFrame::towards(film, line, frame.cranial).ok()).collect()
            }
        });
        Self { points, spread, films, frames }
    }

    /// Whether nothing of the film has a deviation.
    pub fn is_empty(&self) -> bool {
        self.films.is_empty()
    }

    /// What the draws give for each of `wanted` (a definition, its line and a side). `None` unless every landmark it
    /// needs has a deviation, for one that noise can only raise, and where half of the draws give no value.
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
        if self.films.is_empty() || definition.raised_by_noise {
            return None;
        }
        let sources = self.sources(definition.needs, line, side)?;
        let hips = self.hips(line.unwrap_or(ReferenceLine::Image), side.unwrap_or(Side::Right));
        let values: Vec<f64> = hips.filter_map(|hip| definition.of_hip(&hip).ok()).collect();
        (values.len() >= ENOUGH).then(|| Sample::new(values, sources))
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
        let line = ReferenceLine::Hilgenreiner.landmark().into_iter();
        let of_line = line.flat_map(|code| Side::BOTH.map(|side| LandmarkId::new(code.clone(), side)));
        let own = rule.landmarks.iter().map(|code| LandmarkId::new(code.clone(), side));
        !self.films.is_empty()
            && own.chain(of_line).all(|id| self.read_point(&id, &mut BTreeSet::new()).is_some())
    }

    /// Whose deviations a measurement's draws are made of, ascending; `None` unless all that it reads has one.
    fn sources(
        &self,
        needs: &[Need],
        line: Option<ReferenceLine>,
        side: Option<Side>,
    ) -> Option<Vec<Source>> {
        let mut sources = BTreeSet::new();
        for id in needs.iter().flat_map(|need| need.ids(side).into_iter().map(move |id| (need, id))) {
            self.read(id.0, id.1, &mut sources)?;
        }
        if let Some(code) = line.and_then(ReferenceLine::landmark) {
            for side in Side::BOTH {
                self.read_point(&LandmarkId::new(code.clone(), side), &mut sources)?;
            }
        }
        Some(sources.into_iter().collect())
    }

    fn read(&self, need: &Need, id: LandmarkId, sources: &mut BTreeSet<Source>) -> Option<()> {
        match need {
            Need::Circle(_) => match self.points.circles().position(|circle| *circle == id) {
                Some(index) => {
                    self.spread.radii[index]?;
                    sources.insert(Source::Reader);
                }
                None => self.read_curve(&LandmarkId { code: LandmarkCode::HEAD, ..id }, sources)?,
            },
            Need::Line(_) | Need::Lines(_) => self.read_curve(&id, sources)?,
            _ => self.read_point(&id, sources)?,
        }
        Some(())
    }

    fn read_curve(&self, id: &LandmarkId, sources: &mut BTreeSet<Source>) -> Option<()> {
        let index = self.points.curves().iter().position(|c| *c.code == id.code && c.side == id.side)?;
        sources.extend(&self.spread.curves[index].as_ref()?.sources);
        Some(())
    }

    fn read_point(&self, id: &LandmarkId, sources: &mut BTreeSet<Source>) -> Option<()> {
        match (self.points.index(id), id.side) {
            (Some(index), _) => {
                sources.insert(self.spread.landmarks[index]?.source);
                Some(())
            }
            (None, Some(side)) if self.points.is_outlined(&id.code, side) => {
                self.read_curve(&LandmarkId::new(LandmarkCode::HEAD, side), sources)
            }
            (None, _) => None,
        }
    }
}

/// Linear interpolation between the closest ranks of non-empty `values`, which are reordered: two of 2,000 need no sort.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    let rank = share * (values.len() - 1) as f64;
    let (_, below, above) = values.select_nth_unstable_by(rank.floor() as usize, f64::total_cmp);
    let below = *below;
    let above = above.iter().copied().min_by(f64::total_cmp).unwrap_or(below);
    below + (above - below) * rank.fract()
}
