//! `coxa dataset`: labelled films in, checked, divided, counted, and out for other programs; `coxa train` of such a folder.

use crate::harness::{Run, coxa, data, files, folder, json, run};
use coxa::simulate::infant::{Phantom, PhantomOptions};
use std::fs;
use std::path::Path;

fn dataset(words: &[&str], paths: &[&Path]) -> Run {
    run(coxa().arg("dataset").arg(words[0]).args(paths).args(&words[1..]))
}

/// Phantoms of `count` patients with their truth, as `coxa simulate infant` writes them.
fn phantoms(folder: &Path, count: u64) {
    let options = PhantomOptions { size: 128, ..PhantomOptions::default() };
    for seed in 1..=count {
        Phantom::generate(seed, &options).write(folder, &format!("Erika_{seed}")).expect("written");
    }
}

fn imported(home: &Path, count: u64) -> std::path::PathBuf {
    let (source, set) = (home.join("source"), home.join("set"));
    fs::create_dir(&source).expect("made");
    phantoms(&source, count);
    let done = dataset(&["import", "--out", set.to_str().expect("UTF-8")], &[&source]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    set
}

#[test]
fn phantoms_come_in_without_names_and_go_out_in_every_format_and_back() {
    let home = folder();
    let set = imported(home.path(), 3);
    assert_eq!(files(&set), ["cases.csv", "coxa-dataset.json", "images", "landmarks"]);
    assert_eq!(files(&set.join("images")), ["case-000001.png", "case-000002.png", "case-000003.png"]);
    let table = fs::read_to_string(set.join("cases.csv")).expect("read");
    assert!(table.contains("P-") && !table.contains("PHANTOM") && !table.contains("Erika"), "{table}");
    let before = json(&set.join("landmarks/case-000002.json"));
    for format in ["coco", "yolo", "labelme", "csv"] {
        let (out, back) = (home.path().join(format), home.path().join(format!("{format}-back")));
        let done = dataset(&["export", "--to", format, "--out", out.to_str().expect("UTF-8")], &[&set]);
        assert_eq!(done.status, 0, "{format}: {}", done.stderr);
        let done = dataset(&["import", "--keep-names", "--out", back.to_str().expect("UTF-8")], &[&out]);
        assert_eq!(done.status, 0, "{format}: {}", done.stderr);
        assert!(done.stderr.contains(&format!("3 cases of {format}")), "{}", done.stderr);
        let after = json(&back.join("landmarks/case-000002.json"));
        for point in before["landmarks"].as_array().expect("points").iter().filter(|p| p["x"].is_number()) {
            let alike =
                |other: &&serde_json::Value| other["code"] == point["code"] && other["side"] == point["side"];
            let other = after["landmarks"].as_array().expect("points").iter().find(alike).expect("the point");
            let off = |axis: &str| {
                (point[axis].as_f64().expect("a number") - other[axis].as_f64().expect("a number")).abs()
            };
            assert!(off("x") < 1e-9 && off("y") < 1e-9, "{format}: {point} {other}");
        }
    }
    let done = dataset(
        &["export", "--to", "nnunet", "--out", home.path().join("nn").to_str().expect("UTF-8")],
        &[&set],
    );
    assert!(done.status == 1 && done.stderr.contains("has no masks"), "{}", done.stderr);
    assert!(!home.path().join("nn").exists(), "nothing half written");
    let taken = dataset(&["export", "--to", "csv", "--out", set.to_str().expect("UTF-8")], &[&set]);
    assert!(taken.status == 1 && taken.stderr.contains("not empty"), "{}", taken.stderr);
}

#[test]
fn a_divided_set_has_no_leak_and_a_spoilt_one_is_told_of() {
    let home = folder();
    let set = imported(home.path(), 8);
    let done = dataset(&["split", "--test", "0.25", "--val", "0.25", "--seed", "3"], &[&set]);
    assert_eq!((done.status, done.stdout.as_str()), (0, "test: 2\ntrain: 4\nval: 2\n"), "{}", done.stderr);
    let table = fs::read_to_string(set.join("cases.csv")).expect("read");
    let again = dataset(&["split", "--test", "0.25", "--val", "0.25", "--seed", "3"], &[&set]);
    assert_eq!(again.status, 0);
    assert_eq!(fs::read_to_string(set.join("cases.csv")).expect("read"), table, "the same seed");
    let checked = dataset(&["check"], &[&set]);
    assert!(
        checked.status == 0 && checked.stderr.contains("8 cases: 0 to mend"),
        "{} {}",
        checked.stdout,
        checked.stderr
    );
    let stats = dataset(&["stats", "--json", "-"], &[&set]);
    let stats: serde_json::Value = serde_json::from_str(&stats.stdout).expect("JSON");
    assert_eq!(
        (&stats["cases"], &stats["patients"], &stats["splits"]["test"]),
        (&8.into(), &8.into(), &2.into())
    );
    assert_eq!(stats["landmarks"]["TRC-R"]["seen"], 8);
    let index = stats["measurements"]["AI°"].as_object().expect("acetabular indices");
    assert!(index["n"].as_u64() > Some(8) && index["median"].as_f64() > Some(5.0), "{index:?}");
    // One patient on two sides, a picture twice, a point off the film, a film gone.
    let mut rows: Vec<String> = table.lines().map(str::to_owned).collect();
    let of = |split: &str| rows.iter().position(|row| row.contains(&format!(",{split},"))).expect("a case");
    let (train, test) = (of("train"), of("test"));
    let patient = |row: &str| row.split(',').nth(1).expect("a patient").to_owned();
    rows[test] = rows[test].replace(&patient(&rows[test]), &patient(&rows[train]));
    fs::write(set.join("cases.csv"), rows.join("\n")).expect("written");
    let name = |row: &str| row.split(',').next().expect("a name").to_owned();
    fs::copy(
        set.join(format!("images/{}.png", name(&rows[train]))),
        set.join(format!("images/{}.png", name(&rows[test]))),
    )
    .expect("copied");
    let last = set.join("landmarks/case-000008.json");
    let text = fs::read_to_string(&last).expect("read");
    fs::write(&last, text.replacen("\"x\": ", "\"x\": 9", 1)).expect("written");
    fs::write(set.join("images/case-000007.png"), b"no picture").expect("written");
    let checked = dataset(&["check"], &[&set]);
    assert_eq!(checked.status, 1);
    for word in [
        "one patient in several splits",
        "one picture in several splits",
        "the same picture",
        "outside the film",
        "case-000007.png",
    ] {
        assert!(checked.stdout.contains(word), "{word}: {}", checked.stdout);
    }
    assert!(!checked.stdout.contains("P-"), "patients are not named: {}", checked.stdout);
}

#[test]
fn the_yolo_files_of_mtddh_come_in_with_sides_and_the_rest_goes_on() {
    let Some(labels) = data("mtddh-labels") else { return };
    let home = folder();
    let source = home.path().join("source");
    fs::create_dir(&source).expect("made");
    for entry in fs::read_dir(labels).expect("a folder") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, source.join(path.file_name().expect("a name"))).expect("copied");
        // The images are not here: any of a plausible size.
        let film = image::GrayImage::from_fn(300, 250, |x, y| image::Luma([(x + y) as u8]));
        film.save(source.join(path.with_extension("png").file_name().expect("a name"))).expect("written");
    }
    fs::write(source.join("broken.txt"), "0 0.5 0.5 0.1 0.1 0.2 0.2 2 0.3 0.3 7\n").expect("written");
    fs::copy(source.join("dataset1_train_a16.png"), source.join("broken.png")).expect("copied");
    let set = home.path().join("set");
    let done = dataset(&["import", "--keep-names", "--out", set.to_str().expect("UTF-8")], &[&source]);
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("broken.txt: line 1: a visibility"), "{}", done.stderr);
    assert!(done.stderr.contains("10 cases of yolo") && done.stderr.contains("1 failed"), "{}", done.stderr);
    let points = json(&set.join("landmarks/dataset1_train_b135.json"));
    assert_eq!(points["landmarks"].as_array().expect("points").len(), 8);
    assert_eq!(points["occluded"], serde_json::json!(["FH-R", "FH-L"]), "heads that do not show");
    let of = |code: &str, side: &str| {
        let is = |p: &&serde_json::Value| p["code"] == code && p["side"] == side;
        let point = points["landmarks"].as_array().expect("points").iter().find(is).expect("the point");
        [point["x"].as_f64().expect("x") / 300.0, point["y"].as_f64().expect("y") / 250.0]
    };
    assert!(
        (of("SMA", "R")[0] - 0.2781065088757396).abs() < 1e-12,
        "the lateral edge on the left of the image"
    );
    assert!(of("SMA", "L")[0] > of("TRC", "L")[0] && of("HP", "R")[1] > of("FH", "R")[1]);
}

