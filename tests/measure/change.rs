//! Change between films, and growth.

use crate::fixture::{Film, L, R};
use coxa::measure::change::{bands, compare, growth};
use coxa::measure::norms::embedded;
use coxa::measure::{Protocol, ReferenceLine, Sex, Side, Spacing};

#[test]
fn a_difference_stands_beside_what_could_be_detected() {
    let before = Film::fixture_p().with_deviation(2.0).assess();
    let after = Film::fixture_p().with("SMA", Side::Right, 300.0, 480.0).with_deviation(2.0).assess();
    let all = compare(&before, &after);
    let of = |code: &str, side| all.iter().find(|c| c.code == code && c.side == side).expect("compared");
    let index = of("AI", R).change.as_ref().expect("comparable");
    let sd = |film: &coxa::measure::Assessment| film.measurement("AI", R).and_then(|m| m.sd).expect("known");
    let expected = 20.0_f64.atan2(100.0).to_degrees() - 50.0_f64.atan2(100.0).to_degrees();
    assert!((index.difference - expected).abs() < 1e-9, "{index:?}");
    let detectable = 1.96 * (sd(&before).powi(2) + sd(&after).powi(2)).sqrt();
    assert!(index.detectable.is_some_and(|d| (d - detectable).abs() < 1e-9));
    assert_eq!(index.is_real(), Some(true));
    let other = of("AI", L).change.as_ref().expect("comparable");
    assert_eq!((other.difference, other.is_real()), (0.0, Some(false)));
}

#[test]
fn with_one_deviation_the_detectable_change_is_the_textbook_one() {
    let film = Film::fixture_p().with_deviation(1.0).assess();
    let sd = film.measurement("HILG_D", L).and_then(|m| m.sd).expect("known");
    let all = compare(&film, &film);
    let change = all.iter().find(|c| c.code == "HILG_D" && c.side == L).and_then(|c| c.change.clone().ok());
    let detectable = change.and_then(|c| c.detectable).expect("known");
    assert!((detectable - 1.96 * 2.0_f64.sqrt() * sd).abs() < 1e-12);
}

#[test]
fn without_deviations_a_difference_is_neither_real_nor_not() {
    let film = Film::fixture_p().assess();
    assert!(compare(&film, &film).iter().all(|c| c.change.as_ref().is_ok_and(|c| c.is_real().is_none())));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let film = Film::fixture_p();
    let reason = |before: &coxa::measure::Assessment, after: &coxa::measure::Assessment, code: &str| {
        let all = compare(before, after);
        let found = all.into_iter().find(|c| c.code == code && c.side == R).expect("listed");
        found.change.expect_err("not comparable")
    };
    let plain = film.assess();
    let pixels = Film { spacing: Spacing::UNKNOWN, ..film.clone() }.assess();
    assert!(reason(&plain, &pixels, "HILG_H").contains("calibration"));
    assert!(reason(&pixels, &pixels, "HILG_H").contains("pixels of two films"));
    let curve = growth(&[(6.0, &pixels), (12.0, &pixels)], "HILG_H", R);
    assert!(curve.is_empty(), "nor do they grow: {curve:?}");
    assert!(
        compare(&pixels, &pixels).iter().any(|c| c.code == "AI" && c.change.is_ok()),
        "angles need no size"
    );
    let image = Protocol { reference: Some(ReferenceLine::Image), ..Protocol::default() };
    assert!(reason(&plain, &film.assess_by(&image), "AI").contains("different lines"));
    let missing = film.without("SMA", Side::Right).assess();
    assert!(reason(&missing, &plain, "AI").contains("no value on the earlier film"));
    assert!(reason(&plain, &missing, "AI").contains("no value on the later film"));
}

#[test]
fn growth_is_ordered_by_age_with_its_speed() {
    let at = |y: f64| Film::fixture_p().with("SMA", Side::Right, 300.0, y).assess();
    let (young, middle, old) = (at(440.0), at(450.0), at(460.0));
    let gap = Film::fixture_p().without("SMA", Side::Right).assess();
    let curve = growth(&[(12.0, &old), (3.0, &young), (6.0, &middle), (9.0, &gap)], "AI", R);
    let ages: Vec<f64> = curve.iter().map(|p| p.age_months).collect();
    assert_eq!(ages, [3.0, 6.0, 12.0]);
    assert_eq!(curve[0].per_year, None);
    let speed = curve[2].per_year.expect("two films");
    assert!((speed - (curve[2].value - curve[1].value) / 0.5).abs() < 1e-9 && speed < 0.0);
    let twice = growth(&[(3.0, &young), (3.0, &old)], "AI", R);
    assert_eq!(twice[1].per_year, None, "no time between them");
}

#[test]
fn bands_behind_a_growth_curve() {
    let girl = bands(embedded(), "AI", R, Some(Sex::Female));
    let tonnis: Vec<_> = girl.iter().filter(|b| b.table.id == "tonnis_brunken_1968").collect();
    let edges: Vec<(f64, f64)> = tonnis.iter().map(|b| (b.from_months, b.to_months)).collect();
    assert_eq!(edges, [(3.0, 5.0), (5.0, 7.0), (7.0, 10.0), (10.0, 13.0), (13.0, 16.0)]);
    assert_eq!(tonnis[0].zones.cuts.iter().map(|c| c.at).collect::<Vec<_>>(), [31.4, 36.3]);
    assert!(bands(embedded(), "AI", R, None).iter().all(|b| b.table.id == "ai_coarse"));
}
