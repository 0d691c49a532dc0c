//! What the layers below name (measurements, landmarks, sides, lines), in the window's language; their own words where
//! the language has none.

use super::lang::{find, tr};
use crate::export::wording;
use crate::measure::zones::Class;
use crate::measure::{LandmarkCode, ReferenceLine, Side};
use crate::study::Stated;

/// "right".
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Right => tr!("side.right"),
        Side::Left => tr!("side.left"),
    }
}

/// "RIGHT" over the column of the patient's right hip.
pub fn side_title(side: Side) -> &'static str {
    match side {
        Side::Right => tr!("side.RIGHT"),
        Side::Left => tr!("side.LEFT"),
    }
}

/// "Acetabular index".
pub fn measure(code: &'static str) -> &'static str {
    find(&format!("measure.{code}")).unwrap_or_else(|| wording::title(code))
}

/// "tri-radiate cartilage".
pub fn landmark(code: &LandmarkCode) -> &str {
    find(&format!("landmark.{code}")).unwrap_or_else(|| code.description())
}

/// "Hilgenreiner line".
pub fn line(line: ReferenceLine) -> &'static str {
    find(&format!("line.{}", line.code())).unwrap_or_else(|| line.name())
}

/// "Hilgenreiner", where there is little room.
pub fn line_short(line: ReferenceLine) -> &'static str {
    find(&format!("line_short.{}", line.code())).unwrap_or_else(|| wording::reference(line))
}

/// "borderline".
pub fn class(class: Class) -> &'static str {
    find(&format!("class.{}", class.code())).unwrap_or_else(|| class.code())
}

/// A grade in the window's words where it is a class; IHDI's and others' stay as they are.
pub fn grade(grade: &str) -> &str {
    find(&format!("class.{grade}")).unwrap_or(grade)
}

/// "header" or "by hand".
pub fn stated(stated: Stated) -> &'static str {
    match stated {
        Stated::Header => tr!("stated.header"),
        Stated::ByHand => tr!("stated.by_hand"),
    }
}
