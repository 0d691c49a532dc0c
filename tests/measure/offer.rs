//! Which measurements a film is offered.

use crate::fixture::{Film, all};
use coxa::measure::{Assessment, Panel, Protocol, Side, Status, catalogue};
use std::collections::BTreeSet;

fn codes(assessment: &Assessment) -> Vec<&str> {
    let mut codes: Vec<&str> = assessment.measurements.iter().map(|m| m.code).collect();
    codes.dedup();
    codes
}

#[test]
fn an_infant_film_is_measured_for_what_it_always_was() {
    let assessment = Film::fixture_p().assess();
    assert_eq!(codes(&assessment), ["AI", "CE_WIBERG", "HILG_H", "HILG_D", "MP"]);
    let findings: Vec<&str> = assessment.findings.iter().map(|f| f.code).collect();
    assert_eq!(findings, ["IHDI", "IHDI", "TONNIS_GRADE", "TONNIS_GRADE"]);
    assert!(assessment.readings.is_empty(), "no age, no norm");
}

#[test]
fn an_adult_film_is_not_told_what_an_infant_would_have() {
    let hip = |film: Film, side, x: f64| {
        film.with("LAE", side, x, 960.0)
            .with("FHC", side, x + 80.0, 1060.0)
            .with("NA", side, x - 40.0, 1180.0)
            .with("LCP", side, x - 30.0, 1010.0)
    };
    let film = hip(hip(Film::empty(), Side::Right, 520.0), Side::Left, 1400.0);
    let assessment = film.assess();
    assert_eq!(codes(&assessment), ["LCE", "ALPHA_3PT"]);
    assert!(assessment.findings.iter().all(|f| ["DYSPLASIA", "PINCER", "CAM"].contains(&f.code)));
    let with_circle = film.with_radius("FHC", Side::Right, 120.0).assess();
    assert_eq!(codes(&with_circle), ["LCE", "FHEI", "ALPHA_3PT"]);
}

#[test]
fn a_film_without_landmarks_says_what_is_missing() {
    let assessment = Film::empty().assess();
    assert_eq!(codes(&assessment), ["AI", "CE_WIBERG", "HILG_H", "HILG_D"]);
    assert!(assessment.measurements.iter().all(|m| m.status == Status::MissingLandmark && m.value.is_none()));
}

#[test]
fn panels_list_their_chapters_whatever_the_film_has() {
    let of = |panel| {
        let assessment = Film::fixture_p().assess_by(&Protocol { panel, ..Protocol::default() });
        codes(&assessment).into_iter().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let (child, adult) = (of(Panel::Paediatric), of(Panel::Adult));
    for code in ["AI", "CE_HPOINT", "SMITH_CB", "SHENTON", "DI_STAR", "ROT_IDX"] {
        assert!(child.contains(code) && (code == "ROT_IDX" || !adult.contains(code)), "{code}");
    }
    for code in ["LCE", "RI", "ALPHA_CONTOUR", "MIKULICZ", "LLD_ISC", "PT"] {
        assert!(adult.contains(code) && !child.contains(code), "{code}");
    }
    let every: BTreeSet<String> = catalogue::definitions().map(|d| d.code.to_owned()).collect();
    assert_eq!(of(Panel::All), every);
    assert_eq!(every.len(), catalogue::definitions().count(), "no code twice");
}

#[test]
fn whatever_is_missing_is_said() {
    // Every measurement of a film without landmarks is refused with a reason; none is a number.
    for m in Film::empty().assess_by(&all()).measurements {
        assert!(m.value.is_none() && !m.reason.is_empty(), "{m:?}");
        let expected = ["MIKULICZ", "DI_STAR"].contains(&m.code);
        assert_eq!(
            m.status,
            if expected { Status::NotAvailable } else { Status::MissingLandmark },
            "{}",
            m.code
        );
    }
}
