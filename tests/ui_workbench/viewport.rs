//! How a film is looked at: size, greys, overlay, loupe, histogram, playing stacks, four at once; and the key list on paper.

use super::archive::Archive;
use super::library::{films, press, window};
use super::*;
use coxa::library::Preferences;
use coxa::ui::Action;
use egui_kittest::kittest::NodeT;

fn key(harness: &mut Harness<'_, Workbench>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

fn plain(harness: &mut Harness<'_, Workbench>, of: Key) {
    key(harness, Modifiers::NONE, of);
}

/// The zoom of the bottom line, percent.
fn percent(harness: &Harness<'_, Workbench>) -> f64 {
    let nodes = harness.get_all_by_label_contains(" %");
    let words = nodes.filter_map(|node| node.accesskit_node().label().or(node.accesskit_node().value()));
    let mut numbers = words.filter_map(|words| words.strip_suffix(" %")?.parse().ok());
    numbers.next().expect("a zoom")
}

#[test]
fn a_film_is_fitted_shown_pixel_by_pixel_and_in_its_true_size() {
    // Two points of this screen are a millimetre.
    let preferences = Preferences { screen_mm: Some(0.5), ..Preferences::default() };
    let mut harness = opened(Arc::new(Quick { preferences, ..Quick::new() }));
    let fitted = percent(&harness);
    plain(&mut harness, Key::Num1);
    assert_eq!(percent(&harness), 100.0);
    plain(&mut harness, Key::Plus);
    assert_eq!(percent(&harness), 125.0);
    plain(&mut harness, Key::Minus);
    assert_eq!(percent(&harness), 100.0);
    key(&mut harness, Modifiers::SHIFT, Key::F);
    let spacing = study(harness.state()).expect("a study").spacing();
    assert!(spacing.has_millimetres() && (percent(&harness) - 100.0 * spacing.column / 0.5).abs() <= 0.5);
    plain(&mut harness, Key::F);
    assert_eq!(percent(&harness), fitted);
}

#[test]
fn a_screen_that_nobody_measured_is_asked_for() {
    let mut harness = opened(Quick::shared());
    key(&mut harness, Modifiers::SHIFT, Key::F);
    assert!(says(&harness, "This bar is"), "the settings open where the screen is measured");
}

#[test]
fn greys_turn_round_and_come_back() {
    let mut harness = opened(Quick::shared());
    // The bone of the right ilium, and beside it.
    let places = [(300.0, 300.0), (20.0, 400.0)].map(|(x, y)| film_point(&harness, x, y));
    let greys =
        |harness: &Harness<'_, Workbench>| places.map(|at| harness.state().shown_grey(at).expect("a grey"));
    let before = greys(&harness);
    assert!(before[0] > before[1]);
    plain(&mut harness, Key::I);
    let turned = greys(&harness);
    assert!((0..2).all(|at| turned[at].abs_diff(255 - before[at]) <= 1), "{before:?} to {turned:?}");
    plain(&mut harness, Key::W);
    assert_eq!(greys(&harness), before);
}

/// Figures of that kind on the screen.
fn count(harness: &Harness<'_, Workbench>, kind: fn(&egui::Shape) -> bool) -> usize {
    fn of(shape: &egui::Shape, kind: fn(&egui::Shape) -> bool) -> usize {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().map(|shape| of(shape, kind)).sum(),
            shape => usize::from(kind(shape)),
        }
    }
    harness.output().shapes.iter().map(|clipped| of(&clipped.shape, kind)).sum()
}

fn rings(harness: &Harness<'_, Workbench>) -> usize {
    count(harness, |shape| matches!(shape, egui::Shape::Circle(_)))
}

fn lines(harness: &Harness<'_, Workbench>) -> usize {
    count(harness, |shape| matches!(shape, egui::Shape::LineSegment { .. }))
}

