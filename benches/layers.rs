//! The layers against candle's own, side by side in one run: `cargo bench --bench layers`.
//!
//! Shapes are those the landmark network trains on. Take ratios, not times.

use candle_core::{DType, Device, Module, Result, Tensor, Var};
use candle_nn::VarBuilder;
use coxa::models::layers::{Activation, Conv2d, Conv2dOptions, avg_pool2d, group_norm, upsample_nearest2d};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batch, input channels, output channels, size of the image, size of the kernel, stride.
const CONVOLUTIONS: &[[usize; 6]] = &[
    [16, 1, 24, 256, 5, 2],
    [16, 24, 24, 128, 3, 1],
    [16, 32, 32, 128, 3, 1],
    [16, 24, 48, 128, 3, 2],
    [16, 64, 64, 64, 3, 1],
    [16, 96, 96, 32, 3, 1],
    [16, 128, 128, 16, 3, 1],
    [16, 64, 32, 64, 1, 1],
    [1, 64, 64, 256, 3, 1],
];

fn stock(x: &Tensor, weight: &Tensor, options: Conv2dOptions) -> Result<Tensor> {
    x.conv2d(weight, options.padding, options.stride, options.dilation, options.groups)
}

fn ours(x: &Tensor, weight: &Tensor, options: Conv2dOptions) -> Result<Tensor> {
    Conv2d::new(weight.clone(), None, options).forward(x)
}

fn train(
    forward: fn(&Tensor, &Tensor, Conv2dOptions) -> Result<Tensor>,
    x: &Tensor,
    weight: &Tensor,
    options: Conv2dOptions,
) -> Result<Tensor> {
    let y = forward(x, weight, options)?;
    let gradients = y.sum_all()?.backward()?;
    gradients.get(weight).cloned().ok_or_else(|| candle_core::Error::Msg("no gradient".to_owned()))
}

fn convolutions(criterion: &mut Criterion) {
    for &[batch, inputs, outputs, size, kernel, stride] in CONVOLUTIONS {
        let device = Device::Cpu;
        let x = Var::randn(0f32, 1.0, (batch, inputs, size, size), &device).expect("input");
        let weight = Var::randn(0f32, 0.1, (outputs, inputs, kernel, kernel), &device).expect("kernel");
        let options = Conv2dOptions::same(kernel).with_stride(stride);
        let name = format!("{batch}x{inputs}to{outputs} {kernel}x{kernel}/{stride} {size}");
        let still = (x.as_detached_tensor(), weight.as_detached_tensor());
        let mut group = criterion.benchmark_group(format!("forward {name}"));
        group.bench_function(BenchmarkId::from_parameter("candle"), |b| {
            b.iter(|| stock(&still.0, &still.1, options));
        });
        group.bench_function(BenchmarkId::from_parameter("ours"), |b| {
            b.iter(|| ours(&still.0, &still.1, options));
        });
        group.finish();
        let mut group = criterion.benchmark_group(format!("train {name}"));
        group.bench_function(BenchmarkId::from_parameter("candle"), |b| {
            b.iter(|| train(stock, &x, &weight, options));
        });
        group.bench_function(BenchmarkId::from_parameter("ours"), |b| {
            b.iter(|| train(ours, &x, &weight, options));
        });
        group.finish();
    }
}

fn theirs_group_norm(x: &Tensor) -> Result<Tensor> {
    let vb = VarBuilder::zeros(DType::F32, x.device());
    candle_nn::group_norm(8, x.dim(1)?, 1e-5, vb)?.forward(x)?.relu()
}

fn ours_group_norm(x: &Tensor) -> Result<Tensor> {
    let vb = VarBuilder::zeros(DType::F32, x.device());
    group_norm(8, x.dim(1)?, vb)?.forward_activated(x, Activation::Relu)
}

/// A layer between convolutions, with its backward pass.
type Layer = fn(&Tensor) -> Result<Tensor>;

fn between(criterion: &mut Criterion) {
    let layers: [(&str, Layer, Layer); 3] = [
        ("group norm and ReLU", theirs_group_norm, ours_group_norm),
        ("average pool 2", |x| x.avg_pool2d(2), |x| avg_pool2d(x, 2, 2, 0)),
        ("nearest to twice", |x| x.upsample_nearest2d(256, 256), |x| upsample_nearest2d(x, 256, 256)),
    ];
    let x = Var::randn(0f32, 1.0, (16, 24, 128, 128), &Device::Cpu).expect("input");
    for (name, theirs, ours) in layers {
        let mut group = criterion.benchmark_group(format!("train {name} 16x24 128"));
        for (which, layer) in [("candle", theirs), ("ours", ours)] {
            group.bench_function(BenchmarkId::from_parameter(which), |b| {
                b.iter(|| layer(x.as_tensor())?.sum_all()?.backward());
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = layers;
    config = Criterion::default().sample_size(10).warm_up_time(std::time::Duration::from_millis(200))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = convolutions, between
}
criterion_main!(layers);
