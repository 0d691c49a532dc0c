//! Closed surfaces of triangles: what bones are made of here.

use nalgebra::Vector3;
use std::collections::HashMap;

/// A position or a direction; millimetres.
pub type V3 = Vector3<f64>;

/// A closed surface whose triangles turn anti-clockwise seen from outside.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    pub vertices: Vec<V3>,
    pub faces: Vec<[u32; 3]>,
}

impl Mesh {
    /// Every vertex moved by `map`, which keeps orientation.
    pub fn mapped(&self, map: impl Fn(&V3) -> V3) -> Mesh {
        Mesh { vertices: self.vertices.iter().map(map).collect(), faces: self.faces.clone() }
    }

    /// Every vertex moved by `map`, which turns right hands into left ones.
    pub fn mirrored(&self, map: impl Fn(&V3) -> V3) -> Mesh {
        let faces = self.faces.iter().map(|&[a, b, c]| [a, c, b]).collect();
        Mesh { vertices: self.vertices.iter().map(map).collect(), faces }
    }

    /// Volume in mm³; negative when the surface is inside out.
    pub fn volume(&self) -> f64 {
        self.triangles().map(|[a, b, c]| a.dot(&b.cross(&c)) / 6.0).sum()
    }

    /// Corners of every face.
    pub fn triangles(&self) -> impl Iterator<Item = [V3; 3]> + '_ {
        self.faces.iter().map(|face| face.map(|i| self.vertices[i as usize]))
    }

    /// Least and greatest of `of` over the vertices; `None` without any.
    pub fn extent(&self, of: impl Fn(&V3) -> f64) -> Option<(f64, f64)> {
        let first = of(self.vertices.first()?);
        Some(self.vertices.iter().map(of).fold((first, first), |(l, h), v| (l.min(v), h.max(v))))
    }

    /// Outward unit normal of every vertex, the mean of its faces by area.
    pub fn normals(&self) -> Vec<V3> {
        let mut normals = vec![V3::zeros(); self.vertices.len()];
        for (face, [a, b, c]) in self.faces.iter().zip(self.triangles()) {
            let normal = (b - a).cross(&(c - a));
            face.iter().for_each(|&i| normals[i as usize] += normal);
        }
        normals.iter().map(|n| n.try_normalize(1e-12).unwrap_or_default()).collect()
    }

    /// Both surfaces as one; where they overlap, there is twice as much of it.
    pub fn joined(mut self, other: &Mesh) -> Mesh {
        let first = self.vertices.len() as u32;
        self.vertices.extend(&other.vertices);
        self.faces.extend(other.faces.iter().map(|face| face.map(|i| i + first)));
        self
    }

    /// Closed curves in which the plane of points with `height` = 0 cuts the surface.
    pub fn section(&self, height: impl Fn(&V3) -> f64) -> Vec<Vec<V3>> {
        // A vertex in the plane counts as above it, so that every cut face has two cut edges.
        let heights: Vec<f64> = self.vertices.iter().map(height).collect();
        let above = |i: u32| heights[i as usize] >= 0.0;
        let mut next: HashMap<(u32, u32), (u32, u32)> = HashMap::new();
        for &[a, b, c] in &self.faces {
            let (mut enters, mut leaves) = (None, None);
            for (i, j) in [(a, b), (b, c), (c, a)] {
                match (above(i), above(j)) {
                    (false, true) => enters = Some((i.min(j), i.max(j))),
                    (true, false) => leaves = Some((i.min(j), i.max(j))),
                    _ => {}
                }
            }
            if let (Some(enters), Some(leaves)) = (enters, leaves) {
                next.insert(enters, leaves);
            }
        }
        let point = |(i, j): (u32, u32)| {
            let (a, b) = (heights[i as usize], heights[j as usize]);
            let share = a / (a - b);
            self.vertices[i as usize].lerp(&self.vertices[j as usize], share)
        };
        let mut starts: Vec<(u32, u32)> = next.keys().copied().collect();
        starts.sort_unstable();
        let mut curves = Vec::new();
        for start in starts {
            let mut curve = Vec::new();
            let mut at = start;
            while let Some(following) = next.remove(&at) {
                curve.push(point(at));
                at = following;
            }
            if curve.len() > 2 {
                curves.push(curve);
            }
        }
        curves
    }

    /// An ellipsoid of semi-axes `radii` around `centre`.
    pub fn ellipsoid(centre: V3, radii: V3) -> Mesh {
        const RINGS: u32 = 24;
        const POINTS: u32 = 48;
        let mut vertices = vec![centre - V3::new(0.0, 0.0, radii.z)];
        for ring in 1..RINGS {
            let polar = std::f64::consts::PI * f64::from(ring) / f64::from(RINGS);
            for i in 0..POINTS {
                let around = std::f64::consts::TAU * f64::from(i) / f64::from(POINTS);
                let unit = V3::new(polar.sin() * around.cos(), polar.sin() * around.sin(), -polar.cos());
                vertices.push(centre + unit.component_mul(&radii));
            }
        }
        vertices.push(centre + V3::new(0.0, 0.0, radii.z));
        let last = vertices.len() as u32 - 1;
        let at = |ring: u32, i: u32| 1 + (ring - 1) * POINTS + i % POINTS;
        let mut faces = Vec::new();
        for i in 0..POINTS {
            faces.push([0, at(1, i + 1), at(1, i)]);
            faces.push([last, at(RINGS - 1, i), at(RINGS - 1, i + 1)]);
            for ring in 1..RINGS - 1 {
                faces.push([at(ring, i), at(ring, i + 1), at(ring + 1, i + 1)]);
                faces.push([at(ring, i), at(ring + 1, i + 1), at(ring + 1, i)]);
            }
        }
        Mesh { vertices, faces }
    }
}