#[test]
fn the_points_of_retuve_and_the_reference_come_in_where_both_lie() {
    let Some(films) = data("jordan") else { return };
    let home = folder();
    let (reference, peer) = (home.path().join("reference"), home.path().join("peer"));
    let unsure = dataset(&["import", "--out", reference.to_str().expect("UTF-8")], &[&films]);
    assert!(unsure.status == 1 && unsure.stderr.contains("landmarks, retuve"), "{}", unsure.stderr);
    for (format, out) in [("landmarks", &reference), ("retuve", &peer)] {
        let done = dataset(
            &["import", "--format", format, "--keep-names", "--out", out.to_str().expect("UTF-8")],
            &[&films],
        );
        assert!(done.status == 0 && done.stderr.contains("6 cases"), "{}", done.stderr);
    }
    let at = |set: &Path, code: &str, side: &str| {
        let points = json(&set.join("landmarks/331_DDH_1.json"));
        let is = |p: &&serde_json::Value| p["code"] == code && p["side"] == side;
        let point = points["landmarks"].as_array().expect("points").iter().find(is).cloned();
        point.map(|point| [point["x"].as_f64().expect("x"), point["y"].as_f64().expect("y")])
    };
    for (code, side) in [("TRC", "R"), ("TRC", "L"), ("SMA", "R"), ("SMA", "L")] {
        let (a, b) = (at(&reference, code, side).expect("placed"), at(&peer, code, side).expect("placed"));
        assert!((a[0] - b[0]).hypot(a[1] - b[1]) < 10.0, "{code}-{side}: the same place {a:?} {b:?}");
    }
    assert_eq!(at(&peer, "FH", "R"), None, "their head repeats the tri-radiate point");
}

