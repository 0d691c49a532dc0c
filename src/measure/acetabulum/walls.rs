//! **Retroversion** by the walls: the index of the cross-over, and the signs of the posterior wall and of the ischial
//! spine. All three change side within a few degrees of pelvic tilt or rotation.

use crate::measure::anatomy::Hip;
use crate::measure::definition::{Bears, Definition, Draw, Formula, Group, Need, Offer, Quantity, Reference};
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::point::{Point, Vector};
use crate::measure::refusal::Refusal;

const BACKWARDS: Refusal =
    Refusal::NotAvailable("an acetabular wall turns back on itself: draw it from the roof downwards");

/// Retroversion index: the share of the opening along which the anterior wall lies lateral of the posterior one.
pub static RETROVERSION: Definition = Definition {
    code: "RI",
    id: "RI/1",
    name: "Retroversion index",
    group: Group::Acetabulum,
    quantity: Quantity::Percent,
    reference: Reference::Adult,
    needs: &[Need::Line(LandmarkCode::AW), Need::Line(LandmarkCode::PW)],
    offer: Offer::With(&[LandmarkCode::AW, LandmarkCode::PW]),
    bears: Bears::Little,
    measure: Formula::Hip(retroversion),
    draw: Draw::Hip(|hip, pen| {
        for wall in [LandmarkCode::AW, LandmarkCode::PW] {
            pen.curve(hip.polyline(wall, 2)?);
        }
        Ok(())
    }),
    formula: "100·a/b; b the opening's length from the walls' common roof end to their common lower end, \
              a the part of it where AW lies lateral of PW",
    sign: "0 %: the walls do not cross",
    reading: "above 0 % a cross-over sign",
    source: "terms: Arch Orthop Trauma Surg 2022, s00402-022-04612-0",
    ..Definition::BASE
};

/// Posterior wall sign: the posterior wall at the height of the head's centre.
pub static POSTERIOR: Definition = Definition {
    code: "PW_SIGN",
    id: "PW_SIGN/1",
    name: "Posterior wall beside the head centre",
    group: Group::Acetabulum,
    quantity: Quantity::Length,
    reference: Reference::Adult,
    needs: &[Need::Line(LandmarkCode::PW), Need::Side(LandmarkCode::FHC)],
    offer: Offer::With(&[LandmarkCode::PW]),
    bears: Bears::Little,
    measure: Formula::Hip(posterior_wall),
    draw: Draw::Hip(|hip, pen| {
        let center = hip.point(LandmarkCode::FHC)?;
        pen.curve(hip.polyline(LandmarkCode::PW, 2)?);
        pen.distance(center, center + hip.frame.lateral(hip.side) * posterior_wall(hip)?);
        Ok(())
    }),
    formula: "(PW at the height of FHC − FHC)·ℓ",
    sign: "negative: the wall lies medial of the centre, a positive posterior wall sign",
    reading: "negative: posterior wall sign; it flips within 5–8° of tilt or rotation",
    source: "terms: Arch Orthop Trauma Surg 2022, s00402-022-04612-0",
    ..Definition::BASE
};

/// Ischial spine sign: whether the spine projects into the pelvis.
pub static SPINE: Definition = Definition {
    code: "ISP_SIGN",
    id: "ISP_SIGN/1",
    name: "Ischial spine beside the pelvic brim",
    group: Group::Acetabulum,
    quantity: Quantity::Length,
    reference: Reference::Adult,
    needs: &[Need::Side(LandmarkCode::PBR), Need::Side(LandmarkCode::ISP)],
    offer: Offer::With(&[LandmarkCode::ISP]),
    bears: Bears::Little,
    measure: Formula::Hip(|hip| Ok(hip.offset(LandmarkCode::PBR, LandmarkCode::ISP)?.lateral)),
    draw: Draw::Hip(|hip, pen| {
        pen.across(hip.point(LandmarkCode::PBR)?, hip.point(LandmarkCode::ISP)?);
        Ok(())
    }),
    formula: "(ISP − PBR)·ℓ",
    sign: "negative: the spine projects into the pelvis, a positive ischial spine sign",
    reading: "negative: ischial spine sign; it flips within 5–8° of tilt or rotation",
    source: "terms: Arch Orthop Trauma Surg 2022, s00402-022-04612-0",
    ..Definition::BASE
};

