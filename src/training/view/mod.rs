//! Training of the classifier that tells what a picture shows ([`crate::models::view`]).
//!
//! Every picture is simulated: infants, adults' pelves and hips, coronal slices, hips with implants, and all that a
//! program for hips is also given. A shelf of them is made first; every batch takes some of it, each in another guise.

mod config;
mod guise;
mod learner;
mod run;
mod shelf;

pub use config::{ViewConfig, is_view};
pub use run::{ViewEvent, train};
