//! Rigid registration of one surface to another by iterated closest points (Besl & McKay 1992, trimmed).

use super::mesh::V3;
use nalgebra::{Isometry3, Matrix3, Rotation3, UnitQuaternion};

/// Vertices that are compared; the rest adds time and nothing else.
const COMPARED: usize = 900;
const ROUNDS: usize = 40;
/// Share of the pairs that count: the nearest.
const KEPT: f64 = 0.8;

/// The rigid movement that lays `moving` on `fixed`, which it is near already.
pub fn register(moving: &[V3], fixed: &[V3]) -> Isometry3<f64> {
    let thinned = |points: &[V3]| -> Vec<V3> {
        points.iter().copied().step_by(points.len().div_ceil(COMPARED).max(1)).collect()
    };
    let (moving, fixed) = (thinned(moving), thinned(fixed));
    let mut pose = Isometry3::identity();
    for _ in 0..ROUNDS {
        let mut pairs: Vec<(V3, V3, f64)> = moving
            .iter()
            .filter_map(|p| {
                let at = pose * nalgebra::Point3::from(*p);
                let nearest = fixed
                    .iter()
                    .map(|q| (q, (q - at.coords).norm_squared()))
                    .min_by(|a, b| a.1.total_cmp(&b.1))?;
                Some((*p, *nearest.0, nearest.1))
            })
            .collect();
        pairs.sort_unstable_by(|a, b| a.2.total_cmp(&b.2));
        pairs.truncate(((pairs.len() as f64) * KEPT) as usize);
        match superpose(&pairs) {
            Some(better) => pose = better,
            None => break,
        }
    }
    pose
}

/// The rigid movement of the first of every pair to the second with the least squared error (Kabsch).
fn superpose(pairs: &[(V3, V3, f64)]) -> Option<Isometry3<f64>> {
    if pairs.len() < 3 {
        return None;
    }
    let count = pairs.len() as f64;
    let from = pairs.iter().map(|pair| pair.0).sum::<V3>() / count;
    let to = pairs.iter().map(|pair| pair.1).sum::<V3>() / count;
    let covariance: Matrix3<f64> = pairs.iter().map(|(p, q, _)| (p - from) * (q - to).transpose()).sum();
    let svd = covariance.svd(true, true);
    let (u, v) = (svd.u?, svd.v_t?.transpose());
    let mut flip = Matrix3::identity();
    flip[(2, 2)] = (v * u.transpose()).determinant().signum();
    let rotation = Rotation3::from_matrix_unchecked(v * flip * u.transpose());
    let rotation = UnitQuaternion::from_rotation_matrix(&rotation);
    Some(Isometry3::from_parts((to - rotation * from).into(), rotation))
}

#[cfg(test)]
mod tests {
    use super::super::mesh::Mesh;
    use super::*;

    #[test]
    fn a_moved_surface_is_laid_back() {
        let ball = Mesh::ellipsoid(V3::zeros(), V3::new(40.0, 20.0, 12.0));
        let bump = Mesh::ellipsoid(V3::new(20.0, 18.0, 5.0), V3::new(8.0, 9.0, 10.0));
        let fixed = ball.joined(&bump);
        let truth = Isometry3::new(V3::new(4.0, -3.0, 2.0), V3::new(0.05, -0.12, 0.1));
        let moving = fixed.mapped(|p| truth.inverse_transform_vector(&(p - truth.translation.vector)));
        let found = register(&moving.vertices, &fixed.vertices);
        let worst = moving
            .vertices
            .iter()
            .zip(&fixed.vertices)
            .map(|(p, q)| ((found * nalgebra::Point3::from(*p)).coords - q).norm());
        assert!(worst.fold(0.0, f64::max) < 0.3);
    }
}
