//! What a report is made again from, as JSON: everything that its numbers depend on and everything that a person did.
//! Numbers come back as they were, to the last bit. A structured report has it in a private element, beside a content
//! tree that rounds; a replay bundle has it as a file.

use super::{Correction, ExportError, Handover, Report, Source};
use crate::measure::construction::drawn;
use crate::measure::{Context, Panel, Protocol, Spacing, Subject, assess_by};
use crate::study::{Annotations, Review};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name and version of the format.
const SCHEMA: &str = "coxa/record/1";

/// Everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    schema: String,
    pub film: Film,
    /// Of the report.
    pub warnings: Vec<String>,
    pub annotations: Annotations,
    pub review: Review,
}

/// What of the film and its patient the numbers depend on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Film {
    pub rows: usize,
    pub columns: usize,
    pub frame: u32,
    /// Calibrations included.
    pub spacing: Spacing,
    /// As [`crate::imaging::Radiograph::patient_right_on_left`].
    pub patient_right_on_left: Option<bool>,
    /// By the header, or by hand over it.
    pub subject: Subject,
    /// Which measurements were asked for.
    pub panel: Panel,
}

impl Record {
    /// # Errors
    /// A report of points without a film.
    pub fn of(handover: &Handover) -> Result<Record, ExportError> {
        let Handover { report, protocol, .. } = handover;
        let (Some(rows), Some(columns)) = (report.source.rows, report.source.columns) else {
            return Err(ExportError::NoFilm);
        };
        let film = Film {
            rows,
            columns,
            frame: report.source.frame.unwrap_or(1),
            spacing: report.spacing,
            patient_right_on_left: protocol.context.patient_right_on_left,
            subject: protocol.subject,
            panel: protocol.panel,
        };
        Ok(Record {
            schema: SCHEMA.to_owned(),
            film,
            warnings: report.warnings.clone(),
            annotations: handover.annotations.clone(),
            review: handover.review.clone(),
        })
    }

    /// # Errors
    /// In words, where a number is none: JSON has no such thing.
    pub fn to_json(&self) -> Result<String, String> {
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        match Record::from_json(&text) {
            Ok(read) if read == *self => Ok(text),
            Ok(_) => Err("a value of the study cannot be kept".to_owned()),
            Err(reason) => Err(format!("a value of the study cannot be kept ({reason})")),
        }
    }

    /// # Errors
    /// In words, where the text is no record of this version.
    pub fn from_json(text: &str) -> Result<Record, String> {
        let record: Record = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let masks =
            [&record.annotations.mask, &record.annotations.mask_prediction.as_ref().map(|p| p.mask.clone())]
                .into_iter()
                .flatten()
                .all(|mask| (mask.rows, mask.columns) == (record.film.rows, record.film.columns));
        match (record.schema == SCHEMA, masks) {
            (false, _) => Err(format!("it is {:?}, not {SCHEMA}", record.schema)),
            (true, false) => Err("its masks are of another size than its film".to_owned()),
            (true, true) => Ok(record),
        }
    }
}

impl Film {
    /// `protocol`'s norms and curves for this film and these settings.
    pub fn protocol(&self, annotations: &Annotations, protocol: &Protocol) -> Protocol {
        Protocol {
            context: Context { patient_right_on_left: self.patient_right_on_left },
            subject: self.subject,
            panel: self.panel,
            reference: annotations.settings.reference,
            cam_set: annotations.settings.cam_set,
            ..protocol.clone()
        }
    }

    /// The report made again without its film, under the whole of `protocol`; it says nothing of the patient.
    pub fn report(
        &self,
        path: &Path,
        annotations: &Annotations,
        warnings: &[String],
        protocol: &Protocol,
    ) -> Report {
        let landmarks = &annotations.landmarks;
        let assessment = assess_by(landmarks, &self.spacing, protocol);
        let prediction = annotations.prediction.as_ref();
        Report {
            source: Source {
                path: path.to_owned(),
                rows: Some(self.rows),
                columns: Some(self.columns),
                frame: Some(self.frame),
                ..Source::default()
            },
            sides_stated: self.patient_right_on_left.is_some(),
            construction: drawn(landmarks, &self.spacing, self.rows, self.columns, &assessment),
            model: prediction.map(|prediction| prediction.model.clone()),
            corrections: Correction::of(annotations, &self.spacing),
            warnings: warnings.to_vec(),
            ..Report::of_points(path, landmarks, &self.spacing, &assessment)
        }
    }
}
