//! Pixels of every kind that has no place in the round trip of our own files.

use crate::made::{Made, folder};
use coxa::imaging::{OpenError, open, open_frame, open_pixels};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

#[test]
fn floats_are_right_within_half_a_step() {
    let folder = folder();
    let floats: Vec<f32> = (0..12).map(|i| (i as f32).sin() * 1000.0).collect();
    let mut film = Made::film(4, &[0; 12]);
    film.0.remove_element(tags::PIXEL_DATA);
    film.number(tags::BITS_ALLOCATED, 32).number(tags::BITS_STORED, 32).number(tags::HIGH_BIT, 31);
    film.0.put(DataElement::new(tags::FLOAT_PIXEL_DATA, VR::OF, PrimitiveValue::F32(floats.clone().into())));
    let film = open(&film.write(&folder.path().join("film"))).expect("opens");
    for (value, float) in film.modality_values().iter().zip(&floats) {
        assert!((value - float).abs() < 1e-3, "{value} is not {float}");
    }
}

/// Bits are packed from the lowest of each byte on, frames after one another without filling.
#[test]
fn a_segmentation_is_no_film_but_its_bits_can_be_read() {
    let folder = folder();
    let mut mask = Made::film(3, &[0; 6]);
    mask.text(tags::SOP_CLASS_UID, VR::UI, uids::SEGMENTATION_STORAGE)
        .text(tags::MODALITY, VR::CS, "SEG")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "2")
        .number(tags::BITS_ALLOCATED, 1)
        .number(tags::BITS_STORED, 1)
        .number(tags::HIGH_BIT, 0)
        .bytes(tags::PIXEL_DATA, VR::OB, &[0b1010_0110, 0b0000_0101]);
    let path = mask.write(&folder.path().join("mask"));
    assert!(matches!(open(&path), Err(OpenError::NotAnImage { .. })));
    for (frame, bits) in [(1, [0, 1, 1, 0, 0, 1]), (2, [0, 1, 1, 0, 1, 0])] {
        assert_eq!(*open_pixels(&path, frame).expect("has pixels").0.stored, bits, "frame {frame}");
    }
}

#[test]
fn frames_of_deflated_and_plain_fragments() {
    use flate2::{Compression, write::DeflateEncoder};
    use std::io::Write;
    let folder = folder();
    let plain: Vec<Vec<u8>> =
        [[1u16, 2, 3, 4], [5, 6, 7, 8]].map(|f| f.iter().flat_map(|v| v.to_le_bytes()).collect()).to_vec();
    let deflated = plain.iter().map(|frame| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(frame).expect("deflated");
        let mut bytes = encoder.finish().expect("deflated");
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes
    });
    for (syntax, fragments) in [
        (uids::DEFLATED_IMAGE_FRAME_COMPRESSION, deflated.collect()),
        (uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN, plain.clone()),
    ] {
        let mut film = Made::film(2, &[0; 4]);
        film.text(tags::NUMBER_OF_FRAMES, VR::IS, "2").fragments(fragments);
        let path = film.write_as(syntax, &folder.path().join("film"));
        assert_eq!(open_frame(&path, 2).expect("opens").stored, [5, 6, 7, 8], "{syntax}");
        assert!(open_frame(&path, 3).is_err());
    }
}

/// What the library encodes it decodes again, through us.
#[test]
fn jpeg_xl_without_loss() {
    use dicom_pixeldata::Transcode;
    use dicom_transfer_syntax_registry::{TransferSyntaxIndex, TransferSyntaxRegistry};
    let folder = folder();
    let values: Vec<u16> = (0..64 * 48).map(|i| (i * 37 % 4096) as u16).collect();
    let path = Made::film(64, &values).write(&folder.path().join("film"));
    let mut object = dicom_object::open_file(&path).expect("opens");
    let syntax = TransferSyntaxRegistry.get(uids::JPEGXL_LOSSLESS).expect("known");
    object.transcode(syntax).expect("encoded");
    object.write_to_file(&path).expect("written");
    let film = open(&path).expect("opens");
    assert_eq!(film.identity.encoding, uids::JPEGXL_LOSSLESS);
    let expected: Vec<i32> = values.iter().map(|v| i32::from(*v)).collect();
    assert_eq!(film.stored, expected);
}

