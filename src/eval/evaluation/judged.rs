//! One reader's answers against the truth, point by point, number by number, grade by grade: every table is a summary
//! of these lists.

use super::{Case, Reader};
use crate::eval::radial_error::baseline;
use crate::measure::{
    Assessment, Landmark, LandmarkId, LandmarkSet, Origin, Protocol, Side, Spacing, Unit, Vector, assess_by,
};
use std::fmt;

/// Side of the padded, resized picture in which label augmentation counts its pixels.
const RESIZED: f64 = 512.0;

/// What an error is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Millimetres,
    /// Pixels of the film.
    Pixels,
    /// Pixels of the film after it was padded to a square and resized to 512 × 512.
    Resized,
    /// Of the reference's TRC–TRC distance.
    Percent,
}

impl Measure {
    /// The one that says most of these films: of the child's size where all show it, millimetres where all have them.
    pub fn of(cases: &[Case]) -> Self {
        let marked: Vec<&Case> = cases.iter().filter(|case| !case.truth.points.is_empty()).collect();
        if !marked.is_empty() && marked.iter().all(|case| baseline(&case.truth, &case.spacing).is_some()) {
            Self::Percent
        } else if cases.iter().all(|case| case.spacing.has_millimetres()) {
            Self::Millimetres
        } else {
            Self::Resized
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Millimetres => "mm",
            Self::Pixels => "px",
            Self::Resized => "px of 512",
            Self::Percent => "% of TRC–TRC",
        })
    }
}

/// One point that the reference has and the reader looks for.
#[derive(Debug, Clone, PartialEq)]
pub struct PointError {
    pub case: usize,
    pub id: LandmarkId,
    /// Prediction − truth in pixels; `None` where it was not found.
    pub offset: Option<Vector>,
    /// The same in the metric frame of the film.
    metric: Option<f64>,
    /// What one of each measure is in metric units; `None` where the film has no such measure.
    per: [Option<f64>; 3],
    /// The reader's stated deviation of one axis, pixels.
    pub sd_px: Option<f64>,
}

impl PointError {
    /// `None` where the film has no such measure, `Some(None)` where the point was not found.
    pub fn distance(&self, measure: Measure) -> Option<Option<f64>> {
        let [millimetre, resized, percent] = self.per;
        match measure {
            Measure::Pixels => Some(self.offset.map(Vector::length)),
            Measure::Resized => resized.map(|unit| self.offset.map(|offset| offset.length() * unit)),
            Measure::Millimetres => millimetre.map(|unit| self.metric.map(|metric| metric / unit)),
            Measure::Percent => percent.map(|unit| self.metric.map(|metric| metric / unit)),
        }
    }
}

/// One measured number that the reference has.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueError {
    pub case: usize,
    pub code: &'static str,
    pub side: Option<Side>,
    pub unit: Unit,
    pub truth: f64,
    pub predicted: Option<f64>,
    /// The reader's own 95 % interval.
    pub interval: Option<(f64, f64)>,
}

/// One grade that the reference has.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeError {
    pub case: usize,
    pub code: &'static str,
    pub side: Option<Side>,
    pub truth: String,
    pub predicted: Option<String>,
    /// Most probable first; empty without stated deviations.
    pub probabilities: Vec<(String, f64)>,
}

/// A point that the reference says is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Absent {
    pub case: usize,
    pub id: LandmarkId,
    /// The reader found one all the same.
    pub invented: bool,
}

/// Everything one reader said, beside the truth.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    pub points: Vec<PointError>,
    pub values: Vec<ValueError>,
    pub grades: Vec<GradeError>,
    /// Of films that were read.
    pub absent: Vec<Absent>,
}

/// How many points came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub read: usize,
    pub found: usize,
    pub missed: usize,
    pub on_refused: usize,
    pub invented: usize,
    pub not_offered: usize,
}

impl Judged {
    pub fn of(cases: &[Case], reader: &Reader) -> Self {
        let mut judged = Self::default();
        for (number, (case, reading)) in cases.iter().zip(&reader.readings).enumerate() {
            let nothing = LandmarkSet::default();
            let said = reading.as_ref().map_or(&nothing, |reading| &reading.landmarks);
            judged.points(number, case, reader, said);
            let offered = restricted(&case.truth, reader);
            if offered.points.is_empty() {
                continue;
            }
            let protocol = Protocol { subject: case.subject, ..Protocol::default() };
            let [truth, graded] = [&offered, said].map(|set| assess_by(&bare(set), &case.spacing, &protocol));
            judged.numbers(number, &truth, &assess_by(said, &case.spacing, &protocol), &graded);
        }
        judged
    }

