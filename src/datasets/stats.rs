//! What a data set holds: counts, sizes, spacing, which landmarks, and how its angles are distributed.

use super::case::{Case, Split};
use super::set::DataSet;
use crate::eval::summary::{mean, percentile};
use crate::measure::{self, Context};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that [`stats`] counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stats {
    pub cases: usize,
    /// Cases that cannot be read; the rest is without them.
    pub unreadable: usize,
    /// Known ones.
    pub patients: usize,
    pub without_patient: usize,
    /// By split; `none` where there is none.
    pub splits: BTreeMap<String, usize>,
    pub rows: Option<Spread>,
    pub columns: Option<Spread>,
    /// Height of a pixel in mm, where known.
    pub row_mm: Option<Spread>,
    pub age_months: Option<Spread>,
    pub landmarks: BTreeMap<String, Presence>,
    /// Pixels of each structure as a share of the film, over the films with masks.
    pub structures: BTreeMap<String, Spread>,
    pub grades: BTreeMap<String, BTreeMap<String, usize>>,
    /// By code with its unit; both sides together.
    pub measurements: BTreeMap<String, Spread>,
}

/// How often a landmark is what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Presence {
    pub seen: usize,
    /// Placed, but not seen.
    pub occluded: usize,
    /// Looked for and not there.
    pub absent: usize,
}

/// A distribution in a few numbers; percentiles linear between neighbours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    pub n: usize,
    pub mean: f64,
    pub min: f64,
    pub p5: f64,
    pub median: f64,
    pub p95: f64,
    pub max: f64,
}

impl Spread {
    /// `None` without values or with one that is not finite.
    pub fn of(values: &[f64]) -> Option<Self> {
        let at = |percent: f64| percentile(values, percent);
        Some(Self {
            n: values.len(),
            mean: mean(values)?,
            min: at(0.0)?,
            p5: at(5.0)?,
            median: at(50.0)?,
            p95: at(95.0)?,
            max: at(100.0)?,
        })
    }
}

/// What is kept of a case once its film is let go.
struct Seen {
    case: Case,
    rows: usize,
    columns: usize,
    row_mm: Option<f64>,
    areas: Vec<(String, f64)>,
    measurements: Vec<(String, f64)>,
}

/// Reads every case of `set`; `done` is called after each.
pub fn stats(set: &DataSet, done: impl Fn() + Sync) -> Stats {
    let seen: Vec<Option<Seen>> = set
        .entries
        .par_iter()
        .map(|entry| {
            let seen = entry.case().ok().map(Seen::new);
            done();
            seen
        })
        .collect();
    let unreadable = seen.iter().filter(|seen| seen.is_none()).count() + set.problems.len();
    let seen: Vec<Seen> = seen.into_iter().flatten().collect();
    let spread =
        |of: &dyn Fn(&Seen) -> Option<f64>| Spread::of(&seen.iter().filter_map(of).collect::<Vec<_>>());
    let mut stats = Stats {
        cases: seen.len(),
        unreadable,
        without_patient: seen.iter().filter(|seen| seen.case.about.patient.is_none()).count(),
        patients: seen
            .iter()
            .filter_map(|seen| seen.case.about.patient.as_ref())
            .collect::<BTreeSet<_>>()
            .len(),
        rows: spread(&|seen| Some(seen.rows as f64)),
        columns: spread(&|seen| Some(seen.columns as f64)),
        row_mm: spread(&|seen| seen.row_mm),
        age_months: spread(&|seen| seen.case.about.age_months),
        ..Stats::default()
    };
    let (mut areas, mut values): (BTreeMap<String, Vec<f64>>, BTreeMap<String, Vec<f64>>) =
        Default::default();
    for Seen { case, areas: own, measurements, .. } in &seen {
        let split = case.about.split.map_or("none", Split::name);
        *stats.splits.entry(split.to_owned()).or_default() += 1;
        for (id, _) in case.landmarks.iter() {
            let presence = stats.landmarks.entry(id.to_string()).or_default();
            match case.visibility(id) {
                0 => presence.absent += 1,
                1 => presence.occluded += 1,
                _ => presence.seen += 1,
            }
        }
        for (name, grade) in &case.about.grades {
            *stats.grades.entry(name.clone()).or_default().entry(grade.clone()).or_default() += 1;
        }
        own.iter().for_each(|(name, share)| areas.entry(name.clone()).or_default().push(*share));
        measurements.iter().for_each(|(name, value)| values.entry(name.clone()).or_default().push(*value));
    }
    let spreads = |of: BTreeMap<String, Vec<f64>>| {
        of.into_iter().filter_map(|(name, values)| Some((name, Spread::of(&values)?))).collect()
    };
    (stats.structures, stats.measurements) = (spreads(areas), spreads(values));
    stats
}

impl Seen {
    fn new(mut case: Case) -> Self {
        let film = &case.film;
        let (rows, columns) = (film.rows, film.columns);
        let context = Context { patient_right_on_left: film.patient_right_on_left };
        let assessment = measure::assess_with(&case.landmarks, &film.spacing, context);
        let measurements = assessment
            .measurements
            .iter()
            .filter_map(|m| {
                Some((format!("{}{}", m.code, m.unit.suffix()), m.value.filter(|value| value.is_finite())?))
            })
            .collect();
        let areas = case.masks.iter().flat_map(|map| {
            let share = |value| map.area(value) as f64 / map.labels.len() as f64;
            map.structures.iter().map(move |structure| (structure.name.clone(), share(structure.value)))
        });
        let areas = areas.collect();
        let row_mm = film.spacing.has_millimetres().then_some(film.spacing.row);
        (case.film.stored, case.masks) = (Vec::new(), None);
        Self { case, rows, columns, row_mm, areas, measurements }
    }
}
