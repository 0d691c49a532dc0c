//! The same bones seen as no hip is measured: from the side, from above, or with the joints off the film. For who must
//! tell such films from those that are measured.

use super::artefacts;
use super::beam::Beam;
use super::deform::{Build, HipForm};
use super::exposure::Exposure;
use super::film::Draw;
use super::masks::SideLengths;
use super::mesh::V3;
use super::person::Person;
use super::pose::Pose;
use super::scene::Scene;
use super::soft::{self, Body};
use crate::simulate::infant::dice::{Dice, Stream};
use nalgebra::Rotation3;

/// A film without truth.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    pub rows: usize,
    pub columns: usize,
    /// Row-major, 0–1.
    pub grey: Vec<f32>,
}

/// How the patient is turned, what the beam is aimed at, and the width of the film in mm.
struct Aim {
    turn: Rotation3<f64>,
    at: V3,
    width: f64,
}

impl Aim {
    fn draw(scene: &Scene, dice: &mut Dice) -> Self {
        let about = |axis, degrees: f64| Rotation3::from_axis_angle(&axis, degrees.to_radians());
        let upright = about(V3::z_axis(), dice.normal(0.0, 4.0));
        let femur = &scene.femora[dice.below(2)];
        match dice.below(5) {
            0 | 1 => Aim {
                turn: about(V3::y_axis(), dice.sign() * dice.range(62.0, 112.0)),
                at: V3::new(0.0, dice.normal(-20.0, 45.0), 0.0),
                width: dice.range(220.0, 420.0),
            },
            2 => Aim {
                turn: about(V3::x_axis(), dice.sign() * dice.range(58.0, 95.0)),
                at: V3::new(dice.normal(0.0, 20.0), dice.normal(0.0, 20.0), 0.0),
                width: dice.range(260.0, 420.0),
            },
            3 => {
                let foot = femur.shell.outer.vertices.iter().map(|p| p.y).fold(0.0, f64::max);
                let near = femur.shell.outer.vertices.iter().filter(|p| (p.y - 0.7 * foot).abs() < 30.0);
                let (sum, count) = near.fold((0.0, 0.0), |(sum, count), p| (sum + p.x, count + 1.0));
                let x = if count > 0.0 { sum / count } else { femur.head.x };
                let width = dice.range(120.0, 220.0);
                let below = femur.head.y + 0.75 * width;
                let y = dice.range(below.min(foot), foot.max(below + 1.0));
                Aim { turn: upright, at: V3::new(x + dice.normal(0.0, 10.0), y, 0.0), width }
            }
            _ => {
                let width = dice.range(120.0, 240.0);
                let up = -0.62 * width - dice.range(20.0, 110.0);
                Aim { turn: upright, at: V3::new(dice.normal(0.0, 70.0), up, 0.0), width }
            }
        }
    }

    fn beam(&self, size: usize, dice: &mut Dice) -> Beam {
        let (distance, behind) = (dice.range(1000.0, 1200.0), dice.range(150.0, 220.0));
        let source = V3::new(self.at.x, self.at.y, behind - distance);
        let height = self.width * dice.range(0.75, 1.15);
        let pixel = self.width.max(height) / size as f64;
        let count = |length: f64| ((length / pixel).round() as usize).max(1);
        let middle = [self.at.x, self.at.y];
        Beam { source, detector: behind, middle, pixel, rows: count(height), columns: count(self.width) }
    }
}

impl Elsewhere {
    /// Number `seed` of `person`; `size` is the longer side in pixels. `None` when the bones of this draw cannot be laid out.
    pub fn generate(person: &Person, seed: u64, size: usize) -> Option<Self> {
        let draw = Draw::first(seed);
        let pose = Pose::draw(&mut draw.dice(Stream::View), 0.1);
        let build = Build::draw(&mut draw.dice(Stream::Anatomy));
        let scene = Scene::new(person, &build, &[HipForm::default(); 2], &pose, 1.0)?;
        let mut dice = draw.dice(Stream::Outline);
        let aim = Aim::draw(&scene, &mut dice);
        let scene = scene.turned(&aim.turn);
        let beam = aim.beam(size, &mut dice);
        let side = |place: usize| SideLengths {
            hip: beam.path_lengths(&scene.hips[place].outer),
            femur: beam.path_lengths(&scene.femora[place].shell.outer),
            marrow: beam.path_lengths(&scene.femora[place].shell.inner),
        };
        let mut dice = draw.dice(Stream::Soft);
        let reach = scene.femora.iter().flat_map(|f| &f.shell.outer.vertices).map(|p| p.x.abs());
        let body = Body::draw(reach.fold(100.0, f64::max), &mut dice);
        let mut film = soft::paint(&beam, &body, draw.seed(), &mut dice);
        draw.bones(&scene, &[side(0), side(1)], &beam, &mut film);
        let mut dice = draw.dice(Stream::Artefact);
        if dice.chance(0.5) {
            artefacts::marker(&mut film, &beam, &mut dice);
        }
        let exposure = Exposure::draw(1.0, &mut draw.dice(Stream::Film));
        let (rows, columns) = (beam.rows, beam.columns);
        let mut grey = exposure.expose(&film, columns, rows, beam.pixel, &mut draw.dice(Stream::Noise));
        if dice.chance(0.3) {
            artefacts::collimate(&mut grey, &beam, &mut dice);
        }
        exposure.store(&mut grey, columns, rows);
        Some(Self { rows, columns, grey })
    }
}
