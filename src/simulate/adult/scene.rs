//! A patient on the table: every bone in its place, with the points that films are read by.

use super::deform::{Build, HipForm};
use super::femur::Femur;
use super::mesh::{Mesh, V3};
use super::person::Person;
use super::pose::Pose;
use super::shell::{self, Shell};
use super::spine;
use crate::measure::Side;
use nalgebra::Rotation3;

/// A femur in its place.
#[derive(Debug, Clone)]
pub struct PosedFemur {
    pub side: Side,
    pub shell: Shell,
    pub head: V3,
    pub radius: f64,
    pub neck: V3,
    pub greater: V3,
    pub lesser: V3,
    /// Middle of the shaft 15 and 50 mm below the lesser trochanter.
    pub shaft: [V3; 2],
}

/// Bones in the frame of [`Person`]; pairs have the right side first.
#[derive(Debug, Clone)]
pub struct Scene {
    pub hips: [Shell; 2],
    pub femora: [PosedFemur; 2],
    pub sacrum: Shell,
    pub spine: Shell,
    /// Middle of the sacrococcygeal junction.
    pub sacrococcygeal: V3,
}

impl Scene {
    /// `person` of this `build` with hips of these `forms` in this `pose`; `quality` scales the cortex. `None` when
    /// the forms leave no femur.
    pub fn new(
        person: &Person,
        build: &Build,
        forms: &[HipForm; 2],
        pose: &Pose,
        quality: f64,
    ) -> Option<Scene> {
        let pelvis = pose.pelvis();
        let warp = |p: &V3| build.apply(p);
        let joint = |place: usize| {
            let form = &forms[place];
            let femur = person.femora[place].moved(warp).refitted()?;
            let (centre, radius, lateral) = (femur.head, femur.radius, femur.lateral());
            let hip = form.hip(&person.hips[place].mapped(warp), centre, radius, lateral);
            let hip = shell::hip(hip, centre, radius, quality).mapped(|p| pelvis * p);
            let femur = form.femur(&femur.laid_out()?)?;
            let turn = pose.hips[place].femur(femur.side);
            Some((hip, posed(&femur, quality, turn, pelvis * centre)?))
        };
        let [right, left] = [joint(0)?, joint(1)?];
        let sacrum = person.sacrum.mapped(warp);
        let junction = sacrococcygeal(&sacrum)?;
        let spine = spine::lumbar(&warp(&person.endplate), &warp(&person.promontory));
        Some(Scene {
            hips: [right.0, left.0],
            femora: [right.1, left.1],
            sacrum: shell::plain(sacrum, 0.8 * quality).mapped(|p| pelvis * p),
            spine: shell::plain(spine, 0.8 * quality).mapped(|p| pelvis * p),
            sacrococcygeal: pelvis * junction,
        })
    }
}

impl Scene {
    /// The whole patient turned about the origin.
    pub fn turned(&self, turn: &Rotation3<f64>) -> Scene {
        let of = |p: &V3| turn * p;
        let femur = |femur: &PosedFemur| PosedFemur {
            side: femur.side,
            shell: femur.shell.mapped(of),
            head: of(&femur.head),
            radius: femur.radius,
            neck: of(&femur.neck),
            greater: of(&femur.greater),
            lesser: of(&femur.lesser),
            shaft: femur.shaft.map(|p| of(&p)),
        };
        Scene {
            hips: self.hips.each_ref().map(|hip| hip.mapped(of)),
            femora: self.femora.each_ref().map(femur),
            sacrum: self.sacrum.mapped(of),
            spine: self.spine.mapped(of),
            sacrococcygeal: of(&self.sacrococcygeal),
        }
    }
}

/// A laid-out femur turned about its head, which comes to lie at `centre`.
fn posed(femur: &Femur, quality: f64, turn: Rotation3<f64>, centre: V3) -> Option<PosedFemur> {
    let place = |p: &V3| turn * p + centre;
    Some(PosedFemur {
        side: femur.side,
        shell: shell::femur(femur, quality).mapped(place),
        head: place(&femur.head),
        radius: femur.radius,
        neck: place(&femur.neck),
        greater: place(&femur.greater),
        lesser: place(&femur.lesser),
        shaft: femur.shaft()?.map(|p| place(&p)),
    })
}

/// Share of the sacrum's greatest width that its lowest segment has at the inferior lateral angles.
const JUNCTION_WIDTH: f64 = 0.3;

/// Middle of the sacrococcygeal junction: of the section at the lowest level at which the sacrum is at least 0.3 of its
/// greatest width, that of the inferior lateral angles. Surfaces end above, at or below the first coccygeal segment.
fn sacrococcygeal(sacrum: &Mesh) -> Option<V3> {
    let (top, bottom) = sacrum.extent(|p| p.y)?;
    let (left, right) = sacrum.extent(|p| p.x)?;
    let levels = (0..).map(|step| bottom - 1.0 - 0.5 * f64::from(step)).take_while(|level| *level > top);
    for level in levels {
        let points = sacrum.section(|p| p.y - level).concat();
        let ends = |of: fn(&V3) -> f64| {
            points.iter().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
        };
        let ((x0, x1), (z0, z1)) = (ends(|p| p.x), ends(|p| p.z));
        if x1 - x0 >= JUNCTION_WIDTH * (right - left) {
            return Some(V3::new(0.5 * (x0 + x1), level, 0.5 * (z0 + z1)));
        }
    }
    None
}
