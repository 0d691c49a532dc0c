//! What the standard asks of every object of ours: mandatory attributes, UIDs, references, lengths and repertoires of
//! values. What an object inherits from its film is the film's: it is as right or wrong as there.

use super::super::ObjectKind;
use super::super::dataset::text;
use super::super::image::ReferencedImage;
use super::Checked;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dicom_object::InMemDicomObject;

/// Attributes of type 1 of the modules that all of ours share.
const COMMON: [Tag; 10] = [
    tags::SPECIFIC_CHARACTER_SET,
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::MODALITY,
    tags::SERIES_NUMBER,
    tags::INSTANCE_NUMBER,
    tags::CONTENT_DATE,
    tags::CONTENT_TIME,
];

/// Those of a report and a key object.
const DOCUMENT: [Tag; 5] = [
    tags::VALUE_TYPE,
    tags::CONCEPT_NAME_CODE_SEQUENCE,
    tags::CONTINUITY_OF_CONTENT,
    tags::CONTENT_SEQUENCE,
    tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE,
];

const SEGMENTATION: [Tag; 9] = [
    tags::IMAGE_TYPE,
    tags::ROWS,
    tags::COLUMNS,
    tags::SEGMENTATION_TYPE,
    tags::SEGMENT_SEQUENCE,
    tags::NUMBER_OF_FRAMES,
    tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
    tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    tags::DIMENSION_INDEX_SEQUENCE,
];

const STATE: [Tag; 6] = [
    tags::CONTENT_LABEL,
    tags::PRESENTATION_CREATION_DATE,
    tags::REFERENCED_SERIES_SEQUENCE,
    tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
    tags::SOFTCOPY_VOILUT_SEQUENCE,
    tags::PRESENTATION_LUT_SHAPE,
];

const PAGE: [Tag; 4] = [
    tags::CONVERSION_TYPE,
    tags::BURNED_IN_ANNOTATION,
    tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT,
    tags::ENCAPSULATED_DOCUMENT,
];

fn mandatory(kind: ObjectKind) -> &'static [Tag] {
    match kind {
        ObjectKind::Report | ObjectKind::KeyObject => &DOCUMENT,
        ObjectKind::Segmentation | ObjectKind::LabelMap => &SEGMENTATION,
        ObjectKind::PresentationState => &STATE,
        ObjectKind::Pdf => &PAGE,
    }
}

/// Appends what was found.
pub(super) fn check(
    kind: ObjectKind,
    object: &InMemDicomObject,
    bytes: &[u8],
    image: &ReferencedImage,
    checks: &mut Vec<Checked>,
) {
    let mut put = |what: &str, fault: Option<String>| checks.push(Checked { what: what.to_owned(), fault });
    let missing = COMMON.iter().chain(mandatory(kind)).find(|tag| is_empty(object, **tag));
    put("mandatory attributes have values", missing.map(|tag| format!("{} is empty", name(*tag))));
    put("the file says what it holds", meta(object, bytes));
    put(
        "UIDs are well formed",
        find(object, &|tag, vr, text| {
            (vr == VR::UI && !text.is_empty() && !is_uid(text)).then(|| format!("{} is no UID", name(tag)))
        }),
    );
    // A film's name that was not decoded must not leave as somebody else's.
    put(
        "texts were read by their character set",
        find(object, &|tag, _, text| {
            let escaped = text.contains('\u{1b}');
            escaped.then(|| format!("{} has escapes of ISO 2022, which are not decoded", name(tag)))
        }),
    );
    let own = [tags::SOP_INSTANCE_UID, tags::SERIES_INSTANCE_UID].map(|tag| text(object, tag));
    let taken = [&image.instance, &image.series, &image.study];
    let reused = own.iter().any(|uid| taken.contains(&uid)) || own[0] == own[1];
    put("its own UIDs are new", reused.then(|| "a UID of the film is used again".to_owned()));
    let strayed = find(object, &|tag, _, text| {
        let meant = if tag == tags::REFERENCED_SOP_INSTANCE_UID {
            &image.instance
        } else if tag == tags::REFERENCED_SOP_CLASS_UID {
            &image.class
        } else {
            return None;
        };
        (text != meant).then(|| format!("{} is not that of the film", name(tag)))
    });
    put("every reference is to the film", strayed);
    let study = text(object, tags::STUDY_INSTANCE_UID) != image.study;
    let patient = image.differing(object).map(|tag| format!("{} is not that of the film", name(tag)));
    put("patient and study are those of the film", patient.or(study.then(|| "the study differs".to_owned())));
    let lengths = object.iter().filter(|e| !ReferencedImage::inherits(e.header().tag)).find_map(|element| {
        let one = InMemDicomObject::from_element_iter([element.clone()]);
        find(&one, &misfit)
    });
    put("values have the length and the letters of their kind", lengths);
}

