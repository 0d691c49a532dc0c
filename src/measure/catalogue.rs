//! Everything that can be measured or graded, in the order of tables and files.

use super::definition::{Definition, Need, Rule};
use super::landmark::LandmarkCode;
use super::measurement::ReferenceLine;
use super::verdict::{self, ClassRule};
use super::{acetabulum, femur, hip, pelvis, perthes, quality};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Every measurement.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    let child = hip::MEASUREMENTS.into_iter().chain(hip::FURTHER);
    let adult = acetabulum::MEASUREMENTS.into_iter().chain(femur::MEASUREMENTS).chain(pelvis::MEASUREMENTS);
    child.chain(adult).chain(perthes::MEASUREMENTS).chain(quality::MEASUREMENTS)
}

/// Every grade that landmarks give.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    hip::GRADES.into_iter().chain(hip::EXPERIMENTAL)
}

/// Codes of every grade and judgement of a hip.
pub fn findings() -> impl Iterator<Item = &'static str> {
    let judged = verdict::RULES.into_iter().map(|rule| rule.code);
    rules().map(|rule| rule.code).chain([verdict::ddh::CODE]).chain(judged)
}

pub fn definition(code: &str) -> Option<&'static Definition> {
    definitions().find(|definition| definition.code == code)
}

pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

pub fn class_rule(code: &str) -> Option<&'static ClassRule> {
    verdict::RULES.into_iter().find(|rule| rule.code == code)
}

/// Whether a measurement, a grade or a reference line reads that landmark as a point; those of an outline are read as
/// its curves only.
pub fn is_point(code: &LandmarkCode) -> bool {
    static POINTS: OnceLock<BTreeSet<LandmarkCode>> = OnceLock::new();
    let points = POINTS.get_or_init(|| {
        let needs = definitions().flat_map(|definition| definition.needs);
        let points = needs.filter(|need| matches!(need, Need::Side(_) | Need::Both(_) | Need::Midline(_)));
        let of_rules = rules().flat_map(|rule| rule.landmarks.iter().cloned());
        let of_lines = ReferenceLine::ALL.into_iter().filter_map(ReferenceLine::landmark);
        points.map(|need| need.code().clone()).chain(of_rules).chain(of_lines).collect()
    });
    points.contains(code)
}

/// What a reader calls the measurement, grade or finding.
pub fn title(code: &str) -> Option<&'static str> {
    definition(code)
        .map(|definition| definition.name)
        .or_else(|| rule(code).map(|rule| rule.name))
        .or_else(|| class_rule(code).map(|rule| rule.name))
        .or_else(|| (code == verdict::ddh::CODE).then_some(verdict::ddh::NAME))
}
