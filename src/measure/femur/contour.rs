//! **Alpha angle** by the contour (Nötzli 2002): the point where the outline leaves the head's circle is found on the
//! outline instead of being marked.
//!
//! The circle is widened by [`TAU`] for it. A head is no circle: its outline weaves about the one fitted to it by a percent or
//! two of the radius, and leaves it at a small angle. On the simulated films of 12 scanned people the circle itself was first
//! crossed at 43 to 166° from the neck's axis; the widened one is left within 3.5° of LCP (see [`super::cam_point`]) on 27 of 31
//! hips, and 8 to 11° above it on the others.

use super::neck;
use crate::measure::anatomy::Hip;
use crate::measure::construction::Role;
use crate::measure::definition::{Definition, Draw, Formula, Group, Need, Offer};
use crate::measure::landmark::LandmarkCode;
use crate::measure::point::Point;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "ALPHA_CONTOUR",
    id: "ALPHA_CONTOUR/2",
    name: "Alpha angle by the contour",
    group: Group::Femur,
    needs: &[
        Need::Side(LandmarkCode::FHC),
        Need::Side(LandmarkCode::NA),
        Need::Line(LandmarkCode::HNC),
        Need::Circle(LandmarkCode::FHC),
    ],
    offer: Offer::With(&[LandmarkCode::HNC, LandmarkCode::FHC]),
    plausible: Some((20.0, 130.0)),
    measure: Formula::Hip(|hip| alpha_deg(hip, TAU)),
    draw: Draw::Hip(|hip, pen| {
        let (axis, center) = (neck::three_point(hip)?, hip.point(LandmarkCode::FHC)?);
        let (radius, contour) = (hip.head_radius(LandmarkCode::FHC)?, hip.polyline(LandmarkCode::HNC, 2)?);
        let exit = first_exit(contour, center, radius * (1.0 + TAU)).ok_or(Refusal::NoExit)?;
        pen.circle(center, radius);
        pen.curve(contour);
        pen.segment(Role::Axis, center, center + axis);
        pen.segment(Role::Roof, center, exit);
        pen.angle(center, axis, exit - center);
        Ok(())
    }),
    formula: "angle(NA − FHC, A − FHC); A the first crossing of |p − FHC| = r(1 + τ) from the top of the head \
              down the superior neck, τ = 0.04",
    sign: "unsigned",
    reading: "as the alpha angle; τ = 0 is crossed anywhere on an uneven head",
    source: "Nötzli, JBJS Br 2002;84:556 [verify]; τ of Boel (PMC7616415)",
    related: &["ALPHA_3PT", "ALPHA_ANAT"],
    ..Definition::BASE
};

/// How far outside the circle the head has been left, as a share of the radius.
pub const TAU: f64 = 0.04;

/// The angle with the circle widened by the share `tau`.
pub fn alpha_deg(hip: &Hip, tau: f64) -> Result<f64, Refusal> {
    let axis = neck::three_point(hip)?;
    let center = hip.point(LandmarkCode::FHC)?;
    let radius = hip.head_radius(LandmarkCode::FHC)?;
    let contour = hip.polyline(LandmarkCode::HNC, 2)?;
    let exit = first_exit(contour, center, radius * (1.0 + tau)).ok_or(Refusal::NoExit)?;
    Ok(axis.angle_deg(exit - center))
}

/// A point on the circle is not outside, also after rounding; share of the radius.
const ROUNDING: f64 = 1e-9;

/// Where `contour` first passes from within the circle to outside.
pub fn first_exit(contour: &[Point], center: Point, radius: f64) -> Option<Point> {
    let outside = |p: Point| p.distance(center) > radius * (1.0 + ROUNDING);
    let pair = contour.windows(2).find(|pair| !outside(pair[0]) && outside(pair[1]))?;
    let (from, along) = (pair[0] - center, pair[1] - pair[0]);
    // |from + t·along| = radius; the larger root, as `from` lies within.
    let (a, b, c) = (along.dot(along), from.dot(along), from.dot(from) - radius * radius);
    let t = (-b + (b * b - a * c).max(0.0).sqrt()) / a;
    Some(pair[0] + along * t)
}