/// A film of one grey takes less than a sixty-fourth of its size, the bound of some readers.
#[test]
fn jpeg_of_almost_nothing() {
    let folder = folder();
    let (side, mut jpeg) = (512, Vec::new());
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 50)
        .encode(&vec![77; side * side], side as u32, side as u32, image::ExtendedColorType::L8)
        .expect("encoded");
    assert!(64 * jpeg.len() < side * side, "{} bytes", jpeg.len());
    jpeg.resize(jpeg.len().next_multiple_of(2), 0);
    let mut film = Made::film(2, &[0; 4]);
    film.number(tags::ROWS, side as u16)
        .number(tags::COLUMNS, side as u16)
        .number(tags::BITS_ALLOCATED, 8)
        .number(tags::BITS_STORED, 8)
        .number(tags::HIGH_BIT, 7)
        .fragments(vec![jpeg]);
    let film = open(&film.write_as(uids::JPEG_BASELINE8_BIT, &folder.path().join("film"))).expect("opens");
    assert!(film.stored.iter().all(|v| (76..=78).contains(v)));
}

/// High-throughput JPEG 2000 of a pattern, made by OpenJPH 0.26.
const HIGH_THROUGHPUT: &str = "ff4fff5100294000000000080000000800000000000000000000000800000008000000000000000000010f0101ff50000800\
     020000000aff52000c00020001000504044001ff5c00132088909090909090909090909090888888ff64001700014f70656e\
     4a50482056657220302e32362e332eff90000a0000000000940001ff93c0002681fb050774000000c00012c0001340001280\
     a402077400b2fe02877400e500077400c000151000054c000138002890d400c2b4002571fa0f6e0146b40056f78500239400\
     c0002d280005ad0000adc6b2d133926da1ed94128900cea402585700c92e3846f37355015ec87b1cce71b839018fc8b1b700\
     9a46daeaaca6a9057d64c45600ffd9";

fn high_throughput(bytes: Vec<u8>) -> Made {
    let mut film = Made::film(8, &[0; 64]);
    film.number(tags::BITS_STORED, 16).number(tags::HIGH_BIT, 15).fragments(vec![bytes]);
    film
}

fn codestream() -> Vec<u8> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).expect("hexadecimal") as u8;
    let digits = HIGH_THROUGHPUT.as_bytes().chunks_exact(2);
    digits.map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
}

#[test]
fn high_throughput_jpeg_2000() {
    let folder = folder();
    let film = high_throughput(codestream());
    let film = open(&film.write_as(uids::HTJ2K_LOSSLESS, &folder.path().join("film"))).expect("opens");
    let pattern = |i: i32| 100 * (i % 8) + 37 * (i / 8) * (i / 8) + (i % 8) * (i / 8) % 5 * 11;
    assert_eq!(film.stored, (0..64).map(pattern).collect::<Vec<_>>());
}

/// Fuzzing brought an earlier decoder to abort while it freed what it had not allocated: no error, but the end of the
/// process, and so of this test.
#[test]
fn damaged_jpeg_2000_is_an_image_or_an_error() {
    let folder = folder();
    let whole = codestream();
    for at in 4..whole.len() {
        for flipped in [0xFF, 0x01, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= flipped;
            let film = high_throughput(bytes).write_as(uids::HTJ2K, &folder.path().join("film"));
            if let Err(error) = open(&film) {
                assert!(!error.to_string().contains("gave up"), "{error}");
            }
        }
        let cut = whole[..at & !1].to_vec();
        if let Err(error) = open(&high_throughput(cut).write_as(uids::HTJ2K, &folder.path().join("film"))) {
            assert!(!error.to_string().contains("gave up"), "{error}");
        }
    }
}
