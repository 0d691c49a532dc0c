//! ROI pool, ROI align and NMS against torchvision, whose answers `oracle/roi_ops.py` has stored.

use candle_core::{Device, Tensor, Var};
use coxa::models::layers::{RoiAlignOptions, nms, roi_align, roi_pool};
use serde_json::Value;

fn oracle() -> Value {
    serde_json::from_str(include_str!("oracle/roi_ops.json")).expect("the stored answers are JSON")
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number") as f32).collect()
}

fn sizes<const N: usize>(value: &Value) -> [usize; N] {
    let sizes: Vec<usize> = floats(value).into_iter().map(|v| v as usize).collect();
    sizes.try_into().expect("as many sizes as asked for")
}

fn tensor(value: &Value, shape: &[usize]) -> Tensor {
    Tensor::from_vec(floats(value), shape, &Device::Cpu).expect("as many values as the shape asks for")
}

fn assert_equal(ours: &Tensor, theirs: &Value, what: &str) {
    let ours = ours.flatten_all().expect("flat").to_vec1::<f32>().expect("floats");
    let theirs = floats(theirs);
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let scale = theirs.iter().fold(1.0f32, |scale, v| scale.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert!((a - b).abs() <= 1e-5 * scale, "{what}, value {i}: {a}, torchvision has {b}");
    }
}

#[test]
fn regions_and_their_gradients_are_those_of_torchvision() {
    let oracle = oracle();
    let cases = oracle["regions"].as_array().expect("cases");
    assert!(cases.len() >= 21);
    for case in cases {
        let what = format!(
            "{} of {} to {}, sampling {}, aligned {}",
            case["operation"], case["shape"], case["size"], case["sampling"], case["aligned"]
        );
        let (shape, size) = (sizes::<4>(&case["shape"]), sizes::<2>(&case["size"]));
        let scale = case["scale"].as_f64().expect("a scale") as f32;
        let x = Var::from_tensor(&tensor(&case["x"], &shape)).expect("a variable");
        let boxes = tensor(&case["boxes"], &[6, 5]);
        let y = match case["operation"].as_str() {
            Some("pool") => roi_pool(&x, &boxes, size, scale),
            _ => {
                let [sampling] = sizes(&Value::Array(vec![case["sampling"].clone()]));
                let aligned = case["aligned"].as_bool().expect("a flag");
                roi_align(&x, &boxes, RoiAlignOptions { size, scale, sampling, aligned })
            }
        };
        let y = y.expect("forward");
        assert_equal(&y, &case["output"], &what);
        let seed = tensor(&case["seed"], y.dims());
        let gradients = (y * seed).expect("mul").sum_all().expect("sum").backward().expect("backward");
        assert_equal(gradients.get(&x).expect("a gradient"), &case["gradient"], &format!("gradient, {what}"));
    }
}

#[test]
fn suppression_keeps_what_torchvision_keeps() {
    let oracle = oracle();
    for case in oracle["nms"].as_array().expect("cases") {
        let scores = floats(&case["scores"]);
        let boxes = tensor(&case["boxes"], &[scores.len(), 4]);
        let scores = tensor(&case["scores"], &[scores.len()]);
        let threshold = case["threshold"].as_f64().expect("a threshold") as f32;
        let kept = nms(&boxes, &scores, threshold).expect("boxes and scores");
        let theirs: Vec<usize> = floats(&case["kept"]).into_iter().map(|v| v as usize).collect();
        assert_eq!(kept, theirs);
    }
}
