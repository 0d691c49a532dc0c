//! **Yamamuro's a and b** (1975): like Hilgenreiner's distances, but measured from the ischium. For display only: no
//! limit of theirs was confirmed.

use super::hilgenreiner;
use crate::measure::definition::{Definition, Draw, Formula, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;

/// a: the femur's distance below the Hilgenreiner line.
pub static HEIGHT: Definition = Definition {
    code: "YAMAMURO_A",
    id: "YAMAMURO_A/1",
    name: "Yamamuro a",
    quantity: Quantity::Length,
    reference: Reference::Hilgenreiner,
    needs: &[Need::Side(LandmarkCode::TRC), Need::Side(LandmarkCode::HP)],
    offer: Offer::With(&[LandmarkCode::ISL]),
    measure: Formula::Hip(hilgenreiner::height),
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        pen.along(hip.point(LandmarkCode::TRC)?, hip.point(LandmarkCode::HP)?);
        Ok(())
    }),
    formula: "a = −(HP − TRC)·u",
    sign: "negative: the femur stands above the Hilgenreiner line",
    reading: "for display only",
    source: "Yamamuro 1975 [verify]",
    related: &["HILG_H"],
    ..Definition::BASE
};

/// b: the femur's distance from the lateral ischium, along the line.
pub static DISTANCE: Definition = Definition {
    code: "YAMAMURO_B",
    id: "YAMAMURO_B/1",
    name: "Yamamuro b",
    needs: &[Need::Side(LandmarkCode::ISL), Need::Side(LandmarkCode::HP)],
    measure: Formula::Hip(|hip| Ok(hip.offset(LandmarkCode::ISL, LandmarkCode::HP)?.lateral)),
    draw: Draw::Hip(|hip, pen| {
        pen.across(hip.point(LandmarkCode::ISL)?, hip.point(LandmarkCode::HP)?);
        Ok(())
    }),
    formula: "b = (HP − ISL)·ℓ",
    sign: "positive: lateral of the ischium",
    quantity: Quantity::Length,
    reference: Reference::Hilgenreiner,
    offer: Offer::With(&[LandmarkCode::ISL]),
    reading: "for display only",
    source: "Yamamuro 1975 [verify]",
    related: &["HILG_D"],
    ..Definition::BASE
};
