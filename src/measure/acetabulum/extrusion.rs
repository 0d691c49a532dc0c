//! **Extrusion index**: the share of the head that the bony edge leaves uncovered. Some papers print the complement
//! under the same name.

use crate::measure::anatomy::Hip;
use crate::measure::construction::Role;
use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "FHEI",
    id: "FHEI/1",
    name: "Extrusion index",
    group: Group::Acetabulum,
    quantity: Quantity::Percent,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::FHC), Need::Side(LandmarkCode::LAE), Need::Circle(LandmarkCode::FHC)],
    offer: Offer::With(&[LandmarkCode::LAE]),
    plausible: Some((-50.0, 150.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| {
        let (medial, lateral) = head(hip)?;
        Ok(100.0 * lateral / (lateral - medial))
    }),
    draw: Draw::Hip(|hip, pen| {
        let (center, edge) = (hip.point(LandmarkCode::FHC)?, hip.point(LandmarkCode::LAE)?);
        let (medial, lateral) = head(hip)?;
        if let Ok(radius) = hip.radius(LandmarkCode::FHC) {
            pen.circle(center, radius);
        } else {
            pen.curve(hip.polyline(LandmarkCode::HEAD, 3)?);
        }
        let level = edge + hip.frame.cranial * (center - edge).dot(hip.frame.cranial);
        let out = hip.frame.lateral(hip.side);
        pen.upright(edge, level);
        pen.segment(Role::Reference, level + out * medial, level);
        pen.distance(level, level + out * lateral);
        Ok(())
    }),
    formula: "100·((FHC − LAE)·ℓ + r)/2r; a head that is no circle by the ℓ-extremes of its outline",
    sign: "negative: the whole head lies medial of the edge",
    reading: "below 25 % normal [verify]; 17–27 % (Tannast 2015). Engesæter's index of 86 % is the complement",
    source: "Tannast, CORR 2015;473:1234",
    related: &["MP"],
    ..Definition::BASE
};

/// Medial and lateral extreme of the head, lateral of the edge.
fn head(hip: &Hip) -> Result<(f64, f64), Refusal> {
    let edge = hip.point(LandmarkCode::LAE)?;
    let refusal = match hip.radius(LandmarkCode::FHC) {
        Ok(radius) => {
            let center = hip.offset(LandmarkCode::LAE, LandmarkCode::FHC)?.lateral;
            return Ok((center - radius, center + radius));
        }
        Err(refusal) => refusal,
    };
    // The radius is what is missing where there is no outline either.
    let Ok(outline) = hip.polyline(LandmarkCode::HEAD, 3) else { return Err(refusal) };
    let lateral = |point: &_| hip.frame.resolve(*point - edge, hip.side).lateral;
    let (low, high) = outline
        .iter()
        .map(lateral)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), l| (low.min(l), high.max(l)));
    if high - low < hip.points.limit(COINCIDENT) {
        return Err(Refusal::Short("the outline of the head has no width"));
    }
    Ok((low, high))
}
