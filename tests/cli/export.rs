//! `coxa export`: files that are whole or not there, and a report that opens again.

use crate::harness::{Run, coxa, files, film, folder, run};
use coxa::export::dicom::sr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const POINTS: &str = r#"{"landmarks":[
    {"code":"TRC","side":"R","x":100.25,"y":120,"sd_px":1.5},{"code":"TRC","side":"L","x":150,"y":120.5,"sd_px":1.5},
    {"code":"SMA","side":"R","x":75,"y":108,"sd_px":1.5},{"code":"SMA","side":"L","x":175,"y":104,"sd_px":1.5},
    {"code":"HP","side":"R","x":82,"y":130,"sd_px":1.5},{"code":"HP","side":"L","x":180,"y":126,"sd_px":1.5}]}"#;

fn inputs(folder: &Path) -> (PathBuf, PathBuf) {
    let points = folder.join("points.json");
    fs::write(&points, POINTS).expect("written");
    (film(folder, "film", 7), points)
}

fn export(file: &Path, out: &Path, to: &str, more: &[&str]) -> Run {
    run(coxa().arg("export").arg(file).arg("--out").arg(out).args(["--to", to]).args(more))
}

#[test]
fn a_film_leaves_as_every_object_and_its_report_opens_again() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let out = folder.path().join("out");
    let points = points.to_string_lossy().into_owned();
    let made = export(&film, &out, "sr,gsps,ko,epdf,pdf,png,json,csv", &["--landmarks", &points, "--check"]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let names = ["csv", "epdf.dcm", "gsps.dcm", "json", "ko.dcm", "pdf", "png", "sr.dcm"];
    assert_eq!(files(&out), names.map(|ending| format!("film.{ending}")));
    assert!(
        made.stdout.contains("The receiver will see:") && !made.stdout.contains("FAULT"),
        "{}",
        made.stdout
    );
    // Opened again beside its film, and without it.
    let report = out.join("film.sr.dcm");
    let film_path = film.to_string_lossy().into_owned();
    for (name, more) in [("with", vec!["--film", film_path.as_str()]), ("without", vec![])] {
        let again = folder.path().join(name);
        let made = export(&report, &again, "sr,pdf,json", &more);
        assert_eq!(made.status, 0, "{}", made.stderr);
        let [a, b] = [&report, &again.join("film.sr.dcm")].map(|path| sr::reopen(path).expect("a report"));
        assert_eq!(a.annotations, b.annotations, "{name}");
        assert_eq!(a.image.instance, b.image.instance);
    }
    let lost = export(&report, &folder.path().join("lost"), "gsps", &[]);
    assert_eq!(lost.status, 1);
    assert!(lost.stderr.contains("no film"), "{}", lost.stderr);
}

#[test]
fn a_file_in_the_way_stays_as_it_is() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("made");
    fs::write(out.join("film.sr.dcm"), b"mine").expect("written");
    let points = points.to_string_lossy().into_owned();
    let refused = export(&film, &out, "json,sr", &["--landmarks", &points]);
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("film.sr.dcm") && refused.stderr.contains("--overwrite"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read(out.join("film.sr.dcm")).expect("there"), b"mine");
    assert_eq!(files(&out), ["film.sr.dcm"]);
    let made = export(&film, &out, "sr", &["--landmarks", &points, "--overwrite"]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    assert!(sr::reopen(&out.join("film.sr.dcm")).is_ok());
}

/// A limit on the size of files stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_file_and_is_named() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let out = folder.path().join("out");
    let script = r#"trap '' XFSZ; ulimit -f 4; exec "$0" "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(env!("CARGO_BIN_EXE_coxa")).arg("export").arg(&film);
    command.arg("--landmarks").arg(&points).args(["--to", "sr,pdf", "--out"]).arg(&out);
    let failed = run(&mut command);
    assert_eq!(failed.status, 1);
    assert!(
        failed.stderr.contains("cannot be written") && failed.stderr.contains("film.pdf"),
        "{}",
        failed.stderr
    );
    assert_eq!(files(&out), Vec::<String>::new());
}

#[test]
fn a_bad_folder_or_film_says_why() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let points = points.to_string_lossy().into_owned();
    let given = ["--landmarks", points.as_str()];
    let blocked = export(&film, &folder.path().join("points.json/out"), "json", &given);
    assert!(blocked.status == 1 && blocked.stderr.contains("cannot be made"), "{}", blocked.stderr);
    let out = folder.path().join("out");
    let masks = export(&film, &out, "seg", &given);
    assert!(masks.status == 2 && masks.stderr.contains("--masks"), "{}", masks.stderr);
    // A picture has no UIDs that an object could refer to.
    let picture = folder.path().join("picture.png");
    assert_eq!(export(&film, folder.path(), "png", &given).status, 0);
    fs::rename(folder.path().join("film.png"), &picture).expect("moved");
    let mixed = export(&picture, &out, "sr,json", &given);
    assert_eq!(mixed.status, 1);
    assert!(mixed.stderr.contains("no DICOM"), "{}", mixed.stderr);
    assert_eq!(files(&out), ["picture.json"]);
}
