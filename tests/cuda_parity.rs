//! The CPU and CUDA give the same: every layer and its gradients, every network, and a step of training.
//!
//! Where there is no CUDA device (or no kernels: cargo feature `cuda`) the tests say so and pass.

use candle_core::{DType, Device, Module, ModuleT, Result, Tensor, Var};
use candle_nn::{Optimizer, VarBuilder, VarMap};
use coxa::models::bench::formula::{formula, values};
use coxa::models::layers::{self, Activation, Conv2dOptions, ConvTranspose2dOptions, RoiAlignOptions};
use coxa::models::{DeviceChoice, device, plain_conv_unet, resnet::Depth, unet::Unet, whdv};

/// Results may differ by this share of the largest magnitude.
const TOLERANCE: f64 = 1e-3;

fn cuda() -> Option<Device> {
    match device(DeviceChoice::Cuda) {
        Ok((device, _)) => Some(device),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

fn tensor(name: &str, shape: &[usize], device: &Device) -> Tensor {
    Tensor::from_vec(values(name, shape), shape, device).unwrap()
}

fn assert_close(what: &str, ours: &Tensor, theirs: &Tensor) {
    assert_eq!(ours.dims(), theirs.dims(), "{what}");
    assert!(!theirs.device().is_cpu(), "{what} came back on the CPU");
    let flat = |t: &Tensor| t.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1::<f64>().unwrap();
    let (ours, theirs) = (flat(ours), flat(theirs));
    let largest = ours.iter().fold(1e-6, |largest: f64, value| largest.max(value.abs()));
    for (a, b) in ours.iter().zip(&theirs) {
        assert!(
            (a - b).abs() <= TOLERANCE * largest,
            "{what}: {a} on the CPU, {b} on CUDA, largest {largest}"
        );
    }
}

/// A layer made on variables, as a function of its input.
type Layer = fn(&Tensor, VarBuilder) -> Result<Tensor>;

/// Layers of 12 channels, or that do not care.
fn all_layers() -> Vec<(&'static str, Layer)> {
    fn convolution(x: &Tensor, options: Conv2dOptions, size: usize, vb: VarBuilder) -> Result<Tensor> {
        layers::conv2d(12, 12, size, options, vb)?.forward_activated(x, Activation::Relu)
    }
    fn boxes(x: &Tensor) -> Result<Tensor> {
        Tensor::new(&[[1f32, 2.0, 1.0, 14.0, 9.5], [0.0, -3.0, 1.0, 7.0, 30.0]], x.device())
    }
    vec![
        ("3x3", |x, vb| convolution(x, Conv2dOptions::same(3), 3, vb)),
        ("3x3 stride 2", |x, vb| convolution(x, Conv2dOptions::same(3).with_stride(2), 3, vb)),
        ("7x7 stride 2", |x, vb| convolution(x, Conv2dOptions::same(7).with_stride(2), 7, vb)),
        ("1x1", |x, vb| convolution(x, Conv2dOptions::default(), 1, vb)),
        ("groups", |x, vb| convolution(x, Conv2dOptions { groups: 3, ..Conv2dOptions::same(3) }, 3, vb)),
        ("dilated", |x, vb| {
            convolution(x, Conv2dOptions { padding: 2, dilation: 2, ..Conv2dOptions::default() }, 3, vb)
        }),
        ("residual", |x, vb| {
            layers::conv2d(12, 12, 3, Conv2dOptions::same(3), vb)?.forward_added(x, x, Activation::Relu)
        }),
        ("transposed", |x, vb| {
            let options = ConvTranspose2dOptions { stride: 2, ..ConvTranspose2dOptions::default() };
            layers::conv_transpose2d(12, 5, 2, options, vb)?.forward(x)
        }),
        ("leaky", |x, _| Activation::LeakyRelu(0.1).apply(x)),
        ("batch norm", |x, vb| layers::batch_norm2d(12, vb)?.forward_t(x, true)),
        ("batch norm, evaluated", |x, vb| layers::batch_norm2d(12, vb)?.forward_t(x, false)),
        ("group norm", |x, vb| layers::group_norm(4, 12, vb)?.forward_activated(x, Activation::Relu)),
        ("instance norm", |x, vb| layers::instance_norm2d(12, vb)?.forward(x)),
        ("max pool", |x, _| layers::max_pool2d(x, 3, 2, 1)),
        ("average pool", |x, _| layers::avg_pool2d(x, 2, 2, 0)),
        ("nearest", |x, _| layers::upsample_nearest2d(x, 30, 41)),
        ("bilinear", |x, _| layers::upsample_bilinear2d(x, 30, 41, false)),
        ("softmax", |x, _| layers::spatial_softmax(x)),
        ("log softmax", |x, _| layers::spatial_log_softmax(x)),
        ("ROI pool", |x, _| layers::roi_pool(x, &boxes(x)?, [2, 3], 0.5)),
        ("ROI align", |x, _| {
            let options = RoiAlignOptions { size: [2, 3], scale: 0.5, sampling: 2, aligned: true };
            layers::roi_align(x, &boxes(x)?, options)
        }),
    ]
}

#[test]
fn every_layer_and_its_gradients_agree() {
    let Some(cuda) = cuda() else { return };
    for (name, layer) in all_layers() {
        let of = |device: &Device| {
            let map = VarMap::new();
            let vb = VarBuilder::from_varmap(&map, DType::F32, device);
            let x = Var::from_tensor(&tensor("input", &[2, 12, 15, 20], device)).unwrap();
            layer(x.as_tensor(), vb.clone()).unwrap();
            let mut vars: Vec<(String, Var)> =
                map.data().lock().unwrap().iter().map(|(name, var)| (name.clone(), var.clone())).collect();
            vars.sort_by(|a, b| a.0.cmp(&b.0));
            for (name, var) in &vars {
                var.set(&tensor(name, var.dims(), device)).unwrap();
            }
            let y = layer(x.as_tensor(), vb).unwrap();
            let gradients = (&y * tensor("seed", y.dims(), device)).unwrap().backward().unwrap();
            vars.push(("input".to_owned(), x));
            let gradients: Vec<(String, Option<Tensor>)> =
                vars.iter().map(|(name, var)| (name.clone(), gradients.get(var).cloned())).collect();
            (y.detach(), gradients)
        };
        let ((ours, our_gradients), (theirs, their_gradients)) = (of(&Device::Cpu), of(&cuda));
        assert_close(name, &ours, &theirs);
        for ((variable, ours), (_, theirs)) in our_gradients.iter().zip(&their_gradients) {
            assert_eq!(ours.is_some(), theirs.is_some(), "{name}: gradient to {variable}");
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                assert_close(&format!("{name}: gradient to {variable}"), ours, theirs);
            }
        }
    }
}

#[test]
fn every_network_agrees() {
    let Some(cuda) = cuda() else { return };
    let unet = |device: &Device| {
        let x = tensor("input", &[1, 3, 96, 64], device);
        Unet::new(Depth::Resnet18, 3, 4, formula(device))
            .unwrap()
            .folded()
            .unwrap()
            .forward(&x, false)
            .unwrap()
    };
    assert_close("U-Net", &unet(&Device::Cpu), &unet(&cuda));
    let nnunet = |device: &Device| {
        let architecture = plain_conv_unet::Architecture::halving(1, 3, vec![16, 32, 64]);
        let network = plain_conv_unet::PlainConvUnet::new(&architecture, formula(device)).unwrap();
        network.forward(&tensor("input", &[1, 1, 48, 64], device)).unwrap()
    };
    assert_close("nnU-Net", &nnunet(&Device::Cpu), &nnunet(&cuda));
    let whdv = |device: &Device| {
        let network = whdv::Whdv::new(&whdv::Architecture::default(), formula(device)).unwrap();
        network.raw(&tensor("input", &[1, 1, 128, 64], device)).unwrap()
    };
    assert_close("WHDV", &whdv(&Device::Cpu), &whdv(&cuda));
}

/// Losses of three steps of AdamW on a U-Net with batch norm.
#[test]
fn training_takes_the_same_steps() {
    let Some(cuda) = cuda() else { return };
    let losses = |device: &Device| {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F32, device);
        let network = Unet::new(Depth::Resnet18, 1, 2, vb).unwrap();
        for (name, var) in map.data().lock().unwrap().iter() {
            var.set(&tensor(name, var.dims(), device)).unwrap();
        }
        let (x, target) =
            (tensor("input", &[2, 1, 64, 64], device), tensor("target", &[2, 2, 64, 64], device));
        let mut optimiser = candle_nn::AdamW::new_lr(map.all_vars(), 1e-4).unwrap();
        let step = |_| {
            let loss =
                (network.forward(&x, true).unwrap() - &target).unwrap().sqr().unwrap().mean_all().unwrap();
            optimiser.backward_step(&loss).unwrap();
            loss.detach()
        };
        Tensor::stack(&(0..3).map(step).collect::<Vec<_>>(), 0).unwrap()
    };
    assert_close("training", &losses(&Device::Cpu), &losses(&cuda));
}
