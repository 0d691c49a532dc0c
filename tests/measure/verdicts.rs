//! Findings from numbers: thresholds exactly as printed, and what stops a judgement.

use crate::fixture::{Film, L, R};
use coxa::measure::norms::{embedded, replaced};
use coxa::measure::protocol::{CamSet, View};
use coxa::measure::zones::{Class, Cut, Zones};
use coxa::measure::{Finding, Protocol, Sex, Side, Status, Subject};
use std::borrow::Cow;

fn adult() -> Protocol {
    let subject = Subject { age_months: Some(30.0 * 12.0), sex: Some(Sex::Female), view: Some(View::Ap) };
    Protocol { subject, ..Protocol::default() }
}

#[track_caller]
fn finding(film: &Film, protocol: &Protocol, code: &str, side: Option<Side>) -> Finding {
    film.assess_by(protocol).finding(code, side).cloned().expect("is listed")
}

fn class(film: &Film, protocol: &Protocol, code: &str) -> String {
    finding(film, protocol, code, R).grade.expect("a class")
}

/// An LCE of `degrees` on the right.
fn covered(degrees: f64) -> Film {
    let (sin, cos) = degrees.to_radians().sin_cos();
    Film::fixture_a().with("LAE", Side::Right, 600.0 - 150.0 * sin, 1060.0 - 150.0 * cos)
}

/// An alpha of `degrees` on the right; the neck points along +x and the cam lies above.
fn cam(degrees: f64) -> Film {
    let (sin, cos) = degrees.to_radians().sin_cos();
    Film::fixture_a().with("NA", Side::Right, 700.0, 1060.0).with(
        "LCP",
        Side::Right,
        600.0 + 150.0 * cos,
        1060.0 - 150.0 * sin,
    )
}

#[test]
fn dysplasia_and_pincer_by_the_edge_angle() {
    for (degrees, dysplasia, pincer) in [
        (19.9, "abnormal", "normal"),
        (20.1, "borderline", "normal"),
        (24.9, "borderline", "normal"),
        (25.1, "normal", "normal"),
        (39.9, "normal", "normal"),
        (40.1, "normal", "abnormal"),
    ] {
        let film = covered(degrees);
        assert_eq!(class(&film, &adult(), "DYSPLASIA"), dysplasia, "{degrees}");
        assert_eq!(class(&film, &adult(), "PINCER"), pincer, "{degrees}");
    }
}

#[test]
fn comparisons_are_strict_as_printed() {
    let dysplasia = (coxa::measure::verdict::dysplasia::RULE.zones)(&adult()).expect("an adult");
    assert_eq!(
        [19.999, 20.0, 24.999, 25.0].map(|v| dysplasia.class(v)),
        [Class::Abnormal, Class::Borderline, Class::Borderline, Class::Normal]
    );
    let zones =
        |cam_set| (coxa::measure::verdict::cam::RULE.zones)(&Protocol { cam_set, ..adult() }).expect("AP");
    assert_eq!([65.0, 65.001].map(|v| zones(CamSet::S5_65).class(v)), [Class::Normal, Class::Abnormal]);
    assert_eq!([59.999, 60.0].map(|v| zones(CamSet::Agricola60).class(v)), [Class::Normal, Class::Abnormal]);
    assert_eq!([55.0, 55.001].map(|v| zones(CamSet::Over55).class(v)), [Class::Normal, Class::Abnormal]);
}

#[test]
fn cam_by_the_set_that_was_chosen() {
    let by = |cam_set, degrees| {
        let finding = finding(&cam(degrees), &Protocol { cam_set, ..adult() }, "CAM", R);
        (finding.grade.expect("a class"), finding.rule)
    };
    assert_eq!(by(CamSet::S5_65, 62.0), ("normal".to_owned(), "CAM(s5_65)/1"));
    assert_eq!(by(CamSet::Agricola60, 62.0), ("abnormal".to_owned(), "CAM(agricola_60)/1"));
    assert_eq!(by(CamSet::Over55, 57.0), ("abnormal".to_owned(), "CAM(55)/1"));
    assert_eq!(by(CamSet::Agricola60, 57.0).0, "normal");
    for set in CamSet::ALL {
        assert_eq!(CamSet::from_name(set.name()), Some(set));
    }
    let pathological = finding(&cam(79.0), &adult(), "CAM", R);
    assert!(pathological.reason.contains("78°"), "{}", pathological.reason);
}

