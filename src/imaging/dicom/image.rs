//! A DICOM image as a [`Radiograph`]: its identity, transforms, spacing and orientation.

use super::attributes::Attributes;
use super::pixels::{Channel, Format, decode};
use super::read::{Kind, kind_of, source};
use super::{lut, presentation};
use crate::imaging::presentation::Presentation;
use crate::imaging::radiograph::{
    Identity, ModalityTransform, Radiograph, VoiFunction, VoiTransform, Window,
};
use crate::imaging::spacing::{SpacingFacts, spacing, stated};
use dicom_dictionary_std::tags;
use std::iter::repeat;

/// What may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::imaging) enum Wanted {
    /// Pictures of a patient.
    Images,
    /// Whatever has pixels.
    AnyPixels,
}

/// Why a DICOM file is no image of ours.
pub(in crate::imaging) enum Refusal {
    NotAnImage(String),
    Undecodable(String),
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Refusal::Undecodable(reason)
    }
}

/// Frame `frame` (from 1) of a DICOM file.
pub(in crate::imaging) fn radiograph(
    bytes: &[u8],
    frame: u32,
    wanted: Wanted,
) -> Result<(Radiograph, Presentation), Refusal> {
    let source = source(bytes)?;
    let index = frame.checked_sub(1).ok_or("frames are numbered from 1".to_owned())?;
    let attributes = Attributes::of_frame(&source.object, index);
    let has_pixels = wanted == Wanted::AnyPixels && source.pixel_data.is_some();
    if let Kind::Other(kind) = kind_of(&attributes)
        && !has_pixels
    {
        return Err(match &source.damage {
            Some(damage) => Refusal::Undecodable(format!("a damaged DICOM file: {damage}")),
            None => Refusal::NotAnImage(kind),
        });
    }
    let format = Format::read(&attributes)?;
    let Channel { values, bits, inverted, scale, overlays, missing, warnings } =
        decode(&source, &attributes, &format, index)?;
    let identity = identity(&attributes, &source.transfer_syntax);
    let facts = spacing_facts(&attributes, &identity);
    let (spacing, spacing_warnings) = spacing(&facts);
    let is_grey = format.photometric.starts_with("MONOCHROME");
    let modality = if is_grey { modality(&attributes, format.signed) } else { ModalityTransform::IDENTITY };
    let modality = match (scale, modality) {
        (Some((step, start)), ModalityTransform::Rescale { slope, intercept }) => {
            ModalityTransform::Rescale { slope: slope * step, intercept: slope * start + intercept }
        }
        (_, modality) => modality,
    };
    let patient_right_on_left = right_on_left(&attributes);
    let (voi, voi_names) =
        if is_grey { voi(&attributes, &modality, format.signed) } else { Default::default() };
    let mut film = Radiograph {
        rows: format.rows,
        columns: format.columns,
        stored: values,
        bits_stored: bits,
        voi,
        voi_function: voi_function(&attributes),
        modality,
        inverted,
        padding: if is_grey { padding(&attributes, &format) } else { None },
        spacing,
        patient_right_on_left,
        identity,
        frame,
        missing,
        warnings: source.warnings,
    };
    film.warnings.extend(missing.map(|missing| missing.to_string()));
    let mut planes = presentation::overlays(&source.object, index, &mut film.warnings);
    planes.extend(overlays);
    planes.sort_by_key(|plane| plane.group);
    let presentation = Presentation {
        voi_names,
        overlays: planes,
        shutter: presentation::shutter(&attributes),
        frames: format.frames,
        unit: unit(&attributes, &film.identity.modality),
        burned_in: match attributes.text(tags::BURNED_IN_ANNOTATION).as_str() {
            "YES" => Some(true),
            "NO" => Some(false),
            _ => None,
        },
        spacing: stated(&facts),
    };
    film.warnings.extend(warnings);
    film.warnings.extend(spacing_warnings);
    if patient_right_on_left.is_none() && film.is_projection().is_ok() {
        film.warnings.push(crate::imaging::ASSUMED_SIDE.to_owned());
    }
    Ok((film, presentation))
}

fn identity(attributes: &Attributes, transfer_syntax: &str) -> Identity {
    Identity {
        patient_name: attributes.text(tags::PATIENT_NAME),
        patient_id: attributes.text(tags::PATIENT_ID),
        patient_birth_date: attributes.text(tags::PATIENT_BIRTH_DATE),
        patient_sex: attributes.text(tags::PATIENT_SEX),
        patient_age: attributes.text(tags::PATIENT_AGE),
        study_date: attributes.text(tags::STUDY_DATE),
        study_description: attributes.text(tags::STUDY_DESCRIPTION),
        modality: attributes.text(tags::MODALITY),
        view_position: attributes.text(tags::VIEW_POSITION),
        body_part: attributes.text(tags::BODY_PART_EXAMINED),
        study_instance_uid: attributes.some_text(tags::STUDY_INSTANCE_UID),
        series_instance_uid: attributes.some_text(tags::SERIES_INSTANCE_UID),
        sop_instance_uid: attributes.some_text(tags::SOP_INSTANCE_UID),
        sop_class_uid: attributes.some_text(tags::SOP_CLASS_UID),
        encoding: transfer_syntax.to_owned(),
    }
}

