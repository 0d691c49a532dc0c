//! The local search of one stage: responses around where the points are believed to be, then the shape that gathers
//! most of them, within a radius that shrinks from fit to fit (Lindner 2015, algorithm 1).

use super::forest::Forests;
use super::haar::Integral;
use super::respond::{Response, Voters, respond};
use super::shape::ShapeModel;
use super::{OWN_WAY, SHRINKING, StagePlan};
use crate::measure::Point;
use crate::models::pyramid::Pyramid;
use crate::models::similarity::Similarity;
use rayon::prelude::*;

/// No window has more pixels than this along a side.
const LARGEST_WINDOW: f64 = 6000.0;
/// Weight in the fit of a point that nothing voted for, as a share of that of the best.
const LEAST_WEIGHT: f64 = 1e-3;

/// Where a shape is believed to be.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// From the model's frame to the film.
    pub pose: Similarity,
    pub b: Vec<f64>,
    /// Mean response at the points.
    pub quality: f64,
}

/// One point as it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// On the film.
    pub position: Point,
    /// Per-axis SD of the votes around it, in film pixels.
    pub spread: f64,
    /// Share of its votes that fell near it.
    pub agreement: f64,
}

/// Responses of all points with the frame they lie in.
struct Responses {
    /// From the window to the film.
    window: Similarity,
    /// From the model's frame to the window.
    pose: Similarity,
    points: Vec<Response>,
}

/// Runs a stage from `start`; `None` where the shape has left the film, or nothing voted.
pub(super) fn stage(
    shape: &ShapeModel,
    forests: &Forests,
    plan: &StagePlan,
    pyramid: &Pyramid,
    start: &State,
) -> Option<State> {
    let mut state = start.clone();
    for _ in 0..plan.rounds {
        let responses = responses(shape, forests, plan, pyramid, &state)?;
        state = fit(shape, plan, &responses, &state)?;
    }
    Some(state)
}

/// The points of a shape that has settled, each after its own response near the model.
pub(super) fn settle(
    shape: &ShapeModel,
    forests: &Forests,
    plan: &StagePlan,
    pyramid: &Pyramid,
    state: &State,
) -> Option<Vec<Found>> {
    let responses = responses(shape, forests, plan, pyramid, state)?;
    let scale = responses.window.scale();
    let found = shape.shape(&state.b).into_iter().zip(&responses.points).map(|(point, response)| {
        let (at, _) = response.best(responses.pose.apply(point), OWN_WAY);
        let (spread, _) = response.spread(at, 0.5 * plan.range as f64);
        let (_, agreement) = response.spread(at, 2.0 * plan.smoothing + 1.0);
        Found { position: responses.window.apply(at), spread: spread * scale, agreement }
    });
    Some(found.collect())
}

fn responses(
    shape: &ShapeModel,
    forests: &Forests,
    plan: &StagePlan,
    pyramid: &Pyramid,
    state: &State,
) -> Option<Responses> {
    let points: Vec<Point> =
        shape.shape(&state.b).iter().map(|p| Point::new(p.x * plan.size, p.y * plan.size)).collect();
    let margin = plan.range as f64 + 0.5 * plan.patch as f64 + 2.0;
    let low =
        points.iter().fold(Point::new(f64::MAX, f64::MAX), |l, p| Point::new(l.x.min(p.x), l.y.min(p.y)));
    let high =
        points.iter().fold(Point::new(f64::MIN, f64::MIN), |h, p| Point::new(h.x.max(p.x), h.y.max(p.y)));
    let (width, height) = (high.x - low.x + 2.0 * margin, high.y - low.y + 2.0 * margin);
    let sound = width < LARGEST_WINDOW && height < LARGEST_WINDOW && state.pose.scale() > 1e-9;
    if !sound || !state.pose.shift.is_finite() {
        return None;
    }
    // From the model's frame to the window; a NaN has been refused above.
    let origin = Point::new(margin - low.x, margin - low.y);
    let pose = Similarity::new(plan.size, 0.0, origin);
    let window = state.pose.after(&pose.inverse());
    let picture = pyramid.window(&window, height.ceil() as usize, width.ceil() as usize);
    let integral = Integral::new(&picture);
    let points = (0..points.len())
        .into_par_iter()
        .map(|point| {
            let centre = Point::new(points[point].x + origin.x, points[point].y + origin.y);
            let voters = Voters::around(centre, plan.range, plan.step);
            respond(forests, point, &integral, plan.patch, voters, plan.smoothing)
        })
        .collect();
    Some(Responses { window, pose, points })
}

fn fit(shape: &ShapeModel, plan: &StagePlan, responses: &Responses, state: &State) -> Option<State> {
    let (mut pose, mut b) = (responses.pose, state.b.clone());
    let mut radius = plan.range as f64;
    loop {
        let model = shape.shape(&b);
        let (points, values): (Vec<Point>, Vec<f32>) = model
            .iter()
            .zip(&responses.points)
            .map(|(point, response)| response.best(pose.apply(*point), radius))
            .unzip();
        let largest = f64::from(values.iter().copied().fold(0.0, f32::max));
        if largest <= 0.0 {
            return None;
        }
        let weights: Vec<f64> = values.iter().map(|v| (f64::from(*v) / largest).max(LEAST_WEIGHT)).collect();
        (pose, b) = shape.fit(&points, &weights)?;
        if radius <= 1.0 {
            break;
        }
        radius = (SHRINKING * radius).max(1.0);
    }
    let at_points = shape.shape(&b).into_iter().zip(&responses.points);
    let total: f64 = at_points.map(|(p, response)| f64::from(response.at(pose.apply(p)))).sum();
    let quality = total / shape.mean.len() as f64;
    Some(State { pose: responses.window.after(&pose), b, quality })
}
