//! **DDH suspected** (§4; S1 publishes no rule): displaced by the IHDI grade (else Tönnis grade) from the second grade
//! on, dysplastic by the acetabular index beyond 2 SD, borderline from 1 to 2 SD. The index needs age, sex and side; until
//! its norm table is signed a coarse limit stands in, is called so, and cannot say more than borderline.

use crate::measure::anatomy::Hip;
use crate::measure::definition::Rule;
use crate::measure::hip::{acetabular_index, ihdi, tonnis_grade};
use crate::measure::landmark::Side;
use crate::measure::measurement::{Assessment, Finding, ReferenceLine, Status};
use crate::measure::norms::NormTable;
use crate::measure::protocol::Protocol;
use crate::measure::quality::gate::Positioning;
use crate::measure::uncertainty::Draws;
use crate::measure::zones::{self, Class, Zones};

pub const CODE: &str = "DDH";
pub const NAME: &str = "Hip dysplasia (DDH)";
pub const RULE: &str = "DDH/1";
/// Radiographs are primary from this age on; before it, ultrasound.
const RADIOGRAPH_MONTHS: f64 = 6.0;
/// Share of the draws below which a class is not sure: what a two-sided 95 % interval leaves on one side.
const SURE: f64 = 0.975;

/// The finding of `side` from the measurements and grades that `assessment` holds.
pub fn judge(assessment: &Assessment, protocol: &Protocol, draws: Option<&Draws>, side: Side) -> Finding {
    let index = assessment.measurement(acetabular_index::DEFINITION.code, Some(side));
    let finding = Finding {
        code: CODE,
        side: Some(side),
        grade: Some(Class::NotAssessable.code().to_owned()),
        probabilities: Vec::new(),
        status: Status::NotAvailable,
        reason: String::new(),
        rule: RULE,
        number: index.and_then(|index| Some((index.value?, index.unit))),
        next: None,
    };
    let refused =
        |status: Status, reason: &str| Finding { status, reason: reason.to_owned(), ..finding.clone() };
    let Some(index) = index else {
        return refused(Status::NotAvailable, "the acetabular index was not measured");
    };
    if index.reference_line != Some(ReferenceLine::Hilgenreiner) {
        return refused(Status::NotAvailable, "norms of the acetabular index hold for the Hilgenreiner line");
    }
    if protocol.subject.age_months.is_none() {
        return refused(Status::NotAvailable, "needs the age: the acetabular index stands alone");
    }
    if let Some(Positioning::Withheld(reason)) = &index.positioning {
        return refused(Status::Positioning, reason);
    }
    let Some(value) = index.value else { return refused(index.status, &index.reason) };
    let Some((table, zones)) = limits(protocol, side) else {
        return refused(Status::NotAvailable, "no norm of the acetabular index for this age");
    };
    let Some((rule, graded)) = grade(assessment, side) else {
        return refused(Status::MissingLandmark, "neither IHDI nor Tönnis grade: displacement is not known");
    };
    let displaced = rule.grades.iter().position(|grade| *grade == graded).is_some_and(|grade| grade > 0);
    let class = class_of(displaced, zones.class(value));
    let shares = draws.map(|draws| shares(draws, rule, &zones, side)).unwrap_or_default();
    let sure = shares.is_empty() || shares.iter().any(|(of, share)| *of == class && *share >= SURE);
    let mut reason = words(displaced, zones.class(value), &format!("{} {graded}", rule.name));
    reason += &format!("; AI {value:.1}° by {}: {}", table.id, zones.words());
    if table.coarse {
        reason += " (coarse limit: the norm table is unsigned or has no row for this patient)";
    }
    if protocol.subject.age_months.is_some_and(|age| age < RADIOGRAPH_MONTHS) {
        reason += "; before 6 months ultrasound is primary";
    }
    Finding {
        grade: Some(if sure { class } else { Class::Indeterminate }.code().to_owned()),
        probabilities: shares.into_iter().map(|(class, share)| (class.code().to_owned(), share)).collect(),
        status: Status::Ok,
        reason,
        ..finding
    }
}

/// The first table that may judge and has a row for the patient; one with a single coarse limit comes last.
fn limits(protocol: &Protocol, side: Side) -> Option<(&NormTable, Zones)> {
    let of = |coarse: bool| {
        let valid = protocol.norms.iter().filter(move |table| table.coarse == coarse && table.is_valid());
        valid.filter_map(|table| {
            let row = table.row(acetabular_index::DEFINITION.code, Some(side), &protocol.subject)?;
            Some((table, row.zones.clone()))
        })
    };
    of(false).chain(of(true)).next()
}

/// The IHDI grade, else the Tönnis grade.
fn grade(assessment: &Assessment, side: Side) -> Option<(&'static Rule, &str)> {
    [&ihdi::RULE, &tonnis_grade::RULE]
        .into_iter()
        .find_map(|rule| Some((rule, assessment.finding(rule.code, Some(side))?.grade.as_deref()?)))
}

fn class_of(displaced: bool, index: Class) -> Class {
    if displaced { Class::Abnormal } else { index }
}

fn words(displaced: bool, index: Class, grade: &str) -> String {
    let parts = [
        displaced.then(|| format!("displaced ({grade})")),
        match index {
            Class::Abnormal => Some("dysplastic".to_owned()),
            Class::Borderline => Some("borderline".to_owned()),
            _ => None,
        },
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        format!("no sign of DDH, {grade}")
    } else {
        format!("DDH suspected: {}", parts.join(", "))
    }
}

/// Share of the draws in each class, displacement and index drawn together.
fn shares(draws: &Draws, rule: &Rule, zones: &Zones, side: Side) -> Vec<(Class, f64)> {
    // Either grade needs the roof edge, and with TRC that is all the index needs.
    if !draws.known_points(rule, side) {
        return Vec::new();
    }
    let class = |hip: &Hip| {
        let displaced = (rule.grade)(hip).ok()?.grade > 0;
        Some(class_of(displaced, zones.class(acetabular_index::DEFINITION.of_hip(hip).ok()?)))
    };
    zones::shares(draws.hips(ReferenceLine::Hilgenreiner, side).filter_map(|hip| class(&hip)))
}
