//! The shipped network on what it must read and on what it must refuse.

use coxa::imaging::Radiograph;
use coxa::job::Job;
use coxa::measure::{LandmarkCode, LandmarkId, Side};
use coxa::models::{DeviceChoice, PredictError, Predictor};
use coxa::simulate::infant::{HipOptions, Phantom, PhantomOptions};

fn predictor() -> Predictor {
    Predictor::load(None, DeviceChoice::Cpu).expect("the default model loads")
}

fn phantom(nucleus: bool) -> Phantom {
    let hip = HipOptions { acetabular_index: Some([24.0, 26.0]), ihdi: Some(1), nucleus: Some(nucleus) };
    let options = PhantomOptions {
        size: 900,
        age_months: [8.0, 12.0],
        hips: [hip, hip],
        variation: 0.3,
        artefacts: 0.0,
        cropped: true,
    };
    Phantom::generate(77, &options)
}

/// Errors of all points that are there, in percent of TRC–TRC; asserts that the others are missing.
fn errors(radiograph: &Radiograph, phantom: &Phantom, swapped: bool) -> Vec<f64> {
    let found = predictor().predict(radiograph, &Job::silent()).expect("a film").landmarks;
    let trc = |side| phantom.landmarks.position(LandmarkCode::TRC, side).expect("TRC");
    let baseline = trc(Side::Right).distance(trc(Side::Left));
    LandmarkId::infant()
        .iter()
        .filter_map(|id| {
            let looked_for = LandmarkId {
                code: id.code.clone(),
                side: if swapped { id.side.map(Side::opposite) } else { id.side },
            };
            let ours = found.get(&looked_for).expect("every landmark is answered for");
            let truth = phantom.landmarks.get(id)?.position();
            assert_eq!(truth.is_some(), ours.position().is_some(), "{id}: {ours:?}");
            assert!(ours.position().is_none() || ours.sd_px().is_some_and(|sd| sd > 0.0), "{id}");
            Some(100.0 * truth?.distance(ours.position()?) / baseline)
        })
        .collect()
}

#[test]
fn a_phantom_is_found_with_its_nuclei_and_without() {
    for nucleus in [true, false] {
        let phantom = phantom(nucleus);
        let errors = errors(&phantom.radiograph(), &phantom, false);
        assert_eq!(errors.len(), if nucleus { 8 } else { 6 });
        let worst = errors.iter().copied().fold(0.0, f64::max);
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        assert!(mean < 1.5 && worst < 4.0, "nuclei {nucleus}: mean {mean:.2} %, worst {worst:.2} %");
    }
}

#[test]
fn the_other_orientation_exchanges_the_sides_and_nothing_else() {
    let phantom = phantom(true);
    let mut film = phantom.radiograph();
    film.patient_right_on_left = Some(false);
    let errors = errors(&film, &phantom, true);
    assert!(errors.iter().all(|percent| *percent < 4.0), "{errors:?}");
}

#[test]
fn a_film_with_its_greys_turned_round_is_still_read() {
    let phantom = phantom(true);
    let mut film = phantom.radiograph();
    let top = film.stored.iter().copied().max().unwrap_or(0);
    film.stored.iter_mut().for_each(|value| *value = top - *value);
    let errors = errors(&film, &phantom, false);
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean < 2.5, "{errors:?}");
}

#[test]
fn what_is_no_film_is_refused_in_words() {
    let predictor = predictor();
    let refuse = |film: &Radiograph| predictor.predict(film, &Job::silent()).expect_err("refused");
    let blank = Radiograph::from_stored(300, 300, vec![500; 90_000], 12).expect("an image");
    assert!(matches!(refuse(&blank), PredictError::Blank));
    let tiny = Radiograph::from_stored(1, 1, vec![5], 12).expect("an image");
    assert!(refuse(&tiny).to_string().contains("1 × 1"));
    let mut ct = phantom(true).radiograph();
    ct.identity.modality = "CT".into();
    assert!(refuse(&ct).to_string().contains("CT"), "{}", refuse(&ct));
    let cancelled = Job::silent();
    cancelled.cancel();
    let film = phantom(true).radiograph();
    assert!(matches!(predictor.predict(&film, &cancelled), Err(PredictError::Cancelled(_))));
}

/// Noise shows no pelvis: required points are missing rather than guessed, and a warning says so.
#[test]
fn noise_gives_no_points() {
    let mut state = 12345_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 52) & 4095) as i32
    };
    let noise: Vec<i32> = (0..400 * 400).map(|_| next()).collect();
    let film = Radiograph::from_stored(400, 400, noise, 12).expect("an image");
    let prediction = predictor().predict(&film, &Job::silent()).expect("an answer");
    let found = prediction.landmarks.iter().filter(|(_, l)| l.position().is_some()).count();
    assert_eq!(found, 0, "points found in noise");
    let warned = prediction.warnings.iter().any(|w| w.contains("does not look like"));
    assert!(warned, "{:?}", prediction.warnings);
}

#[test]
fn an_unknown_model_names_the_known_ones() {
    let error = Predictor::load(Some("nothing"), DeviceChoice::Cpu).expect_err("unknown").to_string();
    assert!(error.contains("infant-whdv"), "{error}");
}
