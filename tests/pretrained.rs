//! Training that starts from weights of others, of files made here as torchvision and `segmentation_models_pytorch` name
//! them.

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use coxa::job::Job;
use coxa::models::bench::formula::{formula, values};
use coxa::models::checkpoint::Checkpoint;
use coxa::models::fr_ddh::{FrDdh, FrDdhPlan};
use coxa::models::resnet::{Depth, ResNet};
use coxa::models::unet::Unet;
use coxa::training::{TrainConfig, TrainError, pretrained, train};
use std::collections::HashMap;
use std::path::Path;

/// The variables of a network, each zero.
fn zeros<N>(build: impl FnOnce(VarBuilder) -> candle_core::Result<N>) -> (N, HashMap<String, Var>) {
    let map = VarMap::new();
    let network = build(VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu)).expect("a network");
    let vars = map.data().lock().expect("variables").clone();
    for var in vars.values() {
        var.set(&var.zeros_like().expect("zeros")).expect("set");
    }
    (network, vars)
}

/// A ResNet-18 by formula with what torchvision has beyond the features, `prefix` before every name.
fn resnet18(path: &Path, prefix: &str) -> HashMap<String, Tensor> {
    let (_, vars) = zeros(|vb| ResNet::new(Depth::Resnet18, 3, vb));
    let tensor =
        |name: &str, shape: &[usize]| Tensor::from_vec(values(name, shape), shape, &Device::Cpu).unwrap();
    let mut tensors: HashMap<String, Tensor> =
        vars.iter().map(|(name, var)| (name.clone(), tensor(name, var.dims()))).collect();
    tensors.insert("fc.weight".to_owned(), tensor("fc.weight", &[10, 512]));
    let named = tensors.iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor.clone())).collect();
    candle_core::safetensors::save(&named, path).expect("written");
    tensors
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn an_encoder_is_filled_whatever_stands_before_its_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("resnet18.safetensors");
    let image = Tensor::from_vec(values("input", &[1, 1, 64, 64]), (1, 1, 64, 64), &Device::Cpu).unwrap();
    let colour = image.repeat((1, 3, 1, 1)).unwrap();
    let theirs =
        ResNet::new(Depth::Resnet18, 3, formula(&Device::Cpu)).unwrap().forward(&colour, false).unwrap();
    for prefix in ["", "encoder.", "module.backbone.body."] {
        resnet18(&path, prefix);
        // A network of one channel: the kernel of the file sees three that are alike.
        let (_, vars) = zeros(|vb| Unet::new(Depth::Resnet18, 1, 3, vb));
        let found = pretrained::fill(&path, &vars, "encoder").expect("filled");
        let encoder = vars.keys().filter(|name| name.starts_with("encoder.")).count();
        assert_eq!(found.filled, encoder, "{prefix:?}: {}", found.report);
        assert_eq!(found.report.unexpected, ["encoder.fc.weight"], "{prefix:?}");
        assert!(found.report.missing.iter().all(|name| !name.starts_with("encoder.")));
        assert_eq!(found.sha256.len(), 64);
        let below: HashMap<String, Tensor> = vars
            .iter()
            .filter_map(|(name, var)| {
                Some((name.strip_prefix("encoder.")?.to_owned(), var.as_tensor().clone()))
            })
            .collect();
        let ours = ResNet::new(Depth::Resnet18, 1, VarBuilder::from_tensors(below, DType::F32, &Device::Cpu));
        let ours = ours.unwrap().forward(&image, false).unwrap();
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let largest = numbers(theirs).iter().fold(0.0_f32, |a, b| a.max(b.abs()));
            let gap = (ours - theirs).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(gap < 1e-4 * largest, "{prefix:?}: {gap} of {largest}");
        }
    }
}

