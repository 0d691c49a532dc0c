//! The infants' detector with several networks, and with several looks of one.

use candle_core::safetensors::load_buffer;
use candle_core::{Device, Tensor};
use coxa::job::Job;
use coxa::models::looks::Looks;
use coxa::models::members::prefix;
use coxa::models::system::{System, detector_from_tensors};
use coxa::models::whdv_detector::WhdvPlan;
use coxa::models::{Detected, catalogue};
use coxa::simulate::infant::{Phantom, PhantomOptions};
use std::collections::HashMap;

/// What the shipped network finds on a phantom, its plan and its weights changed.
fn found(
    changed: impl FnOnce(&mut WhdvPlan),
    weights: impl FnOnce(HashMap<String, Tensor>) -> HashMap<String, Tensor>,
) -> Vec<Detected> {
    let card = catalogue().first().expect("a default model");
    let mut plan = card.plan.clone();
    let System::Whdv(system) = &mut plan.system else { panic!("the default model votes") };
    changed(system);
    let shipped = load_buffer(&card.bytes, &Device::Cpu).unwrap();
    // Of several members the first.
    let one = shipped.into_iter().filter_map(|(name, tensor)| match name.strip_prefix("member") {
        Some(rest) => rest.strip_prefix("0.").map(|name| (name.to_owned(), tensor)),
        None => Some((name, tensor)),
    });
    let detector = detector_from_tensors(&plan, weights(one.collect()), &Device::Cpu).unwrap();
    let film =
        Phantom::generate(5, &PhantomOptions { size: 300, artefacts: 0.0, ..PhantomOptions::default() })
            .radiograph();
    let (rows, columns) = (film.rows, film.columns);
    let points = detector.detect(&film.grey(), rows, columns, &Job::silent()).unwrap().points;
    points.into_iter().map(Result::unwrap).collect()
}

fn alone(looks: Looks) -> Vec<Detected> {
    found(|plan| (plan.members, plan.looks) = (1, looks), |weights| weights)
}

/// Two networks, the second's first features `factor` times as strong.
fn two(factor: f64) -> Vec<Detected> {
    found(
        |plan| plan.members = 2,
        |weights| {
            let named = |number: usize, name: &str| format!("{}.{name}", prefix(number, 2).unwrap());
            let stronger = |name: &str, tensor: &Tensor| {
                if name == "stem.norm.weight" { (tensor * factor).unwrap() } else { tensor.clone() }
            };
            let both = |(name, tensor): (&String, &Tensor)| {
                [(named(0, name), tensor.clone()), (named(1, name), stronger(name, tensor))]
            };
            weights.iter().flat_map(both).collect()
        },
    )
}

fn farthest(a: &[Detected], b: &[Detected]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.position.distance(b.position)).fold(0.0, f64::max)
}

#[test]
fn the_same_network_twice_says_what_it_says_once_and_another_is_heard() {
    let (one, same, other) = (alone(Looks::default()), two(1.0), two(0.9));
    assert!(farthest(&one, &same) < 1e-6, "{}", farthest(&one, &same));
    assert!((one[0].spread - same[0].spread).abs() < 1e-6);
    let moved = farthest(&one, &other);
    assert!((1e-3..20.0).contains(&moved), "{moved}");
}

#[test]
fn the_same_look_twice_says_what_one_says_and_others_say_nearly_that() {
    let of = |scale: Vec<f64>| alone(Looks { scale, ..Looks::default() });
    let (one, twice, others) = (of(vec![]), of(vec![1.0]), of(vec![0.94, 1.06]));
    assert!(farthest(&one, &twice) < 1e-6, "{}", farthest(&one, &twice));
    let moved = farthest(&one, &others);
    assert!((1e-3..6.0).contains(&moved), "{moved}");
}
