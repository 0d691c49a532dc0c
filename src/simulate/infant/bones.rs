//! The hip bones as attenuation: a shell and a filling of spongy bone, bright where bone is thick or seen edge-on.
//!
//! What readers look for is drawn on purpose: the sclerotic roof, the medial border of the ilium, the line down the
//! inside of the ischium, the dense margin of the metaphysis, the cortex of the shaft.

use super::canvas::{Canvas, nearness};
use super::dice::Dice;
use super::patch::Patch;
use super::shape::Outlines;
use crate::measure::spline;
use crate::measure::{Point, Vector};

/// How bones look on this film.
#[derive(Debug, Clone)]
pub(super) struct BoneStyle {
    pub ilium: f32,
    pub ischium: f32,
    pub pubis: f32,
    pub femur: f32,
    pub nucleus: f32,
    /// Width of the cortex in units.
    pub rim: f64,
    pub rim_gain: f32,
    /// Softness of the outlines in units.
    pub edge: f64,
    pub roof: f32,
    pub roof_sigma: f64,
    pub ischial_line: f32,
    pub physis: f32,
    /// Share of bone that is a flat plate rather than thicker in the middle.
    pub flatness: f32,
    pub trabeculae: f32,
    pub patchiness: f32,
}

impl BoneStyle {
    pub fn draw(dice: &mut Dice) -> Self {
        let gain = dice.log_range(0.42, 1.15);
        let mut part = |low, high| (gain * dice.range(low, high)) as f32;
        Self {
            ilium: part(0.34, 0.62),
            ischium: part(0.26, 0.50),
            pubis: part(0.16, 0.40),
            femur: part(0.42, 0.80),
            nucleus: part(0.14, 0.36),
            roof: part(0.08, 0.50),
            ischial_line: part(0.06, 0.50),
            physis: part(0.02, 0.26),
            rim_gain: part(0.02, 0.24),
            rim: dice.log_range(0.008, 0.022),
            edge: dice.log_range(0.002, 0.013),
            roof_sigma: dice.log_range(0.009, 0.032),
            flatness: dice.range(0.2, 0.8) as f32,
            trabeculae: (0.13 * dice.range(0.0, 1.0).powi(2) + 0.025) as f32,
            patchiness: dice.range(0.02, 0.10) as f32,
        }
    }
}

/// Fields of texture shared by all bones, one value a pixel.
pub(super) struct BoneTexture {
    pub fine: Vec<f32>,
    pub coarse: Vec<f32>,
}

/// One bone before it is added to the film: its coverage and its attenuation.
struct Bone<'a> {
    canvas: &'a mut Canvas,
    style: &'a BoneStyle,
    texture: &'a BoneTexture,
    patch: Patch,
    value: Vec<f32>,
}

impl<'a> Bone<'a> {
    fn new(
        canvas: &'a mut Canvas,
        style: &'a BoneStyle,
        texture: &'a BoneTexture,
        outline: &[Point],
        gain: f32,
        thickness: f64,
    ) -> Option<Self> {
        let patch = Patch::fill(&canvas.frame, outline, 2.0)?;
        let scale = canvas.frame.scale;
        let thick = patch.blurred(thickness * scale);
        let soft = patch.blurred((style.rim * scale).max(0.5));
        let rim = style.rim_gain * 2.0;
        let flat = style.flatness;
        // Bone thins out towards its edge: the shadow has a softer outline than the bone.
        let edge = patch.blurred(style.edge * scale);
        let value = edge
            .iter()
            .zip(thick.iter().zip(&soft))
            .map(|(c, (t, s))| c * (gain * (flat + (1.0 - flat) * t) + rim * (1.0 - s) * (0.4 + 0.6 * gain)))
            .collect();
        Some(Self { canvas, style, texture, patch, value })
    }

    /// Adds a bright line along part of the outline or within, only on the bone itself.
    fn line(&mut self, line: &[Point], sigma: f64, amount: impl Fn(f32) -> f32) {
        let near = nearness(&self.canvas.frame, self.patch.area, line, 3.0 * sigma);
        let k = -0.5 / (sigma * sigma) as f32;
        for ((v, c), (d2, t)) in self.value.iter_mut().zip(&self.patch.coverage).zip(near) {
            if d2 < f32::MAX && *c > 0.0 {
                *v += c * amount(t) * (d2 * k).exp();
            }
        }
    }

    /// Multiplies by 1 + `amount` × a Gaussian hump at `centre`.
    fn hump(&mut self, centre: Point, radius: f64, amount: f32) {
        let k = -1.0 / (radius * radius) as f32;
        let frame = self.canvas.frame;
        for (i, v) in self.value.iter_mut().enumerate() {
            if *v > 0.0 {
                let (row, column) = (i / self.patch.area.width, i % self.patch.area.width);
                let p = frame.to_unit(Point::new(
                    (self.patch.area.left + column) as f64,
                    (self.patch.area.top + row) as f64,
                ));
                let away = p - centre;
                *v *= 1.0 + amount * (k * away.dot(away) as f32).exp();
            }
        }
    }

    /// Textures it and adds it to the film.
    fn add(self) {
        let columns = self.canvas.frame.columns;
        let area = self.patch.area;
        for row in 0..area.height {
            let at = (area.top + row) * columns + area.left;
            for i in 0..area.width {
                let v = self.value[row * area.width + i];
                if v > 0.0 {
                    let fine = self.style.trabeculae * self.texture.fine[at + i];
                    let coarse = self.style.patchiness * self.texture.coarse[at + i];
                    self.canvas.data[at + i] += v * (1.0 + coarse + fine).max(0.2);
                }
            }
        }
    }
}

