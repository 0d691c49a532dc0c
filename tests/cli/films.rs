//! Films through the network of this program.

use crate::harness::{coxa, data, files, film, folder, json, measure, run, value};
use serde_json::Value;
use std::collections::HashMap;

#[test]
fn a_film_gets_every_result_and_the_same_again() {
    let folder = folder();
    let film = film(folder.path(), "hip.v1", 7);
    let out = folder.path().join("out");
    assert_eq!(measure(&[&film], &out, &[]).status, 0);
    assert_eq!(files(&out), ["hip.v1.json", "hip.v1.pdf", "hip.v1.png", "summary.csv"]);
    let first = json(&out.join("hip.v1.json"));
    assert!(first["model"]["sha256"].is_string() && first["landmarks"][0]["origin"] == "model");

    let run = measure(&[&film], &out, &["--json", "-"]);
    assert_eq!(run.status, 0);
    assert_eq!(files(&out).len(), 4, "a second run replaces its own results");
    assert_eq!(json(&out.join("hip.v1.json")), first);
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).expect("JSON"), first);
}

#[test]
fn many_films_are_one_object_a_line() {
    let folder = folder();
    let [a, b] = [film(folder.path(), "a", 1), film(folder.path(), "b", 2)];
    let run = run(coxa().args(["measure", "--json", "-"]).args([&b, &a]));
    assert_eq!(run.status, 0, "{}", run.stderr);
    let paths: Vec<String> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["source"]["path"].to_string())
        .collect();
    assert_eq!(paths.len(), 2);
    assert!(paths[0].contains("b.dcm") && paths[1].contains("a.dcm"), "in the order asked: {paths:?}");
}

#[test]
fn an_unknown_network_is_wrong_usage() {
    let folder = folder();
    let film = film(folder.path(), "a", 1);
    let run = measure(&[&film], &folder.path().join("out"), &["--model", "no-such"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no-such") && run.stderr.lines().count() == 1, "{}", run.stderr);
}

#[test]
fn six_real_films_are_measured_within_reason() {
    let Some(films) = data("jordan") else { return };
    let folder = folder();
    let run = measure(&[&films], folder.path(), &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let mut errors = Vec::new();
    for index in [1, 10, 12, 107, 115, 121] {
        let name = format!("331_DDH_{index}");
        for extension in ["json", "pdf", "png"] {
            assert!(folder.path().join(format!("{name}.{extension}")).is_file(), "{name}.{extension}");
        }
        let ours = json(&folder.path().join(format!("{name}.json")));
        let reference = json(&films.join(format!("{name}.reference.json")));
        for code in ["TRC", "SMA", "HP"] {
            for side in ["R", "L"] {
                assert!(position(&ours, code, side).is_some(), "{name}: no {code}-{side}");
            }
        }
        for (side, truth) in reference_index(&reference) {
            let index = value(&ours, "AI", side).expect("an acetabular index");
            errors.push((index - truth).abs());
        }
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    println!("acetabular index on the real films: mean absolute error {mean:.2}°");
    assert!(mean <= 3.0, "mean absolute error of the acetabular index {mean:.2}°");
}

fn position(report: &Value, code: &str, side: &str) -> Option<[f64; 2]> {
    let landmarks = report["landmarks"].as_array()?;
    let found = landmarks.iter().find(|l| l["code"] == code && l["side"] == side)?;
    Some([found["x"].as_f64()?, found["y"].as_f64()?])
}

/// Acetabular index of the reference points, by the definition: elevation of TRC→SMA over TRC-R→TRC-L.
fn reference_index(reference: &Value) -> HashMap<&'static str, f64> {
    let at = |code, side| position(reference, code, side).expect("a reference point");
    let (right, left) = (at("TRC", "R"), at("TRC", "L"));
    let line = (left[1] - right[1]).atan2(left[0] - right[0]);
    ["R", "L"]
        .map(|side| {
            let (trc, sma) = (at("TRC", side), at("SMA", side));
            let lateral = if side == "R" { trc[0] - sma[0] } else { sma[0] - trc[0] };
            let tilt = if side == "R" { -line } else { line };
            (side, ((trc[1] - sma[1]).atan2(lateral) + tilt).to_degrees())
        })
        .into()
}
