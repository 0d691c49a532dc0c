//! The window's frame: menus, keys that a person changed, languages, turns, films beside each other, free measurements,
//! points in order, exercises.

use super::*;
use coxa::ui::Action;
use egui_kittest::kittest::NodeT;
use std::sync::Mutex;

fn key(harness: &mut Harness<'_, Workbench>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

fn press(harness: &mut Harness<'_, Workbench>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(4);
}

fn truth(code: LandmarkCode, side: Side) -> coxa::measure::Point {
    let landmarks = &simulate::demo().landmarks;
    landmarks.position(code, side).expect("a landmark of the demo")
}

/// Clicks as a screen reader does: also what is scrolled out of sight.
fn choose(harness: &mut Harness<'_, Workbench>, label: &str) {
    harness.get_by_label(label).click_accesskit();
    harness.run_steps(4);
}

#[test]
fn the_menu_holds_every_action_and_does_it() {
    let mut harness = opened(Quick::shared());
    press(&mut harness, "Menu");
    // The panel of findings has a label of that name.
    harness.get_by_role_and_label(egui::accesskit::Role::Button, "View").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(egui::accesskit::Role::MenuItem, "Invert").click();
    harness.run_steps(4);
    assert!(harness.state().films().current().expect("a film").view.invert);
    assert!(harness.state().is_on(Action::Invert));
}

/// Arrows move a point as the hand sees it, also on a film that lies on its side.
#[test]
fn a_turned_film_is_corrected_as_it_is_seen() {
    let mut harness = analysed(Quick::shared());
    let turn = |harness: &Harness<'_, Workbench>| {
        let turn = harness.state().films().current().expect("a film").view.camera.turn();
        (turn.degrees(), turn.is_mirrored())
    };
    key(&mut harness, Modifiers::NONE, Key::R);
    assert_eq!(turn(&harness), (90, false));
    key(&mut harness, Modifiers::NONE, Key::Tab);
    let id = LandmarkId::infant()[0].clone();
    let at = |harness: &Harness<'_, Workbench>| {
        let landmarks = &study(harness.state()).expect("a study").annotations().landmarks;
        landmarks.get(&id).and_then(Landmark::position).expect("placed")
    };
    let before = at(&harness);
    key(&mut harness, Modifiers::NONE, Key::ArrowRight);
    let after = at(&harness);
    assert!(
        (after.x - before.x).abs() < 1e-6 && (after.y - before.y + 1.0).abs() < 1e-6,
        "{before:?} {after:?}"
    );
    key(&mut harness, Modifiers::NONE, Key::H);
    assert!(turn(&harness).1);
    key(&mut harness, Modifiers::SHIFT, Key::V);
    assert_eq!(turn(&harness), (0, false));
}

#[test]
fn a_key_can_be_changed_conflicts_are_said_and_the_change_is_kept() {
    let kept = Arc::new(Mutex::new(None));
    let mut harness = opened(Arc::new(Quick { kept: Arc::clone(&kept), ..Quick::new() }));
    key(&mut harness, Modifiers::NONE, Key::F1);
    // F has an action already.
    choose(&mut harness, "Key of Invert: I");
    key(&mut harness, Modifiers::NONE, Key::F);
    assert!(says(&harness, "F belongs to “Fit”"));
    press(&mut harness, "Leave it");
    choose(&mut harness, "Key of Invert: I");
    key(&mut harness, Modifiers::NONE, Key::J);
    assert!(says(&harness, "Key of Invert: J"));
    key(&mut harness, Modifiers::NONE, Key::Escape);
    let inverted = |harness: &Harness<'_, Workbench>| harness.state().is_on(Action::Invert);
    key(&mut harness, Modifiers::NONE, Key::I);
    assert!(!inverted(&harness), "the old key is free");
    key(&mut harness, Modifiers::NONE, Key::J);
    assert!(inverted(&harness));
    // The next run begins with it: `Keymap::with` reads what is kept. It cannot be pressed here, since this harness makes
    // a context of its own after the window has installed its keys in another.
    let kept = kept.lock().expect("no panic");
    let keys = &kept.as_ref().expect("preferences").keys;
    assert_eq!(keys.get("Invert"), Some(&vec!["J".to_owned()]), "{keys:?}");
}

