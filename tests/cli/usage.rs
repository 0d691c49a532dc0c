//! Exit status and messages of everything that measures nothing.

use crate::harness::{coxa, files, folder, run};
use std::process::Stdio;

#[test]
fn wrong_usage_is_status_two() {
    for words in [vec!["measure"], vec!["measure", "a.dcm"], vec!["train"], vec!["--nonsense"]] {
        let run = run(coxa().args(&words));
        assert_eq!(run.status, 2, "{words:?}");
        assert!(run.stderr.contains("Usage"), "{}", run.stderr);
    }
}

#[test]
fn help_and_version_are_status_zero() {
    assert!(run(coxa().arg("--help")).stdout.contains("measure"));
    let version = run(coxa().arg("--version"));
    // What follows is the commit, the features and the weights.
    let first = version.stdout.lines().next();
    assert_eq!((version.status, first), (0, Some(concat!("coxa ", env!("CARGO_PKG_VERSION")))));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_window_names_the_headless_way() {
    for words in [vec![], vec!["film.dcm"], vec!["view"], vec!["view", "film.dcm"]] {
        let run = run(coxa().args(&words));
        assert_eq!(run.status, 2, "{words:?}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        assert!(run.stderr.contains("coxa measure"), "{}", run.stderr);
    }
}

#[test]
fn models_are_listed_with_licence_and_hash() {
    let run = run(coxa().arg("models"));
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("licence") && run.stdout.contains("sha256"), "{}", run.stdout);
}

#[test]
fn a_reader_that_went_away_is_no_panic() {
    let mut child =
        coxa().arg("models").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_doctor_says_what_works_and_what_does_not() {
    let run = run(coxa().arg("doctor"));
    assert_eq!(run.status, 0, "{}", run.stdout);
    for what in ["weights", "fonts", "gpu", "opengl", "display", "here"] {
        assert!(run.stdout.contains(what), "{what} is not looked at:\n{}", run.stdout);
    }
    #[cfg(target_os = "linux")]
    assert!(run.stdout.contains("missing  display"), "{}", run.stdout);
}

#[test]
fn phantoms_are_made_again_from_their_seed() {
    let [first, second] = [folder(), folder()];
    for folder in [&first, &second] {
        let run = run(coxa()
            .args(["simulate", "infant", "--count", "2", "--seed", "40", "--out"])
            .arg(folder.path()));
        assert_eq!(run.status, 0, "{}", run.stderr);
    }
    let names = ["infant-000040.dcm", "infant-000040.json", "infant-000041.dcm", "infant-000041.json"];
    assert_eq!(files(first.path()), names);
    let truth = |folder: &tempfile::TempDir| {
        std::fs::read_to_string(folder.path().join("infant-000041.json")).expect("truth")
    };
    assert_eq!(truth(&first), truth(&second));
}

#[test]
fn a_training_file_that_is_not_there_is_one_line() {
    let run = run(coxa().args(["train", "absent.toml", "--out", "nowhere"]));
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("absent.toml") && run.stderr.lines().count() == 1, "{}", run.stderr);
}
