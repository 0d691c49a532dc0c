//! Whoever cannot see the window, or has no mouse, works with it all the same: every control has a name, and every deed is
//! reached by keys.

use super::*;
use coxa::ui::Action;
use egui::accesskit;
use egui_kittest::kittest::{AccessKitNode, NodeT};

/// Controls on the screen that say nothing of themselves, as role and place.
fn nameless(harness: &Harness<'_, Workbench>) -> Vec<String> {
    let root = harness.root();
    let all = root.children_recursive();
    all.filter_map(|node| {
        let node = node.accesskit_node();
        let data = node.data();
        // A scroll bar is named by what it scrolls.
        let control = data.supports_action(accesskit::Action::Click)
            && !data.is_hidden()
            && data.role() != accesskit::Role::ScrollBar;
        // A label of its own, or what stands in it.
        let words = [node.label(), node.value()];
        let named = words.into_iter().flatten().any(|words| !words.trim().is_empty());
        // A window is moved by its title bar, which egui gives no role; the window itself has the name.
        let top = data.bounds().map(|bounds| bounds.y0);
        let mut around = std::iter::successors(node.parent(), |node| node.parent());
        let handle = data.role() == accesskit::Role::Unknown && around.any(|node| is_window(&node, top));
        (control && !named && !handle).then(|| {
            let parent = node.parent().map(|parent| parent.data().role());
            format!("{:?} at {:?} in {parent:?}", data.role(), data.bounds())
        })
    })
    .collect()
}

/// A window with a name that begins so far down.
fn is_window(node: &AccessKitNode<'_>, top: Option<f64>) -> bool {
    let named = node.label().is_some_and(|label| !label.trim().is_empty());
    let level = node.data().bounds().zip(top).is_some_and(|(bounds, top)| (bounds.y0 - top).abs() < 4.0);
    named && level && matches!(node.data().role(), accesskit::Role::Window | accesskit::Role::Dialog)
}

/// Finds a deed by its name in the palette, and goes to it by the arrows where others come first.
fn run(harness: &mut Harness<'_, Workbench>, action: &str) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.get_by_label("Find a command").type_text(action);
    harness.run_steps(2);
    let commands = harness.root().children_recursive().filter_map(|node| node.accesskit_node().label());
    let commands: Vec<String> = commands.filter(|label| label.starts_with("Command ")).collect();
    let at = commands.iter().position(|label| *label == format!("Command {action}"));
    for _ in 0..at.unwrap_or_else(|| panic!("{action} among {commands:?}")) {
        harness.key_press(Key::ArrowDown);
        harness.run_steps(1);
    }
    harness.key_press(Key::Enter);
    harness.run_steps(4);
}

/// Every deed by its name and Enter; the window shows then whatever it opens, and nothing of it is nameless.
#[test]
fn every_deed_is_done_by_keys_and_leaves_no_control_without_a_name() {
    // SAFETY: every test that asks for a file says that there is no dialog; none says otherwise.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let mut harness = analysed(Quick::shared());
    let mut done = 0;
    for action in Action::ALL {
        // What ends the window, or asks the screen to change.
        if matches!(action, Action::Quit | Action::FullScreen | Action::Palette)
            || !harness.state().can(*action)
        {
            continue;
        }
        run(&mut harness, action.text());
        assert_eq!(nameless(&harness), Vec::<String>::new(), "{action:?}");
        done += 1;
        // Back to the film, whatever was opened.
        for _ in 0..3 {
            harness.key_press(Key::Escape);
            harness.run_steps(2);
        }
        if matches!(action, Action::Trainee | Action::ToggleStudies | Action::ToggleFindings) {
            run(&mut harness, action.text());
        }
    }
    // The others need what this film has not: masks, a curve, a prior.
    assert!(done > 50, "{done} of {}", Action::ALL.len());
}

/// The points of an adult's hips are walked from the pelvis to the shaft, side by side, the midline at the end.
#[test]
fn tab_walks_an_adults_points_from_the_pelvis_down() {
    let walked = ["LAE", "TD", "FHC", "LCP", "GT", "LT"];
    let mut landmarks = LandmarkSet::default();
    for (at, code) in walked.iter().enumerate() {
        for side in Side::BOTH {
            let x = if side == Side::Right { 300.0 } else { 900.0 };
            let point = coxa::measure::Point::new(x, 300.0 + 60.0 * at as f64);
            let id = LandmarkId::new(LandmarkCode::new(*code), side);
            landmarks.insert(id, Landmark::defined(point, Some(2.0), Origin::Model));
        }
    }
    let midline = LandmarkId { code: LandmarkCode::SCJ, side: None };
    landmarks
        .insert(midline, Landmark::defined(coxa::measure::Point::new(600.0, 200.0), None, Origin::Model));
    let services = Quick { given: Some(landmarks), ..Quick::new() };
    let mut harness = analysed(Arc::new(services));
    let mut met = Vec::new();
    for _ in 0..13 {
        harness.key_press(Key::Tab);
        harness.run_steps(2);
        let focused = harness.root().children_recursive().find(|node| {
            node.is_focused() && node.accesskit_node().data().role() == accesskit::Role::GraphicsSymbol
        });
        let words = focused.and_then(|node| node.accesskit_node().label()).expect("a point has the focus");
        met.push(words.split(',').next().unwrap_or_default().replace("Point ", ""));
    }
    let of_side = |side: &str| walked.map(|code| format!("{code} {side}"));
    let expected: Vec<String> =
        of_side("right").into_iter().chain(of_side("left")).chain(["SCJ".to_owned()]).collect();
    assert_eq!(met, expected);
    assert!(says(&harness, "0 of 13 corrected"));
    assert!(!says(&harness, "TRC right: not placed"), "an infant's points are not asked for");
}
