//! Networks in candle: layers, architectures, weights, devices, prediction.

pub mod bench;
pub mod catalogue;
pub mod contrast;
pub mod conv_norm;
pub mod detector;
pub mod device;
pub mod frame;
pub mod layers;
pub mod plain_conv_unet;
pub mod plan;
pub mod predictor;
pub mod pyramid;
pub mod resnet;
pub mod rfrv_clm;
pub mod similarity;
pub mod unet;
pub mod voting;
pub mod whdv;

pub use catalogue::{ModelCard, catalogue};
pub use detector::{DetectError, Detected, Detection, Detector};
pub use device::{DeviceChoice, device};
pub use frame::Frame;
pub use plan::Plan;
pub use predictor::{PredictError, Prediction, Predictor};

/// Why a network cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("no model is called {id:?}; there are: {known}")]
    Unknown { id: String, known: String },
    #[error("model {id}: {reason}")]
    Damaged { id: String, reason: String },
    #[error("device {choice}: {reason}")]
    Device { choice: String, reason: String },
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}
