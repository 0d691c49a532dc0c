//! From the bytes of a DICOM file, sound or not, to its header and where its pixel data lies.

use super::attributes::Attributes;
use super::charset;
use super::walk::{self, Element, Layout, Walk, walk};
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::tags;
use dicom_dictionary_std::uids;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use dicom_transfer_syntax_registry::entries;
use std::borrow::Cow;
use std::io::Read;

/// A deflated data set may grow to this and no further.
const MAX_INFLATED: u64 = 256 << 20;

/// A DICOM file taken apart.
pub(super) struct Source<'a> {
    /// Everything before the pixel data.
    pub object: InMemDicomObject,
    pub transfer_syntax: String,
    pub layout: Layout,
    /// The data set that [`pixel_data`](Self::pixel_data) points into.
    pub dataset: Cow<'a, [u8]>,
    pub pixel_data: Option<Element>,
    pub warnings: Vec<String>,
    pub damage: Option<String>,
    /// Elements left out for damage within.
    pub skipped: usize,
}

/// What a DICOM file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Image,
    /// In words: "a structured report".
    Other(String),
}

/// Retired, and so deprecated in the dictionary, yet still on archives.
const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

const EXPLICIT_LITTLE: Layout = Layout { explicit: true, big_endian: false };
const IMPLICIT_LITTLE: Layout = Layout { explicit: false, big_endian: false };
const EXPLICIT_BIG: Layout = Layout { explicit: true, big_endian: true };

/// Whether the magic word of DICOM is there.
pub(in crate::imaging) fn has_magic(bytes: &[u8]) -> bool {
    bytes.get(128..132) == Some(b"DICM") || bytes.starts_with(b"DICM")
}

/// Whether the bytes are DICOM: by the magic word, or by data elements that make sense without it.
pub(in crate::imaging) fn is_dicom(bytes: &[u8]) -> bool {
    has_magic(bytes) || guess_layout(bytes).is_some()
}

/// What the file holds; `None` where it is no DICOM. A prefix of the file is enough where it holds the header.
pub(in crate::imaging) fn kind(bytes: &[u8]) -> Option<Kind> {
    if !is_dicom(bytes) {
        return None;
    }
    Some(match source(bytes) {
        Ok(source) => kind_of(&Attributes::of_frame(&source.object, 0)),
        Err(reason) => Kind::Other(reason),
    })
}

/// Image or not, by SOP class and the presence of a pixel matrix.
pub(super) fn kind_of(attributes: &Attributes) -> Kind {
    let class = attributes.text(tags::SOP_CLASS_UID);
    let storage = class.strip_prefix("1.2.840.10008.5.1.4.1.1.").unwrap_or_default();
    let starts =
        |prefix: &str| storage.strip_prefix(prefix).is_some_and(|r| r.is_empty() || r.starts_with('.'));
    let other = if starts("88.59") {
        "a key object selection"
    } else if starts("88") {
        "a structured report"
    } else if starts("66.4") || starts("66.7") {
        "a segmentation"
    } else if starts("66") {
        "a registration or raw data"
    } else if starts("11") {
        "a presentation state"
    } else if starts("104") {
        "an encapsulated document"
    } else if starts("9") {
        "a waveform"
    } else if !attributes.items(tags::DIRECTORY_RECORD_SEQUENCE).is_empty()
        || class == uids::MEDIA_STORAGE_DIRECTORY_STORAGE
    {
        "a DICOMDIR"
    } else if attributes.text(tags::ROWS).is_empty() || attributes.text(tags::COLUMNS).is_empty() {
        "a DICOM object without rows and columns"
    } else {
        return Kind::Image;
    };
    Kind::Other(other.to_owned())
}

/// Takes the file of an image apart.
///
/// # Errors
/// A reason in words where there is no readable data set.
pub(super) fn source(bytes: &[u8]) -> Result<Source<'_>, String> {
    source_with(bytes, walk::describes_images)
}

