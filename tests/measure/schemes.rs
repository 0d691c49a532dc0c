//! Landmark schemes: those inside the program, one from a file, and the names of others.

use coxa::measure::landmark_file::{read, read_with};
use coxa::measure::scheme::{Scheme, SchemeError, embedded};
use coxa::measure::{LandmarkCode, LandmarkId, Point, Side, catalogue};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join(name);
    std::fs::write(&path, text).expect("writable");
    (dir, path)
}

fn scheme(id: &str) -> &'static Scheme {
    embedded().iter().find(|scheme| scheme.id == id).expect("inside the program")
}

#[test]
fn the_schemes_of_the_program_parse() {
    let ids: Vec<&str> = embedded().iter().map(|scheme| scheme.id.as_str()).collect();
    assert_eq!(ids, ["ddh", "fai4", "pelvis", "femur58", "extended"]);
    let codes = |id: &str| scheme(id).landmarks.iter().map(|l| l.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes("ddh"), ["TRC", "SMA", "FH", "HP"]);
    assert_eq!(codes("fai4"), ["FHC", "NA", "LAE", "LCP"]);
    assert_eq!(codes("pelvis"), ["TD", "ISC", "LT", "GT", "SCJ"]);
    assert_eq!(codes("femur58").len(), 62);
}

#[test]
fn every_landmark_that_a_definition_reads_is_of_a_scheme() {
    let known: BTreeSet<&str> =
        embedded().iter().flat_map(|scheme| &scheme.landmarks).map(|l| l.code.as_str()).collect();
    for definition in catalogue::definitions() {
        for need in definition.needs {
            assert!(known.contains(need.code().as_str()), "{}: {}", definition.code, need.code());
            assert_ne!(need.code().description(), need.code().as_str(), "is described");
        }
    }
}

#[test]
fn names_of_the_paper_with_its_misprint() {
    let ddh = scheme("ddh");
    let of = |name: &str| ddh.renamed("fr-ddh", name).map(ToString::to_string);
    let expected = [
        ("RTCC", "TRC-R"),
        ("LTCC", "TRC-L"),
        ("RASM", "SMA-R"),
        ("LASM", "SMA-L"),
        ("RFH", "FH-R"),
        ("RFM", "FH-R"),
        ("LFH", "FH-L"),
    ];
    for (name, id) in expected {
        assert_eq!(of(name).as_deref(), Some(id), "{name}");
    }
    assert_eq!(of("XFH"), None);
    // The left of the image is the patient's right.
    assert_eq!(ddh.renamed("retuve", "pel_l_o").map(ToString::to_string).as_deref(), Some("SMA-R"));
}

