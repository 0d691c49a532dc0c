//! The display chain of PS3.3 C.11 on files: every function, several windows, tables, overlays, shutters.

use crate::made::{Made, folder};
use coxa::imaging::{VoiFunction, VoiTransform, open_presented};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

#[test]
fn windows_have_names_and_one_function() {
    let folder = folder();
    for (function, expected) in [
        ("LINEAR", VoiFunction::Linear),
        ("LINEAR_EXACT", VoiFunction::LinearExact),
        ("SIGMOID", VoiFunction::Sigmoid),
    ] {
        let mut film = Made::film(3, &[0, 1000, 2000]);
        film.text(tags::WINDOW_CENTER, VR::DS, "1000\\500\\7")
            .text(tags::WINDOW_WIDTH, VR::DS, "2000\\1000\\0")
            .text(tags::WINDOW_CENTER_WIDTH_EXPLANATION, VR::LO, "BONE\\\\NONE")
            .text(tags::VOILUT_FUNCTION, VR::CS, function);
        let (film, shown) = open_presented(&film.write(&folder.path().join("film")), 1).expect("opens");
        assert_eq!(shown.voi_names, ["BONE", "Window 2"], "a width of 0 is no window");
        assert_eq!(shown.voi("bone"), Some(0));
        assert_eq!((film.voi_function, film.voi.len()), (expected, 2));
        let grey = film.present(&film.voi[0], false);
        // PS3.3 C.11.2.1.2.1 and C.11.2.1.3 by hand.
        let by_hand = match expected {
            VoiFunction::Linear => [0, 128, 255],
            VoiFunction::LinearExact => [0, 128, 255],
            VoiFunction::Sigmoid => [30, 128, 225],
        };
        assert_eq!(grey, by_hand, "{function}");
    }
}

#[test]
fn tables_come_before_windows_and_take_signed_input() {
    let folder = folder();
    let mut table = Made::empty();
    table
        .words(tags::LUT_DESCRIPTOR, VR::SS, &[3, -1i16 as u16, 8])
        .words(tags::LUT_DATA, VR::OW, &[0, 100, 255])
        .text(tags::LUT_EXPLANATION, VR::LO, "HARD");
    let mut film = Made::film(4, &[0xFFE, 0xFFF, 0, 1]);
    film.number(tags::PIXEL_REPRESENTATION, 1)
        .items(tags::VOILUT_SEQUENCE, vec![table])
        .text(tags::WINDOW_CENTER, VR::DS, "0")
        .text(tags::WINDOW_WIDTH, VR::DS, "10");
    let (film, shown) = open_presented(&film.write(&folder.path().join("film")), 1).expect("opens");
    assert_eq!(shown.voi_names, ["HARD", "Window 2"]);
    assert_eq!(film.present(&film.voi[0], false), [0, 0, 100, 255]);
    assert!(matches!(film.voi[1], VoiTransform::Window(_)));
}

#[test]
fn overlays_and_shutter_are_drawn() {
    let folder = folder();
    let mut film = Made::film(4, &[2000; 16]);
    let overlay = |element| Tag(0x6000, element);
    film.number(overlay(0x0010), 2)
        .number(overlay(0x0011), 2)
        .text(overlay(0x0040), VR::CS, "G")
        .words(overlay(0x0050), VR::SS, &[1, 2])
        .number(overlay(0x0100), 1)
        .number(overlay(0x0102), 0)
        .bytes(overlay(0x3000), VR::OB, &[0b0110, 0])
        .text(tags::SHUTTER_SHAPE, VR::CS, "RECTANGULAR")
        .text(tags::SHUTTER_LEFT_VERTICAL_EDGE, VR::IS, "1")
        .text(tags::SHUTTER_RIGHT_VERTICAL_EDGE, VR::IS, "4")
        .text(tags::SHUTTER_UPPER_HORIZONTAL_EDGE, VR::IS, "1")
        .text(tags::SHUTTER_LOWER_HORIZONTAL_EDGE, VR::IS, "3")
        .number(tags::SHUTTER_PRESENTATION_VALUE, 0x4000);
    let (film, shown) = open_presented(&film.write(&folder.path().join("film")), 1).expect("opens");
    let mut grey = vec![9; 16];
    shown.draw(&mut grey, film.rows, film.columns);
    assert_eq!(grey, [9, 9, 255, 9, 9, 255, 9, 9, 9, 9, 9, 9, 64, 64, 64, 64]);
}

#[test]
fn a_damaged_overlay_costs_itself_only() {
    let folder = folder();
    let mut film = Made::film(4, &[2000; 16]);
    film.number(Tag(0x6002, 0x0010), 60_000)
        .number(Tag(0x6002, 0x0011), 60_000)
        .text(Tag(0x6002, 0x0040), VR::CS, "G")
        .words(Tag(0x6002, 0x0050), VR::SS, &[1, 1])
        .bytes(Tag(0x6002, 0x3000), VR::OB, &[1, 0]);
    let (film, shown) = open_presented(&film.write(&folder.path().join("film")), 1).expect("opens");
    assert!(shown.overlays.is_empty());
    assert!(film.warnings.iter().any(|w| w.contains("overlay")), "{:?}", film.warnings);
}

/// Bit 15 draws a cross over values of 12 bits; bits that no overlay names are nothing.
#[test]
fn an_overlay_in_the_unused_bits_is_drawn() {
    let folder = folder();
    let drawn = |i: u16| i % 4 == 1 || i / 4 == 2;
    let values: Vec<u16> = (0..16).map(|i| i | u16::from(drawn(i)) << 15 | 1 << 12).collect();
    let mut film = Made::film(4, &values);
    film.number(Tag(0x6000, 0x0010), 4)
        .number(Tag(0x6000, 0x0011), 4)
        .text(Tag(0x6000, 0x0040), VR::CS, "G")
        .words(Tag(0x6000, 0x0050), VR::SS, &[1, 1])
        .number(Tag(0x6000, 0x0100), 16)
        .number(Tag(0x6000, 0x0102), 15);
    let (film, shown) = open_presented(&film.write(&folder.path().join("film")), 1).expect("opens");
    assert_eq!(film.stored, (0..16).collect::<Vec<i32>>());
    let mut grey = vec![0; 16];
    shown.draw(&mut grey, 4, 4);
    assert_eq!(grey, (0..16).map(|i| if drawn(i) { 255 } else { 0 }).collect::<Vec<u8>>());
}
