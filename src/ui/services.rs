//! What the window needs from the layers below, behind one trait: tests put a quick fake in its place.

use crate::export::delivery::{Around, Delivered, Labelled, Order, deliver};
use crate::export::dicom::received::Received;
use crate::export::{Prior, Site};
use crate::imaging::{Catalogue, DeidentifyOptions, Presentation, Radiograph, TagLine};
use crate::job::{Cancelled, Job};
use crate::library::{Device, Home, Preferences};
use crate::measure::norms::NormTable;
use crate::study::{MaskPrediction, Prediction, Study};
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
    /// The earlier films of the patient that are measured too.
    pub priors: Vec<Prior>,
    /// The films of a data set, where it is to hold more than this one.
    pub set: Vec<Labelled>,
}

/// The norm tables of this site, and what is wrong with those that were not taken.
#[derive(Debug, Clone, Default)]
pub struct SiteNorms {
    pub tables: Vec<NormTable>,
    pub faults: Vec<String>,
}

/// A network that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub title: String,
}

/// Called from worker threads, except where said otherwise. Errors are sentences for the reader, without identity.
pub trait Services: Send + Sync {
    /// Patients, studies and series below `paths`: folders searched, archives and discs entered.
    fn catalogue(&self, paths: &[PathBuf]) -> Catalogue;
    /// Frame `frame`, from 1, of a file.
    fn open(&self, path: &Path, frame: u32) -> Result<(Radiograph, Presentation), String>;
    /// The embedded demo study.
    fn demo(&self) -> Radiograph;
    fn analyse(&self, radiograph: &Radiograph, job: &Job) -> Result<Prediction, AnalysisError>;
    /// The installed network that paints masks, by name; `None` without one. Called by the window: must not wait.
    fn mask_model(&self) -> Option<String> {
        None
    }
    /// The masks of a film by that network.
    fn segment(&self, _: &Radiograph, _: &Job) -> Result<MaskPrediction, AnalysisError> {
        Err(AnalysisError::Failed("no network for masks is installed".to_owned()))
    }
    /// The report as PDF.
    fn report(&self, snapshot: &Snapshot) -> Result<Vec<u8>, String>;
    /// An object about a film, in the file at `path`; `None` for one that cannot be shown over it.
    fn received(&self, path: &Path) -> Result<Option<Received>, String> {
        Received::read(path).map_err(|error| error.to_string())
    }
    /// Writes everything in `order`, telling of each file as it is done.
    ///
    /// # Errors
    /// The job was cancelled.
    fn deliver(
        &self,
        snapshot: &Snapshot,
        order: &Order,
        job: &Job,
        told: &mut dyn FnMut(Delivered),
    ) -> Result<(), Cancelled> {
        let Snapshot { radiograph, study, priors, set } = snapshot;
        deliver(study, radiograph, Around { site: &Site::default(), priors, set }, order, job, told)
    }
    /// Writes a copy without identity; the words say what is still to be looked at.
    fn deidentify(
        &self,
        input: &Path,
        output: &Path,
        options: &DeidentifyOptions,
    ) -> Result<Vec<String>, String>;
    /// The norm tables, those that the site signed among them. Called by the window once.
    fn norms(&self) -> SiteNorms;
    /// Keeps a norm table that the reader has signed, in the place of the one of the same id.
    fn keep_norms(&self, _: &NormTable) -> Result<(), String> {
        Err("no norm tables are kept here".to_owned())
    }
    /// Every element of the header of a file.
    fn tags(&self, path: &Path) -> Result<Vec<TagLine>, String>;
    /// Where films, worklist and corrections are kept; `None` where nothing is kept. Called by the window once.
    ///
    /// # Errors
    /// There is no such place: the window says so, and keeps nothing.
    fn home(&self) -> Result<Option<Home>, String> {
        Ok(None)
    }
    /// What a person settled before, or why that cannot be read. Called by the window once.
    fn preferences(&self) -> Result<Preferences, String> {
        Ok(Preferences::default())
    }
    /// Keeps them for the next run.
    fn keep(&self, _: &Preferences) -> Result<(), String> {
        Ok(())
    }
    /// The networks that can be chosen.
    fn models(&self) -> Vec<Choice> {
        Vec::new()
    }
    /// Analyses from now on run this network (the program's choice without) on that device. Must not wait.
    fn choose(&self, _model: Option<&str>, _device: Device) {}
    /// Where analyses run, in a word for the status bar. Called by the window: must not wait.
    fn device(&self) -> String;
}
