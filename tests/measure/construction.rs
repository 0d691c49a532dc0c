//! The lines and labels that are drawn.

use crate::fixture::Film;
use coxa::measure::construction::{Primitive, Role, Shape, construct};
use coxa::measure::label::extent;
use coxa::measure::{LandmarkCode, Point, Side, Vector};

const ROWS: usize = 1000;
const COLUMNS: usize = 1000;

fn drawn(film: &Film) -> Vec<Primitive> {
    construct(&film.landmarks, &film.spacing, ROWS, COLUMNS)
}

#[track_caller]
fn line(primitives: &[Primitive], role: Role, side: Option<Side>) -> (Point, Point) {
    primitives
        .iter()
        .find_map(|p| match p.shape {
            Shape::Line { a, b } if p.role == role && p.side == side => Some((a, b)),
            _ => None,
        })
        .expect("the line is drawn")
}

fn distance_to_line(p: Point, (a, b): (Point, Point)) -> f64 {
    ((b - a).cross(p - a) / (b - a).length()).abs()
}

/// Where the lines through both meet.
fn meeting((a, b): (Point, Point), (c, d): (Point, Point)) -> Point {
    let (v, w) = (b - a, d - c);
    a + v * ((c - a).cross(w) / v.cross(w))
}

#[test]
fn perkin_meets_hilgenreiner_where_the_specification_says() {
    let primitives = drawn(&Film::fixture_p());
    let h = line(&primitives, Role::Hilgenreiner, None);
    let p = line(&primitives, Role::Perkin, Some(Side::Left));
    let j = meeting(h, p);
    assert!(j.distance(Point::new(700.0, 500.0)) < 1e-9, "{j:?}");
    let (d, end) = line(&primitives, Role::DLine, Some(Side::Left));
    assert!(d.distance(j) < 1e-9);
    assert!((end.x - d.x) > 0.0 && ((end.x - d.x) - (end.y - d.y)).abs() < 1e-9, "45° outwards and down");
}

#[test]
fn lines_run_through_their_points_and_beyond() {
    for (way, film) in Film::fixture_p().stored_in_all_ways() {
        // Room all around, so that nothing is clipped.
        let film = film.shifted(5000.0, 5000.0);
        let primitives = construct(&film.landmarks, &film.spacing, 20_000, 20_000);
        let at = |code, side| film.landmarks.position(code, side).expect("given");
        let within = |p: Point, (a, b): (Point, Point)| {
            let share = (p - a).dot(b - a) / (b - a).dot(b - a);
            distance_to_line(p, (a, b)) < 1e-6 && share > 0.01 && share < 0.99
        };
        let metric = |v: Vector| Vector::new(v.x * film.spacing.column, v.y * film.spacing.row);
        let h = line(&primitives, Role::Hilgenreiner, None);
        for side in Side::BOTH {
            let (trc, sma) = (at(LandmarkCode::TRC, side), at(LandmarkCode::SMA, side));
            let perkin = line(&primitives, Role::Perkin, Some(side));
            let roof = line(&primitives, Role::Roof, Some(side));
            let (start, end) = line(&primitives, Role::DLine, Some(side));
            assert!(within(trc, h) && within(meeting(h, perkin), h), "{way}: Hilgenreiner");
            assert!(within(sma, perkin), "{way}: Perkin");
            assert!(within(trc, roof) && within(sma, roof), "{way}: roof");
            let (h, perkin) = (metric(h.1 - h.0), metric(perkin.1 - perkin.0));
            assert!(
                h.dot(perkin).abs() < 1e-6 * h.length() * perkin.length(),
                "{way}: a right angle in millimetres"
            );
            let d = metric(end - start);
            let turn = |v: Vector| (d.dot(v).abs() / (d.length() * v.length())).acos().to_degrees();
            assert!(
                (turn(h) - 45.0).abs() < 1e-6 && (turn(perkin) - 45.0).abs() < 1e-6,
                "{way}: 45° in millimetres"
            );
            let hp = at(LandmarkCode::HP, side);
            assert!(metric(end - start).dot(metric(hp - sma)) > 0.0, "{way}: towards the femur");
        }
    }
}

#[test]
fn the_arc_spans_the_angle_at_the_trc() {
    let film = Film::fixture_p();
    for primitive in drawn(&film) {
        let Shape::Arc { center, points } = &primitive.shape else { continue };
        let side = primitive.side.expect("arcs have a side");
        assert_eq!(film.landmarks.position(LandmarkCode::TRC, side), Some(*center));
        let radius = points[0].distance(*center);
        assert!(points.iter().all(|p| (p.distance(*center) - radius).abs() < 1e-9));
        let (first, last) = (points[0] - *center, points[points.len() - 1] - *center);
        let span = first.cross(last).abs().atan2(first.dot(last)).to_degrees();
        let expected = if side == Side::Right { 26.565 } else { 34.992 };
        assert!((span - expected).abs() < 0.001, "{span}");
        assert!(first.y.abs() < 1e-9, "starts on Hilgenreiner's line");
        assert_eq!(primitive.measurement, Some("AI"));
    }
}

