//! The files of one report.

use crate::export::csv::Summary;
use crate::export::pdf::{self, Paper};
use crate::export::{ExportError, Report, json, parquet, png, write_atomic};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Json,
    Pdf,
    Png,
    Csv,
    /// The table of `csv` with types
    Parquet,
}

pub struct Outputs {
    pub folder: PathBuf,
    pub formats: Vec<Format>,
    pub paper: Paper,
}

impl Outputs {
    /// Writes `name`.json, .pdf and .png, those that are asked for; no PNG without a film.
    pub fn write(&self, name: &str, report: &Report) -> Result<(), ExportError> {
        for format in &self.formats {
            let (extension, bytes) = match format {
                Format::Json => ("json", format!("{:#}\n", json::to_value(report)).into_bytes()),
                Format::Pdf => ("pdf", pdf::render_on(report, self.paper)?),
                Format::Png if report.film.is_some() => ("png", png::render(report)?),
                Format::Png | Format::Csv | Format::Parquet => continue,
            };
            write_atomic(&self.folder.join(format!("{name}.{extension}")), &bytes)?;
        }
        Ok(())
    }

    /// Writes summary.csv and summary.parquet, those that are asked for.
    pub fn write_summary(&self, summary: &Summary) -> Result<(), ExportError> {
        if self.formats.contains(&Format::Csv) {
            write_atomic(&self.folder.join("summary.csv"), &summary.to_bytes()?)?;
        }
        if self.formats.contains(&Format::Parquet) {
            write_atomic(&self.folder.join("summary.parquet"), &parquet::to_bytes(summary)?)?;
        }
        Ok(())
    }
}
