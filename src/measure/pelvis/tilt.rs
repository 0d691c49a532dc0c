//! **Pelvic tilt** from the sacro-femoral-pubic angle (Blondel 2012). Good for change, not for the absolute tilt before
//! a hip replacement; poor in one study of scoliosis and healthy youths.

use crate::measure::anatomy::{Hip, Pelvis};
use crate::measure::construction::{Pen, Role};
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer};
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::point::Vector;
use crate::measure::refusal::Refusal;

/// Degrees from which the angle is taken for the tilt.
const UPRIGHT: f64 = 75.0;
const SOURCE: &str = "Blondel, Eur Spine J 2012;21:719";
const NEEDS: &[Need] =
    &[Need::Both(LandmarkCode::FHC), Need::Midline(LandmarkCode::S1M), Need::Midline(LandmarkCode::PSS)];

/// Sacro-femoral-pubic angle, mean of both sides.
pub static FEMORAL: Definition = Definition {
    code: "SFP",
    id: "SFP/1",
    name: "Sacro-femoral-pubic angle",
    group: Group::Pelvis,
    needs: NEEDS,
    offer: Offer::With(&[LandmarkCode::S1M]),
    plausible: Some((20.0, 110.0)),
    measure: Formula::Pelvis(angle_deg),
    draw: Draw::Pelvis(drawn),
    formula: "mean of both sides of angle(S1M − FHC, PSS − FHC)",
    sign: "unsigned",
    reading: "read as pelvic tilt",
    source: SOURCE,
    related: &["PT"],
    ..Definition::BASE
};

/// Pelvic tilt.
pub static PELVIC: Definition = Definition {
    code: "PT",
    id: "PT/1",
    name: "Pelvic tilt",
    measure: Formula::Pelvis(|pelvis| Ok(UPRIGHT - angle_deg(pelvis)?)),
    draw: Draw::Pelvis(drawn),
    formula: "75° − SFP",
    sign: "positive: the pelvis leans back",
    reading: "within ±7.5° in 76 % (Blondel 2012); for change, not for the absolute tilt",
    group: Group::Pelvis,
    needs: NEEDS,
    offer: Offer::With(&[LandmarkCode::S1M]),
    source: SOURCE,
    related: &["SFP"],
    ..Definition::BASE
};

fn angle_deg(pelvis: &Pelvis) -> Result<f64, Refusal> {
    let [right, left] = pelvis.both(one_side)?;
    Ok(0.5 * (right + left))
}

fn one_side(hip: &Hip) -> Result<f64, Refusal> {
    let center = hip.point(LandmarkCode::FHC)?;
    let to = |code: LandmarkCode| -> Result<Vector, Refusal> {
        let v = hip.points.midline(code.clone())? - center;
        if v.length() < hip.points.limit(COINCIDENT) {
            return Err(Refusal::Coincident { from: LandmarkCode::FHC, to: code, side: None });
        }
        Ok(v)
    };
    Ok(to(LandmarkCode::S1M)?.angle_deg(to(LandmarkCode::PSS)?))
}

fn drawn(pelvis: &Pelvis, pen: &mut Pen) -> Result<(), Refusal> {
    let (sacrum, symphysis) = (pelvis.midline(LandmarkCode::S1M)?, pelvis.midline(LandmarkCode::PSS)?);
    for hip in pelvis.hips() {
        let center = hip.point(LandmarkCode::FHC)?;
        pen.segment(Role::Axis, center, sacrum);
        pen.segment(Role::Axis, center, symphysis);
        pen.angle(center, sacrum - center, symphysis - center);
    }
    Ok(())
}
