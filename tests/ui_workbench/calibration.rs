//! Millimetres by a line, a sphere, a magnification: shown, undone, compared.

use super::archive::{Archive, with_sphere};
use super::{Workbench, click, drag, film_point, says, study, wait, workbench};
use coxa::imaging::{Presentation, StatedSpacing};
use coxa::measure::{Spacing, SpacingStatus};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn square(mm: f64, status: SpacingStatus) -> Spacing {
    Spacing { row: mm, column: mm, status }
}

/// A film of 300 × 400 pixels with a ball of 40 pixels radius, 0.15 mm at the detector and 0.125 mm by its header.
fn opened() -> Harness<'static, Workbench> {
    let mut film = with_sphere(300, 400, (90.0, 200.0), 40.0);
    film.spacing = square(0.125, SpacingStatus::Corrected);
    let spacing = StatedSpacing {
        detector: Some(square(0.15, SpacingStatus::Detector)),
        patient: Some(square(0.125, SpacingStatus::Corrected)),
        magnified: None,
    };
    let presentation = Presentation { frames: 1, spacing, ..Presentation::default() };
    let mut harness = workbench(Archive::film(film, presentation).shared(), vec!["film.dcm".into()]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    harness
}

fn spacing(harness: &Harness<'_, Workbench>) -> Spacing {
    study(harness.state()).expect("a study").spacing()
}

/// Types into a field of the tool and calibrates.
fn type_in(harness: &mut Harness<'_, Workbench>, field: &str, text: &str) {
    harness.get_by_label(field).focus();
    harness.run_steps(2);
    harness.get_by_label(field).type_text(text);
    harness.run_steps(2);
    harness.get_by_label("Calibrate").click();
    harness.run_steps(3);
}

/// Opens the menu and takes the tool.
fn take(harness: &mut Harness<'_, Workbench>, tool: &str) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.get_by_label("Find a command").type_text(tool);
    harness.run_steps(2);
    harness.get_by_label(&format!("Command {tool}")).click();
    harness.run_steps(3);
}

#[test]
fn a_sphere_is_found_from_a_click_and_undone() {
    let mut harness = opened();
    assert!(harness.query_by_label("0.125 mm, corrected for depth by the file").is_some());
    take(&mut harness, "Calibrate by sphere");
    let beside = film_point(&harness, 300.0, 60.0);
    click(&mut harness, beside);
    assert!(harness.query_by_label_contains("no sphere found there").is_some());
    let inside = film_point(&harness, 100.0, 190.0);
    click(&mut harness, inside);
    assert!(harness.query_by_label_contains("px across, 10.0 mm by the header").is_some());
    // A button fills the field in; nothing is assumed.
    harness.get_by_label("Diameter 25 mm").click();
    harness.run_steps(2);
    harness.get_by_label("Calibrate").click();
    harness.run_steps(3);
    let found = spacing(&harness);
    assert!((found.column - 25.0 / 80.0).abs() < 0.003, "{found:?}");
    assert_eq!(found.status, SpacingStatus::Calibrated);
    assert!(says(&harness, "calibrated by a sphere of 25.0 mm"));
    assert!(says(&harness, "the sphere disagree by 150 %"), "header against sphere");

    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(spacing(&harness), square(0.125, SpacingStatus::Corrected));
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    harness.run_steps(2);
    assert_eq!(spacing(&harness), found);
    take(&mut harness, "Remove calibration");
    assert_eq!(spacing(&harness).column, 0.125);
}

#[test]
fn a_line_of_known_length_calibrates_and_agreeing_sources_say_nothing() {
    let mut harness = opened();
    harness.key_press(Key::C);
    harness.run_steps(2);
    let (from, to) = (film_point(&harness, 200.0, 100.0), film_point(&harness, 300.0, 100.0));
    drag(&mut harness, from, to - from);
    assert!(harness.query_by_label("100.0 px long").is_some());
    type_in(&mut harness, "Length in millimetres", "12,5");
    assert!((spacing(&harness).column - 0.125).abs() < 2e-4, "{:?}", spacing(&harness));
    assert!(says(&harness, "calibrated by a line of 12.5 mm"));
    assert!(!says(&harness, "disagree"));
    // Escape puts the tool away.
    harness.key_press(Key::C);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("Drag along a ruler").is_some());
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("Drag along a ruler").is_none());
}

#[test]
fn a_typed_magnification_divides_the_detector_and_not_the_header() {
    let mut harness = opened();
    take(&mut harness, "Calibrate by magnification");
    type_in(&mut harness, "Magnification factor", "7");
    assert!(harness.query_by_label_contains("a magnification is a number from 1 to 3").is_some());
    assert_eq!(spacing(&harness).column, 0.125, "nothing changed");
    harness.get_by_label("Close tool").click();
    harness.run_steps(2);
    take(&mut harness, "Calibrate by magnification");
    type_in(&mut harness, "Magnification factor", "1.2");
    let found = spacing(&harness);
    assert!((found.column - 0.125).abs() < 1e-12 && found.status == SpacingStatus::Ermf, "{found:?}");
    assert!(says(&harness, "by a magnification of 1.20"));
}
