//! Broken files: an error that names the file and the reason, or a warning and the image. Never a hang, never memory.

use crate::made::{Made, folder};
use coxa::imaging::{Missing, open};
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use std::fs;
use std::time::{Duration, Instant};

fn film() -> Vec<u8> {
    let folder = folder();
    let values: Vec<u16> = (0..64 * 64).collect();
    fs::read(Made::film(64, &values).write(&folder.path().join("film"))).expect("read")
}

fn opened(bytes: &[u8]) -> Result<coxa::imaging::Radiograph, String> {
    let folder = folder();
    let path = folder.path().join("broken film");
    fs::write(&path, bytes).expect("written");
    let start = Instant::now();
    let result = open(&path);
    assert!(start.elapsed() < Duration::from_secs(5));
    result.map_err(|error| {
        let line = error.to_string();
        assert!(line.contains("broken film"), "{line}");
        line
    })
}

#[test]
fn without_a_preamble_or_a_transfer_syntax() {
    let whole = film();
    let bare = opened(&whole[132..]).expect("opens");
    assert!(bare.warnings.iter().any(|w| w.contains("preamble")), "{:?}", bare.warnings);
    // The data set alone: after the meta group, whose length is in its first element.
    let length = u32::from_le_bytes([whole[140], whole[141], whole[142], whole[143]]) as usize;
    let dataset = opened(&whole[144 + length..]).expect("opens");
    assert!(dataset.warnings.iter().any(|w| w.contains("transfer syntax")), "{:?}", dataset.warnings);
    assert_eq!(dataset.stored, opened(&whole).expect("opens").stored);
}

#[test]
fn cut_off_anywhere() {
    let whole = film();
    for cut in (0..whole.len()).step_by(61) {
        match opened(&whole[..cut]) {
            Ok(film) => {
                assert!(matches!(film.missing, Some(Missing::Share(_))), "{cut}: {:?}", film.missing);
                assert!(film.is_whole().is_err_and(|missing| film.warnings.contains(&missing)));
            }
            Err(line) => assert!(!line.contains("gave up"), "{line}"),
        }
    }
    let half = opened(&whole[..whole.len() - 64 * 64]).expect("opens");
    assert_eq!(half.missing, Some(Missing::Share(0.5)));
    assert!(half.warnings.iter().any(|w| w.contains("50.0 %")), "{:?}", half.warnings);
    assert_eq!(opened(&whole).expect("opens").is_whole(), Ok(()));
}

#[test]
fn a_declared_size_is_checked_before_it_is_allocated() {
    for syntax in [
        uids::EXPLICIT_VR_LITTLE_ENDIAN,
        uids::RLE_LOSSLESS,
        uids::JPEG2000,
        uids::JPEG_BASELINE8_BIT,
        uids::JPEGLS_LOSSLESS,
        uids::JPEGXL,
        uids::DEFLATED_IMAGE_FRAME_COMPRESSION,
    ] {
        let folder = folder();
        let mut film = Made::film(2, &[0; 4]);
        film.number(tags::ROWS, 60_000).number(tags::COLUMNS, 60_000);
        if syntax != uids::EXPLICIT_VR_LITTLE_ENDIAN {
            film.fragments(vec![vec![0; 64]]);
        }
        let bytes = fs::read(film.write_as(syntax, &folder.path().join("film"))).expect("read");
        let line = opened(&bytes).expect_err("too large");
        assert!(line.contains("60000"), "{line}");
    }
}

#[test]
fn a_smaller_lie_is_no_bomb_either() {
    // Within our limit, far beyond the data: 9000 × 9000.
    for syntax in [uids::RLE_LOSSLESS, uids::JPEG2000, uids::JPEGXL, uids::DEFLATED_IMAGE_FRAME_COMPRESSION] {
        let folder = folder();
        let mut film = Made::film(2, &[0; 4]);
        film.number(tags::ROWS, 9000)
            .number(tags::COLUMNS, 9000)
            .fragments(vec![vec![1, 0, 0, 0, 64, 0, 0, 0]]);
        let bytes = fs::read(film.write_as(syntax, &folder.path().join("film"))).expect("read");
        assert!(opened(&bytes).is_err(), "{syntax}");
    }
}

#[test]
fn a_wrong_vr_or_value_costs_that_attribute() {
    let folder = folder();
    let mut film = Made::film(2, &[1, 2, 3, 4]);
    film.text(tags::WINDOW_CENTER, VR::LO, "soft tissue")
        .text(tags::WINDOW_WIDTH, VR::DS, "-")
        .text(tags::PIXEL_SPACING, VR::DS, "0,15\\0,15")
        .text(tags::RESCALE_SLOPE, VR::DS, "NaN");
    let film = open(&film.write(&folder.path().join("film"))).expect("opens");
    assert!(film.voi.is_empty());
    assert_eq!((film.spacing.row, film.modality_values()), (0.15, vec![1.0, 2.0, 3.0, 4.0]));
}

#[test]
fn nested_garbage_ends() {
    // A thousand sequences in one another, none of which ends.
    let mut bytes = film()[..132].to_vec();
    for _ in 0..1000 {
        bytes.extend([0x08, 0, 0x15, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        bytes.extend([0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    assert!(opened(&bytes).is_err());
}

/// A gateway that did not know the attributes wrote them as UN (PS3.5 6.2.2).
#[test]
fn attributes_of_unknown_representation_are_known_by_their_tag() {
    let folder = folder();
    let mut film = Made::film(2, &[1, 2, 3, 4]);
    film.bytes(tags::RESCALE_SLOPE, VR::UN, b"2 ")
        .bytes(tags::RESCALE_INTERCEPT, VR::UN, b"-1")
        .bytes(tags::PIXEL_PADDING_VALUE, VR::UN, &[4, 0])
        .bytes(tags::MODALITY, VR::UN, b"CR");
    let film = open(&film.write(&folder.path().join("film"))).expect("opens");
    assert_eq!((film.identity.modality.as_str(), film.padding), ("CR", Some((4, 4))));
    assert_eq!(film.modality_values(), [1.0, 3.0, 5.0, 7.0]);
}