#[test]
fn a_detector_takes_the_stages_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("resnet18.safetensors");
    let tensors = resnet18(&path, "");
    let plan = FrDdhPlan { backbone: Depth::Resnet18, ..FrDdhPlan::default() };
    let (_, vars) = zeros(|vb| FrDdh::new(&plan, 6, vb));
    let found = pretrained::fill(&path, &vars, "backbone").expect("filled");
    let backbone: Vec<&String> = vars.keys().filter(|name| name.starts_with("backbone.")).collect();
    assert_eq!(found.filled, backbone.len());
    for name in backbone {
        let theirs = &tensors[name.strip_prefix("backbone.").unwrap()];
        assert_eq!(numbers(&vars[name]), numbers(theirs), "{name}");
    }
    assert!(numbers(&vars["rpn.head.conv.0.0.weight"]).iter().all(|value| *value == 0.0));
}

#[test]
fn a_wrong_file_is_told_by_name_with_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.safetensors");
    let (_, vars) = zeros(|vb| Unet::new(Depth::Resnet18, 1, 3, vb));
    let mut tensors = resnet18(&path, "");
    tensors.remove("layer3.1.conv2.weight");
    candle_core::safetensors::save(&tensors, &path).expect("written");
    let error = pretrained::fill(&path, &vars, "encoder").unwrap_err().to_string();
    assert!(
        error.contains("wrong.safetensors") && error.contains("encoder.layer3.1.conv2.weight"),
        "{error}"
    );
    // Another depth, something else altogether, nothing.
    let (_, deeper) = zeros(|vb| Unet::new(Depth::Resnet34, 1, 3, vb));
    resnet18(&path, "");
    assert!(matches!(pretrained::fill(&path, &deeper, "encoder"), Err(TrainError::Checkpoint(_))));
    std::fs::write(&path, b"no weights at all").expect("written");
    assert!(pretrained::fill(&path, &vars, "encoder").unwrap_err().to_string().contains("wrong.safetensors"));
    let absent = folder.path().join("absent.pth");
    assert!(pretrained::fill(&absent, &vars, "encoder").unwrap_err().to_string().contains("absent.pth"));
}

#[test]
fn a_run_starts_from_the_file_of_its_configuration_and_its_card_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let tensors = resnet18(&folder.path().join("imagenet.safetensors"), "");
    let file = folder.path().join("small.toml");
    let text = "id = \"small\"\npretrained = \"imagenet.safetensors\"\n[system]\nkind = \"fai\"\nside = 64\n\
        [system.architecture]\ndecoder = \"unet\"\nencoder = \"resnet18\"\nchannels = 3\n\
        [optimiser]\nsteps = 1\nbatch = 1\nlearning_rate = 0.0\n\
        [validation]\nevery = 1\npatience = 0\nheld = 1\ncalibration = 1\n[data]\nphantom_size = 96\nworkers = 1\n";
    std::fs::write(&file, text).expect("written");
    let config = TrainConfig::read(&file).expect("a configuration");
    let out = folder.path().join("out");
    let mut notes = String::new();
    let plan = train(&config, &out, false, &Job::silent(), |event| notes += &format!("{event:?}\n"))
        .expect("a model");
    assert!(notes.contains("imagenet.safetensors") && notes.contains("fc.weight"), "{notes}");
    assert!(plan.trained_on.contains("imagenet.safetensors, SHA-256"), "{}", plan.trained_on);
    // Without a learning rate what is shipped is what was read, at 16 bits.
    let shipped = Checkpoint::read(&out.join("small.safetensors")).expect("weights");
    let name = "layer2.0.conv1.weight";
    let ours = shipped.below("encoder").tensors()[name].to_dtype(DType::F32).unwrap();
    let theirs = tensors[name].to_dtype(DType::F16).unwrap().to_dtype(DType::F32).unwrap();
    assert_eq!(numbers(&ours), numbers(&theirs));
    let forest = "pretrained = \"x.pth\"\n[system]\nkind = \"rfrv-clm\"\n";
    assert!(TrainConfig::parse(forest).expect("parsed").check().is_err());
}
