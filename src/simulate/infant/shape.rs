//! The outlines of one hip: closed curves through control points of a mean shape, moved by the form of the hip,
//! then posed (turned, tilted, gently warped) into the frame of the pelvis.
//!
//! The mean was traced by eye from anatomy; it is a drawing, no statistics of any patient. Landmarks are points of
//! these curves, so they stay exact under everything done to them: the TRC is the lower lateral tip of the ilium, where
//! the roof line begins; the SMA is where roof and lateral border meet; the HP is halfway along the physis.

use super::anatomy::{Hip, Infant};
use super::dice::Dice;
use crate::measure::spline;
use crate::measure::{Point, Side, Vector};
use std::f64::consts::TAU;

/// Curves and landmarks of one hip in the frame of the pelvis.
#[derive(Debug, Clone)]
pub(super) struct Outlines {
    pub ilium: Vec<Point>,
    pub ischium: Vec<Point>,
    pub pubis: Vec<Point>,
    pub femur: Vec<Point>,
    pub nucleus: Option<Vec<Point>>,
    /// From the TRC to the SMA along the ilium.
    pub roof: Vec<Point>,
    /// Lateral iliac border above the SMA.
    pub crest: Vec<Point>,
    /// Medial iliac border from its lower corner to the posterior spine.
    pub brim: Vec<Point>,
    /// Posterior column: the bright line down the inside of the ischium.
    pub ischial_line: Vec<Point>,
    /// Superior metaphyseal margin, medial to lateral.
    pub physis: Vec<Point>,
    pub trc: Point,
    pub sma: Point,
    pub hp: Point,
    /// Centre and mean radius of the nucleus.
    pub fh: Option<(Point, f64)>,
}

/// Bones that a pose moves alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Ilium,
    /// Ischium and pubis.
    Ring,
    Femur,
}

/// Maps the frame of one hip (x lateral) to that of the pelvis.
pub(super) struct Pose {
    side: f64,
    rotation: f64,
    tilt: f64,
    waves: Vec<(f64, f64, f64, f64, f64)>,
}

impl Pose {
    pub fn both(infant: &Infant, dice: &mut Dice) -> [Pose; 2] {
        let waves: Vec<_> = (0..5)
            .map(|_| {
                let wave = TAU / dice.log_range(0.5, 2.2);
                let direction = dice.range(0.0, TAU);
                let amplitude = dice.normal(0.0, 0.042) / wave;
                let heading = dice.range(0.0, TAU);
                (
                    wave * direction.cos(),
                    wave * direction.sin(),
                    dice.range(0.0, TAU),
                    amplitude * heading.cos(),
                    amplitude * heading.sin(),
                )
            })
            .collect();
        Side::BOTH.map(|side| Pose {
            side: if side == Side::Right { -1.0 } else { 1.0 },
            rotation: infant.rotation,
            tilt: infant.tilt,
            waves: waves.clone(),
        })
    }

    /// Turning towards a side narrows one iliac wing and widens the other and carries the symphysis along;
    /// tilting shortens the wings and lengthens the ring of the pubis.
    pub fn apply(&self, p: Point, part: Part) -> Point {
        let (mut x, mut y) = (p.x, p.y);
        match part {
            Part::Ilium => {
                let high = (-y / 0.3).clamp(0.0, 1.0);
                x = 0.5 + (x - 0.5) * (1.0 + 1.6 * self.side * self.rotation * high);
                y *= 1.0 - 0.5 * self.tilt * high;
            }
            Part::Ring => {
                let medial = ((0.42 - x) / 0.42).clamp(0.0, 1.0) * (y / 0.15).clamp(0.0, 1.0);
                x += 0.55 * self.side * self.rotation * medial;
                y += 0.35 * self.tilt * y.max(0.0);
            }
            Part::Femur => {}
        }
        self.warp(Point::new(self.side * x, y))
    }

    /// TRC and SMA of `hip` as posed.
    pub fn trc_sma(&self, hip: &Hip) -> (Point, Point) {
        (self.apply(TRC + outside(hip), Part::Ilium), self.apply(sma(hip) + outside(hip), Part::Ilium))
    }

