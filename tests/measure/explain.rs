//! What a code means, for every code.

use coxa::measure::norms::{embedded, replaced};
use coxa::measure::protocol::CamSet;
use coxa::measure::{Protocol, catalogue, explain};
use std::borrow::Cow;
use std::collections::BTreeSet;

#[test]
fn every_code_is_explained_whole() {
    let protocol = Protocol::default();
    let mut seen = BTreeSet::new();
    for (code, name) in explain::codes() {
        assert!(seen.insert(code), "{code} twice");
        let e = explain::explain(code, &protocol).expect(code);
        assert_eq!((e.code, e.name), (code, name));
        assert!(e.id.contains('/') && !e.formula.is_empty() && !e.sign.is_empty(), "{e:?}");
        assert!(!e.reading.is_empty() && !e.source.is_empty() && !e.reference.is_empty(), "{e:?}");
        assert_eq!(catalogue::title(code), Some(name));
    }
    assert!(seen.len() > 45, "{}", seen.len());
}

#[test]
fn ids_carry_their_code_and_a_version() {
    for definition in catalogue::definitions() {
        let version = definition.id.strip_prefix(definition.code).and_then(|rest| rest.strip_prefix('/'));
        assert!(version.is_some_and(|v| v.parse::<u32>().is_ok()), "{}", definition.id);
        for related in definition.related {
            assert!(catalogue::title(related).is_some(), "{}: {related}", definition.code);
        }
    }
}

#[test]
fn the_index_with_its_formula_its_norms_and_who_signed_them() {
    let plain = explain::explain("AI", &Protocol::default()).expect("known");
    assert!(plain.formula.contains("atan2") && plain.source.contains("Hilgenreiner"));
    assert_eq!(plain.plausible, Some((-10.0, 60.0)));
    let tonnis = plain.norms.iter().find(|n| n.table == "tonnis_brunken_1968/1").expect("listed");
    assert_eq!(tonnis.standing, "unsigned: judges nothing");
    assert_eq!(tonnis.rows.len(), 20);
    assert_eq!(
        tonnis.rows[0],
        "3 to below 5 months, female, right: normal, above 31.4 borderline, above 36.3 abnormal"
    );
    let table = embedded()[0].clone().signed("A. Reader", "2026-11-01");
    let norms = Cow::Owned(replaced(embedded(), vec![table]));
    let signed = explain::explain("AI", &Protocol { norms, ..Protocol::default() }).expect("known");
    assert!(signed.norms.iter().any(|n| n.standing == "signed by A. Reader on 2026-11-01"));
}

#[test]
fn a_finding_with_the_thresholds_that_were_chosen() {
    let of = |cam_set| {
        let protocol = Protocol { cam_set, ..Protocol::default() };
        explain::explain("CAM", &protocol).map(|e| e.formula).expect("known")
    };
    assert_eq!(of(CamSet::S5_65), "ALPHA_3PT: normal, above 65 abnormal");
    assert_eq!(of(CamSet::Agricola60), "ALPHA_3PT: normal, from 60 abnormal");
    let coxa = explain::explain("COXA", &Protocol::default()).expect("known");
    assert!(coxa.formula.contains("unsigned"), "{}", coxa.formula);
}

#[test]
fn what_is_no_code_is_not_explained() {
    assert!(explain::explain("NOPE", &Protocol::default()).is_none());
}