/// Turns the wheel over the list of keys until that button can be seen, and presses it with the mouse.
fn press_with_the_mouse(harness: &mut Harness<'_, Workbench>, label: &str) {
    // Within the list, which is as tall as the window lets it be.
    let seen = egui::Rect::from_min_max(egui::pos2(0.0, 200.0), egui::pos2(1440.0, 780.0));
    for _ in 0..60 {
        let at = harness.get_by_label(label).rect().center();
        if seen.contains(at) {
            click(harness, at);
            return;
        }
        harness.hover_at(seen.center());
        harness.step();
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: egui::vec2(0.0, if at.y > seen.center().y { -3.0 } else { 3.0 }),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(12);
    }
    panic!("{label} does not come into sight");
}

#[test]
fn a_key_is_changed_with_the_mouse_alone() {
    let kept = Arc::new(Mutex::new(None));
    let mut harness = opened(Arc::new(Quick { kept: Arc::clone(&kept), ..Quick::new() }));
    key(&mut harness, Modifiers::NONE, Key::F1);
    for (from, to, name) in [(Key::J, "J", "Invert"), (Key::F9, "F9", "Save a version")] {
        let button = format!("Key of {name}: ");
        let label =
            harness.query_all_by_label_contains(&button).find_map(|node| node.accesskit_node().label());
        let label = label.expect("a button of that action");
        press_with_the_mouse(&mut harness, &label);
        assert!(says(&harness, &format!("Key of {name}: press a key")), "{name} waits for its key");
        key(&mut harness, Modifiers::NONE, from);
        assert!(says(&harness, &format!("Key of {name}: {to}")), "{name}");
    }
    press_with_the_mouse(&mut harness, "Reset key of Invert");
    let kept = kept.lock().expect("no panic");
    let keys = &kept.as_ref().expect("preferences").keys;
    assert_eq!(keys.keys().collect::<Vec<_>>(), ["SaveVersion"], "{keys:?}");
}

#[test]
fn the_window_speaks_german_when_it_is_told_to() {
    let mut harness = opened(Quick::shared());
    key(&mut harness, Modifiers::COMMAND, Key::Comma);
    press(&mut harness, "Language: English");
    press(&mut harness, "Deutsch");
    assert!(says(&harness, "Sprache: Deutsch"));
    assert!(says(&harness, "Analysieren") && says(&harness, "Messpunkte"));
}

#[test]
fn a_length_is_clicked_measured_and_taken_back() {
    let mut harness = opened(Quick::shared());
    key(&mut harness, Modifiers::NONE, Key::L);
    assert!(says(&harness, "Click one end"));
    let (a, b) = (film_point(&harness, 100.0, 120.0), film_point(&harness, 200.0, 120.0));
    click(&mut harness, a);
    assert!(says(&harness, "Click the other end"));
    click(&mut harness, b);
    let free = |harness: &Harness<'_, Workbench>| {
        let study = study(harness.state()).expect("a study");
        let ids: Vec<_> = study.annotations().free.keys().copied().collect();
        ids.iter().map(|id| study.free_value(*id).expect("there").expect("a value").value).collect::<Vec<_>>()
    };
    let column = study(harness.state()).expect("a study").spacing().column;
    let lengths = free(&harness);
    assert_eq!(lengths.len(), 1);
    assert!((lengths[0] - 100.0 * column).abs() < 1.5 * column, "{lengths:?} at {column} mm");
    key(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!(free(&harness).is_empty());
}

