//! Writes a Digital X-Ray Image – For Presentation (PS3.3 A.26), explicit VR little endian.
//!
//! Only what the image says is written: a pixel spacing with its status, an orientation where it is known. The
//! rest of the mandatory attributes is filled with the values that an AP hip film has. The object demands a
//! detector spacing and an orientation: an image that has none gets none invented, and is that much short of it.

use crate::imaging::error::WriteError;
use crate::imaging::radiograph::{ModalityTransform, Radiograph, VoiFunction, VoiTransform, Window};
use crate::measure::SpacingStatus;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::meta::FileMetaTableBuilder;
use std::path::Path;
use uuid::Uuid;

/// Identifies this implementation; 2.25 roots need no registration.
pub const IMPLEMENTATION: &str = "2.25.160298315627402391862451390874516283947";

const CLASS: &str = uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;

/// Writes `radiograph` as a DX image to `path`, with fresh UIDs where it has none.
///
/// Values are written unsigned in 8 or 16 bits; a signed image is shifted and its rescale with it. The DX object
/// demands identity rescale (PS3.3 C.8.11.3.1.2), so another one is folded into the window.
///
/// # Errors
/// [`WriteError::Unsuitable`] for an image the object cannot hold, [`WriteError::File`] when writing fails.
pub fn write_dx(radiograph: &Radiograph, path: &Path) -> Result<(), WriteError> {
    let unsuitable = |reason: String| WriteError::Unsuitable { path: path.to_owned(), reason };
    let failed = |reason: String| WriteError::File { path: path.to_owned(), reason };
    let object = dataset(radiograph).map_err(unsuitable)?;
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .implementation_class_uid(IMPLEMENTATION)
        .implementation_version_name("COXA");
    let file = object.with_meta(meta).map_err(|e| failed(e.to_string()))?;
    file.write_to_file(path).map_err(|e| failed(e.to_string()))
}

/// A fresh UID (PS3.5 B.2).
fn fresh_uid() -> String {
    format!("2.25.{}", Uuid::new_v4().as_u128())
}

/// Collects elements.
struct Writer(InMemDicomObject);

impl Writer {
    fn text(&mut self, tag: Tag, vr: VR, value: &str) {
        self.0.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
    }

    fn empty(&mut self, tag: Tag, vr: VR) {
        self.0.put(DataElement::new(tag, vr, PrimitiveValue::Empty));
    }

    fn word(&mut self, tag: Tag, value: u16) {
        self.0.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
    }

    fn decimals(&mut self, tag: Tag, values: &[f64]) {
        let text: Vec<String> = values.iter().map(|v| decimal(*v)).collect();
        self.text(tag, VR::DS, &text.join("\\"));
    }

    fn sequence(&mut self, tag: Tag, items: Vec<InMemDicomObject>) {
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }
}

/// The shortest decimal string of at most 16 bytes that is closest to `value`.
pub fn decimal(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() <= 16 {
        return plain;
    }
    (0..=16)
        .rev()
        .flat_map(|digits| [format!("{value:.digits$}"), format!("{value:.digits$e}")])
        .find(|text| text.len() <= 16)
        .unwrap_or_else(|| "0".to_owned())
}

fn code(value: &str, scheme: &str, meaning: &str) -> InMemDicomObject {
    let mut item = Writer(InMemDicomObject::new_empty());
    item.text(tags::CODE_VALUE, VR::SH, value);
    item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme);
    item.text(tags::CODE_MEANING, VR::LO, meaning);
    item.0
}

fn dataset(film: &Radiograph) -> Result<InMemDicomObject, String> {
    let (Ok(rows), Ok(columns)) = (u16::try_from(film.rows), u16::try_from(film.columns)) else {
        return Err(format!("{} rows of {} columns are more than DICOM can hold", film.rows, film.columns));
    };
    if film.stored.is_empty() || film.stored.len() != film.rows * film.columns {
        return Err("the image is empty".to_owned());
    }
    let mut out = Writer(InMemDicomObject::new_empty());
    identity(&mut out, film);
    equipment(&mut out);
    acquisition(&mut out, film);
    pixels(&mut out, film, rows, columns)?;
    Ok(out.0)
}