/// Centre and radius of the sphere nearest to `points` by algebraic least squares; `None` of points in one plane.
pub fn fit_sphere(points: &[V3]) -> Option<(V3, f64)> {
    let count = points.len() as f64;
    let mean = points.iter().sum::<V3>() / count.max(1.0);
    let mut matrix = nalgebra::Matrix3::zeros();
    let mut right = V3::zeros();
    let mean_square = points.iter().map(|p| (p - mean).norm_squared()).sum::<f64>() / count.max(1.0);
    for p in points {
        let d = p - mean;
        matrix += d * d.transpose();
        right += d * (0.5 * (d.norm_squared() - mean_square));
    }
    let centre = matrix.try_inverse()? * right;
    Some((mean + centre, (mean_square + centre.norm_squared()).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipsoid_is_closed_and_as_large_as_it_should_be() {
        let mesh = Mesh::ellipsoid(V3::new(3.0, -2.0, 9.0), V3::new(20.0, 15.0, 10.0));
        let expected = 4.0 / 3.0 * std::f64::consts::PI * 3000.0;
        assert!((mesh.volume() / expected - 1.0).abs() < 0.02, "{}", mesh.volume() / expected);
        let curves = mesh.section(|p| p.y + 2.0);
        assert_eq!(curves.len(), 1);
        let farthest = curves[0].iter().map(|p| (p.x - 3.0).abs()).fold(0.0, f64::max);
        assert!((farthest - 20.0).abs() < 0.1, "{farthest}");
    }

    #[test]
    fn a_sphere_is_found_from_part_of_it() {
        let mesh = Mesh::ellipsoid(V3::new(5.0, 6.0, 7.0), V3::repeat(23.0));
        let cap: Vec<V3> = mesh.vertices.iter().copied().filter(|p| p.x > 10.0).collect();
        let (centre, radius) = fit_sphere(&cap).unwrap();
        assert!((centre - V3::new(5.0, 6.0, 7.0)).norm() < 1e-6 && (radius - 23.0).abs() < 1e-6);
        assert!(fit_sphere(&[V3::zeros(); 4]).is_none());
    }
}
