//! Pictures that show no pelvis to be measured, for who must tell them from those that do: other parts of the body,
//! sections, ultrasound, and what else lies in archives.
//!
//! Drawn, not computed, and coarse: nobody takes one for a radiograph, but light, texture, framing and the kinds of
//! shapes are those of the real thing, and there are very many of them. No picture of an archive was copied.

mod forms;
mod limbs;
mod patterns;
mod sections;
mod trunk;
mod ultrasound;

use super::infant::canvas::{Canvas, Frame};
use super::infant::dice::{Dice, Stream};
use super::infant::film::{FilmStyle, expose, store};
use super::infant::{overlay, texture};
use crate::measure::Point;

/// Pixels that a unit of the drawings has of the longer side: the film reaches from about −1.1 to 1.1.
const UNIT: f64 = 0.45;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motif {
    Chest,
    Spine,
    Abdomen,
    Breast,
    Skull,
    LongBone,
    Joint,
    Hand,
    Vessels,
    AxialSection,
    Brain,
    Wrist,
    Ultrasound,
    Scintigram,
    TestPattern,
    Text,
    Leaves,
    Noise,
    Mask,
}

impl Motif {
    pub const ALL: [Self; 19] = [
        Self::Chest,
        Self::Spine,
        Self::Abdomen,
        Self::Breast,
        Self::Skull,
        Self::LongBone,
        Self::Joint,
        Self::Hand,
        Self::Vessels,
        Self::AxialSection,
        Self::Brain,
        Self::Wrist,
        Self::Ultrasound,
        Self::Scintigram,
        Self::TestPattern,
        Self::Text,
        Self::Leaves,
        Self::Noise,
        Self::Mask,
    ];
}

/// A picture of nothing that is measured.
#[derive(Debug, Clone)]
pub struct OtherPicture {
    pub motif: Motif,
    pub rows: usize,
    pub columns: usize,
    /// Row-major, 0–1.
    pub grey: Vec<f32>,
}

impl OtherPicture {
    /// Number `seed` of any motif; `size` is the longer side in pixels.
    pub fn generate(seed: u64, size: usize) -> Self {
        let mut dice = Dice::new(seed, Stream::View);
        let motif = Motif::ALL[dice.below(Motif::ALL.len())];
        Self::of(motif, seed, size)
    }

    /// Number `seed` of `motif`.
    pub fn of(motif: Motif, seed: u64, size: usize) -> Self {
        let mut dice = Dice::new(seed, Stream::Anatomy);
        let short = (size as f64 * if dice.chance(0.4) { 1.0 } else { dice.range(0.62, 1.0) }) as usize;
        let (rows, columns) = if dice.chance(0.5) { (size, short.max(1)) } else { (short.max(1), size) };
        let sheet = Sheet { rows, columns, seed };
        let draw = match motif {
            Motif::Chest => trunk::chest,
            Motif::Spine => trunk::spine,
            Motif::Abdomen => trunk::abdomen,
            Motif::Breast => trunk::breast,
            Motif::Skull => trunk::skull,
            Motif::LongBone => limbs::long_bone,
            Motif::Joint => limbs::joint,
            Motif::Hand => limbs::hand,
            Motif::Vessels => limbs::vessels,
            Motif::AxialSection => sections::axial,
            Motif::Brain => sections::brain,
            Motif::Wrist => sections::wrist,
            Motif::Ultrasound => ultrasound::scan,
            Motif::Scintigram => sections::scintigram,
            Motif::TestPattern => patterns::test_pattern,
            Motif::Text => patterns::text,
            Motif::Leaves => patterns::leaves,
            Motif::Noise => patterns::noise,
            Motif::Mask => patterns::mask,
        };
        Self { motif, rows, columns, grey: draw(sheet, &mut dice) }
    }
}

/// What a motif is drawn on.
#[derive(Debug, Clone, Copy)]
struct Sheet {
    rows: usize,
    columns: usize,
    seed: u64,
}

impl Sheet {
    /// Empty, its middle at the origin, everything on it turned by `angle` radians.
    fn canvas(self, angle: f64) -> Canvas {
        let (sin, cos) = angle.sin_cos();
        let middle = |count: usize| 0.5 * (count as f64 - 1.0);
        let origin = Point::new(middle(self.columns), middle(self.rows));
        let scale = UNIT * self.rows.max(self.columns) as f64;
        Canvas::new(Frame { columns: self.columns, rows: self.rows, scale, origin, cos, sin })
    }

    /// Half of the width and of the height, in units.
    fn half(self) -> (f64, f64) {
        let longest = self.rows.max(self.columns) as f64;
        (0.5 * self.columns as f64 / (UNIT * longest), 0.5 * self.rows as f64 / (UNIT * longest))
    }

    /// Fields of several sizes, of unit variance.
    fn texture(self, coarsest: f64, finest: f64, fall: f64, number: u64) -> Vec<f32> {
        texture::field(self.columns, self.rows, coarsest, finest, fall, self.seed, number)
    }

    /// Attenuation as a film shows it, with all that films bear.
    fn film(self, mut canvas: Canvas, dice: &mut Dice) -> Vec<f32> {
        let rough = dice.log_range(0.01, 0.08) as f32;
        let clouds = self.texture(3.0, dice.log_range(12.0, 120.0), dice.range(0.5, 0.95), 1);
        for (value, cloud) in canvas.data.iter_mut().zip(clouds) {
            *value = value.max(0.0) * (1.0 + rough * cloud);
        }
        let style = FilmStyle::draw(1.0, dice);
        let mut grey = expose(&mut canvas, &style, &mut Dice::new(self.seed, Stream::Noise));
        overlay::paint(&mut grey, self.columns, self.rows, 1.0, dice);
        store(&mut grey, self.columns, self.rows, &style);
        grey
    }

    /// Signals of 0–1 as a scanner shows them: noise, a window.
    fn scan(self, mut signal: Vec<f32>, dice: &mut Dice) -> Vec<f32> {
        let mut noise = vec![0.0; signal.len()];
        Dice::new(self.seed, Stream::Noise).fill_gauss(&mut noise);
        let (sd, gamma) = (dice.log_range(0.003, 0.06) as f32, dice.log_range(0.6, 1.8) as f32);
        let (low, high) = (dice.range(-0.02, 0.12) as f32, dice.range(0.6, 1.1) as f32);
        for (value, noise) in signal.iter_mut().zip(noise) {
            *value = ((*value + sd * noise - low) / (high - low)).clamp(0.0, 1.0).powf(gamma);
        }
        signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motif_shows_something_and_a_seed_is_a_picture() {
        for motif in Motif::ALL {
            for seed in 0..4 {
                let picture = OtherPicture::of(motif, seed, 96);
                assert_eq!(picture.grey.len(), picture.rows * picture.columns);
                assert!(picture.grey.iter().all(|v| (0.0..=1.0).contains(v)), "{motif:?} {seed}");
                let mean = picture.grey.iter().sum::<f32>() / picture.grey.len() as f32;
                let spread = picture.grey.iter().map(|v| (v - mean).powi(2)).sum::<f32>();
                assert!(spread / picture.grey.len() as f32 > 1e-4, "{motif:?} {seed} is blank");
                assert_eq!(picture.grey, OtherPicture::of(motif, seed, 96).grey);
            }
            assert_ne!(OtherPicture::of(motif, 1, 96).grey, OtherPicture::of(motif, 2, 96).grey);
        }
    }
}