/// SOP common, patient, general study, general series, general image, DX series and image.
fn identity(out: &mut Writer, film: &Radiograph) {
    let id = &film.identity;
    let uid = |uid: &Option<String>| uid.clone().unwrap_or_else(fresh_uid);
    // A DX object made of an image of another class is another instance, in a series of its own.
    let other_class = id.sop_class_uid.as_deref().is_some_and(|class| class != CLASS);
    let uid_here = |own: &Option<String>| if other_class { fresh_uid() } else { uid(own) };
    out.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    out.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY");
    out.text(tags::SOP_CLASS_UID, VR::UI, CLASS);
    out.text(tags::SOP_INSTANCE_UID, VR::UI, &uid_here(&id.sop_instance_uid));
    out.text(tags::STUDY_DATE, VR::DA, &id.study_date);
    for tag in [tags::STUDY_TIME, tags::CONTENT_TIME] {
        out.empty(tag, VR::TM);
    }
    out.text(tags::CONTENT_DATE, VR::DA, &id.study_date);
    for (tag, vr) in [
        (tags::ACCESSION_NUMBER, VR::SH),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
        (tags::STUDY_ID, VR::SH),
        (tags::ACQUISITION_DATE, VR::DA),
        (tags::ACQUISITION_TIME, VR::TM),
    ] {
        out.empty(tag, vr);
    }
    out.text(tags::MODALITY, VR::CS, "DX");
    out.text(tags::PRESENTATION_INTENT_TYPE, VR::CS, "FOR PRESENTATION");
    if !id.study_description.is_empty() {
        out.text(tags::STUDY_DESCRIPTION, VR::LO, &id.study_description);
    }
    out.text(tags::PATIENT_NAME, VR::PN, &id.patient_name);
    out.text(tags::PATIENT_ID, VR::LO, &id.patient_id);
    out.text(tags::PATIENT_BIRTH_DATE, VR::DA, &id.patient_birth_date);
    out.text(tags::PATIENT_SEX, VR::CS, &id.patient_sex);
    if !id.patient_age.is_empty() {
        out.text(tags::PATIENT_AGE, VR::AS, &id.patient_age);
    }
    out.text(tags::STUDY_INSTANCE_UID, VR::UI, &uid(&id.study_instance_uid));
    out.text(tags::SERIES_INSTANCE_UID, VR::UI, &uid_here(&id.series_instance_uid));
    out.text(tags::SERIES_NUMBER, VR::IS, "1");
    out.text(tags::INSTANCE_NUMBER, VR::IS, "1");
}

fn equipment(out: &mut Writer) {
    out.text(tags::MANUFACTURER, VR::LO, "Coxa");
    out.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "Coxa");
    out.text(tags::SOFTWARE_VERSIONS, VR::LO, env!("CARGO_PKG_VERSION"));
    out.empty(tags::DEVICE_SERIAL_NUMBER, VR::LO);
}

/// DX anatomy, positioning and detector, acquisition context, and the spacing with its status.
fn acquisition(out: &mut Writer, film: &Radiograph) {
    out.text(tags::BODY_PART_EXAMINED, VR::CS, "HIP");
    let view = &film.identity.view_position;
    out.text(tags::VIEW_POSITION, VR::CS, if view.is_empty() { "AP" } else { view });
    // Both hips on an unpaired region: the pelvis.
    out.text(tags::IMAGE_LATERALITY, VR::CS, "B");
    out.sequence(tags::ANATOMIC_REGION_SEQUENCE, vec![code("29836001", "SCT", "Hip")]);
    out.sequence(tags::VIEW_CODE_SEQUENCE, vec![code("399348003", "SCT", "Antero-posterior projection")]);
    out.sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new());
    out.empty(tags::DETECTOR_TYPE, VR::CS);
    out.empty(tags::POSITIONER_TYPE, VR::CS);
    match film.patient_right_on_left {
        Some(true) => out.text(tags::PATIENT_ORIENTATION, VR::CS, "L\\F"),
        Some(false) => out.text(tags::PATIENT_ORIENTATION, VR::CS, "R\\F"),
        None => out.empty(tags::PATIENT_ORIENTATION, VR::CS),
    }
    let spacing = film.spacing;
    let pair = [spacing.row, spacing.column];
    match spacing.status {
        SpacingStatus::Calibrated | SpacingStatus::Corrected => {
            out.decimals(tags::PIXEL_SPACING, &pair);
            let kind = if spacing.status == SpacingStatus::Calibrated { "FIDUCIAL" } else { "GEOMETRY" };
            out.text(tags::PIXEL_SPACING_CALIBRATION_TYPE, VR::CS, kind);
            out.text(tags::PIXEL_SPACING_CALIBRATION_DESCRIPTION, VR::LO, "As in the image of origin");
        }
        SpacingStatus::Ermf => {
            // The magnification is divided out already: a factor of 1 keeps readers from doing it again.
            out.decimals(tags::IMAGER_PIXEL_SPACING, &pair);
            out.decimals(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, &[1.0]);
        }
        SpacingStatus::Detector => out.decimals(tags::IMAGER_PIXEL_SPACING, &pair),
        SpacingStatus::UnknownCalibration => out.decimals(tags::PIXEL_SPACING, &pair),
        SpacingStatus::AssumedIsotropic if spacing.row != spacing.column => {
            out.text(tags::PIXEL_ASPECT_RATIO, VR::IS, &aspect(spacing.row / spacing.column));
        }
        SpacingStatus::AssumedIsotropic => {}
    }
}

