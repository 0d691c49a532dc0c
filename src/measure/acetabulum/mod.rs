//! The adult acetabulum (§3.2): one measurement a file, listed here. Directions are those of the teardrop line, unless
//! it is missing or another is asked for.

pub mod depth;
pub mod extrusion;
pub mod lateral_edge;
pub mod sharp;
pub mod sourcil_edge;
pub mod tonnis_angle;
pub mod walls;

use super::definition::Definition;

/// In the order of tables and files.
pub static MEASUREMENTS: [&Definition; 9] = [
    &lateral_edge::DEFINITION,
    &sourcil_edge::DEFINITION,
    &tonnis_angle::DEFINITION,
    &sharp::DEFINITION,
    &extrusion::DEFINITION,
    &depth::DEFINITION,
    &walls::RETROVERSION,
    &walls::POSTERIOR,
    &walls::SPINE,
];
