//! **Shenton step**: how far the femoral neck stands off the arc of the pubis that it should continue (line: 1902).
//!
//! The obturator arc is short by nature (the specification's own example spans 53°), so it is flagged below 120° like
//! every circle, but refused only below 45°: the step lies beside the arc, where even a loose fit is tight.

use crate::measure::anatomy::Hip;
use crate::measure::circle::{self, Circle};
use crate::measure::definition::{Definition, Draw, Formula, Need, Offer, Quantity};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

const LEAST_ARC: f64 = 45.0;

pub static DEFINITION: Definition = Definition {
    code: "SHENTON",
    id: "SHENTON/1",
    name: "Shenton step",
    quantity: Quantity::Length,
    needs: &[Need::Line(LandmarkCode::SPA), Need::Line(LandmarkCode::SNA)],
    offer: Offer::With(&[LandmarkCode::SPA]),
    measure: Formula::Hip(step),
    doubt: Some(|hip| pubic_arc(hip).ok()?.doubt()),
    draw: Draw::Hip(|hip, pen| {
        let arc = pubic_arc(hip)?;
        pen.circle(arc.center, arc.radius);
        pen.curve(hip.polyline(LandmarkCode::SPA, 3)?);
        for point in hip.polyline(LandmarkCode::SNA, 1)? {
            if let Some(out) = (*point - arc.center).unit() {
                pen.distance(arc.center + out * arc.radius, *point);
            }
        }
        Ok(())
    }),
    formula: "mean of |p − c| − R over SNA; c, R the circle through SPA (3 points or more)",
    sign: "positive: the femur stands high",
    reading: "intact or broken is judged by eye; above 5 mm an alert [this program's]",
    source: "Shenton 1902; step: this program's",
    ..Definition::BASE
};

fn pubic_arc(hip: &Hip) -> Result<Circle, Refusal> {
    circle::fit(hip.polyline(LandmarkCode::SPA, 3)?, LEAST_ARC)
}

fn step(hip: &Hip) -> Result<f64, Refusal> {
    let arc = pubic_arc(hip)?;
    let neck = hip.polyline(LandmarkCode::SNA, 1)?;
    Ok(neck.iter().map(|point| arc.outside(*point)).sum::<f64>() / neck.len() as f64)
}
