//! `--landmarks`: the worked numbers of the specification's fixture P, from points alone and on a film.

use crate::harness::{self, coxa, files, film, folder, grade, measure, run, value};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FIXTURE_P: &str = r#"{"spacing_mm":[0.2,0.2],"landmarks":[
    {"code":"TRC","side":"R","x":400,"y":500},{"code":"TRC","side":"L","x":600,"y":500},
    {"code":"SMA","side":"R","x":300,"y":450},{"code":"SMA","side":"L","x":700,"y":430},
    {"code":"FH","side":"R","x":340,"y":520},{"code":"FH","side":"L","x":720,"y":510},
    {"code":"HP","side":"R","x":330,"y":540},{"code":"HP","side":"L","x":720,"y":525}],
    "radii_px":{"FH-R":50,"FH-L":50}}"#;

fn fixture(folder: &Path) -> PathBuf {
    let path = folder.join("fixture.json");
    fs::write(&path, FIXTURE_P).expect("written");
    path
}

fn is(report: &Value, code: &str, side: &str, expected: f64) {
    let value = value(report, code, side).unwrap_or_else(|| panic!("{code}-{side} has no value"));
    assert!((value - expected).abs() < 0.05, "{code}-{side}: {value}, expected {expected}");
}

fn is_fixture_p(report: &Value) {
    for (code, right, left) in
        [("AI", 26.6, 35.0), ("CE_WIBERG", 29.7, -14.0), ("HILG_H", 8.0, 5.0), ("HILG_D", 14.0, 24.0)]
    {
        is(report, code, "R", right);
        is(report, code, "L", left);
    }
    for (code, right, left) in [("IHDI", "I", "II"), ("TONNIS_GRADE", "1", "2")] {
        assert_eq!(grade(report, code, "R").as_deref(), Some(right), "{code}");
        assert_eq!(grade(report, code, "L").as_deref(), Some(left), "{code}");
    }
}

#[test]
fn points_alone_give_the_worked_numbers_in_json_pdf_and_csv() {
    let folder = folder();
    let points = fixture(folder.path());
    let out = folder.path().join("new/out");
    let run = measure(&[], &out, &["--landmarks", points.to_str().expect("UTF-8")]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(files(&out), ["fixture.json", "fixture.pdf", "summary.csv"]);

    let report = harness::json(&out.join("fixture.json"));
    is_fixture_p(&report);
    assert_eq!(report["source"]["path"], points.to_str().expect("UTF-8"));
    assert!(report["source"]["rows"].is_null() && report["source"]["columns"].is_null());
    assert!(report["model"].is_null());
    assert_eq!(report["spacing"]["row_mm"], 0.2);

    let mut table = csv::Reader::from_path(out.join("summary.csv")).expect("a table");
    let header = table.headers().expect("a header").clone();
    let row = table.records().next().expect("a row").expect("a record");
    let cell = |name: &str| &row[header.iter().position(|h| h == name).expect(name)];
    assert_eq!(cell("status"), "ok");
    assert!(cell("AI_L").starts_with("34.99") && cell("AI_L_lo").is_empty(), "{row:?}");
    assert_eq!((cell("IHDI_L"), cell("length_unit"), cell("error")), ("II", "mm", ""));
}

#[test]
fn the_pdf_is_one_and_says_the_values() {
    let folder = folder();
    let points = fixture(folder.path());
    for paper in ["a4", "letter"] {
        let out = folder.path().join(paper);
        let more = ["--landmarks", points.to_str().expect("UTF-8"), "--format", "pdf", "--paper", paper];
        assert_eq!(measure(&[], &out, &more).status, 0);
        assert_eq!(files(&out), ["fixture.pdf"]);
        let pdf = out.join("fixture.pdf");
        assert!(fs::read(&pdf).expect("a file").starts_with(b"%PDF"));
        let Ok(text) = Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output() else {
            println!("skipped: no pdftotext on PATH");
            continue;
        };
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        for words in
            ["26.6°", "35.0°", "14.0°", "8.0 mm", "RIGHT", "LEFT", "not a medical device", "page 1 of 1"]
        {
            assert!(text.contains(words), "{words} is not in the PDF:\n{text}");
        }
    }
}

#[test]
fn the_json_has_every_key_of_the_contract_on_standard_output_too() {
    let folder = folder();
    let points = fixture(folder.path());
    let run = run(coxa().args(["measure", "--json", "-", "--landmarks"]).arg(&points));
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), 1);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let keys = |value: &Value, expected: &[&str]| {
        let object = value.as_object().expect("an object");
        for key in expected {
            assert!(object.contains_key(*key), "{key} is missing in {value}");
        }
    };
    assert_eq!(report["schema"], "coxa/measurement/1");
    assert_eq!(report["research_use_only"], true);
    let top = ["schema", "source", "spacing", "landmarks", "measurements", "findings", "model", "warnings"];
    keys(&report, &top);
    keys(&report["source"], &["path", "sop_instance_uid", "study_instance_uid", "rows", "columns", "frame"]);
    keys(&report["spacing"], &["row_mm", "col_mm", "status"]);
    keys(&report["landmarks"][0], &["code", "side", "x", "y", "sd_px", "origin", "status"]);
    let measurement = ["code", "side", "value", "unit", "ci95", "status", "definition", "reference_line"];
    keys(&report["measurements"][0], &measurement);
    keys(&report["findings"][0], &["code", "side", "grade", "rule"]);
    assert_eq!(report["landmarks"][0]["origin"], "file");
    assert_eq!(report["measurements"][0]["unit"], "deg");
    assert_eq!(report["measurements"][0]["reference_line"], "H");
}