    /// The smooth warp alone, for what lies between the hips (already in the frame of the pelvis).
    pub fn warp(&self, p: Point) -> Point {
        let (mut x, mut y) = (p.x, p.y);
        for (kx, ky, phase, ax, ay) in &self.waves {
            let s = (kx * p.x + ky * p.y + phase).sin();
            x += ax * s;
            y += ay * s;
        }
        Point::new(x, y)
    }
}

fn points(list: &[(f64, f64)]) -> Vec<Point> {
    list.iter().map(|(x, y)| Point::new(*x, *y)).collect()
}

fn jitter(points: &mut [Point], dice: &mut Dice, sd: f64) {
    for p in points {
        p.x += dice.normal(0.0, sd);
        p.y += dice.normal(0.0, sd);
    }
}

const TRC: Point = Point::new(0.5, 0.0);
/// Control index of the SMA on the ilium.
const SMA: usize = 3;

/// Readers mark where the shadow of the bone ends, a little outside the edge of half density
/// (about 0.7 px when the TRCs are 140 px apart): the step from the outline to their point, perpendicular to the roof.
fn outside(hip: &Hip) -> Vector {
    let (sin, cos) = hip.roof_slope.sin_cos();
    Vector::new(sin, cos) * 0.005
}

fn sma(hip: &Hip) -> Point {
    let (sin, cos) = hip.roof_slope.sin_cos();
    Point::new(TRC.x + hip.roof_length * cos, TRC.y - hip.roof_length * sin)
}

/// Controls of the ilium, from the TRC along the roof, up the lateral border, over the crest, down the medial border.
fn ilium(hip: &Hip, dice: &mut Dice) -> Vec<Point> {
    let sma = sma(hip);
    let along = sma - TRC;
    // Upward normal of the roof.
    let normal = Vector::new(along.y, -along.x);
    let sag = hip.roof_sag / hip.roof_length;
    let roof = |t: f64, k: f64| TRC + along * t + normal * (sag * k);
    let mut controls = vec![TRC, roof(0.34, 0.9), roof(0.7, 0.8), sma];
    let mut border = hip.margin_run;
    let edge =
        |run: f64| Point::new(sma.x + run * hip.margin_angle.cos(), sma.y - run * hip.margin_angle.sin());
    controls.push(edge(border));
    border += 0.06;
    let (wide, high, lean) = hip.wing;
    let wing = |x: f64, y: f64| {
        let (dx, dy) = (x - 0.45, y + 0.15);
        Point::new(0.45 + dx * wide - lean * dy, -0.15 + dy * high)
    };
    let shoulder = wing(0.90, -0.345);
    let bend = edge(border);
    controls.push(bend.midpoint(shoulder));
    let mut rest: Vec<Point> =
        [(0.925, -0.41), (0.935, -0.51), (0.895, -0.63), (0.80, -0.725), (0.67, -0.765)]
            .into_iter()
            .chain([(0.54, -0.745), (0.435, -0.645), (0.37, -0.50), (0.35, -0.37)])
            .map(|(x, y): (f64, f64)| wing(x - hip.wing_medial * ((0.6 - x) / 0.2).clamp(0.0, 1.0), y))
            .collect();
    jitter(&mut rest, dice, 0.0085);
    controls.extend(rest);
    let spur = hip.spur.max(0.0);
    let corner = Point::new(TRC.x - hip.corner.0, TRC.y - hip.corner.1);
    let mut medial = points(&[
        (0.368 - 0.014 * spur - 0.7 * hip.wing_medial, -0.275),
        (0.400 - 0.3 * hip.wing_medial, -0.232 - 0.012 * spur),
        (0.432 + 0.012 * spur, -0.175),
        (0.440 + 0.008 * spur, -0.11),
        ((corner.x + 0.432) / 2.0, -0.055),
    ]);
    jitter(&mut medial, dice, 0.007);
    controls.extend(medial);
    controls.push(corner);
    controls
}

