//! Which spacing a file states, and how far it can be trusted (PS3.3 10.7.1).
//!
//! The header may say it several ways; exactly one is taken, so that no magnification is divided out twice.
//! Nothing found is [`Spacing::UNKNOWN`] or the pixel aspect ratio, never a constant in millimetres.

use crate::measure::{Spacing, SpacingStatus};

/// What a header says of the size of a pixel, each way by itself: to be compared, and to be divided by a magnification.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StatedSpacing {
    /// At the detector, undivided.
    pub detector: Option<Spacing>,
    /// In the patient: PixelSpacing that is not the detector's.
    pub patient: Option<Spacing>,
    /// The detector's divided by the stated magnification.
    pub magnified: Option<Spacing>,
}

/// What a header says about the size of a pixel. Pairs are row spacing first, as DICOM writes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SpacingFacts {
    pub pixel_spacing: Option<[f64; 2]>,
    pub imager_pixel_spacing: Option<[f64; 2]>,
    /// Nominal scanned pixel spacing of a digitised film: the plane of the film, that is of a detector.
    pub nominal_scanned_spacing: Option<[f64; 2]>,
    pub calibration_type: String,
    /// EstimatedRadiographicMagnificationFactor.
    pub magnification: Option<f64>,
    pub source_to_detector: Option<f64>,
    pub source_to_patient: Option<f64>,
    /// PixelAspectRatio, vertical\horizontal.
    pub aspect_ratio: Option<[f64; 2]>,
    /// Cross-sectional images state the plane of the section itself: no projection, no magnification.
    pub cross_section: bool,
}

/// The spacing of the table in PS3.3 10.7.1, with what a reader should know of it.
pub(super) fn spacing(facts: &SpacingFacts) -> (Spacing, Vec<String>) {
    let mut warnings = Vec::new();
    let positive = |pair: Option<[f64; 2]>| pair.filter(|p| p.iter().all(|v| v.is_finite() && *v > 0.0));
    let stated = facts.pixel_spacing.is_some() || facts.imager_pixel_spacing.is_some();
    let mut pixel = positive(facts.pixel_spacing);
    let imager = positive(facts.imager_pixel_spacing).or(positive(facts.nominal_scanned_spacing));
    if stated && pixel.is_none() && imager.is_none() {
        warnings.push("the pixel spacing in the file is not a positive size and is ignored".to_owned());
    }
    // Converters that had no spacing write 1\1. A detector pixel is nowhere near a millimetre, so on a
    // projection this is the absence of a spacing, and lengths made of it would look like millimetres.
    if pixel == Some([1.0, 1.0]) && imager.is_none() && !facts.cross_section {
        pixel = None;
        warnings.push("PixelSpacing 1\\1 is a placeholder, not a size: lengths are in pixels".to_owned());
    }
    let calibration = facts.calibration_type.trim().to_ascii_uppercase();
    let found = match (pixel, imager) {
        (Some(pixel), _) if calibration == "FIDUCIAL" => Some((pixel, SpacingStatus::Calibrated)),
        (Some(pixel), _) if calibration == "GEOMETRY" => Some((pixel, SpacingStatus::Corrected)),
        (Some(pixel), Some(imager)) if differs(pixel, imager) => Some((pixel, SpacingStatus::Corrected)),
        (_, Some(detector)) => Some(match magnification(facts, &mut warnings) {
            Some(factor) => (detector.map(|v| v / factor), SpacingStatus::Ermf),
            None => (detector, SpacingStatus::Detector),
        }),
        // PS3.3 C.7.6.2: a section's spacing is that in the patient; there is no projection to mistrust.
        (Some(pixel), None) if facts.cross_section => Some((pixel, SpacingStatus::Calibrated)),
        (Some(pixel), None) => Some((pixel, SpacingStatus::UnknownCalibration)),
        (None, None) => None,
    };
    let sized = found.and_then(|([row, column], status)| Spacing::millimetres(row, column, status));
    let spacing = sized.unwrap_or_else(|| match positive(facts.aspect_ratio) {
        Some([vertical, horizontal]) => Spacing { row: vertical / horizontal, ..Spacing::UNKNOWN },
        None => Spacing::UNKNOWN,
    });
    (spacing, warnings)
}

/// Each way by itself; sections have one size of a pixel, with nothing to compare.
pub(super) fn stated(facts: &SpacingFacts) -> StatedSpacing {
    if facts.cross_section {
        return StatedSpacing::default();
    }
    let of = |pair: Option<[f64; 2]>, factor: f64, status| {
        pair.and_then(|[row, column]| Spacing::millimetres(row / factor, column / factor, status))
    };
    let detector = facts.imager_pixel_spacing.or(facts.nominal_scanned_spacing);
    let same = |pixel: [f64; 2]| detector.is_some_and(|detector| !differs(pixel, detector));
    let patient = facts.pixel_spacing.filter(|pixel| *pixel != [1.0, 1.0] && !same(*pixel));
    let factor = magnification(facts, &mut Vec::new());
    StatedSpacing {
        detector: of(detector, 1.0, SpacingStatus::Detector),
        patient: of(patient, 1.0, SpacingStatus::Corrected),
        magnified: factor.and_then(|factor| of(detector, factor, SpacingStatus::Ermf)),
    }
}

