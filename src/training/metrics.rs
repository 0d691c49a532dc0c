//! The numbers of a run, step by step, as CSV.

use super::{TrainError, checkpoint, file_error};
use serde::{Deserialize, Serialize};
use std::path::Path;

const STEPS: &str = "metrics.csv";
const VALIDATIONS: &str = "validation.csv";
/// Steps that one point of the curve is the mean of.
const SMOOTHED: usize = 20;

/// One step of training.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From 1.
    pub step: usize,
    /// The sum of the parts.
    pub loss: f64,
    /// In the order of the learner's parts, weighted already.
    pub parts: Vec<f64>,
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
    /// Names of the parts of the loss.
    pub parts: &'static [&'static str],
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
    pub fn read(folder: &Path, parts: &'static [&'static str], step: usize) -> Result<Self, TrainError> {
        let steps = folder.join(STEPS);
        let mut metrics = Self { parts, ..Self::default() };
        for record in read::<Vec<f64>>(&steps)? {
            let [number, loss, of_loss @ .., rate, norm, waited, seconds] = &record[..] else {
                return Err(file_error(&steps, "a row is too short"));
            };
            if *number <= step as f64 {
                metrics.rows.push(Row {
                    step: *number as usize,
                    loss: *loss,
                    parts: of_loss.to_vec(),
                    rate: *rate,
                    norm: *norm,
                    waited: *waited,
                    seconds: *seconds,
                });
            }
        }
        for row in read::<Validation>(&folder.join(VALIDATIONS))?.iter().filter(|row| row.step <= step) {
            metrics.held.push((row.step, row.held_percent));
            metrics.films.extend(row.films_percent.map(|percent| (row.step, percent)));
        }
        Ok(metrics)
    }

    /// # Errors
    /// A folder that cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<(), TrainError> {
        let header = ["step", "loss"].iter().chain(self.parts).chain(&["rate", "norm", "waited", "seconds"]);
        let rows = self.rows.iter().map(|row| {
            let ends = [row.rate, row.norm, row.waited, row.seconds];
            [row.step as f64, row.loss].into_iter().chain(row.parts.iter().copied()).chain(ends).collect()
        });
        write(&folder.join(STEPS), header.copied(), rows.collect::<Vec<Vec<f64>>>())?;
        let films = |step| self.films.iter().find(|(at, _)| *at == step).map(|(_, percent)| *percent);
        let rows = self.held.iter().map(|&(step, held_percent)| Validation {
            step,
            held_percent,
            films_percent: films(step),
        });
        write(&folder.join(VALIDATIONS), ["step", "held_percent", "films_percent"], rows)
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

fn write<'a, T: Serialize>(
    path: &Path,
    header: impl IntoIterator<Item = &'a str>,
    rows: impl IntoIterator<Item = T>,
) -> Result<(), TrainError> {
    // The header is ours: a row of a varying number of figures has no names of its own.
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(header).map_err(|e| file_error(path, e))?;
    for row in rows {
        writer.serialize(row).map_err(|e| file_error(path, e))?;
    }
    let bytes = writer.into_inner().map_err(|e| file_error(path, e.error()))?;
    checkpoint::write_whole(path, &bytes)
}
