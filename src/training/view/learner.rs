//! The classifier in training: pictures in, cross-entropy out.

use super::super::TrainError;
use super::super::fr_ddh::loss::cross_entropy;
use super::super::learner::{Learner, Loss};
use super::guise::ViewSample;
use crate::models::view::{Architecture, PLANES, ViewNet};
use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

/// The network with what its loss must know.
#[derive(Debug)]
pub struct ViewLearner {
    network: ViewNet,
    side: usize,
    device: Device,
}

impl ViewLearner {
    /// # Errors
    /// A network that cannot be built.
    pub fn new(architecture: &Architecture, vb: VarBuilder) -> Result<Self> {
        let device = vb.device().clone();
        Ok(Self { network: ViewNet::new(architecture, vb)?, side: architecture.side, device })
    }
}

impl Learner for ViewLearner {
    type Sample = ViewSample;
    const PARTS: &'static [&'static str] = &["cross_entropy"];

    fn loss(&self, share: &[ViewSample]) -> std::result::Result<Loss, TrainError> {
        let values: Vec<f32> = share.iter().flat_map(|sample| sample.planes.iter().copied()).collect();
        let x = Tensor::from_vec(values, (share.len(), PLANES, self.side, self.side), &self.device)?;
        let wanted: Vec<u32> = share.iter().map(|sample| sample.content.index() as u32).collect();
        let total = cross_entropy(&self.network.forward(&x)?, &wanted)?;
        Ok(Loss { parts: total.detach().unsqueeze(0)?, total })
    }
}