#[test]
fn points_are_placed_in_order_from_nothing() {
    let mut harness = opened(Quick::shared());
    key(&mut harness, Modifiers::SHIFT, Key::A);
    assert!(harness.state().is_on(Action::PlaceInOrder));
    let ids = LandmarkId::infant();
    // Over the film stands which point the next click sets.
    let named = |harness: &Harness<'_, Workbench>, words: &str| {
        painted(harness).iter().any(|(text, _)| text.starts_with(words))
    };
    assert!(named(&harness, "Place: right TRC (") && !named(&harness, "Place: right SMA"));
    for id in &ids[..2] {
        let point = truth(id.code.clone(), id.side.expect("a side"));
        let at = film_point(&harness, point.x, point.y);
        click(&mut harness, at);
    }
    assert!(named(&harness, "Place: right HP ("));
    key(&mut harness, Modifiers::NONE, Key::X);
    assert!(named(&harness, "Place: right FH ("));
    let landmarks = &study(harness.state()).expect("a study").annotations().landmarks;
    assert!(ids[..2].iter().all(|id| landmarks.get(id).and_then(Landmark::position).is_some()));
    assert!(
        landmarks.get(&ids[2]).is_some_and(|landmark| landmark.position().is_none()),
        "absent, and the next comes"
    );
    assert!(landmarks.get(&ids[3]).is_none());
    assert!(harness.state().is_on(Action::PlaceInOrder));
}

/// The prediction is neither seen nor said until the trainee is compared with it.
#[test]
fn a_trainee_places_blind_and_is_scored() {
    let mut harness = analysed(Quick::shared());
    assert!(says(&harness, "Point TRC right"));
    key(&mut harness, Modifiers::NONE, Key::T);
    assert!(!says(&harness, "Point TRC right") && !says(&harness, "AI right"), "nothing is given away");
    let landmarks = simulate::demo().landmarks.clone();
    for id in LandmarkId::infant() {
        match landmarks.get(&id).and_then(Landmark::position) {
            Some(point) => {
                let at = film_point(&harness, point.x, point.y);
                click(&mut harness, at);
            }
            None => press(&mut harness, "Mark absent"),
        }
    }
    press(&mut harness, "Compare with the network");
    assert!(says(&harness, "off on average"));
    assert!(says(&harness, "Compared with truth 1"));
    press(&mut harness, "End exercise");
    assert!(says(&harness, "Point TRC right"));
    assert!(
        study(harness.state()).expect("a study").corrections().is_empty(),
        "an exercise corrects nothing"
    );
}

#[test]
fn two_films_stand_beside_each_other_and_the_hand_goes_over() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, grey) in [("a.png", 60u8), ("b.png", 180)] {
        let picture =
            image::GrayImage::from_fn(300, 200, |x, _| image::Luma([grey.saturating_add((x / 8) as u8)]));
        picture.save(folder.path().join(name)).expect("written");
    }
    let mut harness = workbench(Quick::shared(), vec![folder.path().to_path_buf()]);
    wait(&mut harness, "both films", |workbench| {
        workbench.films().iter().len() == 2 && study(workbench).is_some()
    });
    key(&mut harness, Modifiers::COMMAND, Key::Num2);
    wait(&mut harness, "the film beside", |workbench| {
        workbench.films().iter().all(|film| film.opened().is_some())
    });
    assert!(says(&harness, "Film a.png"));
    let beside = harness.get_by_label("Beside it: b.png").rect();
    let main = harness.get_by_label("Film a.png").rect();
    assert!(!beside.intersects(main) && (beside.width() - main.width()).abs() < 1.0);
    click(&mut harness, beside.center());
    assert_eq!(harness.state().films().current().expect("a film").name(), "b.png");
    assert!(says(&harness, "Beside it: a.png"), "each stays in its place");
    key(&mut harness, Modifiers::COMMAND, Key::Num1);
    assert!(!says(&harness, "Beside it:"));
}

