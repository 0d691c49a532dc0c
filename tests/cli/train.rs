//! `coxa train`: one run from configuration to a model that measures, with several seeds, and killed in its midst.

use crate::harness::{coxa, files, film, folder, run};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A run of some seconds of the system that `system` tells, on few small phantoms.
fn configuration(folder: &Path, system: &str, steps: usize) -> std::path::PathBuf {
    let path = folder.join("small.toml");
    let text = format!(
        "id = \"small\"\n[system]\n{system}\n[optimiser]\nsteps = {steps}\nbatch = 2\n\
         [validation]\nevery = 4\nheld = 1\ncalibration = 2\n[data]\nphantom_size = 96\nworkers = 2\n"
    );
    fs::write(&path, text).expect("written");
    path
}

const WHDV: &str = "kind = \"whdv\"\nframe = 64";

fn trained(config: &Path, out: &Path, more: &[&str]) -> crate::harness::Run {
    run(coxa().env_remove("COXA_DATA").arg("train").arg(config).arg("--out").arg(out).args(more))
}

#[test]
fn seeds_are_runs_of_their_own_and_heat_maps_become_one_model() {
    let folder = folder();
    let fai = "kind = \"fai\"\nside = 64\n[system.architecture]\ndecoder = \"unet\"\nencoder = \"resnet18\"";
    let config = configuration(folder.path(), fai, 1);
    let out = folder.path().join("out");
    let done = trained(&config, &out, &["--seeds", "3,5"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert!(done.stdout.contains(" ± "), "{}", done.stdout);
    let expected = ["reliability.png", "seed-3", "seed-5", "seeds.csv", "small.safetensors", "small.toml"];
    assert_eq!(files(&out), expected);
    let weights = |folder: &Path| fs::read(folder.join("small.safetensors")).expect("weights");
    let (three, five) = (weights(&out.join("seed-3")), weights(&out.join("seed-5")));
    assert!(three != five, "seeds differ");
    assert!(weights(&out).len() > three.len() + five.len() - 100_000, "both are in the whole");
    let table = fs::read_to_string(out.join("seeds.csv")).expect("a table");
    assert!(table.starts_with("set,figure,mean,sd") && table.lines().count() > 3, "{table}");
    let film = film(folder.path(), "hip", 3);
    let plan = out.join("small.toml");
    let measured = run(coxa().arg("measure").arg(film).arg("--model").arg(&plan).args(["--json", "-"]));
    assert_eq!(measured.status, 0, "{}", measured.stderr);
    let card = run(coxa().args(["models", "card"]).arg(&plan));
    assert!(card.stdout.contains("of the seeds 3, 5"), "{}", card.stdout);
}

#[test]
fn one_field_is_varied_and_its_figures_are_tabulated() {
    let folder = folder();
    let config = configuration(folder.path(), WHDV, 1);
    let out = folder.path().join("out");
    let done = trained(&config, &out, &["--vary", "system.sigma_px=4,6"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert_eq!(files(&out), ["sigma_px-4", "sigma_px-6", "varied.csv"]);
    let table = fs::read_to_string(out.join("varied.csv")).expect("a table");
    assert!(table.starts_with("set,figure,system.sigma_px=4,system.sigma_px=6\n"), "{table}");
    let error = table.lines().find(|line| line.contains("TRC mean radial error")).expect("a line");
    let values: Vec<&str> = error.rsplit(',').take(2).collect();
    assert!(values.iter().all(|value| value.parse::<f64>().is_ok()), "{error}");
    let plan = |name: &str| fs::read_to_string(out.join(name).join("small.toml")).expect("a plan");
    assert!(plan("sigma_px-4").contains("sigma_px = 4.0") && plan("sigma_px-6").contains("sigma_px = 6.0"));
    for wrong in ["system.none=1", "sigma", "system.sigma_px=wide"] {
        assert_ne!(trained(&config, &folder.path().join("no"), &["--vary", wrong]).status, 0, "{wrong}");
    }
    assert!(!folder.path().join("no").exists(), "nothing is begun that cannot be done");
}

/// Killed without a word, as by a power cut; what comes of it is what would have come without.
#[test]
fn a_run_that_was_killed_goes_on_to_the_very_same_weights() {
    let folder = folder();
    let config = configuration(folder.path(), WHDV, 24);
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    let done = trained(&config, &whole, &[]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let mut child = coxa()
        .env_remove("COXA_DATA")
        .arg("train")
        .arg(&config)
        .arg("--out")
        .arg(&broken)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let begun = Instant::now();
    // After the first checkpoint; should the run be over before it is looked at, it is resumed at its end.
    while !broken.join("checkpoint.safetensors").exists() && begun.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let resumed = trained(&config, &broken, &["--resume"]);
    assert_eq!(resumed.status, 0, "{}", resumed.stderr);
    assert!(resumed.stdout.contains("resumed at step"), "{}", resumed.stdout);
    for name in ["small.safetensors", "small.toml"] {
        let read = |folder: &Path| fs::read(folder.join(name)).expect(name);
        assert!(read(&whole) == read(&broken), "{name} differs");
    }
}

#[test]
fn a_model_is_calibrated_anew_without_being_trained() {
    let folder = folder();
    let config = configuration(folder.path(), WHDV, 2);
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    assert_eq!(trained(&config, &out, &[]).status, 0);
    let plan = out.join("small.toml");
    let calibrate = |films: &str| {
        let mut command = coxa();
        command.env_remove("COXA_DATA").args(["models", "calibrate"]).arg(&plan);
        run(command.args(["--films", films, "--size", "96", "--out"]).arg(&again))
    };
    let done = calibrate("4");
    assert_eq!(done.status, 0, "{}", done.stderr);
    assert_eq!(files(&again), ["reliability.png", "small.safetensors", "small.toml"]);
    let read = |folder: &Path, name: &str| fs::read(folder.join(name)).expect(name);
    assert!(read(&out, "small.safetensors") == read(&again, "small.safetensors"), "weights are left alone");
    assert!(read(&out, "small.toml") != read(&again, "small.toml"), "other films, another calibration");
    let text = String::from_utf8(read(&again, "small.toml")).expect("text");
    assert!(text.contains("confidence_temperature") && text.contains("held phantoms (4)"), "{text}");
    let verified = run(coxa().args(["models", "verify"]).arg(again.join("small.toml")));
    assert_eq!(verified.status, 0, "{}", verified.stderr);
    assert_eq!(calibrate("0").status, 2);
}
