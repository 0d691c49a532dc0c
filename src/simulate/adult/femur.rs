//! A femur and what must be known of it to move it: head, neck, shaft, trochanters, knee.

use super::mesh::{Mesh, V3, fit_sphere};
use crate::measure::Side;
use nalgebra::{Isometry3, Matrix3, Rotation3, UnitQuaternion};

/// A femur; millimetres, in the frame of whoever holds it.
#[derive(Debug, Clone)]
pub struct Femur {
    pub side: Side,
    pub mesh: Mesh,
    /// Centre and radius of the sphere nearest to the head.
    pub head: V3,
    pub radius: f64,
    /// Middle of the neck at its isthmus.
    pub neck: V3,
    /// Tips of the greater and of the lesser trochanter.
    pub greater: V3,
    pub lesser: V3,
    /// Midway between the epicondyles.
    pub knee: V3,
}

/// Vertices this near to the sphere of the head belong to it.
const ON_HEAD_MM: f64 = 1.5;

impl Femur {
    /// Names of the points that [`Femur::new`] wants, in their order.
    pub(super) const POINTS: [&str; 14] = [
        "Superior Femoral Head (SFH)",
        "Anterior Femoral Head (AFH)",
        "Lateral Femoral Head (LFH)",
        "Posterior Femoral Head (PFH)",
        "Medial Femoral Head (MFH)",
        "Inferior Femoral Head (IFH)",
        "Superior Neck Isthmus (SNI)",
        "Anterior Neck Isthmus (ANI)",
        "Inferior Neck Isthmus (INI)",
        "Posterior Neck Isthmus (PNI)",
        "Superior Greater Trochanter (SGT)",
        "Lesser Trochanter (LT)",
        "Lateral Epicondyle (LEC)",
        "Medial Epicondyle (MEC)",
    ];

    /// From [`Self::POINTS`]; `None` when they span no sphere.
    pub(super) fn new(side: Side, mesh: Mesh, points: &[V3]) -> Option<Femur> {
        let &[.., sni, ani, ini, pni, greater, lesser, lateral, medial] = points else { return None };
        let (head, radius) = fit_sphere(points.get(..6)?)?;
        let neck = 0.25 * (sni + ani + ini + pni);
        let knee = 0.5 * (lateral + medial);
        Femur { side, mesh, head, radius, neck, greater, lesser, knee }.refitted()
    }

    /// With the sphere of the head fitted to the surface, on the head's side of the neck.
    pub fn refitted(mut self) -> Option<Femur> {
        for _ in 0..8 {
            let towards = (self.head - self.neck).try_normalize(1e-6)?;
            let on_head = |p: &&V3| {
                let from = *p - self.head;
                (from.norm() - self.radius).abs() < ON_HEAD_MM && from.dot(&towards) > -0.3 * self.radius
            };
            let points: Vec<V3> = self.mesh.vertices.iter().filter(on_head).copied().collect();
            (self.head, self.radius) = fit_sphere(&points)?;
        }
        (self.radius.is_finite() && (12.0..40.0).contains(&self.radius)).then_some(self)
    }

    /// Every point moved by `map`, which keeps sizes nearly and orientation.
    pub fn moved(&self, map: impl Fn(&V3) -> V3) -> Femur {
        Femur {
            side: self.side,
            mesh: self.mesh.mapped(&map),
            head: map(&self.head),
            radius: self.radius,
            neck: map(&self.neck),
            greater: map(&self.greater),
            lesser: map(&self.lesser),
            knee: map(&self.knee),
        }
    }

    /// The other side's: mirrored in the plane x = 0.
    pub fn mirrored(&self) -> Femur {
        let flip = |p: &V3| V3::new(-p.x, p.y, p.z);
        Femur { side: self.side.opposite(), mesh: self.mesh.mirrored(flip), ..self.moved(flip) }
    }

    /// 1 for a left femur, −1 for a right one: the direction of lateral along x.
    pub fn lateral(&self) -> f64 {
        if self.side == Side::Left { 1.0 } else { -1.0 }
    }

    /// Laid out as it is posed from: the head's centre at the origin, the knee straight below it (y), the neck in the
    /// frontal plane. `None` for a femur without extent.
    pub fn laid_out(&self) -> Option<Femur> {
        let y = (self.knee - self.head).try_normalize(1.0)?;
        let neck = self.neck - self.head;
        let x = (neck - y * y.dot(&neck)).try_normalize(1e-3)? * self.lateral();
        let axes = Matrix3::from_rows(&[x.transpose(), y.transpose(), x.cross(&y).transpose()]);
        let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes));
        let pose = Isometry3::from_parts((-(turn * self.head)).into(), turn);
        Some(self.moved(|p| (pose * nalgebra::Point3::from(*p)).coords))
    }

    /// Two points in the middle of the shaft, 15 and 50 mm below the lesser trochanter, of a femur that is laid out.
    pub fn shaft(&self) -> Option<[V3; 2]> {
        let middle = |below: f64| {
            let level = self.lesser.y + below;
            let near = self.mesh.section(|p| p.y - level);
            let curve = near.iter().max_by_key(|curve| curve.len())?;
            let [low, high] = [f64::min, f64::max].map(|pick| {
                curve.iter().fold(curve[0], |m, p| V3::new(pick(m.x, p.x), level, pick(m.z, p.z)))
            });
            Some(0.5 * (low + high))
        };
        Some([middle(15.0)?, middle(50.0)?])
    }
}
