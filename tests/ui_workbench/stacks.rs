//! Patients, studies and series; stacks are scrolled in the order of the body.

use super::archive::Archive;
use super::{Workbench, film_point, wait, wait_for_label, workbench};
use egui::{Event, Key, Modifiers, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn opened(count: usize) -> Harness<'static, Workbench> {
    let mut harness = workbench(Archive::coronal(count).shared(), vec!["folder".into()]);
    wait(&mut harness, "the middle slice", |workbench| shown(workbench).is_some());
    harness
}

/// The slice on the screen and its grey, once it is decoded.
fn shown(workbench: &Workbench) -> Option<(usize, i32)> {
    let film = workbench.films().current()?;
    Some((film.stack.shown(), film.opened()?.radiograph.stored[0]))
}

fn wheel(harness: &mut Harness<'_, Workbench>, notches: f32, modifiers: Modifiers) {
    let at = film_point(harness, 30.0, 20.0);
    harness.hover_at(at);
    harness.step();
    harness.event_modifiers(
        Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, notches),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers,
        },
        modifiers,
    );
    harness.run_steps(3);
}

#[test]
fn the_tree_says_whose_a_stack_is_and_lists_what_is_no_image() {
    let harness = opened(5);
    for words in ["Patient Doe, Jane · P1", "Study of 2026-03-17 · Hip", "Series 4 · MR · COR PD"] {
        assert!(harness.query_by_label(words).is_some(), "{words}");
    }
    assert!(harness.query_by_label("Study 5 coronal slices, new").is_some());
    let report = harness.query_by_label("Not an image: a structured report, sr.dcm 2026-03-17");
    assert!(report.is_some(), "listed with kind and date");
    assert_eq!(harness.state().films().iter().len(), 1, "one stack, not five films");
}

#[test]
fn a_stack_opens_at_its_middle_and_is_scrolled_by_wheel_keys_and_slider() {
    let mut harness = opened(5);
    assert_eq!(shown(harness.state()), Some((2, 300)));
    assert!(harness.query_by_label("Slice 3 of 5").is_some());
    assert!(harness.query_by_label("coronal · 0.0 mm · middle").is_some());

    harness.key_press(Key::PageDown);
    wait(&mut harness, "the next slice", |workbench| shown(workbench) == Some((3, 400)));
    assert!(harness.query_by_label("Slice 4 of 5").is_some());
    harness.key_press(Key::PageUp);
    wait(&mut harness, "the slice before", |workbench| shown(workbench) == Some((2, 300)));

    wheel(&mut harness, -2.0, Modifiers::NONE);
    wait(&mut harness, "two notches on", |workbench| shown(workbench) == Some((4, 500)));
    wheel(&mut harness, -1.0, Modifiers::NONE);
    assert_eq!(shown(harness.state()), Some((4, 500)), "the stack ends");
    let zoom =
        |harness: &Harness<'_, Workbench>| harness.state().films().current().unwrap().view.camera.zoom();
    let before = zoom(&harness);
    wheel(&mut harness, 1.0, Modifiers::COMMAND);
    assert!(zoom(&harness) > before && shown(harness.state()) == Some((4, 500)), "with Ctrl it zooms");

    harness.get_by_label("Slice on the screen").focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowLeft);
    wait(&mut harness, "one to the left", |workbench| shown(workbench) == Some((3, 400)));
    harness.key_press(Key::M);
    wait(&mut harness, "the middle coronal slice", |workbench| shown(workbench) == Some((2, 300)));
}

#[test]
fn each_slice_keeps_its_own_points() {
    let mut harness = opened(3);
    harness.get_by_label("TRC right: not placed").click();
    harness.run_steps(2);
    let at = film_point(&harness, 30.0, 20.0);
    harness.hover_at(at);
    harness.step();
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run_steps(3);
    assert!(harness.query_by_label("TRC right: corrected").is_some());
    harness.key_press(Key::PageDown);
    wait(&mut harness, "the next slice", |workbench| shown(workbench).is_some_and(|(slice, _)| slice == 2));
    assert!(harness.query_by_label("TRC right: not placed").is_some(), "not of this slice");
    harness.key_press(Key::PageUp);
    wait(&mut harness, "back", |workbench| shown(workbench).is_some_and(|(slice, _)| slice == 1));
    assert!(harness.query_by_label("TRC right: corrected").is_some());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert!(harness.query_by_label("TRC right: not placed").is_some(), "and its history");
}

#[test]
fn a_real_examination_is_one_stack_with_its_middle_offered() {
    let Some(folder) = super::data("mri") else { return };
    let mut harness = workbench(coxa::ui::services(), vec![folder]);
    wait(&mut harness, "the examination", |workbench| shown(workbench).is_some());
    let film = harness.state().films().current().expect("a film");
    let (count, middle) = (film.stack.len(), film.stack.middle());
    assert_eq!((count, harness.state().films().iter().len()), (17, 1));
    assert_eq!(film.stack.shown(), middle);
    wait_for_label(&mut harness, &format!("Slice {} of {count}", middle + 1));
    for index in (0..count).rev() {
        harness.get_by_label("Slice on the screen").focus();
        harness.key_press(if index >= middle { Key::PageDown } else { Key::PageUp });
        harness.run_steps(2);
    }
    wait(&mut harness, "the last one wanted", |workbench| {
        workbench.films().current().is_some_and(|film| film.stack.shown() == film.stack.wanted())
    });
}
