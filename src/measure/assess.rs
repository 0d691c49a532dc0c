//! Runs every measurement, grade and rule on one film, and says what a reader should know of them.

use super::anatomy::Hip;
use super::catalogue;
use super::definition::{Bears, Definition, Doubt, Need, Quantity, Reference, Rule};
use super::frame::pair;
use super::hip::centre_edge;
use super::landmark::{LandmarkCode, LandmarkSet, Side};
use super::laterality;
use super::lines::Lines;
use super::measurement::{Assessment, Finding, Measurement, NextGrade, ReferenceLine, Status, Unit};
use super::metric::MetricLandmarks;
use super::norms::Reading;
use super::offer::{self, Offered};
use super::protocol::{Panel, Protocol};
use super::quality::gate::{Gate, Positioning};
use super::quality::{rotation, tilt};
use super::refusal::Refusal;
use super::spacing::Spacing;
use super::uncertainty::{Draws, Sample};
use super::verdict::{self, ddh};

/// A pelvis turned further than this in the image is worth a look at the film.
const TURNED_DEG: f64 = 45.0;
/// Values beyond which a reader is told: code, limit, words.
const ALERTS: [(&str, f64, &str); 3] = [
    ("PO", 5.0, "The pelvis lies oblique in the image by more than 5°."),
    ("LLD", 10.0, "The leg lengths differ by more than 10 mm."),
    ("SHENTON", 5.0, "Shenton's line steps by more than 5 mm."),
];

/// What the file says of the film beside its landmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// Whether the patient's right is on the left of the image; `None` where the file does not say.
    pub patient_right_on_left: Option<bool>,
}

/// All measurements and findings that the film offers, with intervals where the landmarks carry deviations.
pub fn assess(landmarks: &LandmarkSet, spacing: &Spacing) -> Assessment {
    assess_with(landmarks, spacing, Context::default())
}

/// [`assess`], refusing everything with `LATERALITY_CONFLICT` where the labelled sides contradict `context`.
///
/// Measurement by measurement, right before left.
pub fn assess_with(landmarks: &LandmarkSet, spacing: &Spacing, context: Context) -> Assessment {
    assess_by(landmarks, spacing, &Protocol::from(context))
}

/// [`assess_with`] by a protocol: patient, panel, reference line, thresholds and norms.
pub fn assess_by(landmarks: &LandmarkSet, spacing: &Spacing, protocol: &Protocol) -> Assessment {
    let points = MetricLandmarks::with_segments(landmarks, spacing, &protocol.segments);
    let conflict = conflict(landmarks, spacing, protocol);
    let lines = lines(&points, protocol, conflict.as_ref(), protocol.reference);
    let draws = conflict.is_none().then(|| Draws::new(&points, &lines));
    let film = Film { landmarks, spacing, points: &points, lines, draws, protocol, gate: Gate::default() };
    let film = Film { gate: film.gate(), ..film };
    let Offered { definitions, rules } = offer::of(landmarks, protocol);
    let (measurements, samples) = film.measure_all(&definitions);
    let mut assessment = Assessment { measurements, ..Assessment::default() };
    for rule in rules {
        assessment.findings.extend(Side::BOTH.map(|side| film.grade(rule, side)));
    }
    assessment.findings.extend(film.classes(&assessment, &samples));
    assessment.readings = film.readings(&assessment);
    assessment.warnings = film.warnings(&assessment, conflict.as_ref());
    assessment
}