#[test]
fn mtddh_as_published_and_the_table_of_av_ddh_are_recognised() {
    let home = folder();
    let keypoints = home.path().join("MTDDH/Dataset1/Keypoints");
    let film = image::GrayImage::from_fn(64, 48, |x, y| image::Luma([(3 * x + y) as u8]));
    for (split, name) in [("Train", "a16"), ("Validation", "b1")] {
        fs::create_dir_all(keypoints.join(split)).expect("made");
        film.save(keypoints.join(split).join(format!("{name}.png"))).expect("written");
        let list = serde_json::json!({
            "images": [{"id": 1, "file_name": format!("{name}.png"), "width": 64, "height": 48},
                       {"id": 2, "file_name": "gone.png", "width": 64, "height": 48}],
            "annotations": [{"id": 7, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "num_keypoints": 7,
                "segmentation": [[0, 0, 9, 0, 9, 9]],
                "keypoints": [10, 20, 2, 20, 24, 2, 11, 26, 1, 11, 30, 2, 50, 20, 2, 40, 24, 2, 0, 0, 0, 49, 30, 2]}],
            "categories": [{"id": 1, "name": "hip", "keypoints": ["re", "ry", "rc", "rh", "le", "ly", "lc", "lh"]}],
        });
        fs::write(keypoints.join(format!("Keypoints_{split}.json")), list.to_string()).expect("written");
    }
    let set = home.path().join("set");
    let done = dataset(
        &["import", "--keep-names", "--out", set.to_str().expect("UTF-8")],
        &[&home.path().join("MTDDH")],
    );
    assert!(done.status == 1 && done.stderr.contains("2 cases of mtddh"), "{}", done.stderr);
    assert!(done.stderr.contains("no image named gone.png"), "{}", done.stderr);
    let points = json(&set.join("landmarks/a16.json"));
    assert_eq!(points["landmarks"].as_array().expect("points").len(), 7, "what is not labelled is unknown");
    assert_eq!(points["occluded"], serde_json::json!(["FH-R"]));
    let table = fs::read_to_string(set.join("cases.csv")).expect("read");
    assert!(table.contains("a16,,train") && table.contains("b1,,val"), "{table}");
    assert!(!set.join("masks").exists(), "the body of a keypoint category is no structure");

    let av = home.path().join("av");
    fs::create_dir_all(av.join("raw")).expect("made");
    film.save(av.join("raw/1080704.jpg")).expect("written");
    let table = "File Number,Rt Acetabular Index in Degrees,Lt Acetabular Index in Degrees,DDH\n1080704,24.5,31,Left DDH\n9,1,1,no ddh\n";
    fs::write(av.join("data.csv"), table).expect("written");
    let stats = dataset(&["stats", "--json", "-"], &[&av]);
    let counted: serde_json::Value = serde_json::from_str(&stats.stdout).expect("JSON");
    assert_eq!((stats.status, &counted["unreadable"]), (1, &1.into()), "the second has no film");
    assert_eq!(
        counted["grades"],
        serde_json::json!({"AI-L": {"31": 1}, "AI-R": {"24.5": 1}, "DDH": {"left ddh": 1}})
    );
}

