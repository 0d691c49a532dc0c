//! The options of `coxa measure` that say how a film is assessed, `coxa explain` and `coxa norms`.

use crate::harness::{Run, coxa, folder, grade, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Fixture A of the specification; `positions` in the order of S5.
const ADULT: &str = r#"{"spacing_mm":[0.2,0.2],"order":"s5",
    "positions":[[520,960],[600,1060],[480,1180],[490,1010],[1430,960],[1400,1060],null,null],
    "landmarks":[{"code":"TD","side":"R","x":800,"y":1200},{"code":"TD","side":"L","x":1200,"y":1221}],
    "radii_px":{"FHC-R":120,"FHC-L":120}}"#;

const CHILD: &str = r#"{"spacing_mm":[0.2,0.2],"names":"fr-ddh","landmarks":[
    {"code":"RTCC","x":400,"y":500},{"code":"LTCC","x":600,"y":500},
    {"code":"RASM","x":300,"y":450},{"code":"LASM","x":700,"y":430},
    {"code":"RFM","x":340,"y":520},{"code":"LFH","x":720,"y":510}]}"#;

fn written(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("points.json");
    fs::write(&path, text).expect("written");
    path
}

fn printed(points: &Path, more: &[&str]) -> Value {
    let run = run(coxa().arg("measure").arg("--landmarks").arg(points).args(["--json", "-"]).args(more));
    assert_eq!(run.status, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn one<'a>(report: &'a Value, list: &str, code: &str, side: &str) -> &'a Value {
    let all = report[list].as_array().expect("a list");
    all.iter().find(|m| m["code"] == code && m["side"] == side).unwrap_or_else(|| panic!("{code}-{side}"))
}

fn coxa_with(words: &[&str]) -> Run {
    run(coxa().args(words))
}

#[test]
fn an_adult_film_against_the_line_that_was_chosen() {
    let folder = folder();
    let points = written(folder.path(), ADULT);
    let of = |more: &[&str]| {
        let report = printed(&points, more);
        let lce = one(&report, "measurements", "LCE", "R");
        (lce["value"].as_f64().expect("a number"), lce["reference_line"].as_str().expect("named").to_owned())
    };
    let (teardrop, line) = of(&[]);
    assert_eq!(line, "TD");
    let (image, line) = of(&["--reference-line", "IMG"]);
    assert_eq!(line, "IMG");
    assert!((image - 38.7).abs() < 0.05 && (teardrop - image - 3.0).abs() < 0.05, "{teardrop} {image}");
}

#[test]
fn findings_name_their_thresholds() {
    let folder = folder();
    let points = written(folder.path(), ADULT);
    let cam = |more: &[&str]| {
        let report = printed(&points, more);
        let finding = one(&report, "findings", "CAM", "R").clone();
        (grade(&report, "CAM", "R"), finding["rule"].as_str().expect("a rule").to_owned())
    };
    assert_eq!(cam(&["--view", "ap"]), (Some("abnormal".to_owned()), "CAM(s5_65)/1".to_owned()));
    assert_eq!(cam(&["--view", "ap", "--cam-set", "agricola_60"]).1, "CAM(agricola_60)/1");
    assert_eq!(cam(&[]).0.as_deref(), Some("not_assessable"), "without the view");
    assert_eq!(cam(&["--view", "ap", "--age-months", "100"]).0.as_deref(), Some("not_assessable"));
    let report = printed(&points, &["--view", "ap"]);
    let finding = one(&report, "findings", "CAM", "R");
    assert!(finding["number"]["value"].as_f64().is_some_and(|v| (v - 69.4).abs() < 0.05), "{finding}");
    assert_eq!(
        (finding["next"]["grade"].as_str(), finding["next"]["unit"].as_str()),
        (Some("normal"), Some("deg"))
    );
}

