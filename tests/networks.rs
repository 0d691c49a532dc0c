//! Our networks against their public implementations in PyTorch, on weights and images by formula
//! (`tests/oracle/networks.py` made the expectations). That variables are found under their names is part of it.

use candle_core::{Device, Result, Tensor};
use coxa::models::bench::formula::{formula, values};
use coxa::models::encoder::EncoderKind;
use coxa::models::plain_conv_unet::{Architecture, PlainConvUnet};
use coxa::models::resnet::{Depth, ResNet};
use coxa::models::unet::Unet;
use coxa::models::unet_plus_plus::UnetPlusPlus;
use serde_json::Value;

/// Of the largest magnitude of the expected tensor.
const TOLERANCE: f64 = 1e-4;

fn expected(network: &str) -> Vec<Value> {
    let text = include_str!("oracle/networks.json");
    let all: Value = serde_json::from_str(text).expect("expectations");
    all[network].as_array().expect(network).clone()
}

fn image(shape: [usize; 4]) -> Result<Tensor> {
    Tensor::from_vec(values("input", &shape), &shape, &Device::Cpu)
}

fn compare(network: &str, ours: &[Tensor]) -> Result<()> {
    let expected = expected(network);
    assert_eq!(ours.len(), expected.len(), "{network}: number of outputs");
    for (index, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
        let shape: Vec<usize> = serde_json::from_value(expected["shape"].clone()).expect("shape");
        assert_eq!(ours.dims(), shape, "{network} output {index}");
        let theirs: Vec<f64> = serde_json::from_value(expected["values"].clone()).expect("values");
        let largest = expected["largest"].as_f64().expect("largest");
        let flat = ours.flatten_all()?.to_vec1::<f32>()?;
        let last = theirs.len() - 1;
        for (sample, theirs) in theirs.iter().enumerate() {
            let ours = f64::from(flat[sample * (flat.len() - 1) / last]);
            let difference = (ours - theirs).abs() / largest;
            assert!(
                difference <= TOLERANCE,
                "{network} output {index} sample {sample}: {ours} is not {theirs}, {difference:.1e} of {largest}"
            );
        }
        let winners: Vec<usize> = serde_json::from_value(expected["argmax"].clone()).expect("argmax");
        let plane = shape[2] * shape[3];
        for (number, (plane, winner)) in flat.chunks(plane).zip(winners).enumerate() {
            let ours = (0..plane.len()).max_by(|a, b| plane[*a].total_cmp(&plane[*b]));
            assert_eq!(ours, Some(winner), "{network} output {index}: largest value of plane {number}");
        }
    }
    Ok(())
}

#[test]
fn resnet34_equals_torchvision() -> Result<()> {
    let network = ResNet::new(Depth::Resnet34, 3, formula(&Device::Cpu))?;
    let x = image([1, 3, 64, 96])?;
    compare("resnet34", &network.forward(&x, false)?)?;
    compare("resnet34", &network.folded()?.forward(&x, false)?)
}

#[test]
fn unet_equals_segmentation_models_pytorch() -> Result<()> {
    let network = Unet::new(Depth::Resnet18, 1, 3, formula(&Device::Cpu))?;
    let x = image([2, 1, 64, 96])?;
    compare("unet_resnet18", &[network.forward(&x, false)?])?;
    compare("unet_resnet18", &[network.folded()?.forward(&x, false)?])?;
    let network = Unet::new(Depth::Resnet50, 3, 2, formula(&Device::Cpu))?;
    compare("unet_resnet50", &[network.forward(&image([1, 3, 64, 64])?, false)?])
}

#[test]
fn unet_with_vgg16_equals_segmentation_models_pytorch() -> Result<()> {
    for (kind, channels, classes, columns, name) in
        [(EncoderKind::Vgg16, 1, 4, 96, "unet_vgg16"), (EncoderKind::Vgg16Bn, 3, 3, 64, "unet_vgg16_bn")]
    {
        let network = Unet::new(kind, channels, classes, formula(&Device::Cpu))?;
        let x = image([1, channels, 64, columns])?;
        compare(name, &[network.forward(&x, false)?])?;
        compare(name, &[network.folded()?.forward(&x, false)?])?;
    }
    Ok(())
}

