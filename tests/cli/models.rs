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
    let version = plan.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"');
    fs::write(trained.join("mine.toml"), plan.replace("id = \"infant-whdv\"", "id = \"mine\"")).unwrap();
    fs::copy(weights().join("infant-whdv.safetensors"), trained.join("mine.safetensors")).unwrap();

    let installed = run(coxa().env("COXA_MODELS", &own).args(["models", "install"]).arg(&trained));
    assert_eq!(installed.status, 0, "{}", installed.stderr);
    let listed = run(coxa().env("COXA_MODELS", &own).arg("models"));
    assert!(listed.stdout.contains(&format!("mine {version} (installed)")), "{}", listed.stdout);
    let verified = run(coxa().env("COXA_MODELS", &own).args(["models", "verify"]));
    let named = |output: &str| output.lines().filter(|line| line.starts_with("mine ")).count();
    assert_eq!((verified.status, named(&verified.stdout)), (0, 1), "{}", verified.stderr);

    fs::write(own.join("mine.safetensors"), b"nothing").unwrap();
    let broken = run(coxa().env("COXA_MODELS", &own).args(["models", "verify"]));
    assert_eq!((broken.status, named(&broken.stdout)), (1, 0));
    assert!(broken.stderr.contains("mine.safetensors"), "{}", broken.stderr);
}

#[test]
fn a_name_that_is_no_model_is_told_with_those_that_are() {
    let run = run(coxa().args(["models", "card", "nothing"]));
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("nothing") && run.stderr.contains("infant-whdv"), "{}", run.stderr);
}

/// The folder that nnU-Net itself trained, and a copy to change.
fn nnunet(folder: &Path) -> std::path::PathBuf {
    let given = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/nnunet/model"));
    let copy = folder.join("nnunet");
    for name in ["dataset.json", "plans.json", "fold_0/checkpoint_final.pth", "fold_1/checkpoint_final.pth"] {
        let to = copy.join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(given.join(name), to).unwrap();
    }
    copy
}

#[test]
fn a_folder_of_nnunet_is_a_model_like_another() {
    let folder = tempfile::tempdir().unwrap();
    let (own, trained) = (folder.path().join("own"), nnunet(folder.path()));
    let with = |arguments: &[&str]| run(coxa().env("COXA_MODELS", &own).args(arguments));
    let card = with(&["models", "card", trained.to_str().unwrap()]);
    assert_eq!(card.status, 0, "{}", card.stderr);
    for word in ["nnU-Net", "licence     unknown", "fold_1/checkpoint_final.pth", "trained on"] {
        assert!(card.stdout.contains(word), "{word}: {}", card.stdout);
    }
    let installed = with(&["models", "install", trained.to_str().unwrap()]);
    assert_eq!(installed.status, 0, "{}", installed.stderr);
    let id = card.stdout.split_whitespace().next().unwrap().to_owned();
    let listed = with(&["models", "list"]);
    assert!(listed.stdout.contains(&format!("{id} 0 (installed)")), "{}", listed.stdout);
    let verified = with(&["models", "verify", &id]);
    assert_eq!((verified.status, verified.stdout.contains("sound")), (0, true), "{}", verified.stderr);
    assert_eq!(fs::read_dir(&own).unwrap().count(), 1, "nothing half-written stays");

    // Used by its id, and refused once its weights are others.
    let film = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/nnunet/film_small.png"));
    let segment = || {
        let out = folder.path().join("out");
        run(coxa()
            .env("COXA_MODELS", &own)
            .arg("segment")
            .arg(film)
            .args(["--model", &id])
            .arg("--out")
            .arg(out))
    };
    let done = segment();
    assert!(done.status == 0 && done.stderr.contains("2 fold(s)"), "{}", done.stderr);
    let weights = own.join(&id).join("fold_1/checkpoint_final.pth");
    fs::copy(own.join(&id).join("fold_0/checkpoint_final.pth"), &weights).unwrap();
    for broken in [with(&["models", "verify"]), segment()] {
        assert_eq!(broken.status, 1);
        assert!(broken.stderr.contains("SHA-256") && broken.stderr.contains("fold_1"), "{}", broken.stderr);
    }
    fs::remove_file(&weights).unwrap();
    assert_eq!(with(&["models", "verify", &id]).status, 1);
}
