//! **Sharp angle** (1961): the slope of the whole acetabular opening.

use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "SHARP",
    id: "SHARP/1",
    name: "Sharp angle",
    group: Group::Acetabulum,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::TD), Need::Side(LandmarkCode::LAE)],
    offer: Offer::With(&[LandmarkCode::TD, LandmarkCode::LAE]),
    plausible: Some((20.0, 70.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| Ok(hip.direction(LandmarkCode::TD, LandmarkCode::LAE)?.elevation_deg())),
    draw: Draw::Hip(|hip, pen| pen.slope(hip, LandmarkCode::TD, LandmarkCode::LAE)),
    formula: "T(TD→LAE) = atan2(v·u, v·ℓ), v = LAE − TD",
    sign: "positive: the edge lies above the teardrop",
    reading: "33–38° normal; dysplasia above 42°, from 45° or above 47° by author; 97.5th percentile 46° in men, \
              47° in women (Engesæter 2013)",
    source: "Sharp, JBJS Br 1961;43:268 [verify]",
    related: &["AI", "TONNIS_ANGLE"],
    ..Definition::BASE
};
