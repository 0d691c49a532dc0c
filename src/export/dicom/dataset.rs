//! Putting elements into a data set, and reading them out of one: the few forms that our objects are made of.

use crate::imaging::decimal;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::InMemDicomObject;

/// A data set in the making.
#[derive(Debug, Clone)]
pub(super) struct Dataset(pub InMemDicomObject);

impl Dataset {
    pub fn new() -> Self {
        Dataset(InMemDicomObject::new_empty())
    }

    pub fn value(&mut self, tag: Tag, vr: VR, value: PrimitiveValue) {
        self.0.put(DataElement::new(tag, vr, value));
    }

    pub fn text(&mut self, tag: Tag, vr: VR, value: &str) {
        self.value(tag, vr, PrimitiveValue::from(value));
    }

    /// An element without a value (type 2).
    pub fn empty(&mut self, tag: Tag, vr: VR) {
        self.value(tag, vr, PrimitiveValue::Empty);
    }

    pub fn word(&mut self, tag: Tag, value: u16) {
        self.value(tag, VR::US, PrimitiveValue::from(value));
    }

    pub fn words(&mut self, tag: Tag, values: &[u16]) {
        self.value(tag, VR::US, PrimitiveValue::U16(values.into()));
    }

    pub fn long(&mut self, tag: Tag, value: u32) {
        self.value(tag, VR::UL, PrimitiveValue::from(value));
    }

    pub fn floats(&mut self, tag: Tag, values: &[f32]) {
        self.value(tag, VR::FL, PrimitiveValue::F32(values.into()));
    }

    pub fn double(&mut self, tag: Tag, value: f64) {
        self.value(tag, VR::FD, PrimitiveValue::from(value));
    }

    pub fn decimals(&mut self, tag: Tag, values: &[f64]) {
        let text: Vec<String> = values.iter().map(|v| decimal(*v)).collect();
        self.text(tag, VR::DS, &text.join("\\"));
    }

    /// A pointer to another element.
    pub fn pointer(&mut self, tag: Tag, to: Tag) {
        self.value(tag, VR::AT, PrimitiveValue::Tags([to].as_slice().into()));
    }

    /// Bytes, padded to an even count.
    pub fn bytes(&mut self, tag: Tag, vr: VR, mut bytes: Vec<u8>) {
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        self.value(tag, vr, PrimitiveValue::from(bytes));
    }

    pub fn sequence(&mut self, tag: Tag, items: impl IntoIterator<Item = Dataset>) {
        let items: Vec<InMemDicomObject> = items.into_iter().map(|item| item.0).collect();
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }
}

/// Text without its padding; empty where absent. Several values stay joined by backslashes.
pub(super) fn text(object: &InMemDicomObject, tag: Tag) -> String {
    unpadded(&object.get(tag).and_then(|e| e.to_str().ok()).unwrap_or_default()).to_owned()
}

/// The parser takes any blank for padding.
pub(super) fn unpadded(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// Items of a sequence; none where absent.
pub(super) fn items(object: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    object.get(tag).and_then(|e| e.items()).unwrap_or_default()
}

/// The first item of a sequence.
pub(super) fn item(object: &InMemDicomObject, tag: Tag) -> Option<&InMemDicomObject> {
    items(object, tag).first()
}

pub(super) fn integer<T: TryFrom<i64>>(object: &InMemDicomObject, tag: Tag) -> Option<T> {
    T::try_from(object.get(tag)?.to_int::<i64>().ok()?).ok()
}

/// Every number of an element; none where absent or malformed.
pub(super) fn numbers(object: &InMemDicomObject, tag: Tag) -> Vec<f64> {
    object.get(tag).and_then(|e| e.to_multi_float64().ok()).unwrap_or_default()
}

pub(super) fn floats(object: &InMemDicomObject, tag: Tag) -> Vec<f32> {
    object.get(tag).and_then(|e| e.to_multi_float32().ok()).unwrap_or_default()
}

/// CIELab of a display colour as DICOM scales it (PS3.3 C.10.7.1.1): sRGB under D50.
pub(super) fn cielab([red, green, blue]: [u8; 3]) -> [u16; 3] {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let (r, g, b) = (linear(red), linear(green), linear(blue));
    // Bradford-adapted sRGB to XYZ under D50, over the white of D50.
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (t * 24389.0 / 27.0 + 16.0) / 116.0 };
    let x = f((0.436_074_7 * r + 0.385_064_9 * g + 0.143_080_4 * b) / 0.964_22);
    let y = f(0.222_504_5 * r + 0.716_878_6 * g + 0.060_616_9 * b);
    let z = f((0.013_932_2 * r + 0.097_104_5 * g + 0.714_173_3 * b) / 0.825_21);
    let scaled = |v: f64| v.round().clamp(0.0, 65535.0) as u16;
    [
        scaled((116.0 * y - 16.0) * 655.35),
        scaled((500.0 * (x - y) + 128.0) * 257.0),
        scaled((200.0 * (y - z) + 128.0) * 257.0),
    ]
}

/// The display colour that [`cielab`] gives `lab` for, to the rounding of 8 bits.
pub(super) fn rgb([l, a, b]: [u16; 3]) -> [u8; 3] {
    let y = (f64::from(l) / 655.35 + 16.0) / 116.0;
    let x = y + (f64::from(a) / 257.0 - 128.0) / 500.0;
    let z = y - (f64::from(b) / 257.0 - 128.0) / 200.0;
    let g = |t: f64| {
        let cube = t * t * t;
        if cube > 216.0 / 24389.0 { cube } else { (116.0 * t - 16.0) * 27.0 / 24389.0 }
    };
    let (x, y, z) = (0.964_22 * g(x), g(y), 0.825_21 * g(z));
    let shown = |v: f64| {
        let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (v * 255.0).round().clamp(0.0, 255.0) as u8
    };
    [
        shown(3.133_856_1 * x - 1.616_866_7 * y - 0.490_614_6 * z),
        shown(-0.978_768_4 * x + 1.916_141_5 * y + 0.033_454_0 * z),
        shown(0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back() {
        assert_eq!(cielab([255, 255, 255])[0], 65535);
        for colour in [[0, 0, 0], [220, 50, 47], [70, 170, 70], [60, 110, 220], [255, 255, 255]] {
            let back = rgb(cielab(colour));
            let off = colour.iter().zip(back).map(|(a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(1), "{colour:?} {back:?}");
        }
    }
}
