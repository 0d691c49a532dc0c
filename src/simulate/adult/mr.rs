//! A coronal slice through the hips as a T1-weighted sequence shows it: fat bright, muscle grey, cortex dark.
//!
//! Synthetic, and recognisably so: tissues are the bones' sections in a body of muscle and fat, without ligaments,
//! vessels or organs to speak of. It is there so that the model of slices can be trained and tried at all.

use super::film::{AdultOptions, Draw, Picture};
use super::masks::inside;
use super::mesh::V3;
use super::scene::{PosedFemur, Scene};
use super::shell::Shell;
use crate::measure::femur::cam_point::EXIT;
use crate::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing, SpacingStatus,
};
use crate::simulate::infant::canvas::blur;
use crate::simulate::infant::dice::Stream;
use crate::simulate::infant::texture;

/// Signals, of 1 for fat under the skin.
const FAT: f32 = 0.9;
const MUSCLE: f32 = 0.33;
const MARROW: f32 = 0.74;
const RED_MARROW: f32 = 0.56;
const CORTEX: f32 = 0.07;
const CARTILAGE: f32 = 0.46;

/// A square picture of the plane z; millimetres to pixels without a beam.
struct Plane {
    z: f64,
    pixel: f64,
    size: usize,
    centre: [f64; 2],
}

impl Plane {
    fn project(&self, p: &V3) -> Point {
        let middle = 0.5 * (self.size as f64 - 1.0);
        Point::new((p.x - self.centre[0]) / self.pixel + middle, (p.y - self.centre[1]) / self.pixel + middle)
    }

    fn millimetres(&self, index: usize) -> [f64; 2] {
        let middle = 0.5 * (self.size as f64 - 1.0);
        let along = |i: usize, centre: f64| (i as f64 - middle) * self.pixel + centre;
        [along(index % self.size, self.centre[0]), along(index / self.size, self.centre[1])]
    }

    /// Share of the slice, of its three sheets, that lies in the surface.
    fn share(&self, mesh: &super::mesh::Mesh, thickness: f64) -> Vec<f32> {
        let mut share = vec![0.0; self.size * self.size];
        for sheet in [-1.0, 0.0, 1.0] {
            let level = self.z + sheet * thickness / 3.0;
            let curves: Vec<Vec<Point>> = mesh
                .section(|p| p.z - level)
                .iter()
                .map(|c| c.iter().map(|p| self.project(p)).collect())
                .collect();
            for (share, inside) in share.iter_mut().zip(inside(&curves, self.size, self.size)) {
                *share += if inside { 1.0 / 3.0 } else { 0.0 };
            }
        }
        share
    }
}

/// The slice through both heads with FHC, NA, LAE and LCP of each. `None` where a head is not met.
pub(super) fn slice(scene: &Scene, draw: Draw, options: &AdultOptions) -> Option<Picture> {
    let mut dice = draw.dice(Stream::Soft);
    let size = options.size;
    let width = dice.range(330.0, 420.0);
    let heads = scene.femora.each_ref().map(|femur| femur.head);
    let plane = Plane {
        z: 0.5 * (heads[0].z + heads[1].z) + dice.normal(0.0, 1.0),
        pixel: width / size as f64,
        size,
        centre: [dice.normal(0.0, 8.0), dice.normal(5.0, 15.0)],
    };
    let thickness = dice.range(3.0, 5.0);
    let landmarks = landmarks(scene, &plane)?;

    let reach = scene.femora.iter().flat_map(|f| &f.shell.outer.vertices).filter(|p| p.y < 60.0);
    let half = reach.map(|p| p.x.abs()).fold(130.0, f64::max) + 12.0;
    let fat = dice.log_range(8.0, 50.0);
    let skin = half + fat;
    let count = size * size;
    let cells = |mm: f64| width / mm;
    let planes = texture::field(size, size, cells(45.0), cells(9.0), 0.8, draw.seed(), 5);
    // Signal of fat is apart from that of water: it comes to lie a little aside.
    let (mut lipid, mut water) = (vec![0.0_f32; count], vec![0.0_f32; count]);
    for index in 0..count {
        let [x, y] = plane.millimetres(index);
        let waist = 1.0 - 0.08 * (1.0 - (-(y.min(0.0) / 110.0).powi(2)).exp());
        let thighs = ((y - 95.0) / 25.0).clamp(0.0, 1.0);
        let cleft = x.abs() < 3.0 + 0.12 * (y - 95.0).max(0.0) && thighs > 0.0;
        if x.abs() > skin * waist || cleft {
            continue;
        }
        // Fat under the skin, and in the seams between muscles.
        let deep = x.abs() > half * waist || planes[index] > 1.35;
        *(if deep { &mut lipid[index] } else { &mut water[index] }) =
            if deep { FAT } else { MUSCLE * (1.0 + 0.05 * planes[index]) };
    }
    let mut lay = |shell: &Shell, marrow: f32| {
        let (outer, inner) = (plane.share(&shell.outer, thickness), plane.share(&shell.inner, thickness));
        for index in 0..count {
            let (outer, inner) = (outer[index], inner[index].min(outer[index]));
            water[index] = water[index] * (1.0 - outer) + CORTEX * (outer - inner);
            lipid[index] = lipid[index] * (1.0 - outer) + marrow * inner;
        }
    };
    let red = RED_MARROW + 0.06 * dice.gauss() as f32;
    scene.hips.iter().for_each(|hip| lay(hip, red));
    lay(&scene.sacrum, red);
    lay(&scene.spine, red);
    scene.femora.iter().for_each(|femur| lay(&femur.shell, MARROW));
    for femur in &scene.femora {
        // Cartilage lies between head and socket, where neither is.
        let (centre, pixel) = (plane.project(&femur.head), plane.pixel);
        let off = (plane.z - femur.head.z).abs();
        let round = (femur.radius.powi(2) - off * off).max(0.0).sqrt() / pixel;
        for index in 0..count {
            let at = Point::new((index % size) as f64, (index / size) as f64);
            let away = at.distance(centre) - round;
            let empty = lipid[index] < 0.2 && water[index] > 0.8 * MUSCLE;
            if (-1.0 / pixel..3.2 / pixel).contains(&away) && at.y < centre.y + 0.4 * round && empty {
                water[index] = CARTILAGE;
            }
        }
    }
    let shift = (dice.range(-1.6, 1.6) / plane.pixel).round() as isize;
    let bias = texture::field(size, size, 1.2, 2.5, 0.6, draw.seed(), 6);
    let strength = 0.18 * dice.range(0.2, 1.0) as f32;
    let mut grey: Vec<f32> = (0..count)
        .map(|index| {
            let (row, column) = (index / size, (index % size) as isize + shift);
            let moved = usize::try_from(column).ok().filter(|column| *column < size);
            let lipid = moved.map_or(0.0, |column| lipid[row * size + column]);
            (lipid + water[index]) * (strength * bias[index]).exp()
        })
        .collect();
    blur(&mut grey, size, size, dice.range(0.45, 0.9) / plane.pixel);
    let noise = dice.log_range(0.012, 0.05) as f32;
    let mut chance = draw.dice(Stream::Noise);
    let (mut real, mut imaginary) = (vec![0.0; count], vec![0.0; count]);
    chance.fill_gauss(&mut real);
    chance.fill_gauss(&mut imaginary);
    let gain = dice.range(0.7, 0.98) as f32;
    for ((value, real), imaginary) in grey.iter_mut().zip(real).zip(imaginary) {
        // The magnitude of a signal with noise in both of its channels.
        *value = (gain * (*value + noise * real).hypot(noise * imaginary)).clamp(0.0, 1.0);
    }
    let spacing = Spacing::millimetres(plane.pixel, plane.pixel, SpacingStatus::UnknownCalibration)?;
    Some(Picture { rows: size, columns: size, grey, bits: 12, spacing, landmarks, masks: None })
}

