//! Statistics on measured and true landmarks, angles and grades: one metric a file.
//!
//! What cannot be said is `None` (a rate or an overlap of nothing: NaN); no input panics. Numbers that are not finite
//! refuse the whole statistic rather than being left out of it, and a landmark that was not found is a failure.

pub mod agreement;
pub mod bland_altman;
pub mod bootstrap;
pub mod confusion;
pub mod contour_error;
pub mod distribution;
pub mod error_distribution;
pub mod evaluation;
pub mod infant;
pub mod intraclass;
pub mod kappa;
pub mod landmark_table;
pub mod overlap;
pub mod radial_error;
pub mod reliability;
pub mod roc;
pub mod summary;
pub mod surface_distance;
