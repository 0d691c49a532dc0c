//! The warp that gives both hips of a film a wanted acetabular index and IHDI grade.
//!
//! The roof turns about the tri-radiate cartilage, which stays where it is, and with it Hilgenreiner's line. Then the femur
//! is shifted to where its grade puts the H-point, sliding past the roof. Lengths are in units of the TRC–TRC distance.

use super::bump::Bump;
use super::flow::{Flow, Motion, Warp};
use super::known_film::KnownFilm;
use crate::imaging::Radiograph;
use crate::measure::{Landmark, LandmarkCode, LandmarkSet, Origin, Point, Side, Spacing, Vector, assess};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

/// No H-point is put nearer than this to the lines that part the grades: a reader is not surer than that.
const CLEAR: f64 = 0.025;
/// Points stay this share of the film away from its edge.
const EDGE: f64 = 0.02;
/// The femur goes no further than this in one motion.
const STRIDE: f64 = 0.06;
/// Draws of where the femur goes before a wish is given up.
const ATTEMPTS: usize = 40;

/// What a hip is, or is wanted to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hip {
    /// Degrees.
    pub acetabular_index: f64,
    /// IHDI grade, 1–4.
    pub ihdi: u8,
}

/// Both hips, right and left, as the measurements have them; `None` without the points that they need.
pub fn hips_of(landmarks: &LandmarkSet) -> Option<[Hip; 2]> {
    let found = assess(landmarks, &Spacing::UNKNOWN);
    let of = |side| {
        let grade = found.finding("IHDI", Some(side))?.grade.clone()?;
        Some(Hip {
            acetabular_index: found.measurement("AI", Some(side))?.value?,
            ihdi: match grade.as_str() {
                "I" => 1,
                "II" => 2,
                "III" => 3,
                "IV" => 4,
                _ => return None,
            },
        })
    };
    Some([of(Side::Right)?, of(Side::Left)?])
}

/// The frame of one hip.
struct Axes {
    unit: f64,
    lateral: Vector,
    down: Vector,
    trc: Point,
}

impl Axes {
    fn of(landmarks: &LandmarkSet, side: Side) -> Option<Self> {
        let [right, left] = Side::BOTH.map(|side| landmarks.position(LandmarkCode::TRC, side));
        let (right, left) = (right?, left?);
        let along = (left - right).unit()?;
        let (lateral, trc) = if side == Side::Right { (-along, right) } else { (along, left) };
        Some(Self { unit: left.distance(right), lateral, down: Vector::new(-along.y, along.x), trc })
    }

    /// Lateral of the TRC and below Hilgenreiner's line, in units.
    fn place(&self, p: Point) -> (f64, f64) {
        let v = p - self.trc;
        (v.dot(self.lateral) / self.unit, v.dot(self.down) / self.unit)
    }

    fn point(&self, (lateral, down): (f64, f64)) -> Point {
        self.trc + self.lateral * (lateral * self.unit) + self.down * (down * self.unit)
    }

    /// The ischium, which neither roof nor femur takes along.
    fn ischium(&self) -> Bump {
        Bump {
            from: self.point((-0.02, 0.12)),
            to: self.point((-0.03, 0.42)),
            inner: 0.06 * self.unit,
            outer: 0.125 * self.unit,
        }
    }
}

/// Turns the roof of `side` to `index` degrees.
fn roof(landmarks: &LandmarkSet, side: Side, index: f64) -> Option<Flow> {
    let axes = Axes::of(landmarks, side)?;
    let (x, y) = axes.place(landmarks.position(LandmarkCode::SMA, side)?);
    let (now, wanted) = ((-y).atan2(x), index.to_radians());
    let (middle, reach) = (0.5 * (now + wanted), x.hypot(y));
    // The margin keeps its form: the SMA, before and after, and the first of the lateral border are in the rigid part.
    let inner = 0.09 + reach * (0.5 * (wanted - now)).sin().abs();
    let along = |part: f64| axes.point((part * reach * middle.cos(), -part * reach * middle.sin()));
    // Upwards is clockwise on screen for the hip on the left of the film (x lateral points left).
    let sign = axes.lateral.cross(axes.down);
    Some(Flow {
        motion: Motion::Turn(axes.trc, -sign * (wanted - now)),
        moved: Bump {
            from: along(0.5),
            to: along(1.15),
            inner: inner * axes.unit,
            outer: (inner + 0.26) * axes.unit,
        },
        held: vec![axes.ischium()],
    })
}

