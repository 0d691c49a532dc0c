//! Landmarks as the maxima of planes that a U-Net gives, one for each: the systems of two papers.
//!
//! - Heat maps: "Automated Landmark Detection for assessing hip conditions: A Cross-Modality Validation of MRI versus
//!   X-ray". UNet++ with a ResNet-18 encoder; each plane's softmax over the image is the probability of the landmark's
//!   place. X-ray, and the middle slice of a coronal MR.
//! - Labels: Y. Suh, P. Chan, J. R. Martin, D. Moyer, "Label Augmentation Method for Medical Landmark Detection in Hip
//!   Radiograph Images". A U-Net classifies pixels as parts of a landmark's label; the most probable pixel is the
//!   landmark.
//!
//! Both are read alike ([`reading`]): the softmax over the image of a landmark's logits. Of labels it is the odds of
//! every pixel as a share of all odds; its maximum is that of the logits, which the paper takes.

mod detector;
mod network;
mod plan;
pub mod reading;
pub mod view;

pub use detector::{Atlas, HeatmapDetector};
pub use network::{Network, repeated};
pub use plan::{Architecture, Decoder, HeatmapPlan, Meaning, Modality};
