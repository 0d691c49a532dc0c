//! **Head–neck offset** (Eijer 2001): how far the head stands out over the superior neck.

use crate::measure::anatomy::Hip;
use crate::measure::construction::{Pen, Role};
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

const NEEDS: &[Need] = &[
    Need::Side(LandmarkCode::FHC),
    Need::Side(LandmarkCode::NC),
    Need::Side(LandmarkCode::NS),
    Need::Circle(LandmarkCode::FHC),
];

pub static LENGTH: Definition = Definition {
    code: "HNO",
    id: "HNO/1",
    name: "Head–neck offset",
    group: Group::Femur,
    quantity: Quantity::Length,
    needs: NEEDS,
    offer: Offer::With(&[LandmarkCode::NS]),
    measure: Formula::Hip(offset),
    draw: Draw::Hip(drawn),
    formula: "r − dist(NS, axis FHC→NC)",
    sign: "negative: the neck stands out over the head",
    reading: "below 10 mm reduced [verify]; made for lateral views",
    source: "Eijer 2001 [verify]",
    related: &["HNO_RATIO"],
    ..Definition::BASE
};

pub static RATIO: Definition = Definition {
    code: "HNO_RATIO",
    id: "HNO_RATIO/1",
    name: "Head–neck offset ratio",
    quantity: Quantity::Ratio,
    measure: Formula::Hip(|hip| Ok(offset(hip)? / (2.0 * hip.head_radius(LandmarkCode::FHC)?))),
    draw: Draw::Hip(drawn),
    formula: "(r − dist(NS, axis FHC→NC))/2r",
    group: Group::Femur,
    needs: NEEDS,
    offer: Offer::With(&[LandmarkCode::NS]),
    sign: "negative: the neck stands out over the head",
    reading: "below 0.17 reduced (pacs.de); made for lateral views",
    source: "Eijer 2001 [verify]",
    related: &["HNO"],
    ..Definition::BASE
};

fn offset(hip: &Hip) -> Result<f64, Refusal> {
    let axis = hip.vector(LandmarkCode::FHC, LandmarkCode::NC)?.unit().ok_or(Refusal::NotFinite)?;
    let neck = hip.point(LandmarkCode::NS)? - hip.point(LandmarkCode::FHC)?;
    Ok(hip.head_radius(LandmarkCode::FHC)? - axis.cross(neck).abs())
}

fn drawn(hip: &Hip, pen: &mut Pen) -> Result<(), Refusal> {
    let (center, neck) = (hip.point(LandmarkCode::FHC)?, hip.point(LandmarkCode::NC)?);
    let axis = hip.vector(LandmarkCode::FHC, LandmarkCode::NC)?.unit().ok_or(Refusal::NotFinite)?;
    let surface = hip.point(LandmarkCode::NS)?;
    let foot = center + axis * axis.dot(surface - center);
    let out = (surface - foot).unit().ok_or(Refusal::Short("the neck's surface lies on its axis"))?;
    pen.circle(center, hip.head_radius(LandmarkCode::FHC)?);
    pen.through(Role::Axis, center, neck);
    // From the neck's surface to the height of the head's: the tangent that is parallel to the axis.
    pen.distance(surface, foot + out * hip.head_radius(LandmarkCode::FHC)?);
    Ok(())
}
