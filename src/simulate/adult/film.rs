//! A film of a person: everything drawn from a seed, the bones looked through, the picture taken, the truth read off.

use super::artefacts;
use super::beam::Beam;
use super::deform::{Build, HipForm};
use super::exposure::Exposure;
use super::landmarks::{HipReading, landmarks};
use super::masks::{SideLengths, masks};
use super::mr;
use super::person::Person;
use super::pose::{Pose, View, tube};
use super::scene::Scene;
use super::soft::{self, Body};
use crate::measure::{LabelMap, LandmarkCode, LandmarkId, LandmarkSet, Side, Spacing, SpacingStatus};
use crate::simulate::infant::dice::{Dice, Stream};
use crate::simulate::infant::texture;
use serde::{Deserialize, Serialize};

/// Attenuation per mm beyond that of soft tissue: of cortex, of spongy bone, of the marrow in a shaft.
const CORTEX: f32 = 0.041;
const SPONGY: f32 = 0.0085;
const MARROW: f32 = -0.001;
/// Draws of one seed that are tried before it is given up.
const TRIES: u64 = 6;

/// What is simulated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An AP radiograph.
    #[default]
    Xray,
    /// A coronal slice, T1-like.
    Mr,
}

/// How films are drawn. All but the person comes of the seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdultOptions {
    pub kind: Kind,
    pub view: View,
    /// Of films of one hip the share that shows the whole pelvis instead, at the same millimetres a pixel.
    pub whole: f64,
    /// Longer side in pixels; of a film that shows the whole pelvis instead of a hip 1.6 times that.
    pub size: usize,
    /// How far appearance strays from a good modern film: 0 none, 1 all of it.
    pub variation: f64,
    /// Share of the hips of each form that is not the person's own: cam, rim, neck–shaft angle, length.
    pub deformed: f64,
    /// Whether sizes and proportions differ from those that were scanned.
    pub varied_build: bool,
    /// How far details of the bones stray from those that were scanned: 0 none, 1 a millimetre or two.
    pub details: f64,
    /// Factor on the probability of markers and collimation.
    pub artefacts: f64,
    /// Share of the films with a total hip on one side, whose landmarks are then not given.
    pub implants: f64,
    /// Share of the thighs that are turned out and abducted, as in the frog-leg view.
    pub frogged: f64,
}

impl Default for AdultOptions {
    fn default() -> Self {
        Self {
            kind: Kind::Xray,
            view: View::Pelvis,
            whole: 0.0,
            size: 768,
            variation: 1.0,
            deformed: 0.25,
            varied_build: true,
            details: 0.0,
            artefacts: 1.0,
            implants: 0.0,
            frogged: 0.04,
        }
    }
}

/// What was drawn beside the film; pairs have the right side first.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub kind: Kind,
    pub view: View,
    pub pose: Pose,
    pub forms: [HipForm; 2],
    pub implant: Option<Side>,
    pub inverted: bool,
}

/// A simulated picture with its truth.
#[derive(Debug, Clone)]
pub struct AdultFilm {
    pub rows: usize,
    pub columns: usize,
    /// Row-major, 0–1; bone is bright unless `description.inverted`.
    pub grey: Vec<f32>,
    pub bits: u16,
    /// Of the detector, or of the slice.
    pub spacing: Spacing,
    pub landmarks: LandmarkSet,
    /// Of films; slices have none.
    pub masks: Option<LabelMap>,
    pub seed: u64,
    /// Name of the scan, and of the body for splits.
    pub person: String,
    pub body: String,
    pub female: bool,
    pub description: Description,
}

impl AdultFilm {
    /// Number `seed` of `person`. `None` when none of several draws gives a hip whose outline can be read.
    pub fn generate(person: &Person, seed: u64, options: &AdultOptions) -> Option<AdultFilm> {
        (0..TRIES).find_map(|attempt| Draw { seed, attempt }.film(person, options))
    }
}

/// One draw of a seed.
#[derive(Clone, Copy)]
pub(super) struct Draw {
    seed: u64,
    attempt: u64,
}

impl Draw {
    /// The first draw of `seed`.
    pub fn first(seed: u64) -> Self {
        Self { seed, attempt: 0 }
    }

