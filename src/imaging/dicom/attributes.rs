//! Reading attributes as the numbers and texts they mean: malformed values are absent values, and those of a
//! multi-frame image are found in its functional groups.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// The attributes of one frame: its own functional groups before the shared ones before the data set.
pub(super) struct Attributes<'a> {
    levels: Vec<&'a InMemDicomObject>,
}

impl<'a> Attributes<'a> {
    /// Those of `frame` (from 0) of the image `object`.
    pub fn of_frame(object: &'a InMemDicomObject, frame: u32) -> Self {
        let mut levels = Vec::new();
        let per_frame = items(object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).get(frame as usize);
        let shared = items(object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).first();
        for group in [per_frame, shared].into_iter().flatten() {
            for macro_ in [
                tags::PIXEL_MEASURES_SEQUENCE,
                tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
                tags::FRAME_VOILUT_SEQUENCE,
                tags::FRAME_PIXEL_SHIFT_SEQUENCE,
                tags::PIXEL_INTENSITY_RELATIONSHIP_LUT_SEQUENCE,
                tags::PATIENT_ORIENTATION_IN_FRAME_SEQUENCE,
                tags::PLANE_POSITION_SEQUENCE,
                tags::PLANE_ORIENTATION_SEQUENCE,
            ] {
                levels.extend(items(group, macro_).first());
            }
        }
        levels.push(object);
        Self { levels }
    }

    fn element(&self, tag: Tag) -> Option<&'a dicom_object::mem::InMemElement> {
        self.levels.iter().find_map(|level| level.get(tag))
    }

    /// Text without its padding; empty where absent. Several values stay joined by backslashes.
    pub fn text(&self, tag: Tag) -> String {
        let text = self.element(tag).and_then(|e| e.to_str().ok()).unwrap_or_default();
        text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
    }

    /// Text, or `None` where absent or empty.
    pub fn some_text(&self, tag: Tag) -> Option<String> {
        Some(self.text(tag)).filter(|text| !text.is_empty())
    }

    /// The values of `tag`, separated by backslashes.
    pub fn texts(&self, tag: Tag) -> Vec<String> {
        self.text(tag).split('\\').map(|part| part.trim().to_owned()).filter(|p| !p.is_empty()).collect()
    }

    /// Every value that is a finite number; a malformed one voids all, as positions carry meaning.
    pub fn numbers(&self, tag: Tag) -> Vec<f64> {
        let Some(element) = self.element(tag) else { return Vec::new() };
        if let Ok(values) = element.to_multi_float64()
            && values.iter().all(|v| v.is_finite())
        {
            return values;
        }
        // Decimal strings of the wild hold commas, blanks and NULs.
        let Ok(text) = element.to_str() else { return Vec::new() };
        let parse = |part: &str| {
            let part = part.trim_matches(|c: char| c.is_whitespace() || c == '\0').replace(',', ".");
            part.parse::<f64>().ok().filter(|v| v.is_finite())
        };
        text.split('\\').map(parse).collect::<Option<Vec<f64>>>().unwrap_or_default()
    }

    pub fn number(&self, tag: Tag) -> Option<f64> {
        self.numbers(tag).first().copied()
    }

    /// Two numbers, in the order of the file.
    pub fn pair(&self, tag: Tag) -> Option<[f64; 2]> {
        match self.numbers(tag)[..] {
            [a, b] => Some([a, b]),
            // One value for both axes is a fault seen in the wild whose meaning is plain.
            [a] => Some([a, a]),
            _ => None,
        }
    }

    /// A whole number that fits.
    pub fn integer<T: TryFrom<i64>>(&self, tag: Tag) -> Option<T> {
        let value = self.number(tag)?;
        (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64).and_then(|v| T::try_from(v).ok())
    }

    /// Items of the sequence `tag`; none where absent.
    pub fn items(&self, tag: Tag) -> &'a [InMemDicomObject] {
        self.element(tag).and_then(|e| e.items()).unwrap_or_default()
    }

    /// The bytes of a value, little endian.
    pub fn words(&self, tag: Tag) -> Vec<u16> {
        let Some(element) = self.element(tag) else { return Vec::new() };
        let bytes = element.to_bytes().unwrap_or_default();
        bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect()
    }
}

fn items(object: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    object.get(tag).and_then(|e| e.items()).unwrap_or_default()
}
