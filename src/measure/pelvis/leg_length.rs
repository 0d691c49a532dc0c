//! **Leg length difference** by the lesser trochanters. The teardrops are the better origin; the biischial line is
//! discouraged (Meermans 2011) and only measured on request.

use crate::measure::anatomy::Hip;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

const SOURCE: &str = "Meermans, CORR 2011;469:1677";

/// How far the lesser trochanter stands below the teardrop.
pub static TROCHANTER: Definition = Definition {
    code: "LT_DEPTH",
    id: "LT_DEPTH/1",
    name: "Lesser trochanter below the teardrop",
    group: Group::Pelvis,
    quantity: Quantity::Length,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::TD), Need::Side(LandmarkCode::LT)],
    offer: Offer::With(&[LandmarkCode::TD, LandmarkCode::LT]),
    measure: Formula::Hip(below_teardrop),
    draw: Draw::Hip(|hip, pen| {
        pen.baseline(hip.points);
        pen.along(hip.point(LandmarkCode::TD)?, hip.point(LandmarkCode::LT)?);
        Ok(())
    }),
    formula: "D = −(LT − TD)·u",
    sign: "positive: below the teardrop",
    reading: "for comparing sides",
    source: SOURCE,
    related: &["LLD"],
    ..Definition::BASE
};

/// Left minus right.
pub static DIFFERENCE: Definition = Definition {
    code: "LLD",
    id: "LLD/1",
    name: "Leg length difference",
    needs: &[Need::Both(LandmarkCode::TD), Need::Both(LandmarkCode::LT)],
    measure: Formula::Pelvis(|pelvis| {
        let [right, left] = pelvis.both(below_teardrop)?;
        Ok(left - right)
    }),
    draw: Draw::Pelvis(|pelvis, pen| {
        for hip in pelvis.hips() {
            pen.baseline(hip.points);
            pen.along(hip.point(LandmarkCode::TD)?, hip.point(LandmarkCode::LT)?);
        }
        Ok(())
    }),
    formula: "D(left) − D(right), D = −(LT − TD)·u",
    sign: "positive: the left leg is longer",
    reading: "beyond 10 mm an alert [this program's]; head centres beat trochanters (Meermans 2011)",
    group: Group::Pelvis,
    quantity: Quantity::Length,
    reference: Reference::Adult,
    offer: Offer::With(&[LandmarkCode::TD, LandmarkCode::LT]),
    source: SOURCE,
    related: &["LLD_ISC", "LT_DEPTH"],
    ..Definition::BASE
};

/// The same from the ischia.
pub static BY_ISCHIA: Definition = Definition {
    code: "LLD_ISC",
    id: "LLD_ISC/1",
    name: "Leg length difference by the ischia",
    group: Group::Pelvis,
    quantity: Quantity::Length,
    reference: Reference::Adult,
    needs: &[Need::Both(LandmarkCode::ISC), Need::Both(LandmarkCode::LT)],
    measure: Formula::Pelvis(|pelvis| {
        let [right, left] =
            pelvis.both(|hip| Ok(-hip.offset(LandmarkCode::ISC, LandmarkCode::LT)?.cranial))?;
        Ok(left - right)
    }),
    draw: Draw::Pelvis(|pelvis, pen| {
        for hip in pelvis.hips() {
            pen.along(hip.point(LandmarkCode::ISC)?, hip.point(LandmarkCode::LT)?);
        }
        Ok(())
    }),
    formula: "D(left) − D(right), D = −(LT − ISC)·u",
    sign: "positive: the left leg is longer",
    reading: "secondary: the biischial line is discouraged (Meermans 2011)",
    source: SOURCE,
    related: &["LLD"],
    ..Definition::BASE
};

fn below_teardrop(hip: &Hip) -> Result<f64, Refusal> {
    Ok(-hip.offset(LandmarkCode::TD, LandmarkCode::LT)?.cranial)
}
