//! Worked numbers of the specification, section 3.1, beyond what every infant film is measured for.

use crate::fixture::{Film, L, R, all, expect_in_all_ways, measured};
use coxa::measure::anatomy::Hip;
use coxa::measure::frame::HipFrame;
use coxa::measure::hip::ihdi;
use coxa::measure::metric::MetricLandmarks;
use coxa::measure::{Side, Status, Unit};

fn film() -> Film {
    Film::fixture_p().with("MM", Side::Right, 370.0, 560.0).with("MM", Side::Left, 690.0, 545.0)
}

#[test]
fn h_point_edge_angle() {
    expect_in_all_ways(&film(), "CE_HPOINT", R, (18.4, 0.05), Unit::Degree, Status::Ok);
    expect_in_all_ways(&film(), "CE_HPOINT", L, (-11.9, 0.05), Unit::Degree, Status::Ok);
}

#[test]
fn smith_ratios() {
    for (code, side, expected) in
        [("SMITH_CB", R, 0.65), ("SMITH_CB", L, 0.95), ("SMITH_HB", R, 0.2), ("SMITH_HB", L, 0.125)]
    {
        expect_in_all_ways(&film(), code, side, (expected, 1e-9), Unit::Ratio, Status::Ok);
    }
    let on_midline = film().with("SMA", Side::Right, 500.0, 450.0);
    let m = measured(&on_midline, "SMITH_CB", R);
    assert_eq!((m.value, m.status), (None, Status::BaselineShort));
}

#[test]
fn smith_ratios_by_the_sacrum() {
    // Upright over the middle of TRC-R and TRC-L it is their bisector.
    let upright = film().with_midline("SCJ", 500.0, 300.0).with_midline("PSS", 500.0, 700.0);
    for (code, side, expected) in [
        ("SMITH_CB_SAC", R, 0.65),
        ("SMITH_CB_SAC", L, 0.95),
        ("SMITH_HB_SAC", R, 0.2),
        ("SMITH_HB_SAC", L, 0.125),
    ] {
        expect_in_all_ways(&upright, code, side, (expected, 1e-9), Unit::Ratio, Status::Ok);
    }
    // Leaning by 3:4, through (500, 500): a point at (dx, dy) from there lies (4·dx + 3·dy)/5 to its right.
    let leaning = film().with_midline("SCJ", 575.0, 400.0).with_midline("PSS", 350.0, 700.0);
    let (edge, neck) = ((4.0 * 200.0 - 3.0 * 70.0) / 5.0, (4.0 * 190.0 + 3.0 * 45.0) / 5.0);
    expect_in_all_ways(&leaning, "SMITH_CB_SAC", L, (neck / edge, 1e-9), Unit::Ratio, Status::Ok);
    let nowhere = film().with_midline("SCJ", 500.0, 700.0).with_midline("PSS", 501.0, 700.0);
    assert_eq!(measured(&nowhere, "SMITH_CB_SAC", L).status, Status::Coincident);
}

#[test]
fn yamamuro_distances() {
    let film = film().with("ISL", Side::Right, 380.0, 620.0);
    expect_in_all_ways(&film, "YAMAMURO_A", R, (8.0, 1e-9), Unit::Millimetre, Status::Ok);
    expect_in_all_ways(&film, "YAMAMURO_B", R, (10.0, 1e-9), Unit::Millimetre, Status::Ok);
}

#[test]
fn shenton_step_of_a_short_arc_is_flagged() {
    let film = Film::empty()
        .with_curve("SPA", Side::Left, &[(490.0, 620.0), (470.0, 640.0), (550.0, 600.0)])
        .with_curve("SNA", Side::Left, &[(622.0, 604.0), (646.0, 628.0)]);
    // The example's own points span 53° of their circle.
    expect_in_all_ways(&film, "SHENTON", L, (4.0, 1e-6), Unit::Millimetre, Status::ArcShort);
    let m = measured(&film, "SHENTON", L);
    assert!(m.reason.contains("53°"), "{}", m.reason);
    let few = film.clone().with_curve("SPA", Side::Left, &[(490.0, 620.0), (550.0, 600.0)]);
    assert_eq!(measured(&few, "SHENTON", L).status, Status::MissingLandmark);
    let straight =
        film.clone().with_curve("SPA", Side::Left, &[(490.0, 620.0), (500.0, 620.0), (550.0, 620.0)]);
    assert_eq!(measured(&straight, "SHENTON", L).status, Status::Collinear);
    let tiny = film.with_curve("SPA", Side::Left, &[(540.0, 600.5), (550.0, 600.0), (560.0, 600.5)]);
    assert_eq!(
        (measured(&tiny, "SHENTON", L).value, measured(&tiny, "SHENTON", L).status),
        (None, Status::ArcShort)
    );
}

#[test]
fn distances_of_the_h_point_from_the_lines() {
    for (way, film) in film().stored_in_all_ways() {
        let points = MetricLandmarks::new(&film.landmarks, &film.spacing);
        let frame = HipFrame::new(&points).expect("both TRC");
        for (side, a, b) in [(Side::Right, -6.0, 8.0), (Side::Left, 4.0, 5.0)] {
            let beyond = ihdi::boundaries(&Hip { points: &points, frame: &frame, side }).expect("all points");
            assert!(
                (beyond.perkin - a).abs() < 1e-6 && (beyond.hilgenreiner + b).abs() < 1e-6,
                "{way}: {beyond:?}"
            );
        }
    }
}

