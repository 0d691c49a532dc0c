//! Free measurements: each tool is taken up, clicked, read off, mended by mouse and keys, taken away and brought back.

use super::*;
use coxa::measure::Unit;
use coxa::study::FreeMeasurement;
use egui_kittest::kittest::NodeT;

fn key(harness: &mut Harness<'_, Workbench>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

fn free(harness: &Harness<'_, Workbench>) -> Vec<FreeMeasurement> {
    study(harness.state()).expect("a study").annotations().free.values().cloned().collect()
}

fn last(harness: &Harness<'_, Workbench>) -> (f64, Unit) {
    let study = study(harness.state()).expect("a study");
    let id = *study.annotations().free.keys().next_back().expect("a measurement");
    let value = study.free_value(id).expect("there").expect("a value");
    (value.value, value.unit)
}

fn clicks(harness: &mut Harness<'_, Workbench>, points: &[(f64, f64)]) {
    for (x, y) in points {
        let at = film_point(harness, *x, *y);
        click(harness, at);
    }
}

/// On the film itself, not beside it.
fn on_film(harness: &Harness<'_, Workbench>, words: &str) -> bool {
    let film = harness.get_by_label_contains("Film ").rect();
    painted(harness).iter().any(|(text, at)| text == words && film.contains(*at))
}

#[test]
fn every_tool_measures_what_is_clicked() {
    let mut harness = opened(Quick::shared());
    let mm = study(harness.state()).expect("a study").spacing().column;
    let right_angle = [(300.0, 200.0), (200.0, 200.0), (200.0, 300.0)];
    let cobb = [(100.0, 150.0), (300.0, 150.0), (100.0, 300.0), (300.0, 400.0)];
    let circle = [(200.0, 300.0), (300.0, 200.0), (400.0, 300.0)];
    for (tool, points, wanted, pixel) in [
        (Some((Modifiers::NONE, Key::L)), &[(100.0, 120.0), (220.0, 120.0)][..], 120.0 * mm, mm),
        (Some((Modifiers::NONE, Key::D)), &right_angle[..], 90.0, 0.5),
        (Some((Modifiers::SHIFT, Key::D)), &cobb[..], 0.5_f64.atan().to_degrees(), 0.5),
        // By the menu.
        (None, &circle[..], 200.0 * mm, mm),
    ] {
        match tool {
            Some((modifiers, of)) => key(&mut harness, modifiers, of),
            None => {
                harness.get_by_role_and_label(egui::accesskit::Role::Button, "Measure").click();
                harness.run_steps(4);
                let item = egui::accesskit::Role::MenuItem;
                harness.get_by_role_and_label(item, "Measure circle").click();
                harness.run_steps(4);
            }
        }
        assert!(says(&harness, &format!("(1/{})", points.len())), "the strip says what it waits for");
        clicks(&mut harness, points);
        let (value, unit) = last(&harness);
        assert!((value - wanted).abs() < pixel, "{value} for {wanted}");
        let words = match (unit, tool) {
            (Unit::Degree, _) => format!("{value:.1}°"),
            (_, Some(_)) => format!("{value:.1} mm"),
            (_, None) => format!("Ø {value:.1} mm"),
        };
        assert!(harness.query_by_label(&words).is_some(), "{words} in the strip");
        assert!(on_film(&harness, &words), "{words} on the film");
        key(&mut harness, Modifiers::NONE, Key::Escape);
        assert!(harness.query_by_label(&words).is_none(), "the tool is laid down");
    }
    let all = free(&harness);
    assert_eq!(all.len(), 4);

    // Off the film as one step, and back as one.
    key(&mut harness, Modifiers::NONE, Key::L);
    harness.get_by_label("Remove free measurements").click();
    harness.run_steps(3);
    assert!(free(&harness).is_empty());
    key(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(free(&harness), all);
    for left in (0..4).rev() {
        key(&mut harness, Modifiers::COMMAND, Key::Z);
        assert_eq!(free(&harness), all[..left]);
    }
}

#[test]
fn a_point_of_a_measurement_is_dragged_and_nudged_and_one_measurement_deleted() {
    let mut harness = opened(Quick::shared());
    let mm = study(harness.state()).expect("a study").spacing().column;
    key(&mut harness, Modifiers::NONE, Key::D);
    clicks(&mut harness, &[(300.0, 200.0), (200.0, 200.0), (200.0, 300.0)]);
    key(&mut harness, Modifiers::NONE, Key::L);
    clicks(&mut harness, &[(400.0, 120.0), (500.0, 120.0)]);
    key(&mut harness, Modifiers::NONE, Key::Escape);
    let drawn = free(&harness);
    let before = last(&harness).0;

    let end = harness.get_by_label_contains("mm, point 2 of 2").rect().center();
    assert!(end.distance(film_point(&harness, 500.0, 120.0)) < 1.0, "named where it stands");
    let step = film_point(&harness, 540.0, 120.0) - film_point(&harness, 500.0, 120.0);
    drag(&mut harness, end, step);
    let dragged = last(&harness).0;
    assert!((dragged - before - 40.0 * mm).abs() < mm, "{before} to {dragged} mm");
    assert!(on_film(&harness, &format!("{dragged:.1} mm")));
    for (modifiers, pixels) in [(Modifiers::NONE, 1.0), (Modifiers::SHIFT, 10.0), (Modifiers::ALT, 0.1)] {
        let from = last(&harness).0;
        key(&mut harness, modifiers, Key::ArrowRight);
        // The line lies level but for what the mouse rounds.
        assert!((last(&harness).0 - from - pixels * mm).abs() < 0.01 * mm, "{pixels} px");
    }
    for _ in 0..4 {
        key(&mut harness, Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(free(&harness), drawn, "the drag and each nudge were a step");

    // Who walks by keys alone takes the angle, and Delete takes that one away.
    harness.get_by_label_contains("°, point 2 of 3").focus();
    harness.run_steps(3);
    key(&mut harness, Modifiers::NONE, Key::Delete);
    assert_eq!(free(&harness), drawn[1..]);
    key(&mut harness, Modifiers::NONE, Key::Delete);
    assert_eq!(free(&harness), drawn[1..], "nothing is chosen any more");
    key(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(free(&harness), drawn);
}

#[test]
fn a_circle_through_a_line_says_why_it_has_no_value() {
    let mut harness = opened(Quick::shared());
    key(&mut harness, Modifiers::SHIFT, Key::L);
    clicks(&mut harness, &[(100.0, 200.0), (200.0, 200.0), (300.0, 200.0)]);
    let said = harness.query_by_label("its points lie on a line");
    assert!(said.is_some_and(|node| !node.accesskit_node().is_hidden()));
}
