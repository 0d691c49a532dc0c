//! **Modified (sourcil) centre-edge angle** (Ogata 1990): to the lateral end of the weight-bearing roof instead of the
//! bony edge. It has norms of its own, and names are used inconsistently: some code calls this one "Wiberg".

use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "MLCE",
    id: "MLCE/1",
    name: "Sourcil centre-edge angle",
    group: Group::Acetabulum,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::FHC), Need::Side(LandmarkCode::LSE)],
    offer: Offer::With(&[LandmarkCode::LSE]),
    plausible: Some((-40.0, 70.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::FHC, LandmarkCode::LSE)?.cover_deg())),
    draw: Draw::Hip(|hip, pen| pen.centre_edge(hip, LandmarkCode::FHC, LandmarkCode::LSE)),
    formula: "C(FHC→LSE) = atan2(v·ℓ, v·u), v = LSE − FHC",
    sign: "negative: the head's centre lies lateral of the sourcil",
    reading: "not that of the LCE",
    source: "Ogata, JBJS Br 1990;72:190 [verify]",
    related: &["LCE"],
    ..Definition::BASE
};
