//! What the window needs from the layers below, behind one trait: tests put a quick fake in its place.

use crate::imaging::Radiograph;
use crate::job::Job;
use crate::study::{Prediction, Study};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why an analysis gave no prediction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnalysisError {
    /// The person stopped it.
    Cancelled,
    /// The film is not one the network can read; the words say what it looks like instead.
    Refused(String),
    /// Something went wrong; the words say what.
    Failed(String),
}

/// The state of one study at the moment an export was asked for.
#[derive(Clone)]
pub struct Snapshot {
    pub radiograph: Arc<Radiograph>,
    pub study: Study,
}

/// A file or folder that gives no image, and the sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub path: PathBuf,
    pub reason: String,
}

/// Called from worker threads, except where said otherwise. Errors are sentences for the reader, without identity.
pub trait Services: Send + Sync {
    /// The images below `paths`, folders searched; an error for each that holds none or is none.
    fn find(&self, paths: &[PathBuf]) -> Vec<Result<PathBuf, Unreadable>>;
    fn open(&self, path: &Path) -> Result<Radiograph, String>;
    /// The embedded demo study.
    fn demo(&self) -> Radiograph;
    fn analyse(&self, radiograph: &Radiograph, job: &Job) -> Result<Prediction, AnalysisError>;
    /// The report as PDF.
    fn report(&self, snapshot: &Snapshot) -> Result<Vec<u8>, String>;
    /// Where analyses run, in a word for the status bar. Called by the window: must not wait.
    fn device(&self) -> String;
}