#[test]
fn norms_of_views_are_not_mixed() {
    for view in [None, Some(View::Dunn), Some(View::CrossTable)] {
        let protocol = Protocol { subject: Subject { view, ..adult().subject }, ..adult() };
        let finding = finding(&cam(90.0), &protocol, "CAM", R);
        assert_eq!(
            (finding.grade.as_deref(), finding.status),
            (Some("not_assessable"), Status::NotAvailable)
        );
        assert!(finding.number.is_some(), "the number stays");
    }
}

#[test]
fn thresholds_of_adults_do_not_judge_children() {
    let of = |months: f64| {
        let subject = Subject { age_months: Some(months), ..adult().subject };
        class(&covered(15.0), &Protocol { subject, ..adult() }, "DYSPLASIA")
    };
    assert_eq!((of(191.9).as_str(), of(192.0).as_str()), ("not_assessable", "abnormal"));
}

#[test]
fn coxa_vara_and_valga_wait_for_a_signature() {
    // NSA-R 133.6°.
    let unsigned = finding(&Film::fixture_a(), &adult(), "COXA", R);
    assert_eq!(unsigned.grade.as_deref(), Some("not_assessable"));
    assert!(unsigned.reason.contains("unsigned"), "{}", unsigned.reason);
    let table = embedded().iter().find(|table| table.id == "coxa_vara_valga").expect("ships");
    let norms = Cow::Owned(replaced(embedded(), vec![table.clone().signed("A. Reader", "2026-11-01")]));
    let protocol = Protocol { norms, ..adult() };
    assert_eq!(class(&Film::fixture_a(), &protocol, "COXA"), "normal");
    // A shaft that runs medially, 112° from the neck.
    let vara = Film::fixture_a().with("SD", Side::Right, 560.0, 1600.0);
    let found = finding(&vara, &protocol, "COXA", R);
    assert_eq!(found.grade.as_deref(), Some("abnormal"));
    assert!(found.reason.contains("coxa vara"), "{}", found.reason);
    let ageless = Protocol { subject: Subject { age_months: None, ..adult().subject }, ..protocol };
    assert_eq!(class(&Film::fixture_a(), &ageless, "COXA"), "not_assessable");
}

#[test]
fn a_threshold_inside_the_interval_is_indeterminate() {
    // 16.7° on the left, 3.3° below 20°.
    let film = Film::fixture_a().with_deviation(6.0);
    let assessment = film.assess_by(&adult());
    let (low, high) = assessment.measurement("LCE", L).and_then(|m| m.ci95).expect("known");
    assert!(low < 16.0 && high > 20.0, "{low} {high}");
    let open = assessment.finding("DYSPLASIA", L).expect("listed");
    assert_eq!(open.grade.as_deref(), Some("indeterminate"));
    let total: f64 = open.probabilities.iter().map(|(_, share)| share).sum();
    assert!((total - 1.0).abs() < 1e-9 && open.probabilities[0].0 == "abnormal", "{:?}", open.probabilities);
    let next = open.next.as_ref().expect("named");
    assert!(next.grade == "borderline" && (next.distance - 3.3).abs() < 0.05, "{next:?}");
    let sure = Film::fixture_a().with_deviation(0.5).assess_by(&adult());
    assert_eq!(sure.finding("DYSPLASIA", L).and_then(|f| f.grade.clone()).as_deref(), Some("abnormal"));
}

#[test]
fn what_was_not_measured_is_not_assessable() {
    let film = Film::fixture_a().without("LAE", Side::Right);
    let finding = finding(&film, &adult(), "DYSPLASIA", R);
    assert_eq!((finding.grade.as_deref(), finding.status), (Some("not_assessable"), Status::MissingLandmark));
    assert_eq!(finding.reason, "LAE-R is not given");
}

fn infant(age_months: f64) -> Protocol {
    let subject = Subject { age_months: Some(age_months), sex: Some(Sex::Female), view: None };
    Protocol { subject, ..Protocol::default() }
}

fn signed(age_months: f64) -> Protocol {
    let table = embedded().iter().find(|table| table.id == "tonnis_brunken_1968").expect("ships");
    let norms = Cow::Owned(replaced(embedded(), vec![table.clone().signed("A. Reader", "2026-11-01")]));
    Protocol { norms, ..infant(age_months) }
}

