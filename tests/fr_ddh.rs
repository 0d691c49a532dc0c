//! FR-DDH against torchvision's ResNets and Faster R-CNN, on weights and images by formula (`tests/oracle/fr_ddh.py` made
//! the expectations): features, proposals, the best box of every class, targets, losses, gradients.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use coxa::models::bench::formula::{formula, values};
use coxa::models::fr_ddh::anchors::anchors;
use coxa::models::fr_ddh::pick::pick;
use coxa::models::fr_ddh::proposals::{ProposalOptions, propose};
use coxa::models::fr_ddh::{BBox, FrDdh, FrDdhImage, FrDdhPlan, batch};
use coxa::models::resnet::{Depth, ResNet};
use coxa::training::fr_ddh::config::{FrDdhLossConfig, MatchConfig};
use coxa::training::fr_ddh::targets::{Match, match_boxes};
use coxa::training::fr_ddh::{FrDdhConfig, FrDdhLearner, FrDdhSample};
use serde_json::Value;
use std::collections::HashMap;

/// Of the largest magnitude of the expected tensor.
const TOLERANCE: f64 = 1e-4;

fn expected(part: &str) -> Value {
    let text = include_str!("oracle/fr_ddh.json");
    serde_json::from_str::<Value>(text).expect("expectations")[part].clone()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// Compares a tensor with the samples that are stored of it.
fn compare(what: &str, ours: &Tensor, expected: &Value) -> Result<()> {
    let shape: Vec<usize> = floats(&expected["shape"]).into_iter().map(|side| side as usize).collect();
    assert_eq!(ours.elem_count(), shape.iter().product::<usize>(), "{what} {:?} {shape:?}", ours.dims());
    let (theirs, largest) = (floats(&expected["values"]), expected["largest"].as_f64().expect("largest"));
    let flat = ours.flatten_all()?.to_vec1::<f32>()?;
    let last = theirs.len() - 1;
    for (sample, theirs) in theirs.iter().enumerate() {
        let ours = f64::from(flat[sample * (flat.len() - 1) / last]);
        let difference = (ours - theirs).abs() / largest;
        assert!(difference <= TOLERANCE, "{what} sample {sample}: {ours} is not {theirs}, {difference:.1e}");
    }
    Ok(())
}

/// Conv5 of every depth, built under torchvision's names.
#[test]
fn resnets_equal_torchvision() -> Result<()> {
    let x = Tensor::from_vec(values("input", &[1, 3, 64, 96]), (1, 3, 64, 96), &Device::Cpu)?;
    let depths = [
        ("resnet18", Depth::Resnet18),
        ("resnet34", Depth::Resnet34),
        ("resnet50", Depth::Resnet50),
        ("resnet101", Depth::Resnet101),
    ];
    for (name, depth) in depths {
        let network = ResNet::new(depth, 3, formula(&Device::Cpu))?;
        let features = network.forward(&x, false)?;
        let channels: Vec<usize> = features.iter().map(|x| x.dim(1)).collect::<Result<_>>()?;
        assert_eq!(channels, depth.channels());
        compare(name, &features[4], &expected("conv5")[name])?;
        compare(name, &network.folded()?.forward(&x, false)?[4], &expected("conv5")[name])?;
    }
    Ok(())
}

/// The detector of the oracle, its variables, images with their landmarks, and what torchvision said.
struct Case {
    plan: FrDdhPlan,
    vars: HashMap<String, Var>,
    network: FrDdh,
    samples: Vec<FrDdhSample>,
    expected: Value,
}

fn case() -> Result<Case> {
    let expected = expected("detector");
    let plan = FrDdhPlan {
        backbone: Depth::Resnet18,
        anchors: vec![48.0, 96.0],
        pooled: 3,
        hidden: 64,
        proposals: ProposalOptions { before: 300, after: 30, ..ProposalOptions::default() },
        ..FrDdhPlan::default()
    };
    let map = VarMap::new();
    let network = FrDdh::new(&plan, 4, VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu))?;
    let vars = map.data().lock().expect("variables").clone();
    for (name, var) in &vars {
        let scale = expected["scales"][name].as_f64().unwrap_or(1.0) as f32;
        let values = values(name, var.dims()).into_iter().map(|value| value * scale).collect();
        var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu)?)?;
    }
    let side = expected["box"].as_f64().expect("a side") as f32;
    let landmarks = expected["landmarks"].as_array().expect("landmarks");
    let sizes = expected["sizes"].as_array().expect("sizes");
    let sample = |(index, (size, landmarks)): (usize, (&Value, &Value))| {
        let [rows, columns] = floats(size)[..] else { panic!("rows and columns") };
        let (rows, columns) = (rows as usize, columns as usize);
        let image = FrDdhImage {
            values: values(&format!("input{index}"), &[rows, columns]),
            rows,
            columns,
            scale: [1.0; 2],
            contrast: 1.0,
        };
        let landmark = |landmark: &Value| match floats(landmark)[..] {
            [class, x, y] => (class as usize, BBox::square(x as f32, y as f32, side)),
            _ => panic!("class, x and y"),
        };
        let boxes = landmarks.as_array().expect("landmarks").iter().map(landmark).collect();
        FrDdhSample { image, boxes, seed: 1 }
    };
    let samples = sizes.iter().zip(landmarks).enumerate().map(sample).collect();
    Ok(Case { plan, vars, network, samples, expected })
}

