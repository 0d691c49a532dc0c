//! What holds of every measurement for any film: a value or the reason why not, and no dependence on storage.

use crate::anatomy::{self, ANATOMY};
use crate::fixture::{Film, all, id};
use coxa::measure::{
    Assessment, Context, Landmark, LandmarkCode, LandmarkId, Origin, Panel, Point, Protocol, Side, Spacing,
    SpacingStatus, Status, assess_by, catalogue, scheme,
};
use proptest::prelude::*;

const PAIRED: [&str; 30] = [
    "TRC", "SMA", "HP", "FH", "FHC", "NA", "LAE", "LCP", "TD", "ISC", "LT", "MM", "LSE", "MSE", "AD", "NS",
    "NC", "SP", "SD", "SYM", "ISH", "ISL", "ISP", "PBR", "OFM", "OFL", "OFS", "OFI", "GT", "F01",
];
const MIDLINE: [&str; 3] = ["SCJ", "PSS", "S1M"];
const CURVES: [&str; 7] = ["AW", "PW", "SPA", "SNA", "HEAD", "HNC", "NCL"];

pub fn pelvis(jitter: &[(f64, f64)]) -> Film {
    let midline = anatomy::MIDLINE.into_iter();
    let mut film = midline.fold(Film::empty(), |film, (code, x, y)| film.with_midline(code, x, y));
    let mut jitter = jitter.iter().cycle();
    let mut moved = |x: f64, y: f64| {
        let (dx, dy) = jitter.next().copied().unwrap_or_default();
        (x + dx, y + dy)
    };
    for side in Side::BOTH {
        let mirror = |(x, y): (f64, f64)| if side == Side::Right { (x, y) } else { (2000.0 - x, y) };
        for (code, x, y) in ANATOMY {
            let (x, y) = mirror(moved(x, y));
            film = film.with(code, side, x, y);
        }
        let curves: [(&str, &[(f64, f64)]); 7] = [
            ("AW", &[(525.0, 960.0), (600.0, 1080.0), (740.0, 1200.0)]),
            ("PW", &[(525.0, 965.0), (560.0, 1080.0), (720.0, 1230.0)]),
            ("SPA", &[(860.0, 1240.0), (800.0, 1180.0), (700.0, 1220.0), (680.0, 1290.0)]),
            ("SNA", &[(640.0, 1330.0), (600.0, 1380.0)]),
            ("HEAD", &[(490.0, 1010.0), (540.0, 950.0), (620.0, 940.0), (700.0, 1000.0), (715.0, 1090.0)]),
            ("HNC", &[(600.0, 941.0), (500.0, 1000.0), (450.0, 1040.0), (400.0, 1080.0)]),
            ("NCL", &[(560.0, 1100.0), (520.0, 1140.0), (480.0, 1178.0)]),
        ];
        for (code, points) in curves {
            let points: Vec<(f64, f64)> = points.iter().map(|p| mirror(*p)).collect();
            film = film.with_curve(code, side, &points);
        }
        film = film.with_radius("FHC", side, 120.0).with_radius("FH", side, 90.0);
    }
    film
}

fn jitter() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((-6.0..6.0_f64, -6.0..6.0_f64), 60)
}

fn any_coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..2000.0_f64,
        2 => prop::sample::select(vec![500.0, 500.1, 1000.0]),
        1 => -1e6..1e6_f64,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, -f64::INFINITY, 1e308, -1e308, 1e-320, 0.0]),
    ]
}

fn any_spacing() -> impl Strategy<Value = Spacing> {
    let size = || {
        prop_oneof![
            8 => 0.05..0.5_f64,
            1 => prop::sample::select(vec![0.0, -0.2, f64::NAN, f64::INFINITY, 1e-310, 1e300]),
        ]
    };
    let status = prop::sample::select(vec![SpacingStatus::Calibrated, SpacingStatus::AssumedIsotropic]);
    (size(), size(), status).prop_map(|(row, column, status)| Spacing { row, column, status })
}

