//! Worked numbers of the specification, section 3.5.

use crate::fixture::{Film, L, R, expect_in_all_ways, measured};
use coxa::measure::perthes::deformity::deformity_index;
use coxa::measure::perthes::epiphysis::Epiphysis;
use coxa::measure::{Landmark, LandmarkCode, LandmarkId, Origin, Point, Side, Status, Unit};

/// Right: 44 mm wide, 15 mm high. Left: 40 and 20 mm.
fn heads() -> Film {
    Film::fixture_p()
        .with_curve("HEAD", Side::Right, &[(240.0, 560.0), (300.0, 500.0), (350.0, 485.0), (460.0, 560.0)])
        .with_curve("HEAD", Side::Left, &[(860.0, 560.0), (800.0, 480.0), (760.0, 460.0), (660.0, 560.0)])
}

#[test]
fn epiphyseal_quotient() {
    expect_in_all_ways(&heads(), "EQ", R, (68.2, 0.05), Unit::Percent, Status::Ok);
}

#[test]
fn epiphyseal_extrusion() {
    // 12 mm lateral of SMA-R (x 300), the other head 48 mm wide.
    let film = heads().with_curve(
        "HEAD",
        Side::Left,
        &[(880.0, 560.0), (800.0, 480.0), (760.0, 460.0), (640.0, 560.0)],
    );
    expect_in_all_ways(&film, "EEI", R, (25.0, 1e-6), Unit::Percent, Status::Ok);
}

#[test]
fn deformity_index_is_disabled_until_its_formula_is_confirmed() {
    let m = measured(&heads(), "DI_STAR", R);
    assert_eq!((m.value, m.status), (None, Status::NotAvailable));
    assert!(m.reason.contains("not confirmed"), "{}", m.reason);
    let affected = Epiphysis { height: 15.0, width: 44.0 };
    let index = deformity_index(affected, Epiphysis { height: 20.0, width: 40.0 });
    assert!((index - 0.35).abs() < 1e-12, "{index}");
}

#[test]
fn roundness() {
    let film = Film::empty().with_curve(
        "HEAD",
        Side::Right,
        &[(55.0, 0.0), (0.0, 50.0), (-55.0, 0.0), (0.0, -50.0)],
    );
    expect_in_all_ways(&film, "RND", R, (4.8, 0.05), Unit::Percent, Status::Ok);
    expect_in_all_ways(&film, "RND_RANGE", R, (1.0, 0.05), Unit::Millimetre, Status::Ok);
}

/// Points on a circle of 100 px over `degrees`.
fn arc(degrees: f64) -> Vec<(f64, f64)> {
    (0..9)
        .map(|i| {
            let (sin, cos) = (degrees * f64::from(i) / 8.0).to_radians().sin_cos();
            (500.0 + 100.0 * cos, 500.0 - 100.0 * sin)
        })
        .collect()
}

#[test]
fn a_short_head_arc_is_flagged_and_a_shorter_one_refused() {
    let of = |degrees| measured(&Film::empty().with_curve("HEAD", Side::Right, &arc(degrees)), "RND", R);
    assert_eq!(of(121.0).status, Status::Ok);
    let flagged = of(119.0);
    assert_eq!(flagged.status, Status::ArcShort);
    assert!(flagged.value.is_some_and(|v| v < 1e-6), "{flagged:?}");
    let refused = of(89.0);
    assert_eq!((refused.value, refused.status), (None, Status::ArcShort));
}

#[test]
fn the_outline_of_58_points_serves_as_head_arc() {
    let mut film = Film::empty();
    for number in 1..=58 {
        // F24 to F42 on a half circle of 100 px; the rest far away.
        let angle = (f64::from(number) - 24.0) / 18.0 * 180.0;
        let (sin, cos) = angle.to_radians().sin_cos();
        let point = match number {
            24..=42 => Point::new(500.0 - 100.0 * cos, 500.0 - 100.0 * sin),
            n => Point::new(500.0, 700.0 + 5.0 * f64::from(n)),
        };
        let id = LandmarkId::new(LandmarkCode::new(format!("F{number:02}")), Side::Right);
        film.landmarks.insert(id, Landmark::defined(point, Some(0.5), Origin::Model));
    }
    let m = measured(&film, "RND", R);
    assert!(m.value.is_some_and(|v| v < 1e-6), "{m:?}");
    assert_eq!(m.ci95, None, "noise can only raise a roundness of 0");
    assert!(film.assess().measurement("RND", R).is_some(), "offered without asking");
    // Two heads are compared; one alone is refused.
    assert_eq!(measured(&film, "EQ", L).status, Status::MissingLandmark);
}