/// Draws the bones of one hip.
pub(super) fn paint(
    canvas: &mut Canvas,
    hip: &Outlines,
    style: &BoneStyle,
    texture: &BoneTexture,
    dice: &mut Dice,
) {
    let side = hip.trc.x.signum();
    let at = |x: f64, y: f64| Point::new(hip.trc.x + side * x, hip.trc.y + y);
    let mut vary = |spread: f64| dice.range(1.0 - spread, 1.0 + spread) as f32;

    let roof_gain = style.roof * vary(0.35);
    let (fade_in, fade_out) = (dice.range(0.0, 0.25) as f32, dice.range(0.78, 1.08) as f32);
    let brim_gain = style.roof * dice.range(0.2, 1.4) as f32;
    let medial = dice.range(0.0, 0.55) as f32;
    let fossa = dice.range(-0.35, 0.1) as f32;
    if let Some(mut bone) = Bone::new(canvas, style, texture, &hip.ilium, style.ilium * 1.0, 0.07) {
        bone.hump(at(0.11, -0.09), 0.15, dice.range(0.1, 0.5) as f32);
        bone.hump(at(-0.02, -0.38), 0.24, medial);
        bone.hump(at(0.27, -0.48), 0.20, fossa);
        bone.hump(at(0.20, -0.80), 0.30, dice.range(-0.65, 0.1) as f32);
        bone.hump(at(-0.13, -0.45), 0.16, dice.range(-0.5, 0.4) as f32);
        // The line of force from the socket to the sacrum.
        let force = spline::open(&[at(-0.05, -0.10), at(-0.07, -0.28), at(-0.10, -0.45), at(-0.09, -0.65)]);
        let force_gain = style.ilium * dice.range(-0.05, 0.45) as f32;
        bone.line(&force, dice.log_range(0.014, 0.05), |t| {
            force_gain * ramp(t, 0.0, 0.3) * (1.0 - ramp(t, 0.6, 1.0))
        });
        // The dense roof may lie a little above the lower rim, more so laterally.
        let inset = dice.range(-0.03, 0.035).max(0.0);
        let spread = dice.range(0.3, 1.0);
        let up = (hip.sma - hip.trc).unit().map_or(Vector::default(), |v| Vector::new(v.y, -v.x) * side);
        let last = (hip.roof.len() - 1) as f64;
        let lifted = |(i, p): (usize, &Point)| *p + up * (inset * (1.0 - spread + spread * i as f64 / last));
        let roof: Vec<Point> = hip.roof.iter().enumerate().map(lifted).collect();
        bone.line(&roof, style.roof_sigma, |t| {
            roof_gain * ramp(t, fade_in - 0.2, fade_in) * (1.0 - ramp(t, fade_out - 0.22, fade_out))
        });
        bone.line(&hip.crest, style.roof_sigma * 0.8, |t| 0.35 * roof_gain * (1.0 - ramp(t, 0.1, 0.7)));
        bone.line(&hip.brim, style.roof_sigma * 0.75, |t| brim_gain * (1.0 - ramp(t, 0.6, 1.0)));
        bone.add();
    }
    if let Some(mut bone) = Bone::new(canvas, style, texture, &hip.pubis, style.pubis, 0.035) {
        bone.hump(at(-0.20, 0.24), 0.12, dice.range(-0.2, 0.5) as f32);
        bone.hump(at(-0.38, 0.38), 0.12, dice.range(-0.7, 0.3) as f32);
        bone.add();
    }
    let line_gain = style.ischial_line;
    let line_sigma = dice.log_range(0.006, 0.016);
    if let Some(mut bone) = Bone::new(canvas, style, texture, &hip.ischium, style.ischium, 0.045) {
        bone.hump(at(0.0, 0.2), 0.16, dice.range(0.0, 0.5) as f32);
        bone.line(&hip.ischial_line, line_sigma, |t| {
            line_gain * ramp(t, 0.0, 0.2) * (1.0 - ramp(t, 0.6, 1.0))
        });
        bone.add();
    }
    let physis_gain = style.physis * dice.range(0.4, 1.3) as f32;
    let physis_sigma = dice.log_range(0.010, 0.035);
    let cortex = style.femur * dice.range(0.15, 0.75) as f32;
    let cortex_sigma = dice.log_range(0.010, 0.026);
    if let Some(mut bone) = Bone::new(canvas, style, texture, &hip.femur, style.femur, 0.06) {
        bone.hump(hip.hp + (Point::new(0.0, 0.16) - Point::default()), 0.20, dice.range(-0.45, 0.05) as f32);
        bone.line(&hip.physis, physis_sigma, |_| physis_gain);
        let shaft = &hip.femur[8 * 7..8 * 12];
        let calcar = &hip.femur[8 * 14..8 * 18];
        bone.line(shaft, cortex_sigma, |t| cortex * ramp(t, 0.0, 0.35));
        bone.line(calcar, cortex_sigma, |t| cortex * (1.0 - ramp(t, 0.75, 1.0)));
        bone.add();
    }
    if let Some(outline) = &hip.nucleus
        && let Some(bone) = Bone::new(canvas, style, texture, outline, style.nucleus, 0.02)
    {
        bone.add();
    }
}

/// Smooth step from 0 at `low` to 1 at `high`.
pub(super) fn ramp(t: f32, low: f32, high: f32) -> f32 {
    let u = ((t - low) / (high - low).max(1e-6)).clamp(0.0, 1.0);
    u * u * (3.0 - 2.0 * u)
}