/// Whether two spacings differ by more than the rounding of their decimal strings.
fn differs(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-4 * b)
}

/// The factor by which the patient is larger on the detector. Below 1 is no projection, above 3 no radiograph.
fn magnification(facts: &SpacingFacts, warnings: &mut Vec<String>) -> Option<f64> {
    let ratio = match (facts.source_to_detector, facts.source_to_patient) {
        (Some(detector), Some(patient)) if detector > 0.0 && patient > 0.0 => Some(detector / patient),
        _ => None,
    };
    let factor = facts.magnification.filter(|v| *v > 0.0).or(ratio)?;
    if (1.0..=3.0).contains(&factor) {
        return Some(factor);
    }
    warnings.push(format!("a magnification of {factor:.2} is impossible and is ignored"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> SpacingFacts {
        SpacingFacts::default()
    }

    fn of(facts: SpacingFacts) -> (f64, f64, SpacingStatus) {
        let (Spacing { row, column, status }, _) = spacing(&facts);
        (row, column, status)
    }

    #[test]
    fn every_row_of_the_table() {
        use SpacingStatus::*;
        let pixel = Some([0.1, 0.2]);
        let imager = Some([0.15, 0.3]);
        let fiducial = SpacingFacts {
            pixel_spacing: pixel,
            imager_pixel_spacing: imager,
            calibration_type: "FIDUCIAL ".into(),
            magnification: Some(1.5),
            ..facts()
        };
        assert_eq!(of(fiducial), (0.1, 0.2, Calibrated));
        let geometry = SpacingFacts { pixel_spacing: pixel, calibration_type: "GEOMETRY".into(), ..facts() };
        assert_eq!(of(geometry), (0.1, 0.2, Corrected));
        let differing = SpacingFacts {
            pixel_spacing: pixel,
            imager_pixel_spacing: imager,
            magnification: Some(1.5),
            ..facts()
        };
        assert_eq!(of(differing), (0.1, 0.2, Corrected));
        assert_eq!(of(SpacingFacts { imager_pixel_spacing: imager, ..facts() }), (0.15, 0.3, Detector));
        let factor = SpacingFacts {
            imager_pixel_spacing: imager,
            magnification: Some(1.5),
            source_to_detector: Some(9.0),
            ..facts()
        };
        assert_eq!(of(factor), (0.15 / 1.5, 0.3 / 1.5, Ermf));
        let distances = SpacingFacts {
            pixel_spacing: imager,
            imager_pixel_spacing: imager,
            source_to_detector: Some(1200.0),
            source_to_patient: Some(1000.0),
            ..facts()
        };
        assert_eq!(of(distances), (0.15 / 1.2, 0.3 / 1.2, Ermf));
        let alone = SpacingFacts { pixel_spacing: pixel, magnification: Some(1.5), ..facts() };
        assert_eq!(of(alone), (0.1, 0.2, UnknownCalibration));
        let aspect = SpacingFacts { aspect_ratio: Some([1.0, 2.0]), ..facts() };
        assert_eq!(of(aspect), (0.5, 1.0, AssumedIsotropic));
        assert_eq!(of(facts()), (1.0, 1.0, AssumedIsotropic));
    }

    #[test]
    fn each_way_is_stated_by_itself() {
        let facts = SpacingFacts {
            pixel_spacing: Some([0.125, 0.125]),
            imager_pixel_spacing: Some([0.15, 0.15]),
            magnification: Some(1.2),
            ..facts()
        };
        let of = |spacing: Option<Spacing>| spacing.map(|s| s.column);
        let found = stated(&facts);
        assert_eq!((of(found.detector), of(found.patient)), (Some(0.15), Some(0.125)));
        assert!(of(found.magnified).is_some_and(|mm| (mm - 0.125).abs() < 1e-12));
        let raw = SpacingFacts { pixel_spacing: Some([0.15, 0.15]), magnification: None, ..facts };
        assert_eq!((stated(&raw).patient, stated(&raw).magnified), (None, None), "the detector's said twice");
    }

    #[test]
    fn a_placeholder_is_no_size() {
        let one = SpacingFacts { pixel_spacing: Some([1.0, 1.0]), ..facts() };
        let (found, warnings) = spacing(&one);
        assert_eq!(found, Spacing::UNKNOWN);
        assert_eq!(warnings.len(), 1);
        let section = SpacingFacts { cross_section: true, ..one };
        assert_eq!(of(section), (1.0, 1.0, SpacingStatus::Calibrated));
    }

    #[test]
    fn nonsense_is_ignored_with_a_word() {
        let zero = SpacingFacts { pixel_spacing: Some([0.0, f64::NAN]), ..facts() };
        assert_eq!(spacing(&zero).0, Spacing::UNKNOWN);
        assert_eq!(spacing(&zero).1.len(), 1);
        let shrunk =
            SpacingFacts { imager_pixel_spacing: Some([0.1, 0.1]), magnification: Some(0.5), ..facts() };
        assert_eq!(of(shrunk.clone()).2, SpacingStatus::Detector);
        assert_eq!(spacing(&shrunk).1.len(), 1);
    }
}
