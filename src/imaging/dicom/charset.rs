//! Texts of a data set as Unicode, by its Specific Character Set (PS3.3 C.12.1.1.2) with code extensions (ISO 2022,
//! PS3.5 6.1.2.5): Japanese, Korean and Chinese names switch between sets within one value.
//!
//! The parser knows one set at a time and loses what that one cannot hold. So the sets are hidden from it, every text
//! comes as bytes of Latin-1, and is decoded here, level by level: an item may have a set of its own.

use super::walk::Layout;
use dicom_core::value::{DataSetSequence, Value};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, WINDOWS_874, WINDOWS_1254,
};

/// Where the names of sets hide; no attribute has this tag.
const HIDDEN: Tag = Tag(0x0008, 0x0004);
const ESCAPE: u8 = 0x1B;

/// The lower half of the code table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lower {
    /// ASCII, and JIS X 0201's Latin letters, which differ in the yen sign.
    Latin,
    /// JIS X 0208, two bytes a character.
    Kanji,
    /// JIS X 0212, likewise.
    MoreKanji,
}

/// The upper half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Upper {
    /// ISO 8859-1, also where nothing is declared.
    Latin,
    Single(&'static Encoding),
    /// JIS X 0201.
    Katakana,
    /// Two bytes a character: KS X 1001, GB 2312.
    Double(&'static Encoding),
}

/// What follows an escape, and what it selects.
const ESCAPES: [(&[u8], Option<Lower>, Option<Upper>); 21] = [
    (b"(B", Some(Lower::Latin), None),
    (b"(J", Some(Lower::Latin), None),
    (b"$B", Some(Lower::Kanji), None),
    (b"$@", Some(Lower::Kanji), None),
    (b"$(D", Some(Lower::MoreKanji), None),
    (b")I", None, Some(Upper::Katakana)),
    (b"$)C", None, Some(Upper::Double(EUC_KR))),
    (b"$)A", None, Some(Upper::Double(GBK))),
    (b"-A", None, Some(Upper::Latin)),
    (b"-B", None, Some(Upper::Single(ISO_8859_2))),
    (b"-C", None, Some(Upper::Single(ISO_8859_3))),
    (b"-D", None, Some(Upper::Single(ISO_8859_4))),
    (b"-L", None, Some(Upper::Single(ISO_8859_5))),
    (b"-G", None, Some(Upper::Single(ISO_8859_6))),
    (b"-F", None, Some(Upper::Single(ISO_8859_7))),
    (b"-H", None, Some(Upper::Single(ISO_8859_8))),
    (b"-M", None, Some(Upper::Single(WINDOWS_1254))),
    (b"-b", None, Some(Upper::Single(ISO_8859_15))),
    (b"-T", None, Some(Upper::Single(WINDOWS_874))),
    (b"$A", None, Some(Upper::Double(GBK))),
    (b"$C", None, Some(Upper::Double(EUC_KR))),
];

/// How the texts of one level are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Charset {
    /// A set that knows no escapes: Unicode, or the whole of Chinese.
    Whole(&'static Encoding),
    /// What the upper half begins with; escapes change it.
    Extended(Upper),
}

impl Charset {
    pub const DEFAULT: Charset = Charset::Extended(Upper::Latin);

    /// By the values of the attribute; `None` where the first of them is no set.
    pub fn of(value: &str) -> Option<Charset> {
        let first = value.split('\\').next().unwrap_or_default().trim_matches([' ', '\0']);
        let number = first.rsplit([' ', '_']).next().unwrap_or_default();
        let single = |encoding| Charset::Extended(Upper::Single(encoding));
        Some(match (first, number) {
            ("", _) | (_, "6" | "100" | "87" | "159" | "14") => Charset::DEFAULT,
            (_, "192") => Charset::Whole(encoding_rs::UTF_8),
            ("GB18030", _) => Charset::Whole(GB18030),
            ("GBK" | "GB2312", _) => Charset::Whole(GBK),
            (_, "101") => single(ISO_8859_2),
            (_, "109") => single(ISO_8859_3),
            (_, "110") => single(ISO_8859_4),
            (_, "144") => single(ISO_8859_5),
            (_, "127") => single(ISO_8859_6),
            (_, "126") => single(ISO_8859_7),
            (_, "138") => single(ISO_8859_8),
            (_, "148") => single(WINDOWS_1254),
            (_, "203") => single(ISO_8859_15),
            (_, "166") => single(WINDOWS_874),
            (_, "13") => Charset::Extended(Upper::Katakana),
            (_, "149") => Charset::Extended(Upper::Double(EUC_KR)),
            (_, "58") => Charset::Extended(Upper::Double(GBK)),
            _ => return None,
        })
    }

    /// The text of a value. An escape that selects nothing known stays in it, for whoever looks for such.
    pub fn decode(self, bytes: &[u8], vr: VR) -> String {
        let upper_at_first = match self {
            Charset::Whole(encoding) => return encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Charset::Extended(upper) => upper,
        };
        let (mut lower, mut upper) = (Lower::Latin, upper_at_first);
        let mut text = String::with_capacity(bytes.len());
        let mut rest = bytes;
        while let [byte, after @ ..] = rest {
            if *byte == ESCAPE
                && let Some((name, l, u)) = ESCAPES.iter().find(|(name, ..)| after.starts_with(name))
            {
                lower = l.unwrap_or(lower);
                upper = u.unwrap_or(upper);
                rest = &after[name.len()..];
                continue;
            }
            let pair = after.first().map(|second| [*byte, *second]);
            let (taken, decoded) = match pair {
                Some([a @ 0x21..=0x7E, b @ 0x21..=0x7E]) if lower == Lower::Kanji => {
                    (2, EUC_JP.decode_without_bom_handling(&[a | 0x80, b | 0x80]).0.into_owned())
                }
                Some([a @ 0x21..=0x7E, b @ 0x21..=0x7E]) if lower == Lower::MoreKanji => {
                    (2, EUC_JP.decode_without_bom_handling(&[0x8F, a | 0x80, b | 0x80]).0.into_owned())
                }
                _ if *byte < 0x80 => {
                    if ends_a_part(*byte, vr) {
                        (lower, upper) = (Lower::Latin, upper_at_first);
                    }
                    (1, char::from(*byte).to_string())
                }
                _ => high(upper, *byte, pair),
            };
            text.push_str(&decoded);
            rest = &rest[taken..];
        }
        text
    }
}

/// How many bytes a character of the upper half takes, and the character.
fn high(upper: Upper, byte: u8, pair: Option<[u8; 2]>) -> (usize, String) {
    let one = |encoding: &'static Encoding, bytes: &[u8]| {
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    };
    match (upper, pair) {
        (Upper::Single(encoding), _) => (1, one(encoding, &[byte])),
        (Upper::Katakana, _) => (1, one(EUC_JP, &[0x8E, byte])),
        (Upper::Double(encoding), Some(pair)) if pair[1] >= 0x80 => (2, one(encoding, &pair)),
        _ => (1, char::from(byte).to_string()),
    }
}

