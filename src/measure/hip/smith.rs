//! **Smith's ratios** (1968): where the femur stands against the midline, free of the film's scale. The midline is the
//! perpendicular bisector of the Hilgenreiner line.

use super::hilgenreiner;
use crate::measure::anatomy::Hip;
use crate::measure::definition::{Definition, Formula, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::refusal::Refusal;

/// c/b: how far lateral the metaphysis stands.
pub static LATERAL: Definition = Definition {
    code: "SMITH_CB",
    id: "SMITH_CB/1",
    name: "Smith c/b",
    quantity: Quantity::Ratio,
    reference: Reference::Hilgenreiner,
    needs: &[Need::Both(LandmarkCode::TRC), Need::Side(LandmarkCode::SMA), Need::Side(LandmarkCode::MM)],
    offer: Offer::With(&[LandmarkCode::MM]),
    measure: Formula::Hip(|hip| Ok(from_midline(hip, LandmarkCode::MM)? / width(hip)?)),
    formula: "c/b, c = (MM − M)·ℓ, b = (SMA − M)·ℓ, M midway between TRC-R and TRC-L",
    sign: "grows as the femur stands further lateral",
    reading: "0.6–0.85; above 0.85 dislocated (secondary source)",
    source: "Smith, JBJS Am 1968;50:1081 [verify], by medicalalgorithms.com",
    related: &["HILG_D"],
    ..Definition::BASE
};

/// h/b: how far below the Hilgenreiner line the femur stands.
pub static HEIGHT: Definition = Definition {
    code: "SMITH_HB",
    id: "SMITH_HB/1",
    name: "Smith h/b",
    quantity: Quantity::Ratio,
    reference: Reference::Hilgenreiner,
    needs: &[Need::Both(LandmarkCode::TRC), Need::Side(LandmarkCode::SMA), Need::Side(LandmarkCode::HP)],
    offer: Offer::With(&[LandmarkCode::MM]),
    measure: Formula::Hip(|hip| Ok(hilgenreiner::height(hip)? / width(hip)?)),
    formula: "h/b, h = −(HP − TRC)·u, b = (SMA − M)·ℓ, M midway between TRC-R and TRC-L",
    sign: "negative: the femur stands above the Hilgenreiner line",
    reading: "0.1–0.2; 0 or below dislocated, between indeterminate (secondary source)",
    source: "Smith, JBJS Am 1968;50:1081 [verify], by medicalalgorithms.com",
    related: &["HILG_H"],
    ..Definition::BASE
};

/// How far lateral of the midline `code` lies.
fn from_midline(hip: &Hip, code: LandmarkCode) -> Result<f64, Refusal> {
    let midline = hip.point(LandmarkCode::TRC)?.midpoint(hip.opposite().point(LandmarkCode::TRC)?);
    Ok(hip.resolve(hip.point(code)? - midline)?.lateral)
}

fn width(hip: &Hip) -> Result<f64, Refusal> {
    let width = from_midline(hip, LandmarkCode::SMA)?;
    if width.abs() < hip.points.limit(COINCIDENT) {
        return Err(Refusal::Short("the roof edge lies on the midline: no width to divide by"));
    }
    Ok(width)
}
