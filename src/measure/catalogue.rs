//! Everything that can be measured or graded, in the order of tables and files.

use super::definition::{Definition, Rule};
use super::verdict::{self, ClassRule};
use super::{acetabulum, femur, hip, pelvis, perthes, quality};

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

pub fn definition(code: &str) -> Option<&'static Definition> {
    definitions().find(|definition| definition.code == code)
}

pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

pub fn class_rule(code: &str) -> Option<&'static ClassRule> {
    verdict::RULES.into_iter().find(|rule| rule.code == code)
}

/// What a reader calls the measurement, grade or finding.
pub fn title(code: &str) -> Option<&'static str> {
    definition(code)
        .map(|definition| definition.name)
        .or_else(|| rule(code).map(|rule| rule.name))
        .or_else(|| class_rule(code).map(|rule| rule.name))
        .or_else(|| (code == verdict::ddh::CODE).then_some(verdict::ddh::NAME))
}
