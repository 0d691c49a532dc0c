//! **Centre-edge angle of the child** (Wiberg 1939): how far the bony roof covers the ossific nucleus.

use crate::measure::definition::{Bears, Definition, Draw, Formula, Need, Offer, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "CE_WIBERG",
    id: "CE_WIBERG/1",
    name: "Centre-edge angle",
    reference: Reference::Paediatric,
    needs: &[Need::Side(LandmarkCode::FH), Need::Side(LandmarkCode::SMA)],
    offer: Offer::Infant,
    plausible: Some((-60.0, 70.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::FH, LandmarkCode::SMA)?.cover_deg())),
    draw: Draw::Hip(|hip, pen| pen.centre_edge(hip, LandmarkCode::FH, LandmarkCode::SMA)),
    formula: "C(FH→SMA) = atan2(v·ℓ, v·u), v = SMA − FH",
    sign: "negative: the head's centre lies lateral of the roof edge",
    reading: "below 15° dysplastic, 15–20° borderline, above 20° normal (Fredensborg 1976); unreliable before 4 years",
    source: "Wiberg, Acta Chir Scand Suppl 1939;58",
    related: &["CE_HPOINT", "LCE", "MLCE"],
    ..Definition::BASE
};