fn is_empty(object: &InMemDicomObject, tag: Tag) -> bool {
    match object.get(tag) {
        None => true,
        Some(element) => match element.items() {
            Some(items) => items.is_empty(),
            None => element.to_bytes().map_or(true, |bytes| bytes.is_empty()),
        },
    }
}

/// Class and instance stand in the head of the file too.
fn meta(object: &InMemDicomObject, bytes: &[u8]) -> Option<String> {
    let file = match dicom_object::from_reader(bytes) {
        Ok(file) => file,
        Err(error) => return Some(error.to_string()),
    };
    let meta = file.meta();
    let trimmed = |uid: &str| uid.trim_end_matches('\0').to_owned();
    let same = trimmed(meta.media_storage_sop_class_uid()) == text(object, tags::SOP_CLASS_UID)
        && trimmed(meta.media_storage_sop_instance_uid()) == text(object, tags::SOP_INSTANCE_UID);
    (!same).then(|| "the head of the file names another object".to_owned())
}

/// The first fault that `look` sees at a value, sequences included.
fn find(object: &InMemDicomObject, look: &dyn Fn(Tag, VR, &str) -> Option<String>) -> Option<String> {
    object.iter().find_map(|element| match element.items() {
        Some(items) => items.iter().find_map(|item| find(item, look)),
        None if matches!(element.vr(), VR::OB | VR::OW) => None,
        None => {
            let text = element.to_str().ok()?;
            look(element.header().tag, element.vr(), text.trim_end_matches([' ', '\0']))
        }
    })
}

fn is_uid(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    text.len() <= 64 && text.split('.').all(part)
}

/// Too long, or of letters that its representation does not have (PS3.5 6.2).
fn misfit(tag: Tag, vr: VR, text: &str) -> Option<String> {
    let longest = match vr {
        VR::SH | VR::CS | VR::AE | VR::DS => 16,
        VR::LO | VR::UI => 64,
        VR::IS => 12,
        VR::AS => 4,
        VR::DA => 8,
        VR::ST => 1024,
        VR::LT => 10_240,
        VR::PN => return person(tag, text),
        _ => return None,
    };
    // A backslash separates values, but not in free text.
    let parts: Vec<&str> =
        if matches!(vr, VR::ST | VR::LT) { vec![text] } else { text.split('\\').collect() };
    let long = parts.iter().find(|part| part.chars().count() > longest);
    if let Some(part) = long {
        return Some(format!("{} has {} characters, {longest} are allowed", name(tag), part.chars().count()));
    }
    let code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ' || c == '_';
    if vr == VR::CS && !parts.iter().all(|part| part.chars().all(code)) {
        return Some(format!("{} has letters that a code string has not", name(tag)));
    }
    let control =
        |c: char| c.is_control() && !(matches!(vr, VR::ST | VR::LT) && matches!(c, '\n' | '\r' | '\t'));
    text.contains(control).then(|| format!("{} has control characters", name(tag)))
}

fn person(tag: Tag, text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split('=').collect();
    let wrong = groups.len() > 3 || groups.iter().any(|group| group.chars().count() > 64);
    (wrong || text.contains(char::is_control)).then(|| format!("{} is no name of DICOM", name(tag)))
}

fn name(tag: Tag) -> String {
    StandardDataDictionary.by_tag(tag).map_or_else(|| tag.to_string(), |entry| entry.alias().to_owned())
}