/// Read off the section itself: LAE as its point of greatest cover, LCP where the femur's section leaves the head.
fn landmarks(scene: &Scene, plane: &Plane) -> Option<LandmarkSet> {
    let mut set = LandmarkSet::default();
    for (place, side) in Side::BOTH.into_iter().enumerate() {
        let femur = &scene.femora[place];
        let head = plane.project(&femur.head);
        let radius = femur.radius / plane.pixel;
        let neck = plane.project(&femur.neck);
        let mut put = |code: LandmarkCode, at: Point| {
            set.insert(LandmarkId::new(code, side), Landmark::defined(at, None, Origin::File));
        };
        put(LandmarkCode::FHC, head);
        put(LandmarkCode::NA, neck);
        let section = |shell: &Shell| -> Vec<Point> {
            shell.outer.section(|p| p.z - plane.z).concat().iter().map(|p| plane.project(p)).collect()
        };
        put(LandmarkCode::LAE, edge(&section(&scene.hips[place]), head, radius, lateral(femur))?);
        let curves = femur.shell.outer.section(|p| p.z - plane.z);
        let curve = curves.iter().max_by_key(|curve| curve.len())?;
        let curve: Vec<Point> = curve.iter().map(|p| plane.project(p)).collect();
        put(LandmarkCode::LCP, exit(&curve, head, neck, radius)?);
        set.radii_px.insert(LandmarkId::new(LandmarkCode::FHC, side), radius);
    }
    Some(set)
}

fn lateral(femur: &PosedFemur) -> f64 {
    if femur.side == Side::Left { 1.0 } else { -1.0 }
}

fn edge(bone: &[Point], head: Point, radius: f64, lateral: f64) -> Option<Point> {
    let cover = |p: &Point| (lateral * (p.x - head.x)).atan2(head.y - p.y).to_degrees();
    let near = bone.iter().filter(|p| (1.0..1.35).contains(&(p.distance(head) / radius)) && cover(p) < 75.0);
    near.max_by(|a, b| cover(a).total_cmp(&cover(b))).copied()
}

/// The first point of the closed `curve`, from the top of the head to the neck on the upper side, outside of the circle.
/// `None` where the neck is cut so slantingly that the trochanter would be taken for it.
fn exit(curve: &[Point], head: Point, neck: Point, radius: f64) -> Option<Point> {
    let axis = (neck - head).unit()?;
    let above = |p: &Point| axis.cross(*p - head) * axis.x.signum() < 0.0;
    let round = |p: &Point| (*p - head).angle_deg(axis);
    let mut upper: Vec<&Point> = curve.iter().filter(|p| above(p) && round(p) < 100.0).collect();
    upper.sort_by(|a, b| round(b).total_cmp(&round(a)));
    let first = upper.into_iter().find(|p| p.distance(head) > EXIT * radius)?;
    (first.distance(head) < 1.3 * radius).then_some(*first)
}
