//! The table of times: what it holds does not depend on how fast the machine is.

use crate::harness::{coxa, folder, run};
use serde_json::Value;

/// With nothing on the path there is no Python, as on most users' machines.
fn timings(only: &str) -> Vec<Value> {
    let nothing = folder();
    let words = ["bench", "layers", "--rounds", "1", "--json", "--only", only];
    let run = run(coxa().args(words).env("PATH", nothing.path()));
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["schema"], "coxa/bench/1");
    report["cases"][0]["timings"].as_array().expect("timings").clone()
}

#[test]
fn without_python_candle_is_still_compared() {
    let timings = timings("maxpool3");
    let engines: Vec<&str> = timings.iter().filter_map(|t| t["engine"].as_str()).collect();
    assert_eq!(engines, ["ours", "candle", "ONNX Runtime", "PyTorch"]);
    for timing in &timings[..2] {
        assert!(timing["median_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{timing}");
    }
    for timing in &timings[2..] {
        assert!(timing["missing"].as_str().is_some_and(|why| why.contains("python3")), "{timing}");
    }
}

#[test]
fn layers_that_both_have_give_the_same() {
    for layer in ["conv3x3s2", "transposed", "groupnorm", "bilinear"] {
        let difference = timings(layer)[1]["difference"].as_f64();
        assert!(difference.is_some_and(|d| d < 1e-4), "{layer}: {difference:?}");
    }
}

#[test]
fn a_name_that_is_no_layer_is_answered_with_the_names() {
    let run = run(coxa().args(["bench", "layers", "--only", "unet"]));
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("conv3x3s2"), "{}", run.stderr);
}