/// [`source`] with the elements whose tags are `wanted`.
pub(super) fn source_with(bytes: &[u8], wanted: fn(u32) -> bool) -> Result<Source<'_>, String> {
    let mut warnings = Vec::new();
    let start = if bytes.get(128..132) == Some(b"DICM") {
        132
    } else if bytes.starts_with(b"DICM") {
        4
    } else {
        warnings.push("the file has no DICOM preamble".to_owned());
        0
    };
    let (declared, dataset_start) = file_meta(bytes, start);
    let body = bytes.get(dataset_start..).unwrap_or_default();
    let (transfer_syntax, layout) = match declared {
        Some(uid) => {
            let layout = layout_of(&uid, body, &mut warnings);
            (uid, layout)
        }
        None => {
            let layout = guess_layout(body).ok_or("no DICOM data set can be made out")?;
            warnings.push("the file does not name its transfer syntax: guessed".to_owned());
            (uid_of(layout).to_owned(), layout)
        }
    };
    let dataset = if transfer_syntax == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN {
        Cow::Owned(inflate(body)?)
    } else {
        Cow::Borrowed(body)
    };
    let found = walk(&dataset, layout, wanted);
    let object = charset::decoded(known(parse(&dataset, &found, layout, &mut warnings)?));
    let Walk { pixel_data, damage, skipped, .. } = found;
    Ok(Source { object, transfer_syntax, layout, dataset, pixel_data, warnings, damage, skipped })
}

/// The transfer syntax of the file meta group at `start`, and where the data set begins.
fn file_meta(bytes: &[u8], start: usize) -> (Option<String>, usize) {
    let mut uid = None;
    let mut at = start;
    while let Ok(element) = walk::element(bytes, at, EXPLICIT_LITTLE)
        && element.tag >> 16 == 2
        && element.declared == Some(element.value.len())
    {
        if element.tag == 0x0002_0010 {
            let text = String::from_utf8_lossy(&bytes[element.value.clone()]);
            uid = Some(text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned());
        }
        at = element.value.end;
    }
    (uid.filter(|uid| !uid.is_empty()), at)
}

/// The layout that a transfer syntax stands for, unless the data set plainly has another.
fn layout_of(uid: &str, body: &[u8], warnings: &mut Vec<String>) -> Layout {
    let declared = match uid {
        uids::IMPLICIT_VR_LITTLE_ENDIAN => IMPLICIT_LITTLE,
        EXPLICIT_VR_BIG_ENDIAN => EXPLICIT_BIG,
        uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => return EXPLICIT_LITTLE,
        _ => EXPLICIT_LITTLE,
    };
    match guess_layout(body) {
        Some(actual) if actual != declared => {
            warnings.push("the data set is not in the encoding that the file declares".to_owned());
            actual
        }
        _ => declared,
    }
}

/// Gives attributes of unknown representation (VR UN) that of the dictionary: a gateway that did not know them wrote
/// them as they come without one, implicit and little endian (PS3.5 6.2.2 note 2).
pub(in crate::imaging) fn known(object: InMemDicomObject) -> InMemDicomObject {
    if !object.iter().any(is_unknown) {
        return object;
    }
    let elements = object.into_iter().map(|element| named(&element).unwrap_or(element));
    InMemDicomObject::from_element_iter(elements)
}

/// Whether the element, or one within, could be given a representation.
fn is_unknown(element: &InMemElement) -> bool {
    let within = || element.items().unwrap_or_default().iter().flatten().any(is_unknown);
    element.vr() == VR::UN || within()
}

fn named(element: &InMemElement) -> Option<InMemElement> {
    let tag = element.header().tag;
    if let Some(items) = element.items() {
        let items: Vec<_> = items.iter().cloned().map(known).collect();
        return Some(DataElement::new(tag, element.vr(), DataSetSequence::from(items)));
    }
    if element.vr() != VR::UN || tag.group() % 2 == 1 {
        return None;
    }
    let value = element.to_bytes().ok()?;
    let mut bytes = Vec::with_capacity(8 + value.len());
    bytes.extend(tag.group().to_le_bytes());
    bytes.extend(tag.element().to_le_bytes());
    bytes.extend(u32::try_from(value.len()).ok()?.to_le_bytes());
    bytes.extend(&*value);
    let syntax = entries::IMPLICIT_VR_LITTLE_ENDIAN.erased();
    InMemDicomObject::read_dataset_with_ts(bytes.as_slice(), &syntax).ok()?.into_iter().next()
}

