//! A study as a file: JSON with a version, without pixels and without the patient's name; masks are runs of labels.
//!
//! Older files are brought up to date one version at a time on the JSON itself, so that no old type has to be kept.

use super::annotations::Annotations;
use super::document::Study;
use super::provenance::Stamp;
use super::review::Review;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The version that this program writes.
///
/// 1. Points, prediction and settings: the document before masks.
/// 2. Notes of points, masks, free measurements, comment and review.
pub const FORMAT_VERSION: u64 = 2;

/// What of a study is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedStudy {
    pub format_version: u64,
    /// The program that wrote it.
    pub written_by: String,
    /// Who saved it, and when.
    #[serde(default)]
    pub saved: Stamp,
    pub rows: usize,
    pub columns: usize,
    pub annotations: Annotations,
    pub review: Review,
}

/// Why a study file was not taken. No message names the patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    #[error("not a study file: {0}")]
    Syntax(String),
    #[error("written by a newer version of the program (format {0}; this one reads up to {FORMAT_VERSION})")]
    Newer(u64),
    #[error("made for a film of {saved} pixels; this one has {film}")]
    OtherFilm { saved: String, film: String },
}

impl SavedStudy {
    /// The study as its last step left it; what is under the hand is not saved.
    pub fn of(study: &Study) -> SavedStudy {
        let settled = study.is_busy().then(|| {
            let mut study = study.clone();
            study.abort();
            study
        });
        let study = settled.as_ref().unwrap_or(study);
        SavedStudy {
            format_version: FORMAT_VERSION,
            written_by: format!("coxa {}", env!("CARGO_PKG_VERSION")),
            saved: Stamp::now(study.user()),
            rows: study.source().rows,
            columns: study.source().columns,
            annotations: study.annotations().clone(),
            review: study.review().clone(),
        }
    }

    /// # Errors
    /// [`SavedError::Syntax`], which a study that holds only numbers never gives.
    pub fn to_json(&self) -> Result<Vec<u8>, SavedError> {
        serde_json::to_vec(self).map_err(|error| SavedError::Syntax(error.to_string()))
    }

    /// Reads this version and every one before it.
    ///
    /// # Errors
    /// Not a study file, or one of a newer program.
    pub fn from_json(bytes: &[u8]) -> Result<SavedStudy, SavedError> {
        let syntax = |error: serde_json::Error| SavedError::Syntax(error.to_string());
        let mut value: Value = serde_json::from_slice(bytes).map_err(syntax)?;
        let version = value.get("format_version").and_then(Value::as_u64);
        match version.ok_or_else(|| SavedError::Syntax("no format_version".to_owned()))? {
            FORMAT_VERSION => {}
            1 => from_1(&mut value),
            version => return Err(SavedError::Newer(version)),
        }
        serde_json::from_value(value).map_err(syntax)
    }
}

/// Points that a person placed had no notes then, and there was nothing but points.
fn from_1(value: &mut Value) {
    value["format_version"] = json!(2);
    value["review"] = json!(Review::default());
    if let Some(annotations) = value.get_mut("annotations").and_then(Value::as_object_mut) {
        for (name, empty) in [
            ("notes", json!([])),
            ("mask", Value::Null),
            ("mask_prediction", Value::Null),
            ("free", json!({})),
            ("comment", json!("")),
        ] {
            annotations.entry(name).or_insert(empty);
        }
    }
}

impl Study {
    /// Puts what was saved in the place of what is here; the history begins anew.
    ///
    /// # Errors
    /// It was saved of a film of another size; nothing is changed then.
    pub fn restore(&mut self, saved: SavedStudy) -> Result<(), SavedError> {
        let (rows, columns) = (self.source().rows, self.source().columns);
        let fits = |map: &super::mask::Mask| (map.rows, map.columns) == (rows, columns);
        let predicted = saved.annotations.mask_prediction.as_ref().map(|prediction| &prediction.mask);
        let masks = saved.annotations.mask.iter().chain(predicted);
        if (saved.rows, saved.columns) != (rows, columns) || !masks.clone().all(fits) {
            let words = |rows: usize, columns: usize| format!("{columns} × {rows}");
            let saved = words(saved.rows, saved.columns);
            return Err(SavedError::OtherFilm { saved, film: words(rows, columns) });
        }
        self.set_saved(saved.annotations, saved.review);
        Ok(())
    }
}
