//! The model of shape from shapes: generalised Procrustes alignment (C. Goodall, JRSS B 1991;53:285) and principal
//! components. Points that a film does not show are taken from the mean.

use crate::measure::Point;
use crate::models::rfrv_clm::shape::ShapeModel;
use crate::models::similarity::Similarity;
use nalgebra::{DMatrix, SymmetricEigen};

/// Rounds of alignment; the mean has settled long before.
const ROUNDS: usize = 20;
/// Modes of less variance, in squares of the shape's size, are rounding.
const LEAST_VARIANCE: f64 = 1e-8;

/// Mean and modes that hold the share `kept` of the variance, and the pose of every shape on its film; `None` unless
/// two shapes at least have two points each, and every point is on some film.
pub fn learn(shapes: &[Vec<Option<Point>>], kept: f64) -> Option<(ShapeModel, Vec<Similarity>)> {
    let seen = |shape: &Vec<Option<Point>>| shape.iter().flatten().count();
    let reference = shapes.iter().max_by_key(|shape| seen(shape))?;
    let points = reference.len();
    let everywhere = (0..points).all(|p| shapes.iter().any(|s| s.get(p).is_some_and(Option::is_some)));
    if shapes.len() < 2 || !everywhere || shapes.iter().any(|s| seen(s) < 2 || s.len() != points) {
        return None;
    }
    let middle = centre(&reference.iter().flatten().copied().collect::<Vec<_>>());
    let mut mean: Vec<Point> = reference.iter().map(|p| p.unwrap_or(middle)).collect();
    let mut poses = Vec::new();
    for round in 0..=ROUNDS {
        normalise(&mut mean);
        poses = shapes.iter().map(|shape| pose(&mean, shape)).collect::<Option<Vec<Similarity>>>()?;
        if round == ROUNDS {
            break;
        }
        if round + 1 == ROUNDS {
            // Upright is as on the films.
            let (sin, cos) = poses
                .iter()
                .fold((0.0, 0.0), |(s, c), pose| (s + pose.rotation().sin(), c + pose.rotation().cos()));
            let turn = Similarity::new(1.0, sin.atan2(cos), Point::default());
            mean.iter_mut().for_each(|p| *p = turn.apply(*p));
            continue;
        }
        mean = average(&aligned(shapes, &poses, &mean));
    }
    let aligned = aligned(shapes, &poses, &mean);
    Some((components(&mean, &aligned, kept), poses))
}

/// The pose of the mean that lies nearest to the points that are there.
fn pose(mean: &[Point], shape: &[Option<Point>]) -> Option<Similarity> {
    let pairs = mean.iter().zip(shape).filter_map(|(from, to)| Some((*from, (*to)?, 1.0)));
    Similarity::fit(pairs.collect::<Vec<_>>().into_iter())
}

/// Every shape in the frame of the mean.
fn aligned(shapes: &[Vec<Option<Point>>], poses: &[Similarity], mean: &[Point]) -> Vec<Vec<Point>> {
    let of = |(shape, pose): (&Vec<Option<Point>>, &Similarity)| {
        let back = pose.inverse();
        shape.iter().zip(mean).map(|(point, mean)| point.map_or(*mean, |p| back.apply(p))).collect()
    };
    shapes.iter().zip(poses).map(of).collect()
}

fn average(shapes: &[Vec<Point>]) -> Vec<Point> {
    let count = shapes.len() as f64;
    let of = |point: usize| {
        let (x, y) = shapes.iter().fold((0.0, 0.0), |(x, y), s| (x + s[point].x, y + s[point].y));
        Point::new(x / count, y / count)
    };
    (0..shapes[0].len()).map(of).collect()
}

/// Corners of the bounding box.
fn bounds(points: &[Point]) -> (Point, Point) {
    points.iter().fold((Point::new(f64::MAX, f64::MAX), Point::new(f64::MIN, f64::MIN)), |(low, high), p| {
        (Point::new(low.x.min(p.x), low.y.min(p.y)), Point::new(high.x.max(p.x), high.y.max(p.y)))
    })
}

fn centre(points: &[Point]) -> Point {
    let (low, high) = bounds(points);
    low.midpoint(high)
}

/// The middle of the bounding box to the origin, its longer side to 1.
fn normalise(mean: &mut [Point]) {
    let (low, high) = bounds(mean);
    let (middle, size) = (low.midpoint(high), (high.x - low.x).max(high.y - low.y));
    for p in mean {
        *p = Point::new((p.x - middle.x) / size, (p.y - middle.y) / size);
    }
}

fn components(mean: &[Point], shapes: &[Vec<Point>], kept: f64) -> ShapeModel {
    let rows = DMatrix::from_fn(shapes.len(), 2 * mean.len(), |shape, value| {
        let away = shapes[shape][value / 2] - mean[value / 2];
        if value % 2 == 0 { away.x } else { away.y }
    });
    let covariance = rows.transpose() * &rows / (shapes.len() as f64 - 1.0);
    let eigen = SymmetricEigen::new(covariance);
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let total: f64 = eigen.eigenvalues.iter().map(|v| v.max(0.0)).sum();
    let mut model = ShapeModel { mean: mean.to_vec(), modes: Vec::new(), variances: Vec::new() };
    let mut held = 0.0;
    for index in order {
        let variance = eigen.eigenvalues[index];
        if held >= kept * total || variance < LEAST_VARIANCE {
            break;
        }
        held += variance;
        model.modes.push(eigen.eigenvectors.column(index).iter().copied().collect());
        model.variances.push(variance);
    }
    model
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rectangles of one size and different heights, each somewhere else.
    fn rectangles() -> Vec<Vec<Option<Point>>> {
        (0..12)
            .map(|i| {
                let tall = 0.6 + 0.04 * f64::from(i);
                let pose = Similarity::new(
                    40.0 + f64::from(i),
                    0.02 * f64::from(i),
                    Point::new(100.0, f64::from(i)),
                );
                let corners = [(-0.5, -tall), (0.5, -tall), (0.5, tall), (-0.5, tall)];
                corners.map(|(x, y)| Some(pose.apply(Point::new(x, y)))).to_vec()
            })
            .collect()
    }

    #[test]
    fn one_way_to_differ_is_one_mode() {
        let (model, poses) = learn(&rectangles(), 0.98).unwrap();
        assert_eq!(model.modes.len(), 1, "{:?}", model.variances);
        assert_eq!(model.check(), Ok(()));
        let (low, high) = bounds(&model.mean);
        assert!(((high.y - low.y) - 1.0).abs() < 0.02, "{low:?} {high:?}");
        assert!(poses.windows(2).all(|p| p[1].rotation() > p[0].rotation()));
        let turn: f64 = poses.iter().map(Similarity::rotation).sum::<f64>() / 12.0;
        assert!((turn - 0.11).abs() < 0.12, "upright as on the films: {turn}");
    }

    #[test]
    fn a_point_that_is_missing_on_some_films_does_no_harm() {
        let mut shapes = rectangles();
        shapes[2][1] = None;
        shapes[7][3] = None;
        let (model, _) = learn(&shapes, 0.98).unwrap();
        let (whole, _) = learn(&rectangles(), 0.98).unwrap();
        for (a, b) in model.mean.iter().zip(&whole.mean) {
            assert!(a.distance(*b) < 0.02, "{a:?} {b:?}");
        }
        shapes.iter_mut().for_each(|shape| shape[0] = None);
        assert!(learn(&shapes, 0.98).is_none(), "nobody has shown the first corner");
    }
}
