//! What is timed, and how this program computes it.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Optimizer, VarBuilder};

use super::engine::Local;
use super::forests;
use super::formula::{formula, values};
use super::graph::{Graph, INPUT, Op};
use super::interpret::{Interpreter, Kit, trainable};
use super::networks;
use crate::job::Job;
use crate::models::LandmarkDetector;
use crate::models::encoder::EncoderKind;
use crate::models::fr_ddh::anchors::anchors;
use crate::models::fr_ddh::proposals::propose;
use crate::models::fr_ddh::{FrDdh, FrDdhPlan};
use crate::models::heatmap::{self, Decoder};
use crate::models::plain_conv_unet::{self, PlainConvUnet};
use crate::models::resnet::Depth;
use crate::models::whdv::{self, Whdv};

/// The network whose module is timed as ours.
#[derive(Debug, Clone)]
enum Network {
    Unet(heatmap::Architecture),
    PlainConvUnet(plain_conv_unet::Architecture),
    Whdv(whdv::Architecture),
    FrDdh(FrDdhPlan),
    /// Forests for so many points.
    Clm(usize),
    /// The graph itself, made of our layers.
    Layers,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: &'static str,
    pub title: String,
    pub graph: Graph,
    /// Shape of the target where a training step is timed.
    pub target: Option<Vec<usize>>,
    network: Network,
}

/// Points of the proximal femur's outline.
const OUTLINE: usize = 58;

/// The networks, the small ones first.
pub fn network_cases() -> Vec<Case> {
    let whdv = whdv::Architecture::default();
    let nnunet =
        plain_conv_unet::Architecture::halving(1, 6, vec![32, 64, 128, 256, 512, 512, 512, 512, 512]);
    let case = |name, title: &str, graph, network| Case {
        name,
        title: title.to_owned(),
        graph,
        target: None,
        network,
    };
    let unet = |decoder, encoder, channels| {
        Network::Unet(heatmap::Architecture { decoder, encoder, encoder_depth: 5, channels })
    };
    let paper = |name, title: &str, points, [rows, columns]: [usize; 2]| {
        let architecture = whdv::Architecture::paper(points);
        case(name, title, networks::whdv(&architecture, rows, columns), Network::Whdv(architecture))
    };
    let training = Case {
        target: Some(vec![4, 8, 256, 192]),
        ..case(
            "training",
            "training step of a U-Net of 4 levels, 4 × 1 × 256 × 192",
            networks::small_unet([4, 1, 256, 192], 8),
            Network::Layers,
        )
    };
    vec![
        case("whdv", "WHDV, 256 × 256", networks::whdv(&whdv, 256, 256), Network::Whdv(whdv)),
        paper("whdv-global", "WHDV of the paper, global searcher, 192 × 256", 2, [192, 256]),
        paper("whdv-local", "WHDV of the paper, local searcher of 58 points, 224 × 224", 58, [224, 224]),
        case(
            "unet",
            "U-Net, ResNet-18 encoder, 512 × 512",
            networks::unet(Depth::Resnet18, [1, 3, 512, 512], 8),
            unet(Decoder::Unet, Depth::Resnet18.into(), 3),
        ),
        case(
            "label-augmentation",
            "label augmentation: U-Net, ResNet-50 encoder, 512 × 512",
            networks::unet(Depth::Resnet50, [1, 3, 512, 512], 20),
            unet(Decoder::Unet, Depth::Resnet50.into(), 3),
        ),
        case(
            "fai",
            "FAI heat maps: UNet++, ResNet-18 encoder, 512 × 512",
            networks::unet_plus_plus(Depth::Resnet18, [1, 1, 512, 512], 4),
            unet(Decoder::UnetPlusPlus, Depth::Resnet18.into(), 1),
        ),
        case(
            "fai-vgg16",
            "FAI heat maps: UNet++, VGG-16 encoder, 512 × 512",
            networks::unet_plus_plus(EncoderKind::Vgg16, [1, 1, 512, 512], 4),
            unet(Decoder::UnetPlusPlus, EncoderKind::Vgg16, 1),
        ),
        Case {
            name: "rfrv-clm",
            title: format!("RFRV-CLM, {OUTLINE} points, three stages, both polarities, 2048 × 2048"),
            graph: Graph::new([1, 1, 2048, 2048]),
            target: None,
            network: Network::Clm(OUTLINE),
        },
        fr_ddh("frddh18", Depth::Resnet18),
        fr_ddh("frddh101", Depth::Resnet101),
        training,
        case(
            "nnunet",
            "nnU-Net, 9 stages of 32…512 features, 1536 × 1024",
            networks::plain_conv_unet(&nnunet, 1536, 1024),
            Network::PlainConvUnet(nnunet),
        ),
    ]
}

