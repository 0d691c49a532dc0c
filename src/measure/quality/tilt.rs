//! **Tilt index** (Ball & Kommenda 1968): the height of the obturator foramina over the distance of the symphysis from
//! the Hilgenreiner line.

use crate::measure::anatomy::{Hip, Pelvis};
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity, Reference};
use crate::measure::landmark::{LandmarkCode, Side};
use crate::measure::metric::COINCIDENT;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "TILT_IDX",
    id: "TILT_IDX/1",
    name: "Pelvic tilt index",
    group: Group::Quality,
    quantity: Quantity::Ratio,
    reference: Reference::Hilgenreiner,
    needs: &[
        Need::Both(LandmarkCode::TRC),
        Need::Both(LandmarkCode::OFS),
        Need::Both(LandmarkCode::OFI),
        Need::Midline(LandmarkCode::PSS),
    ],
    offer: Offer::With(&[LandmarkCode::OFS, LandmarkCode::OFI, LandmarkCode::PSS]),
    measure: Formula::Pelvis(index),
    draw: Draw::Pelvis(|pelvis, pen| {
        for hip in pelvis.hips() {
            pen.along(hip.point(LandmarkCode::OFS)?, hip.point(LandmarkCode::OFI)?);
        }
        let hip = pelvis.hip(Side::Right);
        pen.baseline(hip.points);
        pen.along(hip.point(LandmarkCode::TRC)?, pelvis.midline(LandmarkCode::PSS)?);
        Ok(())
    }),
    formula: "mean of both sides of (OFS − OFI)·u / distance of PSS below the Hilgenreiner line",
    sign: "unsigned",
    reading: "0.75–1.2 accepted [verify]",
    source: "Ball & Kommenda, Ann Radiol 1968;11:299 [verify]",
    ..Definition::BASE
};

fn index(pelvis: &Pelvis) -> Result<f64, Refusal> {
    let [right, left] = pelvis.both(height)?;
    let line = pelvis.hip(Side::Right).point(LandmarkCode::TRC)?;
    let below = (line - pelvis.midline(LandmarkCode::PSS)?).dot(pelvis.frame.cranial);
    if below < pelvis.points.limit(COINCIDENT) {
        return Err(Refusal::Short("the symphysis does not lie below the Hilgenreiner line"));
    }
    Ok(0.5 * (right + left) / below)
}

fn height(hip: &Hip) -> Result<f64, Refusal> {
    Ok(hip.offset(LandmarkCode::OFI, LandmarkCode::OFS)?.cranial.abs())
}
