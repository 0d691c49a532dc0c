//! The whole way from films to points, on phantoms.

use super::super::augment::Film;
use super::*;
use crate::models::rfrv_clm::ClmDetector;
use crate::models::{LandmarkDetector, NotFound};
use crate::simulate::infant::{Phantom, PhantomOptions};
use crate::training::shape_floor::shape_floor;

fn phantom(seed: u64) -> Phantom {
    let options = PhantomOptions {
        size: 256,
        variation: 0.3,
        artefacts: 0.0,
        cropped: true,
        ..PhantomOptions::default()
    };
    Phantom::generate(seed, &options)
}

fn film(phantom: Phantom, landmarks: crate::measure::LandmarkSet) -> Film {
    Film {
        rows: phantom.rows,
        columns: phantom.columns,
        grey: phantom.grey,
        landmarks,
        spacing: phantom.spacing,
        labels: None,
    }
}

fn infants(seeds: std::ops::Range<u64>) -> Vec<Film> {
    seeds.map(phantom).map(|p| film(p.clone(), p.landmarks)).collect()
}

/// Mean distance in pixels to the truth of the points that are there.
fn error(detector: &ClmDetector, films: &[Film]) -> f64 {
    let mut errors = Vec::new();
    for film in films {
        let detection = detector.detect(&film.grey, film.rows, film.columns, &Job::silent()).unwrap();
        for (id, found) in detector.ids().iter().zip(detection.points) {
            if let Some(truth) = film.landmarks.get(id).and_then(|l| l.position()) {
                errors.push(found.map_or(100.0, |f| f.position.distance(truth)));
            }
        }
    }
    errors.iter().sum::<f64>() / errors.len() as f64
}

fn detector(clm: Clm, plan: ClmPlan, ids: Vec<LandmarkId>) -> ClmDetector {
    let optional = vec![false; ids.len()];
    ClmDetector::new(clm, plan, ids, optional).unwrap()
}

fn small() -> ClmConfig {
    let mut config = ClmConfig::default();
    config.stages.truncate(2);
    // Nothing on these films misleads.
    (config.global.candidates, config.global.finalists) = (12, 2);
    config
}

#[test]
fn eight_phantoms_are_learnt_by_heart() {
    let films = infants(0..8);
    let ids = LandmarkId::infant().to_vec();
    let mut config = ClmConfig::default();
    config.forest.leaf = 1;
    config.stages.iter_mut().for_each(|stage| stage.samples = 80);
    let (plan, clm) = learn(&films, &ids, &config, 1, &Job::silent()).unwrap();
    let detector = detector(clm, plan, ids);
    let error = error(&detector, &films);
    assert!(error < 1.0, "{error} px");
}

#[test]
fn a_written_model_is_the_model_and_a_damaged_one_is_refused() {
    let films = infants(0..4);
    let ids = LandmarkId::infant().to_vec();
    let mut config = small();
    config.forest.trees = 2;
    let (plan, clm) = learn(&films, &ids, &config, 1, &Job::silent()).unwrap();
    let again = learn(&films, &ids, &config, 1, &Job::silent()).unwrap();
    assert_eq!(clm, again.1, "one seed, one model");
    let bytes = clm.to_bytes().unwrap();
    let read = Clm::from_bytes(&bytes).unwrap();
    assert_eq!(read.check(&plan), Ok(()));
    assert_eq!(read.to_bytes().unwrap(), bytes);
    assert_eq!(read.stages[0].nodes, clm.stages[0].nodes);
    let vote = |clm: &Clm| clm.stages[1].votes[7];
    assert!((vote(&read).x - vote(&clm).x).abs() < 0.004);
    assert!(Clm::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(Clm::from_bytes(b"").is_err());
    // Any byte may be wrong: an error, or a model that still ends every walk, never a panic.
    let first = bytes.len() - 4000;
    for at in (0..bytes.len()).filter(|at| *at < 3000 || *at > first || at % 997 == 0) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Ok(clm) = Clm::from_bytes(&damaged) {
            let _ = clm.check(&plan);
        }
    }
}

