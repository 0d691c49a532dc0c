//! **H-point centre-edge angle**: what some software calls "Wiberg", there without sign. It has no norm and is never
//! called a centre-edge angle here, because the H-point is not the centre of the head.

use crate::measure::definition::{Bears, Definition, Draw, Formula, Need, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "CE_HPOINT",
    id: "CE_HPOINT/1",
    name: "H-point edge angle",
    reference: Reference::Paediatric,
    needs: &[Need::Side(LandmarkCode::HP), Need::Side(LandmarkCode::SMA)],
    plausible: Some((-60.0, 70.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::HP, LandmarkCode::SMA)?.cover_deg())),
    draw: Draw::Hip(|hip, pen| pen.centre_edge(hip, LandmarkCode::HP, LandmarkCode::SMA)),
    formula: "C(HP→SMA) = atan2(v·ℓ, v·u), v = SMA − HP",
    sign: "negative: the H-point lies lateral of the roof edge",
    reading: "no norm",
    source: "Retuve, there unsigned and called Wiberg",
    related: &["CE_WIBERG"],
    ..Definition::BASE
};
