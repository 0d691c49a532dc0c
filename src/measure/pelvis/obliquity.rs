//! **Pelvic obliquity**: how the pelvis lies in the image. The one angle that is meant to change when a film is turned.

use crate::measure::construction::Role;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer, Reference};
use crate::measure::landmark::{LandmarkCode, Side};
use crate::measure::metric::COINCIDENT;
use crate::measure::point::Vector;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "PO",
    id: "PO/1",
    name: "Pelvic obliquity",
    group: Group::Pelvis,
    reference: Reference::Image,
    needs: &[Need::Both(LandmarkCode::TD)],
    offer: Offer::With(&[LandmarkCode::TD]),
    plausible: Some((-45.0, 45.0)),
    measure: Formula::Pelvis(|pelvis| {
        let [right, left] = pelvis.hips().map(|hip| hip.point(LandmarkCode::TD));
        let across = left? - right?;
        if across.length() < pelvis.points.limit(COINCIDENT) {
            let (from, to) = (LandmarkCode::TD, LandmarkCode::TD);
            return Err(Refusal::Coincident { from, to, side: Some(Side::Left) });
        }
        Ok((-across.y).atan2(across.x.abs()).to_degrees())
    }),
    draw: Draw::Pelvis(|pelvis, pen| {
        let [right, left] = pelvis.hips().map(|hip| hip.point(LandmarkCode::TD));
        let (right, left) = (right?, left?);
        let across = left - right;
        pen.through(Role::Reference, right, left);
        // Level with the image, whatever line is the reference.
        let level = Vector::new(across.length().copysign(across.x), 0.0);
        pen.segment(Role::Perkin, right, right + level);
        pen.angle(right, level, across);
        Ok(())
    }),
    formula: "atan2(Y(TD-R) − Y(TD-L), |X(TD-L) − X(TD-R)|), Y downwards",
    sign: "positive: the patient's left is higher in the image",
    reading: "beyond 5° a warning [this program's]",
    source: "this program's",
    ..Definition::BASE
};