/// After these the sets are again those at the beginning (PS3.5 6.1.2.5.3).
fn ends_a_part(byte: u8, vr: VR) -> bool {
    match byte {
        b'\t' | b'\n' | 0x0C | b'\r' => true,
        b'\\' => !is_single(vr),
        b'^' | b'=' => vr == VR::PN,
        _ => false,
    }
}

fn is_text(vr: VR) -> bool {
    matches!(vr, VR::SH | VR::LO | VR::UC | VR::PN) || is_single(vr)
}

/// Texts in which a backslash is one.
fn is_single(vr: VR) -> bool {
    matches!(vr, VR::ST | VR::LT | VR::UT)
}

/// `header` with the names of its sets hidden, at every level.
pub(super) fn hidden(mut header: Vec<u8>, layout: Layout) -> Vec<u8> {
    let bytes_of = |tag: Tag| {
        let pair = [tag.group(), tag.element()];
        pair.map(|half| if layout.big_endian { half.to_be_bytes() } else { half.to_le_bytes() }).concat()
    };
    let (shown, hidden) = (bytes_of(tags::SPECIFIC_CHARACTER_SET), bytes_of(HIDDEN));
    let mut at = 0;
    while let Some(found) = header[at..].windows(4).position(|tag| tag == shown) {
        at += found + 4;
        if names_sets(header.get(at..).unwrap_or_default(), layout) {
            header[at - 4..at].copy_from_slice(&hidden);
        }
    }
    header
}