#[test]
fn a_table_judges_once_it_is_signed_and_the_report_says_by_whom() {
    let folder = folder();
    let points = written(folder.path(), CHILD);
    let child = ["--age-months", "6", "--sex", "F"];
    let norm = |report: &Value| {
        let norms = report["norms"].as_array().expect("a list");
        let of_table = norms.iter().find(|n| n["table"] == "tonnis_brunken_1968/1" && n["side"] == "L");
        of_table.expect("shown").clone()
    };
    let unsigned = printed(&points, &child);
    assert!(norm(&unsigned)["class"].is_null() && norm(&unsigned)["signature"].is_null());

    let signed = folder.path().join("signed.toml");
    let signed = signed.to_str().expect("UTF-8");
    let done = coxa_with(&["norms", "--sign", "tonnis_brunken_1968", "--name", "A. Reader", "--out", signed]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let report = printed(&points, &[child.as_slice(), &["--norms", signed]].concat());
    assert_eq!(norm(&report)["class"], "abnormal");
    assert_eq!(norm(&report)["signature"]["name"], "A. Reader");
    assert_eq!(grade(&report, "DDH", "L").as_deref(), Some("abnormal"));
    assert!(coxa_with(&["norms", "--norms", signed]).stdout.contains("signed by A. Reader on"));
    assert!(coxa_with(&["explain", "AI", "--norms", signed]).stdout.contains("signed by A. Reader on"));

    let text = fs::read_to_string(signed).expect("readable");
    fs::write(signed, text.replacen("29.3", "30.3", 1)).expect("writable");
    let changed = coxa_with(&[
        "measure",
        "--landmarks",
        points.to_str().expect("UTF-8"),
        "--json",
        "-",
        "--norms",
        signed,
    ]);
    assert_eq!(changed.status, 1);
    assert!(changed.stderr.contains("changed after it was signed"), "{}", changed.stderr);
}

#[test]
fn panels_list_what_is_missing() {
    let folder = folder();
    let points = written(folder.path(), CHILD);
    let codes = |more: &[&str]| printed(&points, more)["measurements"].as_array().map_or(0, Vec::len);
    // AI, CE, h, d of both sides.
    assert_eq!(codes(&[]), 8);
    assert!(codes(&["--panel", "paediatric"]) > 20 && codes(&["--panel", "all"]) > 60);
}

#[test]
fn a_scheme_of_the_site_reads_its_names() {
    let folder = folder();
    let points = written(folder.path(), r#"{"names":"site","landmarks":[{"code":"yr","x":400,"y":500}]}"#);
    let scheme = folder.path().join("site.toml");
    let text = "id = \"site\"\nversion = 1\ntitle = \"t\"\nsource = \"s\"\n[[landmark]]\ncode = \"TRC\"\n\
                definition = \"y\"\n[names.site]\nyr = \"TRC-R\"\n";
    fs::write(&scheme, text).expect("written");
    let report = printed(&points, &["--scheme", scheme.to_str().expect("UTF-8")]);
    assert_eq!(
        (&report["landmarks"][0]["code"], &report["landmarks"][0]["side"]),
        (&"TRC".into(), &"R".into())
    );
}

#[test]
fn the_report_of_an_adult_is_written() {
    let folder = folder();
    let points = written(folder.path(), ADULT);
    let out = folder.path().join("out");
    let run = run(coxa().arg("measure").arg("--landmarks").arg(&points).arg("--out").arg(&out));
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(fs::read(out.join("points.pdf")).expect("a PDF").starts_with(b"%PDF"));
}

#[test]
fn codes_are_explained() {
    let index = coxa_with(&["explain", "ai"]);
    assert_eq!(index.status, 0);
    for words in
        ["AI  Acetabular index", "AI/1", "TRC: tri-radiate cartilage", "atan2", "unsigned: judges nothing"]
    {
        assert!(index.stdout.contains(words), "{words}: {}", index.stdout);
    }
    let all = coxa_with(&["explain"]);
    assert!(all.stdout.lines().count() > 45 && all.stdout.contains("TONNIS_GRADE"));
    let none = coxa_with(&["explain", "NOPE"]);
    assert_eq!((none.status, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("NOPE is no code"), "{}", none.stderr);
}

#[test]
fn wrong_words_are_wrong_usage() {
    for words in [
        ["--reference-line", "X"],
        ["--age-months", "-3"],
        ["--age-months", "old"],
        ["--sex", "x"],
        ["--cam-set", "70"],
        ["--panel", "some"],
        ["--view", "pa"],
    ] {
        let run = run(coxa().args(["measure", "--landmarks", "p.json", "--json", "-"]).args(words));
        assert_eq!(run.status, 2, "{words:?}: {}", run.stderr);
    }
    assert_eq!(coxa_with(&["norms", "--sign", "ai_coarse"]).status, 2);
    assert_eq!(coxa_with(&["norms", "--sign", "none", "--name", "A", "--out", "/nowhere/x.toml"]).status, 2);
}
