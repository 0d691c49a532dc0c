//! Perthes disease (§3.5): the epiphysis of the affected hip against the other one. Each hip is measured as if it were
//! the affected one; which it is, the reader knows. An AP film cannot give the sphericity deviation score, and nothing
//! here is a Stulberg class.

pub mod deformity;
pub mod epiphysis;
pub mod extrusion;
pub mod quotient;
pub mod roundness;

use super::definition::Definition;

/// In the order of tables and files.
pub static MEASUREMENTS: [&Definition; 5] = [
    &deformity::DEFINITION,
    &quotient::DEFINITION,
    &extrusion::DEFINITION,
    &roundness::DEVIATION,
    &roundness::RANGE,
];