#[test]
fn the_overlay_goes_level_by_level_and_space_shows_the_bare_film() {
    let mut harness = analysed(Quick::shared());
    for _ in 0..3 {
        plain(&mut harness, Key::O);
    }
    assert!(says(&harness, "overlay: bare film"));
    let bare = (rings(&harness), lines(&harness));
    plain(&mut harness, Key::O);
    for level in ["lines", "points", "bare film", "all"] {
        plain(&mut harness, Key::O);
        assert!(says(&harness, &format!("overlay: {level}")), "{level}");
        let drawn = [rings(&harness) > bare.0, lines(&harness) > bare.1];
        let wanted = match level {
            "lines" => [false, true],
            "points" => [true, false],
            "bare film" => [false, false],
            _ => [true, true],
        };
        assert_eq!(drawn, wanted, "{level}");
    }
    // The film is under the hand while Space is held.
    harness.hover_at(film_point(&harness, 300.0, 300.0));
    harness.key_down(Key::Space);
    harness.run_steps(3);
    assert_eq!((rings(&harness), lines(&harness)), bare);
    harness.key_up(Key::Space);
    harness.run_steps(3);
    assert!(rings(&harness) > bare.0 && lines(&harness) > bare.1);
}

/// Lines on the film: middle, width and opacity of each.
fn strokes(harness: &Harness<'_, Workbench>) -> Vec<(Pos2, f32, u8)> {
    fn of(shape: &egui::Shape, into: &mut Vec<(Pos2, f32, u8)>) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| of(shape, into)),
            egui::Shape::LineSegment { points, stroke } => {
                into.push((points[0].lerp(points[1], 0.5), stroke.width, stroke.color.a()));
            }
            egui::Shape::Path(path) => {
                if let egui::epaint::ColorMode::Solid(colour) = path.stroke.color {
                    let middle = egui::Rect::from_points(&path.points).center();
                    into.push((middle, path.stroke.width, colour.a()));
                }
            }
            _ => {}
        }
    }
    let film = harness.get_by_label_contains("Film ").rect();
    let mut all = Vec::new();
    harness.output().shapes.iter().for_each(|clipped| of(&clipped.shape, &mut all));
    all.retain(|(middle, ..)| film.contains(*middle));
    all
}

/// The geometry of a number stands out over a dimmed rest while the pointer, the keyboard or the explanation is at it.
#[test]
fn a_number_of_the_panel_brightens_its_lines_on_the_film() {
    let mut harness = analysed(Quick::shared());
    let middle = harness.get_by_label_contains("Film ").rect().center();
    let bright = |harness: &Harness<'_, Workbench>| {
        let lines = strokes(harness).into_iter().filter(|(_, width, alpha)| *width == 2.5 && *alpha == 255);
        lines.map(|(at, ..)| at.x).collect::<Vec<_>>()
    };
    let faintest = |harness: &Harness<'_, Workbench>| {
        let lines = strokes(harness).into_iter().filter(|(_, width, _)| *width == 1.5);
        lines.map(|(.., alpha)| alpha).min().expect("lines")
    };
    harness.hover_at(middle);
    harness.run_steps(3);
    let at_rest = strokes(&harness);
    assert!(bright(&harness).is_empty() && faintest(&harness) > 200);

    // The patient's right is on the left of the screen.
    for (cell, way) in [("AI right ", -1.0), ("AI left ", 1.0)] {
        harness.get_by_label_contains(cell).hover();
        harness.run_steps(3);
        let lines = bright(&harness);
        assert!(!lines.is_empty() && lines.iter().all(|x| (x - middle.x) * way > 0.0), "{cell}: {lines:?}");
        assert!(faintest(&harness) < 100, "the others step back");
        harness.hover_at(middle);
        harness.run_steps(3);
        assert_eq!(strokes(&harness), at_rest);
    }
    harness.get_by_label_contains("AI left ").focus();
    harness.run_steps(3);
    let by_keys = bright(&harness);
    assert!(!by_keys.is_empty());

    // Explained, it stays bright wherever the pointer goes, until it is closed.
    harness.get_by_label_contains("AI right ").click();
    harness.run_steps(3);
    assert!(says(&harness, "Formula"));
    harness.hover_at(middle);
    harness.run_steps(3);
    let explained = bright(&harness);
    assert!(!explained.is_empty() && explained.iter().all(|x| *x < middle.x), "{explained:?}");
    plain(&mut harness, Key::Escape);
    plain(&mut harness, Key::Escape);
    harness.run_steps(10);
    assert!(!says(&harness, "Formula") && bright(&harness).is_empty());
}