#[test]
fn ddh_of_the_fixture() {
    let film = Film::fixture_p();
    // Right: IHDI I, AI 26.6°. Left: IHDI II.
    let right = finding(&film, &signed(6.0), "DDH", R);
    assert_eq!(right.grade.as_deref(), Some("normal"), "{}", right.reason);
    let left = finding(&film, &signed(6.0), "DDH", L);
    assert_eq!(left.grade.as_deref(), Some("abnormal"));
    assert!(left.reason.contains("DDH suspected: displaced (IHDI grade II), dysplastic"), "{}", left.reason);
    assert_eq!(class(&film, &signed(8.0), "DDH"), "borderline");
    // Reduced by its landmarks, yet a steep roof: above 2 SD.
    let steep = film.clone().with("SMA", Side::Right, 320.0, 440.0).with("HP", Side::Right, 345.0, 540.0);
    let found = finding(&steep, &signed(6.0), "DDH", R);
    assert_eq!(found.grade.as_deref(), Some("abnormal"), "{}", found.reason);
    assert!(found.reason.contains("DDH suspected: dysplastic;"), "{}", found.reason);
}

#[test]
fn ddh_by_the_coarse_limit_says_so_and_is_at_most_borderline() {
    let at_birth = finding(&Film::fixture_p(), &infant(6.0), "DDH", R);
    assert_eq!(at_birth.grade.as_deref(), Some("normal"));
    assert!(at_birth.reason.contains("coarse"), "{}", at_birth.reason);
    assert_eq!(class(&Film::fixture_p(), &infant(14.0), "DDH"), "borderline");
    let young = finding(&Film::fixture_p(), &infant(4.0), "DDH", R);
    assert!(young.reason.contains("ultrasound"), "{}", young.reason);
    // No norm at all between 12 and 99 years.
    assert_eq!(class(&Film::fixture_p(), &infant(150.0), "DDH"), "not_assessable");
}

#[test]
fn ddh_without_age_is_the_index_alone() {
    assert!(Film::fixture_p().assess().finding("DDH", R).is_none());
    let asked = finding(&Film::fixture_p(), &crate::fixture::all(), "DDH", R);
    assert_eq!(asked.grade.as_deref(), Some("not_assessable"));
    assert!(asked.reason.contains("age"), "{}", asked.reason);
}

#[test]
fn ddh_needs_to_know_of_displacement() {
    let film = Film::fixture_p().without("HP", Side::Right);
    let by_nucleus = finding(&film, &signed(6.0), "DDH", R);
    assert!(by_nucleus.reason.contains("Tönnis grade 1"), "{}", by_nucleus.reason);
    let blind = finding(&film.without("FH", Side::Right), &signed(6.0), "DDH", R);
    assert_eq!((blind.grade.as_deref(), blind.status), (Some("not_assessable"), Status::MissingLandmark));
}

#[test]
fn ddh_near_a_limit_is_indeterminate() {
    let film = Film::fixture_p().with_deviation(3.0);
    let found = finding(&film, &signed(6.0), "DDH", R);
    assert_eq!(found.grade.as_deref(), Some("indeterminate"), "{:?}", found.probabilities);
    let share: f64 = found.probabilities.iter().map(|(_, share)| share).sum();
    assert!((share - 1.0).abs() < 1e-9);
}

#[test]
fn zones_along_the_line() {
    let zones =
        Zones::new(Class::Normal, [Cut::above(10.0, Class::Borderline), Cut::from(20.0, Class::Abnormal)]);
    assert_eq!(zones.nearest(12.0), Some((Class::Normal, 2.0)));
    assert_eq!(zones.nearest(19.0), Some((Class::Abnormal, 1.0)));
    assert_eq!(zones.nearest(25.0), Some((Class::Borderline, 5.0)));
    assert_eq!(zones.judge(15.0, Some((11.0, 19.0))), Class::Borderline);
    assert_eq!(zones.judge(15.0, Some((9.0, 19.0))), Class::Indeterminate);
    assert_eq!(zones.judge(15.0, Some((11.0, 21.0))), Class::Indeterminate);
    // Both ends in the same class, another one between.
    let range =
        Zones::new(Class::Abnormal, [Cut::from(1.0, Class::Normal), Cut::above(2.0, Class::Abnormal)]);
    assert_eq!(range.judge(0.5, Some((0.4, 2.5))), Class::Indeterminate);
    assert_eq!(zones.shares(&[5.0, 12.0, 15.0, 30.0])[0], (Class::Borderline, 0.5));
    assert_eq!(zones.words(), "normal, above 10 borderline, from 20 abnormal");
}