#[test]
fn a_landmark_file_under_the_names_of_a_paper() {
    let (_dir, path) = written(
        "points.json",
        r#"{"names":"fr-ddh","landmarks":[{"code":"RTCC","x":400,"y":500},{"code":"RFM","x":340,"y":520}]}"#,
    );
    let file = read(&path).expect("reads");
    assert_eq!(file.landmarks.position(LandmarkCode::TRC, Side::Right), Some(Point::new(400.0, 500.0)));
    assert_eq!(file.landmarks.position(LandmarkCode::FH, Side::Right), Some(Point::new(340.0, 520.0)));
    let refused = |text: &str, words: &str| {
        let (_dir, path) = written("points.json", text);
        let message = read(&path).expect_err("is refused").to_string();
        assert!(message.contains("points.json") && message.contains(words), "{message}");
    };
    refused(
        r#"{"names":"fr-ddh","landmarks":[{"code":"TRC","x":1,"y":2}]}"#,
        r#""TRC" is no landmark of the names"#,
    );
    refused(r#"{"names":"nobody","landmarks":[{"code":"TRC","x":1,"y":2}]}"#, r#"names "nobody""#);
    refused(
        r#"{"names":"fr-ddh","landmarks":[{"code":"RFH","x":1,"y":2},{"code":"RFM","x":1,"y":2}]}"#,
        "FH-R is given twice",
    );
}

#[test]
fn positions_in_the_order_of_a_paper() {
    let (_dir, path) = written(
        "s5.json",
        r#"{"spacing_mm":[0.2,0.2],"order":"s5","positions":[[1,2],[3,4],[5,6],[7,8],[9,10],null,[13,14],[15,16]]}"#,
    );
    let file = read(&path).expect("reads");
    let at = |code: LandmarkCode, side| file.landmarks.position(code, side);
    assert_eq!(at(LandmarkCode::LAE, Side::Right), Some(Point::new(1.0, 2.0)));
    assert_eq!(at(LandmarkCode::FHC, Side::Right), Some(Point::new(3.0, 4.0)));
    assert_eq!(at(LandmarkCode::NA, Side::Right), Some(Point::new(5.0, 6.0)));
    assert_eq!(at(LandmarkCode::LCP, Side::Right), Some(Point::new(7.0, 8.0)));
    assert_eq!(at(LandmarkCode::LAE, Side::Left), Some(Point::new(9.0, 10.0)));
    assert_eq!(at(LandmarkCode::FHC, Side::Left), None);
    assert!(
        file.landmarks.get(&LandmarkId::new(LandmarkCode::FHC, Side::Left)).is_some(),
        "listed as missing"
    );
    let (_dir, path) = written("s5.json", r#"{"order":"s5","positions":[[1,2]]}"#);
    assert!(read(&path).expect_err("refused").to_string().contains("8 positions, not 1"));
}

#[test]
fn curves_of_a_landmark_file() {
    let (_dir, path) = written(
        "points.json",
        r#"{"landmarks":[],"polylines":{"SPA-R":[[490,620],[470,640]],"MID":[[1,2]]}}"#,
    );
    let file = read(&path).expect("reads");
    let curve = &file.landmarks.polylines[&LandmarkId::new(LandmarkCode::SPA, Side::Right)];
    assert_eq!(curve, &[Point::new(490.0, 620.0), Point::new(470.0, 640.0)]);
    for (text, words) in [
        (r#"{"landmarks":[],"polylines":{"SPA-R":[]}}"#, "polyline SPA-R has no points"),
        (r#"{"landmarks":[],"polylines":{"SPA-X":[[1,2]]}}"#, r#"side "X""#),
        (r#"{"landmarks":[],"polylines":{"SPA-R":[[1]]}}"#, "not a landmark file"),
    ] {
        let (_dir, path) = written("points.json", text);
        let message = read(&path).expect_err("refused").to_string();
        assert!(message.contains(words), "{message}");
    }
}

const OWN: &str = r#"
id = "own"
version = 3
title = "Ours"
source = "here"
[[landmark]]
code = "P1..P4"
definition = "outline"
[[landmark]]
code = "MIDP"
midline = true
definition = "midline"
[segments]
HEAD = "P4..P2"
[names.them]
first = "P1-R"
centre = "MIDP"
[orders]
theirs = ["P2-L", "MIDP"]
"#;

#[test]
fn a_scheme_is_added_by_a_file() {
    let (_dir, path) = written("own.toml", OWN);
    let own = Scheme::read(&path).expect("reads");
    assert_eq!((own.id.as_str(), own.version, own.landmarks.len()), ("own", 3, 5));
    let head: Vec<String> = own.segments[0].points.iter().map(ToString::to_string).collect();
    assert_eq!(head, ["P4", "P3", "P2"]);
    assert_eq!(own.maps().collect::<Vec<_>>(), ["them", "theirs"]);
    let (_dir, points) =
        written("points.json", r#"{"names":"them","landmarks":[{"code":"centre","x":1,"y":2}]}"#);
    let file = read_with(&points, &[own]).expect("reads");
    assert!(file.landmarks.get(&LandmarkId::midline(LandmarkCode::new("MIDP"))).is_some());
}

#[test]
fn what_is_wrong_with_a_scheme_is_named() {
    let refused = |text: &str, words: &str| {
        let (_dir, path) = written("own.toml", text);
        let message = Scheme::read(&path).expect_err("is refused").to_string();
        assert!(message.contains("own.toml") && message.contains(words), "{message}");
    };
    refused("id = 3", "not a landmark scheme");
    refused(&OWN.replace("P1..P4", "P1..Q4"), "neither a code nor a range");
    refused(&OWN.replace("P1..P4", "MIDP"), "MIDP is listed twice");
    refused(&OWN.replace("P4..P2", "P4..P9"), "segment HEAD: P5 is not of the scheme");
    refused(&OWN.replace("\"P1-R\"", "\"P1\""), "names them: P1 is not of the scheme");
    refused(&OWN.replace("\"P2-L\"", "\"P2-X\""), "order theirs: side");
    refused(&OWN.replace("midline = true", "middle = true"), "not a landmark scheme");
    let missing = Scheme::read(std::path::Path::new("nowhere/none.toml"));
    assert!(matches!(missing, Err(SchemeError::Read { .. })));
}
