//! The child's hip (§3.1 of the specification): one measurement or grade a file, listed here.

pub mod acetabular_index;
pub mod centre_edge;
pub mod h_point_edge;
pub mod hilgenreiner;
pub mod ihdi;
pub mod migration;
pub mod shenton;
pub mod smith;
pub mod tonnis_grade;
pub mod yamamuro;

pub use super::definition::{Definition, Graded, Quantity, Rule};

/// What every infant film is measured for, in the order of tables and files.
pub static MEASUREMENTS: [&Definition; 5] = [
    &acetabular_index::DEFINITION,
    &centre_edge::DEFINITION,
    &hilgenreiner::HEIGHT,
    &hilgenreiner::DISTANCE,
    &migration::DEFINITION,
];

/// What is measured of a child's hip besides, where its landmarks are there or it is asked for.
pub static FURTHER: [&Definition; 8] = [
    &h_point_edge::DEFINITION,
    &yamamuro::HEIGHT,
    &yamamuro::DISTANCE,
    &smith::LATERAL,
    &smith::HEIGHT,
    &smith::LATERAL_OF_SACRUM,
    &smith::HEIGHT_BY_SACRUM,
    &shenton::DEFINITION,
];

/// In the order of tables and files.
pub static GRADES: [&Rule; 2] = [&ihdi::RULE, &tonnis_grade::RULE];
/// Grades that are only made on request.
pub static EXPERIMENTAL: [&Rule; 1] = [&ihdi::SURROGATE];
