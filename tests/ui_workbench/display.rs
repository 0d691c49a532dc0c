//! Windows by name, overlays and shutter, the pixel probe.

use super::archive::{Archive, flat};
use super::{Workbench, film_point, wait, workbench};
use coxa::imaging::{Overlay, Presentation, Shutter, ShutterShape, VoiTransform, Window};
use coxa::ui::Services;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::sync::Arc;

fn archive() -> Arc<dyn Services> {
    let mut film = flat(100, 100, 1000);
    film.stored.iter_mut().enumerate().for_each(|(index, value)| *value = (index % 100) as i32 * 40);
    film.voi = vec![
        VoiTransform::Window(Window { center: 2000.0, width: 4000.0 }),
        VoiTransform::Window(Window { center: 300.0, width: 200.0 }),
    ];
    let overlay = Overlay {
        group: 0x6000,
        label: String::new(),
        rows: 10,
        columns: 10,
        origin: (40, 0),
        is_region: false,
        mask: vec![true; 100],
    };
    let shape = ShutterShape::Rectangle { left: 0.0, right: 79.0, top: 0.0, bottom: 99.0 };
    let presentation = Presentation {
        voi_names: vec!["BONE".into(), "SOFT".into()],
        overlays: vec![overlay],
        shutter: Some(Shutter { shapes: vec![shape], grey: 30 }),
        frames: 1,
        unit: "HU".into(),
        ..Presentation::default()
    };
    Archive::film(film, presentation).shared()
}

fn opened() -> Harness<'static, Workbench> {
    let mut harness = workbench(archive(), vec!["film.dcm".into()]);
    wait(&mut harness, "the film", |workbench| {
        workbench.films().current().is_some_and(|f| f.opened().is_some())
    });
    harness
}

#[test]
fn windows_are_chosen_by_name() {
    let mut harness = opened();
    harness.get_by_label("Window: BONE").click();
    harness.run_steps(3);
    for name in ["BONE", "SOFT", "Automatic", "Full range", "Bone", "Soft tissue"] {
        assert!(harness.query_all_by_label(name).next().is_some(), "{name}");
    }
    harness.get_by_label("SOFT").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Window: SOFT").is_some());
    assert!(harness.query_by_label("W 200  L 300  SOFT").is_some(), "the status line says so");
    // Shift+W walks on, W goes back to the file's first.
    harness.key_press_modifiers(Modifiers::SHIFT, Key::W);
    harness.run_steps(3);
    assert!(harness.query_by_label("Window: Automatic").is_some());
    harness.key_press(Key::W);
    harness.run_steps(3);
    assert!(harness.query_by_label("Window: BONE").is_some());
}

#[test]
fn the_probe_speaks_in_modality_units() {
    let mut harness = opened();
    let at = film_point(&harness, 50.0, 20.0);
    harness.hover_at(at);
    harness.run_steps(2);
    assert!(harness.query_by_label("x 50 y 20 = 2000 HU").is_some());
}

#[test]
fn overlays_of_the_file_are_shown_until_they_are_hidden() {
    let mut harness = opened();
    let grey = |harness: &Harness<'_, Workbench>, x, y| harness.state().shown_grey(film_point(harness, x, y));
    assert_eq!(grey(&harness, 5.0, 45.0), Some(255), "overlay");
    assert_eq!(grey(&harness, 90.0, 45.0), Some(30), "behind the shutter");
    let bare = grey(&harness, 5.0, 60.0).expect("film");
    assert!(bare < 40, "the film itself: {bare}");
    harness.get_by_label("Overlays of the file").click();
    harness.run_steps(3);
    assert!(grey(&harness, 5.0, 45.0).is_some_and(|grey| grey.abs_diff(bare) <= 1), "hidden");
    assert_eq!(grey(&harness, 90.0, 45.0), Some(30), "the shutter stays");
}

#[test]
fn tall_pixels_are_shown_tall() {
    let mut film = flat(100, 100, 1000);
    film.spacing.row = 2.0;
    let mut harness =
        workbench(Archive::film(film, Presentation::default()).shared(), vec!["film.dcm".into()]);
    wait(&mut harness, "the film", |workbench| {
        workbench.films().current().is_some_and(|f| f.opened().is_some())
    });
    let (a, b) = (film_point(&harness, 0.0, 0.0), film_point(&harness, 99.0, 99.0));
    harness.hover_at(b);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("x 99 y 99").is_some());
    assert!(((b.y - a.y) / (b.x - a.x) - 2.0).abs() < 0.01);
}
