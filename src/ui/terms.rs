//! What the layers below name (measurements, landmarks, sides, lines), in the window's language; their own words where
//! the language has none.

use super::lang::{find, tr};
use crate::export::wording;
use crate::measure::zones::Class;
use crate::measure::{LandmarkCode, Measurement, ReferenceLine, Side};
use crate::study::{Stamp, Stated};
use chrono::Local;

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

/// "24.1 to 29.0"; `None` without an interval.
pub fn interval(measurement: &Measurement) -> Option<String> {
    let words =
        |(low, high)| tr!("values.interval", low = wording::signed(low), high = wording::signed(high));
    measurement.ci95.map(words)
}

/// "2026-03-17 14:02:11", where the reader is; empty where the clock was wrong.
pub fn time(stamp: &Stamp) -> String {
    local(stamp, "%Y-%m-%d %H:%M:%S")
}

fn local(stamp: &Stamp, format: &str) -> String {
    let time = stamp.time().map(|time| time.with_timezone(&Local));
    time.map_or_else(String::new, |time| time.format(format).to_string())
}

/// Who did it.
pub fn by(stamp: &Stamp) -> &str {
    match stamp.by.trim() {
        "" => tr!("audit.nobody"),
        by => by,
    }
}

/// "A. Reader, 2026-03-17 14:02".
pub fn stamp(stamp: &Stamp) -> String {
    let parts = [by(stamp).to_owned(), local(stamp, "%Y-%m-%d %H:%M")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// "header" or "by hand".
pub fn stated(stated: Stated) -> &'static str {
    match stated {
        Stated::Header => tr!("stated.header"),
        Stated::ByHand => tr!("stated.by_hand"),
    }
}