/// The measurement `code` of `side` (`None`: of the whole pelvis) against every reference line of the film, one after
/// the other, so that a reader sees what the choice of the line does. One where the line is part of the definition;
/// empty for a code that is none.
pub fn alternatives(
    landmarks: &LandmarkSet,
    spacing: &Spacing,
    protocol: &Protocol,
    code: &str,
    side: Option<Side>,
) -> Vec<Measurement> {
    let Some(definition) = catalogue::definition(code) else { return Vec::new() };
    let points = MetricLandmarks::with_segments(landmarks, spacing, &protocol.segments);
    let conflict = conflict(landmarks, spacing, protocol);
    let wanted: &[ReferenceLine] = match definition.reference {
        Reference::Paediatric | Reference::Adult => &ReferenceLine::ALL,
        _ => &[ReferenceLine::Image],
    };
    let mut found = Vec::new();
    for line in wanted {
        let lines = lines(&points, protocol, conflict.as_ref(), Some(*line));
        if lines.get(*line).is_err() {
            continue;
        }
        let draws = Some(Draws::new(&points, &lines));
        let film =
            Film { landmarks, spacing, points: &points, lines, draws, protocol, gate: Gate::default() };
        let film = Film { gate: film.gate(), ..film };
        found.extend(film.measure_all(&[definition]).0.into_iter().filter(|m| m.side == side));
    }
    found
}

fn conflict(landmarks: &LandmarkSet, spacing: &Spacing, protocol: &Protocol) -> Option<Refusal> {
    let expected = protocol.context.patient_right_on_left;
    laterality::check(landmarks, spacing, expected).err().map(Refusal::Laterality)
}

fn lines(
    points: &MetricLandmarks,
    protocol: &Protocol,
    conflict: Option<&Refusal>,
    wanted: Option<ReferenceLine>,
) -> Lines {
    match conflict {
        Some(refusal) => Lines::refused(refusal, wanted),
        None => Lines::new(points, protocol.context.patient_right_on_left, wanted),
    }
}

struct Film<'a> {
    landmarks: &'a LandmarkSet,
    spacing: &'a Spacing,
    points: &'a MetricLandmarks<'a>,
    lines: Lines,
    draws: Option<Draws<'a>>,
    protocol: &'a Protocol,
    gate: Gate,
}