    /// Of textures.
    pub fn seed(self) -> u64 {
        self.seed.wrapping_add(self.attempt << 48)
    }

    /// The random numbers of one concern.
    pub fn dice(self, stream: Stream) -> Dice {
        Dice::numbered(self.seed, stream, self.attempt)
    }

    fn film(self, person: &Person, options: &AdultOptions) -> Option<AdultFilm> {
        let mut dice = self.dice(Stream::Anatomy);
        let build = if options.varied_build { Build::draw(&mut dice) } else { Build::as_scanned() };
        let build = build.with_details(person, options.details, &mut self.dice(Stream::Detail));
        let forms = [0, 1].map(|_| form(options.deformed, &mut dice));
        let quality = 1.0 + (dice.log_range(0.65, 1.25) - 1.0) * options.variation;
        let mut pose = Pose::draw(&mut self.dice(Stream::View), options.frogged);
        if options.kind == Kind::Mr {
            // Patients lie straight in a scanner, and no one is frogged.
            pose.rotation *= 0.3;
            for hip in &mut pose.hips {
                hip.abduction = hip.abduction.min(8.0);
                hip.version = hip.version.min(14.0);
            }
        }
        let scene = Scene::new(person, &build, &forms, &pose, quality)?;
        let whole = options.view == View::Hip && self.dice(Stream::Extent).chance(options.whole);
        let widened = AdultOptions { view: View::Pelvis, size: options.size * 8 / 5, ..options.clone() };
        let options = if whole { &widened } else { options };
        let mut description = Description {
            kind: options.kind,
            view: options.view,
            pose,
            forms,
            implant: None,
            inverted: false,
        };
        let picture = match options.kind {
            Kind::Xray => self.xray(&scene, options, &mut description)?,
            Kind::Mr => mr::slice(&scene, self, options)?,
        };
        Some(AdultFilm {
            rows: picture.rows,
            columns: picture.columns,
            grey: picture.grey,
            bits: picture.bits,
            spacing: picture.spacing,
            landmarks: picture.landmarks,
            masks: picture.masks,
            seed: self.seed,
            person: person.name.clone(),
            body: person.body.clone(),
            female: person.female,
            description,
        })
    }

    fn xray(self, scene: &Scene, options: &AdultOptions, description: &mut Description) -> Option<Picture> {
        let mut dice = self.dice(Stream::Outline);
        let shown = dice.below(2);
        let centre = (options.view == View::Hip).then(|| scene.femora[shown].head);
        let beam = tube(options.view, options.size, centre, &mut dice);
        let readings = [0, 1].map(|place| HipReading::new(scene, place, &beam));
        // A hip that is on the film can be read.
        let wanted = |place: usize| options.view == View::Pelvis || place == shown;
        if (0..2).any(|place| wanted(place) && readings[place].outline.is_none()) {
            return None;
        }
        let side = |place: usize| SideLengths {
            hip: beam.path_lengths(&scene.hips[place].outer),
            femur: beam.path_lengths(&scene.femora[place].shell.outer),
            marrow: beam.path_lengths(&scene.femora[place].shell.inner),
        };
        let lengths = [side(0), side(1)];
        let mut masks = masks(scene, &readings, &lengths, &beam);
        let mut landmarks = landmarks(scene, &readings, &beam);

        let reach = scene.femora.iter().flat_map(|f| &f.shell.outer.vertices).filter(|p| p.y < 60.0);
        let reach = reach.map(|p| p.x.abs()).fold(130.0, f64::max);
        let mut dice = self.dice(Stream::Soft);
        let body = Body::draw(reach, &mut dice);
        let mut film = soft::paint(&beam, &body, self.seed(), &mut dice);
        self.bones(scene, &lengths, &beam, &mut film);

        let mut dice = self.dice(Stream::Artefact);
        if dice.chance(0.6 * options.artefacts) {
            artefacts::marker(&mut film, &beam, &mut dice);
        }
        if dice.chance(options.implants) {
            let place = if options.view == View::Hip { shown } else { dice.below(2) };
            let side = Side::BOTH[place];
            artefacts::implant(&mut film, &scene.femora[place], &beam, &mut dice)?;
            description.implant = Some(side);
            landmarks.points.retain(|id, _| id.side != Some(side));
            landmarks.radii_px.remove(&LandmarkId::new(LandmarkCode::FHC, side));
            masks.labels.fill(0);
        }
        let mut dice = self.dice(Stream::Film);
        let exposure = Exposure::draw(options.variation, &mut dice);
        let (rows, columns) = (beam.rows, beam.columns);
        let mut grey = exposure.expose(&film, columns, rows, beam.pixel, &mut self.dice(Stream::Noise));
        if dice.chance(0.3 * options.artefacts) {
            artefacts::collimate(&mut grey, &beam, &mut dice);
        }
        exposure.store(&mut grey, columns, rows);
        description.inverted = exposure.inverted;
        let spacing = Spacing::millimetres(beam.pixel, beam.pixel, SpacingStatus::Detector)?;
        Some(Picture { rows, columns, grey, bits: exposure.bits, spacing, landmarks, masks: Some(masks) })
    }

