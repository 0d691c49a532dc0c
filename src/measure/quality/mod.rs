//! How the pelvis lay (§3.6): indices that say how far the angles can be trusted, and the gate made of them.

pub mod gate;
pub mod rotation;
pub mod symphysis;
pub mod tilt;

use super::definition::Definition;

/// In the order of tables and files.
pub static MEASUREMENTS: [&Definition; 3] =
    [&rotation::DEFINITION, &symphysis::DEFINITION, &tilt::DEFINITION];
