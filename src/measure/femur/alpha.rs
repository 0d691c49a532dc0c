//! **Alpha angle** by landmarks: between the neck's axis and the point where the head leaves its circle. AP alpha rises
//! by 0.18° per degree of external rotation; norms of different views are not to be mixed.

use super::neck;
use crate::measure::definition::{Definition, Formula, Group, Need, Offer};
use crate::measure::landmark::LandmarkCode;

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
    formula: "angle(axis, LCP − FHC); the axis is the line fitted to three neck centres or more, moved to FHC",
    sign: "unsigned",
    reading: "differs from the three-point alpha by up to 13°",
    source: "Bouma, Acta Orthop 2014;85:147",
    related: &["ALPHA_3PT", "ALPHA_CONTOUR"],
    ..Definition::BASE
};
