//! Whether the shipped model's confidence means what it says, on simulated films it was not trained on.

use candle_core::Device;
use coxa::job::Job;
use coxa::models::catalogue;
use coxa::models::system::read_detector;
use coxa::simulate::infant::PhantomOptions;
use coxa::training::dataset::{Phantoms, Source};
use coxa::training::reliability::{calibrate, claims};
use coxa::training::validate::score;

#[test]
fn votes_are_calibrated_by_one_temperature() {
    let card = &catalogue()[0];
    let detector = read_detector(&card.plan, &card.bytes, &Device::Cpu).expect("the shipped model");
    let options = PhantomOptions { size: 256, ..PhantomOptions::default() };
    let source = Phantoms { seed: 20_261_122, options };
    let films: Vec<_> = (0..32).map(|number| source.film(number)).collect();
    let scores = score(&*detector, &films, &Job::silent()).expect("points");
    let claims = claims(&*detector, &films, &scores);
    assert!(claims.iter().flatten().count() > 200);
    let calibrated = calibrate(&claims).expect("claims");
    let (before, after) = (calibrated.before.expected_error(), calibrated.after.expected_error());
    println!("temperature {}, expected calibration error {before:.3} to {after:.3}", calibrated.temperature);
    assert!(after < before, "{before} {after}");
    assert!(after < 0.15, "{after}");
}