#[test]
fn one_model_of_the_left_femur_serves_both_sides_and_both_polarities() {
    let codes = ["F01", "F06", "F12", "F18", "F24", "F33", "F42", "F48", "F58"];
    let ids: Vec<LandmarkId> = crate::measure::Side::BOTH
        .into_iter()
        .flat_map(|side| codes.map(|c| LandmarkId::new(crate::measure::LandmarkCode::new(c), side)))
        .collect();
    let config = ClmConfig { mirrored: true, ..small() };
    let mut films: Vec<Film> = (0..10).map(phantom).map(|p| film(p.clone(), p.femora)).collect();
    let (plan, clm) = learn(&films, &ids, &config, 3, &Job::silent()).unwrap();
    assert_eq!(clm.shape.mean.len(), 9);
    let detector = |shape_floor| detector(clm.clone(), ClmPlan { shape_floor, ..plan.clone() }, ids.clone());
    let others: Vec<Film> = (100..112).map(phantom).map(|p| film(p.clone(), p.femora)).collect();
    let floor = shape_floor(&detector(0.0), &others, &Job::silent()).unwrap();
    one_hip_is_missing_without_the_other(&detector(floor), &films);
    let detector = detector(0.0);
    let upright = error(&detector, &films);
    assert!(upright < 2.5, "{upright} px");
    films.iter_mut().for_each(|film| film.grey.iter_mut().for_each(|v| *v = 1.0 - *v));
    let inverted = error(&detector, &films);
    assert!((inverted - upright).abs() < 0.2, "{inverted} px inverted, {upright} px upright");
}

/// Where a film shows noise in place of a hip, that hip is missing with the reason, and the other one is found.
fn one_hip_is_missing_without_the_other(detector: &ClmDetector, films: &[Film]) {
    let is_left = |id: &LandmarkId| id.side == Some(crate::measure::Side::Left);
    let (mut given_up, mut kept) = (0, 0);
    for film in films {
        let mut film = film.clone();
        let mut random = ChaCha8Rng::seed_from_u64(8);
        // The patient's left is on the right.
        for row in film.grey.chunks_exact_mut(film.columns) {
            row[film.columns / 2..].fill_with(|| random.random());
        }
        let points = detector.detect(&film.grey, film.rows, film.columns, &Job::silent()).unwrap().points;
        for (id, point) in detector.ids().iter().zip(&points) {
            match (is_left(id), point) {
                (true, Err(NotFound::Shape { weakest, needed })) => {
                    assert!(weakest < needed);
                    given_up += 1;
                }
                (false, Ok(point)) => {
                    let truth = film.landmarks.get(id).and_then(|l| l.position()).unwrap();
                    kept += usize::from(point.position.distance(truth) < 8.0);
                }
                _ => {}
            }
        }
    }
    let hips = 9 * films.len();
    assert_eq!(given_up, hips, "every hip that is not there is given up");
    assert!(kept >= hips * 8 / 10, "{kept} of {hips} points of the others are found");
}

#[test]
fn scanned_values_cover_what_was_seen() {
    let values = [1.0, 2.0, 3.0];
    let tried = spread(&values, 0.5);
    assert!(tried.windows(2).all(|w| w[1] - w[0] <= 0.5 + 1e-9));
    assert!(tried[0] < 1.0 && tried[tried.len() - 1] > 3.0, "{tried:?}");
    assert_eq!(spread(&[5.0, 5.0], 0.5), [5.0]);
}

#[test]
fn films_without_a_shape_are_refused() {
    let ids = LandmarkId::infant().to_vec();
    let mut films = infants(0..2);
    films.iter_mut().for_each(|film| film.landmarks = crate::measure::LandmarkSet::default());
    assert!(matches!(learn(&films, &ids, &small(), 1, &Job::silent()), Err(TrainError::Config(_))));
}
