//! Whose a film is and where it belongs: patient, study, series, as the list of studies shows them.

use super::lang::tr;
use crate::export::wording;
use crate::imaging::{PatientEntry, SeriesEntry, StudyEntry};
use std::path::PathBuf;

/// Three levels, each with what tells it from its like and what a reader sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headings {
    pub patient: Heading,
    pub study: Heading,
    pub series: Heading,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    key: String,
    /// Empty where the file says nothing.
    pub words: String,
}

/// A report, segmentation or document of a series: listed, and brought to its film when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub headings: Headings,
    pub path: PathBuf,
    pub name: String,
    /// "a structured report".
    pub kind: String,
    pub date: String,
}

impl Headings {
    pub fn new(patient: &PatientEntry, study: &StudyEntry, series: &SeriesEntry) -> Self {
        let name = wording::person(&patient.name);
        let number =
            series.number.map(|number| format!("{} {number}", tr!("studies.series"))).unwrap_or_default();
        Self {
            patient: Heading {
                key: format!("{}\n{}", patient.id, patient.name),
                words: joined(&[if name == "—" { "" } else { &name }, &patient.id]),
            },
            study: Heading {
                key: study.uid.clone(),
                words: joined(&[&date(&study.date), &study.description]),
            },
            series: Heading {
                key: series.uid.clone(),
                words: joined(&[&number, &series.modality, &series.description]),
            },
        }
    }

    pub fn same_patient(&self, other: &Headings) -> bool {
        self.patient.key == other.patient.key
    }

    pub fn same_study(&self, other: &Headings) -> bool {
        self.same_patient(other) && self.study.key == other.study.key
    }

    pub fn same_series(&self, other: &Headings) -> bool {
        self.same_study(other) && self.series.key == other.series.key
    }

    /// How many levels two films share; neighbours share most.
    pub fn shared(&self, other: &Headings) -> usize {
        [self.same_patient(other), self.same_study(other), self.same_series(other)]
            .iter()
            .filter(|same| **same)
            .count()
    }
}

/// `YYYY-MM-DD`, or empty.
pub fn date(date: &str) -> String {
    let words = wording::date(date);
    if words == "—" { String::new() } else { words }
}

fn joined(parts: &[&str]) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