#[test]
fn the_next_grade_is_named_with_its_distance() {
    let next = |film: &Film, code: &str, side| {
        let next = film.assess().finding(code, side).and_then(|f| f.next.clone()).expect("graded");
        assert_eq!(next.unit, Unit::Millimetre);
        (next.grade, next.distance)
    };
    let close = |(grade, distance): (String, f64), expected: &str, millimetres: f64| {
        assert!(grade == expected && (distance - millimetres).abs() < 1e-9, "{grade} {distance}");
    };
    let p = Film::fixture_p();
    // Right: 6 mm medial of Perkin, 8 mm below Hilgenreiner. Left: a 4, b 5, so 1/√2 mm from the D-line.
    close(next(&p, "IHDI", R), "II", 6.0);
    close(next(&p, "IHDI", L), "III", 0.5_f64.sqrt());
    let at = |x, y| Film::fixture_p().with("HP", Side::Left, x, y);
    close(next(&at(705.0, 525.0), "IHDI", L), "I", 1.0);
    close(next(&at(790.0, 502.0), "IHDI", L), "IV", 0.4);
    close(next(&at(790.0, 498.0), "IHDI", L), "III", 0.4);
    close(next(&at(790.0, 580.0), "IHDI", L), "II", 2.0 * 0.5_f64.sqrt());
    close(next(&at(650.0, 498.0), "IHDI", L), "I", 0.4);
    close(next(&at(650.0, 503.0), "IHDI", L), "IV", 0.6);
    // Tönnis: SMA-L at (700, 430), the band 10 px either way.
    let at = |x, y| Film::fixture_p().with("FH", Side::Left, x, y);
    close(next(&at(720.0, 510.0), "TONNIS_GRADE", L), "1", 4.0);
    close(next(&at(760.0, 445.0), "TONNIS_GRADE", L), "3", 1.0);
    close(next(&at(760.0, 438.0), "TONNIS_GRADE", L), "2", 0.4);
    close(next(&at(690.0, 438.0), "TONNIS_GRADE", L), "1", 0.4);
    close(next(&at(760.0, 422.0), "TONNIS_GRADE", L), "4", 0.4);
    close(next(&at(760.0, 415.0), "TONNIS_GRADE", L), "3", 1.0);
    close(next(&at(695.0, 600.0), "TONNIS_GRADE", L), "2", 1.0);
}

#[test]
fn crossing_to_the_next_grade_takes_that_distance() {
    // From every place to the nearest place of another grade, by search.
    for (x, y) in
        [(640.0, 560.0), (702.0, 590.0), (730.0, 540.0), (760.0, 520.0), (790.0, 480.0), (650.0, 470.0)]
    {
        let film = Film::fixture_p().with("HP", Side::Left, x, y);
        let assessment = film.assess();
        let finding = assessment.finding("IHDI", L).expect("graded");
        let next = finding.next.clone().expect("named");
        let grade_at = |dx: f64, dy: f64| {
            let moved = Film::fixture_p().with("HP", Side::Left, x + dx, y + dy).assess();
            moved.finding("IHDI", L).and_then(|f| f.grade.clone())
        };
        let ring = |radius_mm: f64| {
            (0..360).map(move |i| {
                let (sin, cos) = f64::from(i).to_radians().sin_cos();
                (radius_mm / 0.2 * cos, radius_mm / 0.2 * sin)
            })
        };
        let same = |(dx, dy)| grade_at(dx, dy) == finding.grade;
        assert!(ring(next.distance * 0.999).all(same), "{x} {y}: another grade is nearer than {next:?}");
        assert!(
            ring(next.distance * 1.01 + 1e-6).any(|(dx, dy)| grade_at(dx, dy) == Some(next.grade.clone()))
        );
    }
}

#[test]
fn the_nucleus_in_the_place_of_the_h_point_is_another_grade() {
    let usual = film().assess();
    assert!(usual.finding("IHDI_FH", L).is_none(), "only on request");
    let surrogate = film().assess_by(&all());
    let finding = surrogate.finding("IHDI_FH", L).expect("on request");
    // FH-L (720, 510): a 4 mm, b 2 mm.
    assert_eq!((finding.grade.as_deref(), finding.rule), (Some("III"), "IHDI_FH/1"));
}

#[test]
fn an_unsigned_formula_would_call_the_lateral_head_covered() {
    let film = Film::fixture_p();
    let sma = film.landmarks.position(coxa::measure::LandmarkCode::SMA, Side::Left).expect("given");
    let head = film.landmarks.position(coxa::measure::LandmarkCode::FH, Side::Left).expect("given");
    let unsigned = (sma - head).angle_deg(coxa::measure::Vector::new(0.0, -1.0));
    assert!((unsigned - 14.0).abs() < 0.05);
    assert!(measured(&film, "CE_WIBERG", L).value.is_some_and(|v| (v + unsigned).abs() < 1e-9));
}
