//! Who the infant is: age, and the form of each hip, drawn around a mean that grows from 2 months to 4 years.
//!
//! Lengths are in units of the TRC–TRC distance (see [`super::canvas`]), positions in the frame of one hip: x lateral
//! from the midline, y down, the tri-radiate cartilage at (0.5, 0). Both hips share most of their form and differ in
//! the rest; dysplasia and displacement are drawn for each side alone.

use super::dice::Dice;
use super::options::{HipOptions, PhantomOptions};
use crate::measure::Point;

/// How far the head has left its socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Displacement {
    None,
    Subluxated,
    Low,
    High,
}

/// Form of one hip.
#[derive(Debug, Clone)]
pub(super) struct Hip {
    /// Slope of the line TRC–SMA before the pelvis is posed, in radians.
    pub roof_slope: f64,
    pub roof_length: f64,
    /// Sag of the roof line at its middle; positive: concave (deep socket).
    pub roof_sag: f64,
    /// Direction of the lateral iliac border just above the margin (radians above the horizontal) and its run.
    pub margin_angle: f64,
    pub margin_run: f64,
    /// Medial lower corner of the ilium relative to the TRC: how far medial, how far up.
    pub corner: (f64, f64),
    /// Iliac wing: width and height factor, lean to the side.
    pub wing: (f64, f64, f64),
    /// How far its upper medial part reaches towards the midline.
    pub wing_medial: f64,
    /// How far the posterior spine juts into the pelvis.
    pub spur: f64,
    /// Ischium and pubis: width and height factor, shift down (the width of the tri-radiate gap).
    pub ischium: (f64, f64, f64),
    /// How far the ischial ramus has ossified towards the pubis (0–1).
    pub ramus: f64,
    pub pubis: (f64, f64),
    /// H-point.
    pub hp: Point,
    /// Width factor of the metaphysis, jut of the trochanter, tilt of the physis and of the shaft (radians).
    pub metaphysis: f64,
    pub trochanter: f64,
    pub physis_tilt: f64,
    pub shaft_tilt: f64,
    pub shaft_width: f64,
    pub lesser_trochanter: f64,
    /// Ossific nucleus: centre, semi-axes, angle; `None` when not ossified.
    pub nucleus: Option<(Point, (f64, f64), f64)>,
}

/// The infant.
#[derive(Debug, Clone)]
pub(super) struct Infant {
    pub age_months: f64,
    /// Millimetres on the detector per unit.
    pub unit_mm: f64,
    /// Patient right, patient left.
    pub hips: [Hip; 2],
    /// Turn of the pelvis about its long axis (positive: to the patient's left) and tilt, both as small factors.
    pub rotation: f64,
    pub tilt: f64,
}

/// Draws of one form: most of each deviation is shared by both sides.
struct Twin<'a> {
    shared: &'a [f64],
    at: usize,
    dice: &'a mut Dice,
}

impl Twin<'_> {
    fn draw(&mut self, mean: f64, sd: f64) -> f64 {
        let z = 0.91 * self.shared[self.at % self.shared.len()] + 0.41 * self.dice.gauss();
        self.at += 1;
        mean + sd * z
    }
}

impl Infant {
    pub fn draw(dice: &mut Dice, options: &PhantomOptions) -> Self {
        let [low, high] = options.age_months.map(|a| a.clamp(2.0, 48.0));
        // Most films for this question are taken between four and eighteen months.
        let usual = dice.normal(8.5f64.ln(), 0.5).exp();
        let any = dice.log_range(low, high.max(low + 1e-6));
        let age_months = if dice.chance(0.75) && (low..=high).contains(&usual) { usual } else { any };
        let unit_mm = (52.0 + 3.2 * age_months.sqrt()) * dice.normal(1.0, 0.06);
        let shared: Vec<f64> = (0..40).map(|_| dice.gauss()).collect();
        let maturity = maturity(age_months);
        let nucleus_onset = dice.normal(5.0, 1.6);
        let mut hip =
            |wish: &HipOptions| Hip::draw(dice, &shared, maturity, age_months - nucleus_onset, wish);
        let hips = [hip(&options.hips[0]), hip(&options.hips[1])];
        let loose = if dice.chance(0.12) { 1.8 } else { 1.0 };
        Self {
            age_months,
            unit_mm,
            hips,
            rotation: loose * dice.normal(0.0, 0.055),
            tilt: loose * dice.normal(0.0, 0.10),
        }
    }
}

/// 0 at 2 months, 1 at 4 years.
fn maturity(age_months: f64) -> f64 {
    ((age_months / 2.0).ln() / 24f64.ln()).clamp(0.0, 1.0)
}

impl Displacement {
    fn draw(dice: &mut Dice, wish: Option<u8>) -> Self {
        match wish {
            Some(1) => Self::None,
            Some(2) => Self::Subluxated,
            Some(3) => Self::Low,
            Some(_) => Self::High,
            None => match dice.range(0.0, 1.0) {
                p if p < 0.70 => Self::None,
                p if p < 0.82 => Self::Subluxated,
                p if p < 0.91 => Self::Low,
                _ => Self::High,
            },
        }
    }

