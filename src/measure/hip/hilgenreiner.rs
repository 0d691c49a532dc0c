//! **Hilgenreiner's distances** (1925) of the H-point. No range is enforced: both grow with the child.

use crate::measure::anatomy::Hip;
use crate::measure::definition::{Definition, Draw, Formula, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

const NEEDS: &[Need] = &[Need::Side(LandmarkCode::TRC), Need::Side(LandmarkCode::HP)];

/// h: the femur's distance below the Hilgenreiner line.
pub static HEIGHT: Definition = Definition {
    code: "HILG_H",
    id: "HILG_H/1",
    name: "Hilgenreiner h",
    quantity: Quantity::Length,
    reference: Reference::Hilgenreiner,
    needs: NEEDS,
    offer: Offer::Infant,
    measure: Formula::Hip(height),
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        pen.along(hip.point(LandmarkCode::TRC)?, hip.point(LandmarkCode::HP)?);
        Ok(())
    }),
    formula: "h = −(HP − TRC)·u",
    sign: "negative: the femur stands above the Hilgenreiner line",
    reading: "about 8–10 mm [verify]",
    source: "Hilgenreiner 1925 [verify]",
    related: &["YAMAMURO_A", "SMITH_HB"],
    ..Definition::BASE
};

/// d: the femur's distance lateral of the TRC, along the line.
pub static DISTANCE: Definition = Definition {
    code: "HILG_D",
    id: "HILG_D/1",
    name: "Hilgenreiner d",
    quantity: Quantity::Length,
    reference: Reference::Hilgenreiner,
    needs: NEEDS,
    offer: Offer::Infant,
    measure: Formula::Hip(|hip| Ok(hip.offset(LandmarkCode::TRC, LandmarkCode::HP)?.lateral)),
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        pen.across(hip.point(LandmarkCode::TRC)?, hip.point(LandmarkCode::HP)?);
        Ok(())
    }),
    formula: "d = (HP − TRC)·ℓ",
    sign: "positive: lateral of the tri-radiate cartilage, which is d's medial origin here",
    reading: "up to about 15 mm [verify]",
    source: "Hilgenreiner 1925 [verify]",
    related: &["YAMAMURO_B", "SMITH_CB"],
    ..Definition::BASE
};

/// The femur's distance below the line, in metric units.
pub fn height(hip: &Hip) -> Result<f64, Refusal> {
    Ok(-hip.offset(LandmarkCode::TRC, LandmarkCode::HP)?.cranial)
}
