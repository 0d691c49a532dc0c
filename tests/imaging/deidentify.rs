//! De-identification: nothing of the original in the bytes, everything needed still there.

use crate::made::{Made, folder};
use coxa::imaging::{Dates, DeidentifyOptions, DicomObject, Rectangle, deidentify, open};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{InMemDicomObject, open_file};
use std::fs;

const SECRETS: &[&str] = &[
    "Doe",
    "Johanna",
    "HOSP-4711",
    "ACC-99",
    "Saint Nowhere",
    "Dr. Quincy",
    "20240115",
    "19510203",
    "1.2.3.4.5",
    "1.2.3.1",
    "1.2.3.2",
    "9.8.7.6",
    "fell from a horse",
    "PRIVATE-42",
    "STATION7",
];

fn film() -> Made {
    let mut film = Made::film(8, &[1000; 64]);
    let mut request = Made::empty();
    request.text(tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO, "fell from a horse");
    let mut referenced = Made::empty();
    referenced
        .text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION)
        .text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "9.8.7.6");
    film.text(tags::PATIENT_NAME, VR::PN, "Doe^Johanna")
        .text(tags::PATIENT_ID, VR::LO, "HOSP-4711")
        .text(tags::PATIENT_BIRTH_DATE, VR::DA, "19510203")
        .text(tags::PATIENT_SEX, VR::CS, "F")
        .text(tags::PATIENT_AGE, VR::AS, "072Y")
        .text(tags::ACCESSION_NUMBER, VR::SH, "ACC-99")
        .text(tags::INSTITUTION_NAME, VR::LO, "Saint Nowhere")
        .text(tags::STATION_NAME, VR::SH, "STATION7")
        .text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, "Dr. Quincy")
        .text(tags::STUDY_DATE, VR::DA, "20240115")
        .text(tags::ACQUISITION_DATE_TIME, VR::DT, "20240115101112")
        .text(tags::STUDY_TIME, VR::TM, "101112")
        .text(tags::IMAGE_COMMENTS, VR::LT, "fell from a horse")
        .text(tags::MANUFACTURER, VR::LO, "Maker")
        .text(tags::IMAGER_PIXEL_SPACING, VR::DS, "0.14\\0.14")
        .text(Tag(0x0009, 0x0010), VR::LO, "MAKER")
        .text(Tag(0x0009, 0x1001), VR::LO, "PRIVATE-42")
        .items(tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![request])
        .items(tags::PREDECESSOR_DOCUMENTS_SEQUENCE, vec![referenced]);
    film
}

fn options() -> DeidentifyOptions {
    DeidentifyOptions { key: b"a key".to_vec(), ..DeidentifyOptions::default() }
}

#[test]
fn no_byte_of_the_identity_is_left() {
    let folder = folder();
    let (input, output) = (film().write(&folder.path().join("in")), folder.path().join("out"));
    deidentify(&input, &output, &options()).expect("done");
    let bytes = fs::read(&output).expect("read");
    for secret in SECRETS {
        assert!(
            fs::read(&input).expect("read").windows(secret.len()).any(|w| w == secret.as_bytes()),
            "{secret}"
        );
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} is still there");
    }
    let film = open(&output).expect("opens");
    assert_eq!((film.stored.clone(), film.spacing.row), (vec![1000; 64], 0.14));
    assert!(film.identity.patient_name.starts_with("ANON-"));
    assert_eq!(film.identity.patient_age, "");
    assert!(film.identity.study_date.len() == 8 && film.identity.study_date.as_str() < "20240115");
    let object = open_file(&output).expect("opens");
    let text = |tag| object.element(tag).expect("there").to_str().expect("text").into_owned();
    assert_eq!(text(tags::PATIENT_IDENTITY_REMOVED).trim(), "YES");
    assert_eq!(text(tags::MANUFACTURER).trim(), "Maker");
    assert!(object.element(Tag(0x0009, 0x1001)).is_err());
}

