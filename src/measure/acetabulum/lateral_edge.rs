//! **Lateral centre-edge angle** of the adult: how far the bony edge covers the head.

use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "LCE",
    id: "LCE/1",
    name: "Lateral centre-edge angle",
    group: Group::Acetabulum,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::FHC), Need::Side(LandmarkCode::LAE)],
    offer: Offer::With(&[LandmarkCode::LAE]),
    plausible: Some((-40.0, 70.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::FHC, LandmarkCode::LAE)?.cover_deg())),
    draw: Draw::Hip(|hip, pen| pen.centre_edge(hip, LandmarkCode::FHC, LandmarkCode::LAE)),
    formula: "C(FHC→LAE) = atan2(v·ℓ, v·u), v = LAE − FHC",
    sign: "negative: the head's centre lies lateral of the edge",
    reading: "below 20° dysplasia, 20–25° borderline (Wiberg); 23–33° reference (Tannast 2015); above 40° pincer; \
              39–44° deep, above 44° protrusio (Tönnis & Heinecke 1999)",
    source: "Wiberg 1939; Tannast, CORR 2015;473:1234",
    related: &["MLCE", "CE_WIBERG"],
    ..Definition::BASE
};
