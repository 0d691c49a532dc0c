//! Our nnU-Net against the public program, version 2 (`tests/oracle/nnunet.py` trained the model and made the
//! expectations): plans, splines, preprocessing, loss, and the masks of a film neither has seen.

use candle_core::{Device, Tensor, Var};
use coxa::eval::overlap::Overlap;
use coxa::imaging;
use coxa::job::Job;
use coxa::measure::Structure;
use coxa::models::DeviceChoice;
use coxa::models::bench::formula::values;
use coxa::models::checkpoint::Checkpoint;
use coxa::models::nnunet::{Dataset, Intensities, NnUnet, Order, Plans, Prepared, Reader, Scheme, resize};
use coxa::training::TrainError;
use coxa::training::nnunet::{
    AugmentConfig, Budget, Fingerprint, NnUnetConfig, NnUnetEvent, PhantomSet, plan, supervised_loss, train,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/nnunet").join(name)
}

fn expected(what: &str) -> Value {
    let text = std::fs::read_to_string(file("expected.json")).expect("expectations");
    let mut all: Value = serde_json::from_str(&text).expect("expectations");
    all[what].take()
}

fn numbers<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("numbers")
}

/// The largest difference from the sampled array, as a share of its largest magnitude.
fn difference(ours: &[f32], theirs: &Value) -> f64 {
    let shape: Vec<usize> = numbers(&theirs["shape"]);
    assert_eq!(ours.len(), shape.iter().product::<usize>(), "{shape:?}");
    let samples: Vec<f64> = numbers(&theirs["values"]);
    let last = samples.len() - 1;
    let gap = |(i, theirs): (usize, &f64)| (f64::from(ours[i * (ours.len() - 1) / last]) - theirs).abs();
    samples.iter().enumerate().map(gap).fold(0.0, f64::max) / theirs["largest"].as_f64().expect("a number")
}

fn model(folds: &[&str]) -> NnUnet {
    let folds: Vec<String> = folds.iter().map(|fold| (*fold).to_owned()).collect();
    NnUnet::load(&file("model"), &folds, DeviceChoice::Cpu).expect("a model")
}

fn dataset(channel: &str, training: usize) -> Dataset {
    let labels = (1..=5).map(|value| Structure { value, name: format!("L{value}") });
    Dataset {
        channels: vec![channel.to_owned()],
        labels: labels.collect(),
        ignored: None,
        training,
        file_ending: ".png".to_owned(),
    }
}

#[test]
fn plans_are_those_of_the_experiment_planner() {
    let cases = expected("planner");
    for case in cases.as_array().expect("cases") {
        let title = case["title"].as_str().expect("a title");
        let found = Fingerprint {
            spacings: numbers(&case["spacings"]),
            shapes: numbers(&case["shapes"]),
            relative_size: case["relative"].as_f64().expect("a share"),
            intensities: Vec::new(),
        };
        let set = dataset(case["channel"].as_str().expect("a channel"), found.shapes.len());
        let ours = plan(&found, &set, Reader::Natural, Budget::default()).expect(title);
        let theirs = &case["plan"];
        assert_eq!(ours.patch, numbers::<[usize; 2]>(&theirs["patch_size"]), "{title}");
        assert_eq!(ours.batch, numbers::<usize>(&theirs["batch_size"]), "{title}");
        assert_eq!(ours.median_shape, numbers::<[f64; 2]>(&theirs["median_image_size_in_voxels"]), "{title}");
        assert_eq!(ours.spacing, numbers::<[f64; 2]>(&theirs["spacing"]), "{title}");
        assert_eq!(ours.batch_dice, theirs["batch_dice"], "{title}");
        assert_eq!(ours.architecture.features, numbers::<Vec<usize>>(&case["features"]), "{title}");
        assert_eq!(ours.architecture.strides, numbers::<Vec<[usize; 2]>>(&case["strides"]), "{title}");
        let schemes: Vec<Scheme> = numbers(&theirs["normalization_schemes"]);
        let masks: Vec<bool> = numbers(&theirs["use_mask_for_norm"]);
        assert_eq!(ours.normalisation, schemes.into_iter().zip(masks).collect::<Vec<_>>(), "{title}");
    }
    // The films of the paper: 1536 × 1024, nine stages, a batch of 2.
    let paper = &cases[0];
    assert_eq!(
        (&paper["plan"]["patch_size"], &paper["plan"]["batch_size"]),
        (&serde_json::json!([1536, 1024]), &2.into())
    );
    assert_eq!(paper["features"].as_array().map(Vec::len), Some(9));
}

