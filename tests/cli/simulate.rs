//! Films made of others: the same seed the same files, and what cannot be is said.

use crate::harness::{coxa, files, folder, json, run};
use coxa::simulate::infant::{HipOptions, Phantom, PhantomOptions};
use coxa::simulate::real::KnownFilm;
use std::fs;
use std::path::Path;

/// A phantom that stands for a real film, with its points beside it.
fn known(folder: &Path) {
    let hip = HipOptions { acetabular_index: Some([22.0, 24.0]), ihdi: Some(1), nucleus: Some(true) };
    let options = PhantomOptions { size: 331, hips: [hip; 2], cropped: true, ..PhantomOptions::default() };
    let phantom = Phantom::generate(6, &options);
    let (radiograph, landmarks) = (phantom.radiograph(), phantom.landmarks.clone());
    let name = "film".to_owned();
    KnownFilm { name, radiograph, landmarks, made: serde_json::Value::Null }.write(folder).unwrap();
}

#[test]
fn films_are_warped_and_copied_and_one_seed_gives_the_same() {
    let (data, out) = (folder(), folder());
    known(data.path());
    let make = |what: &str, data: &Path, to: &str| {
        let to = out.path().join(to);
        let arguments = ["--count", "3", "--seed", "5", "--out"];
        let run = run(coxa().args(["simulate", what, "--data"]).arg(data).args(arguments).arg(&to));
        assert_eq!(run.status, 0, "{}", run.stderr);
        to
    };
    let warps = make("warp", data.path(), "warps");
    assert_eq!(files(&warps).len(), 6);
    let indices = |name: &str| {
        let made = json(&warps.join(name))["made"].clone();
        assert_eq!(made["of"], "film");
        ["R", "L"].map(|side| made["acetabular_index_deg"][side].as_f64().unwrap())
    };
    let [first, second] = ["film-warp-00.reference.json", "film-warp-01.reference.json"].map(indices);
    assert!(first != second && first.iter().chain(&second).all(|a| (9.0..46.0).contains(a)));

    let [one, two] = ["copies", "again"].map(|to| make("stress", &warps, to));
    assert_eq!(files(&one).len(), 18, "the warps are films with points themselves");
    for name in files(&one).iter().filter(|name| name.ends_with(".json")) {
        assert_eq!(fs::read(one.join(name)).unwrap(), fs::read(two.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_folder_without_points_is_named() {
    let (data, out) = (folder(), folder());
    let arguments = ["simulate", "warp", "--data"];
    let run = run(coxa().args(arguments).arg(data.path()).arg("--out").arg(out.path().join("none")));
    assert_eq!(run.status, 1);
    let name = data.path().file_name().unwrap().to_string_lossy().into_owned();
    assert!(run.stderr.contains(&name) && run.stderr.contains("reference.json"), "{}", run.stderr);
}
