//! Forms that the people of the set do not have: cam, pincer, dysplasia, coxa vara and valga, unequal legs, and the
//! spread of size and shape between people. All act on surfaces, so that film, landmarks and masks follow.

use super::femur::Femur;
use super::mesh::{Mesh, V3};
use super::person::Person;
use super::shell::smooth;
use crate::simulate::infant::dice::Dice;
use nalgebra::{Rotation3, Unit};

/// What is done to one hip; all zero is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HipForm {
    /// Height of a bump on the head–neck junction, superolaterally; mm.
    pub cam_mm: f64,
    /// Turn of the lateral rim about the head, in degrees: growth (pincer) is positive, retreat (dysplasia) negative.
    pub rim_deg: f64,
    /// Change of the neck–shaft angle in degrees: valga is positive, vara negative.
    pub neck_shaft_deg: f64,
    /// How much farther the shaft lies from the head, along it; mm.
    pub length_mm: f64,
}

/// Angle of the bump's middle from the neck's axis, seen from the centre of the head: the usual alpha of a cam.
const CAM_AT_DEG: f64 = 62.0;

impl HipForm {
    /// `femur`, which is laid out, in this form; laid out again.
    pub fn femur(&self, femur: &Femur) -> Option<Femur> {
        let bent = self.bent(femur)?;
        let axis = (bent.neck - bent.head).try_normalize(1e-6)?;
        let up = V3::new(0.0, -1.0, 0.0);
        let above = (up - axis * axis.dot(&up)).try_normalize(1e-6)?;
        // A cam sits in front of the superior corner of the neck.
        let ahead = V3::new(0.0, 0.0, -1.0);
        let middle = (above + 0.35 * ahead).normalize();
        let raised = bent.moved(|p| {
            let from = p - bent.head;
            let along = from.dot(&axis);
            let aside = from - axis * along;
            let off_axis = aside.norm().atan2(along).to_degrees();
            let around = aside.angle(&middle).to_degrees();
            let near = smooth((1.9 * bent.radius - from.norm()) / (0.5 * bent.radius));
            let weight = (-((off_axis - CAM_AT_DEG) / 15.0).powi(2)).exp() * (-(around / 50.0).powi(2)).exp();
            // The inside of the bone is not moved to speak of: the bump grows on the outside.
            let outward = from.try_normalize(1e-6).unwrap_or_default();
            p + outward * (self.cam_mm * weight * near)
        });
        // The centre is that of the round part, as it was.
        Femur { head: bent.head, neck: bent.neck, ..raised }.laid_out()
    }

    /// The shaft turned about the foot of the neck and moved along itself.
    fn bent(&self, femur: &Femur) -> Option<Femur> {
        let axis = (femur.neck - femur.head).try_normalize(1e-6)?;
        let foot = femur.neck + axis * 12.0;
        let first = femur.neck.dot(&axis);
        // Valga: the left shaft's lower end turns laterally, which is anti-clockwise on the film.
        let angle = -femur.lateral() * self.neck_shaft_deg.to_radians();
        let turned = femur.moved(|p| {
            let share = smooth((p.dot(&axis) - first + 6.0) / 30.0);
            let turn = Rotation3::from_axis_angle(&V3::z_axis(), share * angle);
            foot + turn * (p - foot) + V3::new(0.0, share * self.length_mm, 0.0)
        });
        turned.laid_out()
    }

    /// The hip bone with its rim grown or retreated over a head of `radius` at `centre`, on the side where lateral is
    /// `lateral` along x.
    pub fn hip(&self, mesh: &Mesh, centre: V3, radius: f64, lateral: f64) -> Mesh {
        let grow = self.rim_deg.to_radians();
        mesh.mapped(|p| {
            let from = p - centre;
            let (x, y) = (lateral * from.x, -from.y);
            let away = x.hypot(y);
            // From straight up, laterally.
            let angle = x.atan2(y).to_degrees();
            let near = (-((away - 1.15 * radius).max(0.0) / 9.0).powi(2)).exp();
            let weight = near * smooth((angle + 15.0) / 40.0) * smooth((115.0 - angle) / 40.0);
            // A rim that retreats leaves a steeper roof: its end also rises.
            let rise = if grow < 0.0 { -0.18 * grow * radius * weight } else { 0.0 };
            let turn = Rotation3::from_axis_angle(&V3::z_axis(), lateral * grow * weight);
            let turned = turn * from;
            let outward = turned.try_normalize(1e-6).unwrap_or_default();
            centre + turned + outward * rise
        })
    }
}