    /// Adds what bone attenuates more than the soft tissue in its place.
    pub fn bones(self, scene: &Scene, lengths: &[SideLengths; 2], beam: &Beam, film: &mut [f32]) {
        let mut dice = self.dice(Stream::Bone);
        let (density, grain) = (dice.log_range(0.7, 1.25) as f32, dice.range(0.03, 0.16) as f32);
        let wide = beam.rows.max(beam.columns) as f64 * beam.pixel;
        let cells = |mm: f64| wide / mm;
        let (columns, rows) = (beam.columns, beam.rows);
        let texture = texture::field(columns, rows, cells(9.0), cells(0.9), 0.85, self.seed(), 3);
        let spongy = |length: f32, index: usize| density * SPONGY * length * (1.0 + grain * texture[index]);
        for (place, lengths) in lengths.iter().enumerate() {
            let hollow = beam.path_lengths(&scene.hips[place].inner);
            let femur = &scene.femora[place];
            let [proximal, distal] = femur.shaft.map(|p| beam.project(&p));
            let axis = (distal - proximal).unit().unwrap_or_default();
            let tall = beam.scale(&femur.head);
            for (index, value) in film.iter_mut().enumerate() {
                let (outer, inner) = (lengths.hip[index], hollow[index].min(lengths.hip[index]));
                *value += CORTEX * (outer - inner) + spongy(inner, index);
                let outer = lengths.femur[index];
                if outer > 0.0 {
                    let inner = lengths.marrow[index].min(outer);
                    let at = crate::measure::Point::new((index % columns) as f64, (index / columns) as f64);
                    // Spongy above the lesser trochanter, a canal of fat below.
                    let below = (at - proximal).dot(axis) / tall;
                    let canal = super::shell::smooth((below + 35.0) / 50.0) as f32;
                    let inside = spongy(inner, index) * (1.0 - canal) + MARROW * inner * canal;
                    *value += CORTEX * (outer - inner) + inside;
                }
            }
        }
        for shell in [&scene.sacrum, &scene.spine] {
            let (outer, inner) = (beam.path_lengths(&shell.outer), beam.path_lengths(&shell.inner));
            for (index, value) in film.iter_mut().enumerate() {
                let inner = inner[index].min(outer[index]);
                *value += CORTEX * (outer[index] - inner) + spongy(inner, index);
            }
        }
    }
}

/// What comes out of a machine.
pub(super) struct Picture {
    pub rows: usize,
    pub columns: usize,
    pub grey: Vec<f32>,
    pub bits: u16,
    pub spacing: Spacing,
    pub landmarks: LandmarkSet,
    pub masks: Option<LabelMap>,
}

/// Forms of one hip, each with probability `share`.
fn form(share: f64, dice: &mut Dice) -> HipForm {
    let mut form = HipForm::default();
    if dice.chance(share) {
        form.cam_mm = dice.range(1.0, 5.0);
    }
    if dice.chance(2.0 * share) {
        form.rim_deg = if dice.chance(0.5) { dice.range(3.0, 13.0) } else { dice.range(-20.0, -4.0) };
    }
    if dice.chance(share) {
        form.neck_shaft_deg = dice.range(-14.0, 14.0);
    }
    if dice.chance(share) {
        form.length_mm = dice.range(-10.0, 10.0);
    }
    form
}
