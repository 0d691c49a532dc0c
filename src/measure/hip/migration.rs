//! **Migration percentage** (Reimers 1980): the share of the head lateral of the Perkin line, not clipped.

use crate::measure::construction::Role;
use crate::measure::definition::{Bears, Definition, Draw, Formula, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "MP",
    id: "MP/1",
    name: "Migration percentage",
    quantity: Quantity::Percent,
    reference: Reference::Paediatric,
    needs: &[Need::Side(LandmarkCode::FH), Need::Side(LandmarkCode::SMA), Need::Circle(LandmarkCode::FH)],
    offer: Offer::Infant,
    plausible: Some((-50.0, 150.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| {
        let uncovered = hip.offset(LandmarkCode::SMA, LandmarkCode::FH)?.lateral;
        let radius = hip.head_radius(LandmarkCode::FH)?;
        Ok(100.0 * (uncovered + radius) / (2.0 * radius))
    }),
    draw: Draw::Hip(|hip, pen| {
        let (head, edge) = (hip.point(LandmarkCode::FH)?, hip.point(LandmarkCode::SMA)?);
        let radius = hip.head_radius(LandmarkCode::FH)?;
        let level = edge + hip.frame.cranial * (head - edge).dot(hip.frame.cranial);
        let out = hip.frame.lateral(hip.side);
        pen.baseline(hip.points);
        pen.circle(head, radius);
        pen.upright(edge, level);
        pen.segment(Role::Reference, head + -(out * radius), level);
        pen.distance(level, head + out * radius);
        Ok(())
    }),
    formula: "100·((FH − SMA)·ℓ + r)/2r, not clipped to 0–100; without FH and r those of the circle through HEAD",
    sign: "negative: the whole head lies medial of the Perkin line",
    reading: "above 30 % displaced in the surveillance of cerebral palsy; 100 % or more dislocated [verify]",
    source: "Reimers, Acta Orthop Scand Suppl 1980;184 [verify]",
    related: &["FHEI"],
    ..Definition::BASE
};
