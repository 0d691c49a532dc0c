//! The cortical shell: how thick it is where, and the surface inside of it.

use super::femur::Femur;
use super::mesh::{Mesh, V3};

/// Shell of the greater trochanter, of the neck, and of most of the pelvis; millimetres.
const THIN: f64 = 1.1;

/// A bone as its outer surface and the one within its shell.
#[derive(Debug, Clone)]
pub struct Shell {
    pub outer: Mesh,
    pub inner: Mesh,
}

impl Shell {
    /// With a shell as thick at every vertex as `thickness` says.
    pub fn new(outer: Mesh, thickness: impl Fn(&V3, &V3) -> f64) -> Shell {
        let normals = outer.normals();
        let vertices = outer.vertices.iter().zip(&normals).map(|(p, n)| p - n * thickness(p, n)).collect();
        Shell { inner: Mesh { vertices, faces: outer.faces.clone() }, outer }
    }

    /// Both surfaces moved by `map`.
    pub fn mapped(&self, map: impl Fn(&V3) -> V3) -> Shell {
        Shell { outer: self.outer.mapped(&map), inner: self.inner.mapped(&map) }
    }
}

/// A femur that is laid out. The cortex is thin at the head and the greater trochanter, thicker along the neck's lower
/// side (calcar) and thickest in the shaft, by a fifth of its width; `quality` scales it.
pub fn femur(bone: &Femur, quality: f64) -> Shell {
    let Femur { lesser, neck, .. } = bone;
    let width = bone.shaft().map_or(28.0, |[_, distal]| {
        let near = bone.mesh.vertices.iter().filter(|p| (p.y - distal.y).abs() < 4.0);
        near.map(|p| 2.0 * (p - distal).norm()).fold(0.0, f64::max)
    });
    let lateral = bone.lateral();
    Shell::new(bone.mesh.clone(), |p, normal| {
        let down = smooth((p.y - (lesser.y - 28.0)) / 55.0);
        let thick = THIN + down * (0.2 * width - THIN);
        // The calcar lies below and medial of the line from the neck to the lesser trochanter.
        let from = p - 0.5 * (neck + lesser);
        let medial = (-0.7 * lateral * normal.x + 0.7 * normal.y).max(0.0);
        let calcar = 3.4 * medial * (-from.norm_squared() / (2.0 * 18.0 * 18.0)).exp();
        let tubercle = 2.5 * (-(p - lesser).norm_squared() / (2.0 * 7.0 * 7.0)).exp();
        quality * (thick + calcar * (1.0 - down) + tubercle)
    })
}

/// A hip bone around a head of `radius` at `centre`: thin, but for the roof of the socket.
pub fn hip(mesh: Mesh, centre: V3, radius: f64, quality: f64) -> Shell {
    Shell::new(mesh, |p, normal| {
        let from = p - centre;
        let away = from.norm();
        // What looks down at the head from above carries the weight and is dense: the eyebrow.
        let roof = (-normal.dot(&from) / away.max(1.0)).max(0.0) * (-from.y / away.max(1.0)).max(0.0);
        let near = (-((away - radius - 2.0) / 5.0).powi(2)).exp();
        quality * (THIN + 2.6 * roof * near)
    })
}

/// Any other bone.
pub fn plain(mesh: Mesh, thickness: f64) -> Shell {
    Shell::new(mesh, |_, _| thickness)
}

/// 0 below 0, 1 above 1, and smooth between.
pub fn smooth(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
