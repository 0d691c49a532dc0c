//! `coxa segment` with a folder that nnU-Net itself trained, and `coxa train` of such a folder.

use crate::harness::{coxa, files, folder, json, run};
use coxa::imaging::open;
use std::fs;
use std::path::PathBuf;

fn given(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/nnunet").join(name)
}

#[test]
fn masks_are_those_of_nnunet_and_the_film_is_left_alone() {
    let folder = folder();
    let film = folder.path().join("hip.png");
    fs::copy(given("film_two.png"), &film).expect("copied");
    let before = fs::read(&film).expect("read");
    let out = folder.path().join("out");
    let done =
        run(coxa().arg("segment").arg(&film).arg("--model").arg(given("model")).arg("--out").arg(&out));
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(
        done.stdout.contains("hip: L1 ") && done.stderr.contains("2 fold(s)"),
        "{} {}",
        done.stdout,
        done.stderr
    );
    assert_eq!(files(&out), ["hip_labels.png", "hip_overlay.png", "labels.json"]);
    let stored = |path: PathBuf| open(&path).expect("opens").stored;
    assert_eq!(stored(out.join("hip_labels.png")), stored(given("mask_two.png")));
    assert_eq!(json(&out.join("labels.json"))[2]["structure"], "Köhler teardrop");
    assert_eq!(fs::read(&film).expect("read"), before);
}

#[test]
fn results_never_replace_films_and_missing_models_are_named() {
    let (films, out) = (folder(), folder());
    let (first, second) = (films.path().join("a.png"), out.path().join("a_labels.png"));
    for path in [&first, &second] {
        fs::copy(given("film_small.png"), path).expect("copied");
    }
    let segment = |model: PathBuf| {
        run(coxa()
            .arg("segment")
            .args([&first, &second])
            .arg("--model")
            .arg(model)
            .arg("--out")
            .arg(out.path()))
    };
    let done = segment(given("model"));
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("would be overwritten"), "{}", done.stderr);
    assert!(done.stderr.contains("1 segmented by 2 fold(s), 1 failed"), "{}", done.stderr);
    let film = fs::read(given("film_small.png")).expect("read");
    assert_eq!(fs::read(&second).expect("read"), film);
    let missing = segment(films.path().to_owned());
    assert!(missing.status == 1 && missing.stderr.contains("dataset.json"), "{}", missing.stderr);
}

#[test]
fn a_configuration_of_nn_unet_trains_a_folder_that_segments() {
    let folder = folder();
    let config = folder.path().join("small.toml");
    let text = "[system]\nkind = \"nn-unet\"\npatch = [64, 64]\nfeatures = [4, 8]\n[phantoms]\ncount = 5\nsize = 64\n[optimiser]\nsteps = 2";
    fs::write(&config, text).expect("written");
    let model = folder.path().join("model");
    let done = run(coxa().arg("train").arg(&config).arg("--out").arg(&model));
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert_eq!(files(&model), ["dataset.json", "fold_0", "model.toml", "plans.json", "splits_final.json"]);
    assert!(done.stdout.contains("step 2: Dice"), "{}", done.stdout);
    let card = run(coxa().args(["models", "card"]).arg(&model));
    for word in ["hip-nn-unet 0.1.0", "5 simulated infants", "held films of fold 0 (1)", "mean Dice"] {
        assert!(card.stdout.contains(word), "{word}: {} {}", card.stdout, card.stderr);
    }
    let out = folder.path().join("out");
    let film = given("film_small.png");
    let done = run(coxa().arg("segment").arg(film).arg("--model").arg(&model).arg("--out").arg(&out));
    assert_eq!(done.status, 0, "{}", done.stderr);
    fs::write(&config, text.replace("steps", "stepps")).expect("written");
    let wrong = run(coxa().arg("train").arg(&config).arg("--out").arg(&model));
    assert!(wrong.status == 1 && wrong.stderr.contains("stepps"), "{}", wrong.stderr);
}
