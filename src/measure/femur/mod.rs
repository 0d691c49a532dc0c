//! The proximal femur (§3.3): one measurement a file, listed here. All lie between landmarks and need no reference line.

pub mod alpha;
pub mod cam_point;
pub mod contour;
pub mod mikulicz;
pub mod neck;
pub mod neck_shaft;
pub mod offset;

use super::definition::Definition;

/// In the order of tables and files.
pub static MEASUREMENTS: [&Definition; 7] = [
    &alpha::LANDMARKS,
    &alpha::ANATOMIC,
    &contour::DEFINITION,
    &offset::LENGTH,
    &offset::RATIO,
    &neck_shaft::DEFINITION,
    &mikulicz::DEFINITION,
];
