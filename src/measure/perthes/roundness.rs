//! **Roundness** of the head arc about its own circle. This program's numbers; Mose read the range by eye.

use crate::measure::anatomy::Hip;
use crate::measure::construction::Pen;
use crate::measure::definition::{Definition, Doubt, Draw, Formula, Group, Need, Offer, Quantity};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

/// RMS deviation in percent of the radius.
pub static DEVIATION: Definition = Definition {
    code: "RND",
    id: "RND/1",
    name: "Roundness of the head, RMS",
    group: Group::Perthes,
    quantity: Quantity::Percent,
    needs: &[Need::Line(LandmarkCode::HEAD)],
    offer: Offer::With(&[LandmarkCode::HEAD]),
    measure: Formula::Hip(|hip| Ok(roundness(hip)?.0)),
    raised_by_noise: true,
    doubt: Some(doubt),
    draw: Draw::Hip(drawn),
    formula: "100·RMS(|p − c| − R)/R; c, R the geometric circle through HEAD",
    sign: "0 %: a circle",
    reading: "none published",
    source: "this program's",
    related: &["RND_RANGE"],
    ..Definition::BASE
};

/// Range of the radial distances.
pub static RANGE: Definition = Definition {
    code: "RND_RANGE",
    id: "RND_RANGE/1",
    name: "Roundness of the head, range",
    quantity: Quantity::Length,
    measure: Formula::Hip(|hip| Ok(roundness(hip)?.1)),
    draw: Draw::Hip(drawn),
    formula: "max |p − c| − min |p − c|; c of the geometric circle through HEAD",
    sign: "0: a circle",
    reading: "Mose: 0 good, up to 2 mm fair, above 2 mm poor [verify]",
    group: Group::Perthes,
    needs: &[Need::Line(LandmarkCode::HEAD)],
    offer: Offer::With(&[LandmarkCode::HEAD]),
    raised_by_noise: true,
    doubt: Some(doubt),
    source: "this program's, after Mose",
    related: &["RND"],
    ..Definition::BASE
};

/// RMS in percent of the radius, and range in metric units.
fn roundness(hip: &Hip) -> Result<(f64, f64), Refusal> {
    let arc = hip.polyline(LandmarkCode::HEAD, 3)?;
    let circle = hip.points.head(hip.side)?;
    let off: Vec<f64> = arc.iter().map(|point| circle.outside(*point)).collect();
    let mean_square = off.iter().map(|d| d * d).sum::<f64>() / off.len() as f64;
    let (low, high) =
        off.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), d| (low.min(*d), high.max(*d)));
    Ok((100.0 * mean_square.sqrt() / circle.radius, high - low))
}

fn doubt(hip: &Hip) -> Option<Doubt> {
    hip.points.head(hip.side).ok()?.doubt()
}

fn drawn(hip: &Hip, pen: &mut Pen) -> Result<(), Refusal> {
    let circle = hip.points.head(hip.side)?;
    pen.circle(circle.center, circle.radius);
    pen.curve(hip.polyline(LandmarkCode::HEAD, 3)?);
    Ok(())
}
