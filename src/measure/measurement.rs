//! What a measurement says: a value with unit, interval, reference line and definition, or a status with its reason.

use super::landmark::Side;
use super::norms::Reading;
use super::quality::gate::Positioning;
use super::spread::Source;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether the number can be stood behind. The names are those of the measurement JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Ok,
    /// A landmark it needs is missing.
    MissingLandmark,
    /// Two points that define a direction coincide (< 0.5 mm, without spacing < 2 px).
    Coincident,
    /// The reference baseline is too short (< 20 mm, without spacing < 50 px).
    BaselineShort,
    /// The points of a circle lie on a line.
    Collinear,
    /// The points of a circle span little of it: refused below 90°, value kept and flagged below 120°.
    ArcShort,
    /// A contour never leaves the head's circle.
    NoExit,
    /// Outside the plausible range: value kept and flagged.
    OutOfRange,
    /// Labelled sides contradict the image's orientation.
    LateralityConflict,
    /// Landmarks contradict each other anatomically: value kept and flagged.
    CheckLandmarks,
    /// The pelvis is turned or tilted too far for this value: kept, to be shown greyed, never judged.
    Positioning,
    /// It cannot be measured on this film at all.
    NotAvailable,
}

impl Status {
    /// As printed in JSON and tables.
    pub fn code(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::MissingLandmark => "MISSING_LANDMARK",
            Status::Coincident => "COINCIDENT",
            Status::BaselineShort => "BASELINE_SHORT",
            Status::Collinear => "COLLINEAR",
            Status::ArcShort => "ARC_SHORT",
            Status::NoExit => "NO_EXIT",
            Status::Positioning => "POSITIONING",
            Status::OutOfRange => "OUT_OF_RANGE",
            Status::LateralityConflict => "LATERALITY_CONFLICT",
            Status::CheckLandmarks => "CHECK_LANDMARKS",
            Status::NotAvailable => "NOT_AVAILABLE",
        }
    }

    /// Whether a value may stand beside this status.
    pub fn keeps_value(self) -> bool {
        matches!(
            self,
            Status::Ok | Status::OutOfRange | Status::CheckLandmarks | Status::Positioning | Status::ArcShort
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// UCUM unit of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    #[serde(rename = "deg")]
    Degree,
    #[serde(rename = "mm")]
    Millimetre,
    #[serde(rename = "{pixels}")]
    Pixel,
    #[serde(rename = "%")]
    Percent,
    #[serde(rename = "1")]
    Ratio,
}

impl Unit {
    pub fn ucum(self) -> &'static str {
        match self {
            Unit::Degree => "deg",
            Unit::Millimetre => "mm",
            Unit::Pixel => "{pixels}",
            Unit::Percent => "%",
            Unit::Ratio => "1",
        }
    }

    /// As a reader sees it behind the number: `°`, ` mm`, ` px`, ` %`, nothing.
    pub fn suffix(self) -> &'static str {
        match self {
            Unit::Degree => "°",
            Unit::Millimetre => " mm",
            Unit::Pixel => " px",
            Unit::Percent => " %",
            Unit::Ratio => "",
        }
    }
}

/// The line an angle is measured against; always stored with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReferenceLine {
    /// Hilgenreiner: TRC-R → TRC-L.
    #[serde(rename = "H")]
    Hilgenreiner,
    /// Teardrops.
    #[serde(rename = "TD")]
    Teardrop,
    /// Ischia.
    #[serde(rename = "ISC")]
    Ischial,
    /// Femoral head centres.
    #[serde(rename = "FHC")]
    HeadCentres,
    /// Image horizontal.
    #[serde(rename = "IMG")]
    Image,
}

/// One measured quantity of one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// `AI`, `CE_WIBERG`, …
    pub code: &'static str,
    pub side: Option<Side>,
    /// `Some` only when [`Status::keeps_value`].
    pub value: Option<f64>,
    pub unit: Unit,
    /// 95 % interval of what readers agree on ([`super::spread`]), from the landmarks' covariances.
    pub ci95: Option<(f64, f64)>,
    /// Standard deviation from the same draws.
    pub sd: Option<f64>,
    /// Whose deviations they are made of; empty without an interval.
    pub spread: Vec<Source>,
    pub status: Status,
    /// Why the status is not OK, in words ("no ossific nucleus on the right"); empty when OK.
    pub reason: String,
    /// Id and version of the definition, e.g. `AI/1`.
    pub definition: &'static str,
    pub reference_line: Option<ReferenceLine>,
    /// What the film's positioning means for it; `None` where nothing tells, or it does not matter.
    pub positioning: Option<Positioning>,
}

/// How far a hip is from another grade.
#[derive(Debug, Clone, PartialEq)]
pub struct NextGrade {
    pub grade: String,
    /// Never negative.
    pub distance: f64,
    pub unit: Unit,
}

/// A graded conclusion of one side with the rule that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// `IHDI`, `TONNIS_GRADE`, …
    pub code: &'static str,
    pub side: Option<Side>,
    /// `None` when it cannot be graded; a class rule then says `not_assessable`.
    pub grade: Option<String>,
    /// Share of the 2,000 landmark draws that give each grade, most probable first; empty without deviations.
    pub probabilities: Vec<(String, f64)>,
    pub status: Status,
    /// Why the status is not OK, and for a class what it rests on.
    pub reason: String,
    /// Id and version of the rule, e.g. `IHDI/1`.
    pub rule: &'static str,
    /// The number that a class was read from.
    pub number: Option<(f64, Unit)>,
    /// The nearest other grade.
    pub next: Option<NextGrade>,
}

/// All that can be said of one film.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assessment {
    pub measurements: Vec<Measurement>,
    pub findings: Vec<Finding>,
    /// What the norm tables say, for the age, sex and side that are known.
    pub readings: Vec<Reading>,
    pub warnings: Vec<String>,
}

impl Assessment {
    pub fn measurement(&self, code: &str, side: Option<Side>) -> Option<&Measurement> {
        self.measurements.iter().find(|m| m.code == code && m.side == side)
    }

    /// Readings of one measurement, in the order of the tables.
    pub fn readings_of(&self, code: &str, side: Option<Side>) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(move |r| r.measurement == code && r.side == side)
    }

    pub fn finding(&self, code: &str, side: Option<Side>) -> Option<&Finding> {
        self.findings.iter().find(|f| f.code == code && f.side == side)
    }
}
