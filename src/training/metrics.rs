//! The numbers of a run, step by step, as CSV.

use super::{TrainError, checkpoint, file_error};
use serde::{Deserialize, Serialize};
use std::path::Path;

const STEPS: &str = "metrics.csv";
const VALIDATIONS: &str = "validation.csv";
/// Steps that one point of the curve is the mean of.
const SMOOTHED: usize = 20;

/// One step of training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// From 1.
    pub step: usize,
    /// The sum of the next four, which are weighted already.
    pub loss: f64,
    pub displacement: f64,
    pub heatmap: f64,
    pub cross_entropy: f64,
    pub presence: f64,
    /// Learning rate.
    pub rate: f64,
    /// Norm of the gradient before clipping.
    pub norm: f64,
    /// Seconds of it spent waiting for samples.
    pub waited: f64,
    pub seconds: f64,
}

/// Mean error over the codes in percent of TRC–TRC, at a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Validation {
    step: usize,
    held_percent: f64,
    films_percent: Option<f64>,
}

/// All numbers of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics {
    pub rows: Vec<Row>,
    /// Step and mean error of the held phantoms.
    pub held: Vec<(usize, f64)>,
    /// The same of the real films, where there are any.
    pub films: Vec<(usize, f64)>,
}

impl Metrics {
    /// The numbers that a run in `folder` wrote up to `step`; later ones belong to a future that is not taken.
    ///
    /// # Errors
    /// Files that are no CSV of ours.
    pub fn read(folder: &Path, step: usize) -> Result<Self, TrainError> {
        let mut metrics = Self { rows: read::<Row>(&folder.join(STEPS))?, ..Self::default() };
        metrics.rows.retain(|row| row.step <= step);
        for row in read::<Validation>(&folder.join(VALIDATIONS))?.iter().filter(|row| row.step <= step) {
            metrics.held.push((row.step, row.held_percent));
            metrics.films.extend(row.films_percent.map(|percent| (row.step, percent)));
        }
        Ok(metrics)
    }

    /// # Errors
    /// A folder that cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<(), TrainError> {
        write(&folder.join(STEPS), &self.rows)?;
        let films = |step| self.films.iter().find(|(at, _)| *at == step).map(|(_, percent)| *percent);
        let rows: Vec<Validation> = self
            .held
            .iter()
            .map(|&(step, held_percent)| Validation { step, held_percent, films_percent: films(step) })
            .collect();
        write(&folder.join(VALIDATIONS), &rows)
    }

    /// Step and mean loss of every few steps.
    pub fn smoothed(&self) -> Vec<(usize, f64)> {
        let mean = |rows: &[Row]| rows.iter().map(|row| row.loss).sum::<f64>() / rows.len() as f64;
        self.rows.chunks(SMOOTHED).filter_map(|rows| Some((rows.last()?.step, mean(rows)))).collect()
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>, TrainError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path).map_err(|e| file_error(path, e))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|e| file_error(path, e))
}

fn write<T: Serialize>(path: &Path, rows: &[T]) -> Result<(), TrainError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|e| file_error(path, e))?;
    }
    let bytes = writer.into_inner().map_err(|e| file_error(path, e.error()))?;
    checkpoint::write_whole(path, &bytes)
}
