//! Landmarks from a JSON file, so that given points can be measured without a network and even without an image.
//!
//! ```json
//! {"spacing_mm": [0.2, 0.2], "landmarks": [{"code": "TRC", "side": "R", "x": 400, "y": 500}], "radii_px": {"FH-R": 50}}
//! ```
//! `spacing_mm` is `[row, column]` as DICOM orders it, or `null`. `x`, `y` are pixel centres of the full-resolution
//! image. A landmark with `null` coordinates, or with `"status"` `"missing"` or `"absent"`, was looked for and is
//! not there. `side` is the patient's, `"R"` or `"L"`; `null` or no `side` is the midline. Other fields are ignored.
//!
//! A point's error is `"sd_px": 1.5`, the same in every direction, or `"covariance_px2": [xx, xy, yy]`, which counts where
//! both are given. `"origin": "person"`, of a point or of the whole file, says that a person placed it: without either
//! it then has the deviation of a reader by the table ([`super::reader`]).
//!
//! Curves come as `"polylines": {"SPA-R": [[490, 620], [470, 640]]}`. Points under the names of a paper or of another
//! program are read with `"names": "fr-ddh"` (`retuve`, …: a map of a landmark scheme; `code` is then the other's name,
//! `side` is left out), and positions without names with `"order": "s5", "positions": [[x, y], null]`.

use super::covariance::Covariance;
use super::landmark::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, LandmarkState, Origin, Side};
use super::point::Point;
use super::scheme::{self, Scheme};
use super::spacing::{Spacing, SpacingStatus};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a landmark file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkFile {
    /// Every point has [`Origin::File`], or [`Origin::Person`] where the file says so.
    pub landmarks: LandmarkSet,
    /// [`SpacingStatus::UnknownCalibration`] where the file gives millimetres, else [`Spacing::UNKNOWN`].
    pub spacing: Spacing,
}

/// Positions, points that are missing and radii as a landmark file holds them, exact points without an error; who writes
/// it adds what else is known. `spacing` in millimetres, where it is known.
pub fn exact(landmarks: &LandmarkSet, spacing: Option<&Spacing>) -> Map<String, Value> {
    let point = |(id, landmark): (&LandmarkId, &Landmark)| {
        let side = id.side.map(Side::letter);
        match &landmark.state {
            LandmarkState::Defined { position, .. } => json!({
                "code": id.code, "side": side, "x": position.x, "y": position.y, "status": "defined",
            }),
            LandmarkState::Missing { reason } => json!({
                "code": id.code, "side": side, "x": null, "y": null, "status": "missing", "reason": reason,
            }),
        }
    };
    let radii: Map<String, Value> =
        landmarks.radii_px.iter().map(|(id, r)| (id.to_string(), json!(r))).collect();
    let points: Vec<Value> = landmarks.iter().map(point).collect();
    let mut file = Map::new();
    file.insert("landmarks".to_owned(), points.into());
    file.insert("radii_px".to_owned(), radii.into());
    if let Some(spacing) = spacing {
        file.insert("spacing_mm".to_owned(), json!([spacing.row, spacing.column]));
    }
    file
}

/// Why a landmark file was refused; each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum LandmarkFileError {
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: not a landmark file: {source}", path.display())]
    Syntax { path: PathBuf, source: serde_json::Error },
    #[error("{}: {reason}", path.display())]
    Content { path: PathBuf, reason: String },
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    spacing_mm: Option<[f64; 2]>,
    #[serde(default)]
    landmarks: Option<Vec<Entry>>,
    #[serde(default)]
    radii_px: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    polylines: BTreeMap<String, Vec<[f64; 2]>>,
    #[serde(default)]
    names: Option<String>,
    #[serde(default)]
    order: Option<String>,
    #[serde(default)]
    positions: Vec<Option<[f64; 2]>>,
    #[serde(default)]
    origin: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    code: String,
    #[serde(default)]
    side: Option<String>,
    #[serde(default)]
    x: Option<f64>,
    #[serde(default)]
    y: Option<f64>,
    #[serde(default)]
    sd_px: Option<f64>,
    #[serde(default)]
    covariance_px2: Option<[f64; 3]>,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// Reads and checks the file at `path`; names and orders are those of the schemes inside this program.
pub fn read(path: &Path) -> Result<LandmarkFile, LandmarkFileError> {
    read_with(path, scheme::embedded())
}

/// [`read`] with the names and orders of `schemes`.
pub fn read_with(path: &Path, schemes: &[Scheme]) -> Result<LandmarkFile, LandmarkFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| LandmarkFileError::Read { path: path.to_owned(), source })?;
    parse(&text, path, schemes)
}

/// [`read_with`] of a text that is at hand; `path` names it in errors.
pub fn parse(text: &str, path: &Path, schemes: &[Scheme]) -> Result<LandmarkFile, LandmarkFileError> {
    // Editors on Windows put a byte order mark first, which JSON does not allow.
    let document: Document = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|source| LandmarkFileError::Syntax { path: path.to_owned(), source })?;
    document.check(schemes).map_err(|reason| LandmarkFileError::Content { path: path.to_owned(), reason })
}

