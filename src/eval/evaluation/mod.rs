//! A whole evaluation: several readers on the same films with known truth, as the tables and charts of the papers.
//!
//! A *reader* is whatever gives points or masks: a network, a peer's file, a person. What a reader refused or did not
//! find is a failure with its own row and counts against every detection rate; what it never looks for is not offered and
//! is named as such. Intervals are bootstrapped by patient.

pub mod agreement_tables;
pub mod calibration;
pub mod failures;
pub mod grades;
pub mod judged;
pub mod landmarks;
pub mod papers;
pub mod subgroups;
pub mod table;

use super::bootstrap::{Bootstrap, Bootstrapped};
use crate::measure::{LabelMap, LandmarkId, LandmarkSet, Spacing, Subject};
use judged::Judged;
use std::collections::{BTreeMap, BTreeSet};
use table::{Cell, Section, Table};

/// One film with its truth.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    /// Films of one patient are drawn together.
    pub patient: String,
    /// Groups the film belongs to: name of the grouping → value.
    pub groups: BTreeMap<String, String>,
    pub truth: LandmarkSet,
    pub labels: Option<LabelMap>,
    pub spacing: Spacing,
    /// Rows and columns.
    pub size: [usize; 2],
    pub subject: Subject,
}

/// What a reader says of a film.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub landmarks: LandmarkSet,
    pub labels: Option<LabelMap>,
}

/// A reader with one answer for each case: a reading, or why there is none.
#[derive(Debug, Clone)]
pub struct Reader {
    pub name: String,
    /// Which weights or files, exactly.
    pub identity: String,
    /// The landmarks it looks for.
    pub offers: BTreeSet<LandmarkId>,
    /// Whether it looks for masks.
    pub segments: bool,
    /// In the order of the cases.
    pub readings: Vec<Result<Reading, String>>,
}

/// Sections of a report, and what its pictures and lists are made of.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub sections: Vec<Section>,
    pub judged: Vec<Judged>,
    /// Of each reader the cases it read worst, worst first.
    pub worst: Vec<Vec<usize>>,
    /// Unit of the errors that order cases and fill charts.
    pub unit: judged::Measure,
}

/// Judges `readers` on `cases`; every interval is drawn by `bootstrap`.
///
/// # Errors
/// A reader that does not have one answer for each case.
pub fn evaluate(cases: &[Case], readers: &[Reader], bootstrap: Bootstrap) -> Result<Evaluation, String> {
    for reader in readers {
        if reader.readings.len() != cases.len() {
            return Err(format!(
                "{} has {} answers for {} films",
                reader.name,
                reader.readings.len(),
                cases.len()
            ));
        }
    }
    let judged: Vec<Judged> = readers.iter().map(|reader| Judged::of(cases, reader)).collect();
    let unit = judged::Measure::of(cases);
    let context = Context { cases, readers, judged: &judged, bootstrap, unit };
    let worst: Vec<Vec<usize>> = judged.iter().map(|judged| failures::worst(&context, judged)).collect();
    let mut sections = vec![overview(&context), landmarks::section(&context)];
    sections.extend([agreement_tables::section(&context), grades::section(&context)]);
    sections.extend([calibration::section(&context), subgroups::section(&context)]);
    sections.extend(papers::sections(&context));
    sections.extend([failures::worst_section(&context, &worst), failures::section(&context)]);
    Ok(Evaluation { sections, judged, worst, unit })
}

/// What every section reads.
pub struct Context<'a> {
    pub cases: &'a [Case],
    pub readers: &'a [Reader],
    pub judged: &'a [Judged],
    pub bootstrap: Bootstrap,
    pub unit: judged::Measure,
}

impl Context<'_> {
    /// Readers with what was made of their answers.
    pub fn each(&self) -> impl Iterator<Item = (usize, &Reader, &Judged)> {
        self.readers.iter().zip(self.judged).enumerate().map(|(at, (reader, judged))| (at, reader, judged))
    }

    /// The interval of `statistic` over rows of the cases `of`, drawn by patient.
    pub fn drawn(&self, of: &[usize], statistic: impl Fn(&[usize]) -> Option<f64>) -> Option<Bootstrapped> {
        let patients: Vec<&str> = of.iter().map(|case| self.cases[*case].patient.as_str()).collect();
        self.bootstrap.interval(&patients, statistic)
    }

    /// The mean of `values`, each of a case, with its interval.
    pub fn mean(&self, values: &[(usize, f64)], decimals: usize) -> Cell {
        let cases: Vec<usize> = values.iter().map(|(case, _)| *case).collect();
        let mean = |rows: &mut dyn Iterator<Item = usize>| {
            let (mut sum, mut n) = (0.0, 0.0);
            for row in rows {
                sum += values[row].1;
                n += 1.0;
            }
            (n > 0.0).then_some(sum / n)
        };
        let drawn = self.drawn(&cases, |rows| mean(&mut rows.iter().copied()));
        Cell::bootstrapped(mean(&mut (0..values.len())), drawn, decimals)
    }
}

/// What was read, by whom, and how much of it could not be.
fn overview(context: &Context) -> Section {
    let cases = context.cases;
    let mut section = Section::new("overview", "Films and readers");
    let patients: BTreeSet<&str> = cases.iter().map(|case| case.patient.as_str()).collect();
    let calibrated = cases.iter().filter(|case| case.spacing.has_millimetres()).count();
    section.says(format!(
        "{} films of {} patients; {calibrated} say how large their pixels are. Intervals in brackets are at 95 %: 2.5th to \
         97.5th percentile of {} redraws of patients, not of hips or films. Errors are over points that were found; what \
         was refused or missed counts as a failure in every rate, and stands beside every mean.",
        cases.len(),
        patients.len(),
        context.bootstrap.draws,
    ));
    if patients.len() < 10 {
        section.says("Fewer than ten patients: the intervals are rough, and nothing here generalises.");
    }
    let columns = [
        "reader",
        "films",
        "read",
        "refused",
        "points looked for",
        "found",
        "missed",
        "on refused films",
        "invented",
        "not offered",
    ];
    let mut table = Table::new("readers", "Readers", &columns).noted(
        "Missed: in the reference, not found on a film that was read. Invented: found where the reference says there is \
         none. Not offered: points of the reference that the reader never looks for; they are in no other figure.",
    );
    for (_, reader, judged) in context.each() {
        let counts = judged.counts(cases, reader);
        table.push(vec![
            Cell::text(&reader.name),
            cases.len().into(),
            counts.read.into(),
            (cases.len() - counts.read).into(),
            judged.points.len().into(),
            counts.found.into(),
            counts.missed.into(),
            counts.on_refused.into(),
            counts.invented.into(),
            counts.not_offered.into(),
        ]);
    }
    section.tables.push(table);
    let mut table = Table::new("identities", "Which weights or files", &["reader", "identity"]);
    for (_, reader, _) in context.each() {
        table.push(vec![Cell::text(&reader.name), Cell::text(&reader.identity)]);
    }
    section.tables.push(table);
    section
}