#[test]
fn what_hides_in_other_places_is_found() {
    let folder = folder();
    let mut hidden = film();
    let mut within = Made::empty();
    within.text(tags::PATIENT_NAME, VR::PN, "Doe^Johanna").bytes(
        tags::OTHER_PATIENT_NAMES,
        VR::UN,
        b"Quincy^Ann",
    );
    let mut outer = Made::empty();
    outer.items(tags::REFERENCED_STUDY_SEQUENCE, vec![within]);
    hidden
        // Known by its tag alone, and then repeated where machines are named.
        .bytes(tags::PATIENT_MOTHER_BIRTH_NAME, VR::UN, b"Montague")
        .text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "Unit of Montague")
        .bytes(tags::PATIENT_ID, VR::UN, b"HOSP-4711 ")
        .text(tags::SOFTWARE_VERSIONS, VR::LO, "for HOSP-4711")
        .items(tags::SOURCE_IMAGE_SEQUENCE, vec![outer])
        // A private block with a name among bytes, and an overlay with its description.
        .bytes(Tag(0x0009, 0x1002), VR::OB, b"\x01\x02Johanna\x03")
        .text(Tag(0x6000, 0x0022), VR::LO, "hip of Johanna")
        .text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.3.4711.19510203");
    let (input, output) = (hidden.write(&folder.path().join("in")), folder.path().join("out"));
    deidentify(&input, &output, &options()).expect("done");
    let bytes = fs::read(&output).expect("read");
    for secret in SECRETS.iter().chain(&["Quincy^Ann", "Montague", "4711"]) {
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} is still there");
    }
    let object = open_file(&output).expect("opens");
    assert!(object.element(tags::SOURCE_IMAGE_SEQUENCE).is_ok(), "references are renamed, not lost");
}

#[test]
fn a_deflated_file_is_written_so_that_it_can_be_searched() {
    let folder = folder();
    let input = film().write_as(uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, &folder.path().join("in"));
    let output = folder.path().join("out");
    deidentify(&input, &output, &options()).expect("done");
    let clean = open(&output).expect("opens");
    assert_eq!(
        (clean.identity.encoding.as_str(), clean.stored),
        (uids::EXPLICIT_VR_LITTLE_ENDIAN, vec![1000; 64])
    );
}

#[test]
fn a_name_on_a_machine_is_taken_off_it() {
    let folder = folder();
    let mut film = film();
    film.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "Bench of Saint Nowhere");
    let (input, output) = (film.write(&folder.path().join("in")), folder.path().join("out"));
    deidentify(&input, &output, &options()).expect("done");
    let object = open_file(&output).expect("opens");
    let model = object.element(tags::MANUFACTURER_MODEL_NAME).expect("there").to_str().expect("text");
    assert_eq!(model.trim(), "ANONYMIZED");
}

/// Family name, its writing in the file and what it means; a name of a machine's maker likewise.
type Written<'a> = (&'a str, [(&'a [u8], &'a str); 3]);

/// The sets of PS3.5 annexes H to K, which switch within a value, and those that know no escapes.
const SCRIPTS: [Written; 5] = [
    (
        "\\ISO 2022 IR 87",
        [
            (b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "山田"),
            (b"\x1b$BElEDIB1!\x1b(B", "東田病院"),
            (b"\x1b$B@8;:\x1b(B Co", "生産 Co"),
        ],
    ),
    (
        "\\ISO 2022 IR 149",
        [
            (b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "吉洞"),
            (b"\x1b$)C\xbc\xad\xbf\xef\xba\xb4\xbf\xf8", "서울병원"),
            (b"\x1b$)C\xb1\xe6 Co", "길 Co"),
        ],
    ),
    (
        "\\ISO 2022 IR 58",
        [
            (b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab", "小东"),
            (b"\x1b$)A\xb1\xb1\xbe\xa9\xd2\xbd\xd4\xba", "北京医院"),
            (b"\x1b$)A\xb6\xab Co", "东 Co"),
        ],
    ),
    (
        "GB18030",
        [
            (b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "小东"),
            (b"\xb1\xb1\xbe\xa9\xd2\xbd\xd4\xba", "北京医院"),
            (b"\xb6\xab Co", "东 Co"),
        ],
    ),
    (
        "ISO_IR 144",
        [
            (b"\xbb\xee\xda\xe1\xd5\xdc\xd1\xe3\xe0\xd3", "Люксембург"),
            (b"\xb1\xde\xdb\xec\xdd\xd8\xe6\xd0", "Больница"),
            (b"\xb7\xd0\xd2\xde\xd4 Co", "Завод Co"),
        ],
    ),
];

/// A name is gone in whatever set it was written, in Unicode too, and off the machine that is called after it; what stays
/// can be read.
#[test]
fn names_in_every_script_are_removed_and_what_stays_is_readable() {
    let folder = folder();
    for (sets, [(name, part), (hospital, called), (maker, made_by)]) in SCRIPTS {
        let mut physician = Made::empty();
        physician.bytes(tags::PERSON_NAME, VR::PN, name);
        // A set of its own, which its texts will no longer be in.
        let mut item = Made::empty();
        item.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 101").bytes(
            tags::CODE_MEANING,
            VR::LO,
            b"Pra\xbesk\xe1",
        );
        let mut film = film();
        film.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, sets)
            .bytes(tags::PATIENT_NAME, VR::PN, name)
            .bytes(tags::INSTITUTION_NAME, VR::LO, hospital)
            .bytes(tags::MANUFACTURER_MODEL_NAME, VR::LO, hospital)
            .bytes(tags::MANUFACTURER, VR::LO, maker)
            .items(tags::SOURCE_IMAGE_SEQUENCE, vec![physician])
            .items(tags::VIEW_CODE_SEQUENCE, vec![item]);
        let (input, output) = (film.write(&folder.path().join("in")), folder.path().join("out"));
        let read = DicomObject::read(&input).expect("opens").dataset;
        let text = |object: &InMemDicomObject, tag| {
            object.element(tag).expect("there").to_str().expect("text").trim().to_owned()
        };
        assert!(text(&read, tags::PATIENT_NAME).contains(part), "{sets}");
        assert_eq!(text(&read, tags::INSTITUTION_NAME), called, "{sets}");
        deidentify(&input, &output, &options()).expect("done");
        let bytes = fs::read(&output).expect("read");
        let secrets = [name, hospital, part.as_bytes(), called.as_bytes()];
        for secret in
            secrets.into_iter().chain(name.split(|b| b"^=".contains(b)).filter(|part| part.len() > 4))
        {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{sets}: {secret:?} is left");
        }
        let clean = DicomObject::read(&output).expect("opens").dataset;
        assert_eq!(text(&clean, tags::SPECIFIC_CHARACTER_SET), "ISO_IR 192");
        assert_eq!(text(&clean, tags::MANUFACTURER), made_by, "{sets}");
        assert_eq!(text(&clean, tags::MANUFACTURER_MODEL_NAME), "ANONYMIZED", "{sets}");
        let item = &clean.element(tags::VIEW_CODE_SEQUENCE).expect("there").items().expect("items")[0];
        assert_eq!(text(item, tags::CODE_MEANING), "Pražská");
        assert!(item.element(tags::SPECIFIC_CHARACTER_SET).is_err(), "its texts are Unicode");
    }
}