/// Anything at all under every name that there is.
fn any_film() -> impl Strategy<Value = Film> {
    let sd = prop::sample::select(vec![None, Some(0.0), Some(3.0), Some(f64::NAN)]);
    let point = prop::option::weighted(0.9, (any_coordinate(), any_coordinate(), sd));
    let points = prop::collection::vec(point, PAIRED.len() * 2 + MIDLINE.len());
    let curve = prop::option::of(prop::collection::vec((any_coordinate(), any_coordinate()), 0..6));
    let curves = prop::collection::vec(curve, CURVES.len() * 2);
    let radii = prop::collection::vec(prop::option::of(any_coordinate()), 4);
    (points, curves, radii, any_spacing()).prop_map(|(points, curves, radii, spacing)| {
        let mut film = Film { spacing, ..Film::empty() };
        let paired = Side::BOTH.iter().flat_map(|side| PAIRED.map(|code| id(code, *side)));
        let ids = paired.chain(MIDLINE.map(|code| LandmarkId::midline(LandmarkCode::new(code))));
        for (id, point) in ids.zip(points) {
            if let Some((x, y, sd)) = point {
                film.landmarks.insert(id, Landmark::defined(Point::new(x, y), sd, Origin::Model));
            }
        }
        let ids = Side::BOTH.iter().flat_map(|side| CURVES.map(|code| id(code, *side)));
        for (id, curve) in ids.zip(curves) {
            let Some(curve) = curve else { continue };
            film.landmarks.polylines.insert(id, curve.iter().map(|(x, y)| Point::new(*x, *y)).collect());
        }
        let ids = Side::BOTH.iter().flat_map(|side| ["FH", "FHC"].map(|code| id(code, *side)));
        film.landmarks.radii_px.extend(ids.zip(radii).filter_map(|(id, radius)| Some((id, radius?))));
        film
    })
}

/// Every landmark of every scheme, those of the outline included, on either side: sane, absurd or not there.
fn any_scheme() -> impl Strategy<Value = Film> {
    let schemes = scheme::embedded();
    let count: usize = schemes.iter().map(|scheme| 2 * scheme.landmarks.len()).sum();
    let point =
        prop::option::weighted(0.8, (any_coordinate(), any_coordinate(), prop::option::of(0.0..50.0_f64)));
    let points = prop::collection::vec(point, count);
    let outline = prop::collection::vec((any_coordinate(), any_coordinate()), 0..40);
    let origin = prop::sample::select(vec![Origin::Model, Origin::Person, Origin::File]);
    (0..schemes.len(), any::<bool>(), points, outline, origin, any_spacing()).prop_map(
        move |(only, together, points, outline, origin, spacing)| {
            let mut film = Film { spacing, ..Film::empty() };
            let mut points = points.into_iter();
            for (_, scheme) in schemes.iter().enumerate().filter(|(index, _)| together || *index == only) {
                for landmark in &scheme.landmarks {
                    let sides: &[Option<Side>] =
                        if landmark.paired { &[Some(Side::Right), Some(Side::Left)] } else { &[None] };
                    for side in sides {
                        let id = LandmarkId { code: landmark.code.clone(), side: *side };
                        let Some((x, y, sd)) = points.next().flatten() else { continue };
                        if landmark.polyline {
                            let line = outline.iter().map(|(dx, dy)| Point::new(x + dx, y + dy)).collect();
                            film.landmarks.polylines.insert(id, line);
                        } else {
                            film.landmarks.insert(id, Landmark::defined(Point::new(x, y), sd, origin));
                        }
                    }
                }
            }
            film
        },
    )
}

fn consistent(assessment: &Assessment) -> Result<(), TestCaseError> {
    for m in &assessment.measurements {
        prop_assert!(m.value.is_none() || m.status.keeps_value(), "{m:?}");
        prop_assert!(m.value.is_some() || m.status != Status::Ok, "{m:?}");
        prop_assert!(m.value.is_none_or(f64::is_finite), "{m:?}");
        prop_assert!(
            m.ci95.is_none_or(|(low, high)| m.value.is_some() && low.is_finite() && low <= high),
            "{m:?}"
        );
        prop_assert_eq!(m.reason.is_empty(), m.status == Status::Ok, "{:?}", m);
        prop_assert!(m.positioning.is_none() || m.value.is_some());
    }
    for f in &assessment.findings {
        let total: f64 = f.probabilities.iter().map(|(_, share)| share).sum();
        prop_assert!(
            f.probabilities.is_empty() || (f.grade.is_some() && (total - 1.0).abs() < 1e-9),
            "{f:?}"
        );
        prop_assert!(f.status == Status::Ok || !f.reason.is_empty(), "{f:?}");
        prop_assert!(
            f.next.as_ref().is_none_or(|next| next.distance >= 0.0 && Some(&next.grade) != f.grade.as_ref()),
            "{f:?}"
        );
    }
    Ok(())
}

