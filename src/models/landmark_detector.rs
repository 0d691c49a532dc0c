//! What every system of the papers does for a landmark model: greys in, raw points out.
//!
//! Nothing is refused or calibrated here; [`super::predictor`] does that, and training measures this.

use super::ModelError;
use crate::job::{Cancelled, Job};
use crate::measure::{LandmarkId, Point, Side};
use std::fmt::Debug;

/// Why there are no points.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<candle_core::Error> for DetectError {
    fn from(error: candle_core::Error) -> Self {
        Self::Model(error.into())
    }
}

/// A point as its system gave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detected {
    /// In image pixels; the centre of a pixel has whole coordinates.
    pub position: Point,
    /// Per-axis SD in image pixels, not calibrated.
    pub spread: f64,
    /// 0–1 and larger where the system is surer; not a probability until calibrated.
    pub confidence: f64,
    /// Probability that the point is there at all; 1 for landmarks that always are.
    pub presence: f64,
}

/// All points of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// In the order of [`LandmarkDetector::ids`]; `None` where there was nothing to choose from.
    pub points: Vec<Option<Detected>>,
    /// The picture was read with its greys turned round.
    pub inverted: bool,
    /// SD of the greys over their range; 0 for a blank picture.
    pub contrast: f32,
}

/// A system with its weights, on a device; shared among threads.
pub trait LandmarkDetector: Debug + Send + Sync {
    /// The landmarks it looks for, in the order in which it gives them.
    fn ids(&self) -> &[LandmarkId];

    /// The points of a picture whose bone is bright, taken to have the patient's right on its left.
    ///
    /// `grey` is row-major, `rows * columns`, in any unit.
    ///
    /// # Errors
    /// Cancellation, and failures of the device.
    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError>;
}

/// For each landmark the place of the same one on the other side; one without a side is its own.
///
/// # Errors
/// The name of a landmark whose other side is not in `ids`.
pub fn mirrored(ids: &[LandmarkId]) -> Result<Vec<usize>, String> {
    ids.iter()
        .map(|id| {
            let is_mirror =
                |other: &LandmarkId| other.code == id.code && other.side == id.side.map(Side::opposite);
            ids.iter().position(is_mirror).ok_or_else(|| format!("landmark {id} lacks its other side"))
        })
        .collect()
}