impl Film<'_> {
    fn hip(&self, reference: Reference, side: Option<Side>) -> Result<Hip<'_>, Refusal> {
        let frame = self.lines.of(reference).1.as_ref().map_err(Refusal::clone)?;
        // A measurement of the whole pelvis reads both sides whichever is named.
        Ok(Hip { points: self.points, frame, side: side.unwrap_or(Side::Right) })
    }

    fn gate(&self) -> Gate {
        let index =
            |definition: &Definition| definition.of_hip(&self.hip(definition.reference, None).ok()?).ok();
        Gate { rotation: index(&rotation::DEFINITION), tilt: index(&tilt::DEFINITION) }
    }

    fn unit(&self, quantity: Quantity) -> Unit {
        match quantity {
            Quantity::Angle => Unit::Degree,
            Quantity::Percent => Unit::Percent,
            Quantity::Ratio => Unit::Ratio,
            Quantity::Length => self.length(),
        }
    }

    fn length(&self) -> Unit {
        if self.spacing.has_millimetres() { Unit::Millimetre } else { Unit::Pixel }
    }

    /// Each definition on its sides, and beside each what the draws gave.
    fn measure_all(&self, definitions: &[&'static Definition]) -> (Vec<Measurement>, Vec<Option<Sample>>) {
        let wanted: Vec<_> = definitions
            .iter()
            .flat_map(|definition| {
                let line = self.lines.of(definition.reference).0;
                definition.sides().iter().map(move |side| (*definition, line, *side))
            })
            .collect();
        let samples = match &self.draws {
            Some(draws) if !draws.is_empty() => draws.samples(&wanted),
            _ => vec![None; wanted.len()],
        };
        let measurements = wanted
            .iter()
            .zip(&samples)
            .map(|((definition, line, side), sample)| self.measure(definition, *line, *side, sample.as_ref()))
            .collect();
        (measurements, samples)
    }

    fn measure(
        &self,
        definition: &'static Definition,
        reference_line: Option<ReferenceLine>,
        side: Option<Side>,
        sample: Option<&Sample>,
    ) -> Measurement {
        let unit = self.unit(definition.quantity);
        let hip = self.hip(definition.reference, side);
        let outcome = hip.as_ref().map_err(Refusal::clone).and_then(|hip| definition.of_hip(hip));
        let positioning = self.gate.judge(definition.bears);
        let (value, (status, reason)) = match (outcome, hip) {
            (Ok(value), Ok(hip)) => (Some(value), doubt(definition, &hip, value, unit, positioning.as_ref())),
            (Err(refusal), _) | (_, Err(refusal)) => {
                (None, (refusal.status(), refusal.reason(self.landmarks)))
            }
        };
        let sample = sample.filter(|_| value.is_some());
        Measurement {
            code: definition.code,
            side,
            value,
            unit,
            ci95: sample.map(|sample| sample.interval),
            sd: sample.map(Sample::deviation),
            spread: sample.map(|sample| sample.sources.clone()).unwrap_or_default(),
            status,
            reason,
            definition: definition.id,
            reference_line,
            positioning: positioning.filter(|_| value.is_some()),
        }
    }

    fn grade(&self, rule: &'static Rule, side: Side) -> Finding {
        let hip = self.hip(Reference::Hilgenreiner, Some(side));
        let outcome = hip.as_ref().map_err(Refusal::clone).and_then(|hip| (rule.grade)(hip));
        let (grade, status, reason) = match outcome {
            Err(refusal) => {
                (None, refusal.status(), (rule.on_refusal)(&refusal, hip.as_ref().ok(), self.landmarks))
            }
            Ok(graded) => {
                let (status, reason) = graded.doubt.unwrap_or((Status::Ok, ""));
                (Some(rule.grades[graded.grade].to_owned()), status, reason.to_owned())
            }
        };
        let probabilities = match (&grade, &self.draws) {
            (Some(_), Some(draws)) => draws.probabilities(rule, side),
            _ => Vec::new(),
        };
        let next = hip.ok().filter(|_| grade.is_some()).and_then(|hip| {
            let (grade, distance) = (rule.nearest)(&hip).ok()?;
            Some(NextGrade { grade: rule.grades[grade].to_owned(), distance, unit: self.length() })
        });
        Finding {
            code: rule.code,
            side: Some(side),
            grade,
            probabilities,
            status,
            reason,
            rule: rule.id,
            number: None,
            next,
        }
    }

    /// Findings from numbers, for every number that was measured; that of DDH where the age is known or the child's
    /// panel is asked for.
    fn classes(&self, assessment: &Assessment, samples: &[Option<Sample>]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for rule in verdict::RULES {
            let measured = assessment.measurements.iter().zip(samples);
            let measured = measured.filter(|(measurement, _)| measurement.code == rule.measurement);
            findings.extend(measured.map(|(m, sample)| rule.judge(self.protocol, m, sample.as_ref())));
        }
        let asked = matches!(self.protocol.panel, Panel::Paediatric | Panel::All);
        let graded = assessment.findings.iter().any(|finding| finding.code == "IHDI");
        if graded && (asked || self.protocol.subject.age_months.is_some()) {
            let judge = |side| ddh::judge(assessment, self.protocol, self.draws.as_ref(), side);
            findings.extend(Side::BOTH.map(judge));
        }
        findings
    }

    fn readings(&self, assessment: &Assessment) -> Vec<Reading> {
        let (mut readings, subject) = (Vec::new(), &self.protocol.subject);
        for m in &assessment.measurements {
            let withheld = matches!(m.positioning, Some(Positioning::Withheld(_)));
            let Some(value) = m.value.filter(|_| !withheld) else { continue };
            for table in self.protocol.norms.iter() {
                let reading = table.reading(m.code, m.side, subject, value, m.ci95);
                // Asked last, as few measurements have a norm.
                readings.extend(reading.filter(|_| self.usual(m.code, m.reference_line)));
            }
        }
        readings
    }

    /// Whether a value rests on a head that was taken from its outline.
    fn reads_outline(&self, assessment: &Assessment, side: Side) -> bool {
        let outlined = |code: &LandmarkCode| self.points.is_outlined(code, side);
        if ![LandmarkCode::FH, LandmarkCode::FHC].iter().any(outlined) {
            return false;
        }
        let reads = |need: &Need| matches!(need, Need::Side(code) | Need::Both(code) if outlined(code));
        let of_side = |m: &&Measurement| m.value.is_some() && m.side.is_none_or(|of| of == side);
        let mut measured = assessment.measurements.iter().filter(of_side);
        measured.any(|m| catalogue::definition(m.code).is_some_and(|d| d.needs.iter().any(reads)))
    }

    /// Whether norms of that measurement hold for its line: a child's are those of the Hilgenreiner line.
    fn usual(&self, code: &str, line: Option<ReferenceLine>) -> bool {
        let definition = catalogue::definition(code);
        definition.is_none_or(|definition| definition.reference != Reference::Paediatric)
            || line == Some(ReferenceLine::Hilgenreiner)
    }

    fn warnings(&self, assessment: &Assessment, conflict: Option<&Refusal>) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(refusal) = conflict {
            warnings.push(format!("Nothing is measured: {}.", refusal.reason(self.landmarks)));
        }
        let measured = |m: &&Measurement| m.value.is_some();
        let used = assessment.measurements.iter().filter(measured).filter_map(|m| m.reference_line);
        let of_pelvis = used.clone().find(|line| *line != ReferenceLine::Image);
        let line = of_pelvis.unwrap_or(ReferenceLine::Hilgenreiner);
        if let Ok(frame) = self.lines.get(line)
            && frame.turned_deg() > TURNED_DEG
        {
            warnings.push(format!(
                "The pelvis is turned by {:.0}° in the image; which way is up is taken from the landmarks.",
                frame.turned_deg()
            ));
        }
        let by_image = used.clone().any(|line| line == ReferenceLine::Image);
        if by_image && pair(self.points).is_none() && self.protocol.context == Context::default() {
            warnings.push("Sides of the image are assumed: the patient's right on its left.".to_owned());
        }
        let outlined = |side: &Side| self.reads_outline(assessment, *side);
        warnings.extend(Side::BOTH.into_iter().filter(outlined).map(|side| {
            format!("The femoral head of the {} is that of its outline: nobody marked it.", side.name())
        }));
        warnings.extend(self.spacing.status.caution().map(str::to_owned));
        let of = |code: &'static str| assessment.measurements.iter().filter(move |m| m.code == code);
        if of(centre_edge::DEFINITION.code).any(|m| m.value.is_some())
            && self.protocol.subject.age_months.is_none_or(|age| age < 48.0)
        {
            warnings.push("The centre-edge angle is unreliable before 4 years of age.".to_owned());
        }
        for (code, limit, words) in ALERTS {
            let beyond = |m: &Measurement| m.unit != Unit::Pixel && m.value.is_some_and(|v| v.abs() > limit);
            if of(code).any(beyond) {
                warnings.push(words.to_owned());
            }
        }
        warnings
    }
}

