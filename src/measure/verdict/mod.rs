//! Interpretation (§4): a class of each side from its numbers, by thresholds that are published, named, and printed
//! beside the class. Nothing here is a diagnosis.

pub mod cam;
pub mod coxa;
pub mod ddh;
pub mod dysplasia;
pub mod pincer;

use super::measurement::{Finding, Measurement, NextGrade, Status};
use super::protocol::Protocol;
use super::quality::gate::Positioning;
use super::uncertainty::Sample;
use super::zones::{Class, Zones};

/// A class from one number.
#[derive(Debug)]
pub struct ClassRule {
    pub code: &'static str,
    pub name: &'static str,
    /// Code of the measurement it reads.
    pub measurement: &'static str,
    /// Code, threshold set and version.
    pub id: fn(&Protocol) -> &'static str,
    /// The thresholds for this patient, or why there are none.
    pub zones: fn(&Protocol) -> Result<Zones, String>,
    /// What the class is called in words, for a value.
    pub words: fn(Class, f64) -> &'static str,
    pub reading: &'static str,
    pub source: &'static str,
}

/// In the order of tables and files.
pub static RULES: [&ClassRule; 4] = [&dysplasia::RULE, &pincer::RULE, &cam::RULE, &coxa::RULE];

/// Age from which thresholds of adults hold, months.
pub const ADULT_MONTHS: f64 = 16.0 * 12.0;

/// Refuses thresholds of adults to a patient known to be younger.
fn adult(protocol: &Protocol) -> Result<(), String> {
    match protocol.subject.age_months {
        Some(age) if age < ADULT_MONTHS => {
            Err("thresholds of adults do not apply before 16 years".to_owned())
        }
        _ => Ok(()),
    }
}

impl ClassRule {
    /// The class of `measured`, whose draws gave `sample`.
    pub fn judge(&self, protocol: &Protocol, measured: &Measurement, sample: Option<&Sample>) -> Finding {
        let finding = Finding {
            code: self.code,
            side: measured.side,
            grade: Some(Class::NotAssessable.code().to_owned()),
            probabilities: Vec::new(),
            status: measured.status,
            reason: measured.reason.clone(),
            rule: (self.id)(protocol),
            number: measured.value.map(|value| (value, measured.unit)),
            next: None,
        };
        let Some(value) = measured.value else { return finding };
        if let Some(Positioning::Withheld(_)) = measured.positioning {
            return finding;
        }
        let zones = match (self.zones)(protocol) {
            Ok(zones) => zones,
            Err(reason) => return Finding { status: Status::NotAvailable, reason, ..finding },
        };
        let class = zones.judge(value, measured.ci95);
        let unit = measured.unit;
        let shares = sample.map(|sample| zones.shares(&sample.values)).unwrap_or_default();
        let number = format!("{} {value:.1}{}", self.measurement, unit.suffix());
        let words = match (class, measured.ci95) {
            (Class::Indeterminate, Some((low, high))) => {
                format!("{number}: a threshold lies inside the interval {low:.1} to {high:.1}")
            }
            _ => format!("{number}: {}", (self.words)(class, value)),
        };
        let doubt = if measured.reason.is_empty() { String::new() } else { format!("; {}", measured.reason) };
        Finding {
            grade: Some(class.code().to_owned()),
            probabilities: shares
                .into_iter()
                .map(|(class, share)| (class.code().to_owned(), share))
                .collect(),
            reason: format!("{words} ({}){doubt}", zones.words()),
            next: zones.nearest(value).map(|(class, distance)| NextGrade {
                grade: class.code().to_owned(),
                distance,
                unit,
            }),
            ..finding
        }
    }
}
