//! The geometry that stands for a measurement shows the very value: its arc spans the angle, its line is the length.

use crate::degenerate::pelvis;
use crate::fixture::Film;
use coxa::measure::construction::{Primitive, Role, Shape, figure};
use coxa::measure::definition::Quantity;
use coxa::measure::{Panel, Point, Protocol, Side, assess_by, catalogue};

const SIZE: (usize, usize) = (2000, 2000);
/// They can measure nothing on such films, and so draw nothing.
const WITHOUT: [&str; 2] = ["MIKULICZ", "DI_STAR"];
/// Their value is made of the two angles or lengths that are drawn.
const MADE_OF_SEVERAL: [&str; 5] = ["PT", "LLD", "LLD_ISC", "SHENTON", "RND_RANGE"];
/// Both circle and chord are drawn; the value is between them.
const NOT_A_LINE: [&str; 1] = ["SOI"];

fn drawn(film: &Film, code: &str, side: Option<Side>) -> Vec<Primitive> {
    figure(&film.landmarks, &film.spacing, SIZE, None, (code, side))
}

/// Degrees that an arc spans about its centre, in metric directions.
fn span(film: &Film, center: Point, points: &[Point]) -> f64 {
    let metric = |p: &Point| film.spacing.to_metric(*p);
    let center = metric(&center);
    points.windows(2).map(|pair| (metric(&pair[0]) - center).angle_deg(metric(&pair[1]) - center)).sum()
}

#[test]
fn every_measurement_that_can_be_made_is_drawn() {
    let film = pelvis(&[]);
    for definition in catalogue::definitions().filter(|d| !WITHOUT.contains(&d.code)) {
        for side in definition.sides() {
            assert!(!drawn(&film, definition.code, *side).is_empty(), "{} {side:?}", definition.code);
        }
    }
    for rule in catalogue::rules() {
        assert!(!drawn(&film, rule.code, Some(Side::Left)).is_empty(), "{}", rule.code);
    }
}

#[test]
fn arcs_span_the_angle_and_lines_have_the_length_that_is_measured() {
    let film = pelvis(&[(3.0, -4.0), (-2.0, 5.0), (6.0, 1.0), (-5.0, -3.0), (1.0, 2.0)]);
    let protocol = Protocol { panel: Panel::All, ..Protocol::default() };
    let assessment = assess_by(&film.landmarks, &film.spacing, &protocol);
    let (mut angles, mut lengths) = (0, 0);
    for measurement in &assessment.measurements {
        let Some(value) = measurement.value else { continue };
        let code = measurement.code;
        if MADE_OF_SEVERAL.contains(&code) || NOT_A_LINE.contains(&code) {
            continue;
        }
        let line = measurement.reference_line;
        let shapes = figure(&film.landmarks, &film.spacing, SIZE, line, (code, measurement.side));
        match catalogue::definition(code).expect("a definition").quantity {
            Quantity::Angle => {
                let arcs: Vec<f64> = shapes
                    .iter()
                    .filter(|p| p.role == Role::AngleArc)
                    .filter_map(|p| match &p.shape {
                        Shape::Arc { center, points } => Some(span(&film, *center, points)),
                        _ => None,
                    })
                    .collect();
                assert!(!arcs.is_empty(), "{code} has no arc");
                let mean = arcs.iter().sum::<f64>() / arcs.len() as f64;
                assert!((mean - value.abs()).abs() < 1e-6, "{code}: {mean} drawn, {value} measured");
                angles += 1;
            }
            Quantity::Length => {
                let line = shapes.iter().find(|p| p.role == Role::Distance).expect(code);
                let Shape::Line { a, b } = line.shape else { panic!("{code} draws no line") };
                let length = film.spacing.to_metric(a).distance(film.spacing.to_metric(b));
                assert!((length - value.abs()).abs() < 1e-6, "{code}: {length} drawn, {value} measured");
                lengths += 1;
            }
            Quantity::Percent | Quantity::Ratio => {}
        }
    }
    assert!(angles >= 20 && lengths >= 15, "{angles} angles and {lengths} lengths were compared");
}

#[test]
fn what_is_missing_is_not_drawn() {
    let mut film = pelvis(&[]);
    film.landmarks.points.retain(|id, _| id.code.as_str() != "LAE");
    for code in ["LCE", "SHARP", "FHEI", "ADR"] {
        assert_eq!(drawn(&film, code, Some(Side::Right)), [], "{code}");
    }
    assert_eq!(drawn(&film, "NO_CODE", Some(Side::Right)), []);
}