#[test]
fn unet_plus_plus_equals_segmentation_models_pytorch() -> Result<()> {
    let network = UnetPlusPlus::new(Depth::Resnet18, 1, 4, formula(&Device::Cpu))?;
    let x = image([2, 1, 64, 96])?;
    compare("unet_plus_plus_resnet18", &[network.forward(&x, false)?])?;
    compare("unet_plus_plus_resnet18", &[network.folded()?.forward(&x, false)?])?;
    let network = UnetPlusPlus::new(Depth::Resnet34, 2, 3, formula(&Device::Cpu))?;
    compare("unet_plus_plus_resnet34", &[network.forward(&image([1, 2, 64, 64])?, false)?])?;
    let network = UnetPlusPlus::new(EncoderKind::Vgg16Bn, 3, 2, formula(&Device::Cpu))?;
    compare("unet_plus_plus_vgg16_bn", &[network.forward(&image([1, 3, 64, 64])?, false)?])
}

#[test]
fn u_nets_without_the_deepest_stage_equal_segmentation_models_pytorch() -> Result<()> {
    let (encoder, x) = (EncoderKind::Resnet(Depth::Resnet18), image([2, 1, 48, 80])?);
    let network = Unet::with_depth(encoder, 4, 1, 3, formula(&Device::Cpu))?;
    compare("unet_resnet18_depth4", &[network.forward(&x, false)?])?;
    let network = UnetPlusPlus::with_depth(encoder, 4, 1, 4, formula(&Device::Cpu))?;
    compare("unet_plus_plus_resnet18_depth4", &[network.forward(&x, false)?])?;
    assert!(Unet::with_depth(encoder, 2, 1, 3, formula(&Device::Cpu)).is_err());
    assert!(Unet::with_depth(EncoderKind::Vgg16, 4, 1, 3, formula(&Device::Cpu)).is_err());
    Ok(())
}

#[test]
fn plain_conv_unet_equals_dynamic_network_architectures() -> Result<()> {
    let architecture = Architecture::halving(1, 5, vec![8, 16, 24, 24]);
    let network = PlainConvUnet::new(&architecture, formula(&Device::Cpu))?;
    let x = image([2, 1, 32, 48])?;
    let deep = network.forward_deep(&x)?;
    compare("plain_conv_unet", &deep)?;
    let finest = network.forward(&x)?;
    let difference = (&finest - &deep[0])?.abs()?.max_all()?.to_scalar::<f32>()?;
    assert_eq!(difference, 0.0, "the finest output is the plain one");
    Ok(())
}

#[test]
fn strides_that_differ_between_rows_and_columns_do_too() -> Result<()> {
    let strides = vec![[1, 1], [2, 2], [1, 2], [2, 1]];
    let architecture = Architecture { strides, ..Architecture::halving(1, 5, vec![8, 16, 24, 24]) };
    assert_eq!(architecture.multiple(), [4, 4]);
    let network = PlainConvUnet::new(&architecture, formula(&Device::Cpu))?;
    compare("plain_conv_unet_uneven", &network.forward_deep(&image([2, 1, 32, 48])?)?)
}

#[test]
fn sizes_that_do_not_halve_are_errors() -> Result<()> {
    let x = image([1, 1, 36, 64])?;
    assert!(Unet::new(Depth::Resnet18, 1, 2, formula(&Device::Cpu))?.forward(&x, false).is_err());
    assert!(UnetPlusPlus::new(Depth::Resnet18, 1, 2, formula(&Device::Cpu))?.forward(&x, false).is_err());
    let architecture = Architecture::halving(1, 2, vec![4, 8, 8, 8]);
    assert!(PlainConvUnet::new(&architecture, formula(&Device::Cpu))?.forward(&x).is_err());
    let uneven = Architecture { strides: vec![[1, 1], [2, 2]], ..architecture };
    assert!(PlainConvUnet::new(&uneven, formula(&Device::Cpu)).is_err());
    Ok(())
}