/// A place for the H-point that is clearly of grade `ihdi`, lateral of the TRC and below Hilgenreiner's line.
fn home(ihdi: u8, sma: (f64, f64), hp: (f64, f64), random: &mut ChaCha8Rng) -> (f64, f64) {
    // a lateral of Perkin's line, b below Hilgenreiner's.
    let mut between = |low: f64, high: f64| low + (high - low) * random.random::<f64>();
    let (a, b) = match ihdi {
        1 => (between(-0.11, -CLEAR).min((hp.0 - sma.0).max(-0.11)), hp.1 + between(-0.02, 0.02)),
        2 => {
            let b = (hp.1 + between(-0.06, 0.02)).max(3.0 * CLEAR);
            (between(CLEAR, b - CLEAR), b)
        }
        3 => {
            let b = between(1.5 * CLEAR, 0.13);
            (between(b + CLEAR, b + 0.12), b)
        }
        _ => (between(0.08, 0.22), between(-0.14, -CLEAR)),
    };
    (sma.0 + a, b)
}

/// The way between two places in equal strides: where each begins, and how far it goes.
fn strides(from: (f64, f64), to: (f64, f64)) -> Vec<((f64, f64), (f64, f64))> {
    let way = (to.0 - from.0, to.1 - from.1);
    let count = (way.0.hypot(way.1) / STRIDE).ceil().max(1.0);
    let step = (way.0 / count, way.1 / count);
    (0..count as usize).map(|k| ((from.0 + k as f64 * step.0, from.1 + k as f64 * step.1), step)).collect()
}

/// Shifts the femur of `side` so that its H-point comes to `home`, in strides: a narrow region that goes with the femur
/// drags less of its neighbours along than one that holds its whole way. `None` where the roof is in its way.
fn femur(landmarks: &LandmarkSet, side: Side, home: (f64, f64)) -> Option<Warp> {
    let axes = Axes::of(landmarks, side)?;
    let sma = axes.place(landmarks.position(LandmarkCode::SMA, side)?);
    let hp = landmarks.position(LandmarkCode::HP, side)?;
    let (start, target) = (axes.place(hp), axes.point(home));
    // Outwards first, then up: the head goes round the margin of the socket, not through it.
    let places = [start, (home.0, start.1), home];
    let strides: Vec<((f64, f64), (f64, f64))> =
        places.windows(2).flat_map(|leg| strides(leg[0], leg[1])).collect();
    let inner = 0.08 + 0.5 * STRIDE;
    let held = [
        // The roof and the first of the lateral border.
        Bump { from: axes.trc, to: axes.point(sma), inner: 0.02 * axes.unit, outer: 0.11 * axes.unit },
        axes.ischium(),
    ];
    let flow = |((x, y), (dx, dy)): ((f64, f64), (f64, f64)), more: Vector| {
        let at = (x + 0.5 * dx, y + 0.5 * dy);
        Flow {
            motion: Motion::Shift(axes.lateral * (dx * axes.unit) + axes.down * (dy * axes.unit) + more),
            // From the head down the shaft.
            moved: Bump {
                from: axes.point((at.0, at.1 - 0.10)),
                to: axes.point((at.0 + 0.05, at.1 + 0.48)),
                inner: inner * axes.unit,
                outer: (inner + 0.20) * axes.unit,
            },
            held: held.to_vec(),
        }
    };
    let mut more = Vector::new(0.0, 0.0);
    for _ in 0..16 {
        let warp = Warp(strides.iter().map(|stride| flow(*stride, more)).collect());
        let short = target - warp.forward(hp);
        if short.length() < 1e-3 * axes.unit {
            return Some(warp);
        }
        more = more + short * (0.9 / strides.len() as f64);
    }
    None
}

