//! `coxa export`: files that are whole or not there, and a report that opens again.

use crate::harness::{Run, coxa, files, film, folder, run};
use coxa::export::dicom::sr;
use coxa::export::target::Target;
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
    let (targets, names) = everything();
    let given = labels(folder.path(), &film, &points);
    for name in &names {
        fs::write(out.join(name), b"mine").expect("written");
        let refused = export(&film, &out, &targets, &given.each_ref().map(String::as_str));
        assert!(refused.status == 1 && refused.stderr.contains(name.as_str()), "{}", refused.stderr);
        assert_eq!(fs::read(out.join(name)).expect("there"), b"mine");
        assert_eq!(files(&out), [name.as_str()]);
        fs::remove_file(out.join(name)).expect("removed");
    }
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

/// Points and masks of the film at `film`: with them it can be written as every target.
fn labels(folder: &Path, film: &Path, points: &Path) -> [String; 4] {
    let film = coxa::imaging::open(film).expect("a film");
    let labels: Vec<u8> = (0..film.rows * film.columns).map(|i| (i / 13 % 6) as u8).collect();
    let masks = folder.join("masks.png");
    let png = coxa::datasets::image::labels_png(&labels, film.rows, film.columns).expect("a picture");
    fs::write(&masks, png).expect("written");
    let [points, masks] = [points, &masks].map(|path| path.to_string_lossy().into_owned());
    ["--landmarks".to_owned(), points, "--masks".to_owned(), masks]
}

/// Every target as it is asked for, and the file or folder that it becomes.
fn everything() -> (String, Vec<String>) {
    let names = Target::ALL.map(Target::name).join(",");
    (names, Target::ALL.map(|target| format!("film{}", target.ending())).to_vec())
}

/// A limit on the size of files stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_file_and_is_named() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let labels = labels(folder.path(), &film, &points);
    let (targets, names) = everything();
    let out = folder.path().join("out");
    let script = r#"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(env!("CARGO_BIN_EXE_coxa")).arg("export").arg(&film);
    command.args(labels).args(["--film-in-bundle", "--to", &targets, "--out"]).arg(&out);
    let failed = run(&mut command);
    assert_eq!(failed.status, 1);
    for name in names {
        let of_it = |line: &&str| line.contains(&name) && line.contains("cannot be written");
        let line = failed.stderr.lines().find(of_it).unwrap_or_default();
        assert!(line.matches("cannot be written: File too large").count() == 1, "{name}: {}", failed.stderr);
    }
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

/// Root writes where nobody may: its run becomes another user's.
#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_named() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("made");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).expect("closed");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("open to read");
    let program = Path::new(env!("CARGO_BIN_EXE_coxa"));
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let as_other = || {
        let mut command = Command::new(if root { Path::new("setpriv") } else { program });
        if root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        }
        command
    };
    if !as_other().arg("--version").output().is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: root may write anywhere, and setpriv does not run the program as another user");
        return;
    }
    let mut command = as_other();
    let (targets, names) = everything();
    command.arg("export").arg(&film).args(labels(folder.path(), &film, &points)).arg("--out").arg(&out);
    let refused = run(command.args(["--to", &targets]));
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    for name in names {
        let of_it = |line: &&str| line.contains(&name) && line.contains("cannot be written");
        let line = refused.stderr.lines().find(of_it).unwrap_or_default();
        assert!(line.contains("cannot be written") && line.contains("denied"), "{name}: {}", refused.stderr);
    }
    assert_eq!(files(&out), Vec::<String>::new());
}

#[test]
fn a_film_leaves_as_data_sets_that_read_back() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let stored = coxa::imaging::open(&film).expect("a film");
    let labels: Vec<u8> = (0..stored.rows * stored.columns).map(|i| (i / 13 % 6) as u8).collect();
    let masks = folder.path().join("masks.png");
    let png = coxa::datasets::image::labels_png(&labels, stored.rows, stored.columns).expect("a picture");
    fs::write(&masks, png).expect("written");
    let given = [points, masks].map(|path| path.to_string_lossy().into_owned());
    let given = ["--landmarks", given[0].as_str(), "--masks", given[1].as_str()];
    let out = folder.path().join("out");
    let made = export(&film, &out, "coco,yolo,nnunet,labelme", &given);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let truth = coxa::measure::landmark_file::read(&folder.path().join("points.json")).expect("points");
    let hash = coxa::datasets::image::pixel_hash(&stored);
    for (name, to_px, points, masks) in [
        ("coco", 1e-9, true, true),
        ("labelme", 1e-9, true, true),
        // Six digits of the width.
        ("yolo", 1e-3, true, false),
        ("nnunet", 0.0, false, true),
    ] {
        let set = coxa::datasets::read(&out.join(format!("film.{name}")), None).expect("a data set");
        let case = set.cases().next().expect("one").expect("sound");
        assert_eq!(coxa::datasets::image::pixel_hash(&case.film), hash, "{name}: the pixels");
        assert_eq!(case.masks.map(|map| map.labels), masks.then(|| labels.clone()), "{name}: the masks");
        for (id, meant) in truth.landmarks.iter().filter(|_| points) {
            let (meant, found) = (meant.position().expect("placed"), case.landmarks.get(id));
            let found = found.and_then(|found| found.position()).unwrap_or_else(|| panic!("{name}: no {id}"));
            assert!(found.distance(meant) <= to_px, "{name}: {id} at {found:?}, not {meant:?}");
        }
    }
    // A folder that has something in it is not replaced, whatever was said.
    let again = export(&film, &out, "coco", &[&given[..], &["--overwrite"]].concat());
    assert_eq!(again.status, 1);
    assert!(again.stderr.contains("film.coco") && again.stderr.contains("there already"), "{}", again.stderr);
}

