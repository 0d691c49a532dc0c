//! Millimetres by hand: a line of known length, a sphere, a typed magnification; each in the place of what the header
//! says, never on top of it, and all compared with each other and with the header.

use super::document::{Source, Study};
use super::refusal::Refused;
use crate::imaging::Sphere;
use crate::measure::calibration::{CalibrationError, by_line, by_sphere, cross_check};
use crate::measure::{Point, Spacing, SpacingStatus};
use serde::{Deserialize, Serialize};

/// A magnification of a radiograph lies in this range: 1 is contact, 3 no radiograph.
const MAGNIFICATIONS: std::ops::RangeInclusive<f64> = 1.0..=3.0;

/// Something of known size on the film, or the magnification itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// Ends in pixels of the film.
    Line {
        a: Point,
        b: Point,
        length_mm: f64,
    },
    Sphere {
        sphere: Sphere,
        diameter_mm: f64,
    },
    /// How much larger the patient is on the detector.
    Magnification {
        factor: f64,
    },
}

/// Why a calibration was not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalibrationRefusal {
    #[error(transparent)]
    Measured(#[from] CalibrationError),
    #[error("a magnification is a number from 1 to 3")]
    Factor,
    #[error("the header does not state the detector's pixel size, which a magnification divides")]
    NoDetector,
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Kinds replace their like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Line,
    Sphere,
    Magnification,
}

impl Calibration {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Calibration::Line { .. } => Kind::Line,
            Calibration::Sphere { .. } => Kind::Sphere,
            Calibration::Magnification { .. } => Kind::Magnification,
        }
    }

    /// "by a sphere of 25.0 mm".
    pub fn words(&self) -> String {
        match self {
            Calibration::Line { length_mm, .. } => format!("by a line of {length_mm:.1} mm"),
            Calibration::Sphere { diameter_mm, .. } => format!("by a sphere of {diameter_mm:.1} mm"),
            Calibration::Magnification { factor } => format!("by a magnification of {factor:.2}"),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Calibration::Line { .. } => "the line",
            Calibration::Sphere { .. } => "the sphere",
            Calibration::Magnification { .. } => "the typed magnification",
        }
    }

    /// The spacing that it gives the film.
    ///
    /// # Errors
    /// Sizes that are none, or a magnification where the detector's spacing is not known.
    pub fn spacing(&self, source: &Source) -> Result<Spacing, CalibrationRefusal> {
        match self {
            Calibration::Line { a, b, length_mm } => Ok(by_line(*a, *b, *length_mm, &source.spacing)?),
            Calibration::Sphere { sphere, diameter_mm } => {
                Ok(by_sphere(sphere.radius, *diameter_mm, &source.spacing)?)
            }
            Calibration::Magnification { factor } => {
                if !MAGNIFICATIONS.contains(factor) {
                    return Err(CalibrationRefusal::Factor);
                }
                let detector = source.stated.detector.ok_or(CalibrationRefusal::NoDetector)?;
                Spacing::millimetres(detector.row / factor, detector.column / factor, SpacingStatus::Ermf)
                    .ok_or(CalibrationRefusal::NoDetector)
            }
        }
    }
}

impl Study {
    /// What a pixel is worth: by the calibration in force, else as the file says.
    pub fn spacing(&self) -> Spacing {
        let by_hand = self.settings().calibration().and_then(|c| c.spacing(self.source()).ok());
        by_hand.unwrap_or(self.source().spacing)
    }

    /// How lengths are calibrated, in a few words: "by a sphere of 25.0 mm", "at the detector, uncalibrated".
    pub fn length_trust(&self) -> String {
        if let Some(calibration) = self.settings().calibration() {
            return calibration.words();
        }
        match self.source().spacing.status {
            SpacingStatus::Calibrated if self.source().identity.is_section() => "in the plane of the slice",
            SpacingStatus::Calibrated => "calibrated by the file",
            SpacingStatus::Corrected => "corrected for depth by the file",
            SpacingStatus::Ermf => "corrected for magnification by the file",
            SpacingStatus::Detector => "at the detector, uncalibrated",
            SpacingStatus::UnknownCalibration => "calibration unknown",
            SpacingStatus::AssumedIsotropic => "pixels, no calibration",
        }
        .to_owned()
    }

    /// A sentence for each pair of header, magnification, line and sphere that disagree by more than 5 %.
    pub fn calibration_conflicts(&self) -> Vec<String> {
        let source = self.source();
        let mut sources: Vec<(&str, Spacing)> = Vec::new();
        sources.extend(source.stated.patient.map(|spacing| ("the header's pixel spacing", spacing)));
        sources.extend(source.stated.magnified.map(|spacing| ("the header's magnification", spacing)));
        for calibration in &self.settings().calibrations {
            sources.extend(calibration.spacing(source).ok().map(|spacing| (calibration.name(), spacing)));
        }
        cross_check(&sources)
    }
}