#[test]
fn splines_are_those_of_scikit_image() {
    for case in expected("resampling").as_array().expect("cases") {
        let from: [usize; 2] = numbers(&case["shape"]);
        // The expectation's own shape is that of the result.
        let to: [usize; 2] = numbers(&case["to"]);
        let order = Order::from_degree(numbers(&case["order"])).expect("an order");
        let ours = resize(&values("input", &from), from, to, order);
        let gap = difference(&ours, &case["result"]);
        assert!(gap < 1e-6, "order {order:?} {from:?} to {to:?}: {gap:.1e}");
    }
}

#[test]
fn preprocessing_is_that_of_the_default_preprocessor() {
    let base = model(&["0"]).plans().clone();
    let intensities =
        Intensities { mean: 0.4, std: 0.7, low: 0.1, high: 1.2, median: 0.5, min: 0.0, max: 2.0 };
    for case in expected("preprocessing").as_array().expect("cases") {
        let (rows, columns) = (46, 39);
        let mut image = values("input", &[rows, columns]);
        for (index, value) in image.iter_mut().enumerate() {
            let (row, column) = (index / columns, index % columns);
            *value = if row < 4 || column < 3 || row >= rows - 7 { 0.0 } else { value.max(0.0) };
        }
        let scheme: Scheme = numbers(&case["scheme"]);
        let plans = Plans {
            normalisation: vec![(scheme, numbers(&case["masked"]))],
            spacing: [0.9, 1.2],
            intensities: vec![intensities],
            ..base.clone()
        };
        let spacing = [numbers(&case["spacing"]); 2];
        let ours = Prepared::new(&[image], [rows, columns], spacing, &plans).expect("prepared");
        let [[top, bottom], [left, right]]: [[usize; 2]; 2] = numbers(&case["crop"]);
        let crop = ours.crop;
        assert_eq!((crop.top, crop.rows, crop.left, crop.columns), (top, bottom - top, left, right - left));
        assert_eq!([ours.rows, ours.columns], numbers::<[usize; 2]>(&case["result"]["shape"]), "{scheme:?}");
        let gap = difference(&ours.channels[0], &case["result"]);
        assert!(gap < 1e-5, "{scheme:?}: {gap:.1e}");
    }
}

#[test]
fn the_loss_is_dice_and_cross_entropy_under_deep_supervision() {
    for case in expected("loss").as_array().expect("cases") {
        let shapes = [[2, 4, 16, 12], [2, 4, 8, 6], [2, 4, 4, 3]];
        let tensor =
            |values: Vec<f32>, shape: &[usize]| Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
        let logits: Vec<Var> = shapes
            .iter()
            .enumerate()
            .map(|(i, s)| Var::from_tensor(&tensor(values(&format!("logits{i}"), s), s)).unwrap())
            .collect();
        let labels: Vec<Tensor> = shapes
            .iter()
            .enumerate()
            .map(|(i, [b, _, h, w])| {
                let uniform = values(&format!("target{i}"), &[*b, 1, *h, *w]);
                let label = |v: f32| ((v / 12_f32.sqrt() + 0.5) * 3.999).floor() as u32;
                Tensor::from_vec(
                    uniform.into_iter().map(label).collect::<Vec<_>>(),
                    (*b, *h, *w),
                    &Device::Cpu,
                )
                .unwrap()
            })
            .collect();
        let given: Vec<Tensor> = logits.iter().map(|var| var.as_tensor().clone()).collect();
        let loss =
            supervised_loss(&given, &labels, numbers(&case["batch_dice"]), None).unwrap().sum_all().unwrap();
        let ours = f64::from(loss.to_scalar::<f32>().unwrap());
        let theirs = case["loss"].as_f64().expect("a loss");
        assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
        let gradients = loss.backward().unwrap();
        for (var, theirs) in [(&logits[0], &case["gradient"]), (&logits[1], &case["coarser"])] {
            let gradient = gradients.get(var).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let gap = difference(&gradient, theirs);
            assert!(gap < 1e-4, "{gap:.1e}");
        }
    }
}

