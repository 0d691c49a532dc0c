//! The document: landmarks with provenance, commands with inverses, undo. Knows neither candle nor egui.
//!
//! Flow of a drag: [`Study::begin_move`], any number of [`Study::preview`], then [`Study::commit`] (one undo step)
//! or [`Study::abort`]. A finished inference is one [`Study::apply_prediction`]: points that a person placed stay.

mod annotations;
mod command;
mod correction;
mod document;
mod history;
#[cfg(test)]
mod properties;

pub use annotations::{Annotations, Prediction};
pub use command::Command;
pub use correction::Correction;
pub use document::{Source, Study};
pub use history::History;
