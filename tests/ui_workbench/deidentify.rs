//! Text in the pixels is told of; parts are blacked out by mouse; the copy is written.

use super::archive::{Archive, flat};
use super::{Workbench, drag, film_point, study, wait, wait_for_label, workbench};
use coxa::imaging::{Presentation, Rectangle};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn opened(archive: Archive) -> Harness<'static, Workbench> {
    // SAFETY: every test that asks for a file says that there is no dialog; none says otherwise.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let mut harness = workbench(archive.shared(), vec!["film.dcm".into()]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    harness
}

/// A word of eight letters E along the upper border.
fn with_text() -> coxa::imaging::Radiograph {
    let mut film = flat(400, 400, 800);
    for glyph in 0..8 {
        for (y, x) in (0..14).flat_map(|y| (0..9).map(move |x| (y, x))) {
            if x < 2 || y % 6 < 2 {
                film.stored[(y + 10) * 400 + 20 + glyph * 14 + x] = 4095;
            }
        }
    }
    film
}

#[test]
fn burned_in_text_is_told_of() {
    let stated = Presentation { burned_in: Some(true), ..Presentation::default() };
    let harness = opened(Archive::film(flat(60, 60, 5), stated));
    assert!(harness.query_all_by_label_contains("text is burned into the pixels").next().is_some());
    let mut harness = opened(Archive::film(with_text(), Presentation::default()));
    wait_for_label(&mut harness, "likely text in the pixels");
}

#[test]
fn rectangles_drawn_by_mouse_are_black_in_the_copy() {
    let archive = Archive::film(with_text(), Presentation::default());
    let copies = archive.copies.clone();
    let mut harness = opened(archive);
    wait_for_label(&mut harness, "likely text in the pixels");
    harness.get_by_label("De-identify").click();
    harness.run_steps(3);
    harness.get_by_label("Black out likely text (1)").click();
    harness.run_steps(3);
    let (from, to) = (film_point(&harness, 200.0, 300.0), film_point(&harness, 260.0, 340.0));
    drag(&mut harness, from, to - from);
    assert!(harness.query_by_label("2 parts blacked out.").is_some());
    harness.get_by_label("keep sex and age").click();
    harness.get_by_label("Save copy …").click();
    harness.run_steps(3);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("copy.dcm");
    harness.get_by_label("Path of the copy").set_text_value_accesskit(&path.display().to_string());
    harness.run_steps(2);
    harness.get_by_label("Write copy").click();
    harness.step();
    wait_for_label(&mut harness, "Copy without identity written");
    let copies = copies.lock().expect("this test alone");
    let (output, options) = &copies[0];
    assert_eq!(output, &path);
    assert!(options.keep_characteristics && options.black.len() == 2, "{options:?}");
    let drawn = options.black[1];
    let near = |a: usize, b: usize| a.abs_diff(b) <= 2;
    assert!(
        near(drawn.x, 200) && near(drawn.y, 300) && near(drawn.width, 60) && near(drawn.height, 40),
        "{drawn:?}"
    );
    assert!(options.black[0].contains(&Rectangle { x: 30, y: 12, width: 60, height: 8 }));
}

/// A real file through the real engine: nothing of the patient is left in it.
#[test]
fn a_real_film_is_written_without_its_patient() {
    let Some(folder) = super::data("wg04/REF") else { return };
    // SAFETY: as above.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let mut harness = workbench(coxa::ui::services(), vec![folder.join("RG2_UNC")]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    harness.get_by_label("De-identify").click();
    harness.run_steps(3);
    let (from, to) = (film_point(&harness, 100.0, 100.0), film_point(&harness, 400.0, 300.0));
    drag(&mut harness, from, to - from);
    harness.get_by_label("Save copy …").click();
    harness.run_steps(3);
    let target = tempfile::tempdir().expect("a folder");
    let path = target.path().join("copy.dcm");
    harness.get_by_label("Path of the copy").set_text_value_accesskit(&path.display().to_string());
    harness.run_steps(2);
    harness.get_by_label("Write copy").click();
    harness.step();
    wait(&mut harness, "the copy", |_| path.exists());
    wait_for_label(&mut harness, "ritten");
    let bytes = std::fs::read(&path).expect("the copy");
    assert!(!bytes.windows(17).any(|window| window == b"CompressedSamples"), "the name is gone");
    let copy = coxa::imaging::open(&path).expect("an image");
    assert_eq!(copy.sample(250, 200), Some(0.0), "black");
    assert!(copy.sample(900, 1200).is_some_and(|value| value > 0.0), "the rest is there");
}
