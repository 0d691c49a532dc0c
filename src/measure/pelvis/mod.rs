//! The pelvis as a whole (§3.4): one measurement a file, listed here.

pub mod leg_length;
pub mod obliquity;
pub mod sacrococcygeal;
pub mod tilt;

use super::definition::Definition;

/// In the order of tables and files.
pub static MEASUREMENTS: [&Definition; 7] = [
    &obliquity::DEFINITION,
    &leg_length::TROCHANTER,
    &leg_length::DIFFERENCE,
    &leg_length::BY_ISCHIA,
    &sacrococcygeal::DEFINITION,
    &tilt::FEMORAL,
    &tilt::PELVIC,
];
