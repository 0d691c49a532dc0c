//! Assembly: one seed to one film with everything known about it.

use super::anatomy::Infant;
use super::artefacts;
use super::bones::{self, BoneStyle, BoneTexture};
use super::canvas::{Canvas, Frame};
use super::dice::{Dice, Stream};
use super::femur_outline;
use super::film::{self, FilmStyle};
use super::options::PhantomOptions;
use super::patch::Patch;
use super::shape::{Outlines, Pose};
use super::{gas, overlay, soft, spine, texture, view};
use crate::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing, SpacingStatus,
};

/// Classes of [`Phantom::labels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Label {
    Background = 0,
    Ilium = 1,
    Ischium = 2,
    Pubis = 3,
    Femur = 4,
    Nucleus = 5,
}

/// What a phantom shows, in numbers and words.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub age_months: f64,
    /// Acetabular index in degrees, patient right and left.
    pub acetabular_index: [f64; 2],
    /// IHDI grade 1–4.
    pub ihdi: [u8; 2],
    pub inverted: bool,
    /// Foreign things on the film.
    pub artefacts: Vec<&'static str>,
}

/// A simulated film of an infant pelvis and its truth.
#[derive(Debug, Clone)]
pub struct Phantom {
    pub seed: u64,
    pub rows: usize,
    pub columns: usize,
    /// Grey as a film stores it, 0–1, row-major; bone bright unless [`Description::inverted`].
    pub grey: Vec<f32>,
    /// Bits that the grey was quantised to.
    pub bits: u16,
    /// Exact positions in pixels; FH is missing where there is no ossific nucleus, its radius given where there is.
    pub landmarks: LandmarkSet,
    /// Outlines of both femora in the points of the scheme `femur58`, exact, in pixels; on some films their lower ends
    /// lie off the film.
    pub femora: LandmarkSet,
    /// [`Label`] of every pixel, row-major; where bones overlap on the film the front one in the order of `Label` wins.
    pub labels: Vec<u8>,
    pub spacing: Spacing,
    pub description: Description,
}

/// Anatomy drawn and posed: what stays the same at every resolution.
struct Subject {
    infant: Infant,
    hips: [Outlines; 2],
    pose: Pose,
    acetabular_index: [f64; 2],
    ihdi: [u8; 2],
}

impl Phantom {
    /// The phantom of `seed`. The same seed and options give the same film; another size the same anatomy.
    pub fn generate(seed: u64, options: &PhantomOptions) -> Self {
        let subject = Subject::draw(seed, options);
        let frame = view::draw(&subject.points(), &mut Dice::new(seed, Stream::View), options);
        let mut canvas = Canvas::new(frame);
        let artefacts = paint(&mut canvas, &subject, seed, options);
        let style = FilmStyle::draw(options.variation, &mut Dice::new(seed, Stream::Film));
        let mut grey = film::expose(&mut canvas, &style, &mut Dice::new(seed, Stream::Noise));
        let mut foreign = artefacts;
        foreign.extend(overlay::paint(
            &mut grey,
            frame.columns,
            frame.rows,
            options.artefacts,
            &mut Dice::new(seed, Stream::Overlay),
        ));
        film::store(&mut grey, frame.columns, frame.rows, &style);
        let mm = subject.infant.unit_mm / frame.scale;
        Self {
            seed,
            rows: frame.rows,
            columns: frame.columns,
            grey,
            bits: style.bits,
            landmarks: subject.landmarks(&frame),
            femora: subject.femora(&frame),
            labels: subject.labels(&frame),
            spacing: Spacing::millimetres(mm, mm, SpacingStatus::Detector).unwrap_or(Spacing::UNKNOWN),
            description: Description {
                age_months: subject.infant.age_months,
                acetabular_index: subject.acetabular_index,
                ihdi: subject.ihdi,
                inverted: style.inverted,
                artefacts: foreign,
            },
        }
    }
}

impl Subject {
    /// Draws infants until the grades asked for are there, and sets the roofs to the index asked for.
    fn draw(seed: u64, options: &PhantomOptions) -> Self {
        let mut attempt = 0;
        loop {
            let subject = Self::attempt(seed, attempt, options);
            let as_asked = (0..2).all(|i| options.hips[i].ihdi.is_none_or(|g| g == subject.ihdi[i]));
            attempt += 1;
            if as_asked || attempt == 200 {
                return subject;
            }
        }
    }

    fn attempt(seed: u64, attempt: u64, options: &PhantomOptions) -> Self {
        let mut infant = Infant::draw(&mut Dice::numbered(seed, Stream::Anatomy, attempt), options);
        let [mut right, mut left] = [0, 1].map(|i| Dice::numbered(seed, Stream::Outline, 4 * attempt + i));
        let poses = Pose::both(&infant, &mut Dice::numbered(seed, Stream::Outline, 4 * attempt + 2));
        // The pose tilts the roofs a little: correct them where an index was asked for.
        let asked = infant.hips.each_ref().map(|hip| hip.roof_slope.to_degrees());
        for _ in 0..4 {
            let found = acetabular_index([0, 1].map(|i| poses[i].trc_sma(&infant.hips[i])));
            for i in 0..2 {
                if options.hips[i].acetabular_index.is_some() {
                    infant.hips[i].roof_slope += (asked[i] - found[i]).to_radians();
                }
            }
        }
        let hips = [
            Outlines::build(&infant.hips[0], &poses[0], &mut right),
            Outlines::build(&infant.hips[1], &poses[1], &mut left),
        ];
        let [pose, _] = poses;
        let acetabular_index = acetabular_index([0, 1].map(|i| (hips[i].trc, hips[i].sma)));
        let ihdi = ihdi(&hips);
        Self { infant, hips, pose, acetabular_index, ihdi }
    }