/// FR-DDH on a film of 600 × 800, which becomes whole cells. The graph is its input only: between its layers boxes are
/// chosen, which no step of a graph does.
fn fr_ddh(name: &'static str, backbone: Depth) -> Case {
    Case {
        name,
        title: format!("FR-DDH, {backbone:?}, 600 × 800, 300 proposals"),
        graph: Graph::new([1, 3, 608, 800]),
        target: None,
        network: Network::FrDdh(FrDdhPlan { backbone, ..FrDdhPlan::default() }),
    }
}

/// Single layers on 64 channels at 256 × 256.
pub fn layer_cases() -> Vec<Case> {
    let convolution = |name, size: usize, stride: usize, inputs: usize| {
        let title = format!("convolution {inputs}→64, {size} × {size}, stride {stride}");
        let step = |g: &mut Graph| {
            g.convolution("layer", INPUT, 64, [size, stride], true);
        };
        (name, title, networks::single(inputs, 256, step))
    };
    let plain = |name, title: &str, op: Op| {
        let step = |g: &mut Graph| {
            g.apply(op, "layer", INPUT);
        };
        (name, title.to_owned(), networks::single(64, 256, step))
    };
    let transposed = |g: &mut Graph| {
        g.transposed("layer", INPUT, 64, 2);
    };
    let layers = vec![
        convolution("conv3x3", 3, 1, 64),
        convolution("conv1x1", 1, 1, 64),
        convolution("conv3x3s2", 3, 2, 64),
        convolution("conv7x7s2", 7, 2, 3),
        (
            "transposed",
            "transposed convolution 64→64, stride 2".to_owned(),
            networks::single(64, 128, transposed),
        ),
        plain("maxpool2", "max pool 2 × 2", Op::MaxPool { size: 2, stride: 2, padding: 0 }),
        plain("maxpool3", "max pool 3 × 3, stride 2", Op::MaxPool { size: 3, stride: 2, padding: 1 }),
        plain("avgpool2", "average pool 2 × 2", Op::AveragePool { size: 2 }),
        plain("nearest", "nearest up-sampling to 512", Op::Nearest),
        plain("bilinear", "bilinear up-sampling to 512", Op::Bilinear),
        plain("instancenorm", "instance norm", Op::InstanceNorm),
        plain("groupnorm", "group norm, 8 groups", Op::GroupNorm { groups: 8 }),
        plain("relu", "ReLU", Op::Rectifier { slope: 0.0 }),
    ];
    let case = |(name, title, graph)| Case { name, title, graph, target: None, network: Network::Layers };
    layers.into_iter().map(case).collect()
}

fn named(name: &str, shape: &[usize]) -> Result<Tensor> {
    Tensor::from_vec(values(name, shape), shape, &Device::Cpu)
}