#[test]
fn what_is_no_data_set_is_said_and_nothing_is_left() {
    let home = folder();
    let out = home.path().join("out");
    let import = |source: &Path| dataset(&["import", "--out", out.to_str().expect("UTF-8")], &[source]);
    let missing = import(&home.path().join("nowhere"));
    assert!(missing.status == 1 && missing.stderr.contains("nowhere"), "{}", missing.stderr);
    let empty = home.path().join("empty");
    fs::create_dir(&empty).expect("made");
    let none = import(&empty);
    assert!(none.status == 1 && none.stderr.contains("no known format"), "{}", none.stderr);
    fs::write(empty.join("a.txt"), "0 0.5 0.5 0.1 0.1 0.2 0.2 2 0.3 0.3 2\n").expect("written");
    let alone = import(&empty);
    assert!(alone.status == 1 && alone.stderr.contains("no image named a"), "{}", alone.stderr);
    assert_eq!(files(home.path()), ["empty"], "no half data set");
    let undivided = dataset(&["split", "--test", "0.9", "--val", "0.2"], &[&imported(home.path(), 2)]);
    assert!(undivided.status == 1 && undivided.stderr.contains("below 1"), "{}", undivided.stderr);
}

#[test]
fn an_imported_and_divided_set_trains() {
    let home = folder();
    let set = imported(home.path(), 8);
    let config = home.path().join("small.toml");
    let text = "[data]\nfolder = \"set\"\nworkers = 1\nkept = 2\n[system]\nkind = \"whdv\"\nframe = 32\n\
        [optimiser]\nsteps = 2\nbatch = 2\n[validation]\nevery = 2\nheld = 3\ncalibration = 3\n";
    fs::write(&config, text).expect("written");
    let train = |out: &str| {
        run(coxa()
            .env("COXA_DATA", "/nowhere")
            .arg("train")
            .arg(&config)
            .arg("--out")
            .arg(home.path().join(out)))
    };
    let undivided = train("first");
    assert!(undivided.status == 1 && undivided.stderr.contains("coxa dataset split"), "{}", undivided.stderr);
    assert_eq!(dataset(&["split", "--test", "0.25", "--val", "0.4"], &[&set]).status, 0);
    let done = train("second");
    assert_eq!(done.status, 0, "{}", done.stderr);
    let card = fs::read_to_string(home.path().join("second/infant-whdv.toml")).expect("a model");
    assert!(card.contains("held films of the data set"), "{card}");
}
