//! De-identification: the Basic Application Level Confidentiality Profile (PS3.15 annex E) with consistent UIDs and
//! shifted dates, parts of the pixels blacked out, and a warning of text burned into them.

mod blackout;
mod burned_in;
mod profile;
mod pseudonyms;

pub use burned_in::{Rectangle, text_regions};

use super::dicom::{self, IMPLEMENTATION};
use super::error::{OpenError, WriteError};
use super::{read_presented, source};
use crate::disk::write_atomic;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::mem::InMemElement;
use dicom_object::meta::FileMetaTableBuilder;
use dicom_object::{DefaultDicomObject, InMemDicomObject};
use profile::{Action, action};
use pseudonyms::Pseudonyms;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use thiserror::Error;

/// Stands for a text that was removed where one is demanded.
const DUMMY: &str = "ANONYMIZED";

/// What becomes of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dates {
    /// All dates of a patient move back by the same number of days.
    #[default]
    Shift,
    Remove,
}

/// How to de-identify.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeidentifyOptions {
    /// Secret from which new UIDs, patient IDs and date shifts are made: files treated under one key stay together.
    pub key: Vec<u8>,
    pub dates: Dates,
    /// Keep sex, age, size and weight.
    pub keep_characteristics: bool,
    /// Parts of the pixels to make black.
    pub black: Vec<Rectangle>,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deidentified {
    /// Likely text that is still in the pixels, in the first frame.
    pub text: Vec<Rectangle>,
    pub warnings: Vec<String>,
}

/// Why a file was not de-identified; nothing is written then.
#[derive(Debug, Error)]
pub enum DeidentifyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes `input` without identity to `output`.
///
/// # Errors
/// When `input` is no sound DICOM object or holds pages that cannot be cleaned, and when the result would still hold
/// an identifier that was replaced elsewhere.
pub fn deidentify(
    input: &Path,
    output: &Path,
    options: &DeidentifyOptions,
) -> Result<Deidentified, DeidentifyError> {
    let (clean, done) = deidentified(input, options)?;
    write_atomic(output, &clean)
        .map_err(|error| WriteError::File { path: output.to_owned(), reason: error.to_string() })?;
    Ok(done)
}

/// [`deidentify`] without writing: the bytes of the file.
///
/// # Errors
/// As [`deidentify`].
pub fn deidentified(input: &Path, options: &DeidentifyOptions) -> Result<(Vec<u8>, Deidentified), OpenError> {
    let bytes =
        source::read(input).map_err(|source| OpenError::Io { path: input.to_owned(), cause: source })?;
    let undecodable = |reason| OpenError::Undecodable { path: input.to_owned(), reason };
    if !dicom::is_dicom(&bytes) {
        return Err(OpenError::UnknownFormat { path: input.to_owned() });
    }
    let object = sound(&bytes).map_err(undecodable)?;
    let mut done = Deidentified::default();
    if object
        .element(tags::BURNED_IN_ANNOTATION)
        .ok()
        .and_then(|e| e.to_str().ok())
        .is_some_and(|v| v.trim() == "YES")
    {
        done.warnings.push("the file says that its pixels hold annotations".to_owned());
    }
    if let Ok((film, _)) = read_presented(input, &bytes, 1) {
        let covered = |line: &Rectangle| options.black.iter().any(|black| black.contains(line));
        done.text = text_regions(&film).into_iter().filter(|line| !covered(line)).collect();
        if !done.text.is_empty() {
            let count = done.text.len();
            done.warnings
                .push(format!("{count} lines of likely text in the pixels: look, and black them out"));
        }
    }
    let clean = cleaned(object, &bytes, options).map_err(undecodable)?;
    Ok((clean, done))
}

/// The whole object, its texts as Unicode. Damaged ones are refused: what the walk cannot follow, nobody can clean.
fn sound(bytes: &[u8]) -> Result<DefaultDicomObject, String> {
    dicom::check_sound(bytes)?;
    let read = catch_unwind(AssertUnwindSafe(|| dicom_object::from_reader(bytes)));
    let object =
        read.map_err(|_| "the parser gave up on this file".to_owned())?.map_err(|e| e.to_string())?;
    if object.element(tags::ENCAPSULATED_DOCUMENT).is_ok() {
        return Err("an encapsulated document cannot be de-identified".to_owned());
    }
    let meta = object.meta().clone();
    let mut object = dicom::known(object.into_inner());
    // The parser knows no code extensions (ISO 2022): what it made of a Japanese name is neither found nor readable.
    for element in dicom::unicode_header(bytes)? {
        object.put(element);
    }
    object.put(DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::from("ISO_IR 192")));
    Ok(object.with_exact_meta(meta))
}

/// The bytes of the de-identified file.
fn cleaned(object: DefaultDicomObject, bytes: &[u8], options: &DeidentifyOptions) -> Result<Vec<u8>, String> {
    let text =
        |tag| object.element(tag).ok().and_then(|e| e.to_str().ok()).unwrap_or_default().trim().to_owned();
    let mut pseudonyms = Pseudonyms::new(&options.key, &text(tags::PATIENT_ID), &text(tags::PATIENT_NAME));
    let transfer_syntax = object.meta().transfer_syntax.trim_end_matches('\0').to_owned();
    let class = text(tags::SOP_CLASS_UID);
    collect(&object, &mut pseudonyms);
    let mut clean = treated(object.into_inner(), options, &pseudonyms);
    // Deflated, the result could not be searched.
    let transfer_syntax = match transfer_syntax.as_str() {
        uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => uids::EXPLICIT_VR_LITTLE_ENDIAN.to_owned(),
        _ => transfer_syntax,
    };
    // An overlay in the unused bits of the pixels goes like those that have a place of their own.
    let syntax = if options.black.is_empty() && !dicom::has_embedded_overlay(bytes) {
        transfer_syntax
    } else {
        blackout::black_out(&mut clean, bytes, &transfer_syntax, &options.black)?
    };
    declare(&mut clean, options);
    let instance =
        clean.element(tags::SOP_INSTANCE_UID).ok().and_then(|e| e.to_str().ok().map(|uid| uid.into_owned()));
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(syntax)
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(instance.ok_or("the file has no SOP Instance UID")?)
        .implementation_class_uid(IMPLEMENTATION)
        .implementation_version_name("COXA");
    let file = clean.with_meta(meta).map_err(|e| e.to_string())?;
    let mut written = Vec::new();
    file.write_all(&mut written).map_err(|e| e.to_string())?;
    let header = written.len().saturating_sub(pixel_bytes(&file));
    if pseudonyms.found_in(&written[..header]) {
        return Err("an identifier also occurs where it cannot be replaced: nothing is written".to_owned());
    }
    Ok(written)
}

