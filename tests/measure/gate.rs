//! The positioning gate, value by value.

use crate::fixture::{Film, R, all};
use coxa::measure::quality::gate::Positioning;
use coxa::measure::{Assessment, Side, Status};

/// Fixture A and P on one film, the obturator foramina `right` and 50 mm wide.
fn film(right: f64) -> Film {
    let px = right / 0.2;
    let mut film = Film::fixture_a()
        .with("OFM", Side::Right, 900.0, 1300.0)
        .with("OFL", Side::Right, 900.0 - px, 1300.0)
        .with("OFM", Side::Left, 1100.0, 1300.0)
        .with("OFL", Side::Left, 1350.0, 1300.0)
        .with_curve("PW", Side::Right, &[(500.0, 900.0), (500.0, 1500.0)]);
    for (id, landmark) in Film::fixture_p().landmarks.iter() {
        film.landmarks.insert(id.clone(), landmark.clone());
    }
    film
}

fn status(assessment: &Assessment, code: &str) -> (Status, Option<String>) {
    let m = assessment.measurement(code, R).expect("listed");
    assert!(m.value.is_some(), "{code}: {}", m.reason);
    (m.status, m.positioning.as_ref().map(|p| p.code().to_owned()))
}

#[test]
fn each_value_bears_what_it_bears() {
    let some = |code: &str| Some(code.to_owned());
    let judged = |width: f64| {
        let assessment = film(width).assess_by(&all());
        ["AI", "LCE", "PW_SIGN", "ALPHA_3PT"].map(|code| status(&assessment, code))
    };
    // 0.80: well placed, also for the signs of retroversion.
    let kept = (Status::Ok, some("kept"));
    assert_eq!(judged(40.0), [kept.clone(), kept.clone(), kept, (Status::Ok, None)]);
    // 0.60: the roof's angles flagged, the posterior wall withheld.
    let flagged = (Status::Ok, some("flagged"));
    let withheld = (Status::Positioning, some("withheld"));
    assert_eq!(judged(30.0), [flagged.clone(), flagged, withheld.clone(), (Status::Ok, None)]);
    // 0.50: withheld, the value still there; the femur's own angle stands.
    assert_eq!(judged(25.0), [withheld.clone(), withheld.clone(), withheld.clone(), (Status::Ok, None)]);
    // 2.0: turned the other way.
    assert_eq!(judged(100.0), [withheld.clone(), withheld.clone(), withheld, (Status::Ok, None)]);
}

#[test]
fn the_edges_of_the_band_belong_to_it() {
    let of = |width: f64| status(&film(width).assess_by(&all()), "AI").0;
    assert_eq!((of(28.01), of(27.9)), (Status::Ok, Status::Positioning));
    assert_eq!((of(89.9), of(90.1)), (Status::Ok, Status::Positioning));
}

#[test]
fn what_is_withheld_is_judged_by_nothing() {
    let assessment = film(25.0).assess_by(&all());
    for code in ["DYSPLASIA", "PINCER"] {
        let finding = assessment.finding(code, R).expect("listed");
        assert_eq!(finding.grade.as_deref(), Some("not_assessable"));
        assert_eq!(finding.status, Status::Positioning);
        assert!(finding.reason.contains("rotation index 0.50"), "{}", finding.reason);
    }
    assert_eq!(assessment.readings_of("LCE", R).count(), 0);
    let straight = film(50.0).assess_by(&all());
    assert_eq!(straight.finding("DYSPLASIA", R).and_then(|f| f.grade.clone()).as_deref(), Some("normal"));
}

#[test]
fn a_tilt_whose_limits_are_not_confirmed_only_flags() {
    let film = film(50.0)
        .with("OFS", Side::Right, 880.0, 1250.0)
        .with("OFI", Side::Right, 880.0, 1400.0)
        .with("OFS", Side::Left, 1120.0, 1250.0)
        .with("OFI", Side::Left, 1120.0, 1400.0)
        .with_midline("PSS", 500.0, 1000.0);
    let assessment = film.assess_by(&all());
    // 30 mm high, 100 mm below the line.
    let index = assessment.measurement("TILT_IDX", None).and_then(|m| m.value).expect("measured");
    assert!((index - 0.3).abs() < 1e-9, "{index}");
    let m = assessment.measurement("AI", R).expect("listed");
    assert_eq!(m.status, Status::Ok);
    assert!(
        matches!(&m.positioning, Some(Positioning::Flagged(reason)) if reason.contains("not confirmed")),
        "{m:?}"
    );
}

#[test]
fn a_film_without_indices_is_not_judged() {
    let assessment = Film::fixture_p().assess();
    assert!(assessment.measurements.iter().all(|m| m.positioning.is_none()));
}
