//! **Acetabular index** (Hilgenreiner 1925): how steeply the bony roof rises.

use crate::measure::definition::{Bears, Definition, Draw, Formula, Need, Offer, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "AI",
    id: "AI/1",
    name: "Acetabular index",
    reference: Reference::Paediatric,
    needs: &[Need::Side(LandmarkCode::TRC), Need::Side(LandmarkCode::SMA)],
    offer: Offer::Infant,
    plausible: Some((-10.0, 60.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::TRC, LandmarkCode::SMA)?.elevation_deg())),
    draw: Draw::WithTheFilm,
    formula: "T(TRC→SMA) = atan2(v·u, v·ℓ), v = SMA − TRC",
    sign: "positive: the roof rises laterally",
    reading: "by age, sex and side: up to mean + 1 SD normal, 1–2 SD a critical zone where hips may still \
              normalise, above 2 SD severe (Tönnis & Brunken 1968)",
    source: "Hilgenreiner 1925",
    related: &["SHARP", "TONNIS_ANGLE"],
    ..Definition::BASE
};
