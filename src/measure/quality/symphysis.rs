//! **Symphysis–os-ischium angle** (Tönnis 1976): it grows as the pelvis tilts. Its table by age was not recovered, so
//! it is shown and judges nothing.

use crate::measure::construction::Role;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "SOI",
    id: "SOI/1",
    name: "Symphysis–os-ischium angle",
    group: Group::Quality,
    needs: &[Need::Both(LandmarkCode::SYM), Need::Both(LandmarkCode::ISH)],
    offer: Offer::With(&[LandmarkCode::SYM, LandmarkCode::ISH]),
    measure: Formula::Pelvis(|pelvis| {
        let [right, left] = pelvis.hips().map(|hip| hip.vector(LandmarkCode::SYM, LandmarkCode::ISH));
        Ok(right?.angle_deg(left?))
    }),
    draw: Draw::Pelvis(|pelvis, pen| {
        for hip in pelvis.hips() {
            pen.through(Role::Axis, hip.point(LandmarkCode::SYM)?, hip.point(LandmarkCode::ISH)?);
        }
        Ok(())
    }),
    formula: "angle(ISH-R − SYM-R, ISH-L − SYM-L)",
    sign: "unsigned",
    reading: "about 90–135° [verify]; the table by age was not recovered",
    source: "Tönnis, CORR 1976;119:39",
    ..Definition::BASE
};
