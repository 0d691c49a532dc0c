//! **Acetabular depth ratio**: depth over the width of the opening.

use crate::measure::construction::Role;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "ADR",
    id: "ADR/1",
    name: "Acetabular depth ratio",
    group: Group::Acetabulum,
    quantity: Quantity::Ratio,
    needs: &[Need::Side(LandmarkCode::TD), Need::Side(LandmarkCode::LAE), Need::Side(LandmarkCode::AD)],
    offer: Offer::With(&[LandmarkCode::AD]),
    plausible: Some((100.0, 500.0)),
    measure: Formula::Hip(|hip| {
        let opening = hip.vector(LandmarkCode::TD, LandmarkCode::LAE)?;
        let depth = hip.point(LandmarkCode::AD)? - hip.point(LandmarkCode::TD)?;
        Ok(1000.0 * opening.cross(depth).abs() / opening.dot(opening))
    }),
    draw: Draw::Hip(|hip, pen| {
        let (drop, edge) = (hip.point(LandmarkCode::TD)?, hip.point(LandmarkCode::LAE)?);
        let (opening, deepest) = (edge - drop, hip.point(LandmarkCode::AD)?);
        let foot = drop + opening * (opening.dot(deepest - drop) / opening.dot(opening));
        pen.segment(Role::Roof, drop, edge);
        pen.distance(foot, deepest);
        Ok(())
    }),
    formula: "1000·dist(AD, line TD–LAE)/‖LAE − TD‖",
    sign: "unsigned",
    reading: "below 250 shallow [verify]; some papers use ×100",
    source: "measured on the opening TD–LAE",
    ..Definition::BASE
};