fn uid_of(layout: Layout) -> &'static str {
    match (layout.explicit, layout.big_endian) {
        (true, true) => EXPLICIT_VR_BIG_ENDIAN,
        (true, false) => uids::EXPLICIT_VR_LITTLE_ENDIAN,
        (false, _) => uids::IMPLICIT_VR_LITTLE_ENDIAN,
    }
}

/// The layout in which the first elements make sense: known groups in ascending order, two-letter VRs.
fn guess_layout(bytes: &[u8]) -> Option<Layout> {
    [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG].into_iter().find(|&layout| {
        let mut at = 0;
        let mut last = 0;
        for count in 0..3 {
            let Ok(element) = walk::element(bytes, at, layout) else { return count > 0 && at == bytes.len() };
            let group = element.tag >> 16;
            let first = count > 0 || matches!(group, 2 | 4 | 8);
            let named = !layout.explicit || element.vr.iter().all(u8::is_ascii_uppercase);
            let whole = element.declared.is_none_or(|length| length == element.value.len());
            if !first || !named || !whole || element.tag <= last || group > 0x7FE0 {
                return false;
            }
            if element.declared.is_none() {
                break;
            }
            last = element.tag;
            at = element.value.end;
        }
        true
    })
}

fn inflate(deflated: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut limited = flate2::read::DeflateDecoder::new(deflated).take(MAX_INFLATED);
    match limited.read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 == MAX_INFLATED => Err("the data set inflates beyond 256 MiB".to_owned()),
        Ok(_) => Ok(bytes),
        // What came out before the fault may be all there is: trailing bytes are often damaged.
        Err(_) if !bytes.is_empty() => Ok(bytes),
        Err(_) => Err("the deflated data set is damaged".to_owned()),
    }
}

/// The header as a whole, or where that fails, every element of it that can be read.
fn parse(
    dataset: &[u8],
    found: &Walk,
    layout: Layout,
    warnings: &mut Vec<String>,
) -> Result<InMemDicomObject, String> {
    let syntax = match (layout.explicit, layout.big_endian) {
        (true, true) => entries::EXPLICIT_VR_BIG_ENDIAN.erased(),
        (true, false) => entries::EXPLICIT_VR_LITTLE_ENDIAN.erased(),
        (false, _) => entries::IMPLICIT_VR_LITTLE_ENDIAN.erased(),
    };
    let ignored = |count: usize| format!("{count} malformed elements of the header are ignored");
    let read = |bytes: Vec<u8>| {
        let bytes = charset::hidden(bytes, layout);
        let latin = SpecificCharacterSet::ISO_IR_100;
        InMemDicomObject::read_dataset_with_ts_cs(bytes.as_slice(), &syntax, latin)
    };
    let header: Vec<u8> = found.elements.iter().flat_map(|range| &dataset[range.clone()]).copied().collect();
    if let Ok(object) = read(header) {
        if found.skipped > 0 {
            warnings.push(ignored(found.skipped));
        }
        return Ok(object);
    }
    let mut object = InMemDicomObject::new_empty();
    let mut lost = found.skipped;
    for range in &found.elements {
        match read(dataset[range.clone()].to_vec()) {
            Ok(one) => one.into_iter().for_each(|element| {
                object.put(element);
            }),
            Err(_) => lost += 1,
        }
    }
    if lost > 0 && object.iter().next().is_none() {
        return Err("no element of the DICOM data set can be read".to_owned());
    }
    warnings.push(ignored(lost));
    Ok(object)
}
