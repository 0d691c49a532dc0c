//! Millimetres by something of known size in the image: a line that a person draws, or a calibration sphere.
//!
//! A calibration holds at the depth of what it was made with, and replaces whatever the header says: it is never
//! multiplied with a magnification. To undo it, keep the [`Spacing`] that was there before.

use super::point::Point;
use super::spacing::{Spacing, SpacingStatus};
use thiserror::Error;

/// Lengths that disagree by more than this share are told to the reader.
pub const TOLERANCE: f64 = 0.05;
/// Pixels below which a line is too short to calibrate with: half a pixel at either end is a tenth of it.
const SHORTEST: f64 = 10.0;

/// Why a calibration was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CalibrationError {
    #[error("the known length must be a positive number of millimetres")]
    Length,
    #[error("the line or sphere is too small in the image to calibrate with")]
    Short,
}

/// The spacing under which the line from `a` to `b` (pixel coordinates) is `length` millimetres long.
///
/// The shape of the pixels stays that of `spacing`.
///
/// # Errors
/// A length that is none, or a line of fewer than ten pixels.
pub fn by_line(a: Point, b: Point, length: f64, spacing: &Spacing) -> Result<Spacing, CalibrationError> {
    if (b - a).length() < SHORTEST {
        return Err(CalibrationError::Short);
    }
    scaled(spacing, (spacing.to_metric(b) - spacing.to_metric(a)).length(), length)
}

/// The spacing under which a sphere whose outline has `radius` (in columns) has a diameter of `diameter` millimetres.
///
/// # Errors
/// A diameter that is none, or an outline of fewer than ten pixels across.
pub fn by_sphere(radius: f64, diameter: f64, spacing: &Spacing) -> Result<Spacing, CalibrationError> {
    if radius.is_nan() || 2.0 * radius < SHORTEST {
        return Err(CalibrationError::Short);
    }
    scaled(spacing, 2.0 * radius * spacing.column, diameter)
}

fn scaled(spacing: &Spacing, measured: f64, known: f64) -> Result<Spacing, CalibrationError> {
    if !(known.is_finite() && known > 0.0) {
        return Err(CalibrationError::Length);
    }
    let factor = known / measured;
    Spacing::millimetres(spacing.row * factor, spacing.column * factor, SpacingStatus::Calibrated)
        .ok_or(CalibrationError::Short)
}

/// One sentence for each pair of `sources` (name and spacing) whose lengths differ by more than [`TOLERANCE`].
/// Sources without millimetres say nothing.
pub fn cross_check(sources: &[(&str, Spacing)]) -> Vec<String> {
    let sized: Vec<_> = sources.iter().filter(|(_, spacing)| spacing.has_millimetres()).collect();
    let mut warnings = Vec::new();
    for (i, (name, spacing)) in sized.iter().enumerate() {
        for (other_name, other) in &sized[i + 1..] {
            let ratio = area(other) / area(spacing);
            let difference = (ratio.max(1.0 / ratio) - 1.0) * 100.0;
            if difference > 100.0 * TOLERANCE {
                warnings.push(format!(
                    "{name} and {other_name} disagree by {difference:.0} %: check which of them holds for this film"
                ));
            }
        }
    }
    warnings
}

/// Side of the square that is as large as a pixel.
fn area(spacing: &Spacing) -> f64 {
    (spacing.row * spacing.column).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_sets_the_scale_and_keeps_the_shape() {
        let tall = Spacing { row: 2.0, ..Spacing::UNKNOWN };
        let found = by_line(Point::new(10.0, 10.0), Point::new(40.0, 30.0), 25.0, &tall).expect("calibrated");
        assert_eq!(found, Spacing { row: 1.0, column: 0.5, status: SpacingStatus::Calibrated });
        // Not a second time, and never with what was there before.
        let again = by_line(Point::new(10.0, 10.0), Point::new(40.0, 30.0), 25.0, &found);
        assert_eq!(again, Ok(found));
    }

    #[test]
    fn a_sphere_sets_the_scale() {
        let detector = Spacing { row: 0.15, column: 0.15, status: SpacingStatus::Detector };
        let found = by_sphere(100.0, 25.0, &detector).expect("calibrated");
        assert!((found.column - 0.125).abs() < 1e-12 && found.row == found.column);
    }

    #[test]
    fn nonsense_is_refused() {
        let at = Point::new(0.0, 0.0);
        assert_eq!(by_line(at, Point::new(5.0, 0.0), 10.0, &Spacing::UNKNOWN), Err(CalibrationError::Short));
        for length in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            let result = by_line(at, Point::new(50.0, 0.0), length, &Spacing::UNKNOWN);
            assert_eq!(result, Err(CalibrationError::Length));
        }
        assert_eq!(by_sphere(f64::NAN, 25.0, &Spacing::UNKNOWN), Err(CalibrationError::Short));
    }

    #[test]
    fn disagreement_is_told() {
        let of = |mm| Spacing { row: mm, column: mm, status: SpacingStatus::Ermf };
        let sources =
            [("the header", of(0.150)), ("the magnification", of(0.156)), ("the sphere", of(0.125))];
        let warnings = cross_check(&sources);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].contains("the header and the sphere disagree by 20 %"), "{warnings:?}");
        assert!(cross_check(&[("a", of(0.15)), ("b", Spacing::UNKNOWN)]).is_empty());
    }
}