#[test]
fn points_of_a_person_have_intervals_and_the_report_says_by_what() {
    let folder = folder();
    let path = folder.path().join("hand.json");
    fs::write(&path, FIXTURE_P.replacen('{', r#"{"origin":"person","#, 1)).expect("written");
    let out = folder.path().join("out");
    assert_eq!(measure(&[], &out, &["--landmarks", path.to_str().expect("UTF-8")]).status, 0);
    let report = harness::json(&out.join("hand.json"));
    // TRC of 200 px: 0.65 %.
    let trc = &report["landmarks"][6];
    assert_eq!((&trc["code"], &trc["sd_source"]), (&"TRC".into(), &"reader_table".into()));
    assert!(trc["sd_px"].as_f64().is_some_and(|sd| (sd - 1.3).abs() < 1e-9), "{trc}");
    let index = &report["measurements"][0];
    assert_eq!((&index["code"], &index["interval_source"]), (&"AI".into(), &json!(["reader_table"])));
    // The report's own points, measured again, err as much.
    let again = folder.path().join("again");
    let points = out.join("hand.json");
    assert_eq!(measure(&[], &again, &["--landmarks", points.to_str().expect("UTF-8")]).status, 0);
    let repeated = &harness::json(&again.join("hand.json"))["measurements"][0];
    assert_eq!(repeated["interval_source"], json!(["stated"]));
    for end in 0..2 {
        let at = |m: &Value| m["ci95"][end].as_f64().expect("an interval");
        assert!((at(index) - at(repeated)).abs() < 1e-6, "{index} {repeated}");
    }
}

#[test]
fn points_on_a_film_are_drawn_over_it() {
    let folder = folder();
    let film = film(folder.path(), "film", 3);
    let truth = folder.path().join("truth.json");
    fs::write(
        &truth,
        r#"{"landmarks":[{"code":"TRC","side":"R","x":100,"y":130},{"code":"TRC","side":"L","x":160,"y":130},
            {"code":"SMA","side":"R","x":70,"y":115},{"code":"SMA","side":"L","x":1190,"y":115},
            {"code":"FH","side":"R","status":"missing","reason":"no ossific nucleus"}]}"#,
    )
    .expect("written");
    let out = folder.path().join("out");
    let run = measure(&[&film], &out, &["--landmarks", truth.to_str().expect("UTF-8")]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(files(&out), ["film.json", "film.pdf", "film.png", "summary.csv"]);
    let report = harness::json(&out.join("film.json"));
    assert_eq!(report["source"]["frame"], 1);
    assert!(report["source"]["sop_instance_uid"].is_string());
    assert!(report["warnings"].to_string().contains("SMA-L outside the image"), "{}", report["warnings"]);
    let missing = report["landmarks"].as_array().expect("a list").iter().find(|l| l["status"] == "missing");
    assert!(missing.is_some_and(|l| l["x"].is_null() && l["reason"].is_string()));
    assert!(value(&report, "CE_WIBERG", "R").is_none(), "no value without a nucleus, and not 0");
    let png = image::open(out.join("film.png")).expect("a PNG");
    assert!(png.width() >= 900, "small films are enlarged: {}", png.width());
}

#[test]
fn inputs_are_never_overwritten() {
    let folder = folder();
    let points = fixture(folder.path());
    let run =
        measure(&[], folder.path(), &["--landmarks", points.to_str().expect("UTF-8"), "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(fs::read_to_string(&points).expect("still there"), FIXTURE_P);
    is_fixture_p(&harness::json(&folder.path().join("fixture-2.json")));
}

#[test]
fn a_wrong_landmark_file_is_one_line_that_names_it() {
    let folder = folder();
    let points = folder.path().join("points.json");
    for content in ["", "{\"landmarks\":[{\"code\":\"TRC\",\"side\":\"Q\",\"x\":1,\"y\":2}]}", "[1,2"] {
        fs::write(&points, content).expect("written");
        let run = run(coxa().args(["measure", "--json", "-", "--landmarks"]).arg(&points));
        assert_eq!((run.status, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains("points.json") && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
}

#[test]
fn the_points_of_one_film_are_not_put_on_two() {
    let folder = folder();
    let points = fixture(folder.path());
    let films = [film(folder.path(), "a", 1), film(folder.path(), "b", 2)];
    let paths: Vec<&Path> = films.iter().map(PathBuf::as_path).collect();
    let run = measure(&paths, &folder.path().join("out"), &["--landmarks", points.to_str().expect("UTF-8")]);
    assert_eq!(run.status, 2, "{}", run.stderr);
}