fn ischium(hip: &Hip, dice: &mut Dice) -> (Vec<Point>, Vec<Point>) {
    let r = hip.ramus;
    let (wide, high, gap) = hip.ischium;
    let place = |p: Point| Point::new(0.45 + (p.x - 0.45) * wide, 0.045 + gap + (p.y - 0.045) * high);
    let mut body = points(&[(0.50, 0.045), (0.565, 0.08), (0.588, 0.16), (0.575, 0.26), (0.545, 0.38)]);
    body.extend(points(&[
        (0.505, 0.47),
        (0.44 - 0.03 * r, 0.508),
        (0.40 - 0.11 * r, 0.455 + 0.06 * r),
        (0.402 - 0.07 * r, 0.42 + 0.045 * r),
        (0.412, 0.34),
        (0.397, 0.20),
        (0.392, 0.10),
        (0.43, 0.052),
    ]));
    jitter(&mut body, dice, 0.008);
    let mut line = points(&[(0.405, 0.075), (0.400, 0.15), (0.405, 0.24), (0.418, 0.33), (0.44, 0.40)]);
    jitter(&mut line, dice, 0.006);
    let of = |list: Vec<Point>| list.into_iter().map(place).collect();
    (of(body), of(line))
}

fn pubis(hip: &Hip, dice: &mut Dice) -> Vec<Point> {
    let (bulk, high) = hip.pubis;
    let gap = hip.ischium.2;
    let ramus = hip.ramus;
    let mut controls = points(&[(0.375, 0.085), (0.335, 0.17), (0.26, 0.25), (0.165, 0.30)]);
    controls.extend(points(&[(0.09, 0.325), (0.066, 0.38), (0.085, 0.435)]));
    controls.extend(points(&[
        (0.15 + 0.05 * ramus, 0.455 + 0.03 * ramus),
        (0.208 + 0.02 * ramus, 0.415 + 0.02 * ramus),
        (0.214, 0.362),
        (0.275, 0.32),
        (0.35, 0.30),
        (0.412, 0.31),
        (0.418, 0.21),
        (0.405, 0.115),
    ]));
    // Bulk thickens the ramus about its axis.
    for p in &mut controls {
        let axis = 0.12 + 0.72 * (0.40 - p.x).max(0.0);
        if p.x > 0.2 && p.x < 0.39 {
            p.y = axis + (p.y - axis) * bulk;
        }
        p.y = 0.1 + (p.y - 0.1) * high + 0.8 * gap;
    }
    jitter(&mut controls, dice, 0.008);
    controls
}

/// How many [`femur`] gives.
pub(super) const CONTROLS_OF_FEMUR: usize = 21;

/// Controls of the femur: physis medial to lateral (the first five), trochanter, shaft, and back up the calcar.
fn femur(hip: &Hip, dice: &mut Dice) -> Vec<Point> {
    let (wide, jut, shaft) = (hip.metaphysis, hip.trochanter, hip.shaft_width);
    let lesser = 0.022 * hip.lesser_trochanter;
    let dome = dice.normal(0.0, 0.006);
    let physis =
        [(-0.135, 0.026), (-0.065, 0.003 - dome), (0.0, 0.0), (0.062, -0.001 - dome), (0.118, 0.006)];
    let mut head: Vec<Point> = physis.iter().map(|(x, y)| Point::new(x * wide, *y)).collect();
    let (sin, cos) = hip.physis_tilt.sin_cos();
    for p in &mut head {
        *p = Point::new(cos * p.x - sin * p.y, sin * p.x + cos * p.y);
    }
    let mut body = points(&[
        (0.118 * wide + 0.065 * jut, 0.065 * jut),
        (0.118 * wide + 0.108 * jut, 0.155),
        (0.118 * wide + 0.092 * jut, 0.225),
        (0.075 + 0.115 * shaft, 0.36),
        (0.07 + 0.09 * shaft, 0.55),
        (0.07 + 0.076 * shaft, 0.85),
        (0.07 + 0.078 * shaft, 1.3),
        (0.07 + 0.10 * shaft, 2.2),
        (0.07 - 0.10 * shaft, 2.2),
        (0.07 - 0.082 * shaft, 1.3),
        (0.07 - 0.08 * shaft, 0.85),
        (0.07 - 0.098 * shaft, 0.55),
        (0.055 - 0.105 * shaft - 0.3 * lesser, 0.40),
        (-0.078 - lesser, 0.275),
        (-0.092 * wide, 0.15),
        (-0.118 * wide, 0.068),
    ]);
    jitter(&mut body, dice, 0.007);
    head.extend(body);
    // The shaft swings about the trochanters; the physis follows only a frog-leg turn.
    let turn = |y: f64| {
        let t = ((y - 0.05) / 0.35).clamp(0.0, 1.0);
        let own = if hip.shaft_tilt.abs() > 0.4 { 0.6 } else { 0.0 };
        own + (1.0 - own) * t * t * (3.0 - 2.0 * t)
    };
    let pivot = Point::new(0.03, 0.2);
    let swing = |p: &Point| {
        let (sin, cos) = (hip.shaft_tilt * turn(p.y)).sin_cos();
        let v = *p - pivot;
        Point::new(pivot.x + cos * v.x + sin * v.y, pivot.y - sin * v.x + cos * v.y)
    };
    let moved: Vec<Point> = head.iter().map(swing).collect();
    // Keep the H-point where it was drawn.
    let home = spline::at_fraction(&spline::between(&spline::closed(&moved), 0, 4), 0.5);
    moved.into_iter().map(|p| hip.hp + (p - home)).collect()
}

