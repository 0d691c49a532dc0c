//! Everything around the film. Panels read the state and send intents; only the canvas may change its own view.

pub mod findings;
pub mod points;
pub mod states;
pub mod status;
pub mod strip;
pub mod studies;
pub mod toolbar;
pub mod values;