#[test]
fn a_trained_folder_gives_the_masks_of_nnunet() {
    for (name, folds, count) in [("one", &["0"][..], 1), ("two", &[], 2), ("small", &["0"], 1)] {
        let film = imaging::open(&file(&format!("film_{name}.png"))).expect("a film");
        let theirs = &expected("predictions")[name];
        let model = model(folds);
        assert_eq!(model.folds(), count);
        let image =
            Prepared::new(&[film.grey()], [film.rows, film.columns], [1.0, 1.0], model.plans()).unwrap();
        let logits = model.logits(&image, &Job::silent()).unwrap();
        let gap = difference(&logits, &theirs["logits"]);
        let gap_16 = difference(&logits, &theirs["logits_16_bit"]);
        assert!(gap < 1e-4, "{name}: {gap:.1e} from nnU-Net with 32-bit sums");
        assert!(gap_16 < 1e-3, "{name}: {gap_16:.1e} from nnU-Net as it is");
        let (masks, warnings) = model.segment(&film, &Job::silent()).unwrap();
        assert!(warnings.is_empty());
        let read = |kind: &str| -> Vec<u8> {
            let mask = imaging::open(&file(&format!("{kind}_{name}.png"))).expect("a mask");
            mask.stored.iter().map(|label| *label as u8).collect()
        };
        let mask = read("mask");
        for label in &model.dataset().labels {
            let overlap = Overlap::of_label(&masks.labels, &mask, &label.value).expect("one size");
            // The small film does not show all of them.
            assert!(overlap.reference > 0 || name == "small", "nnU-Net found no {}", label.name);
            if overlap.reference + overlap.predicted == 0 {
                continue;
            }
            assert!(overlap.dice() >= 0.999, "{name} {}: Dice {}", label.name, overlap.dice());
        }
        // As it is, nnU-Net adds up and resamples logits of 16 bits: near ties fall otherwise.
        let rounded = read("mask_16_bit");
        let wrong = masks.labels.iter().zip(&rounded).filter(|(a, b)| a != b).count();
        let changed: usize = numbers(&theirs["pixels_that_16_bit_sums_change"]);
        println!("{name}: logits {gap:.1e} / {gap_16:.1e}, {wrong} ({changed}) of {} pixels", mask.len());
        assert!(wrong <= changed, "{name}: {wrong} pixels are not those of nnU-Net as it is");
        let [ours, theirs] =
            [&masks.labels, &rounded].map(|labels| labels.iter().map(|l| *l > 0).collect::<Vec<_>>());
        let dice = Overlap::of_masks(&ours, &theirs).expect("one size").dice();
        assert!(dice >= 0.999, "{name}: Dice {dice} of all labels together");
    }
}

#[test]
fn folders_that_are_not_whole_are_errors_that_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let load =
        |folds: &[String]| NnUnet::load(folder.path(), folds, DeviceChoice::Cpu).unwrap_err().to_string();
    assert!(load(&[]).contains("dataset.json"));
    for name in ["dataset.json", "plans.json"] {
        std::fs::copy(file("model").join(name), folder.path().join(name)).unwrap();
    }
    assert!(load(&[]).contains("no fold"));
    assert!(load(&["3".to_owned()]).contains("fold_3"));
    // A network of other widths: the list says what does not fit.
    let fold = folder.path().join("fold_0");
    std::fs::create_dir(&fold).unwrap();
    std::fs::copy(file("model/fold_0/checkpoint_final.pth"), fold.join("checkpoint_final.pth")).unwrap();
    assert!(NnUnet::load(folder.path(), &[], DeviceChoice::Cpu).is_ok());
    let plans = std::fs::read_to_string(file("model/plans.json")).unwrap();
    let mut plans: Value = serde_json::from_str(&plans).unwrap();
    plans["configurations"]["2d"]["architecture"]["arch_kwargs"]["features_per_stage"] =
        serde_json::json!([6, 8, 12]);
    std::fs::write(folder.path().join("plans.json"), plans.to_string()).unwrap();
    let error = load(&[]);
    assert!(error.contains("of another shape") && error.contains("encoder.stages.2"), "{error}");
}