impl Case {
    /// Why no other engine computes it, where that is so.
    pub fn ours_alone(&self) -> Option<&'static str> {
        match self.network {
            Network::FrDdh(_) => Some("it chooses boxes between its layers"),
            Network::Clm(_) => Some("it is no network"),
            _ => None,
        }
    }

    /// This program with our layers: the network's own module in its fastest form.
    ///
    /// # Errors
    /// A graph that is not the network's.
    pub fn ours(&self, threads: usize) -> Result<Local> {
        if self.target.is_some() {
            return self.training(Kit::Ours, threads);
        }
        let input = named("input", &self.graph.input)?;
        let vb = formula(&Device::Cpu);
        let outputs = self.graph.steps.last().map_or(0, |step| step.channels);
        match &self.network {
            Network::Unet(architecture) => {
                let network = heatmap::Network::new(*architecture, outputs, vb)?.folded()?;
                Local::new(threads, move || network.forward(&input, false))
            }
            Network::PlainConvUnet(architecture) => {
                let network = PlainConvUnet::new(architecture, vb)?;
                Local::new(threads, move || network.forward(&input))
            }
            Network::Whdv(architecture) => {
                let network = Whdv::new(architecture, vb)?;
                Local::new(threads, move || network.raw(&input))
            }
            Network::FrDdh(plan) => {
                let (network, plan) = (FrDdh::new(plan, 6, vb)?.folded()?, plan.clone());
                Local::new(threads, move || {
                    let features = network.features(&input, false)?;
                    let (_, _, rows, columns) = features.dims4()?;
                    let anchors = anchors(&plan.anchors, [rows, columns], plan.stride());
                    let objectness = network.objectness(&features)?;
                    let logits = objectness.logits.flatten_all()?.to_vec1()?;
                    // Weights by formula move anchors off the image: they stay, so that there is something to look at.
                    let codes = vec![[0.0; 4]; anchors.len()];
                    let found = propose(&anchors, &logits, &codes, [600, 800], &plan.proposals)?;
                    let boxes = [found.iter().map(|proposal| proposal.bbox).collect()];
                    Ok(network.classify(&features, &boxes)?.codes)
                })
            }
            Network::Clm(points) => {
                let detector = forests::detector(*points).map_err(candle_core::Error::wrap)?;
                let [_, _, rows, columns] = self.graph.input;
                let grey = input.flatten_all()?.to_vec1::<f32>()?;
                Local::new(threads, move || {
                    let found = detector.detect(&grey, rows, columns, &Job::silent());
                    let points = found.map_err(candle_core::Error::wrap)?.points;
                    let places: Vec<f32> = points
                        .iter()
                        .flatten()
                        .flat_map(|point| [point.position.x as f32, point.position.y as f32])
                        .collect();
                    Tensor::new(places, &Device::Cpu)
                })
            }
            Network::Layers => self.inference(Kit::Ours, threads),
        }
    }

    /// This program with the layers of candle as published.
    ///
    /// # Errors
    /// A layer that candle does not have.
    pub fn candle(&self, threads: usize) -> Result<Local> {
        match self.target {
            Some(_) => self.training(Kit::Candle, threads),
            None => self.inference(Kit::Candle, threads),
        }
    }

    fn inference(&self, kit: Kit, threads: usize) -> Result<Local> {
        let input = named("input", &self.graph.input)?;
        let network = Interpreter::new(&self.graph, kit, &formula(&Device::Cpu))?;
        Local::new(threads, move || network.forward(&input, false))
    }

    /// A step of AdamW on the mean squared error; its value is the loss before the step.
    fn training(&self, kit: Kit, threads: usize) -> Result<Local> {
        let input = named("input", &self.graph.input)?;
        let target = named("target", self.target.as_deref().unwrap_or_default())?;
        let map = trainable(&self.graph, &Device::Cpu)?;
        let vb = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let network = Interpreter::new(&self.graph, kit, &vb)?;
        let mut optimiser = candle_nn::AdamW::new_lr(map.all_vars(), 1e-3)?;
        Local::new(threads, move || {
            let loss = (network.forward(&input, true)? - &target)?.sqr()?.mean_all()?;
            optimiser.backward_step(&loss)?;
            Ok(loss.detach())
        })
    }
}
