//! Why a measurement has no value. Kept apart from its words, because 2,000 draws may each refuse.

use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, LandmarkState, Side};
use super::measurement::{ReferenceLine, Status};

/// A measurement that cannot be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The landmark is not there.
    Missing(LandmarkId),
    /// The polyline has too few points.
    TooFew { id: LandmarkId, least: usize },
    /// The head's centre is known, its radius is not.
    NoRadius(LandmarkId),
    /// The two landmarks lie too close to give a direction; no side where one of them is of the midline.
    Coincident { from: LandmarkCode, to: LandmarkCode, side: Option<Side> },
    /// The landmarks of a reference line lie too close.
    BaselineShort(ReferenceLine),
    /// A length that a formula divides by or takes its direction from is too short; in words.
    Short(&'static str),
    /// The points of a circle lie on a line.
    Collinear,
    /// The points of a circle span too little of it, degrees.
    ArcShort(f64),
    /// A contour never leaves the circle.
    NoExit,
    /// The spacing is not two positive numbers.
    BadSpacing,
    /// Coordinates so large that arithmetic overflows.
    NotFinite,
    /// The labelled sides contradict the image.
    Laterality(String),
    /// A line through the head centres says nothing once a hip is displaced.
    Displaced,
    /// It cannot be measured on such a film at all; in words.
    NotAvailable(&'static str),
}

impl Refusal {
    pub fn status(&self) -> Status {
        match self {
            Refusal::Missing(_) | Refusal::TooFew { .. } | Refusal::NoRadius(_) => Status::MissingLandmark,
            Refusal::Coincident { .. } => Status::Coincident,
            Refusal::BaselineShort(_) | Refusal::Short(_) => Status::BaselineShort,
            Refusal::Collinear => Status::Collinear,
            Refusal::ArcShort(_) => Status::ArcShort,
            Refusal::NoExit => Status::NoExit,
            Refusal::BadSpacing | Refusal::NotFinite | Refusal::Displaced | Refusal::NotAvailable(_) => {
                Status::NotAvailable
            }
            Refusal::Laterality(_) => Status::LateralityConflict,
        }
    }

    /// In words, with what `landmarks` knows of the missing one.
    pub fn reason(&self, landmarks: &LandmarkSet) -> String {
        match self {
            Refusal::Missing(id) => missing(id, landmarks),
            Refusal::TooFew { id, least } => format!("{id} needs at least {least} points"),
            Refusal::NoRadius(id) => format!("the radius of the circle about {id} is not known"),
            Refusal::Coincident { from, to, side } => {
                let side = side.map(|side| format!("-{}", side.letter())).unwrap_or_default();
                format!("{from}{side} and {to}{side} coincide: no direction between them")
            }
            Refusal::BaselineShort(line) => {
                let code = line.landmark().unwrap_or(LandmarkCode::TRC);
                format!("{code}-R and {code}-L lie too close together for a {}", line.name())
            }
            Refusal::Short(words) | Refusal::NotAvailable(words) => (*words).to_owned(),
            Refusal::Collinear => "the points of the circle lie on a line".to_owned(),
            Refusal::ArcShort(degrees) => format!("the points span {degrees:.0}° of the circle: too little"),
            Refusal::NoExit => "the contour never leaves the head's circle".to_owned(),
            Refusal::BadSpacing => "the pixel spacing is not two positive numbers".to_owned(),
            Refusal::NotFinite => "the landmarks lie too far out to calculate with".to_owned(),
            Refusal::Laterality(reason) => reason.clone(),
            Refusal::Displaced => "a hip is displaced: the head centres give no reference line".to_owned(),
        }
    }
}

fn missing(id: &LandmarkId, landmarks: &LandmarkSet) -> String {
    // A missing nucleus is a finding of its own in infants, not an oversight, and is said in its own words.
    if id.code == LandmarkCode::FH
        && let Some(side) = id.side
    {
        return format!("no ossific nucleus marked on the {}", side.name());
    }
    match landmarks.get(id).map(|landmark| &landmark.state) {
        Some(LandmarkState::Missing { reason }) if !reason.is_empty() => format!("{id} is missing: {reason}"),
        Some(LandmarkState::Defined { .. }) => format!("{id} has no finite position"),
        _ => format!("{id} is not given"),
    }
}
