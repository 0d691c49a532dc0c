//! A simulated AP film of an infant pelvis (2 months to 4 years) with exact truth.
//!
//! No patient is in it: a mean shape drawn after anatomy (`shape`), moved by forms drawn from a seed (`anatomy`),
//! laid down as attenuation (`soft`, `spine`, `bones`, `gas`, `artefacts`), exposed and processed like a film
//! (`film`) and marked like one (`overlay`). Geometry is in units of the TRC–TRC distance and knows no pixels
//! (`canvas::Frame`), so a seed gives the same anatomy at 256 px for training and at 2000 px for the eye.
//!
//! # What it was held against
//! Real films were looked at side by side with sheets of phantoms, and compared in what has no position of its own:
//! the radial power spectrum, the quantiles and the 8 × 8 layout of the standardised grey. The ranges drawn from
//! straddle those of real films on purpose: a network is to learn anatomy, not one machine. From 4 to 96 cycles per
//! film the mean spectrum of 300 cropped phantoms lies within .15 decade of theirs and its 10th to 90th percentile
//! .4 (coarse) to .8 (fine) decade to either side; at 2 to 4 cycles phantoms have .4 decade more.
//! Of the readers, only the convention was taken over: TRC and SMA lie where the shadow of the bone ends, the TRC at
//! where the roof begins at the lower border of the ilium, the SMA at the lateral end of the roof, also where the margin is
//! round. That the lower border may run level or fall further medially, so that the TRC is not its lowest point, was seen
//! where a network put the TRC of real films too far medially.
//!
//! # What it does not do
//! The projection is drawn, not computed from a volume, so rotation and tilt are approximations; hands, tubes and text
//! are hints of what they stand for.

mod anatomy;
mod artefacts;
mod bones;
pub(super) mod canvas;
pub(super) mod dice;
mod femur_outline;
pub(super) mod film;
mod gas;
mod options;
pub(super) mod overlay;
pub(super) mod patch;
mod phantom;
mod shape;
mod soft;
mod spine;
pub(super) mod texture;
mod view;
mod write;

#[cfg(test)]
mod tests;

pub(super) use canvas::blur;
pub(super) use film::through_jpeg;
pub use options::{HipOptions, PhantomOptions};
pub use phantom::{Description, Label, Phantom};
pub use write::PhantomWriteError;