/// A wall as (distance along the opening, lateral of it), in drawing order; must go forward.
fn along(wall: &[Point], origin: Point, axis: Vector, lateral: Vector) -> Result<Vec<(f64, f64)>, Refusal> {
    let points: Vec<(f64, f64)> =
        wall.iter().map(|p| ((*p - origin).dot(axis), (*p - origin).dot(lateral))).collect();
    if points.windows(2).all(|pair| pair[0].0 < pair[1].0) { Ok(points) } else { Err(BACKWARDS) }
}

fn retroversion(hip: &Hip) -> Result<f64, Refusal> {
    let anterior = hip.polyline(LandmarkCode::AW, 2)?;
    let posterior = hip.polyline(LandmarkCode::PW, 2)?;
    let ends = |wall: &[Point]| (wall[0], wall[wall.len() - 1]);
    let ((a, b), (c, d)) = (ends(anterior), ends(posterior));
    let (top, bottom) = (a.midpoint(c), b.midpoint(d));
    let opening = bottom - top;
    if opening.length() < hip.points.limit(COINCIDENT) {
        return Err(Refusal::Short("the acetabular opening has no length"));
    }
    let axis = opening.unit().ok_or(Refusal::NotFinite)?;
    let across = Vector::new(-axis.y, axis.x);
    let across = if across.dot(hip.frame.lateral(hip.side)) < 0.0 { -across } else { across };
    let anterior = along(anterior, top, axis, across)?;
    let posterior = along(posterior, top, axis, across)?;
    Ok(100.0 * crossed(&anterior, &posterior)? / opening.length())
}

/// How much of the walls' common stretch has `anterior` lateral of `posterior`.
fn crossed(anterior: &[(f64, f64)], posterior: &[(f64, f64)]) -> Result<f64, Refusal> {
    let from = anterior[0].0.max(posterior[0].0);
    let to = anterior[anterior.len() - 1].0.min(posterior[posterior.len() - 1].0);
    let mut knots: Vec<f64> = anterior.iter().chain(posterior).map(|(t, _)| *t).collect();
    knots.retain(|t| (from..=to).contains(t));
    knots.sort_unstable_by(f64::total_cmp);
    let ahead = |t: f64| Some(at(anterior, t)? - at(posterior, t)?);
    let mut length = 0.0;
    for pair in knots.windows(2) {
        let (Some(first), Some(last)) = (ahead(pair[0]), ahead(pair[1])) else { return Err(BACKWARDS) };
        let whole = pair[1] - pair[0];
        length += match (first > 0.0, last > 0.0) {
            (true, true) => whole,
            (false, false) => 0.0,
            // Between knots both walls are straight, and so is their difference.
            (true, false) => whole * first / (first - last),
            (false, true) => whole * last / (last - first),
        };
    }
    Ok(length)
}

/// The wall's lateral position at `t` along the opening.
fn at(wall: &[(f64, f64)], t: f64) -> Option<f64> {
    let pair = wall.windows(2).find(|pair| pair[0].0 <= t && t <= pair[1].0)?;
    let [(t0, l0), (t1, l1)] = [pair[0], pair[1]];
    Some(l0 + (l1 - l0) * (t - t0) / (t1 - t0))
}

fn posterior_wall(hip: &Hip) -> Result<f64, Refusal> {
    let wall = hip.polyline(LandmarkCode::PW, 2)?;
    let center = hip.point(LandmarkCode::FHC)?;
    let down = -hip.frame.cranial;
    let wall = along(wall, center, down, hip.frame.lateral(hip.side))?;
    at(&wall, 0.0).ok_or(Refusal::NotAvailable("the posterior wall does not reach the head's centre"))
}
