//! Training of nnU-Net's 2-D configuration: the fingerprint of a data set, the plans it leads to, and the run.
//!
//! After version 2 of the public program: the planner gives the same plans (`tests/nnunet.rs`), the loss is its loss,
//! the augmentations are its kinds with its probabilities and ranges. What comes out is a folder that
//! [`NnUnet`](crate::models::nnunet::NnUnet) reads; plans and data set also the public program.
//!
//! # Where it differs
//! The learning rate falls every step and not every epoch of 250; norms and biases do not decay; patches are cut and
//! turned in one interpolation; random numbers are ours, so the five folds are others.

mod augment;
mod cases;
mod config;
mod fingerprint;
mod folds;
mod learner;
mod loss;
mod planner;
mod run;

pub use augment::AugmentConfig;
pub use cases::Case;
pub use config::{NnUnetConfig, PhantomSet, SystemConfig, is_nn_unet};
pub use fingerprint::{Fingerprint, fingerprint};
pub use folds::{Split, folds, patient_of};
pub use loss::{deep_weights, supervised_loss};
pub use planner::{Budget, plan};
pub use run::{NnUnetEvent, train};
