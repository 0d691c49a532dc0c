//! The lowest lumbar vertebrae, which the set has no surfaces of: bodies and processes of the usual size and place, so
//! that the top of a film does not end in nothing. No landmark lies on them.

use super::mesh::{Mesh, V3};
use nalgebra::Rotation3;

const VERTEBRAE: i32 = 3;

/// L5, L4 and L3 on the sacral end plate of middle `endplate` and front edge `promontory`.
pub fn lumbar(endplate: &V3, promontory: &V3) -> Mesh {
    let ahead = (promontory - endplate).try_normalize(1e-6).unwrap_or(-V3::z());
    let mut forward = V3::new(0.0, ahead.y, ahead.z).try_normalize(1e-6).unwrap_or(-V3::z());
    let mut at = *endplate;
    let mut spine = Mesh::default();
    for _ in 0..VERTEBRAE {
        // Each vertebra stands 8° straighter than the one below.
        let up = |forward: &V3| forward.cross(&V3::x());
        at += up(&forward) * 11.0;
        forward = Rotation3::from_axis_angle(&V3::x_axis(), 8.0_f64.to_radians()) * forward;
        let axes = [V3::x(), up(&forward), forward];
        at += axes[1] * 14.0;
        let place = |p: &V3| at + axes[0] * p.x + axes[1] * p.y + axes[2] * p.z;
        spine = spine.joined(&vertebra().mapped(place));
        at += axes[1] * 14.0;
    }
    spine
}

/// Around its body's middle; x left, y up, z forward.
fn vertebra() -> Mesh {
    let body = Mesh::ellipsoid(V3::zeros(), V3::repeat(1.0)).mapped(|p| {
        // A rounded cylinder with a waist, along y.
        let (round, height) = (p.x.hypot(p.z).max(1e-9), p.y);
        let wide = round.powf(0.3) * (0.9 + 0.1 * height * height) / round;
        V3::new(24.0 * p.x * wide, 14.0 * height.signum() * height.abs().powf(0.3), 17.0 * p.z * wide)
    });
    let lump = |x: f64, y: f64, z: f64, radii: [f64; 3]| Mesh::ellipsoid(V3::new(x, y, z), V3::from(radii));
    let mut bone = body.joined(&lump(0.0, -8.0, -48.0, [3.5, 9.0, 15.0]));
    for side in [-1.0, 1.0] {
        bone = bone
            .joined(&lump(side * 16.0, 4.0, -20.0, [5.0, 8.0, 8.0]))
            .joined(&lump(side * 36.0, 3.0, -24.0, [19.0, 5.0, 4.0]))
            .joined(&lump(side * 15.0, -8.0, -32.0, [7.0, 14.0, 5.0]));
    }
    bone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spine_stands_above_the_sacrum_and_is_the_right_way_out() {
        let (endplate, promontory) = (V3::new(0.0, -100.0, 40.0), V3::new(0.0, -95.0, 25.0));
        let spine = lumbar(&endplate, &promontory);
        assert!(spine.volume() > 0.0);
        let (top, bottom) = spine.extent(|p| p.y).unwrap();
        assert!(top < -200.0 && bottom > -112.0 && bottom < -85.0, "{top} {bottom}");
    }
}
