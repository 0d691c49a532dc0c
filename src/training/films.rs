//! Real films with points placed by hand: watched while a network learns from phantoms, and judged on.

use super::augment::Film;
use super::{TrainError, file_error};
use crate::eval::infant::{self, Figures, JudgedFilm};
use crate::job::Job;
use crate::measure::Spacing;
use crate::models::{PredictError, Predictor};
use crate::simulate::real::{self, KnownFilm};
use std::path::Path;

/// Every `NAME.reference.json` of `folder` with the film it names, in the order of names.
///
/// # Errors
/// A folder or a file that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<KnownFilm>, TrainError> {
    real::read(folder).map_err(|e| file_error(folder, e))
}

/// What the training loop knows of a film.
pub fn film_of(known: &KnownFilm) -> Film {
    Film {
        rows: known.radiograph.rows,
        columns: known.radiograph.columns,
        grey: known.radiograph.grey(),
        landmarks: known.landmarks.clone(),
        spacing: known.radiograph.spacing,
        labels: None,
    }
}

/// What `predictor`, refusals and thresholds included, says of `films`.
///
/// # Errors
/// Films that it refuses, cancellation, failures of the device.
pub fn predict(
    films: &[KnownFilm],
    predictor: &Predictor,
    job: &Job,
) -> Result<Vec<JudgedFilm>, PredictError> {
    films
        .iter()
        .map(|known| {
            Ok(JudgedFilm {
                name: known.name.clone(),
                predicted: predictor.predict(&known.radiograph, job)?.landmarks,
                reference: known.landmarks.clone(),
                // In pixels on both sides: percentages and angles need no millimetres.
                spacing: Spacing::UNKNOWN,
            })
        })
        .collect()
}

/// [`predict`], against the points of the films.
///
/// # Errors
/// As [`predict`].
pub fn judge(films: &[KnownFilm], predictor: &Predictor, job: &Job) -> Result<Figures, PredictError> {
    Ok(infant::judge(&predict(films, predictor, job)?))
}
