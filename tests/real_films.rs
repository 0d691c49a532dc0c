//! The shipped network on real films it has never seen, against points placed by hand, with the bounds the project has
//! set itself. Needs the films: `COXA_DATA`, or a folder `shared/data` beside the checkout; skips itself without them.

use coxa::job::Job;
use coxa::measure::spread::{Source, Spreads};
use coxa::measure::{LandmarkCode, LandmarkId, LandmarkSet, Spacing, Unit, assess};
use coxa::models::{DeviceChoice, Predictor};
use coxa::training::films::{RealFilm, judge, read};
use std::path::PathBuf;

fn films() -> Option<Vec<RealFilm>> {
    let data = std::env::var_os("COXA_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = data.join("jordan");
    if !folder.is_dir() {
        println!("skipped: no {}", folder.display());
        return None;
    }
    Some(read(&folder).expect("the real films read"))
}

#[test]
fn real_films_are_read_within_the_bounds() {
    let Some(films) = films() else { return };
    assert_eq!(films.len(), 6);
    let predictor = Predictor::load(None, DeviceChoice::Cpu).expect("the default model loads");
    let figures = judge(&films, &predictor, &Job::silent()).expect("no film is refused");
    println!("{figures}");

    let error = |code: LandmarkCode| {
        let error = figures.landmarks[&code].error.as_ref().expect("found");
        assert_eq!(error.missed, 0, "{code} was missed");
        error.mean
    };
    let (trc, sma, hp) = (error(LandmarkCode::TRC), error(LandmarkCode::SMA), error(LandmarkCode::HP));
    assert!(0.5 * (trc + sma) <= 2.5, "TRC {trc:.2} %, SMA {sma:.2} %");
    assert!(hp <= 3.0, "HP {hp:.2} %");
    let index = figures.acetabular_index.as_ref().expect("acetabular indices");
    assert_eq!(index.n, 12);
    assert!(index.mean_absolute <= 3.0, "AI {:.2}°", index.mean_absolute);
    assert_eq!((figures.nucleus.missed, figures.nucleus.invented), (0, 0));
}

/// Radius of the circle that holds 95 % of a two-dimensional Gaussian, in its per-axis deviations.
const CIRCLE_95: f64 = 2.4477;

/// Deviations that are much too small would lend the angles' intervals a certainty nobody has. The network's own are its
/// scatter about the truth of phantoms; what an interval is made of also holds a reader's, and must cover his points.
#[test]
fn deviations_explain_the_errors() {
    let Some(films) = films() else { return };
    let predictor = Predictor::load(None, DeviceChoice::Cpu).expect("the default model loads");
    let (mut alone, mut within, mut all) = (0, 0, 0);
    let (mut covered, mut intervals) = (0, 0);
    for real in films {
        let found = predictor.predict(&real.radiograph, &Job::silent()).expect("a film").landmarks;
        let spacing = Spacing::UNKNOWN;
        let spreads = Spreads::new(&found, &spacing);
        for id in LandmarkId::infant() {
            let at = |set: &LandmarkSet| set.get(&id).and_then(|l| l.position());
            let (Some(truth), Some(ours)) = (at(&real.film.landmarks), at(&found)) else { continue };
            let own = found.get(&id).and_then(|l| l.sd_px()).expect("a deviation");
            let spread = spreads.get(&id).expect("a deviation");
            assert_eq!(spread.source, Source::ModelAndReader);
            let error = truth.distance(ours);
            all += 1;
            alone += usize::from(error <= CIRCLE_95 * own);
            within += usize::from(error <= CIRCLE_95 * spread.covariance.sd());
        }
        let (read, ours) = (assess(&real.film.landmarks, &spacing), assess(&found, &spacing));
        for m in ours.measurements.iter().filter(|m| m.unit == Unit::Degree) {
            let value = read.measurement(m.code, m.side).and_then(|m| m.value);
            let Some((value, (low, high))) = value.zip(m.ci95) else { continue };
            intervals += 1;
            covered += usize::from((low..=high).contains(&value));
        }
    }
    println!(
        "of {all} points {alone} lie in the network's own 95 % circle, {within} with a reader's deviation"
    );
    println!("of {intervals} angles the reader's lies in {covered} of the 95 % intervals");
    assert!(100 * within >= 90 * all, "{within} of {all}");
    assert!(100 * alone >= 60 * all, "{alone} of {all}");
    assert!(100 * covered >= 90 * intervals && intervals >= 18, "{covered} of {intervals}");
}