fn spacing_facts(attributes: &Attributes, identity: &Identity) -> SpacingFacts {
    SpacingFacts {
        pixel_spacing: attributes.pair(tags::PIXEL_SPACING),
        imager_pixel_spacing: attributes.pair(tags::IMAGER_PIXEL_SPACING),
        nominal_scanned_spacing: attributes.pair(tags::NOMINAL_SCANNED_PIXEL_SPACING),
        calibration_type: attributes.text(tags::PIXEL_SPACING_CALIBRATION_TYPE),
        magnification: attributes.number(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR),
        source_to_detector: attributes.number(tags::DISTANCE_SOURCE_TO_DETECTOR),
        source_to_patient: attributes.number(tags::DISTANCE_SOURCE_TO_PATIENT),
        aspect_ratio: attributes.pair(tags::PIXEL_ASPECT_RATIO),
        cross_section: identity.is_section(),
    }
}

/// Of the table, else of the rescale; a CT without either is in Hounsfield units (PS3.3 C.8.2.1), and `US` is unspecified.
fn unit(attributes: &Attributes, modality: &str) -> String {
    let of_table = attributes.items(tags::MODALITY_LUT_SEQUENCE).first();
    let stated = of_table
        .map(|item| Attributes::of_frame(item, 0).text(tags::MODALITY_LUT_TYPE))
        .filter(|unit| !unit.is_empty())
        .unwrap_or_else(|| attributes.text(tags::RESCALE_TYPE));
    match stated.as_str() {
        "" if modality == "CT" => "HU".to_owned(),
        "US" => String::new(),
        _ => stated,
    }
}

/// A table where there is a good one, else the rescale.
fn modality(attributes: &Attributes, signed: bool) -> ModalityTransform {
    if let Some(item) = attributes.items(tags::MODALITY_LUT_SEQUENCE).first()
        && let Some(table) =
            lut::table(&Attributes::of_frame(item, 0), tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed)
    {
        return ModalityTransform::Table(table);
    }
    ModalityTransform::Rescale {
        slope: attributes.number(tags::RESCALE_SLOPE).filter(|v| *v != 0.0).unwrap_or(1.0),
        intercept: attributes.number(tags::RESCALE_INTERCEPT).unwrap_or(0.0),
    }
}

/// Tables before windows: where a file has both, the table is what its maker looked at (pydicom chooses likewise).
/// With their names.
fn voi(
    attributes: &Attributes,
    modality: &ModalityTransform,
    signed: bool,
) -> (Vec<VoiTransform>, Vec<String>) {
    let signed = match modality {
        ModalityTransform::Rescale { intercept, .. } => signed || *intercept < 0.0,
        ModalityTransform::Table(_) => false,
    };
    let tables = attributes.items(tags::VOILUT_SEQUENCE).iter().filter_map(|item| {
        let item = Attributes::of_frame(item, 0);
        let table = lut::table(&item, tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed)?;
        Some((VoiTransform::Table(table), item.text(tags::LUT_EXPLANATION)))
    });
    let centers = attributes.numbers(tags::WINDOW_CENTER);
    let widths = attributes.numbers(tags::WINDOW_WIDTH);
    let names = attributes.text(tags::WINDOW_CENTER_WIDTH_EXPLANATION);
    let names = names.split('\\').map(|name| name.trim().to_owned()).chain(repeat(String::new()));
    let windows = centers.iter().zip(&widths).zip(names);
    // A width below 1 is not allowed, and one of 0 is written where nothing was known.
    let windows = windows.filter(|((_, width), _)| **width > 0.0);
    let windows =
        windows.map(|((&center, &width), name)| (VoiTransform::Window(Window { center, width }), name));
    let (transforms, mut names): (Vec<_>, Vec<_>) = tables.chain(windows).unzip();
    for (index, name) in names.iter_mut().enumerate().filter(|(_, name)| name.is_empty()) {
        *name = format!("Window {}", index + 1);
    }
    (transforms, names)
}

fn voi_function(attributes: &Attributes) -> VoiFunction {
    match attributes.text(tags::VOILUT_FUNCTION).as_str() {
        "LINEAR_EXACT" => VoiFunction::LinearExact,
        "SIGMOID" => VoiFunction::Sigmoid,
        _ => VoiFunction::Linear,
    }
}

/// PixelPaddingValue and its range limit as an inclusive range of stored values.
fn padding(attributes: &Attributes, format: &Format) -> Option<(i32, i32)> {
    let stored = |value: i64| {
        // The VR may have lost the sign.
        let value = if format.signed && format.stored <= 16 && value > i64::from(i16::MAX) {
            value - 65536
        } else {
            value
        };
        let value = if !format.signed && value < 0 { value + 65536 } else { value };
        i32::try_from(value).ok()
    };
    let value = attributes.integer::<i64>(tags::PIXEL_PADDING_VALUE).and_then(stored)?;
    let limit = attributes.integer::<i64>(tags::PIXEL_PADDING_RANGE_LIMIT).and_then(stored).unwrap_or(value);
    Some((value.min(limit), value.max(limit)))
}

/// PatientOrientation: the first value is where the rows lead, `L` = towards the patient's left. Sections say the same in
/// ImageOrientationPatient, whose x grows to the left; rows that lead elsewhere (sagittal ones) say nothing of sides.
fn right_on_left(attributes: &Attributes) -> Option<bool> {
    match attributes.texts(tags::PATIENT_ORIENTATION).first().and_then(|rows| rows.chars().next()) {
        Some('L') => Some(true),
        Some('R') => Some(false),
        Some(_) => None,
        None => {
            let leftwards = *attributes.numbers(tags::IMAGE_ORIENTATION_PATIENT).first()?;
            (leftwards.abs() > std::f64::consts::FRAC_1_SQRT_2).then_some(leftwards > 0.0)
        }
    }
}
