//! Networks in candle: layers, architectures, weights, devices, prediction.

pub mod bench;
pub mod catalogue;
pub mod checkpoint;
pub mod contrast;
pub mod conv_norm;
pub mod decoder_block;
pub mod device;
pub mod encoder;
pub mod fr_ddh;
pub mod frame;
pub mod heatmap;
pub mod installed;
pub mod landmark_detector;
pub mod layers;
pub mod looks;
pub mod members;
pub mod nnunet;
pub mod plain_conv_unet;
pub mod plan;
pub mod predictor;
pub mod pyramid;
pub mod resnet;
pub mod rfrv_clm;
pub mod similarity;
pub mod system;
pub mod unet;
pub mod unet_plus_plus;
pub mod vgg;
pub mod view;
pub mod voting;
pub mod whdv;
pub mod whdv_detector;
pub mod whdv_searchers;

pub use catalogue::{ModelCard, catalogue};
pub use device::{DeviceChoice, device};
pub use frame::Frame;
pub use landmark_detector::{DetectError, Detected, Detection, LandmarkDetector, NotFound};
pub use plan::Plan;
pub use predictor::{PredictError, Prediction, Predictor};
pub use system::System;
pub use view::{Pipeline, View};

use std::path::PathBuf;

/// Why a network cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("no model is called {id:?}; there are: {known}")]
    Unknown { id: String, known: String },
    #[error("model {id}: {reason}")]
    Damaged { id: String, reason: String },
    #[error("{reason}: {}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("device {choice}: {reason}")]
    Device { choice: String, reason: String },
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}