/// The outline of the nucleus, a slightly lumpy ellipse.
fn nucleus(centre: Point, axes: (f64, f64), angle: f64, dice: &mut Dice) -> Vec<Point> {
    let lumps: Vec<(f64, f64)> =
        (2..5).map(|k| (dice.normal(0.0, 0.10 / k as f64), dice.range(0.0, TAU))).collect();
    let (sin, cos) = angle.sin_cos();
    let outline: Vec<Point> = (0..32)
        .map(|i| {
            let a = f64::from(i) / 32.0 * TAU;
            let r: f64 = 1.0
                + lumps.iter().enumerate().map(|(k, (s, p))| s * ((k + 2) as f64 * a + p).cos()).sum::<f64>();
            let (u, v) = (axes.0 * r * a.cos(), axes.1 * r * a.sin());
            Point::new(centre.x + cos * u - sin * v, centre.y + sin * u + cos * v)
        })
        .collect();
    // Lumps shift the centroid; the landmark is the centroid.
    let c = centroid(&outline);
    outline.into_iter().map(|p| p + (centre - c)).collect()
}

/// Centroid of the area of a polygon.
pub(super) fn centroid(polygon: &[Point]) -> Point {
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for (i, a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        let cross = a.x * b.y - b.x * a.y;
        area += cross;
        x += (a.x + b.x) * cross;
        y += (a.y + b.y) * cross;
    }
    Point::new(x / (3.0 * area), y / (3.0 * area))
}

impl Outlines {
    pub fn build(hip: &Hip, pose: &Pose, dice: &mut Dice) -> Self {
        let posed = |list: &[Point], part| list.iter().map(|p| pose.apply(*p, part)).collect::<Vec<_>>();
        let ilium_controls = ilium(hip, dice);
        let count = ilium_controls.len();
        let ilium = spline::closed(&ilium_controls);
        let (ischium_controls, ischial_line) = ischium(hip, dice);
        let pubis_controls = pubis(hip, dice);
        let femur = spline::closed(&femur(hip, dice));
        let physis = posed(&spline::between(&femur, 0, 4), Part::Femur);
        let nucleus =
            hip.nucleus.map(|(centre, axes, angle)| posed(&nucleus(centre, axes, angle, dice), Part::Femur));
        let fh = nucleus
            .as_ref()
            .zip(hip.nucleus)
            .map(|(outline, (_, axes, _))| (centroid(outline), (axes.0 * axes.1).sqrt()));
        let (trc, sma) = pose.trc_sma(hip);
        Self {
            roof: posed(&spline::between(&ilium, 0, SMA), Part::Ilium),
            crest: posed(&spline::between(&ilium, SMA, SMA + 5), Part::Ilium),
            brim: posed(&spline::between(&ilium, count - 6, count - 1), Part::Ilium)
                .into_iter()
                .rev()
                .collect(),
            ilium: posed(&ilium, Part::Ilium),
            ischium: posed(&spline::closed(&ischium_controls), Part::Ring),
            pubis: posed(&spline::closed(&pubis_controls), Part::Ring),
            femur: posed(&femur, Part::Femur),
            ischial_line: posed(&spline::open(&ischial_line), Part::Ring),
            trc,
            sma,
            hp: spline::at_fraction(&physis, 0.5),
            physis,
            nucleus,
            fh,
        }
    }
}
