//! Gradients against central finite differences, for the tests of the layers.

use candle_core::{DType, Device, Result, Tensor, Var};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Reproducible values in −1…1.
pub(super) fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).expect("as many values as the shape asks for")
}

/// The largest difference between two tensors, relative to the largest value of the second.
pub(super) fn difference(a: &Tensor, b: &Tensor) -> f64 {
    assert_eq!(a.dims(), b.dims());
    let (a, b) = (flat(a), flat(b));
    let scale = b.iter().fold(1e-6, |scale: f64, value| scale.max(value.abs()));
    a.iter().zip(&b).fold(0.0, |worst: f64, (a, b)| worst.max((a - b).abs() / scale))
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten_all().and_then(|t| t.to_dtype(DType::F64)).and_then(|t| t.to_vec1());
    flat.expect("a tensor of floats")
}

/// Compares the gradients of `layer` to each of `inputs` with central differences of `step`, to `tolerance` of the
/// largest gradient. Each input is used three times in the graph, twice by the layer, so that a gradient which
/// overwrites another, or is overwritten, is found out.
pub(super) fn gradients(
    inputs: &[Tensor],
    step: f64,
    tolerance: f64,
    layer: impl Fn(&[Tensor]) -> Result<Tensor>,
) {
    let variables: Vec<Var> = inputs.iter().map(|t| Var::from_tensor(t).expect("a variable")).collect();
    let tensors: Vec<Tensor> = variables.iter().map(|v| v.as_tensor().clone()).collect();
    let first = layer(&tensors).expect("forward");
    let (once, twice) = (random(first.dims(), 101), random(first.dims(), 102));
    let direct: Vec<Tensor> = inputs.iter().map(|t| random(t.dims(), 103)).collect();
    let second = layer(&tensors).expect("forward");
    let mut loss = ((&first * &once).expect("mul").sum_all().expect("sum")
        + (&second * &twice).expect("mul").sum_all().expect("sum"))
    .expect("add");
    for (tensor, direct) in tensors.iter().zip(&direct) {
        loss = (loss + (tensor * direct).expect("mul").sum_all().expect("sum")).expect("add");
    }
    let gradients = loss.backward().expect("backward");
    let value = |inputs: &[Tensor]| -> f64 {
        let both = flat(&(&once + &twice).expect("add"));
        let output: f64 = flat(&layer(inputs).expect("forward")).iter().zip(&both).map(|(y, r)| y * r).sum();
        let direct = inputs.iter().zip(&direct);
        output
            + direct.map(|(x, r)| flat(x).iter().zip(flat(r)).map(|(x, r)| x * r).sum::<f64>()).sum::<f64>()
    };
    for (which, variable) in variables.iter().enumerate() {
        let gradient =
            flat(gradients.get(variable).unwrap_or_else(|| panic!("input {which} has a gradient")));
        let original = flat(&inputs[which]);
        let scale = gradient.iter().fold(1e-3, |scale: f64, value| scale.max(value.abs()));
        // Steps of a prime: every row, column and channel has its turn.
        for element in (0..original.len().min(48)).map(|i| i * 7919 % original.len()) {
            let shifted = |by: f64| {
                let mut values: Vec<f32> = original.iter().map(|v| *v as f32).collect();
                values[element] += by as f32;
                let mut inputs = inputs.to_vec();
                inputs[which] =
                    Tensor::from_vec(values, inputs[which].dims(), &Device::Cpu).expect("same shape");
                value(&inputs)
            };
            let slope = (shifted(step) - shifted(-step)) / (2.0 * step);
            assert!(
                (slope - gradient[element]).abs() <= tolerance * scale,
                "input {which} element {element}: gradient {} but slope {slope} (largest {scale})",
                gradient[element]
            );
        }
    }
}
