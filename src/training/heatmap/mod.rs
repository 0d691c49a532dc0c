//! Training of the two systems of [`crate::models::heatmap`]: heat maps ([`fai`]) and labels ([`label_augmentation`]).

mod curriculum;
pub mod fai;
pub mod guise;
pub mod label_augmentation;
pub(super) mod temperature;

pub use curriculum::Curriculum;
pub use fai::FaiConfig;
pub use guise::GuiseConfig;
pub use label_augmentation::LabelAugmentationConfig;

use super::augment::Sample;
use crate::models::heatmap::{Architecture, repeated};
use candle_core::{Device, Result, Tensor};

/// The pictures of `samples` as a batch for the network: `[samples, channels, side, side]`.
fn images(samples: &[Sample], side: usize, architecture: Architecture, device: &Device) -> Result<Tensor> {
    let values: Vec<f32> = samples.iter().flat_map(|sample| sample.values.iter().copied()).collect();
    repeated(&Tensor::from_vec(values, (samples.len(), 1, side, side), device)?, architecture)
}
