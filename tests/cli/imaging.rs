//! `coxa decode`, `info` and `deidentify` as scripts use them.

use crate::harness::{coxa, film, folder, run};
use coxa::imaging::open;
use std::fs;

#[test]
fn stages_are_arrays_and_pictures() {
    let folder = folder();
    let path = film(folder.path(), "film", 1);
    let film = open(&path).expect("opens");
    let pixels = film.rows * film.columns;
    for (stage, width, name) in [("stored", 4, "a.npy"), ("modality", 8, "b.npy"), ("display", 1, "c.npy")] {
        let out = folder.path().join(name);
        let run = run(coxa().arg("decode").arg(&path).args(["--stage", stage, "--out"]).arg(&out));
        assert_eq!(run.status, 0, "{}", run.stderr);
        let bytes = fs::read(&out).expect("written");
        assert!(bytes.starts_with(b"\x93NUMPY"));
        let values = &bytes[bytes.len() - width * pixels..];
        match stage {
            "stored" => assert_eq!(values[..4], film.stored[0].to_le_bytes()),
            "modality" => assert_eq!(values[..8], film.modality.apply(film.stored[0]).to_le_bytes()),
            _ => assert_eq!(values, film.present(&film.voi[0], false)),
        }
    }
    let out = folder.path().join("d.png");
    let run_png = run(coxa().arg("decode").arg(&path).args(["--stage", "stored", "--out"]).arg(&out));
    assert_eq!(run_png.status, 0, "{}", run_png.stderr);
    assert_eq!(open(&out).expect("opens").stored, film.stored);
    for wrong in [&["--frame", "2"][..], &["--window", "bone"], &["--stage", "modality"]] {
        let run = run(coxa().arg("decode").arg(&path).args(wrong).arg("--out").arg(&out));
        assert_eq!((run.status, run.stderr.lines().count()), (1, 1), "{wrong:?}: {}", run.stderr);
    }
}

#[test]
fn identity_is_masked_and_removed() {
    let folder = folder();
    let path = film(folder.path(), "film", 7);
    let open_info = run(coxa().arg("info").arg(&path));
    assert!(open_info.stdout.contains("PHANTOM-7"), "{}", open_info.stdout);
    let masked = run(coxa().arg("info").arg(&path).arg("--mask-identity"));
    assert!(masked.stdout.contains("***") && !masked.stdout.contains("PHANTOM"), "{}", masked.stdout);
    let out = folder.path().join("clean.dcm");
    let done = run(coxa().arg("deidentify").arg(&path).arg(&out).args(["--black", "0,0,5,5"]));
    assert_eq!(done.status, 0, "{}", done.stderr);
    let clean = open(&out).expect("opens");
    assert!(clean.identity.patient_id.starts_with("ANON-"));
    assert_eq!((clean.stored[0], clean.stored[5]), (0, open(&path).expect("opens").stored[5]));
}