/// Phantoms with a small network; what is learnt by heart is not augmented.
fn by_heart(count: usize, steps: usize, features: &[usize]) -> NnUnetConfig {
    let mut config = NnUnetConfig { device: DeviceChoice::Cpu, ..NnUnetConfig::default() };
    config.system.fold = "all".to_owned();
    config.system.patch = Some([96, 96]);
    config.system.features = Some(features.to_vec());
    config.system.batch = Some(2);
    config.system.every = steps;
    config.phantoms = PhantomSet { count, size: 96, variation: 0.2 };
    config.augment = AugmentConfig::OFF;
    config.optimiser.steps = steps;
    config
}

#[test]
fn a_run_that_was_stopped_goes_on_as_if_it_had_not_been_and_leaves_a_model() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = NnUnetConfig { augment: AugmentConfig::default(), ..by_heart(3, 6, &[4, 8, 8]) };
    let run = |out: &Path, resume: bool, stop: Option<usize>| {
        let (job, mut losses) = (Job::silent(), Vec::new());
        let outcome = train(&config, out, resume, &job, |event| {
            if let NnUnetEvent::Step(row) = event {
                losses.push(row.loss);
                if Some(row.step) == stop {
                    job.cancel();
                }
            }
        });
        (outcome, losses)
    };
    let (outcome, losses) = run(whole.path(), false, None);
    let dice = outcome.unwrap();
    assert_eq!((losses.len(), dice.images), (6, 3));
    let (stopped, mut first) = run(broken.path(), false, Some(3));
    assert!(matches!(stopped, Err(TrainError::Cancelled(_))));
    first.extend(run(broken.path(), true, None).1);
    assert_eq!(first, losses);
    let weights = |out: &Path| std::fs::read(out.join("fold_all/checkpoint_final.safetensors")).unwrap();
    let read = |out: &Path| Checkpoint::read(&out.join("fold_all/checkpoint_final.safetensors")).unwrap();
    assert_eq!(weights(whole.path()).len(), weights(broken.path()).len());
    for (name, tensor) in read(whole.path()).tensors() {
        let gap = (tensor - &read(broken.path()).tensors()[name]).unwrap().abs().unwrap().max_all().unwrap();
        assert_eq!(gap.to_scalar::<f32>().unwrap(), 0.0, "{name}");
    }
    let model = NnUnet::load(whole.path(), &[], DeviceChoice::Cpu).unwrap();
    let names: Vec<&str> = model.dataset().labels.iter().map(|label| label.name.as_str()).collect();
    assert_eq!(names, ["ilium", "ischium", "pubis", "femur", "nucleus"]);
    let film = coxa::imaging::Radiograph::from_grey(80, 70, &[0.5; 5600], 8).unwrap();
    let (masks, _) = model.segment(&film, &Job::silent()).unwrap();
    assert_eq!((masks.rows, masks.columns, masks.labels.len()), (80, 70, 5600));
    let other = NnUnetConfig { seed: 9, ..config.clone() };
    let again = train(&other, whole.path(), true, &Job::silent(), |_| {});
    assert!(matches!(again, Err(TrainError::Resume(_))));
}

/// Minutes: `cargo test --release --test nnunet -- --ignored --nocapture`.
#[test]
#[ignore = "learns for minutes"]
fn eight_phantoms_are_learnt_by_heart_in_1500_steps() {
    let out = tempfile::tempdir().unwrap();
    let mut config = by_heart(8, 1500, &[16, 32, 64]);
    config.system.patch = Some([64, 64]);
    config.system.every = 250;
    config.phantoms.size = 64;
    let dice = train(&config, out.path(), false, &Job::silent(), |event| {
        if let NnUnetEvent::Validation { step, dice } = event {
            println!("step {step}: Dice {:.4} {:.4?}", dice.mean, dice.labels);
        }
    });
    assert!(dice.unwrap().mean > 0.98);
}
