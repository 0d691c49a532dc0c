//! What every object has beside its content: identity, series, equipment, character set; and its bytes as a file.

use super::code::coding_schemes;
use super::dataset::Dataset;
use super::image::ReferencedImage;
use crate::export::ExportError;
use crate::imaging::IMPLEMENTATION;
use chrono::{DateTime, Local};
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::meta::FileMetaTableBuilder;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Where UIDs come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uids {
    /// Anew each time (PS3.5 B.2).
    Fresh,
    /// The same for the same seed: for tests, and for files to be compared.
    Seeded(String),
}

impl Uids {
    fn uid(&self, what: &str) -> String {
        match self {
            Uids::Fresh => format!("2.25.{}", Uuid::new_v4().as_u128()),
            Uids::Seeded(seed) => derived(&[seed, what]),
        }
    }
}

/// A UID that stands for `parts`: the same thing has the same in every report.
pub(super) fn derived(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\u{1f}").as_bytes());
    let number = digest.iter().take(16).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    // As a random UUID, whose version and variant bits these are (RFC 9562).
    let uuid = uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid();
    format!("2.25.{}", uuid.as_u128())
}

/// When, by whom and under which UIDs objects are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    pub created: DateTime<Local>,
    pub uids: Uids,
    /// Who read the film, as DICOM writes names (`Family^Given`); `None` where nobody gave a name.
    pub reader: Option<String>,
}

impl Stamp {
    pub fn now() -> Stamp {
        Stamp { created: Local::now(), uids: Uids::Fresh, reader: None }
    }
}

/// A kind of object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub class: &'static str,
    pub modality: &'static str,
    /// Of the series and of UIDs.
    pub name: &'static str,
    /// Of the series: high, so that it sorts behind the films.
    pub number: u32,
}

/// The data set of a new object about `image`, of the modules that all of ours share.
pub(super) fn instance(kind: Kind, image: &ReferencedImage, stamp: &Stamp) -> Dataset {
    let mut out = Dataset::new();
    // Every repertoire; texts of the film were decoded by its own.
    out.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    image.write_patient_and_study(&mut out);
    out.text(tags::SOP_CLASS_UID, VR::UI, kind.class);
    let about = |what: &str| format!("{}/{}/{what}", kind.name, image.instance);
    out.text(tags::SOP_INSTANCE_UID, VR::UI, &stamp.uids.uid(&about("instance")));
    out.text(tags::SERIES_INSTANCE_UID, VR::UI, &stamp.uids.uid(&about("series")));
    out.text(tags::MODALITY, VR::CS, kind.modality);
    out.text(tags::SERIES_NUMBER, VR::IS, &kind.number.to_string());
    out.text(tags::SERIES_DESCRIPTION, VR::LO, kind.name);
    out.text(tags::INSTANCE_NUMBER, VR::IS, "1");
    let (date, time) = (date(stamp), time(stamp));
    out.text(tags::INSTANCE_CREATION_DATE, VR::DA, &date);
    out.text(tags::INSTANCE_CREATION_TIME, VR::TM, &time);
    out.text(tags::CONTENT_DATE, VR::DA, &date);
    out.text(tags::CONTENT_TIME, VR::TM, &time);
    out.text(tags::MANUFACTURER, VR::LO, "Coxa");
    out.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "Coxa");
    out.text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "0");
    out.text(tags::SOFTWARE_VERSIONS, VR::LO, env!("CARGO_PKG_VERSION"));
    out.sequence(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE, [coding_schemes()]);
    out
}

/// A further UID of the object.
pub(super) fn another_uid(stamp: &Stamp, image: &ReferencedImage, what: &str) -> String {
    stamp.uids.uid(&format!("{what}/{}", image.instance))
}

pub(super) fn date(stamp: &Stamp) -> String {
    stamp.created.format("%Y%m%d").to_string()
}

pub(super) fn time(stamp: &Stamp) -> String {
    stamp.created.format("%H%M%S").to_string()
}

/// The object as a file: explicit VR little endian.
pub(super) fn encode(object: InMemDicomObject) -> Result<Vec<u8>, ExportError> {
    let failed = |reason: String| ExportError::Dicom(reason);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .implementation_class_uid(IMPLEMENTATION)
        .implementation_version_name("COXA");
    let file = object.with_meta(meta).map_err(|e| failed(e.to_string()))?;
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).map_err(|e| failed(e.to_string()))?;
    Ok(bytes)
}
