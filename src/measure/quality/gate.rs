//! The positioning gate: whether this very value bears how the pelvis lay. An angle of the roof bears a usual film, the
//! signs of retroversion bear a few degrees only, an angle between points of the femur bears anything.

use crate::measure::definition::Bears;

/// What a positioning index says of one measurement.
#[derive(Debug, Clone, PartialEq)]
pub enum Positioning {
    /// The indices were measured and the value bears them.
    Kept,
    /// The value stands, with a warning.
    Flagged(String),
    /// The value is kept, to be shown greyed, and judged by nothing.
    Withheld(String),
}

impl Positioning {
    /// As files print it.
    pub fn code(&self) -> &'static str {
        match self {
            Positioning::Kept => "kept",
            Positioning::Flagged(_) => "flagged",
            Positioning::Withheld(_) => "withheld",
        }
    }

    pub fn reason(&self) -> &str {
        match self {
            Positioning::Kept => "",
            Positioning::Flagged(reason) | Positioning::Withheld(reason) => reason,
        }
    }
}

/// The positioning indices of a film, those that could be measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gate {
    pub rotation: Option<f64>,
    pub tilt: Option<f64>,
}

/// Rotation index that Tönnis accepts.
const ACCEPTED: (f64, f64) = (0.56, 1.8);
/// This program's stricter band. A ratio of 1:2 is about 13–18° of rotation, and signs flip at 5–8°: half of that.
const STRICT: (f64, f64) = (0.75, 1.33);
/// Tilt index, not confirmed: it only flags.
const TILT: (f64, f64) = (0.75, 1.2);

impl Gate {
    /// What the indices mean for a value that `bears` so much; `None` where none was measured or none matters.
    pub fn judge(&self, bears: Bears) -> Option<Positioning> {
        if bears == Bears::Anything || (self.rotation.is_none() && self.tilt.is_none()) {
            return None;
        }
        let outside = |(low, high): (f64, f64), value: Option<f64>| {
            value.filter(|value| !(low..=high).contains(value)).map(|value| (value, low, high))
        };
        let limits = if bears == Bears::Little { STRICT } else { ACCEPTED };
        Some(if let Some((value, low, high)) = outside(limits, self.rotation) {
            Positioning::Withheld(format!(
                "the pelvis is turned: rotation index {value:.2}, accepted {low} to {high}"
            ))
        } else if let Some((value, low, high)) = outside(STRICT, self.rotation) {
            Positioning::Flagged(format!(
                "the pelvis is turned a little: rotation index {value:.2}, at best {low} to {high}"
            ))
        } else if let Some((value, low, high)) = outside(TILT, self.tilt) {
            Positioning::Flagged(format!(
                "the pelvis may be tilted: tilt index {value:.2}, usually {low} to {high} (limits not confirmed)"
            ))
        } else {
            Positioning::Kept
        })
    }
}
