//! How the patient lies and how the tube stands.

use super::beam::Beam;
use super::mesh::V3;
use crate::measure::Side;
use crate::simulate::infant::dice::Dice;
use nalgebra::Rotation3;

/// What a film shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Both hips.
    #[default]
    Pelvis,
    /// One hip, either side.
    Hip,
}

/// Attitude of pelvis and thighs, in degrees.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pose {
    /// Iliac spines forward of the pubis.
    pub tilt: f64,
    /// Left side forward.
    pub rotation: f64,
    /// Left side lower.
    pub obliquity: f64,
    /// Right, left.
    pub hips: [HipPose; 2],
}

/// Attitude of a thigh.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HipPose {
    /// Of the neck out of the frontal plane, its lateral end backwards: anteversion less internal rotation.
    pub version: f64,
    /// Knee outwards.
    pub abduction: f64,
    /// Knee forwards.
    pub flexion: f64,
}

impl Pose {
    /// As patients lie: toes up and inwards more or less, pelvis nearly straight; the share `frogged` of the legs abducted.
    pub(in crate::simulate) fn draw(dice: &mut Dice, frogged: f64) -> Self {
        let hip = |dice: &mut Dice| {
            let frog = dice.chance(frogged);
            HipPose {
                version: dice.normal(9.0, 8.0) + if frog { dice.range(10.0, 35.0) } else { 0.0 },
                abduction: dice.normal(1.5, 4.0) + if frog { dice.range(10.0, 40.0) } else { 0.0 },
                flexion: dice.normal(2.0, 3.0),
            }
        };
        Pose {
            tilt: dice.normal(3.0, 6.0),
            rotation: dice.normal(0.0, 3.0),
            obliquity: dice.normal(0.0, 2.0),
            hips: [hip(dice), hip(dice)],
        }
    }

    /// Of everything that goes with the pelvis.
    pub fn pelvis(&self) -> Rotation3<f64> {
        Rotation3::from_axis_angle(&V3::z_axis(), self.obliquity.to_radians())
            * Rotation3::from_axis_angle(&V3::y_axis(), self.rotation.to_radians())
            * Rotation3::from_axis_angle(&V3::x_axis(), self.tilt.to_radians())
    }
}

impl HipPose {
    /// Of a laid-out femur about its head.
    pub fn femur(&self, side: Side) -> Rotation3<f64> {
        let lateral = if side == Side::Left { 1.0 } else { -1.0 };
        Rotation3::from_axis_angle(&V3::z_axis(), -lateral * self.abduction.to_radians())
            * Rotation3::from_axis_angle(&V3::x_axis(), -self.flexion.to_radians())
            * Rotation3::from_axis_angle(&V3::y_axis(), -lateral * self.version.to_radians())
    }
}

/// The tube over the patient and the film behind; `size` is the longer side in pixels, `centre` the middle of the hip
/// that is to be shown alone.
pub(in crate::simulate) fn tube(view: View, size: usize, centre: Option<V3>, dice: &mut Dice) -> Beam {
    let distance = dice.range(1000.0, 1200.0);
    let behind = dice.range(95.0, 150.0);
    let aim = centre.unwrap_or_default();
    let source = V3::new(aim.x + dice.normal(0.0, 10.0), aim.y + dice.normal(-22.0, 18.0), behind - distance);
    // Width and height on the detector; where the film lies behind what it shows.
    let (width, height, down) = match view {
        View::Pelvis => {
            let width = dice.range(385.0, 445.0);
            (width, width * dice.range(0.76, 0.98), dice.normal(-14.0, 12.0))
        }
        View::Hip => {
            let width = dice.range(175.0, 235.0);
            (width, width * dice.range(1.15, 1.5), dice.normal(18.0, 12.0))
        }
    };
    let pixel = width.max(height) / size as f64;
    let count = |length: f64| ((length / pixel).round() as usize).max(1);
    let enlarged = distance / (distance - behind);
    let middle = [
        source.x + (aim.x + dice.normal(0.0, 0.018 * width) - source.x) * enlarged,
        source.y + (aim.y + down - source.y) * enlarged,
    ];
    Beam { source, detector: behind, middle, pixel, rows: count(height), columns: count(width) }
}
