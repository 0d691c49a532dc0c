//! Training of FR-DDH: patches, anchor matching, sampling, losses. See [`crate::models::fr_ddh`] for the papers.

pub mod config;
mod initialise;
mod learner;
pub mod loss;
mod sample;
pub mod targets;
#[cfg(test)]
mod tests;

pub use config::FrDdhConfig;
pub use initialise::initialise;
pub use learner::FrDdhLearner;
pub use sample::{FrDdhSample, sample};
