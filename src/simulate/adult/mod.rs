//! Simulated films of adults: bones of real people, looked through by a computed beam, with exact landmarks and masks.
//!
//! Surfaces and experts' points ([`Person`]) are given other sizes and forms (`deform`), laid on the table (`pose`,
//! `scene`), hollowed out (`shell`), and looked through (`beam`): attenuation is Beer–Lambert along every ray through
//! cortex and spongy bone. Soft tissue (`soft`) is drawn, not scanned. The picture is taken and processed as by many a
//! machine (`exposure`). Landmarks (`landmarks`) and masks (`masks`) follow written definitions on the same projection.
//! A slice of the same bones as a T1 sequence might show it is in `mr`.
//!
//! # What it does not do
//! The patients are as many as the set has bodies: networks trained on it have seen few pelves in many guises, so
//! figures must come of bodies that were left out ([`Person::body`]). Lumbar vertebrae are made up; there is no
//! osteoarthritis, no fracture, no contrast medium; lengths of the legs differ by what hips show of it.

mod artefacts;
mod beam;
mod deform;
mod elsewhere;
mod exposure;
mod femur;
mod film;
mod landmarks;
mod masks;
mod mesh;
mod mr;
mod outline;
mod person;
mod ply;
mod pose;
mod registration;
mod scene;
mod shell;
mod soft;
mod spine;
mod write;

#[cfg(test)]
mod tests;

pub use deform::HipForm;
pub use elsewhere::Elsewhere;
pub use film::{AdultFilm, AdultOptions, Description, Kind};
pub use person::{AnatomyError, Person, read_all};
pub use pose::{HipPose, Pose, View};
pub use write::{AdultWriteError, ManifestRow};
