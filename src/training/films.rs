//! Real films with points placed by hand: watched while a network learns from phantoms, never learnt from.

use super::augment::Film;
use super::{TrainError, file_error};
use crate::eval::infant::{self, Figures, JudgedFilm};
use crate::imaging::{self, Radiograph};
use crate::job::Job;
use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing};
use crate::models::{PredictError, Predictor};
use serde::Deserialize;
use std::path::Path;

/// A real film with its reference.
#[derive(Debug, Clone)]
pub struct RealFilm {
    pub name: String,
    pub radiograph: Radiograph,
    /// Its greys and the reference points.
    pub film: Film,
}

#[derive(Deserialize)]
struct Reference {
    landmarks: Vec<ReferencePoint>,
}

#[derive(Deserialize)]
struct ReferencePoint {
    code: String,
    side: Side,
    x: Option<f64>,
    y: Option<f64>,
}

/// Every `NAME.reference.json` of `folder` with the film it names, in the order of names.
///
/// # Errors
/// A folder or a file that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<RealFilm>, TrainError> {
    let entries = std::fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    let mut references: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".reference.json"))
        .collect();
    references.sort();
    references.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<RealFilm, TrainError> {
    let text = std::fs::read_to_string(path).map_err(|e| file_error(path, e))?;
    let reference: Reference = serde_json::from_str(&text).map_err(|e| file_error(path, e))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().replace(".reference.json", "");
    let image = path.with_file_name(format!("{name}.dcm"));
    let radiograph = imaging::open(&image).map_err(|e| file_error(&image, e))?;
    let mut landmarks = LandmarkSet::default();
    for point in reference.landmarks {
        let landmark = match (point.x, point.y) {
            (Some(x), Some(y)) => Landmark::defined(Point::new(x, y), None, Origin::Person),
            _ => Landmark::missing("absent on the film", Origin::Person),
        };
        landmarks.insert(LandmarkId::new(LandmarkCode::new(point.code), point.side), landmark);
    }
    let film = Film {
        rows: radiograph.rows,
        columns: radiograph.columns,
        grey: radiograph.grey(),
        landmarks,
        labels: None,
    };
    Ok(RealFilm { name, radiograph, film })
}

/// What `predictor`, refusals and thresholds included, says of `films`, against their references.
///
/// # Errors
/// Films that it refuses, cancellation, failures of the device.
pub fn judge(films: &[RealFilm], predictor: &Predictor, job: &Job) -> Result<Figures, PredictError> {
    let judged: Vec<JudgedFilm> = films
        .iter()
        .map(|real| {
            Ok(JudgedFilm {
                name: real.name.clone(),
                predicted: predictor.predict(&real.radiograph, job)?.landmarks,
                reference: real.film.landmarks.clone(),
                // In pixels on both sides: percentages and angles need no millimetres.
                spacing: Spacing::UNKNOWN,
            })
        })
        .collect::<Result<_, PredictError>>()?;
    Ok(infant::judge(&judged))
}
