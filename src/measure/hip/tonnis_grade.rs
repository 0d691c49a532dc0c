//! **Tönnis grade** (1987): where the ossific nucleus lies against the roof edge. With v = FH − SMA: 4 above the edge
//! (v·u > τ), 3 at its height (|v·u| ≤ τ), else 2 lateral of the Perkin line and 1 on or medial of it. τ is 2 mm, or
//! 5 % of the TRC–TRC distance where lengths are not those of the patient. Needs TRC of both sides, SMA and FH.

use super::{Graded, Rule, ihdi};
use crate::measure::anatomy::Hip;
use crate::measure::definition::Draw;
use crate::measure::landmark::{LandmarkCode, LandmarkSet};
use crate::measure::refusal::Refusal;

/// Half height of the band that counts as "at the edge": millimetres, else a share of the baseline.
const BAND: (f64, f64) = (2.0, 0.05);
/// The nucleus on the Perkin line is grade 1, also after rounding; metric units.
const ROUNDING: f64 = 1e-9;

pub static RULE: Rule = Rule {
    code: "TONNIS_GRADE",
    id: "TONNIS_GRADE/1",
    name: "Tönnis grade",
    grades: &["1", "2", "3", "4"],
    landmarks: &[LandmarkCode::SMA, LandmarkCode::FH],
    on_request: false,
    grade,
    nearest,
    on_refusal,
    draw: Draw::Hip(|hip, pen| {
        let (head, edge) = (hip.point(LandmarkCode::FH)?, hip.point(LandmarkCode::SMA)?);
        pen.baseline(hip.points);
        pen.upright(edge, head);
        pen.level(edge, hip.side, (head - edge).length());
        Ok(())
    }),
    formula: "v = FH − SMA: v·u > τ 4; |v·u| ≤ τ 3; else v·ℓ > 0 2, ≤ 0 1; τ = 2 mm or 5 % of TRC–TRC",
    reading: "2–4 are displaced; needs an ossific nucleus",
    source: "Tönnis 1987 [verify]",
};

/// From 1 and 2 the way leads up to the edge's band or across the Perkin line, from 3 and 4 out of or into the band.
fn nearest(hip: &Hip) -> Result<(usize, f64), Refusal> {
    let nucleus = hip.offset(LandmarkCode::SMA, LandmarkCode::FH)?;
    let band = hip.tolerance(BAND.0, BAND.1);
    let below = if nucleus.lateral > ROUNDING { 1 } else { 0 };
    Ok(match grade(hip)?.grade {
        3 => (2, nucleus.cranial - band),
        2 if nucleus.cranial > 0.0 => (3, band - nucleus.cranial),
        2 => (below, band + nucleus.cranial),
        own => {
            let (up, across) = (-band - nucleus.cranial, nucleus.lateral.abs());
            if across < up { (1 - own, across) } else { (2, up) }
        }
    })
}

fn grade(hip: &Hip) -> Result<Graded, Refusal> {
    let nucleus = hip.offset(LandmarkCode::SMA, LandmarkCode::FH)?;
    let band = hip.tolerance(BAND.0, BAND.1) + ROUNDING;
    let grade = if nucleus.cranial > band {
        3
    } else if nucleus.cranial >= -band {
        2
    } else if nucleus.lateral > ROUNDING {
        1
    } else {
        0
    };
    Ok(Graded { grade, doubt: None })
}

/// Says which grade stands in its place: young infants have no nucleus, and the IHDI grade was made for them.
fn on_refusal(refusal: &Refusal, hip: Option<&Hip>, landmarks: &LandmarkSet) -> String {
    let reason = refusal.reason(landmarks);
    match refusal {
        Refusal::Missing(id) if id.code == LandmarkCode::FH => {
            let ihdi_given = hip.is_some_and(|hip| (ihdi::RULE.grade)(hip).is_ok());
            let instead = if ihdi_given { ", IHDI given" } else { "" };
            format!("{reason}: Tönnis grade withheld{instead}")
        }
        _ => reason,
    }
}
