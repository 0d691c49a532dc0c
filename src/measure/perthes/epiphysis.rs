//! Height and width of the epiphysis from the head arc: the width is the chord between the ends of the physis, the
//! height the farthest that the arc stands off that chord.
//!
//! This is our reading. Nelson (JBJS Br 2007;89:1369) compares height and width of the epiphysis with those of the sound
//! hip, and the epiphyseal quotient compares their ratio, but neither says at which points; both are taken parallel and
//! perpendicular to the physis here. Definitions that use them say so.

use crate::measure::anatomy::Hip;
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::refusal::Refusal;

/// In metric units, both positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epiphysis {
    pub height: f64,
    pub width: f64,
}

impl Epiphysis {
    pub fn of(hip: &Hip) -> Result<Epiphysis, Refusal> {
        let arc = hip.polyline(LandmarkCode::HEAD, 3)?;
        let chord = arc[arc.len() - 1] - arc[0];
        let width = chord.length();
        let height = arc.iter().map(|p| chord.cross(*p - arc[0]).abs() / width).fold(0.0, f64::max);
        let limit = hip.points.limit(COINCIDENT);
        // Also true for NaN.
        if !(width >= limit && height >= limit) {
            return Err(Refusal::Short("the head arc has no height or no width"));
        }
        Ok(Epiphysis { height, width })
    }

    /// Of the hip and of the other one.
    pub fn pair(hip: &Hip) -> Result<(Epiphysis, Epiphysis), Refusal> {
        Ok((Epiphysis::of(hip)?, Epiphysis::of(&hip.opposite())?))
    }
}