/// Like `same`, with the angle of a full turn as none.
fn same(a: &Assessment, b: &Assessment) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.measurements.len(), b.measurements.len());
    for (a, b) in a.measurements.iter().zip(&b.measurements) {
        // How the pelvis lies in the image is what obliquity says.
        if a.code == "PO" {
            continue;
        }
        prop_assert_eq!(a.status, b.status, "{}: {} / {}", a.code, &a.reason, &b.reason);
        let (x, y) = (a.value.unwrap_or(0.0), b.value.unwrap_or(0.0));
        prop_assert!((x - y).abs() < 1e-6 * x.abs().max(1.0), "{}: {x} and {y}", a.code);
    }
    Ok(())
}

/// More of them on request: `COXA_CASES=20000`.
fn cases() -> u32 {
    std::env::var("COXA_CASES").ok().and_then(|words| words.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_input_gives_a_value_or_a_reason(
        film in any_film(),
        reference in prop::option::of(prop::sample::select(coxa::measure::ReferenceLine::ALL.to_vec())),
        patient_right_on_left: Option<bool>,
        age_months in prop::option::of(0.0..400.0_f64),
    ) {
        let mut protocol = Protocol { reference, panel: Panel::All, ..Protocol::from(Context { patient_right_on_left }) };
        protocol.subject.age_months = age_months;
        let mut plain = film.clone();
        // Draws of so many measurements are slow; every fourth film keeps them.
        if film.landmarks.points.len() % 4 != 0 {
            plain = plain.with_deviation(0.0);
        }
        consistent(&assess_by(&plain.landmarks, &plain.spacing, &protocol))?;
    }

    #[test]
    fn any_points_of_any_scheme_give_a_value_or_a_reason(
        film in any_scheme(),
        drawn in prop::sample::select(vec![true, false, false, false, false, false, false, false]),
        patient_right_on_left: Option<bool>,
    ) {
        let mut film = film;
        if !drawn {
            // Draws of so many measurements are slow; every eighth film keeps them.
            for landmark in film.landmarks.points.values_mut() {
                *landmark = Landmark::defined(landmark.position().expect("given"), None, Origin::File);
            }
        }
        let protocol = Protocol { panel: Panel::All, ..Protocol::from(Context { patient_right_on_left }) };
        let assessment = assess_by(&film.landmarks, &film.spacing, &protocol);
        consistent(&assessment)?;
        let valid = |v: f64| v.is_finite() && v > 0.0;
        if !(valid(film.spacing.row) && valid(film.spacing.column)) {
            prop_assert!(assessment.measurements.iter().all(|m| m.value.is_none()));
        }
    }

    #[test]
    fn nothing_depends_on_how_the_film_is_stored(
        jitter in jitter(),
        degrees in -40.0..40.0_f64,
        mirrored: bool,
        (x, y) in (-1e4..1e4_f64, -1e4..1e4_f64),
        (row, column) in (0.05..0.5_f64, 0.05..0.5_f64),
    ) {
        let film = pelvis(&jitter);
        let reference = film.assess_by(&all());
        consistent(&reference)?;
        let turned = film.turned(degrees).shifted(x, y);
        let stored = if mirrored { turned.mirrored() } else { turned }.stored_with(row, column);
        same(&reference, &stored.assess_by(&all()))?;
    }

    #[test]
    fn a_missing_side_is_refused_and_the_other_stands(jitter in jitter(), index in 0_usize..30) {
        let code = ANATOMY[index].0;
        // Said to be missing: a head that nobody speaks of is taken from its outline.
        let mut film = pelvis(&jitter);
        film.landmarks.insert(id(code, Side::Right), Landmark::missing("hidden", Origin::File));
        let assessment = film.assess_by(&all());
        let whole = pelvis(&jitter).assess_by(&all());
        for m in &assessment.measurements {
            let definition = catalogue::definition(m.code).expect("listed");
            let needed = definition.needs.iter().any(|need| need.ids(m.side).contains(&id(code, Side::Right)));
            if needed && m.code != "DI_STAR" && m.code != "MIKULICZ" {
                prop_assert_eq!((m.value, m.status), (None, Status::MissingLandmark), "{}", m.code);
            } else if m.reference_line.is_none() {
                let before = whole.measurement(m.code, m.side).expect("listed");
                prop_assert_eq!(m.value, before.value, "{} does not need {}", m.code, code);
            }
        }
    }

    #[test]
    fn swapped_sides_measure_nothing(jitter in jitter(), index in 0_usize..30) {
        let mut film = pelvis(&jitter);
        let code = ANATOMY[index].0;
        let at = |side| film.landmarks.points[&id(code, side)].clone();
        let (right, left) = (at(Side::Right), at(Side::Left));
        film.landmarks.insert(id(code, Side::Right), left);
        film.landmarks.insert(id(code, Side::Left), right);
        for m in film.assess_by(&all()).measurements {
            prop_assert_eq!((m.value, m.status), (None, Status::LateralityConflict), "{}", m.code);
        }
    }

    #[test]
    fn a_header_that_contradicts_the_labels_measures_nothing(jitter in jitter(), mirrored: bool) {
        let film = pelvis(&jitter);
        let film = if mirrored { film.mirrored() } else { film };
        let context = Context { patient_right_on_left: Some(mirrored) };
        let protocol = Protocol { panel: Panel::All, ..Protocol::from(context) };
        for m in film.assess_by(&protocol).measurements {
            prop_assert_eq!((m.value, m.status), (None, Status::LateralityConflict), "{}", m.code);
        }
    }
}

#[test]
fn every_measurement_has_a_value_on_a_whole_film() {
    let assessment = pelvis(&[]).assess_by(&all());
    for m in &assessment.measurements {
        let none = ["MIKULICZ", "DI_STAR"].contains(&m.code);
        assert_eq!(m.value.is_none(), none, "{} {:?}: {}", m.code, m.side, m.reason);
    }
}

#[test]
fn directions_of_coincident_points_are_refused() {
    // The vector of each, its second point laid upon the first.
    for (code, from, to) in [
        ("LCE", "FHC", "LAE"),
        ("MLCE", "FHC", "LSE"),
        ("TONNIS_ANGLE", "MSE", "LSE"),
        ("SHARP", "TD", "LAE"),
        ("ADR", "TD", "LAE"),
        ("ALPHA_3PT", "FHC", "NA"),
        ("ALPHA_3PT", "FHC", "LCP"),
        ("ALPHA_CONTOUR", "FHC", "NA"),
        ("NSA", "NC", "FHC"),
        ("NSA", "SP", "SD"),
        ("HNO", "FHC", "NC"),
        ("CE_HPOINT", "HP", "SMA"),
        ("CE_WIBERG", "FH", "SMA"),
        ("ROT_IDX", "OFM", "OFL"),
        ("SOI", "SYM", "ISH"),
    ] {
        for side in Side::BOTH {
            let film = pelvis(&[]);
            let at = film.landmarks.position(LandmarkCode::new(from), side).expect("given");
            let film = film.with(to, side, at.x + 1.0, at.y - 1.0);
            let definition = catalogue::definition(code).expect("known");
            let side = if definition.sides().len() == 1 { None } else { Some(side) };
            let assessment = film.assess_by(&all());
            let m = assessment.measurement(code, side).expect("listed");
            assert_eq!((m.value, m.status), (None, Status::Coincident), "{code} {from}–{to}: {}", m.reason);
        }
    }
}

#[test]
fn parallel_lines_give_an_angle_and_no_error() {
    let along = |sign: f64| {
        let film = pelvis(&[]).with("NC", Side::Right, 600.0, 1260.0).with("SP", Side::Right, 430.0, 1300.0);
        film.with("SD", Side::Right, 430.0, 1300.0 + sign * 300.0)
    };
    for (sign, expected, status) in [(1.0, 180.0, Status::Ok), (-1.0, 0.0, Status::OutOfRange)] {
        let assessment = along(sign).assess_by(&all());
        let m = assessment.measurement("NSA", Some(Side::Right)).expect("listed");
        assert!(m.value.is_some_and(|v| (v - expected).abs() < 1e-9), "{m:?}");
        assert_eq!(m.status, status);
    }
}

#[test]
fn a_point_that_is_no_number_is_missing() {
    for (code, ..) in ANATOMY {
        let film = pelvis(&[]).with(code, Side::Left, f64::NAN, 100.0);
        for m in film.assess_by(&all()).measurements {
            let definition = catalogue::definition(m.code).expect("listed");
            if definition.needs.iter().any(|need| need.ids(m.side).contains(&id(code, Side::Left))) {
                assert!(m.value.is_none(), "{} of NaN {code}: {m:?}", m.code);
            }
        }
    }
}
