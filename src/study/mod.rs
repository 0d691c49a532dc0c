//! The document: points, curves, masks and measurements with provenance, commands with inverses, undo, review. Knows
//! neither candle nor egui, and nothing of disks: who keeps a study takes its steps ([`Study::take_steps`]).
//!
//! # Changing a study
//! Every change is a method of [`Study`] and one undo step. It answers [`Outcome`]: `Ok(true)` for a step, `Ok(false)`
//! where nothing would change, or [`Refused`] with a sentence for the reader (signed off, read only, not a number).
//!
//! A drag is a gesture: [`Study::begin_move`] (a point), [`Study::begin_slide`] (a curve), [`Study::begin_radius`] (a
//! circle), [`Study::begin_free`] (a free measurement) or [`Study::begin_stroke`] (brush and eraser); any number of [`Study::preview`], which everything
//! that is derived follows at once; then [`Study::commit`] or [`Study::abort`].
//!
//! A finished inference is one [`Study::apply_prediction`] or [`Study::apply_mask_prediction`]: what a person drew stays.
//!
//! # Review
//! [`Study::review_act`] takes the film up, finishes, signs and unlocks; [`Study::status`] is what the worklist shows. A
//! signature locks the document and is no undo step.

mod annotations;
mod anonymous;
mod calibration;
mod command;
mod correction;
mod curve;
mod document;
mod editing;
mod free;
mod gesture;
mod history;
pub mod mask;
mod measuring;
mod mirror;
mod painting;
mod patient;
#[cfg(test)]
mod properties;
mod provenance;
mod refusal;
mod reopening;
mod review;
mod saved;
mod settings;
mod snap;
mod step;

pub use annotations::{Annotations, Drawn, MaskPrediction, Prediction};
pub use calibration::{Calibration, CalibrationRefusal};
pub use command::{Change, Command, CurveDeed, PointDeed};
pub use correction::Correction;
pub use curve::{slid, smoothed, with_vertex};
pub use document::{Source, Study};
pub use editing::Outcome;
pub use free::{FreeId, FreeMeasurement, FreeShape, FreeValue};
pub use history::History;
pub use mirror::{Midline, mirrored};
pub use patient::Stated;
pub use provenance::{Note, PointState, Stamp, Visibility};
pub use refusal::Refused;
pub use review::{Review, ReviewAct, ReviewStatus, Unlocking};
pub use saved::{FORMAT_VERSION, SavedError, SavedStudy};
pub use settings::Settings;
pub use snap::{Snap, snap_to_edge};
pub use step::{Act, Step};