#[test]
fn files_of_a_study_stay_together() {
    let folder = folder();
    let mut second = film();
    second.text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.4.6").text(tags::STUDY_DATE, VR::DA, "20240120");
    let outputs = [film(), second].map(|film| {
        let input = film.write(&folder.path().join("in"));
        let output = folder.path().join("out");
        deidentify(&input, &output, &options()).expect("done");
        open(&output).expect("opens").identity
    });
    let [a, b] = outputs;
    assert_eq!((a.study_instance_uid, a.patient_id), (b.study_instance_uid, b.patient_id));
    assert_ne!(a.sop_instance_uid, b.sop_instance_uid);
    let day = |date: &str| chrono::NaiveDate::parse_from_str(date, "%Y%m%d").expect("a date");
    assert_eq!((day(&b.study_date) - day(&a.study_date)).num_days(), 5);
}

#[test]
fn options_keep_or_remove() {
    let folder = folder();
    let (input, output) = (film().write(&folder.path().join("in")), folder.path().join("out"));
    let options = DeidentifyOptions { dates: Dates::Remove, keep_characteristics: true, ..options() };
    deidentify(&input, &output, &options).expect("done");
    let identity = open(&output).expect("opens").identity;
    assert_eq!(
        (identity.study_date.as_str(), identity.patient_sex.as_str(), identity.patient_age.as_str()),
        ("", "F", "072Y")
    );
}

#[test]
fn rectangles_are_black_in_every_frame() {
    let folder = folder();
    for (photometric, black) in [("MONOCHROME2", 0), ("MONOCHROME1", 4095)] {
        let mut film = Made::film(4, &[1000; 32]);
        film.number(tags::ROWS, 4).text(tags::NUMBER_OF_FRAMES, VR::IS, "2").text(
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            photometric,
        );
        let (input, output) = (film.write(&folder.path().join("in")), folder.path().join("out"));
        let rectangle = Rectangle { x: 2, y: 3, width: 99, height: 99 };
        deidentify(&input, &output, &DeidentifyOptions { black: vec![rectangle], ..options() })
            .expect("done");
        for frame in [1, 2] {
            let film = coxa::imaging::open_frame(&output, frame).expect("opens");
            assert_eq!(film.stored[12..], [1000, 1000, black, black], "{photometric}");
            assert!(film.stored[..12].iter().all(|v| *v == 1000));
        }
    }
}

/// A film of 4 × 4 grey pixels in colour, `kind` of 8 bits.
fn coloured(kind: &str) -> Made {
    let mut film = film();
    film.number(tags::ROWS, 4)
        .number(tags::COLUMNS, 4)
        .number(tags::SAMPLES_PER_PIXEL, 3)
        .number(tags::PLANAR_CONFIGURATION, 0)
        .number(tags::BITS_ALLOCATED, 8)
        .number(tags::BITS_STORED, 8)
        .number(tags::HIGH_BIT, 7)
        .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, kind)
        .text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "01");
    film
}

