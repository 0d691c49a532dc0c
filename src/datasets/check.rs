//! What is wrong with a data set before anybody learns from it.

use super::case::{Case, Split};
use super::image::pixel_hash;
use super::names;
use super::set::DataSet;
use crate::imaging::{Rectangle, text_regions};
use crate::measure::LandmarkId;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One thing that is wrong or may be; case names are those of the set, patients are not named.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// A case or a label file that cannot be read, missing pairs included; the reason names the file.
    Unreadable(String),
    /// A film without points, masks and grades.
    Unlabelled { case: String },
    /// Of a point beyond the pixels of its film.
    Outside { case: String, landmark: LandmarkId },
    /// The points of the right lie where the file says that the left is.
    Sides { case: String },
    /// One picture under several names.
    Duplicates { cases: Vec<String> },
    /// One patient, or one picture, in several splits: figures on the test films would be too good.
    Leakage { cases: Vec<(String, Split)>, of: Leak },
    /// Likely text in the pixels.
    Text { case: String, lines: Vec<Rectangle> },
}

/// What is on both sides of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    Patient,
    Picture,
}

impl Finding {
    /// Whether the set must not be learnt from as it is; text and films without labels are for a person to judge.
    pub fn is_error(&self) -> bool {
        !matches!(self, Finding::Text { .. } | Finding::Unlabelled { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Unreadable(reason) => f.write_str(reason),
            Finding::Unlabelled { case } => write!(f, "{case}: no points, masks or grades"),
            Finding::Outside { case, landmark } => write!(f, "{case}: {landmark} is outside the film"),
            Finding::Sides { case } => write!(f, "{case}: right and left contradict the film"),
            Finding::Duplicates { cases } => write!(f, "the same picture: {}", cases.join(", ")),
            Finding::Leakage { cases, of } => {
                let of = if *of == Leak::Patient { "one patient" } else { "one picture" };
                let cases: Vec<String> =
                    cases.iter().map(|(case, split)| format!("{case} ({split})")).collect();
                write!(f, "{of} in several splits: {}", cases.join(", "))
            }
            Finding::Text { case, lines } => {
                let boxes =
                    lines.iter().map(|line| format!("{},{},{},{}", line.x, line.y, line.width, line.height));
                write!(f, "{case}: text? {}", boxes.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

/// All findings, and what could not be checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    pub findings: Vec<Finding>,
    pub cases: usize,
    /// Cases of which nobody said whose they are: leakage cannot show.
    pub without_patient: usize,
}

/// What of a case the whole set is compared by.
struct Looked {
    name: String,
    hash: [u8; 32],
    patient: Option<String>,
    split: Option<Split>,
}

/// Reads every case of `set` and looks at each and at all together; `done` is called after each.
pub fn check(set: &DataSet, done: impl Fn() + Sync) -> Checked {
    let looked: Vec<(Result<Looked, String>, Vec<Finding>)> = set
        .entries
        .par_iter()
        .map(|entry| {
            let looked = match entry.case() {
                Ok(case) => (Ok(Looked::new(&case)), look(&case)),
                Err(error) => (Err(error.to_string()), Vec::new()),
            };
            done();
            looked
        })
        .collect();
    let mut findings: Vec<Finding> =
        set.problems.iter().map(|problem| Finding::Unreadable(problem.to_string())).collect();
    let mut cases = Vec::new();
    for (case, found) in looked {
        match case {
            Ok(case) => cases.push(case),
            Err(reason) => findings.push(Finding::Unreadable(reason)),
        }
        findings.extend(found);
    }
    findings.extend(shared(&cases));
    let without_patient = cases.iter().filter(|case| case.patient.is_none()).count();
    Checked { findings, cases: set.len(), without_patient }
}

impl Looked {
    fn new(case: &Case) -> Self {
        let (patient, split) = (case.about.patient.clone(), case.about.split);
        Self { name: case.name.clone(), hash: pixel_hash(&case.film), patient, split }
    }
}

/// What one case shows by itself.
fn look(case: &Case) -> Vec<Finding> {
    let name = || case.name.clone();
    let mut findings = Vec::new();
    if case.landmarks.points.is_empty() && case.masks.is_none() && case.about.grades.is_empty() {
        findings.push(Finding::Unlabelled { case: name() });
    }
    let within = |v: f64, side: usize| v >= -0.5 && v <= side as f64 - 0.5;
    for (id, landmark) in case.landmarks.iter() {
        let outside =
            |p: crate::measure::Point| !(within(p.x, case.film.columns) && within(p.y, case.film.rows));
        if landmark.position().is_some_and(outside) {
            findings.push(Finding::Outside { case: name(), landmark: id.clone() });
        }
    }
    // A film that says nothing is taken to have the patient's right on its left, as everywhere here.
    let expected = case.film.patient_right_on_left.unwrap_or(true);
    if names::right_is_on_left(&case.landmarks).is_some_and(|is_left| is_left != expected) {
        findings.push(Finding::Sides { case: name() });
    }
    let lines = text_regions(&case.film);
    if !lines.is_empty() {
        findings.push(Finding::Text { case: name(), lines });
    }
    findings
}

/// What several cases share that they should not.
fn shared(cases: &[Looked]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut pictures, mut patients) = (BTreeMap::new(), BTreeMap::new());
    for case in cases {
        pictures.entry(&case.hash).or_insert_with(Vec::new).push(case);
        if let Some(patient) = &case.patient {
            patients.entry(patient).or_insert_with(Vec::new).push(case);
        }
    }
    for group in pictures.values().filter(|group| group.len() > 1) {
        findings.push(Finding::Duplicates { cases: group.iter().map(|case| case.name.clone()).collect() });
        findings.extend(leak(group, Leak::Picture));
    }
    findings.extend(patients.values().filter_map(|group| leak(group, Leak::Patient)));
    findings
}

fn leak(group: &[&Looked], of: Leak) -> Option<Finding> {
    let splits: BTreeSet<Split> = group.iter().filter_map(|case| case.split).collect();
    let cases = group.iter().filter_map(|case| Some((case.name.clone(), case.split?)));
    (splits.len() > 1).then(|| Finding::Leakage { cases: cases.collect(), of })
}