#[test]
fn loupe_and_histogram_open_and_close_by_their_keys() {
    let mut harness = opened(Quick::shared());
    plain(&mut harness, Key::Z);
    assert!(harness.state().is_on(Action::Loupe));
    plain(&mut harness, Key::Z);
    assert!(!harness.state().is_on(Action::Loupe));
    key(&mut harness, Modifiers::SHIFT, Key::H);
    assert!(says(&harness, "the window shows"), "what the histogram shows is read out");
    key(&mut harness, Modifiers::SHIFT, Key::H);
    assert!(!says(&harness, "the window shows"));
}

#[test]
fn a_stack_plays_until_it_is_told_to_stop() {
    let mut harness = workbench(Archive::coronal(5).shared(), vec!["folder".into()]);
    let shown = |workbench: &Workbench| workbench.films().current().map(|film| film.stack.shown());
    wait(&mut harness, "the middle", |workbench| {
        workbench.films().current().is_some_and(|film| film.opened().is_some())
    });
    let start = shown(harness.state());
    plain(&mut harness, Key::Period);
    assert!(harness.state().is_on(Action::Cine));
    wait(&mut harness, "the next slice", |workbench| shown(workbench) != start);
    plain(&mut harness, Key::Period);
    assert!(!harness.state().is_on(Action::Cine));
    let stopped = shown(harness.state());
    harness.run_steps(30);
    assert_eq!(shown(harness.state()), stopped);
}

#[test]
fn four_films_stand_in_two_rows() {
    let (folder, films) = films(4);
    let mut harness = window(&folder.path().join("home"), vec![films]);
    key(&mut harness, Modifiers::COMMAND, Key::Num4);
    let seen =
        |workbench: &Workbench| workbench.films().iter().filter(|film| film.opened().is_some()).count();
    wait(&mut harness, "four films", |workbench| seen(workbench) == 4);
    let others: Vec<_> =
        harness.get_all_by_label_contains("Beside it: film").map(|node| node.rect()).collect();
    assert_eq!(others.len(), 3);
    let hand = harness.get_by_label_contains("Film film").rect();
    let mut rooms = others.clone();
    rooms.push(hand);
    assert!(rooms.iter().all(|room| (room.size() - hand.size()).length() < 2.0), "of one size");
    let apart = |a: usize, b: usize| !rooms[a].shrink(1.0).intersects(rooms[b]);
    assert!((0..4).all(|a| (0..a).all(|b| apart(a, b))), "none over another");
}

#[test]
fn a_point_snaps_to_the_edge_only_while_that_is_on() {
    let mut harness = analysed(Quick::shared());
    let id = LandmarkId::new(LandmarkCode::SMA, Side::Right);
    let place = |harness: &Harness<'_, Workbench>| {
        study(harness.state())
            .expect("a study")
            .annotations()
            .landmarks
            .get(&id)
            .and_then(|point| point.position())
    };
    let mut dropped = Vec::new();
    for snaps in [false, true] {
        if snaps {
            key(&mut harness, Modifiers::SHIFT, Key::S);
            assert!(harness.state().is_on(Action::Snap));
        }
        let from = harness.get_by_label_contains("Point SMA right").rect().center();
        drag(&mut harness, from, egui::vec2(3.0, -9.0));
        dropped.push(place(&harness).expect("a place"));
        key(&mut harness, Modifiers::COMMAND, Key::Z);
    }
    let apart = dropped[0].distance(dropped[1]);
    assert!(apart > 0.5, "it went to the edge: {apart} px");
}

#[test]
fn the_key_list_is_written_as_a_page() {
    // SAFETY: as in the other tests of this window, always to the same value.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let mut harness = opened(Quick::shared());
    key(&mut harness, Modifiers::COMMAND, Key::P);
    harness.get_by_label("Find a command").type_text("cheat sheet");
    harness.run_steps(2);
    plain(&mut harness, Key::Enter);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.html");
    harness
        .get_by_label_contains("Path of the cheat sheet")
        .set_text_value_accesskit(&path.display().to_string());
    harness.run_steps(2);
    press(&mut harness, "Write cheat sheet");
    wait(&mut harness, "the page", |_| path.exists());
    let page = std::fs::read_to_string(&path).expect("the page");
    for words in ["Ctrl+Shift+A", "Mirror from the other side", "Middle drag"] {
        assert!(page.contains(words), "{words}");
    }
}
