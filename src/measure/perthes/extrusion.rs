//! **Epiphyseal extrusion** (Joseph 2003): what of the epiphysis lies lateral of the Perkin line, in widths of the
//! other one.

use super::epiphysis::Epiphysis;
use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::point::Point;

pub static DEFINITION: Definition = Definition {
    code: "EEI",
    id: "EEI/1",
    name: "Epiphyseal extrusion",
    group: Group::Perthes,
    quantity: Quantity::Percent,
    reference: Reference::Paediatric,
    needs: &[Need::Lines(LandmarkCode::HEAD), Need::Side(LandmarkCode::SMA)],
    offer: Offer::With(&[LandmarkCode::HEAD, LandmarkCode::SMA]),
    plausible: Some((-50.0, 150.0)),
    bears: Bears::Usual,
    measure: Formula::Hip(|hip| {
        let edge = hip.point(LandmarkCode::SMA)?;
        let lateral = hip
            .polyline(LandmarkCode::HEAD, 3)?
            .iter()
            .map(|point| hip.frame.resolve(*point - edge, hip.side).lateral)
            .fold(f64::NEG_INFINITY, f64::max);
        Ok(100.0 * lateral / Epiphysis::of(&hip.opposite())?.width)
    }),
    draw: Draw::Hip(|hip, pen| {
        let (edge, arc) = (hip.point(LandmarkCode::SMA)?, hip.polyline(LandmarkCode::HEAD, 3)?);
        let lateral = |point: &&Point| hip.frame.resolve(**point - edge, hip.side).lateral;
        let outermost = arc.iter().max_by(|a, b| lateral(a).total_cmp(&lateral(b)));
        pen.baseline(hip.points);
        pen.curve(arc);
        if let Some(outermost) = outermost {
            pen.across(edge, *outermost);
        }
        pen.epiphysis(&hip.opposite())?;
        Ok(())
    }),
    formula: "100·max((HEAD − SMA)·ℓ)/Wu, u the other hip, W the chord between the ends of HEAD; not clipped",
    sign: "negative: the whole epiphysis lies medial of the Perkin line",
    reading: "above 20 % [verify]; head cover below 80 % is a risk factor (Acta Orthop 2010;81:708)",
    source: "Joseph 2003 [verify]; where the width is taken: this program's reading",
    related: &["MP"],
    ..Definition::BASE
};
