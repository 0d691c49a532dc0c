//! **Smith's ratios** (1968): where the femur stands against the midline, free of the film's scale. The midline is the
//! perpendicular bisector of the Hilgenreiner line, or the line from the sacrum to the symphysis: two definitions, as
//! they differ on every pelvis that is turned.

use super::hilgenreiner;
use crate::measure::anatomy::Hip;
use crate::measure::construction::{Pen, Role};
use crate::measure::definition::{Definition, Draw, Formula, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::point::{Point, Vector};
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
    draw: Draw::Hip(|hip, pen| {
        let middle = middle(hip)?;
        pen.baseline(hip.points);
        pen.across(middle, hip.point(LandmarkCode::SMA)?);
        pen.across(middle, hip.point(LandmarkCode::MM)?);
        Ok(())
    }),
    formula: "c/b, c = (MM − M)·ℓ, b = (SMA − M)·ℓ, M midway between TRC-R and TRC-L",
    sign: "grows as the femur stands further lateral",
    reading: "0.6–0.85; above 0.85 dislocated (secondary source)",
    source: "Smith, JBJS Am 1968;50:1081 [verify], by medicalalgorithms.com",
    related: &["SMITH_CB_SAC", "HILG_D"],
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
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        pen.across(middle(hip)?, hip.point(LandmarkCode::SMA)?);
        pen.along(hip.point(LandmarkCode::TRC)?, hip.point(LandmarkCode::HP)?);
        Ok(())
    }),
    formula: "h/b, h = −(HP − TRC)·u, b = (SMA − M)·ℓ, M midway between TRC-R and TRC-L",
    sign: "negative: the femur stands above the Hilgenreiner line",
    reading: "0.1–0.2; 0 or below dislocated, between indeterminate (secondary source)",
    source: "Smith, JBJS Am 1968;50:1081 [verify], by medicalalgorithms.com",
    related: &["SMITH_HB_SAC", "HILG_H"],
    ..Definition::BASE
};

/// c/b against the line from the sacrum to the symphysis.
pub static LATERAL_OF_SACRUM: Definition = Definition {
    code: "SMITH_CB_SAC",
    id: "SMITH_CB_SAC/1",
    name: "Smith c/b by the sacrum",
    quantity: Quantity::Ratio,
    reference: Reference::Hilgenreiner,
    needs: &[
        Need::Midline(LandmarkCode::SCJ),
        Need::Midline(LandmarkCode::PSS),
        Need::Side(LandmarkCode::SMA),
        Need::Side(LandmarkCode::MM),
    ],
    offer: Offer::With(&[LandmarkCode::MM, LandmarkCode::SCJ, LandmarkCode::PSS]),
    measure: Formula::Hip(|hip| {
        Ok(from_sacrum(hip, LandmarkCode::MM)? / wide(from_sacrum(hip, LandmarkCode::SMA)?, hip)?)
    }),
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        sacral(hip, pen, LandmarkCode::SMA)?;
        sacral(hip, pen, LandmarkCode::MM)?;
        Ok(())
    }),
    formula: "c/b, c and b the distances of MM and SMA lateral of the line SCJ–PSS",
    sign: "grows as the femur stands further lateral",
    reading: "as c/b by the bisector: 0.6–0.85; above 0.85 dislocated (secondary source)",
    source: "Smith, JBJS Am 1968;50:1081 [verify], by medicalalgorithms.com; SCJ stands for the sacrum",
    related: &["SMITH_CB", "HILG_D"],
    ..Definition::BASE
};

/// h/b against the line from the sacrum to the symphysis.
pub static HEIGHT_BY_SACRUM: Definition = Definition {
    code: "SMITH_HB_SAC",
    id: "SMITH_HB_SAC/1",
    name: "Smith h/b by the sacrum",
    quantity: Quantity::Ratio,
    reference: Reference::Hilgenreiner,
    needs: &[
        Need::Midline(LandmarkCode::SCJ),
        Need::Midline(LandmarkCode::PSS),
        Need::Side(LandmarkCode::TRC),
        Need::Side(LandmarkCode::SMA),
        Need::Side(LandmarkCode::HP),
    ],
    offer: Offer::With(&[LandmarkCode::MM, LandmarkCode::SCJ, LandmarkCode::PSS]),
    measure: Formula::Hip(|hip| {
        Ok(hilgenreiner::height(hip)? / wide(from_sacrum(hip, LandmarkCode::SMA)?, hip)?)
    }),
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        sacral(hip, pen, LandmarkCode::SMA)?;
        pen.along(hip.point(LandmarkCode::TRC)?, hip.point(LandmarkCode::HP)?);
        Ok(())
    }),
    formula: "h/b, h = −(HP − TRC)·u, b the distance of SMA lateral of the line SCJ–PSS",
    sign: "negative: the femur stands above the Hilgenreiner line",
    reading: "as h/b by the bisector: 0.1–0.2; 0 or below dislocated, between indeterminate (secondary source)",
    source: "Smith, JBJS Am 1968;50:1081 [verify], by medicalalgorithms.com; SCJ stands for the sacrum",
    related: &["SMITH_HB", "HILG_H"],
    ..Definition::BASE
};

/// How far lateral of the midline `code` lies.
fn from_midline(hip: &Hip, code: LandmarkCode) -> Result<f64, Refusal> {
    Ok(hip.resolve(hip.point(code)? - middle(hip)?)?.lateral)
}

/// How far lateral of the line from the sacrum to the symphysis `code` lies.
fn from_sacrum(hip: &Hip, code: LandmarkCode) -> Result<f64, Refusal> {
    let symphysis = hip.points.midline(LandmarkCode::PSS)?;
    let up = hip.points.midline(LandmarkCode::SCJ)? - symphysis;
    if up.length() < hip.points.limit(COINCIDENT) {
        return Err(Refusal::Coincident { from: LandmarkCode::SCJ, to: LandmarkCode::PSS, side: None });
    }
    let up = up.unit().ok_or(Refusal::NotFinite)?;
    let across = Vector::new(-up.y, up.x);
    let lateral = if across.dot(hip.frame.lateral(hip.side)) < 0.0 { -across } else { across };
    Ok((hip.point(code)? - symphysis).dot(lateral))
}

fn width(hip: &Hip) -> Result<f64, Refusal> {
    wide(from_midline(hip, LandmarkCode::SMA)?, hip)
}

fn wide(width: f64, hip: &Hip) -> Result<f64, Refusal> {
    if width.is_nan() || width.abs() < hip.points.limit(COINCIDENT) {
        return Err(Refusal::Short("the roof edge lies on the midline: no width to divide by"));
    }
    Ok(width)
}

/// Midway between the TRCs.
fn middle(hip: &Hip) -> Result<Point, Refusal> {
    Ok(hip.point(LandmarkCode::TRC)?.midpoint(hip.opposite().point(LandmarkCode::TRC)?))
}

/// The line from the sacrum to the symphysis, and how far `code` lies from it.
fn sacral(hip: &Hip, pen: &mut Pen, code: LandmarkCode) -> Result<(), Refusal> {
    let (sacrum, symphysis) =
        (hip.points.midline(LandmarkCode::SCJ)?, hip.points.midline(LandmarkCode::PSS)?);
    let up = (sacrum - symphysis).unit().ok_or(Refusal::NotFinite)?;
    let point = hip.point(code)?;
    pen.through(Role::Axis, symphysis, sacrum);
    pen.distance(symphysis + up * up.dot(point - symphysis), point);
    Ok(())
}
