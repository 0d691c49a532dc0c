//! **Neck–shaft angle** (CCD, caput–collum–diaphysis). Rotation of the hip by 20° shifts it by 7–10°.

use crate::measure::construction::Role;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

/// Least distance of the shaft's points: millimetres, and columns where there is no spacing.
const SHAFT: (f64, f64) = (20.0, 50.0);

pub static DEFINITION: Definition = Definition {
    code: "NSA",
    id: "NSA/1",
    name: "Neck–shaft angle",
    group: Group::Femur,
    needs: &[
        Need::Side(LandmarkCode::FHC),
        Need::Side(LandmarkCode::NC),
        Need::Side(LandmarkCode::SP),
        Need::Side(LandmarkCode::SD),
    ],
    offer: Offer::With(&[LandmarkCode::SP]),
    plausible: Some((90.0, 180.0)),
    measure: Formula::Hip(|hip| {
        let neck = hip.vector(LandmarkCode::NC, LandmarkCode::FHC)?;
        let shaft = hip.vector(LandmarkCode::SP, LandmarkCode::SD)?;
        if shaft.length() < hip.points.limit(SHAFT) {
            return Err(Refusal::Short("the points of the shaft lie too close together for its axis"));
        }
        Ok(neck.angle_deg(shaft))
    }),
    draw: Draw::Hip(|hip, pen| {
        let (neck, head) = (hip.point(LandmarkCode::NC)?, hip.point(LandmarkCode::FHC)?);
        let (upper, lower) = (hip.point(LandmarkCode::SP)?, hip.point(LandmarkCode::SD)?);
        let (up, down) = (head - neck, lower - upper);
        // Where the two axes meet.
        let share = (upper - neck).cross(down) / up.cross(down);
        let corner = neck + up * share;
        if !corner.is_finite() {
            return Err(Refusal::Short("the axes of neck and shaft are parallel"));
        }
        pen.segment(Role::Axis, corner, head);
        pen.segment(Role::Axis, corner, lower);
        pen.angle(corner, head - corner, lower - corner);
        Ok(())
    }),
    formula: "angle(FHC − NC, SD − SP)",
    sign: "unsigned",
    reading: "95 % range 114–140° (MRI, Fischer 2018), mean 128.8° (Boese 2016); falls with age to about 8 years; \
              adults below 120° vara, above 140° valga [verify], though 120° lies inside that range",
    source: "Fischer 2018; Boese, Skeletal Radiol 2016;45:19",
    ..Definition::BASE
};
