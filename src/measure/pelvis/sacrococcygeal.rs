//! **Sacrococcygeal–symphyseal distance** (Siebenrock 2003): it follows pelvic tilt, but is never converted to degrees.

use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;

pub static DEFINITION: Definition = Definition {
    code: "SCS",
    id: "SCS/1",
    name: "Sacrococcygeal joint above the symphysis",
    group: Group::Pelvis,
    quantity: Quantity::Length,
    reference: Reference::Adult,
    needs: &[Need::Midline(LandmarkCode::SCJ), Need::Midline(LandmarkCode::PSS)],
    offer: Offer::With(&[LandmarkCode::SCJ, LandmarkCode::PSS]),
    measure: Formula::Pelvis(|pelvis| {
        let v = pelvis.midline(LandmarkCode::SCJ)? - pelvis.midline(LandmarkCode::PSS)?;
        Ok(v.dot(pelvis.frame.cranial))
    }),
    draw: Draw::Pelvis(|pelvis, pen| {
        pen.along(pelvis.midline(LandmarkCode::PSS)?, pelvis.midline(LandmarkCode::SCJ)?);
        Ok(())
    }),
    formula: "(SCJ − PSS)·u",
    sign: "positive: the junction stands above the symphysis",
    reading: "about 32 mm in men and 47 mm in women when neutral [verify]",
    source: "Siebenrock 2003",
    ..Definition::BASE
};
