//! The shipped network on real films it has never seen, against points placed by hand, with the bounds the project has
//! set itself. Needs the films: `COXA_DATA`, or a folder `shared/data` beside the checkout; skips itself without them.

use coxa::job::Job;
use coxa::measure::{LandmarkCode, LandmarkId, LandmarkSet};
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

/// Per-axis deviation in pixels of the reference itself, of the radial errors its reader states: about 1.5 px for TRC and
/// FH, 2 to 3 px for SMA and HP.
fn reference_sd(code: &LandmarkCode) -> f64 {
    let radial = if [LandmarkCode::TRC, LandmarkCode::FH].contains(code) { 1.5 } else { 2.5 };
    // The mean of a Rayleigh variable is 1.2533 times its σ.
    radial / 1.2533
}

/// Deviations that are much too small would lend the angles' intervals a certainty nobody has.
#[test]
fn deviations_explain_the_errors() {
    let Some(films) = films() else { return };
    let predictor = Predictor::load(None, DeviceChoice::Cpu).expect("the default model loads");
    let (mut alone, mut within, mut all) = (0, 0, 0);
    for real in films {
        let found = predictor.predict(&real.radiograph, &Job::silent()).expect("a film").landmarks;
        for id in LandmarkId::infant() {
            let at = |set: &LandmarkSet| set.get(&id).and_then(|l| l.position());
            let (Some(truth), Some(ours)) = (at(&real.film.landmarks), at(&found)) else { continue };
            let sd = found.get(&id).and_then(|l| l.sd_px()).expect("a deviation");
            let error = truth.distance(ours);
            all += 1;
            alone += usize::from(error <= 2.4477 * sd);
            within += usize::from(error <= 2.4477 * sd.hypot(reference_sd(&id.code)));
        }
    }
    println!("of {all} points {alone} lie in our 95 % circle, {within} when the reader's own error is added");
    assert!(100 * within >= 90 * all, "{within} of {all}");
    assert!(100 * alone >= 60 * all, "{alone} of {all}");
}
