//! FR-DDH: landmarks detected as the patches around them, by Faster R-CNN.
//!
//! C. Liu, H. Xie, S. Zhang, J. Xu, J. Sun, Y. Zhang, "Misshapen Pelvis Landmark Detection by Spatial Local
//! Correlation Mining for Diagnosing Developmental Dysplasia of the Hip", MICCAI 2019; S. Ren, K. He, R. Girshick,
//! J. Sun, "Faster R-CNN", NIPS 2015. Names of variables and the arithmetic of boxes are torchvision's.
//!
//! # What the paper leaves open, and what is done here
//! - Features are those of conv5 at stride 32, as it says; region proposals and ROI pooling both read them. The fully
//!   connected layers are two of 1024, torchvision's choice.
//! - An anchor's centre lies on the corner of its cell, anchors that cross the border take part, and dimensions have no
//!   "+ 1": torchvision's conventions, not those of the first Faster R-CNN.
//! - A landmark's box is not clipped to the image, neither the true one nor the one detected: its centre would move.
//!   Proposals are clipped.
//! - Ours, both optional: [`Pooling::RoiAlign`], which does not round a proposal to cells; and
//!   [`FrDdhPlan::voted`], a second look at the mirrored film and the mean of the boxes that agree with the best.

pub mod anchors;
pub mod boxes;
mod detector;
mod image;
pub mod network;
pub mod pick;
mod plan;
pub mod proposals;

pub use boxes::BBox;
pub use detector::FrDdhDetector;
pub use image::{FrDdhImage, batch};
pub use network::FrDdh;
pub use plan::{FrDdhPlan, Pooling};
