//! `summary.csv`: one row per image, the same columns in every run, so that files of many runs can be put together.

use super::ExportError;
use super::report::Report;
use super::wording;
use crate::measure::{Side, Unit, catalogue};
use std::path::Path;

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Every cell is a number or empty.
    pub number: bool,
}

/// Every measurement of a child or an adult, of either hip or of the film.
fn measurements() -> impl Iterator<Item = (&'static str, Option<Side>)> {
    catalogue::definitions()
        .flat_map(|definition| definition.sides().iter().map(|side| (definition.code, *side)))
}

/// Every grade and judgement, of either hip.
fn findings() -> impl Iterator<Item = (&'static str, Side)> {
    catalogue::findings().flat_map(|code| Side::BOTH.map(|side| (code, side)))
}

/// The rows so far.
#[derive(Debug, Default)]
pub struct Summary {
    rows: Vec<Vec<String>>,
}

impl Summary {
    /// The columns: `path`, `name` (of the files written), `status` (`ok` or `failed`), per measurement of the catalogue and
    /// side value, interval and status, `length_unit`, per finding and side grade and status, then
    /// `spacing_status`, `model`, `warnings` and `error`. A value that was not measured is empty, never 0.
    pub fn columns() -> Vec<Column> {
        let text = |name: &str| Column { name: name.to_owned(), number: false };
        let mut columns = ["path", "name", "status"].map(text).to_vec();
        for (code, side) in measurements() {
            let name = side.map_or_else(|| code.to_owned(), |side| format!("{code}_{}", side.letter()));
            for (end, number) in [("", true), ("_lo", true), ("_hi", true), ("_status", false)] {
                columns.push(Column { name: format!("{name}{end}"), number });
            }
        }
        columns.push(text("length_unit"));
        for (code, side) in findings() {
            for end in ["", "_status"] {
                columns.push(text(&format!("{code}_{}{end}", side.letter())));
            }
        }
        columns.extend(["spacing_status", "model", "warnings", "error"].map(text));
        columns
    }

    /// The cells of each image, in the order of the columns.
    pub fn rows(&self) -> impl Iterator<Item = &Vec<String>> {
        self.rows.iter()
    }

    /// A measured image whose files are called `name`.
    pub fn add(&mut self, name: &str, report: &Report) {
        self.rows.push(Self::row(name, report));
    }

    /// The cells of a measured image.
    fn row(name: &str, report: &Report) -> Vec<String> {
        let mut row =
            vec![report.source.path.to_string_lossy().into_owned(), name.to_owned(), "ok".to_owned()];
        for (code, side) in measurements() {
            let found = report.assessment.measurement(code, side);
            let number = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
            row.push(number(found.and_then(|m| m.value)));
            row.push(number(found.and_then(|m| m.ci95).map(|(low, _)| low)));
            row.push(number(found.and_then(|m| m.ci95).map(|(_, high)| high)));
            row.push(found.map(|m| m.status.code()).unwrap_or_default().to_owned());
        }
        let length = if report.spacing.has_millimetres() { Unit::Millimetre } else { Unit::Pixel };
        row.push(length.ucum().to_owned());
        for (code, side) in findings() {
            let found = report.assessment.finding(code, Some(side));
            row.push(found.and_then(|f| f.grade.clone()).unwrap_or_default());
            row.push(found.map(|f| f.status.code()).unwrap_or_default().to_owned());
        }
        row.push(wording::spacing_code(report.spacing.status).to_owned());
        row.push(report.model.as_ref().map(|m| format!("{} {}", m.id, m.version)).unwrap_or_default());
        row.push(report.warnings.join("; "));
        row.push(String::new());
        row
    }

    /// An image that could not be measured, and why.
    pub fn add_failure(&mut self, path: &Path, error: &str) {
        let mut row = vec![String::new(); Self::columns().len()];
        row[0] = path.to_string_lossy().into_owned();
        row[2] = "failed".to_owned();
        if let Some(last) = row.last_mut() {
            *last = error.to_owned();
        }
        self.rows.push(row);
    }

    /// The table as UTF-8 CSV with a header line.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ExportError> {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(Self::columns().iter().map(|column| &column.name))?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|e| ExportError::Table(e.into_error().into()))
    }
}