    /// Lateral and upward displacement of the femur, extra steepness of the roof in degrees.
    fn sizes(self, dice: &mut Dice) -> (f64, f64, f64) {
        match self {
            Self::None => (0.0, 0.0, 0.0),
            Self::Subluxated => {
                (dice.range(0.02, 0.11), dice.range(-0.01, 0.07), dice.normal(6.0, 4.0).abs())
            }
            Self::Low => (dice.range(0.09, 0.22), dice.range(0.05, 0.16), dice.normal(9.0, 5.0).abs()),
            Self::High => (dice.range(0.05, 0.24), dice.range(0.17, 0.42), dice.normal(11.0, 6.0).abs()),
        }
    }
}

impl Hip {
    fn draw(dice: &mut Dice, shared: &[f64], maturity: f64, since_onset: f64, wish: &HipOptions) -> Self {
        let displacement = Displacement::draw(dice, wish.ihdi);
        let (lateral, up, steeper) = displacement.sizes(dice);
        let dysplastic = if dice.chance(0.18) { dice.normal(8.0, 4.0).abs() } else { 0.0 };
        let side = dice.normal(0.0, 2.6);
        // Most margins run on smoothly into the lateral border; some make a corner.
        let margin = if dice.chance(0.72) { dice.normal(48.0, 7.0) } else { dice.range(52.0, 88.0) };
        let mut t = Twin { shared, at: 0, dice };
        let slope = t.draw(26.0 - 6.0 * maturity, 4.2) + side + steeper.max(dysplastic);
        // Some hips of every slope there is, so that no slope is too rare to be learnt.
        let any = t.dice.chance(0.2).then(|| t.dice.range(8.0, 48.0));
        let roof_slope = match wish.acetabular_index {
            Some([low, high]) => t.dice.range(low, high),
            None => any.unwrap_or(slope).clamp(6.0, 52.0),
        };
        let roof_length = t.draw(0.262, 0.024).clamp(0.19, 0.34);
        let roof_sag = t.draw(0.004, 0.012);
        // The lower border of the ilium may run level or even fall further medially: the TRC is then not its lowest
        // point, and only where the roof begins tells it.
        let corner = (t.draw(0.075, 0.024).clamp(0.025, 0.14), t.draw(0.019, 0.019).clamp(-0.025, 0.065));
        let wing = (t.draw(1.02, 0.07), t.draw(1.0, 0.125), t.draw(0.0, 0.06));
        let wing_medial = t.draw(0.0, 0.035);
        let spur = t.draw(0.3, 0.6).clamp(-0.3, 1.6);
        let gap = t.draw(0.012 - 0.022 * maturity, 0.018).clamp(-0.035, 0.06);
        let ischium = (t.draw(1.04, 0.09), t.draw(1.0 - 0.03 * maturity, 0.07), gap);
        let ramus = t.draw(0.1 + 0.8 * maturity, 0.25).clamp(0.0, 1.0);
        let pubis = (t.draw(1.1, 0.2), t.draw(0.97, 0.11));
        let abduction = t.draw(0.0, 1.0);
        let hp_home = Point::new(t.draw(0.724, 0.030), t.draw(0.165 - 0.02 * maturity, 0.026));
        let metaphysis = t.draw(1.03 + 0.06 * maturity, 0.09);
        let trochanter = t.draw(1.12 + 0.2 * maturity, 0.2);
        let physis_tilt = t.draw(0.02 + 0.10 * maturity, 0.09);
        let shaft_tilt = t.draw(-0.03, 0.085) - 0.02 * abduction;
        let shaft_width = t.draw(1.0, 0.10);
        let lesser_trochanter = t.draw(0.4, 0.5).max(0.0);
        let frog = t.dice.chance(0.02);
        let hp =
            Point::new(hp_home.x + 0.012 * t.dice.gauss() + lateral, hp_home.y + 0.012 * t.dice.gauss() - up);
        let nucleus = Self::nucleus(t.dice, since_onset, hp, displacement, wish.nucleus);
        Self {
            roof_slope: roof_slope.to_radians(),
            roof_length,
            roof_sag,
            margin_angle: margin.to_radians(),
            margin_run: t.dice.range(0.05, 0.11),
            corner,
            wing,
            wing_medial,
            spur,
            ischium,
            ramus,
            pubis,
            hp,
            metaphysis,
            trochanter,
            physis_tilt,
            shaft_tilt: if frog { t.dice.range(0.5, 1.0) } else { shaft_tilt },
            shaft_width,
            lesser_trochanter,
            nucleus,
        }
    }

    /// The nucleus appears about the fifth month (later in a displaced hip) and grows with the square root of time.
    fn nucleus(
        dice: &mut Dice,
        since_onset: f64,
        hp: Point,
        displacement: Displacement,
        wish: Option<bool>,
    ) -> Option<(Point, (f64, f64), f64)> {
        let delay = match displacement {
            Displacement::None => 0.0,
            Displacement::Subluxated => 2.0,
            _ => 4.0,
        };
        let months = since_onset - delay + dice.normal(0.0, 0.8);
        let radius = 0.014 + 0.0225 * months.max(if wish == Some(true) { 0.5 } else { 0.0 }).sqrt();
        let radius = (radius * dice.normal(1.0, 0.10)).clamp(0.013, 0.16);
        let axes = (radius * dice.range(1.0, 1.35), radius * dice.range(0.74, 1.0));
        let centre = Point::new(
            hp.x - 0.012 + dice.normal(0.0, 0.018),
            hp.y - 0.048 - axes.1 * 0.75 - dice.range(0.0, 0.028),
        );
        let angle = dice.normal(-0.12, 0.2);
        wish.unwrap_or(months > 0.0).then_some((centre, axes, angle))
    }
}