/// `landmarks` moved by `motion`.
fn moved(landmarks: &LandmarkSet, motion: impl Fn(Point) -> Point) -> LandmarkSet {
    let mut set = landmarks.clone();
    for landmark in set.points.values_mut() {
        if let Some(position) = landmark.position() {
            *landmark = Landmark::defined(motion(position), landmark.sd_px(), Origin::Person);
        }
    }
    set
}

/// The warp that makes `wanted` of the hips of `landmarks`, and the points after it. `None` where the points do not allow
/// it: some are lacking, or no place for the femur was found that leaves all points on the film.
pub fn warp_hips(
    landmarks: &LandmarkSet,
    (rows, columns): (usize, usize),
    wanted: [Hip; 2],
    random: &mut ChaCha8Rng,
) -> Option<(Warp, LandmarkSet)> {
    let mut warp = Warp::default();
    let mut now = landmarks.clone();
    for (side, hip) in Side::BOTH.into_iter().zip(wanted) {
        let flow = roof(&now, side, hip.acetabular_index)?;
        now = moved(&now, |p| flow.drift(p, 1.0));
        warp.0.push(flow);
    }
    let margin = EDGE * rows.max(columns) as f64;
    let on_film = |p: Point| {
        (margin..=columns as f64 - 1.0 - margin).contains(&p.x)
            && (margin..=rows as f64 - 1.0 - margin).contains(&p.y)
    };
    for (side, hip) in Side::BOTH.into_iter().zip(wanted) {
        let (shift, after) = (0..ATTEMPTS).find_map(|_| {
            let axes = Axes::of(&now, side)?;
            let at = |code| Some(axes.place(now.position(code, side)?));
            let home = home(hip.ihdi, at(LandmarkCode::SMA)?, at(LandmarkCode::HP)?, random);
            let shift = femur(&now, side, home)?;
            let after = moved(&now, |p| shift.forward(p));
            let fits = after.iter().filter_map(|(_, l)| l.position()).all(on_film);
            let made = hips_of(&after)?[usize::from(side == Side::Left)];
            let exact = (made.acetabular_index - hip.acetabular_index).abs() < 1.0 && made.ihdi == hip.ihdi;
            (fits && exact).then_some((shift, after))
        })?;
        warp.0.extend(shift.0);
        now = after;
    }
    Some((warp, now))
}

/// `film` with `wanted` hips, right and left, under the name `name`.
pub fn reshape(
    film: &KnownFilm,
    name: String,
    wanted: [Hip; 2],
    random: &mut ChaCha8Rng,
) -> Option<KnownFilm> {
    let Radiograph { rows, columns, .. } = film.radiograph;
    let (warp, landmarks) = warp_hips(&film.landmarks, (rows, columns), wanted, random)?;
    let mut radiograph = film.radiograph.clone();
    let stored: Vec<f32> = radiograph.stored.iter().map(|v| *v as f32).collect();
    let (low, high) = stored.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    radiograph.stored = warp
        .apply(&stored, rows, columns)
        .into_iter()
        // The curve between pixels overshoots a little at edges.
        .map(|v| v.clamp(low, high).round() as i32)
        .collect();
    let [right, left] = hips_of(&landmarks)?;
    let degrees = |value: f64| (100.0 * value).round() / 100.0;
    let made = json!({
        "of": film.name,
        "acetabular_index_deg": { "R": degrees(right.acetabular_index), "L": degrees(left.acetabular_index) },
        "ihdi": { "R": right.ihdi, "L": left.ihdi },
    });
    Some(KnownFilm { name, radiograph, landmarks, made })
}