/// Whether what follows a tag is a list of sets, and not some bytes that look like the tag.
fn names_sets(after: &[u8], layout: Layout) -> bool {
    let length = match (layout.explicit, after) {
        (true, [b'C', b'S', a, b, ..]) if layout.big_endian => usize::from(u16::from_be_bytes([*a, *b])),
        (true, [b'C', b'S', a, b, ..]) => usize::from(u16::from_le_bytes([*a, *b])),
        (false, [a, b, 0, 0, ..]) => usize::from(u16::from_le_bytes([*a, *b])),
        _ => return false,
    };
    let value = after.get(4..4 + length).unwrap_or_default();
    value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" _\\\0".contains(byte))
}

/// The object with its texts as Unicode; it says so itself, and no item of it says otherwise.
pub(super) fn decoded(object: InMemDicomObject) -> InMemDicomObject {
    let declared = object.iter().any(|element| is_list_of_sets(element.header().tag));
    let mut object = level(object, Charset::DEFAULT);
    if declared {
        let unicode = PrimitiveValue::from("ISO_IR 192");
        object.put(DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, unicode));
    }
    object
}

fn is_list_of_sets(tag: Tag) -> bool {
    matches!(tag, HIDDEN | tags::SPECIFIC_CHARACTER_SET)
}

fn level(object: InMemDicomObject, outer: Charset) -> InMemDicomObject {
    let own = object.get(HIDDEN).and_then(|element| element.to_bytes().ok());
    let own = own.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let charset = own.as_deref().and_then(Charset::of).unwrap_or(outer);
    let texts = object.into_iter().filter(|element| !is_list_of_sets(element.header().tag));
    InMemDicomObject::from_element_iter(texts.map(|element| decoded_element(element, charset)))
}

fn decoded_element(element: InMemElement, charset: Charset) -> InMemElement {
    let (tag, vr) = (element.header().tag, element.vr());
    match element.value() {
        Value::Sequence(_) => {
            let items = element.into_value().into_items().unwrap_or_default();
            let items: Vec<_> = items.into_iter().map(|item| level(item, charset)).collect();
            DataElement::new(tag, vr, DataSetSequence::from(items))
        }
        Value::Primitive(PrimitiveValue::Str(text)) if is_text(vr) => {
            let text = charset.decode(&bytes_of(text), vr);
            DataElement::new(tag, vr, PrimitiveValue::from(text))
        }
        Value::Primitive(PrimitiveValue::Strs(parts)) if is_text(vr) => {
            // The parser split where a byte looked like a backslash; within a character it is none.
            let text = charset.decode(&bytes_of(&parts.join("\\")), vr);
            let parts = text.split('\\').map(str::to_owned).collect();
            DataElement::new(tag, vr, PrimitiveValue::Strs(parts))
        }
        _ => element,
    }
}

/// What a text of Latin-1 was read from.
fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(sets: &str, bytes: &[u8]) -> String {
        Charset::of(sets).expect(sets).decode(bytes, VR::PN)
    }

    /// The examples of PS3.5 annexes H, I, J and K.
    #[test]
    fn names_of_the_standard() {
        let japanese =
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        assert_eq!(name("\\ISO 2022 IR 87", japanese), "Yamada^Tarou=山田^太郎=やまだ^たろう");
        let katakana = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J";
        assert_eq!(name("ISO 2022 IR 13\\ISO 2022 IR 87", katakana), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
        let korean =
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
        assert_eq!(name("\\ISO 2022 IR 149", korean), "Hong^Gildong=洪^吉洞=홍^길동");
        let chinese = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=";
        assert_eq!(name("\\ISO 2022 IR 58", chinese), "Zhang^XiaoDong=张^小东=");
        assert_eq!(name("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab"), "Wang^XiaoDong=王^小东");
    }

    #[test]
    fn half_a_character_and_a_strange_escape_stop_nothing() {
        assert_eq!(name("\\ISO 2022 IR 87", b"\x1b$B;"), ";");
        assert_eq!(name("\\ISO 2022 IR 149", b"\x1b$)C\xfb"), "û");
        assert_eq!(name("", b"a\x1b%Gb"), "a\u{1b}%Gb");
        assert_eq!(Charset::of("KLINGON"), None);
        for end in 0..40 {
            let bytes: Vec<u8> = (0..=255).cycle().skip(end * 7).take(end).collect();
            for sets in ["\\ISO 2022 IR 87", "GBK", "ISO_IR 192", "ISO 2022 IR 149"] {
                let _ = name(sets, &bytes);
            }
        }
    }

    #[test]
    fn a_backslash_within_a_character_separates_nothing() {
        assert_eq!(name("\\ISO 2022 IR 87", b"\x1b$B0\\\x1b(B^A"), "移^A");
    }
}
