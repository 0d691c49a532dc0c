//! What holds for any film: no panic, no number without standing, no dependence on how the hip was stored.

use crate::construction::placed_well;
use crate::fixture::{Film, id, spacing};
use coxa::measure::construction::{Shape, construct};
use coxa::measure::{
    Assessment, Landmark, LandmarkCode, LandmarkSet, Origin, Point, Side, Spacing, SpacingStatus, Status,
};
use proptest::prelude::*;

const CODES: [&str; 4] = ["TRC", "SMA", "HP", "FH"];

fn set(points: impl IntoIterator<Item = (&'static str, Side, Point, Option<f64>)>) -> LandmarkSet {
    let mut landmarks = LandmarkSet::default();
    for (code, side, point, sd) in points {
        landmarks.insert(id(code, side), Landmark::defined(point, sd, Origin::Model));
    }
    landmarks
}

/// A coordinate from anywhere, the ends of the number line included.
fn any_coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..1000.0_f64,
        1 => Just(500.0),
        1 => -1e6..1e6_f64,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, -f64::INFINITY, 1e308, -1e308, 1e-320, 0.0]),
    ]
}

fn any_spacing() -> impl Strategy<Value = Spacing> {
    let size = || {
        prop_oneof![
            6 => 0.05..0.5_f64,
            1 => prop::sample::select(vec![0.0, -0.2, f64::NAN, f64::INFINITY, 1e-310, 1e300]),
        ]
    };
    let status = prop::sample::select(vec![
        SpacingStatus::Calibrated,
        SpacingStatus::Detector,
        SpacingStatus::AssumedIsotropic,
    ]);
    (size(), size(), status).prop_map(|(row, column, status)| Spacing { row, column, status })
}

fn any_landmarks() -> impl Strategy<Value = LandmarkSet> {
    let sd = prop_oneof![
        Just(None),
        (0.0..20.0_f64).prop_map(Some),
        prop::sample::select(vec![Some(f64::NAN), Some(-1.0), Some(1e308)])
    ];
    let point = prop::option::weighted(0.85, (any_coordinate(), any_coordinate(), sd));
    (prop::collection::vec(point, 8), prop::option::of(any_coordinate())).prop_map(|(points, radius)| {
        let names = Side::BOTH.into_iter().flat_map(|side| CODES.map(|code| (code, side)));
        let given = names.zip(points).filter_map(|((code, side), point)| {
            let (x, y, sd) = point?;
            Some((code, side, Point::new(x, y), sd))
        });
        let mut landmarks = set(given);
        if let Some(radius) = radius {
            landmarks.radii_px.insert(id("FH", Side::Left), radius);
        }
        landmarks
    })
}

/// Infant hips of any severity whose roofs rise by at least 11°, in pixels of 0.2 mm.
fn infant() -> impl Strategy<Value = Film> {
    let hip = || {
        (20.0..120.0_f64, 11.0..59.0_f64, 20.0..200.0_f64, -60.0..90.0_f64, -40.0..40.0_f64, -40.0..60.0_f64)
    };
    (hip(), hip(), 110.0..300.0_f64, -30.0..30.0_f64).prop_map(|(right, left, baseline, tilt)| {
        let mut points = Vec::new();
        for (side, out, (roof, index, femur, fall, nucleus_out, nucleus_down)) in
            [(Side::Right, -1.0, right), (Side::Left, 1.0, left)]
        {
            let trc = Point::new(500.0 + out * baseline / 2.0, 500.0);
            let at = |lateral: f64, down: f64| Point::new(trc.x + out * lateral, trc.y + down);
            points.push(("TRC", side, trc, None));
            points.push(("SMA", side, at(roof, -roof * index.to_radians().tan()), None));
            points.push(("HP", side, at(femur, fall), None));
            points.push(("FH", side, at(roof + nucleus_out, nucleus_down), None));
        }
        let film = Film { landmarks: set(points), spacing: spacing(0.2, 0.2) };
        film.turned(tilt)
    })
}

fn consistent(assessment: &Assessment) -> Result<(), TestCaseError> {
    for m in &assessment.measurements {
        prop_assert_eq!(m.value.is_some(), m.status.keeps_value(), "{} {:?}", m.code, m.status);
        prop_assert!(m.value.is_none_or(f64::is_finite));
        prop_assert!(m.ci95.is_none_or(|(low, high)| m.value.is_some() && low.is_finite() && low <= high));
        prop_assert_eq!(m.reason.is_empty(), m.status == Status::Ok);
    }
    for f in &assessment.findings {
        prop_assert_eq!(f.grade.is_some(), f.status.keeps_value());
        let total: f64 = f.probabilities.iter().map(|(_, share)| share).sum();
        prop_assert!(f.probabilities.is_empty() || (f.grade.is_some() && (total - 1.0).abs() < 1e-9));
        prop_assert_eq!(f.reason.is_empty(), f.status == Status::Ok);
    }
    Ok(())
}

