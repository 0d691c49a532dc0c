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

/// Why there is no point.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NotFound {
    #[error("nothing like it was seen")]
    Unseen,
    /// The whole shape that the point belongs to is not believed: see [`believe`].
    #[error("the outline was not found: its weakest points are sure to {weakest:.2}, {needed:.2} is needed")]
    Shape { weakest: f64, needed: f64 },
}

/// All points of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// In the order of [`LandmarkDetector::ids`].
    pub points: Vec<Result<Detected, NotFound>>,
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

    /// Places of the landmarks that are found as one shape and believed or given up together; none where each is found
    /// by itself.
    fn shapes(&self) -> Vec<Vec<usize>> {
        Vec::new()
    }

    /// Image pixels within which the confidence claims a point to be, on a picture of this size; `None` where the
    /// confidence claims no such thing.
    fn reach(&self, _rows: usize, _columns: usize) -> Option<f64> {
        None
    }
}

/// Share of a shape's points that may be less sure than [`weakest`] says.
const WEAKEST: f64 = 0.05;

/// How sure the weakest points are of those of `shape` that were found and are on every film, but for one in twenty.
/// A shape in the wrong place lies on strong edges with most of its points, hardly ever with all. `None` without points.
pub fn weakest(points: &[Result<Detected, NotFound>], shape: &[usize]) -> Option<f64> {
    let found = shape.iter().filter_map(|place| points.get(*place)?.as_ref().ok());
    let mut sorted: Vec<f64> =
        found.filter(|point| point.presence >= 1.0).map(|point| point.confidence).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get((WEAKEST * sorted.len() as f64).round() as usize).copied()
}

/// Whether there are shapes and the [`weakest`] points of every one are as sure as `needed`, which says something: a film
/// need not be looked at otherwise.
pub fn is_believed(points: &[Result<Detected, NotFound>], shapes: &[Vec<usize>], needed: f64) -> bool {
    let sure = |shape: &Vec<usize>| weakest(points, shape).is_some_and(|weakest| weakest >= needed);
    let mut shapes = shapes.iter().filter(|shape| !shape.is_empty()).peekable();
    needed > 0.0 && shapes.peek().is_some() && shapes.all(sure)
}

/// How sure a look is of all points together.
pub fn conviction(points: &[Result<Detected, NotFound>]) -> f64 {
    points.iter().flatten().map(|point| point.confidence).sum()
}

/// Gives up every shape whose [`weakest`] points are less sure than `needed`: it is missing, not a guess.
pub fn believe(points: &mut [Result<Detected, NotFound>], shapes: &[Vec<usize>], needed: f64) {
    for shape in shapes {
        let Some(weakest) = weakest(points, shape).filter(|weakest| *weakest < needed) else { continue };
        for place in shape {
            if let Some(point) = points.get_mut(*place) {
                *point = Err(NotFound::Shape { weakest, needed });
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn points(confidences: impl IntoIterator<Item = f64>) -> Vec<Result<Detected, NotFound>> {
        let sure =
            |confidence| Detected { position: Point::default(), spread: 1.0, confidence, presence: 1.0 };
        confidences.into_iter().map(|confidence| Ok(sure(confidence))).collect()
    }

    #[test]
    fn one_point_in_twenty_may_be_weaker() {
        let of = |count: usize| {
            weakest(&points((0..count).rev().map(|i| i as f64)), &(0..count).collect::<Vec<_>>())
        };
        let expected = [None, Some(0.0), Some(0.0), Some(1.0), Some(3.0), Some(5.0)];
        assert_eq!([0, 1, 8, 10, 58, 100].map(of), expected);
    }

    #[test]
    fn a_shape_is_given_up_whole_and_alone() {
        let mut found = points([0.9, 0.2, 0.8, 0.7, 0.1]);
        // One that may be absent says nothing of the shape, and goes with it.
        found[0].as_mut().unwrap().presence = 0.05;
        found[0].as_mut().unwrap().confidence = 0.05;
        found[2] = Err(NotFound::Unseen);
        let before = found.clone();
        let shapes = [vec![0, 2, 3], vec![1, 4]];
        believe(&mut found, &shapes, 0.0);
        assert_eq!(found, before);
        assert!(!is_believed(&found, &shapes, 0.0), "nothing is known of the floor");
        assert!(
            !is_believed(&found, &[], 0.1) && !is_believed(&found, &[vec![]], 0.1),
            "there are no shapes"
        );
        assert!(is_believed(&found, &shapes, 0.1) && !is_believed(&found, &shapes, 0.11));
        assert!((conviction(&found) - (0.05 + 0.2 + 0.7 + 0.1)).abs() < 1e-12);
        believe(&mut found, &shapes, 0.3);
        assert_eq!(found[..1], before[..1]);
        assert_eq!(found[2..4], before[2..4]);
        let lost = Err(NotFound::Shape { weakest: 0.1, needed: 0.3 });
        assert_eq!((found[1], found[4]), (lost, lost));
        believe(&mut found, &shapes, 0.75);
        assert!(found.iter().all(|point| matches!(point, Err(NotFound::Shape { .. }))));
        assert!(found[0].unwrap_err().to_string().contains("sure to 0.70, 0.75 is needed"));
    }
}
