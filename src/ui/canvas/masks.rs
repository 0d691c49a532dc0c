//! How masks are shown and painted: which labels are seen, how strongly, with which brush.

use super::Projection;
use super::tool::Tool;
use crate::measure::Structure;
use crate::study::Study;
use crate::study::mask::Brush;
use crate::ui::theme::{film as colours, size};
use egui::{Color32, Painter, Pos2, Stroke, vec2};
use std::collections::{BTreeMap, BTreeSet};

/// Opacity of the fill unless a person chose another.
const FILL: f32 = 0.25;
/// Radius of the brush at first and at most, pixels of the film.
const RADIUS: f64 = 12.0;
const RADII: std::ops::RangeInclusive<f64> = 0.5..=200.0;
/// One press of a size key.
const STEP: f64 = 1.25;

/// What the hand paints with, and what the eye sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Masks {
    /// Masks are drawn.
    pub shown: bool,
    /// Value of the structure that is painted.
    pub label: u8,
    /// Of the brush, pixels of the film.
    pub radius: f64,
    /// The eraser takes away this label alone.
    pub only: bool,
    /// Labels that are not drawn.
    pub hidden: BTreeSet<u8>,
    /// Opacity of the fill, where it was changed.
    opacity: BTreeMap<u8, f32>,
}

impl Default for Masks {
    fn default() -> Self {
        let (hidden, opacity) = (BTreeSet::new(), BTreeMap::new());
        Self { shown: true, label: 1, radius: RADIUS, only: false, hidden, opacity }
    }
}

impl Masks {
    /// Takes up a label; what is painted is seen.
    pub fn choose(&mut self, label: u8) {
        self.label = label;
        self.hidden.remove(&label);
        self.shown = true;
    }

    /// Larger or smaller by so many presses.
    pub fn resize(&mut self, presses: i32) {
        self.radius = (self.radius * STEP.powi(presses)).clamp(*RADII.start(), *RADII.end());
    }

    pub fn opacity(&self, label: u8) -> f32 {
        self.opacity.get(&label).copied().unwrap_or(FILL)
    }

    pub fn set_opacity(&mut self, label: u8, opacity: f32) {
        self.opacity.insert(label, opacity.clamp(0.0, 1.0));
    }

    /// What the tool puts down.
    pub(super) fn brush(&self, tool: Tool) -> Brush {
        match tool {
            Tool::Eraser => Brush::eraser(self.only.then_some(self.label), self.radius),
            _ => Brush::of(self.label, self.radius),
        }
    }

    /// Fill and outline of each value; transparent where it is not seen.
    pub(super) fn look(&self, structures: &[Structure]) -> Box<[[Color32; 2]; 256]> {
        let mut look = Box::new([[Color32::TRANSPARENT; 2]; 256]);
        for structure in structures.iter().filter(|structure| !self.hidden.contains(&structure.value)) {
            let outline = colour(structure);
            look[usize::from(structure.value)] =
                [outline.gamma_multiply(self.opacity(structure.value)), outline];
        }
        look
    }
}

/// Colour of a structure on the film and in its list.
pub fn colour(structure: &Structure) -> Color32 {
    let [red, green, blue] = structure.colour();
    Color32::from_rgb(red, green, blue)
}

/// The ring of the brush about the cursor, as large as what it paints.
pub fn ring(painter: &Painter, projection: &Projection, study: &Study, masks: &Masks, tool: Tool, at: Pos2) {
    let radii = projection.turn().extent(projection.to_screen_vector(masks.radius, masks.radius));
    let structures = study.structures();
    let chosen = structures.iter().find(|structure| structure.value == masks.label);
    let colour = match tool {
        Tool::Eraser => colours::TEXT,
        _ => chosen.map_or(colours::SELECTED, colour),
    };
    let rim = |step: u32| {
        let (sin, cos) = (step as f32 / 64.0 * std::f32::consts::TAU).sin_cos();
        at + vec2(radii.x * cos, radii.y * sin)
    };
    let rim: Vec<Pos2> = (0..=64).map(rim).collect();
    painter.line(rim.clone(), Stroke::new(size::LINE + size::HALO, colours::HALO));
    painter.line(rim, Stroke::new(size::LINE, colour));
    painter.circle_filled(at, 1.5, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brush_grows_and_shrinks_within_bounds_and_comes_back() {
        let mut masks = Masks::default();
        masks.resize(3);
        masks.resize(-3);
        assert!((masks.radius - RADIUS).abs() < 1e-9);
        masks.resize(-100);
        assert_eq!(masks.radius, 0.5);
        masks.resize(100);
        assert_eq!(masks.radius, 200.0);
    }

    #[test]
    fn a_hidden_label_is_transparent_until_it_is_painted_with() {
        let mut masks = Masks::default();
        masks.hidden.insert(2);
        let look = masks.look(&Structure::hip());
        assert_eq!(look[2], [Color32::TRANSPARENT; 2]);
        assert_eq!(look[1][0], look[1][1].gamma_multiply(0.25));
        masks.choose(2);
        assert_ne!(masks.look(&Structure::hip())[2][1], Color32::TRANSPARENT);
    }
}
