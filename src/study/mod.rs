//! The document: landmarks with provenance, commands with inverses, undo. Knows neither candle nor egui.
//!
//! Flow of a drag: [`Study::begin_move`], any number of [`Study::preview`], then [`Study::commit`] (one undo step)
//! or [`Study::abort`]. A finished inference is one [`Study::apply_prediction`]: points that a person placed stay.

mod annotations;
mod calibration;
mod command;
mod correction;
mod document;
mod history;
mod patient;
#[cfg(test)]
mod properties;
mod settings;

pub use annotations::{Annotations, Prediction};
pub use calibration::{Calibration, CalibrationRefusal};
pub use command::Command;
pub use correction::Correction;
pub use document::{Source, Study};
pub use history::History;
pub use patient::Stated;
pub use settings::Settings;