/// The status of a value that stands, and why it is not simply OK: the gravest doubt first.
fn doubt(
    definition: &Definition,
    hip: &Hip,
    value: f64,
    unit: Unit,
    positioning: Option<&Positioning>,
) -> Doubt {
    if let Some(Positioning::Withheld(reason)) = positioning.filter(|_| definition.bears != Bears::Anything) {
        return (Status::Positioning, reason.clone());
    }
    if let Some((low, high)) = definition.plausible
        && (value < low || value > high)
    {
        let unit = unit.suffix();
        let words = format!("outside the plausible range of {low} to {high}{unit}: check the landmarks");
        return (Status::OutOfRange, words);
    }
    let own = definition.doubt.and_then(|doubt| doubt(hip));
    own.or_else(|| outlined(definition, hip)).unwrap_or((Status::Ok, String::new()))
}

/// The doubt of a short arc, where the head is that of its outline.
fn outlined(definition: &Definition, hip: &Hip) -> Option<Doubt> {
    let reads = |side: Side| {
        definition.needs.iter().any(|need| match need {
            Need::Side(code) => side == hip.side && hip.points.is_outlined(code, side),
            Need::Both(code) => hip.points.is_outlined(code, side),
            Need::Circle(code) => side == hip.side && hip.points.radius(code.clone(), side).is_err(),
            _ => false,
        })
    };
    Side::BOTH.into_iter().filter(|side| reads(*side)).find_map(|side| hip.points.head(side).ok()?.doubt())
}
