//! Pure geometry of the hip radiograph, f64, nothing of ours below it: points, spacing, landmarks, and the
//! measurements and grades made of them. A measurement is a value **or** a status with its reason, never 0.
//!
//! To add a measurement, write its file with a [`definition::Definition`] in the folder of its chapter (`hip`,
//! `acetabulum`, `femur`, `pelvis`, `perthes`, `quality`) and add it to the table there; assessment, uncertainty and
//! explanation take it from [`catalogue`]. Schemes and norms are files under `assets/`.

pub mod acetabulum;
pub mod anatomy;
pub mod assess;
pub mod calibration;
pub mod catalogue;
pub mod change;
pub mod circle;
pub mod construction;
pub mod covariance;
pub mod definition;
pub mod explain;
pub mod femur;
pub mod frame;
pub mod hip;
pub mod label;
pub mod label_map;
pub mod landmark;
pub mod landmark_file;
pub mod laterality;
pub mod lines;
pub mod measurement;
pub mod metric;
mod noise;
pub mod norms;
mod offer;
pub mod pairs;
pub mod pelvis;
pub mod perthes;
pub mod point;
pub mod protocol;
pub mod quality;
pub mod reader;
pub mod refusal;
pub mod scheme;
pub mod spacing;
pub mod spline;
pub mod spread;
pub mod uncertainty;
pub mod verdict;
pub mod zones;

pub use assess::{Context, alternatives, assess, assess_by, assess_with};
pub use covariance::Covariance;
pub use explain::explain;
pub use label_map::{LabelMap, Structure};
pub use landmark::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, LandmarkState, ModelIdentity, Origin, Side,
};
pub use measurement::{Assessment, Finding, Measurement, NextGrade, ReferenceLine, Status, Unit};
pub use point::{Point, Vector};
pub use protocol::{Panel, Protocol, Sex, Subject, View};
pub use spacing::{Spacing, SpacingStatus};
