//! How far predicted contour points lie from a drawn contour. A point that slid along the bone's edge is wrong as a
//! point, right as a contour: the two errors are told apart.

use super::summary::mean;
use crate::measure::{Point, Vector};

/// Mean errors of one contour, in the unit of its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContourError {
    pub n: usize,
    /// To the nearest place on the open reference polyline.
    pub to_curve: f64,
    /// To the reference point of the same number; `None` where there are not as many.
    pub to_point: Option<f64>,
}

/// `reference` is the open polyline through its points in order. `None` without points on either side and for
/// coordinates that are not finite.
pub fn contour_error(predicted: &[Point], reference: &[Point]) -> Option<ContourError> {
    let to_curve: Option<Vec<f64>> =
        predicted.iter().map(|point| point_to_curve(*point, reference)).collect();
    let to_point: Vec<f64> = predicted.iter().zip(reference).map(|(a, b)| a.distance(*b)).collect();
    Some(ContourError {
        n: predicted.len(),
        to_curve: mean(&to_curve?)?,
        to_point: mean(&to_point).filter(|_| predicted.len() == reference.len()),
    })
}

/// Distance from `point` to the open polyline `curve`, one point being a curve of no length; `None` without points and
/// for coordinates that are not finite or too far apart for their distance to be.
pub fn point_to_curve(point: Point, curve: &[Point]) -> Option<f64> {
    let first = curve.first()?.distance(point);
    let nearest = curve
        .windows(2)
        .try_fold(first, |nearest, ends| Some(nearest.min(point_to_segment(point, ends[0], ends[1])?)))?;
    nearest.is_finite().then_some(nearest)
}

fn point_to_segment(point: Point, a: Point, b: Point) -> Option<f64> {
    let (along, offset) = (b - a, point - a);
    let length = along.length();
    if !length.is_finite() {
        return None;
    }
    if length == 0.0 {
        return Some(offset.length());
    }
    // Along the direction, not by squares of the length: those end at 10¹⁵⁴.
    let direction = Vector::new(along.x / length, along.y / length);
    let reach = offset.dot(direction).clamp(0.0, length);
    let distance = point.distance(a + direction * reach);
    distance.is_finite().then_some(distance)
}

/// `error` in % of the reference's shaft width ‖SHM − SHL‖, which stands for the size of the femur on films without
/// calibration; `None` unless the width is positive.
pub fn percent_of_shaft(error: f64, width: f64) -> Option<f64> {
    let percent = 100.0 * error / width;
    (width > 0.0 && percent.is_finite()).then_some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(all: &[(f64, f64)]) -> Vec<Point> {
        all.iter().map(|(x, y)| Point::new(*x, *y)).collect()
    }

    #[test]
    fn example_of_the_specification() {
        let curve = points(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]);
        let error = contour_error(&points(&[(5.0, 1.0), (12.0, 5.0)]), &curve).expect("points");
        assert_eq!((error.n, error.to_curve, error.to_point), (2, 1.5, None));
        assert_eq!(percent_of_shaft(error.to_curve, 20.0), Some(7.5));
    }

    #[test]
    fn a_point_that_slid_along_is_on_the_curve() {
        let curve = points(&[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)]);
        let error = contour_error(&points(&[(3.0, 0.0), (13.0, 0.0), (23.0, 4.0)]), &curve).expect("points");
        assert_eq!((error.to_curve, error.to_point), (5.0 / 3.0, Some(11.0 / 3.0)), "the curve ends at 20");
    }

    #[test]
    fn curves_of_no_length() {
        let one = points(&[(3.0, 4.0)]);
        assert_eq!(point_to_curve(Point::new(0.0, 0.0), &one), Some(5.0));
        assert_eq!(point_to_curve(Point::new(0.0, 0.0), &[one[0], one[0]]), Some(5.0));
        assert_eq!(point_to_curve(Point::new(0.0, 0.0), &[]), None);
    }

    #[test]
    fn what_is_undefined_is_none() {
        let curve = points(&[(0.0, 0.0), (10.0, 0.0)]);
        assert_eq!(contour_error(&[], &curve), None);
        assert_eq!(contour_error(&points(&[(f64::NAN, 0.0)]), &curve), None);
        assert_eq!(contour_error(&curve, &points(&[(0.0, 0.0), (f64::NAN, 0.0)])), None);
        assert_eq!([0.0, -1.0, f64::NAN].map(|width| percent_of_shaft(1.0, width)), [None; 3]);
    }
}
