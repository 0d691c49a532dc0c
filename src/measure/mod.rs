//! Pure geometry of the hip radiograph, f64, nothing of ours below it: points, spacing, landmarks, and the
//! measurements and grades made of them. A measurement is a value **or** a status with its reason, never 0.

pub mod landmark;
pub mod measurement;
pub mod point;
pub mod spacing;

pub use landmark::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, LandmarkState, ModelIdentity, Origin, Side,
};
pub use measurement::{Assessment, Finding, Measurement, ReferenceLine, Status, Unit};
pub use point::{Point, Vector};
pub use spacing::{Spacing, SpacingStatus};
