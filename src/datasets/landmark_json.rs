//! Landmark files of this program beside their films: `NAME.json` or `NAME.reference.json` ([`landmark_file`]).
//!
//! Besides the points, radii, curves, deviations and the spacing, `"occluded": ["FH-R"]` names points that are placed
//! but not seen. Written, everything but the origin "model" comes back: a file does not prove a network.

use super::case::Case;
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::Format;
use super::set::{DataSet, Entry};
use crate::measure::landmark_file::{self, LandmarkFile};
use crate::measure::{LandmarkId, LandmarkState, Origin, Point, Spacing};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// What tells the files of this kind from other JSON, and what [`landmark_file`] passes over.
#[derive(Deserialize)]
struct Extra {
    #[serde(default)]
    landmarks: Option<Vec<Value>>,
    #[serde(default)]
    positions: Option<Vec<Value>>,
    #[serde(default)]
    occluded: Vec<String>,
}

fn is_one(path: &Path) -> bool {
    let extra = text(path).ok().and_then(|text| serde_json::from_str::<Extra>(&text).ok());
    extra.is_some_and(|extra| extra.landmarks.is_some() || extra.positions.is_some())
}

pub(super) fn is_in(files: &Files) -> bool {
    files.ending(&["json"]).any(is_one)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for path in files.ending(&["json"]).filter(|path| is_one(path)) {
        let name = find::stem(path);
        let name = name.strip_suffix(".reference").unwrap_or(&name).to_owned();
        match files.image(&name, path) {
            Err(error) => problems.push(error),
            Ok(image) => {
                let (labels, split) = (path.to_owned(), find::split_of_folder(path, &files.root));
                entries.push(Entry::new(name.clone(), move || {
                    let (mut film, mut about) = find::film(&image)?;
                    let (LandmarkFile { landmarks, spacing }, occluded) = read_one(&labels)?;
                    // A file of points knows its spacing better than a picture that has none.
                    if spacing.has_millimetres() && !film.spacing.has_millimetres() {
                        film.spacing = spacing;
                    }
                    about.split = split;
                    Ok(Case { name: name.clone(), film, landmarks, occluded, masks: None, about })
                }));
            }
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::LandmarkJson, Vec::new(), entries) })
}

/// The landmark file at `path` and which of its points are not seen.
///
/// # Errors
/// As [`landmark_file::read`]; occluded points that are no landmarks.
pub fn read_one(path: &Path) -> Result<(LandmarkFile, BTreeSet<LandmarkId>), DatasetError> {
    let file = landmark_file::read(path)?;
    let extra: Extra = serde_json::from_str(&text(path)?).map_err(|e| DatasetError::content(path, e))?;
    let occluded: Result<_, String> = extra.occluded.iter().map(|name| name.parse()).collect();
    Ok((file, occluded.map_err(|reason| DatasetError::content(path, reason))?))
}

/// The text of a landmark file for the points of `case`; it has no patient, no date and no name.
pub fn to_json(case: &Case) -> Value {
    let landmarks: Vec<Value> = case
        .landmarks
        .iter()
        .map(|(id, landmark)| {
            let mut entry = Map::from_iter([
                ("code".to_owned(), json!(id.code)),
                ("side".to_owned(), json!(id.side.map(|side| side.letter()))),
            ]);
            match &landmark.state {
                LandmarkState::Defined { position, covariance } => {
                    entry.insert("x".to_owned(), json!(position.x));
                    entry.insert("y".to_owned(), json!(position.y));
                    if let Some(covariance) = covariance {
                        let [xx, xy, yy] = covariance.entries();
                        entry.insert("covariance_px2".to_owned(), json!([xx, xy, yy]));
                    }
                }
                LandmarkState::Missing { reason } => {
                    entry.insert("x".to_owned(), Value::Null);
                    entry.insert("y".to_owned(), Value::Null);
                    entry.insert("status".to_owned(), json!("missing"));
                    entry.insert("reason".to_owned(), json!(reason));
                }
            }
            if landmark.origin == Origin::Person {
                entry.insert("origin".to_owned(), json!("person"));
            }
            Value::Object(entry)
        })
        .collect();
    let Spacing { row, column, .. } = case.film.spacing;
    let pair = |point: &Point| json!([point.x, point.y]);
    let radii = case.landmarks.radii_px.iter().map(|(id, radius)| (id.to_string(), json!(radius)));
    let lines = case.landmarks.polylines.iter();
    let lines = lines.map(|(id, line)| (id.to_string(), line.iter().map(pair).collect()));
    json!({
        "spacing_mm": case.film.spacing.has_millimetres().then_some([row, column]),
        "landmarks": landmarks,
        "radii_px": Map::from_iter(radii),
        "polylines": Map::<String, Value>::from_iter(lines),
        "occluded": case.occluded.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
