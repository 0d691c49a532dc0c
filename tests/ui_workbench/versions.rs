//! Saved versions: listed, looked at without touching today, restored as a step, and refused where the film is locked.

use super::library::{edited, films, press, safe, say_who, state, window};
use super::{Quick, drag, says, study, wait_for_label, workbench};
use coxa::library::Home;
use coxa::ui::{Action, Workbench};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::sync::Arc;

fn look_at_the_first(harness: &mut Harness<'_, Workbench>) {
    wait_for_label(harness, "Saved versions");
    press(harness, "Saved versions");
    wait_for_label(harness, "Look at version 1");
    press(harness, "Look at version 1");
    wait_for_label(harness, "to be read only");
    harness.run_steps(3);
}

#[test]
fn an_old_version_is_looked_at_restored_and_the_restoring_taken_back() {
    let (folder, films) = films(1);
    let home = folder.path().join("home");
    let mut harness = edited(&home, &films);
    let today = state(&harness);
    say_who(&mut harness, "A. Reader");

    // Looking: the version of then, its numbers against today's, and no way to change it.
    look_at_the_first(&mut harness);
    let old = state(&harness);
    assert_ne!(old.landmarks, today.landmarks);
    assert!(says(&harness, "Version 1: to be read only"), "who and when");
    assert!(
        says(&harness, "From version 1 to today") && says(&harness, "AI right +"),
        "the change of each angle"
    );
    assert!(!harness.state().can(Action::Analyse) && !harness.state().can(Action::Export));
    let roof = harness.get_by_label_contains("Point SMA right, predicted").rect().center();
    drag(&mut harness, roof, egui::vec2(30.0, 0.0));
    assert_eq!(state(&harness), old, "an old version does not change");
    wait_for_label(&mut harness, "Not changed: read only: this is version 1");

    // Escape goes back to today, and nothing was done to it.
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(state(&harness), today);
    assert!(!says(&harness, "to be read only"));

    // Restoring: what stood today is a version now, and so is what stands.
    look_at_the_first(&mut harness);
    press(&mut harness, "Restore this version");
    wait_for_label(&mut harness, "Version 1 restored; it is version 3 now");
    assert_eq!(state(&harness), old);
    assert_eq!(
        study(harness.state()).expect("a study").history().undoable().as_deref(),
        Some("restoring version 1")
    );
    press(&mut harness, "Saved versions");
    wait_for_label(&mut harness, "Look at version 3");
    assert!(says(&harness, "move of SMA-R") && says(&harness, "restoring version 1"), "what was done");
    harness.key_press(Key::Escape);
    harness.run_steps(3);

    // One step back, as for any other.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    safe(&mut harness);
    assert_eq!(state(&harness), today);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    safe(&mut harness);
    assert_eq!(state(&harness), old);
    drop(harness);
    assert_eq!(state(&window(&home, vec![films])), old, "and it is kept");
}

#[test]
fn what_is_locked_is_not_restored_and_says_why() {
    let (folder, films) = films(1);
    let home = folder.path().join("home");
    let mut harness = edited(&home, &films);
    say_who(&mut harness, "A. Reader");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    safe(&mut harness);
    let signed = state(&harness);
    look_at_the_first(&mut harness);
    press(&mut harness, "Restore this version");
    assert!(says(&harness, "Not changed: signed off by A. Reader: unlock it first"));
    assert!(says(&harness, "to be read only"), "it goes on being looked at");
    press(&mut harness, "Back to today");
    assert_eq!(state(&harness), signed);

    // Another window looks, and changes nothing either.
    let services = Arc::new(Quick { home: Some(home), ..Quick::new() });
    let mut second = workbench(services, vec![films]);
    wait_for_label(&mut second, "Read only: open in another window");
    look_at_the_first(&mut second);
    press(&mut second, "Restore this version");
    assert!(says(&second, "Not changed: read only"));
    drop(harness);
}

#[test]
fn a_film_without_versions_says_so_and_a_damaged_one_is_told() {
    let (folder, films) = films(1);
    let home = folder.path().join("home");
    let mut harness = window(&home, vec![films.clone()]);
    press(&mut harness, "Saved versions");
    wait_for_label(&mut harness, "No version has been saved yet");
    drop(harness);
    let mut harness = edited(&home, &films);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    wait_for_label(&mut harness, "Version 2 saved");
    let studies = std::fs::read_dir(Home::at(&home).expect("a home").studies()).expect("studies").flatten();
    for study in studies {
        std::fs::write(study.path().join("study-0001.json"), b"{").expect("damaged");
    }
    press(&mut harness, "Saved versions");
    wait_for_label(&mut harness, "Look at version 2");
    assert!(says(&harness, "cannot be read"));
    assert!(harness.query_by_label("Look at version 1").is_none());
}
