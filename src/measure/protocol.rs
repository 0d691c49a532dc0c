//! How a film is to be assessed: what is known of the patient, which measurements, lines and thresholds are wanted.

use super::assess::Context;
use super::measurement::ReferenceLine;
use super::norms::{self, NormTable};
use super::scheme::{self, Segment};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sex {
    #[serde(rename = "F")]
    Female,
    #[serde(rename = "M")]
    Male,
}

impl Sex {
    /// DICOM's PatientSex; `None` for `O` and anything else.
    pub fn from_code(code: &str) -> Option<Sex> {
        match code.trim() {
            "F" => Some(Sex::Female),
            "M" => Some(Sex::Male),
            _ => None,
        }
    }
}

/// Projection of the film. Norms of one view are none of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Anteroposterior pelvis.
    Ap,
    /// Frog-leg, Lauenstein.
    FrogLeg,
    Dunn,
    /// Cross-table lateral.
    CrossTable,
}

impl View {
    pub fn from_code(code: &str) -> Option<View> {
        match code.trim().to_ascii_lowercase().as_str() {
            "ap" => Some(View::Ap),
            "frog_leg" => Some(View::FrogLeg),
            "dunn" => Some(View::Dunn),
            "cross_table" => Some(View::CrossTable),
            _ => None,
        }
    }
}

/// What is known of the patient and the film, from the header or by hand; nothing is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Subject {
    pub age_months: Option<f64>,
    pub sex: Option<Sex>,
    pub view: Option<View>,
}

/// DICOM's AgeString (`009M`, `012Y`, `010D`, `004W`) in months.
pub fn age_months(words: &str) -> Option<f64> {
    let words = words.trim();
    let (number, unit) = words.split_at_checked(words.len().checked_sub(1)?)?;
    let number: f64 = number.parse::<u32>().ok()?.into();
    match unit {
        "D" => Some(number / DAYS_PER_MONTH),
        "W" => Some(number * 7.0 / DAYS_PER_MONTH),
        "M" => Some(number),
        "Y" => Some(number * 12.0),
        _ => None,
    }
}

/// Months between two dates as DICOM writes them (`20260115`); `None` where one is none or they are in the wrong order.
pub fn age_between(birth: &str, study: &str) -> Option<f64> {
    let date = |words: &str| NaiveDate::parse_from_str(words.trim(), "%Y%m%d").ok();
    let days = (date(study)? - date(birth)?).num_days();
    (days >= 0).then(|| days as f64 / DAYS_PER_MONTH)
}

/// Mean length of a month in days.
pub const DAYS_PER_MONTH: f64 = 30.4375;

/// Which measurements are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// Those whose landmarks the film has.
    #[default]
    Auto,
    /// All of the child, with the reason where there is no value.
    Paediatric,
    /// All of the adult, likewise.
    Adult,
    All,
}

/// A published threshold of the alpha angle; which one is part of the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CamSet {
    /// Above 65° (S5).
    #[default]
    #[serde(rename = "s5_65")]
    S5_65,
    /// From 60° (Agricola 2014, van Klij 2020).
    #[serde(rename = "agricola_60")]
    Agricola60,
    /// Above 55°, made on CT and specimens.
    #[serde(rename = "55")]
    Over55,
}

impl CamSet {
    pub const ALL: [CamSet; 3] = [CamSet::S5_65, CamSet::Agricola60, CamSet::Over55];

    pub fn name(self) -> &'static str {
        match self {
            CamSet::S5_65 => "s5_65",
            CamSet::Agricola60 => "agricola_60",
            CamSet::Over55 => "55",
        }
    }

    pub fn from_name(name: &str) -> Option<CamSet> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }
}

/// How a film is assessed. The default measures what the film offers, against the usual lines, without age.
#[derive(Debug, Clone)]
pub struct Protocol {
    pub context: Context,
    pub subject: Subject,
    pub panel: Panel,
    /// Against this line every measurement whose definition leaves it open; the usual ones without.
    pub reference: Option<ReferenceLine>,
    pub cam_set: CamSet,
    pub norms: Cow<'static, [NormTable]>,
    /// Curves made of numbered points.
    pub segments: Cow<'static, [Segment]>,
}

impl Default for Protocol {
    fn default() -> Self {
        Protocol {
            context: Context::default(),
            subject: Subject::default(),
            panel: Panel::default(),
            reference: None,
            cam_set: CamSet::default(),
            norms: Cow::Borrowed(norms::embedded()),
            segments: Cow::Borrowed(scheme::segments()),
        }
    }
}

impl From<Context> for Protocol {
    fn from(context: Context) -> Self {
        Protocol { context, ..Protocol::default() }
    }
}
