//! One report snapshot to JSON, CSV, PNG, PDF, Parquet, DICOM objects, data sets and a replay bundle; [`target`] lists them.
//!
//! [`Report`] is made once; [`json`], [`png`] and [`pdf`] turn it into bytes, [`csv`] collects one row per image, and
//! [`write_atomic`] puts bytes into a file that is either whole or not there. [`scene`] decides what stands over the
//! film and [`style`] how it looks, so the raster and the page show the same lines. [`evaluation`] is the other report: of
//! readers on many films.

pub mod bundle;
pub mod check;
pub mod circumstances;
pub mod csv;
pub mod delivery;
pub mod dicom;
pub mod evaluation;
pub mod handbook;
mod handover;
pub mod json;
pub mod masks;
pub mod parquet;
pub mod pdf;
pub mod png;
mod read_back;
pub(crate) mod record;
pub mod report;
pub mod scene;
pub mod style;
pub mod target;
pub mod text;
pub mod wording;
mod write;

pub use check::{Checked, SendCheck};
pub use circumstances::{Circumstances, Prior, Site};
pub use handover::Handover;
pub use report::{Change, Correction, Film, Report, Source};
pub use write::write_atomic;

use crate::datasets::DatasetError;
use std::path::PathBuf;

/// Why a report could not be handed over.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{}: cannot be written: {cause}", path.display())]
    Write { path: PathBuf, cause: std::io::Error },
    #[error("the embedded fonts cannot be read: {0}")]
    Font(String),
    #[error("no film to draw: the points were measured without an image")]
    NoFilm,
    #[error("the image cannot be drawn: {0}")]
    Image(String),
    #[error("a chart cannot be drawn: {0}")]
    Chart(String),
    #[error("the DICOM object cannot be made: {0}")]
    Dicom(String),
    /// It would leave, and something in it is wrong: it does not leave.
    #[error("{} not written: {}", .0.name, .0.faults().collect::<Vec<_>>().join("; "))]
    Unsound(Box<SendCheck>),
    #[error("{}: not written: it is there already", .0.display())]
    Taken(PathBuf),
    #[error(transparent)]
    DataSet(#[from] DatasetError),
    #[error("no data set can be made of it: {0}")]
    Case(String),
    #[error("the bundle cannot be made: {0}")]
    Bundle(String),
    #[error("the PDF cannot be made: {0}")]
    Pdf(String),
    #[error("the table cannot be made: {0}")]
    Table(#[from] ::csv::Error),
    #[error("the Parquet table cannot be made: {0}")]
    Parquet(String),
}