fn same(a: &Assessment, b: &Assessment) -> Result<(), TestCaseError> {
    for (a, b) in a.measurements.iter().zip(&b.measurements) {
        prop_assert_eq!(a.status, b.status, "{}", a.code);
        let difference = a.value.unwrap_or(0.0) - b.value.unwrap_or(0.0);
        // A full turn is no difference.
        let turns =
            if a.code == "AI" || a.code == "CE_WIBERG" { (difference / 360.0).round() * 360.0 } else { 0.0 };
        prop_assert!((difference - turns).abs() < 1e-6, "{}: {:?} and {:?}", a.code, a.value, b.value);
    }
    for (a, b) in a.findings.iter().zip(&b.findings) {
        prop_assert_eq!(&a.grade, &b.grade, "{}", a.code);
        prop_assert_eq!(a.status, b.status, "{}", a.code);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_input_gives_a_value_or_a_reason(landmarks in any_landmarks(), spacing in any_spacing()) {
        consistent(&coxa::measure::assess(&landmarks, &spacing))?;
    }

    #[test]
    fn any_input_draws_finite_points_inside_the_image(
        landmarks in any_landmarks(),
        spacing in any_spacing(),
        rows in 0_usize..1200,
        columns in 0_usize..1200,
    ) {
        let inside = |p: &Point| {
            let slack = 1e-6;
            (-0.5 - slack..=columns as f64 - 0.5 + slack).contains(&p.x)
                && (-0.5 - slack..=rows as f64 - 0.5 + slack).contains(&p.y)
        };
        for primitive in construct(&landmarks, &spacing, rows, columns) {
            match primitive.shape {
                Shape::Line { a, b } => prop_assert!(inside(&a) && inside(&b), "{a:?} {b:?}"),
                Shape::Arc { points, .. } => prop_assert!(points.len() > 1 && points.iter().all(inside)),
                Shape::Label { anchor, at, .. } => prop_assert!(inside(&anchor) && inside(&at)),
            }
        }
    }

    #[test]
    fn labels_never_collide(film in infant(), rows in 500_usize..1500, columns in 500_usize..1500) {
        placed_well(&film, rows, columns);
    }

    #[test]
    fn results_do_not_depend_on_how_the_film_is_stored(
        film in infant(),
        degrees in -180.0..180.0_f64,
        mirrored: bool,
        (x, y) in (-500.0..500.0_f64, -500.0..500.0_f64),
        (row, column) in (0.05..0.5_f64, 0.05..0.5_f64),
    ) {
        let reference = film.assess();
        consistent(&reference)?;
        // What lies on a boundary may fall either way by rounding.
        prop_assume!(!on_a_boundary(&film));
        let turned = film.turned(degrees).shifted(x, y);
        let stored = if mirrored { turned.mirrored() } else { turned }.stored_with(row, column);
        same(&reference, &stored.assess())?;
    }
}

/// Whether a grade hangs by less than a micrometre.
fn on_a_boundary(film: &Film) -> bool {
    let assessment = film.assess();
    Side::BOTH.iter().any(|side| {
        let at = |code: LandmarkCode| film.landmarks.position(code, *side);
        let value = |code| assessment.measurement(code, Some(*side)).and_then(|m| m.value);
        let (Some(h), Some(d), Some(roof)) = (value("HILG_H"), value("HILG_D"), value("AI")) else {
            return true;
        };
        let (Some(trc), Some(sma), Some(fh)) =
            (at(LandmarkCode::TRC), at(LandmarkCode::SMA), at(LandmarkCode::FH))
        else {
            return true;
        };
        let edge = 0.2 * trc.distance(sma);
        let a = d - edge * roof.to_radians().cos();
        let height = 0.2 * fh.distance(sma) * value("CE_WIBERG").unwrap_or(0.0).to_radians().cos();
        let lateral = 0.2 * fh.distance(sma) * value("CE_WIBERG").unwrap_or(0.0).to_radians().sin();
        [h, a, a - h, height - 2.0, height + 2.0, lateral].iter().any(|v| v.abs() < 1e-3)
    })
}
