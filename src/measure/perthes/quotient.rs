//! **Epiphyseal quotient**: how flat the head is, compared with the other one. For display only.

use super::epiphysis::Epiphysis;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "EQ",
    id: "EQ/1",
    name: "Epiphyseal quotient",
    group: Group::Perthes,
    quantity: Quantity::Percent,
    needs: &[Need::Lines(LandmarkCode::HEAD)],
    offer: Offer::With(&[LandmarkCode::HEAD]),
    measure: Formula::Hip(|hip| {
        let (affected, unaffected) = Epiphysis::pair(hip)?;
        Ok(100.0 * (affected.height / affected.width) / (unaffected.height / unaffected.width))
    }),
    draw: Draw::Hip(|hip, pen| {
        pen.epiphysis(hip)?;
        pen.epiphysis(&hip.opposite())?;
        Ok(())
    }),
    formula: "100·(Ha/Wa)/(Hu/Wu), a this hip, u the other; W the chord between the ends of HEAD, H how far HEAD stands off \
              it",
    sign: "100 %: as round as the other side",
    reading: "for display only",
    source: "the ratio: [verify]; where height and width are taken: this program's reading",
    related: &["DI_STAR"],
    ..Definition::BASE
};
