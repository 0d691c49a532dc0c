//! **Tönnis angle**: the slope of the weight-bearing roof.

use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "TONNIS_ANGLE",
    id: "TONNIS_ANGLE/1",
    name: "Tönnis angle",
    group: Group::Acetabulum,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::MSE), Need::Side(LandmarkCode::LSE)],
    offer: Offer::With(&[LandmarkCode::MSE]),
    plausible: Some((-20.0, 50.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::MSE, LandmarkCode::LSE)?.elevation_deg())),
    draw: Draw::Hip(|hip, pen| pen.slope(hip, LandmarkCode::MSE, LandmarkCode::LSE)),
    formula: "T(MSE→LSE) = atan2(v·u, v·ℓ), v = LSE − MSE",
    sign: "positive: the lateral end is higher",
    reading: "0–10° normal (Clohisy 2008 [verify]); 3–13° (Tannast 2015); up to 13° (Özçelik 2002)",
    source: "Tönnis 1987; Tannast, CORR 2015;473:1234",
    related: &["AI", "SHARP"],
    ..Definition::BASE
};
