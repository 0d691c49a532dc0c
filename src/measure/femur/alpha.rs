//! **Alpha angle** by landmarks: between the neck's axis and the point where the head leaves its circle. AP alpha rises
//! by 0.18° per degree of external rotation; norms of different views are not to be mixed.

use super::neck;
use crate::measure::anatomy::Hip;
use crate::measure::construction::{Pen, Role};
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer};
use crate::measure::landmark::LandmarkCode;
use crate::measure::point::Vector;
use crate::measure::refusal::Refusal;

/// With the three-point axis.
pub static LANDMARKS: Definition = Definition {
    code: "ALPHA_3PT",
    id: "ALPHA_3PT/1",
    name: "Alpha angle",
    group: Group::Femur,
    needs: &[Need::Side(LandmarkCode::FHC), Need::Side(LandmarkCode::NA), Need::Side(LandmarkCode::LCP)],
    offer: Offer::With(&[LandmarkCode::LCP]),
    plausible: Some((20.0, 130.0)),
    measure: Formula::Hip(|hip| {
        let axis = neck::three_point(hip)?;
        Ok(axis.angle_deg(hip.vector(LandmarkCode::FHC, LandmarkCode::LCP)?))
    }),
    draw: Draw::Hip(|hip, pen| drawn(hip, pen, neck::three_point(hip)?)),
    formula: "angle(NA − FHC, LCP − FHC), 0–180°",
    sign: "unsigned",
    reading: "cam above 65° (S5), from 60° (Agricola 2014), above 55° (CT, specimens), pathological from 78°; \
              97.5th percentile of healthy 19-year-olds on AP films 93–94° (Laborie 2014)",
    source: "FAI landmarks (S5); PMC3613525 for rotation",
    related: &["ALPHA_ANAT", "ALPHA_CONTOUR"],
    ..Definition::BASE
};

/// With the anatomic axis.
pub static ANATOMIC: Definition = Definition {
    code: "ALPHA_ANAT",
    id: "ALPHA_ANAT/1",
    name: "Alpha angle, anatomic axis",
    group: Group::Femur,
    needs: &[Need::Line(LandmarkCode::NCL), Need::Side(LandmarkCode::FHC), Need::Side(LandmarkCode::LCP)],
    offer: Offer::With(&[LandmarkCode::NCL, LandmarkCode::LCP]),
    plausible: Some((20.0, 130.0)),
    measure: Formula::Hip(|hip| {
        let axis = neck::anatomic(hip)?;
        Ok(axis.angle_deg(hip.vector(LandmarkCode::FHC, LandmarkCode::LCP)?))
    }),
    draw: Draw::Hip(|hip, pen| {
        pen.curve(hip.polyline(LandmarkCode::NCL, 3)?);
        // As long as the other leg: a fitted direction has no length of its own.
        let leg = hip.vector(LandmarkCode::FHC, LandmarkCode::LCP)?;
        drawn(hip, pen, neck::anatomic(hip)? * leg.length())?;
        Ok(())
    }),
    formula: "angle(axis, LCP − FHC); the axis is the line fitted to three neck centres or more, moved to FHC",
    sign: "unsigned",
    reading: "differs from the three-point alpha by up to 13°",
    source: "Bouma, Acta Orthop 2014;85:147",
    related: &["ALPHA_3PT", "ALPHA_CONTOUR"],
    ..Definition::BASE
};

/// Both legs and the angle between them; the head's circle where its radius is known.
fn drawn(hip: &Hip, pen: &mut Pen, axis: Vector) -> Result<(), Refusal> {
    let leg = hip.vector(LandmarkCode::FHC, LandmarkCode::LCP)?;
    let center = hip.point(LandmarkCode::FHC)?;
    if let Ok(radius) = hip.head_radius(LandmarkCode::FHC) {
        pen.circle(center, radius);
    }
    pen.segment(Role::Axis, center, center + axis);
    pen.segment(Role::Roof, center, center + leg);
    pen.angle(center, axis, leg);
    Ok(())
}