#[test]
fn each_part_is_drawn_from_what_is_there() {
    let roles = |film: &Film| {
        let mut roles: Vec<_> = drawn(film).iter().map(|p| (p.role, p.side)).collect();
        roles.dedup();
        roles
    };
    assert!(roles(&Film::fixture_p().without("TRC", Side::Left)).is_empty());
    let no_roof = roles(&Film::fixture_p().without("SMA", Side::Right));
    assert!(no_roof.contains(&(Role::Hilgenreiner, None)));
    assert!(no_roof.contains(&(Role::Perkin, Some(Side::Left))));
    assert!(!no_roof.iter().any(|(_, side)| *side == Some(Side::Right)), "{no_roof:?}");
    let no_femur = roles(&Film::fixture_p().without("HP", Side::Right));
    assert!(no_femur.contains(&(Role::DLine, Some(Side::Right))), "the D-line needs no femur");
}

pub struct Label {
    at: Point,
    half: Vector,
    text: String,
    side: Side,
}

fn labels(film: &Film, rows: usize, columns: usize) -> Vec<Label> {
    construct(&film.landmarks, &film.spacing, rows, columns)
        .into_iter()
        .filter_map(|p| match p.shape {
            Shape::Label { at, text, .. } => {
                let (width, height) = extent(&text, rows, columns);
                let side = p.side.expect("labels have a side");
                Some(Label { at, half: Vector::new(width / 2.0, height / 2.0), text, side })
            }
            _ => None,
        })
        .collect()
}

/// Asserts that no label lies on another, on a landmark or off the image; gives the labels.
#[track_caller]
pub fn placed_well(film: &Film, rows: usize, columns: usize) -> Vec<Label> {
    let labels = labels(film, rows, columns);
    for (i, label) in labels.iter().enumerate() {
        for other in &labels[..i] {
            let v = other.at - label.at;
            assert!(
                v.x.abs() >= label.half.x + other.half.x || v.y.abs() >= label.half.y + other.half.y,
                "{} on {}",
                label.text,
                other.text
            );
        }
        for (id, landmark) in film.landmarks.iter() {
            let v = landmark.position().expect("given") - label.at;
            assert!(v.x.abs() > label.half.x || v.y.abs() > label.half.y, "{} covers {id}", label.text);
        }
        let inside =
            |v: f64, half: f64, size: usize| v - half >= -0.5 - 1e-9 && v + half <= size as f64 - 0.5 + 1e-9;
        assert!(
            inside(label.at.x, label.half.x, columns) && inside(label.at.y, label.half.y, rows),
            "{}",
            label.text
        );
    }
    labels
}

#[test]
fn labels_say_the_angle_and_the_grade_lateral_of_the_hip() {
    let film = Film::fixture_p();
    let labels = placed_well(&film, ROWS, COLUMNS);
    let texts: Vec<_> = labels.iter().map(|l| (l.side, l.text.as_str())).collect();
    for expected in [
        (Side::Right, "AI 26.6°"),
        (Side::Left, "AI 35.0°"),
        (Side::Right, "IHDI I"),
        (Side::Left, "IHDI II"),
    ] {
        assert!(texts.contains(&expected), "{texts:?}");
    }
    for label in labels {
        let lateral = if label.side == Side::Left {
            label.at.x - label.half.x > 720.0
        } else {
            label.at.x + label.half.x < 300.0
        };
        assert!(lateral, "{} at {:?}", label.text, label.at);
    }
}

#[test]
fn labels_keep_apart_in_every_way_of_storing() {
    for (way, film) in Film::fixture_p().stored_in_all_ways() {
        let film = film.shifted(1500.0, 1500.0);
        assert_eq!(placed_well(&film, 6000, 6000).len(), 4, "{way}");
    }
}

#[test]
fn labels_keep_apart_where_the_hips_fill_the_film() {
    // Collimated to the roof edges: no room lateral of the hips.
    let film = Film::fixture_p().shifted(-280.0, -380.0);
    assert_eq!(placed_well(&film, 220, 450).len(), 4);
    // And on films of few pixels what has no place is left out.
    for size in [1, 10, 30, 60, 120] {
        placed_well(
            &film.clone().map(|p| Point::new(p.x * size as f64 / 450.0, p.y * size as f64 / 450.0)),
            size,
            size,
        );
    }
}

#[test]
fn is_fast_enough_to_follow_a_drag() {
    let film = Film::fixture_p().shifted(1000.0, 1000.0);
    let best = (0..5)
        .map(|_| {
            let start = std::time::Instant::now();
            std::hint::black_box(construct(&film.landmarks, &film.spacing, 2800, 2400));
            start.elapsed()
        })
        .min()
        .expect("five runs");
    println!("construct: {best:?}");
    let limit = if cfg!(debug_assertions) { 200 } else { 10 };
    assert!(best.as_millis() < limit, "{best:?}");
}
