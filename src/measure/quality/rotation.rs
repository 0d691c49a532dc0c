//! **Rotation index** (Tönnis 1976): the width of the right obturator foramen over that of the left.

use crate::measure::anatomy::Hip;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Quantity};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "ROT_IDX",
    id: "ROT_IDX/1",
    name: "Pelvic rotation index",
    group: Group::Quality,
    quantity: Quantity::Ratio,
    needs: &[Need::Both(LandmarkCode::OFM), Need::Both(LandmarkCode::OFL)],
    offer: Offer::With(&[LandmarkCode::OFM, LandmarkCode::OFL]),
    measure: Formula::Pelvis(|pelvis| {
        let [right, left] = pelvis.both(width)?;
        Ok(right / left)
    }),
    draw: Draw::Pelvis(|pelvis, pen| {
        for hip in pelvis.hips() {
            pen.distance(hip.point(LandmarkCode::OFM)?, hip.point(LandmarkCode::OFL)?);
        }
        Ok(())
    }),
    formula: "‖OFL − OFM‖ right / left",
    sign: "below 1: turned to the right",
    reading: "0.56–1.8 accepted; lenient, as a ratio of 1:2 is about 13–18° of rotation (Kanazawa 2016)",
    source: "Tönnis, CORR 1976;119:39",
    ..Definition::BASE
};

fn width(hip: &Hip) -> Result<f64, Refusal> {
    Ok(hip.vector(LandmarkCode::OFM, LandmarkCode::OFL)?.length())
}
