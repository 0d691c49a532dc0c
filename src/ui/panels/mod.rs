//! Everything around the film. Panels read the state and send intents; only the canvas may change its own view.

mod compare;
mod curves;
mod explain;
pub mod findings;
pub mod looking_back;
mod masks;
pub mod points;
mod queue;
pub mod review;
pub mod slices;
pub mod states;
pub mod status;
pub mod strip;
pub mod studies;
mod subject;
pub mod tool;
pub mod toolbar;
mod trainee;
pub mod values;
pub mod worklist;
