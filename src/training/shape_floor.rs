//! From which confidence on a shape is believed ([`crate::models::landmark_detector::believe`]): what held films say.
//!
//! A hip that is searched as a whole is found or lost as a whole. Its weakest points tell which: lost shapes lie on
//! some strong edges, and beside others. The floor is set so that hardly any shape that was found is given up.

use super::TrainError;
use super::augment::Film;
use super::validate::quantile;
use crate::job::Job;
use crate::measure::Point;
use crate::models::LandmarkDetector;
use crate::models::landmark_detector::weakest;
use rayon::prelude::*;

/// Share of the shapes that were found which fall below the floor.
const GIVEN_UP: f64 = 0.01;
/// A shape is lost when its points are off by more than this share of its size on the mean.
const LOST: f64 = 0.1;

/// One shape of one film.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Evidence {
    weakest: f64,
    is_lost: bool,
}

/// The floor for `detector`, which has none yet and has not seen `films`; 0 where they show no whole shape that it
/// found.
///
/// # Errors
/// Cancellation, failures of the device.
pub fn shape_floor(detector: &dyn LandmarkDetector, films: &[Film], job: &Job) -> Result<f64, TrainError> {
    let shapes = detector.shapes();
    let evidence: Vec<Vec<Evidence>> = films
        .par_iter()
        .map(|film| {
            job.check()?;
            let truth = truth(detector, film);
            if shapes.iter().all(|shape| whole(&truth, shape).is_none()) {
                return Ok(Vec::new());
            }
            let points = detector.detect(&film.grey, film.rows, film.columns, &Job::silent())?.points;
            let of = |shape: &Vec<usize>| {
                let truth = whole(&truth, shape)?;
                let found: Vec<(Point, Point)> = shape
                    .iter()
                    .zip(&truth)
                    .filter_map(|(place, truth)| Some((points[*place].as_ref().ok()?.position, *truth)))
                    .collect();
                let off = found.iter().map(|(a, b)| a.distance(*b)).sum::<f64>() / found.len() as f64;
                let is_lost = off.is_nan() || off > LOST * size(&truth);
                Some(Evidence { weakest: weakest(&points, shape)?, is_lost })
            };
            Ok(shapes.iter().filter_map(of).collect())
        })
        .collect::<Result<_, TrainError>>()?;
    Ok(floor(&evidence.concat()))
}

/// Of each landmark where it is on the film.
fn truth(detector: &dyn LandmarkDetector, film: &Film) -> Vec<Option<Point>> {
    let on = |at: &Point| {
        let within = |value: f64, count: usize| (0.0..=count as f64 - 1.0).contains(&value);
        within(at.x, film.columns) && within(at.y, film.rows)
    };
    detector.ids().iter().map(|id| film.landmarks.get(id)?.position().filter(on)).collect()
}

/// All points of a shape; `None` where the film does not show them.
fn whole(truth: &[Option<Point>], shape: &[usize]) -> Option<Vec<Point>> {
    shape.iter().map(|place| *truth.get(*place)?).collect()
}

/// Longer side of the bounding box.
fn size(points: &[Point]) -> f64 {
    let span = |of: fn(&Point) -> f64| {
        let (low, high) =
            points.iter().map(of).fold((f64::MAX, f64::MIN), |(l, h), value| (l.min(value), h.max(value)));
        high - low
    };
    span(|p| p.x).max(span(|p| p.y))
}

fn floor(evidence: &[Evidence]) -> f64 {
    let found: Vec<f64> = evidence.iter().filter(|e| !e.is_lost).map(|e| e.weakest).collect();
    let floor = quantile(&found, GIVEN_UP);
    if floor.is_finite() { (1e4 * floor).floor() / 1e4 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Side, Spacing};
    use crate::models::{DetectError, Detected, Detection, NotFound};

    /// Finds both points of the left hip where the grey of its first pixel says: 1 in their place, and as sure as the
    /// second pixel says.
    #[derive(Debug)]
    struct Told(Vec<LandmarkId>);

    impl LandmarkDetector for Told {
        fn ids(&self) -> &[LandmarkId] {
            &self.0
        }

        fn detect(&self, grey: &[f32], _: usize, _: usize, _: &Job) -> Result<Detection, DetectError> {
            let away = if grey[0] == 1.0 { 0.5 } else { 30.0 };
            let point = |x: f64| {
                Ok::<_, NotFound>(Detected {
                    position: Point::new(x + away, 20.0),
                    spread: 1.0,
                    confidence: f64::from(grey[1]),
                    presence: 1.0,
                })
            };
            Ok(Detection { points: vec![point(20.0), point(60.0)], inverted: false, contrast: 1.0 })
        }

        fn shapes(&self) -> Vec<Vec<usize>> {
            vec![vec![0, 1]]
        }
    }

    fn film(ids: &[LandmarkId], is_found: bool, confidence: f32, right: f64) -> Film {
        let mut landmarks = LandmarkSet::default();
        for (id, x) in ids.iter().zip([20.0, right]) {
            landmarks.insert(id.clone(), Landmark::defined(Point::new(x, 20.0), None, Origin::File));
        }
        let mut grey = vec![0.0; 100 * 100];
        grey[..2].copy_from_slice(&[if is_found { 1.0 } else { 0.0 }, confidence]);
        Film { rows: 100, columns: 100, grey, landmarks, spacing: Spacing::UNKNOWN, labels: None }
    }

    #[test]
    fn one_shape_in_a_hundred_of_those_that_were_found_is_given_up() {
        let ids = ["F01", "F02"].map(|code| LandmarkId::new(LandmarkCode::new(code), Side::Left)).to_vec();
        let detector = Told(ids.clone());
        let mut films: Vec<Film> =
            (0..=100).map(|i| film(&ids, true, 0.5 + 0.004 * i as f32, 60.0)).collect();
        // Neither lost ones nor those that the film does not show whole count, however unsure.
        films.extend((0..30).map(|_| film(&ids, false, 0.1, 60.0)));
        films.extend((0..30).map(|_| film(&ids, true, 0.1, 160.0)));
        let floor = shape_floor(&detector, &films, &Job::silent()).unwrap();
        assert!((floor - 0.504).abs() < 2e-4, "{floor}");
        assert_eq!(shape_floor(&detector, &films[101..], &Job::silent()).unwrap(), 0.0);
    }
}
