//! Coded concepts: the standard's where it has one, else our own under one designator.
//!
//! A private code is never used again after its definition changes: codes of methods carry the version of theirs.

use super::dataset::{Dataset, item, text};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::borrow::Cow;

/// Designator of this program's own codes.
pub const PRIVATE: &str = "99COXA";

/// A code value may have so many characters; longer ones go to LongCodeValue.
const SHORT: usize = 16;
/// Characters of a meaning.
const MEANING: usize = 64;

/// Value, scheme and meaning. Two codes are the same whatever their meanings say.
#[derive(Debug, Clone)]
pub struct Code {
    pub value: Cow<'static, str>,
    pub scheme: Cow<'static, str>,
    pub meaning: Cow<'static, str>,
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.value == other.value && self.scheme == other.scheme
    }
}

impl Eq for Code {}

impl Code {
    pub const fn of(value: &'static str, scheme: &'static str, meaning: &'static str) -> Code {
        Code { value: Cow::Borrowed(value), scheme: Cow::Borrowed(scheme), meaning: Cow::Borrowed(meaning) }
    }

    /// One of this program's.
    pub fn private(value: impl Into<String>, meaning: impl Into<String>) -> Code {
        let meaning: String = meaning.into();
        Code {
            value: Cow::Owned(value.into()),
            scheme: Cow::Borrowed(PRIVATE),
            meaning: Cow::Owned(meaning.chars().take(MEANING).collect()),
        }
    }

    pub(super) fn dataset(&self) -> Dataset {
        let mut out = Dataset::new();
        if self.value.chars().count() > SHORT {
            out.text(tags::LONG_CODE_VALUE, VR::UC, &self.value);
        } else {
            out.text(tags::CODE_VALUE, VR::SH, &self.value);
        }
        out.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, &self.scheme);
        out.text(tags::CODE_MEANING, VR::LO, &self.meaning);
        out
    }

    /// The code in the first item of the sequence `tag`.
    pub(super) fn read(object: &InMemDicomObject, tag: Tag) -> Option<Code> {
        let item = item(object, tag)?;
        let value = [tags::CODE_VALUE, tags::LONG_CODE_VALUE].map(|tag| text(item, tag)).concat();
        (!value.is_empty()).then(|| Code {
            value: Cow::Owned(value),
            scheme: Cow::Owned(text(item, tags::CODING_SCHEME_DESIGNATOR)),
            meaning: Cow::Owned(text(item, tags::CODE_MEANING)),
        })
    }
}

/// CodingSchemeIdentificationSequence: whose the private codes are.
pub(super) fn coding_schemes() -> Dataset {
    let mut out = Dataset::new();
    out.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, PRIVATE);
    out.text(tags::CODING_SCHEME_NAME, VR::ST, "Coxa: measurements, grades and landmarks of hip radiographs");
    out.text(tags::CODING_SCHEME_VERSION, VR::SH, "1");
    out.text(tags::CODING_SCHEME_RESPONSIBLE_ORGANIZATION, VR::ST, "Coxa");
    out
}