/// Length of the pixel data, which ends the file but for small change.
fn pixel_bytes(file: &DefaultDicomObject) -> usize {
    let Ok(element) = file.element(tags::PIXEL_DATA) else { return 0 };
    match element.fragments() {
        Some(fragments) => fragments.iter().map(|f| f.len() + 8).sum(),
        None => element.to_bytes().map_or(0, |bytes| bytes.len()),
    }
}

/// Remembers what identifies the patient, the persons, the places and the objects, at every level.
fn collect(object: &InMemDicomObject, names: &mut Pseudonyms) {
    for element in object {
        let (tag, vr) = (element.header().tag, element.vr());
        for item in element.items().unwrap_or_default() {
            collect(item, names);
        }
        let text = text_of(element);
        let of_patient = tag.group() == 0x0010 && matches!(vr, VR::LO | VR::SH | VR::DA);
        let of_place = [tags::ACCESSION_NUMBER, tags::INSTITUTION_NAME].contains(&tag);
        if (vr == VR::PN || of_patient || of_place) && text != DUMMY {
            names.forget(&text);
        } else if vr == VR::UI && action(tag, vr, false) == Action::Uid {
            text.split('\\').for_each(|uid| names.forget_uid(uid.trim_matches(is_padding)));
        }
    }
}

/// Empty for bytes and words, which would be written out as numbers.
fn text_of(element: &InMemElement) -> String {
    let is_binary =
        matches!(element.vr(), VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN | VR::SQ);
    if is_binary { String::new() } else { element.to_str().map(|text| text.into_owned()).unwrap_or_default() }
}

fn is_text(vr: VR) -> bool {
    matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::PN | VR::CS)
}

fn is_padding(c: char) -> bool {
    c.is_whitespace() || c == '\0'
}

/// Every attribute by its action.
fn treated(object: InMemDicomObject, options: &DeidentifyOptions, names: &Pseudonyms) -> InMemDicomObject {
    let mut clean = InMemDicomObject::new_empty();
    for element in object {
        let (tag, vr) = (element.header().tag, element.vr());
        let what = action(tag, vr, options.keep_characteristics);
        let text = text_of(&element);
        let put = |value: String| Some(DataElement::new(tag, vr, PrimitiveValue::from(value)));
        let each = |f: &dyn Fn(&str) -> String| {
            text.split('\\').map(|v| f(v.trim_matches(is_padding))).collect::<Vec<_>>().join("\\")
        };
        let kept = match what {
            // A hospital or a person may also be named where machines are.
            Action::Keep if is_text(vr) && names.found_in(text.as_bytes()) => put(DUMMY.to_owned()),
            Action::Keep => Some(element),
            Action::Remove => None,
            _ if text.is_empty() && vr != VR::SQ => Some(DataElement::empty(tag, vr)),
            Action::Empty => Some(DataElement::empty(tag, vr)),
            Action::Dummy => put(DUMMY.to_owned()),
            Action::Uid => put(each(&|uid| names.uid(uid))),
            Action::Date if options.dates == Dates::Remove => Some(DataElement::empty(tag, vr)),
            Action::Date => put(each(&|date| names.date(date))),
            Action::Time => put("000000".to_owned()),
            Action::PatientName | Action::PatientId => put(names.patient()),
            Action::Within => Some(within(element, tag, options, names)),
        };
        clean.extend(kept);
    }
    clean
}

fn within(element: InMemElement, tag: Tag, options: &DeidentifyOptions, names: &Pseudonyms) -> InMemElement {
    let items = element.into_value().into_items().unwrap_or_default();
    let items: Vec<_> = items.into_iter().map(|item| treated(item, options, names)).collect();
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

/// Says in the object what was done to it.
fn declare(object: &mut InMemDicomObject, options: &DeidentifyOptions) {
    let mut methods = vec![("113100", "Basic Application Confidentiality Profile")];
    let times = match options.dates {
        Dates::Shift => {
            methods.push(("113107", "Retain Longitudinal Temporal Information Modified Dates Option"));
            "MODIFIED"
        }
        Dates::Remove => "REMOVED",
    };
    if options.keep_characteristics {
        methods.push(("113108", "Retain Patient Characteristics Option"));
    }
    let text = |tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let codes: Vec<InMemDicomObject> = methods
        .iter()
        .map(|(code, meaning)| {
            InMemDicomObject::from_element_iter([
                text(tags::CODE_VALUE, VR::SH, code),
                text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM"),
                text(tags::CODE_MEANING, VR::LO, meaning),
            ])
        })
        .collect();
    object.put(text(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"));
    object.put(DataElement::new(
        tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
        VR::SQ,
        DataSetSequence::from(codes),
    ));
    object.put(text(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, VR::CS, times));
}