/// The bundle with one file of it replaced, its hash in the manifest too where `listed`.
fn forged(bundle: &Path, name: &str, listed: bool, forge: impl Fn(&str) -> String) -> PathBuf {
    use sha2::{Digest, Sha256};
    use std::io::{Read, Write};
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut archive = zip::ZipArchive::new(fs::File::open(bundle).expect("there")).expect("a zip");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut read = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).expect("there").read_to_string(&mut text).expect("text");
        text
    };
    let (old, new) = (read(name), forge(&read(name)));
    assert_ne!(old, new, "nothing was forged");
    let path = bundle.with_extension("forged.zip");
    let mut out = zip::ZipWriter::new(fs::File::create(&path).expect("made"));
    for other in &names {
        let text = match other.as_str() {
            other if other == name => new.clone(),
            "bundle.json" if listed => read(other).replace(&hex(old.as_bytes()), &hex(new.as_bytes())),
            other => read(other),
        };
        out.start_file(other.as_str(), zip::write::SimpleFileOptions::default()).expect("begun");
        out.write_all(text.as_bytes()).expect("written");
    }
    out.finish().expect("a zip");
    path
}

#[test]
fn a_bundle_makes_every_number_again_and_notices_what_was_changed() {
    let folder = folder();
    let (film, points) = inputs(folder.path());
    let points = points.to_string_lossy().into_owned();
    let out = folder.path().join("out");
    let given = ["--landmarks", points.as_str(), "--age-months", "7.3", "--panel", "all"];
    let made = export(&film, &out, "bundle,json", &given);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let bundle = out.join("film.bundle.zip");
    let replay = |bundle: &Path, film: Option<&Path>| {
        let mut command = coxa();
        command.arg("replay").arg(bundle);
        film.iter().for_each(|film| {
            command.arg("--film").arg(film);
        });
        run(&mut command)
    };
    let same = replay(&bundle, Some(&film));
    assert_eq!(same.status, 0, "{}", same.stderr);
    let numbers: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("film.json")).expect("there")).expect("JSON");
    let count = numbers["measurements"].as_array().expect("a list").len();
    assert!(count > 40 && same.stdout.contains(&format!("{count} measurements")), "{}", same.stdout);
    assert!(same.stdout.contains("all as they were; pixels compared"), "{}", same.stdout);

    // A number that was changed, with its hash mended: it does not come out again.
    let value = numbers["measurements"]
        .as_array()
        .and_then(|all| all.iter().find(|m| m["code"] == "AI" && m["side"] == "R"))
        .and_then(|m| m["value"].as_f64())
        .expect("an acetabular index");
    let forged_value = |text: &str| text.replacen(&value.to_string(), &(value + 1e-9).to_string(), 1);
    let lied = replay(&forged(&bundle, "measurement.json", true, forged_value), None);
    assert!(lied.status == 1 && lied.stderr.contains("measurements[AI R].value"), "{}", lied.stderr);
    assert!(!lied.stderr.contains("was changed"), "{}", lied.stderr);
    // A point that was moved, with and without its hash mended.
    for listed in [true, false] {
        let moved = |text: &str| text.replacen("100.25", "101.25", 1);
        let lied = replay(&forged(&bundle, "record.json", listed, moved), None);
        assert!(lied.status == 1 && lied.stderr.contains("landmarks[TRC R].x"), "{}", lied.stderr);
        assert_eq!(lied.stderr.contains("record.json: was changed"), !listed, "{}", lied.stderr);
    }
    // Another film; no bundle at all.
    let other = crate::harness::film(folder.path(), "other", 8);
    let wrong = replay(&bundle, Some(&other));
    assert!(wrong.status == 1 && wrong.stderr.contains("its pixels"), "{}", wrong.stderr);
    let none = replay(&film, None);
    assert!(none.status == 1 && none.stderr.contains("no bundle"), "{}", none.stderr);
    // With the picture, it needs no film; and a bundle names nobody.
    let pictured =
        export(&film, &folder.path().join("with"), "bundle", &[&given[..], &["--film-in-bundle"]].concat());
    assert_eq!(pictured.status, 0, "{}", pictured.stderr);
    let bundle = folder.path().join("with/film.bundle.zip");
    assert!(replay(&bundle, None).stdout.contains("pixels compared"));
}