    fn points(&mut self, number: usize, case: &Case, reader: &Reader, said: &LandmarkSet) {
        let percent = baseline(&case.truth, &case.spacing).map(|length| length / 100.0);
        let millimetre = case.spacing.has_millimetres().then_some(1.0);
        let longer = case.size[0].max(case.size[1]);
        let resized = (longer > 0).then(|| RESIZED / longer as f64);
        for (id, landmark) in case.truth.iter().filter(|(id, _)| reader.offers.contains(*id)) {
            let found = said.get(id).and_then(|found| Some((found.position()?, found.sd_px())));
            let found = found.filter(|(position, _)| position.is_finite());
            match (landmark.position(), found) {
                (None, found) if reader.readings[number].is_ok() => {
                    self.absent.push(Absent { case: number, id: id.clone(), invented: found.is_some() });
                }
                (None, _) => {}
                (Some(truth), found) => self.points.push(PointError {
                    case: number,
                    id: id.clone(),
                    offset: found.map(|(position, _)| position - truth),
                    metric: found.map(|(position, _)| {
                        case.spacing.to_metric(position).distance(case.spacing.to_metric(truth))
                    }),
                    per: [millimetre, resized, percent],
                    sd_px: found.and_then(|(_, sd)| sd),
                }),
            }
        }
    }

    /// Grades are `graded`, of the points alone: with deviations a class may be left open, which is no error of the points.
    fn numbers(&mut self, number: usize, truth: &Assessment, said: &Assessment, graded: &Assessment) {
        for measured in &truth.measurements {
            let Some(value) = measured.value else { continue };
            let found = said.measurement(measured.code, measured.side);
            self.values.push(ValueError {
                case: number,
                code: measured.code,
                side: measured.side,
                unit: measured.unit,
                truth: value,
                predicted: found.and_then(|found| found.value),
                interval: found.and_then(|found| found.value.and(found.ci95)),
            });
        }
        let assessable = |grade: &&String| grade.as_str() != "not_assessable";
        for finding in &truth.findings {
            let Some(grade) = finding.grade.as_ref().filter(assessable) else { continue };
            let found = graded.finding(finding.code, finding.side);
            let sure = said.finding(finding.code, finding.side);
            self.grades.push(GradeError {
                case: number,
                code: finding.code,
                side: finding.side,
                truth: grade.clone(),
                predicted: found.and_then(|found| found.grade.as_ref().filter(assessable).cloned()),
                probabilities: sure.map(|found| found.probabilities.clone()).unwrap_or_default(),
            });
        }
    }

    pub fn counts(&self, cases: &[Case], reader: &Reader) -> Counts {
        let refused = |case: usize| reader.readings[case].is_err();
        let truths = cases.iter().flat_map(|case| case.truth.iter());
        let not_offered =
            truths.filter(|(id, landmark)| landmark.position().is_some() && !reader.offers.contains(*id));
        Counts {
            read: reader.readings.iter().filter(|reading| reading.is_ok()).count(),
            found: self.points.iter().filter(|point| point.offset.is_some()).count(),
            missed: self.points.iter().filter(|p| p.offset.is_none() && !refused(p.case)).count(),
            on_refused: self.points.iter().filter(|p| p.offset.is_none() && refused(p.case)).count(),
            invented: self.absent.iter().filter(|point| point.invented).count(),
            not_offered: not_offered.count(),
        }
    }
}

/// The truth without what the reader never looks for: numbers that need it are not held against the reader.
fn restricted(truth: &LandmarkSet, reader: &Reader) -> LandmarkSet {
    let mut truth = truth.clone();
    truth.points.retain(|id, _| reader.offers.contains(id));
    // A reader of centres has no circles: what needs one is not offered.
    let with_radii = reader.readings.iter().flatten().any(|reading| !reading.landmarks.radii_px.is_empty());
    truth.radii_px.retain(|id, _| with_radii && reader.offers.contains(id));
    truth
}

/// The positions without anybody's deviations.
fn bare(set: &LandmarkSet) -> LandmarkSet {
    let mut set = set.clone();
    for landmark in set.points.values_mut() {
        landmark.origin = Origin::File;
        if let Some(position) = landmark.position() {
            *landmark = Landmark::defined(position, None, Origin::File);
        }
    }
    set
}

/// A film's spacing in words.
pub fn millimetres(spacing: &Spacing) -> Option<[f64; 2]> {
    spacing.has_millimetres().then_some([spacing.row, spacing.column])
}