/// PixelAspectRatio is a pair of integers.
fn aspect(ratio: f64) -> String {
    format!("{}\\10000", (ratio * 10000.0).round().clamp(1.0, 1e8) as i64)
}

/// Image pixel, DX image and VOI LUT.
fn pixels(out: &mut Writer, film: &Radiograph, rows: u16, columns: u16) -> Result<(), String> {
    let (low, high) = film.stored.iter().fold((i32::MAX, i32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    let shift = low.min(0);
    let top = i64::from(high) - i64::from(shift);
    let needed = 64 - top.leading_zeros() as u16;
    if needed > 16 {
        return Err(format!("its values need {needed} bits, DX holds 16"));
    }
    let bits = needed.max(film.bits_stored).clamp(8, 16);
    let allocated = if bits == 8 { 8 } else { 16 };
    out.word(tags::SAMPLES_PER_PIXEL, 1);
    out.text(
        tags::PHOTOMETRIC_INTERPRETATION,
        VR::CS,
        if film.inverted { "MONOCHROME1" } else { "MONOCHROME2" },
    );
    out.word(tags::ROWS, rows);
    out.word(tags::COLUMNS, columns);
    out.word(tags::BITS_ALLOCATED, allocated);
    out.word(tags::BITS_STORED, bits);
    out.word(tags::HIGH_BIT, bits - 1);
    out.word(tags::PIXEL_REPRESENTATION, 0);
    out.text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO");
    if let Some((from, to)) = film.padding {
        let stored = |v: i32| u16::try_from(i64::from(v) - i64::from(shift)).ok();
        if let (Some(from), Some(to)) = (stored(from), stored(to)) {
            out.word(tags::PIXEL_PADDING_VALUE, from);
            if to != from {
                out.word(tags::PIXEL_PADDING_RANGE_LIMIT, to);
            }
        }
    }
    out.text(tags::PIXEL_INTENSITY_RELATIONSHIP, VR::CS, "LOG");
    // A bright bone stops X-rays: high values, low intensity, unless the film is inverted.
    out.0.put(DataElement::new(
        tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN,
        VR::SS,
        PrimitiveValue::from(if film.inverted { 1i16 } else { -1i16 }),
    ));
    out.text(tags::RESCALE_INTERCEPT, VR::DS, "0");
    out.text(tags::RESCALE_SLOPE, VR::DS, "1");
    out.text(tags::RESCALE_TYPE, VR::LO, "US");
    out.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, if film.inverted { "INVERSE" } else { "IDENTITY" });
    out.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    let window = stored_window(film, shift);
    out.decimals(tags::WINDOW_CENTER, &[window.center]);
    out.decimals(tags::WINDOW_WIDTH, &[window.width]);
    match film.voi_function {
        VoiFunction::Linear => {}
        VoiFunction::LinearExact => out.text(tags::VOILUT_FUNCTION, VR::CS, "LINEAR_EXACT"),
        VoiFunction::Sigmoid => out.text(tags::VOILUT_FUNCTION, VR::CS, "SIGMOID"),
    }
    let written = film.stored.iter().map(|&v| (i64::from(v) - i64::from(shift)) as u16);
    let data = if allocated == 8 {
        let mut bytes: Vec<u8> = written.map(|v| v as u8).collect();
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes))
    } else {
        DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(written.collect()))
    };
    out.0.put(data);
    Ok(())
}

/// The default window in the units of the values as written.
fn stored_window(film: &Radiograph, shift: i32) -> Window {
    let window = match film.voi.first() {
        Some(VoiTransform::Window(window)) => *window,
        _ => film.automatic_window(),
    };
    match film.modality {
        ModalityTransform::Rescale { slope, intercept } if slope > 0.0 => Window {
            center: (window.center - intercept) / slope - f64::from(shift),
            width: (window.width / slope).max(1.0),
        },
        // A table or a falling slope does not fold: take the window anew.
        _ => {
            let mut plain = film.clone();
            plain.modality = ModalityTransform::IDENTITY;
            let window = plain.automatic_window();
            Window { center: window.center - f64::from(shift), ..window }
        }
    }
}