/// How one person's bones differ from those that were scanned: a little larger, longer, wider, and warped smoothly.
#[derive(Debug, Clone)]
pub struct Build {
    scale: V3,
    /// Of 25 cm and more: proportions.
    long: Vec<Wave>,
    /// Of a bone's details; not within [`Sphere`]s.
    short: Vec<Wave>,
    /// The joints, which stay round and whose two bones keep fitting.
    joints: [Sphere; 2],
}

/// Points moved along one direction, by a sine along another.
#[derive(Debug, Clone)]
struct Wave {
    /// Radians per mm.
    along: V3,
    /// Millimetres.
    shift: V3,
    phase: f64,
}

#[derive(Debug, Clone, Copy)]
struct Sphere {
    centre: V3,
    radius: f64,
}

/// Spread of a short wave's height over its length.
const STEEPNESS: f64 = 0.006;
/// A joint keeps its form to this many radii of the head, and the bone has wholly its own from the second on.
const KEPT_RADII: [f64; 2] = [1.12, 1.9];

impl Wave {
    /// `count` waves of lengths within `lengths` whose heights are spread by `steepness` of them.
    fn draw(count: usize, lengths: [f64; 2], steepness: f64, dice: &mut Dice) -> Vec<Wave> {
        let mut direction = || {
            let v = V3::new(dice.gauss(), dice.gauss(), dice.gauss());
            Unit::new_normalize(v + V3::repeat(1e-6)).into_inner()
        };
        let pairs: Vec<(V3, V3)> = (0..count).map(|_| (direction(), direction())).collect();
        let wave = |(along, shift): (V3, V3)| {
            let length = dice.log_range(lengths[0], lengths[1]);
            Wave {
                along: along * (std::f64::consts::TAU / length),
                shift: shift * dice.normal(0.0, steepness * length),
                phase: dice.range(0.0, std::f64::consts::TAU),
            }
        };
        pairs.into_iter().map(wave).collect()
    }

    /// By how much `waves` together move `p`.
    fn sum(waves: &[Wave], p: &V3) -> V3 {
        waves.iter().map(|wave| wave.shift * (wave.along.dot(p) + wave.phase).sin()).sum()
    }
}

impl Build {
    /// Nothing changes.
    pub fn as_scanned() -> Self {
        let nowhere = Sphere { centre: V3::zeros(), radius: 1.0 };
        Build { scale: V3::repeat(1.0), long: Vec::new(), short: Vec::new(), joints: [nowhere; 2] }
    }

    /// Sizes spread by 5 %, proportions by 1.5 %; waves of 25 cm and more move points by a millimetre or two.
    pub(in crate::simulate) fn draw(dice: &mut Dice) -> Self {
        let size = dice.normal(0.0, 0.045).exp();
        let mut axis = || size * dice.normal(1.0, 0.013);
        let scale = V3::new(axis(), axis(), axis());
        Build { scale, long: Wave::draw(6, [240.0, 500.0], 0.0032, dice), ..Build::as_scanned() }
    }

    /// And details of the bones of `person` that are nobody's: rims, spines, necks and trochanters a millimetre or two
    /// from where they were scanned, times `amount`.
    pub fn with_details(mut self, person: &Person, amount: f64, dice: &mut Dice) -> Self {
        if amount > 0.0 {
            self.short = Wave::draw(10, [45.0, 220.0], amount * STEEPNESS, dice);
            self.joints =
                person.femora.each_ref().map(|femur| Sphere { centre: femur.head, radius: femur.radius });
        }
        self
    }

    /// Where `p` comes to lie.
    pub fn apply(&self, p: &V3) -> V3 {
        let along = p.component_mul(&self.scale) + Wave::sum(&self.long, p);
        if self.short.is_empty() {
            return along;
        }
        let kept = self.joints.iter().fold(Wave::sum(&self.short, p), |shift, joint| {
            let radii = (p - joint.centre).norm() / joint.radius;
            let own = smooth((radii - KEPT_RADII[0]) / (KEPT_RADII[1] - KEPT_RADII[0]));
            shift * own + Wave::sum(&self.short, &joint.centre) * (1.0 - own)
        });
        along + kept
    }
}
