//! Models: listed, shown, checked, installed, used by name.

use crate::harness::{coxa, run};
use std::fs;
use std::path::Path;

fn weights() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/weights"))
}

#[test]
fn a_card_says_licence_data_and_figures() {
    let run = run(coxa().args(["models", "card"]));
    assert_eq!(run.status, 0, "{}", run.stderr);
    for word in ["licence", "trained on", "coxa train", "held phantoms", "real films", "limits"] {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
}

#[test]
fn a_trained_model_is_installed_checked_and_used_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (own, trained) = (folder.path().join("own"), folder.path().join("trained"));
    fs::create_dir(&trained).unwrap();
    let plan = fs::read_to_string(weights().join("infant-whdv.toml")).unwrap();
    fs::write(trained.join("mine.toml"), plan.replace("id = \"infant-whdv\"", "id = \"mine\"")).unwrap();
    fs::copy(weights().join("infant-whdv.safetensors"), trained.join("mine.safetensors")).unwrap();

    let installed = run(coxa().env("COXA_MODELS", &own).args(["models", "install"]).arg(&trained));
    assert_eq!(installed.status, 0, "{}", installed.stderr);
    let listed = run(coxa().env("COXA_MODELS", &own).arg("models"));
    assert!(listed.stdout.contains("mine 0.1.0 (installed)"), "{}", listed.stdout);
    let verified = run(coxa().env("COXA_MODELS", &own).args(["models", "verify"]));
    assert_eq!((verified.status, verified.stdout.lines().count()), (0, 2), "{}", verified.stderr);

    fs::write(own.join("mine.safetensors"), b"nothing").unwrap();
    let broken = run(coxa().env("COXA_MODELS", &own).args(["models", "verify"]));
    assert_eq!((broken.status, broken.stdout.lines().count()), (1, 1));
    assert!(broken.stderr.contains("mine.safetensors"), "{}", broken.stderr);
}

#[test]
fn a_name_that_is_no_model_is_told_with_those_that_are() {
    let run = run(coxa().args(["models", "card", "nothing"]));
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("nothing") && run.stderr.contains("infant-whdv"), "{}", run.stderr);
}
