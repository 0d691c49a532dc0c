//! The global searcher: patches as large as the shape vote for its middle, at several sizes and angles.

use super::haar::Integral;
use super::respond::{Voters, respond};
use super::search::State;
use super::{Clm, GlobalPlan};
use crate::measure::{Point, Vector};
use crate::models::pyramid::Pyramid;
use crate::models::similarity::Similarity;
use rayon::prelude::*;

/// A pixel of the reference frame is never more of the film's than this, nor is its inverse.
const MOST_SCALE: f64 = 1e3;

/// The places most voted for, best first; their quality is the weight of the votes.
pub(super) fn candidates(clm: &Clm, plan: &GlobalPlan, pyramid: &Pyramid) -> Vec<State> {
    let tried: Vec<(f64, f64)> =
        plan.sizes.iter().flat_map(|size| plan.angles.iter().map(move |angle| (*size, *angle))).collect();
    let mut found: Vec<State> =
        tried.par_iter().flat_map_iter(|(size, angle)| scan(clm, plan, pyramid, *size, *angle)).collect();
    found.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    found.truncate(plan.candidates);
    found
}

/// The places for a shape of `size` shares of the film's longer side, turned by `angle` degrees.
fn scan(clm: &Clm, plan: &GlobalPlan, pyramid: &Pyramid, size: f64, angle: f64) -> Vec<State> {
    let (rows, columns) = (pyramid.rows() as f64, pyramid.columns() as f64);
    let size = size * rows.max(columns);
    let (scale, rotation) = (size / plan.size, angle.to_radians());
    if !(scale < MOST_SCALE && scale > 1.0 / MOST_SCALE) {
        return Vec::new();
    }
    let (sin, cos) = (rotation.sin().abs(), rotation.cos().abs());
    let margin = plan.patch as f64;
    let width = ((cos * columns + sin * rows) / scale + margin).ceil() as usize;
    let height = ((sin * columns + cos * rows) / scale + margin).ceil() as usize;
    let middle = Vector::new(0.5 * (width as f64 - 1.0), 0.5 * (height as f64 - 1.0));
    let centre = Point::new(0.5 * (columns - 1.0), 0.5 * (rows - 1.0));
    let window = Similarity::new(scale, rotation, centre).after(&Similarity::translation(-middle));
    let integral = Integral::new(&pyramid.window(&window, height, width));
    let first = (plan.patch / 2) as i32;
    let count = |length: usize| (length.saturating_sub(plan.patch) / plan.step).max(1);
    let voters =
        Voters { left: first, top: first, columns: count(width), rows: count(height), step: plan.step };
    let response = respond(&clm.global, 0, &integral, plan.patch, voters, plan.smoothing);
    let peaks = response.peaks(plan.candidates, 0.25 * plan.size);
    peaks
        .into_iter()
        .map(|(at, share)| State {
            pose: Similarity::new(size, rotation, window.apply(at)),
            b: clm.shape.zero(),
            quality: f64::from(share * response.cast),
        })
        .collect()
}
