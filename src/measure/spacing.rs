//! What a pixel is worth in millimetres, and how far that can be trusted (DICOM PS3.3 10.7.1).

use super::point::{Point, Vector};
use serde::{Deserialize, Serialize};

/// Where the spacing comes from. The names are those of the measurement JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SpacingStatus {
    /// PixelSpacing with CalibrationType FIDUCIAL, or a calibration made by the user: true at that depth only.
    Calibrated,
    /// PixelSpacing corrected for an assumed depth (GEOMETRY, or it differs from ImagerPixelSpacing).
    Corrected,
    /// Detector spacing divided by the estimated radiographic magnification.
    Ermf,
    /// Detector spacing: lengths are those on the detector, no absolute threshold applies.
    Detector,
    /// PixelSpacing alone: millimetres of unknown meaning.
    UnknownCalibration,
    /// Nothing but (perhaps) the pixel aspect ratio: angles and ratios only, lengths in pixels.
    AssumedIsotropic,
}

impl SpacingStatus {
    /// How far lengths can be trusted, as a sentence for the reader; `None` where they are calibrated.
    pub fn caution(self) -> Option<&'static str> {
        match self {
            SpacingStatus::Calibrated => None,
            SpacingStatus::Corrected | SpacingStatus::Ermf => {
                Some("Lengths are corrected for an assumed magnification.")
            }
            SpacingStatus::Detector => Some(
                "Lengths are those on the detector, larger than in the patient: no absolute limit applies to them.",
            ),
            SpacingStatus::UnknownCalibration => {
                Some("The calibration of the pixel spacing is unknown: trust angles before lengths.")
            }
            SpacingStatus::AssumedIsotropic => {
                Some("No calibration: angles and ratios only, lengths are in pixels.")
            }
        }
    }
}

/// Size of a pixel: `row` between rows (vertical), `column` between columns (horizontal), as DICOM orders them.
///
/// In millimetres, except with [`SpacingStatus::AssumedIsotropic`], where it is in units of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spacing {
    pub row: f64,
    pub column: f64,
    pub status: SpacingStatus,
}

impl Spacing {
    /// Square pixels of unknown size.
    pub const UNKNOWN: Spacing = Spacing { row: 1.0, column: 1.0, status: SpacingStatus::AssumedIsotropic };

    /// Millimetres per pixel; `None` unless both are finite and positive.
    pub fn millimetres(row: f64, column: f64, status: SpacingStatus) -> Option<Spacing> {
        let valid = |v: f64| v.is_finite() && v > 0.0;
        (valid(row) && valid(column)).then_some(Spacing { row, column, status })
    }

    /// Whether lengths come out in millimetres (of whatever trust) rather than pixels.
    pub fn has_millimetres(&self) -> bool {
        self.status != SpacingStatus::AssumedIsotropic
    }

    /// Pixel coordinates to the metric frame (millimetres, or columns without spacing).
    pub fn to_metric(&self, pixel: Point) -> Point {
        Point::new(pixel.x * self.column, pixel.y * self.row)
    }

    /// The metric frame back to pixel coordinates.
    pub fn to_pixel(&self, metric: Point) -> Point {
        Point::new(metric.x / self.column, metric.y / self.row)
    }

    /// A metric displacement in pixels.
    pub fn vector_to_pixel(&self, metric: Vector) -> Vector {
        Vector::new(metric.x / self.column, metric.y / self.row)
    }
}
