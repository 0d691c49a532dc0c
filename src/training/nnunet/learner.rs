//! The network in training: patches in, Dice and cross-entropy at every resolution out.

use super::super::TrainError;
use super::super::learner::{Learner, Loss};
use super::augment::Patch;
use super::loss::supervised_loss;
use crate::models::nnunet::{Order, Plans, resize};
use crate::models::plain_conv_unet::PlainConvUnet;
use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

/// Slope below zero, for which kernels start a little smaller.
const SLOPE: f64 = 0.01;

/// A network with what its loss must know.
#[derive(Debug)]
pub(super) struct NnUnetLearner {
    plans: Plans,
    ignored: Option<u8>,
    device: Device,
    network: PlainConvUnet,
}

impl NnUnetLearner {
    pub fn new(plans: &Plans, ignored: Option<u8>, vb: VarBuilder) -> Result<Self> {
        let device = vb.device().clone();
        Ok(Self {
            plans: plans.clone(),
            ignored,
            device,
            network: PlainConvUnet::new(&plans.architecture, vb)?,
        })
    }

    /// Labels of the share at every resolution of the decoder, the finest first.
    fn targets(&self, share: &[Patch]) -> Result<Vec<Tensor>> {
        let strides = &self.plans.architecture.strides;
        let mut size = self.plans.patch;
        let mut targets = Vec::new();
        for stride in &strides[..strides.len() - 1] {
            size = [size[0] / stride[0], size[1] / stride[1]];
            let labels: Vec<u32> = share
                .iter()
                .flat_map(|patch| {
                    let numbers: Vec<f32> = patch.labels.iter().map(|label| f32::from(*label)).collect();
                    resize(&numbers, self.plans.patch, size, Order::Nearest).into_iter().map(|v| v as u32)
                })
                .collect();
            targets.push(Tensor::from_vec(labels, (share.len(), size[0], size[1]), &self.device)?);
        }
        Ok(targets)
    }
}

/// SD of the normal distribution that kernels start from; the head of nnU-Net is like the rest.
pub(super) fn initial_sd(shape: &[usize]) -> f64 {
    let fan_in: usize = shape.iter().skip(1).product();
    (2.0 / ((1.0 + SLOPE * SLOPE) * fan_in as f64)).sqrt()
}

impl Learner for NnUnetLearner {
    type Sample = Patch;
    const PARTS: &'static [&'static str] = &["dice", "cross_entropy"];

    fn loss(&self, share: &[Patch]) -> std::result::Result<Loss, TrainError> {
        let [rows, columns] = self.plans.patch;
        let values: Vec<f32> =
            share.iter().flat_map(|patch| patch.channels.iter().flatten().copied()).collect();
        let channels = self.plans.architecture.channels;
        let input = Tensor::from_vec(values, (share.len(), channels, rows, columns), &self.device)?;
        let logits = self.network.forward_deep(&input)?;
        let targets = self.targets(share)?;
        let parts = supervised_loss(&logits, &targets, self.plans.batch_dice, self.ignored.map(u32::from))?;
        Ok(Loss { total: parts.sum_all()?, parts: parts.detach() })
    }
}