/// Pictures drawn within a rectangle of the screen: films and masks, each with a texture of its own.
fn pictures(harness: &Harness<'_, Workbench>, room: egui::Rect) -> usize {
    fn count(shape: &egui::Shape, room: egui::Rect) -> usize {
        let own = |texture: egui::TextureId| texture != egui::TextureId::default();
        let inside = |rect: egui::Rect| rect.is_positive() && room.contains(rect.center());
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().map(|shape| count(shape, room)).sum(),
            egui::Shape::Mesh(mesh) => usize::from(own(mesh.texture_id) && inside(mesh.calc_bounds())),
            egui::Shape::Rect(rect) => {
                let textured = rect.brush.as_ref().is_some_and(|brush| own(brush.fill_texture_id));
                usize::from(textured && inside(rect.rect))
            }
            _ => 0,
        }
    }
    harness.output().shapes.iter().map(|clipped| count(&clipped.shape, room)).sum()
}

#[test]
fn a_mask_is_seen_in_every_pane() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["a.png", "b.png"] {
        image::GrayImage::from_pixel(300, 300, image::Luma([90]))
            .save(folder.path().join(name))
            .expect("written");
    }
    let mut harness = workbench(Quick::shared(), vec![folder.path().to_path_buf()]);
    wait(&mut harness, "both films", |workbench| {
        workbench.films().iter().len() == 2 && study(workbench).is_some()
    });
    key(&mut harness, Modifiers::COMMAND, Key::Num2);
    wait(&mut harness, "the film beside", |workbench| {
        workbench.films().iter().all(|film| film.opened().is_some())
    });
    key(&mut harness, Modifiers::COMMAND, Key::L);
    let [here, beside] = ["Film a.png", "Beside it: b.png"].map(|label| harness.get_by_label(label).rect());
    assert_eq!((pictures(&harness, here), pictures(&harness, beside)), (1, 1));
    key(&mut harness, Modifiers::NONE, Key::B);
    drag(&mut harness, here.center(), egui::vec2(40.0, 0.0));
    key(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!((pictures(&harness, here), pictures(&harness, beside)), (2, 1));
    // The hand goes over; the mask stays where it was painted.
    click(&mut harness, beside.center());
    assert!(says(&harness, "Beside it: a.png"));
    assert_eq!((pictures(&harness, here), pictures(&harness, beside)), (2, 1));
    assert!(harness.state().is_on(Action::ToggleMasks));
    key(&mut harness, Modifiers::NONE, Key::G);
    let hidden = !harness.state().is_on(Action::ToggleMasks);
    assert_eq!((hidden, pictures(&harness, here)), (true, 1), "and go together");
}

/// What both films share zooms together.
#[test]
fn linked_films_zoom_together() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, side) in [("a.png", 200), ("b.png", 400)] {
        image::GrayImage::from_pixel(side, side, image::Luma([90]))
            .save(folder.path().join(name))
            .expect("written");
    }
    let mut harness = workbench(Quick::shared(), vec![folder.path().to_path_buf()]);
    wait(&mut harness, "both films", |workbench| {
        workbench.films().iter().len() == 2 && study(workbench).is_some()
    });
    key(&mut harness, Modifiers::COMMAND, Key::Num2);
    wait(&mut harness, "the film beside", |workbench| {
        workbench.films().iter().all(|film| film.opened().is_some())
    });
    key(&mut harness, Modifiers::COMMAND, Key::L);
    let zooms = |harness: &Harness<'_, Workbench>| {
        harness.state().films().iter().map(|film| film.view.camera.zoom()).collect::<Vec<_>>()
    };
    let before = zooms(&harness);
    let from = harness.get_by_label("Film a.png").rect().center();
    harness.hover_at(from);
    harness.step();
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: egui::vec2(0.0, 3.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(20);
    let after = zooms(&harness);
    let factors = [after[0] / before[0], after[1] / before[1]];
    assert!(factors[0] > 1.05 && (factors[0] / factors[1] - 1.0).abs() < 0.01, "{factors:?}");
}