impl Case {
    fn images(&self) -> Result<Tensor> {
        let images: Vec<&FrDdhImage> = self.samples.iter().map(|sample| &sample.image).collect();
        batch(&images, self.plan.stride(), &Device::Cpu)
    }
}

#[test]
fn detection_equals_torchvision() -> Result<()> {
    let case = case()?;
    let (network, theirs) = (&case.network, &case.expected);
    let images = case.images()?;
    let features = network.features(&images, false)?;
    compare("features", &features, &theirs["features"])?;
    compare("folded features", &network.folded()?.features(&images, false)?, &theirs["features"])?;
    let objectness = network.objectness(&features)?;
    compare("objectness", &objectness.logits, &theirs["objectness"])?;
    compare("anchor codes", &objectness.codes, &theirs["anchor_codes"])?;
    let anchors = anchors(&case.plan.anchors, [5, 7], case.plan.stride());
    let mut proposals = Vec::new();
    for (image, sample) in case.samples.iter().enumerate() {
        let logits = objectness.logits.get(image)?.to_vec1::<f32>()?;
        let codes = objectness.codes.get(image)?.flatten_all()?.to_vec1::<f32>()?;
        let size = [sample.image.rows, sample.image.columns];
        let found = propose(&anchors, &logits, codes.as_chunks().0, size, &case.plan.proposals)?;
        let flat = floats(&theirs["proposals"][image]);
        let expected = flat.as_chunks::<4>().0;
        // Identical suppression: the same boxes in the same order.
        assert_eq!(found.len(), expected.len(), "image {image}");
        for (ours, theirs) in found.iter().zip(expected) {
            let near = ours.bbox.0.iter().zip(theirs).all(|(a, b)| (f64::from(*a) - b).abs() < 0.01);
            assert!(near, "image {image}: {ours:?} is not {theirs:?}");
        }
        proposals.push(found.iter().map(|proposal| proposal.bbox).collect());
    }
    let classified = network.classify(&features, &proposals)?;
    compare("logits", &classified.logits, &theirs["logits"])?;
    compare("codes", &classified.codes, &theirs["codes"])?;
    let mut best = theirs["best"].as_array().expect("best boxes").iter();
    for (image, sample) in case.samples.iter().enumerate() {
        let size = [sample.image.rows, sample.image.columns];
        for scored in network.boxes(&images.get(image)?.unsqueeze(0)?, size)? {
            let theirs = floats(best.next().expect("a best box"));
            let picked = pick(&scored, false, case.plan.stride()).expect("a box");
            let ours = scored.iter().max_by(|a, b| a.score.total_cmp(&b.score)).expect("a box");
            assert!((f64::from(ours.score) - theirs[4]).abs() < 1e-4, "{ours:?} is not {theirs:?}");
            // torchvision clips what it detects.
            let clipped = ours.bbox.clipped(size).0.map(f64::from);
            assert!(
                clipped.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 0.02),
                "{ours:?} is not {theirs:?}"
            );
            assert_eq!(picked.centre, ours.bbox.centre().map(f64::from));
        }
    }
    assert!(best.next().is_none());
    Ok(())
}

/// torchvision's means over the anchors that count are ours where λ is chosen for it; every anchor and every region
/// counts, so that nothing is left to chance.
#[test]
fn losses_and_gradients_equal_torchvision() -> Result<()> {
    let case = case()?;
    let theirs = &case.expected;
    let everything = 1_000_000;
    let anchors = anchors(&case.plan.anchors, [5, 7], case.plan.stride());
    let of_anchors = MatchConfig { batch: everything, ..MatchConfig::default() };
    for (sample, labels) in case.samples.iter().zip(theirs["anchor_labels"].as_array().expect("labels")) {
        let truth: Vec<BBox> = sample.boxes.iter().map(|(_, bbox)| *bbox).collect();
        let letter = |found: &Match| match found {
            Match::Positive(_) => '1',
            Match::Negative => '0',
            Match::Between => '-',
        };
        let ours: String = match_boxes(&anchors, &truth, &of_anchors).iter().map(letter).collect();
        assert_eq!(Some(ours.as_str()), labels.as_str());
    }
    let counted = theirs["anchors_that_count"].as_f64().expect("a count");
    let config = FrDdhConfig {
        plan: case.plan.clone(),
        anchors: of_anchors,
        regions: MatchConfig { batch: everything, positive_share: 0.5, ..FrDdhConfig::default().regions },
        proposals: ProposalOptions { before: 2000, after: 40, ..ProposalOptions::default() },
        loss: FrDdhLossConfig { lambda: 5.0 * 7.0 * 2.0 / counted, head_lambda: 1.0, beta: 1.0 / 9.0 },
        frozen_norms: true,
        ..FrDdhConfig::default()
    };
    let learner = FrDdhLearner::new(case.network, config, Device::Cpu);
    let parts = learner.parts(&case.samples)?;
    for (ours, theirs) in parts.iter().zip(floats(&theirs["losses"])) {
        let ours = f64::from(ours.to_scalar::<f32>()?);
        assert!((ours - theirs).abs() <= TOLERANCE * theirs, "{ours} is not {theirs}");
    }
    let gradients = Tensor::stack(&parts, 0)?.sum_all()?.backward()?;
    for (name, theirs) in theirs["gradients"].as_object().expect("gradients") {
        let ours = gradients.get(&case.vars[name]).unwrap_or_else(|| panic!("{name} has a gradient"));
        compare(name, ours, theirs)?;
    }
    Ok(())
}