#[test]
fn colour_is_blacked_out_in_every_encoding() {
    let folder = folder();
    let black = vec![Rectangle { x: 0, y: 2, width: 4, height: 2 }];
    let pixel = |kind: &str| if kind == "RGB" { vec![90, 90, 90] } else { vec![90, 128, 128] };
    let rle = |planes: [u8; 3]| {
        let mut frame: Vec<u8> = [3u32, 64, 66, 68].iter().flat_map(|v| v.to_le_bytes()).collect();
        frame.resize(64, 0);
        frame.extend(planes.iter().flat_map(|value| [241, *value]));
        frame
    };
    // Two pixels of 4:2:2 are Y1 Y2 Cb Cr.
    let native = [("RGB", pixel("RGB").repeat(16)), ("YBR_FULL", pixel("YBR").repeat(16))]
        .map(|(kind, data)| (kind, uids::IMPLICIT_VR_LITTLE_ENDIAN, data));
    let subsampled = ("YBR_FULL_422", uids::EXPLICIT_VR_LITTLE_ENDIAN, [90, 90, 128, 128].repeat(8));
    let packed = [("RGB", [90; 3]), ("YBR_FULL", [90, 128, 128])]
        .map(|(kind, planes)| (kind, uids::RLE_LOSSLESS, rle(planes)));
    for (kind, syntax, data) in native.into_iter().chain([subsampled]).chain(packed) {
        let mut film = coloured(kind);
        if syntax == uids::RLE_LOSSLESS {
            film.fragments(vec![data]);
        } else {
            film.bytes(tags::PIXEL_DATA, VR::OB, &data);
        }
        let (input, output) = (film.write_as(syntax, &folder.path().join("in")), folder.path().join("out"));
        deidentify(&input, &output, &DeidentifyOptions { black: black.clone(), ..options() }).expect(kind);
        let clean = open(&output).expect("opens");
        assert_eq!(clean.stored, [[90; 8], [0; 8]].concat(), "{kind} {syntax}");
        let expected = if syntax == uids::RLE_LOSSLESS { uids::EXPLICIT_VR_LITTLE_ENDIAN } else { syntax };
        assert_eq!(clean.identity.encoding, expected);
        let object = open_file(&output).expect("opens");
        let data = object.element(tags::PIXEL_DATA).expect("there").to_bytes().expect("bytes");
        let black = if kind == "RGB" { [0, 0, 0] } else { [0, 128, 128] };
        assert_eq!(data[..], [pixel(&kind[..3]).repeat(8), black.repeat(8)].concat(), "{kind} {syntax}");
        let lossy = object.element(tags::LOSSY_IMAGE_COMPRESSION).expect("kept").to_str().expect("text");
        assert_eq!(lossy.trim(), "01");
    }
}

#[test]
fn an_overlay_in_the_pixels_goes_too() {
    let folder = folder();
    let values: Vec<u16> = (0..64).map(|i| i | 1 << 13).collect();
    let mut film = film();
    film.words(tags::PIXEL_DATA, VR::OW, &values)
        .number(Tag(0x6000, 0x0010), 8)
        .number(Tag(0x6000, 0x0011), 8)
        .text(Tag(0x6000, 0x0040), VR::CS, "G")
        .number(Tag(0x6000, 0x0100), 16)
        .number(Tag(0x6000, 0x0102), 13);
    let (input, output) = (film.write(&folder.path().join("in")), folder.path().join("out"));
    deidentify(&input, &output, &options()).expect("done");
    let object = open_file(&output).expect("opens");
    let words = object.element(tags::PIXEL_DATA).expect("there").to_multi_int::<u16>().expect("words");
    assert_eq!(words, (0..64).collect::<Vec<u16>>());
    assert!(object.iter().all(|element| element.header().tag.group() != 0x6000));
}

#[test]
fn what_cannot_be_cleaned_is_refused() {
    let folder = folder();
    let output = folder.path().join("out");
    let mut document = film();
    document.bytes(tags::ENCAPSULATED_DOCUMENT, VR::OB, b"%PDF");
    let document = document.write(&folder.path().join("document"));
    let cut = folder.path().join("cut");
    fs::write(&cut, &fs::read(film().write(&cut)).expect("read")[..600]).expect("written");
    let picture = folder.path().join("picture");
    fs::write(&picture, b"\x89PNG\r\n\x1a\n").expect("written");
    for input in [document, cut, picture] {
        let error = deidentify(&input, &output, &options()).expect_err("refused").to_string();
        assert!(error.contains(&input.display().to_string()) && !output.exists(), "{error}");
    }
}