    /// Positions of all defined landmarks, in units.
    fn points(&self) -> Vec<Point> {
        let of = |hip: &Outlines| [Some(hip.trc), Some(hip.sma), Some(hip.hp), hip.fh.map(|f| f.0)];
        self.hips.iter().flat_map(of).flatten().collect()
    }

    fn landmarks(&self, frame: &Frame) -> LandmarkSet {
        let mut set = LandmarkSet::default();
        for (hip, side) in self.hips.iter().zip(Side::BOTH) {
            let mut place = |code, p: Point| {
                set.insert(
                    LandmarkId::new(code, side),
                    Landmark::defined(frame.to_pixel(p), None, Origin::File),
                );
            };
            place(LandmarkCode::TRC, hip.trc);
            place(LandmarkCode::SMA, hip.sma);
            place(LandmarkCode::HP, hip.hp);
            let id = LandmarkId::new(LandmarkCode::FH, side);
            match hip.fh {
                Some((centre, radius)) => {
                    place(LandmarkCode::FH, centre);
                    set.radii_px.insert(id, radius * frame.scale);
                }
                None => set.insert(id, Landmark::missing("no ossific nucleus", Origin::File)),
            }
        }
        set
    }

    fn femora(&self, frame: &Frame) -> LandmarkSet {
        let mut set = LandmarkSet::default();
        for (hip, side) in self.hips.iter().zip(Side::BOTH) {
            for (code, point) in femur_outline::landmarks(&hip.femur) {
                let landmark = Landmark::defined(frame.to_pixel(point), None, Origin::File);
                set.insert(LandmarkId::new(code, side), landmark);
            }
        }
        set
    }

    fn labels(&self, frame: &Frame) -> Vec<u8> {
        let mut labels = vec![Label::Background as u8; frame.columns * frame.rows];
        for hip in &self.hips {
            let layers = [
                (Some(&hip.pubis), Label::Pubis),
                (Some(&hip.ischium), Label::Ischium),
                (Some(&hip.ilium), Label::Ilium),
                (Some(&hip.femur), Label::Femur),
                (hip.nucleus.as_ref(), Label::Nucleus),
            ];
            for (outline, label) in layers {
                let Some(patch) = outline.and_then(|o| Patch::fill(frame, o, 1.0)) else { continue };
                for (i, c) in patch.coverage.iter().enumerate() {
                    if *c >= 0.5 {
                        let row = patch.area.top + i / patch.area.width;
                        labels[row * frame.columns + patch.area.left + i % patch.area.width] = label as u8;
                    }
                }
            }
        }
        labels
    }
}

/// Lays down attenuation from the skin inwards; returns the foreign things drawn.
fn paint(canvas: &mut Canvas, subject: &Subject, seed: u64, options: &PhantomOptions) -> Vec<&'static str> {
    let (columns, rows) = (canvas.frame.columns, canvas.frame.rows);
    let mut dice = Dice::new(seed, Stream::Bone);
    soft::paint(canvas, &subject.infant, &subject.hips, &mut Dice::new(seed, Stream::Soft));
    // Clouds in the soft tissue, in proportion to its thickness.
    let roughness = dice.log_range(0.018, 0.09) as f32 * (0.4 + 0.6 * options.variation as f32);
    let clouds =
        texture::field(columns, rows, 3.0, dice.log_range(12.0, 140.0), dice.range(0.5, 0.95), seed, 1);
    for (v, c) in canvas.data.iter_mut().zip(clouds) {
        *v = v.max(0.0) * (1.0 + roughness * c);
    }
    let style = BoneStyle::draw(&mut dice);
    let bone_texture = BoneTexture {
        fine: texture::field(columns, rows, dice.log_range(30.0, 80.0), 700.0, dice.range(0.7, 1.2), seed, 2),
        coarse: texture::field(columns, rows, 6.0, 48.0, 0.9, seed, 3),
    };
    let shift = -0.5 * subject.infant.rotation;
    let spine_gain = f64::from(style.ilium) * dice.range(0.7, 2.3);
    spine::paint(canvas, &subject.pose, shift, spine_gain, &mut Dice::new(seed, Stream::Spine));
    for hip in &subject.hips {
        bones::paint(canvas, hip, &style, &bone_texture, &mut dice);
    }
    gas::paint(canvas, options.artefacts, &mut Dice::new(seed, Stream::Gas));
    artefacts::paint(canvas, options.artefacts, &mut Dice::new(seed, Stream::Artefact))
}

/// Elevation of TRC→SMA above the line through both TRCs, in degrees; right and left.
fn acetabular_index(points: [(Point, Point); 2]) -> [f64; 2] {
    let along = (points[1].0 - points[0].0).unit().unwrap_or_default();
    [0, 1].map(|i| {
        let roof = points[i].1 - points[i].0;
        let lateral = if i == 0 { -roof.dot(along) } else { roof.dot(along) };
        (-along.cross(roof)).atan2(lateral).to_degrees()
    })
}

/// IHDI grades (Narayanan 2015) of both hips.
fn ihdi(hips: &[Outlines; 2]) -> [u8; 2] {
    let along = (hips[1].trc - hips[0].trc).unit().unwrap_or_default();
    [0, 1].map(|i| {
        let outwards = if i == 0 { -along } else { along };
        let a = (hips[i].hp - hips[i].sma).dot(outwards);
        let b = along.cross(hips[i].hp - hips[i].trc);
        match () {
            () if b < 0.0 => 4,
            () if a <= 0.0 => 1,
            () if a <= b => 2,
            () => 3,
        }
    })
}
