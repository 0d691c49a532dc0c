//! Points by hand: keys, drags, clicks however quick.

use super::{Quick, analysed, index, opened, study};
use coxa::measure::{LandmarkCode, LandmarkId, Origin, Side};
use coxa::ui::Workbench;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

/// Press and release in one frame, as a slow machine sees a quick hand.
fn quick_click(harness: &mut Harness<'_, Workbench>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    for pressed in [true, false] {
        harness.input_mut().events.push(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    harness.step();
    harness.run_steps(3);
}

#[test]
fn the_keyboard_alone_corrects_a_point() {
    let mut harness = analysed(Quick::shared());
    let before = index(harness.state(), Side::Right);
    // TRC right, then SMA right; a fast hand presses twice before the window has settled.
    for _ in 0..2 {
        for pressed in [true, false] {
            harness.input_mut().events.push(egui::Event::Key {
                key: Key::Tab,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers: Modifiers::NONE,
            });
        }
        harness.step();
    }
    harness.run_steps(2);
    let place = |harness: &Harness<'_, Workbench>| {
        let landmarks = &study(harness.state()).expect("a study").annotations().landmarks;
        landmarks.position(LandmarkCode::SMA, Side::Right)
    };
    let start = place(&harness).expect("SMA");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    harness.run_steps(2);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
    harness.run_steps(2);
    let moved = place(&harness).expect("SMA");
    assert!(
        (moved.y - (start.y - 10.0)).abs() < 1e-9 && (moved.x - (start.x + 1.1)).abs() < 1e-9,
        "{moved:?}"
    );
    assert!(index(harness.state(), Side::Right) > before);

    harness.key_press(Key::Backspace);
    harness.run_steps(2);
    assert_eq!(place(&harness), Some(start), "reset to the prediction");
    harness.key_press(Key::X);
    harness.run_steps(2);
    assert_eq!(place(&harness), None, "absent");
    assert!(harness.query_by_label_contains("AI right not measured").is_some());
    // Three nudges, the reset and the absence: five steps back, no more.
    for _ in 0..5 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run_steps(2);
    }
    assert_eq!(place(&harness), Some(start));
    assert!(study(harness.state()).expect("a study").corrections().is_empty());
}

#[test]
fn escape_gives_a_dragged_point_back() {
    let mut harness = analysed(Quick::shared());
    let before = study(harness.state()).expect("a study").annotations().clone();
    let from = harness.get_by_label_contains("Point HP left").rect().center();
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    harness.hover_at(from + egui::vec2(40.0, 10.0));
    harness.run_steps(2);
    assert_ne!(study(harness.state()).expect("a study").annotations(), &before, "the point follows");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    harness.hover_at(from + egui::vec2(60.0, 10.0));
    harness.drop_at(from + egui::vec2(60.0, 10.0));
    harness.run_steps(2);
    assert_eq!(study(harness.state()).expect("a study").annotations(), &before);
    assert_eq!(
        study(harness.state()).expect("a study").history().undoable().as_deref(),
        Some("analysis"),
        "an aborted drag is no step"
    );
}

#[test]
fn a_click_within_one_frame_is_a_click() {
    let mut harness = opened(Quick::shared());
    let film = harness.get_by_label_contains("Film Demo").rect().center();
    harness.get_by_label("TRC right: not placed").click();
    harness.run_steps(2);
    quick_click(&mut harness, film);
    let id = LandmarkId::new(LandmarkCode::TRC, Side::Right);
    let placed = study(harness.state()).expect("a study").annotations().landmarks.get(&id).cloned();
    assert_eq!(placed.map(|landmark| landmark.origin), Some(Origin::Person));
    // A dab of the brush.
    harness.key_press(Key::B);
    harness.run_steps(2);
    quick_click(&mut harness, film);
    let study = study(harness.state()).expect("a study");
    assert!(!study.is_busy(), "the brush is up again");
    assert!(study.annotations().mask.as_ref().is_some_and(|mask| mask.area(1) > 100), "one dab");
}

#[test]
fn points_can_be_placed_by_hand_alone() {
    let mut harness = opened(Quick::shared());
    harness.get_by_label("TRC right: not placed").click();
    harness.run_steps(2);
    let film = harness.get_by_label_contains("Film Demo").rect().center();
    harness.hover_at(film);
    harness.step();
    harness.drag_at(film);
    harness.step();
    harness.drop_at(film);
    harness.run_steps(3);
    let placed = study(harness.state()).expect("a study").annotations().landmarks.clone();
    let id = LandmarkId::new(LandmarkCode::TRC, Side::Right);
    assert_eq!(placed.get(&id).map(|landmark| landmark.origin), Some(Origin::Person));
    assert_eq!(placed.points.len(), 1);
}

/// What the left side has, the right side gets; each point, and all of them, go back to where the network put them.
#[test]
fn points_are_mirrored_and_reset_one_by_one_and_all_at_once() {
    let mut harness = analysed(Quick::shared());
    let landmarks = |harness: &Harness<'_, Workbench>| {
        study(harness.state()).expect("a study").annotations().landmarks.clone()
    };
    let run = |harness: &mut Harness<'_, Workbench>, label: &str| {
        // The list of points is below the edge of the panel.
        harness.get_by_label(label).click_accesskit();
        harness.run_steps(4);
    };
    let undo = |harness: &mut Harness<'_, Workbench>| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run_steps(3);
    };
    let before = landmarks(&harness);
    let angles = |harness: &Harness<'_, Workbench>| Side::BOTH.map(|side| index(harness.state(), side));
    let [right, left] = angles(&harness);
    assert!((right - left).abs() > 0.1, "{right} and {left}: nothing to be seen of mirroring");

    run(&mut harness, "SMA right: predicted");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::X);
    harness.run_steps(3);
    let [mirrored, stays] = angles(&harness);
    assert!((mirrored - left).abs() < 1e-9 && stays == left, "{mirrored} of {left}");
    run(&mut harness, "HP left: predicted");
    run(&mut harness, "Mirror from the other side");
    let both = landmarks(&harness);
    let corrected = |set: &coxa::measure::LandmarkSet| {
        let own = set.iter().filter(|(_, landmark)| landmark.origin == Origin::Person);
        own.map(|(id, _)| id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(corrected(&both).len(), 2, "{:?}", corrected(&both));
    assert!(harness.query_by_label_contains("2 of 8 corrected").is_some());

    run(&mut harness, "Reset point");
    assert_eq!(corrected(&landmarks(&harness)).len(), 1);
    let hip = LandmarkId::new(LandmarkCode::HP, Side::Left);
    assert_eq!(landmarks(&harness).get(&hip), before.get(&hip));
    undo(&mut harness);
    assert_eq!(landmarks(&harness), both);

    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Backspace);
    harness.run_steps(3);
    assert_eq!(landmarks(&harness), before);
    undo(&mut harness);
    assert_eq!(landmarks(&harness), both, "one step, one way back");
    undo(&mut harness);
    undo(&mut harness);
    assert_eq!(landmarks(&harness), before);
}
