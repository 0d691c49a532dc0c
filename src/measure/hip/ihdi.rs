//! **IHDI grade** (Narayanan et al., J Pediatr Orthop 2015;35:478): where the H-point lies between the lines.
//!
//! With a = (HP−SMA)·ℓ lateral of the Perkin line and b = −(HP−TRC)·u below the Hilgenreiner line: IV above the
//! Hilgenreiner line, I on or medial of the Perkin line, II up to the D-line (45° from where both cross), III beyond
//! it. II–IV are displaced. Needs TRC of both sides, SMA and HP. The nucleus never stands in for the H-point: the
//! grade was made for hips that have none.

use super::{Graded, Rule};
use crate::measure::anatomy::Hip;
use crate::measure::construction::Role;
use crate::measure::definition::Draw;
use crate::measure::landmark::LandmarkCode;
use crate::measure::measurement::Status;
use crate::measure::refusal::Refusal;

/// Points on a boundary belong to the milder grade, also after rounding; metric units.
const ROUNDING: f64 = 1e-9;
/// Extent of the D-line of the surrogate, either way, in TRC–TRC distances.
const D_LINE: f64 = 0.35;

pub static RULE: Rule = Rule {
    code: "IHDI",
    id: "IHDI/1",
    name: "IHDI grade",
    grades: GRADES,
    landmarks: &[LandmarkCode::TRC, LandmarkCode::SMA, LandmarkCode::HP],
    on_request: false,
    grade: |hip| grade(&boundaries(hip)?),
    nearest: |hip| Ok(boundaries(hip)?.nearest()),
    on_refusal: |refusal, _, landmarks| refusal.reason(landmarks),
    draw: Draw::WithTheFilm,
    formula: "a = (HP − SMA)·ℓ, b = −(HP − TRC)·u: b < 0 IV; else a ≤ 0 I; a ≤ b II; a > b III",
    reading: "II–IV are displaced",
    source: "Narayanan, J Pediatr Orthop 2015;35:478",
};

/// The nucleus in the H-point's place: another grade under another name, and experimental.
pub static SURROGATE: Rule = Rule {
    code: "IHDI_FH",
    id: "IHDI_FH/1",
    name: "IHDI grade of the nucleus (experimental)",
    landmarks: &[LandmarkCode::TRC, LandmarkCode::SMA, LandmarkCode::FH],
    on_request: true,
    grade: |hip| grade(&beyond(hip, LandmarkCode::FH)?),
    nearest: |hip| Ok(beyond(hip, LandmarkCode::FH)?.nearest()),
    // The film's own lines are those of the published grade.
    draw: Draw::Hip(|hip, pen| {
        let sma = hip.point(LandmarkCode::SMA)?;
        let crossing = sma - hip.frame.cranial * hip.offset(LandmarkCode::TRC, LandmarkCode::SMA)?.cranial;
        let outwards = hip.frame.lateral(hip.side) + -hip.frame.cranial;
        pen.baseline(hip.points);
        pen.upright(sma, hip.point(LandmarkCode::FH)?);
        pen.segment(Role::DLine, crossing, crossing + outwards * (D_LINE * hip.frame.baseline));
        Ok(())
    }),
    formula: "IHDI with FH in the place of HP",
    reading: "experimental: not the published grade",
    source: "this program's",
    ..RULE
};

const GRADES: &[&str] = &["I", "II", "III", "IV"];

/// Signed distances of the H-point from the three boundaries, metric units; each grows with severity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boundaries {
    /// Lateral of the Perkin line (a): I | II.
    pub perkin: f64,
    /// Beyond the D-line, perpendicular to it: II | III.
    pub d_line: f64,
    /// Above the Hilgenreiner line (−b): III | IV.
    pub hilgenreiner: f64,
}

impl Boundaries {
    /// Index into the grades.
    fn grade(&self) -> usize {
        if self.hilgenreiner > ROUNDING {
            3
        } else if self.perkin <= ROUNDING {
            0
        } else if self.d_line <= ROUNDING {
            1
        } else {
            2
        }
    }

    /// The nearest point of another grade: its grade, and how far it is.
    fn nearest(&self) -> (usize, f64) {
        let (medial, below) = (-self.perkin, -self.hilgenreiner);
        let candidates = match self.grade() {
            0 => [(1, medial), (3, below)],
            1 => [(0, -medial), (2, -self.d_line)],
            2 => [(1, self.d_line), (3, below)],
            _ if medial >= 0.0 => [(0, -below), (0, -below)],
            _ => [(2, -below), (2, -below)],
        };
        let [(a, near), (b, far)] = candidates.map(|(grade, distance)| (grade, distance.max(0.0)));
        if far < near { (b, far) } else { (a, near) }
    }
}

/// How far the H-point lies from each boundary between grades.
pub fn boundaries(hip: &Hip) -> Result<Boundaries, Refusal> {
    beyond(hip, LandmarkCode::HP)
}

fn beyond(hip: &Hip, femur: LandmarkCode) -> Result<Boundaries, Refusal> {
    let a = hip.offset(LandmarkCode::SMA, femur.clone())?.lateral;
    let b = -hip.offset(LandmarkCode::TRC, femur)?.cranial;
    Ok(Boundaries { perkin: a, d_line: (a - b) * std::f64::consts::FRAC_1_SQRT_2, hilgenreiner: -b })
}

fn grade(beyond: &Boundaries) -> Result<Graded, Refusal> {
    let grade = beyond.grade();
    // A femur does not ride up without leaving the socket: more likely a point is on the wrong bone.
    let doubt = (grade == 3 && beyond.perkin <= ROUNDING).then_some((
        Status::CheckLandmarks,
        "HP lies above the Hilgenreiner line yet medial of the Perkin line: check the landmarks",
    ));
    Ok(Graded { grade, doubt })
}
