//! Masks and curves by hand: painted, drawn round, dragged, mirrored, and taken back to the last pixel.

use super::{Quick, analysed, click, drag, film_point, opened, study, wait, wait_for_label};
use coxa::measure::{LandmarkCode, LandmarkId, Point, Side};
use coxa::study::{Annotations, Visibility};
use coxa::ui::Workbench;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

fn annotations(harness: &Harness<'_, Workbench>) -> Annotations {
    study(harness.state()).expect("a study").annotations().clone()
}

fn area(harness: &Harness<'_, Workbench>, label: u8) -> usize {
    annotations(harness).mask.map_or(0, |mask| mask.area(label))
}

fn undo(harness: &mut Harness<'_, Workbench>) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
}

fn press(harness: &mut Harness<'_, Workbench>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

/// What the panel says of Dice, greatest first.
fn dice(harness: &Harness<'_, Workbench>) -> Vec<f64> {
    let said = harness.query_all_by_label_contains("Dice ").filter_map(|node| {
        let node = node.accesskit_node();
        node.value().or(node.label())
    });
    let mut found: Vec<f64> = said.filter_map(|words| words.rsplit(' ').next()?.parse().ok()).collect();
    found.sort_by(|a, b| b.total_cmp(a));
    found
}

#[test]
fn a_mask_is_painted_erased_and_undone() {
    let mut harness = opened(Quick::shared());
    let before = annotations(&harness);
    press(&mut harness, Key::B);
    assert!(harness.get_all_by_label_contains("L2, ").next().is_some(), "labels to choose from");
    let from = film_point(&harness, 300.0, 300.0);
    drag(&mut harness, from, vec2(60.0, 0.0));
    let painted = area(&harness, 1);
    assert!(painted > 1000, "{painted} pixels");

    // A larger brush paints more on the same way.
    for _ in 0..3 {
        press(&mut harness, Key::CloseBracket);
    }
    let low = film_point(&harness, 300.0, 420.0);
    drag(&mut harness, low, vec2(60.0, 0.0));
    let larger = area(&harness, 1) - painted;
    assert!(larger as f64 > 1.7 * painted as f64, "{larger} after {painted}");

    press(&mut harness, Key::E);
    drag(&mut harness, from, vec2(60.0, 0.0));
    assert_eq!(area(&harness, 1), larger, "the larger eraser takes the whole stroke away");
    for _ in 0..3 {
        undo(&mut harness);
    }
    assert_eq!(annotations(&harness), before, "undone to the last pixel");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    harness.run_steps(2);
    assert_eq!(area(&harness, 1), painted, "and done again");
}

#[test]
fn a_stroke_that_is_cancelled_leaves_nothing() {
    let mut harness = opened(Quick::shared());
    let before = annotations(&harness);
    press(&mut harness, Key::B);
    let from = film_point(&harness, 300.0, 300.0);
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.run_steps(2);
    assert!(area(&harness, 1) > 0, "painted as the brush goes down");
    undo(&mut harness);
    harness.drop_at(from);
    harness.run_steps(2);
    assert_eq!(annotations(&harness), before);
}

#[test]
fn a_polygon_is_filled_and_another_label_floods_it() {
    let mut harness = opened(Quick::shared());
    harness.get_by_label("Polygon").click_accesskit();
    harness.run_steps(3);
    for (x, y) in [(200.0, 200.0), (400.0, 200.0), (400.0, 300.0), (200.0, 300.0)] {
        let at = film_point(&harness, x, y);
        click(&mut harness, at);
    }
    press(&mut harness, Key::Enter);
    let painted = area(&harness, 1) as f64;
    assert!((painted - 200.0 * 100.0).abs() < 900.0, "{painted} pixels of 200 × 100");

    harness.get_by_label("Flood fill").click_accesskit();
    harness.run_steps(3);
    let chips: Vec<_> = harness.get_all_by_label_contains("L3, ").collect();
    chips[0].click();
    harness.run_steps(3);
    let middle = film_point(&harness, 300.0, 250.0);
    click(&mut harness, middle);
    assert_eq!((area(&harness, 1), area(&harness, 3) as f64), (0, painted));
    undo(&mut harness);
    assert_eq!((area(&harness, 1) as f64, area(&harness, 3)), (painted, 0));
    harness.get_by_label("Clear label");
}

#[test]
fn dice_falls_while_the_mask_is_erased_and_comes_back_with_the_prediction() {
    let mut harness = opened(Quick::shared());
    harness.get_by_label("Predict masks").click_accesskit();
    harness.step();
    wait(&mut harness, "masks", |workbench| {
        study(workbench).is_some_and(|study| study.annotations().mask_prediction.is_some())
    });
    assert_eq!(dice(&harness), [1.0]);
    press(&mut harness, Key::E);
    let from = film_point(&harness, 320.0, 250.0);
    drag(&mut harness, from, vec2(30.0, 0.0));
    let fallen = dice(&harness);
    let least = fallen.iter().copied().fold(1.0, f64::min);
    assert!(least < 0.99 && least > 0.5, "{fallen:?}");
    press(&mut harness, Key::Escape);
    harness.get_by_label("Take label from the network").click_accesskit();
    harness.run_steps(3);
    assert_eq!(dice(&harness), [1.0]);
}

#[test]
fn without_a_network_masks_say_so() {
    let mut harness = opened(std::sync::Arc::new(Quick { masks: false, ..Quick::new() }));
    harness.get_by_label("Predict masks").click_accesskit();
    harness.step();
    wait_for_label(&mut harness, "No network for masks is installed");
}

fn head(side: Side) -> LandmarkId {
    LandmarkId::new(LandmarkCode::HEAD, side)
}

fn curve(harness: &Harness<'_, Workbench>, side: Side) -> Vec<Point> {
    annotations(harness).landmarks.polylines.get(&head(side)).cloned().unwrap_or_default()
}

/// A curve of the right head through four clicks.
fn drawn(harness: &mut Harness<'_, Workbench>) {
    harness.get_by_label("Curves").click_accesskit();
    harness.run_steps(8);
    harness.get_by_label("Curve HEAD right: not drawn").click_accesskit();
    harness.run_steps(3);
    press(harness, Key::K);
    for (x, y) in [(200.0, 300.0), (300.0, 260.0), (400.0, 260.0), (500.0, 300.0)] {
        let at = film_point(harness, x, y);
        click(harness, at);
    }
    press(harness, Key::Enter);
}

#[test]
fn a_curve_is_drawn_dragged_split_and_taken_back() {
    let mut harness = opened(Quick::shared());
    let before = annotations(&harness);
    drawn(&mut harness);
    let line = curve(&harness, Side::Right);
    assert_eq!(line.len(), 4);
    assert!(line[1].distance(Point::new(300.0, 260.0)) < 1.0, "{:?}", line[1]);

    let at = harness.get_by_label("HEAD right, vertex 2 of 4").rect().center();
    drag(&mut harness, at, vec2(0.0, -20.0));
    let slid = curve(&harness, Side::Right);
    assert!(slid[1].y < line[1].y - 10.0 && (slid[1].x - line[1].x).abs() < 1.0, "{slid:?}");
    assert_eq!(slid[3], line[3], "far vertices stay");

    // One pixel by the keys, this vertex alone.
    press(&mut harness, Key::ArrowDown);
    let nudged = curve(&harness, Side::Right);
    assert!((nudged[1].y - slid[1].y - 1.0).abs() < 1e-9);
    assert_eq!([nudged[0], nudged[2]], [slid[0], slid[2]]);

    let stretch = film_point(&harness, 450.0, 280.0);
    click(&mut harness, stretch);
    assert_eq!(curve(&harness, Side::Right).len(), 5, "a click between two makes a vertex");
    let fourth = harness.get_by_label("HEAD right, vertex 4 of 5").rect().center();
    click(&mut harness, fourth);
    press(&mut harness, Key::Delete);
    assert_eq!(curve(&harness, Side::Right), nudged);

    harness.get_by_label("Smooth curve").click_accesskit();
    harness.run_steps(3);
    assert_ne!(curve(&harness, Side::Right), nudged);
    harness.get_by_label("Reset curve").click_accesskit();
    harness.run_steps(3);
    assert!(curve(&harness, Side::Right).is_empty(), "no network drew it");
    // Draw, slide, nudge, insert, delete, smooth, reset.
    for _ in 0..7 {
        undo(&mut harness);
    }
    assert_eq!(annotations(&harness), before);
}

#[test]
fn a_curve_is_mirrored_and_a_rim_dragged() {
    let mut harness = analysed(Quick::shared());
    drawn(&mut harness);
    harness.get_by_label("Curve HEAD left: not drawn").click_accesskit();
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::X);
    harness.run_steps(3);
    let (right, left) = (curve(&harness, Side::Right), curve(&harness, Side::Left));
    assert_eq!(left.len(), 4);
    let width = |line: &[Point]| line[0].distance(line[3]);
    assert!((width(&left) - width(&right)).abs() < 1e-6, "a reflection keeps lengths");
    assert!(left[0].x > left[3].x, "and turns them round");

    let circles = annotations(&harness).landmarks.radii_px;
    let (id, radius) = circles.iter().next().expect("the demo has head circles");
    let center = annotations(&harness).landmarks.get(id).and_then(|point| point.position()).expect("placed");
    let rim = film_point(&harness, center.x, center.y + radius);
    drag(&mut harness, rim, vec2(0.0, 14.0));
    let wider = annotations(&harness).landmarks.radii_px[id];
    assert!(wider > radius + 5.0, "{radius} to {wider}");
    undo(&mut harness);
    assert_eq!(annotations(&harness).landmarks.radii_px, circles);
}

#[test]
fn a_hidden_point_keeps_its_place_and_its_flag_can_be_taken_back() {
    let mut harness = analysed(Quick::shared());
    let before = annotations(&harness);
    let id = LandmarkId::new(LandmarkCode::SMA, Side::Left);
    harness.get_by_label("SMA left: predicted").click_accesskit();
    harness.run_steps(3);
    let seen = |harness: &Harness<'_, Workbench>| study(harness.state()).expect("a study").visibility(&id);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::O);
    harness.run_steps(3);
    assert_eq!(seen(&harness), Some(Visibility::Occluded));
    assert_eq!(annotations(&harness).landmarks.get(&id), before.landmarks.get(&id));
    harness.get_by_label("Mark hidden").click_accesskit();
    harness.run_steps(3);
    assert_eq!(seen(&harness), Some(Visibility::Visible));
    assert_eq!(annotations(&harness), before);
}
