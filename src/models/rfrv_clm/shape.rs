//! A linear model of shape: T. F. Cootes et al., "Active Shape Models – Their Training and Application", CVIU 1995.
//!
//! x = x̄ + P·b in a frame of its own, whose unit is the longer side of the mean shape's bounding box and whose origin
//! is the middle of that box; a similarity takes it to the film.

use crate::measure::{Point, Vector};
use crate::models::similarity::Similarity;
use nalgebra::{DMatrix, DVector};

/// Pose and form in turn, until neither moves; they have settled to a hundredth of a pixel long before.
const TURNS: usize = 6;
/// SD of a found point about the model in the model's unit, the weight of the evidence against the prior of b.
const POINT_SD: f64 = 0.005;

/// Mean shape and its modes.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeModel {
    pub mean: Vec<Point>,
    /// Columns of P, each of unit length: x and y of every point in turn.
    pub modes: Vec<Vec<f64>>,
    /// Variance of b along each mode.
    pub variances: Vec<f64>,
}

impl ShapeModel {
    /// The shape with the parameters `b`.
    pub fn shape(&self, b: &[f64]) -> Vec<Point> {
        let mut shape = self.mean.clone();
        for (mode, b) in self.modes.iter().zip(b) {
            for (point, by) in shape.iter_mut().zip(mode.chunks_exact(2)) {
                *point = *point + Vector::new(b * by[0], b * by[1]);
            }
        }
        shape
    }

    /// Parameters of the mean.
    pub fn zero(&self) -> Vec<f64> {
        vec![0.0; self.modes.len()]
    }

    /// Draws b back towards the mean until bᵀS⁻¹b is no more than what 99.8 % of such shapes have.
    pub fn limit(&self, b: &mut [f64]) {
        let modes = b.len() as f64;
        let most = modes + 3.0 * (2.0 * modes).sqrt();
        let square: f64 = b.iter().zip(&self.variances).map(|(b, v)| b * b / v).sum();
        if square > most {
            b.iter_mut().for_each(|b| *b *= (most / square).sqrt());
        }
    }

    /// The pose and the parameters whose shape lies nearest to `points`, each counting by its weight, with b held to
    /// its prior and its limit; `None` where the points define no pose.
    pub fn fit(&self, points: &[Point], weights: &[f64]) -> Option<(Similarity, Vec<f64>)> {
        let mut b = self.zero();
        let mut pose = Similarity::IDENTITY;
        let modes = self.modes.len();
        let p = DMatrix::from_fn(2 * self.mean.len(), modes, |row, mode| self.modes[mode][row]);
        let weighted =
            DMatrix::from_fn(2 * self.mean.len(), modes, |row, mode| weights[row / 2] * p[(row, mode)]);
        let noise = POINT_SD * POINT_SD;
        let normal = p.transpose() * &weighted
            + DMatrix::from_diagonal(&DVector::from_iterator(
                modes,
                self.variances.iter().map(|v| noise / v),
            ));
        let solver = normal.cholesky()?;
        for _ in 0..TURNS {
            let shape = self.shape(&b);
            let triples = (0..shape.len()).map(|i| (shape[i], points[i], weights[i]));
            pose = Similarity::fit(triples)?;
            let back = pose.inverse();
            let residual: Vec<f64> = points
                .iter()
                .zip(&self.mean)
                .flat_map(|(point, mean)| {
                    let away = back.apply(*point) - *mean;
                    [away.x, away.y]
                })
                .collect();
            b = solver.solve(&(weighted.transpose() * DVector::from_vec(residual))).iter().copied().collect();
            self.limit(&mut b);
        }
        Some((pose, b))
    }

    /// `Err` with the reason where the parts do not fit each other.
    pub fn check(&self) -> Result<(), String> {
        let values = 2 * self.mean.len();
        if self.mean.len() < 2 || self.modes.len() != self.variances.len() {
            return Err("the shape model has no shape".to_owned());
        }
        if self.modes.iter().any(|mode| mode.len() != values || mode.iter().any(|v| !v.is_finite())) {
            return Err("a mode of the shape model does not fit its mean".to_owned());
        }
        let positive = self.variances.iter().all(|v| *v > 0.0 && v.is_finite());
        if !positive || !self.mean.iter().all(|p| p.is_finite()) {
            return Err("the shape model holds what is no number".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square that grows tall as it grows narrow, or leans both ways; neither is a turn or a growth.
    fn model() -> ShapeModel {
        let mean =
            [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(x, y)| Point::new(x, y)).to_vec();
        let unit = 0.5_f64.sqrt();
        let tall = mean.iter().flat_map(|p| [-unit * p.x, unit * p.y]).collect();
        let lean = mean.iter().flat_map(|p| [unit * p.y, unit * p.x]).collect();
        ShapeModel { mean, modes: vec![tall, lean], variances: vec![0.04, 0.01] }
    }

    #[test]
    fn a_shape_of_the_model_is_found_again() {
        let model = model();
        let pose = Similarity::new(80.0, 0.3, Point::new(100.0, 50.0));
        let points: Vec<Point> = model.shape(&[0.2, -0.1]).into_iter().map(|p| pose.apply(p)).collect();
        let (found, b) = model.fit(&points, &[1.0; 4]).unwrap();
        for (point, shape) in points.iter().zip(model.shape(&b)) {
            assert!(found.apply(shape).distance(*point) < 0.5, "{b:?}");
        }
    }

    /// A point that nobody saw is put where the others say.
    #[test]
    fn a_point_without_weight_follows_the_others() {
        let model = model();
        let mut points = model.shape(&[0.1, 0.0]);
        let truth = points[2];
        points[2] = Point::new(9.0, -9.0);
        let (pose, b) = model.fit(&points, &[1.0, 1.0, 0.0, 1.0]).unwrap();
        assert!(pose.apply(model.shape(&b)[2]).distance(truth) < 0.02);
    }

    #[test]
    fn impossible_shapes_are_drawn_back() {
        let model = model();
        let mut b = vec![3.0, 0.0];
        model.limit(&mut b);
        let square = b[0] * b[0] / 0.04;
        assert!((square - (2.0 + 3.0 * 2.0)).abs() < 1e-9, "{square}");
        let mut usual = vec![0.2, 0.1];
        model.limit(&mut usual);
        assert_eq!(usual, [0.2, 0.1]);
    }
}