impl Document {
    fn check(self, schemes: &[Scheme]) -> Result<LandmarkFile, String> {
        let spacing = match self.spacing_mm {
            None => Spacing::UNKNOWN,
            Some([row, column]) => Spacing::millimetres(row, column, SpacingStatus::UnknownCalibration)
                .ok_or_else(|| format!("spacing_mm [{row}, {column}] is not two positive numbers"))?,
        };
        let mut landmarks = LandmarkSet::default();
        let mut insert =
            |id: LandmarkId, landmark: Landmark| match landmarks.points.insert(id.clone(), landmark) {
                Some(_) => Err(format!("landmark {id} is given twice")),
                None => Ok(()),
            };
        let names = self.names.as_deref();
        let origin = origin(self.origin.as_deref());
        match (self.landmarks, &self.order) {
            (None, None) => return Err("holds neither landmarks nor an order of positions".to_owned()),
            (entries, order) => {
                for entry in entries.into_iter().flatten() {
                    let id = entry.id(names, schemes)?;
                    let landmark =
                        entry.landmark(origin).map_err(|reason| format!("landmark {id}: {reason}"))?;
                    insert(id, landmark)?;
                }
                if let Some(order) = order {
                    for (id, landmark) in ordered(order, &self.positions, origin, schemes)? {
                        insert(id, landmark)?;
                    }
                }
            }
        }
        for (name, radius) in self.radii_px {
            let Some(radius) = radius else { continue };
            if !(radius.is_finite() && radius > 0.0) {
                return Err(format!("radius {name}: {radius} is not a positive number"));
            }
            landmarks.radii_px.insert(name.parse()?, radius);
        }
        for (name, points) in self.polylines {
            let points: Vec<Point> = points.into_iter().map(|[x, y]| Point::new(x, y)).collect();
            if points.is_empty() {
                return Err(format!("polyline {name} has no points"));
            }
            landmarks.polylines.insert(name.parse()?, points);
        }
        Ok(LandmarkFile { landmarks, spacing })
    }
}

/// The positions of an order under their names; `null` is one that was not found.
fn ordered(
    order: &str,
    positions: &[Option<[f64; 2]>],
    origin: Origin,
    schemes: &[Scheme],
) -> Result<Vec<(LandmarkId, Landmark)>, String> {
    let ids = schemes
        .iter()
        .find_map(|scheme| scheme.order(order))
        .ok_or_else(|| format!("order {order:?} is of no landmark scheme"))?;
    if ids.len() != positions.len() {
        return Err(format!("order {order} has {} positions, not {}", ids.len(), positions.len()));
    }
    let landmark = |position: &Option<[f64; 2]>| match position {
        Some([x, y]) => Landmark::defined(Point::new(*x, *y), None, origin),
        None => Landmark::missing("without coordinates in the file", origin),
    };
    Ok(ids.iter().cloned().zip(positions.iter().map(landmark)).collect())
}

impl Entry {
    /// By its own code and side, or by the map `names`.
    fn id(&self, names: Option<&str>, schemes: &[Scheme]) -> Result<LandmarkId, String> {
        let Some(map) = names else {
            let side = self.side.as_deref().map(side).transpose()?;
            return Ok(LandmarkId { code: code(&self.code)?, side });
        };
        if !schemes.iter().any(|scheme| scheme.maps().any(|name| name == map)) {
            return Err(format!("names {map:?} are of no landmark scheme"));
        }
        let renamed = schemes.iter().find_map(|scheme| scheme.renamed(map, &self.code));
        renamed.cloned().ok_or_else(|| format!("{:?} is no landmark of the names {map}", self.code))
    }

    /// Of the file's `origin`, unless it has its own.
    fn landmark(self, of_file: Origin) -> Result<Landmark, String> {
        let origin = self.origin.as_deref().map_or(of_file, |words| origin(Some(words)));
        let missing = |reason: &str| {
            Ok(Landmark::missing(self.reason.clone().unwrap_or_else(|| reason.to_owned()), origin))
        };
        match self.status.as_deref() {
            Some("missing") => return missing("marked as missing in the file"),
            Some("absent") => return missing("marked as absent in the file"),
            None | Some("defined") => {}
            Some(other) => {
                return Err(format!("status {other:?} is none of \"defined\", \"missing\", \"absent\""));
            }
        }
        let position = match (self.x, self.y) {
            (Some(x), Some(y)) => Point::new(x, y),
            (None, None) if self.status.is_none() => return missing("without coordinates in the file"),
            _ => return Err("needs both x and y".to_owned()),
        };
        if !position.is_finite() {
            return Err("x and y must be finite numbers".to_owned());
        }
        Ok(Landmark::with_covariance(position, self.covariance()?, origin))
    }

    fn covariance(&self) -> Result<Option<Covariance>, String> {
        if let Some([xx, xy, yy]) = self.covariance_px2 {
            let covariance = Covariance::new(xx, xy, yy);
            return covariance
                .map(Some)
                .ok_or_else(|| "covariance_px2 is not [xx, xy, yy] of a covariance".to_owned());
        }
        let Some(sd) = self.sd_px else { return Ok(None) };
        let covariance = Covariance::isotropic(sd);
        covariance.map(Some).ok_or_else(|| "sd_px must be a finite number, not negative".to_owned())
    }
}

/// A network's point in a file is the file's: which network it was, a file does not prove.
fn origin(words: Option<&str>) -> Origin {
    if words == Some("person") { Origin::Person } else { Origin::File }
}

fn code(name: &str) -> Result<LandmarkCode, String> {
    match name.trim() {
        "" => Err("a landmark has an empty code".to_owned()),
        name => Ok(LandmarkCode::new(name)),
    }
}

fn side(letter: &str) -> Result<Side, String> {
    match letter {
        "R" => Ok(Side::Right),
        "L" => Ok(Side::Left),
        other => Err(format!("side {other:?} is neither \"R\" nor \"L\" (the patient's right and left)")),
    }
}
