//! Norm tables: what an unsigned one may not do, whom a row is for, and the signature.

use crate::fixture::{Film, L, R};
use coxa::measure::norms::{Evidence, NormTable, embedded, replaced};
use coxa::measure::protocol::age_months;
use coxa::measure::zones::Class;
use coxa::measure::{Assessment, Protocol, Sex, Subject};
use std::borrow::Cow;
use std::collections::BTreeSet;

fn table(id: &str) -> &'static NormTable {
    embedded().iter().find(|table| table.id == id).expect("inside the program")
}

fn subject(age: f64, sex: Sex) -> Subject {
    Subject { age_months: Some(age), sex: Some(sex), view: None }
}

/// Fixture P read with the Tönnis table as it ships or signed.
fn read(subject: Subject, signed: bool) -> Assessment {
    let own = if signed {
        vec![table("tonnis_brunken_1968").clone().signed("A. Reader", "2026-11-01")]
    } else {
        vec![]
    };
    let norms = Cow::Owned(replaced(embedded(), own));
    Film::fixture_p().assess_by(&Protocol { subject, norms, ..Protocol::default() })
}

#[test]
fn the_tables_of_the_program_parse() {
    let ids: BTreeSet<&str> = embedded().iter().map(|table| table.id.as_str()).collect();
    assert_eq!(ids.len(), 8);
    for table in embedded() {
        assert!(table.signature.is_none(), "{}: nobody signed for the site", table.id);
        assert!(!table.rows.is_empty() && !table.source.is_empty());
    }
    assert_eq!(table("tonnis_brunken_1968").evidence, Evidence::Verify);
    assert_eq!(table("coxa_vara_valga").evidence, Evidence::Verify);
}

#[test]
fn an_unsigned_table_is_shown_and_colours_nothing() {
    let assessment = read(subject(6.0, Sex::Female), false);
    let readings: Vec<_> = assessment.readings_of("AI", R).collect();
    let unsigned = readings.iter().find(|r| r.table == "tonnis_brunken_1968").expect("shown");
    assert_eq!((unsigned.class, &unsigned.signature), (None, &None));
    assert_eq!(unsigned.limits, "normal, above 27.3 borderline, above 31.8 abnormal");
    let coarse = readings.iter().find(|r| r.coarse).expect("the coarse limit");
    assert_eq!(coarse.class, Some(Class::Normal));
}

#[test]
fn a_signed_table_reads_by_age_sex_and_side() {
    // AI 26.6° right, 35.0° left.
    let class = |age, sex, side| {
        let assessment = read(subject(age, sex), true);
        let reading = assessment.readings_of("AI", side).find(|r| r.table == "tonnis_brunken_1968").cloned();
        reading.map(|r| {
            assert_eq!(
                r.signature.as_ref().map(|s| (s.name.as_str(), s.date.as_str())),
                Some(("A. Reader", "2026-11-01"))
            );
            r.class.expect("signed")
        })
    };
    assert_eq!(class(6.0, Sex::Female, R), Some(Class::Normal));
    assert_eq!(class(6.0, Sex::Male, R), Some(Class::Borderline));
    assert_eq!(class(8.0, Sex::Female, R), Some(Class::Borderline));
    assert_eq!(class(6.0, Sex::Female, L), Some(Class::Abnormal));
    assert_eq!(class(3.0, Sex::Female, L), Some(Class::Borderline));
    // Bands are completed months: 4.9 months is the first band, 5.0 the second; none before 3 or from 16.
    assert_eq!(class(4.9, Sex::Male, R), Some(Class::Normal));
    assert_eq!(class(5.0, Sex::Male, R), Some(Class::Borderline));
    assert_eq!((class(2.9, Sex::Male, R), class(16.0, Sex::Male, R)), (None, None));
}

#[test]
fn without_age_or_sex_there_is_no_row() {
    let of = |subject| read(subject, true).readings.iter().map(|r| r.table.clone()).collect::<BTreeSet<_>>();
    assert!(of(Subject::default()).is_empty());
    let only_age = of(Subject { age_months: Some(6.0), ..Subject::default() });
    assert_eq!(only_age.into_iter().collect::<Vec<_>>(), ["ai_coarse"]);
}

#[test]
fn a_threshold_inside_the_interval_leaves_it_open() {
    let film = Film::fixture_p().with_deviation(3.0);
    let protocol = Protocol { subject: subject(14.0, Sex::Male), ..Protocol::default() };
    let assessment = film.assess_by(&protocol);
    let m = assessment.measurement("AI", R).expect("listed");
    let (low, high) = m.ci95.expect("known");
    assert!(low < 22.0 && high > 22.0, "{low} {high}");
    let coarse = assessment.readings_of("AI", R).find(|r| r.coarse).expect("read");
    assert_eq!(coarse.class, Some(Class::Indeterminate));
}

#[test]
fn norms_of_the_childs_line_hold_for_no_other() {
    let mut protocol = Protocol { subject: subject(6.0, Sex::Female), ..Protocol::default() };
    protocol.reference = Some(coxa::measure::ReferenceLine::Image);
    assert_eq!(Film::fixture_p().assess_by(&protocol).readings_of("AI", R).count(), 0);
}

#[test]
fn a_signature_holds_for_the_contents_that_were_signed() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("own.toml");
    let signed = table("tonnis_brunken_1968").clone().signed("A. Reader", "2026-11-01");
    let text = signed.to_toml().expect("writes");
    std::fs::write(&path, &text).expect("writable");
    assert_eq!(NormTable::read(&path).expect("reads"), signed);
    assert!(signed.is_valid() && !table("tonnis_brunken_1968").is_valid());

    std::fs::write(&path, text.replacen("31.4", "35.4", 1)).expect("writable");
    let message = NormTable::read(&path).expect_err("changed").to_string();
    assert!(message.contains("own.toml") && message.contains("changed after it was signed"), "{message}");
}

#[test]
fn what_is_wrong_with_a_table_is_named() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("own.toml");
    let good = table("fredensborg_1976").to_toml().expect("writes");
    let refused = |text: &str, words: &str| {
        std::fs::write(&path, text).expect("writable");
        let message = NormTable::read(&path).expect_err("is refused").to_string();
        assert!(message.contains("own.toml") && message.contains(words), "{message}");
    };
    refused("id = 1", "not a norm table");
    refused(&good.replace("from = 15.0", "from = 25.0"), "do not ascend");
    refused(&good.replace("from = 15.0", "at = 15.0"), "not a norm table");
    refused(&good.replace("from = 15.0", "from = nan"), "not a norm table");
}

#[test]
fn ages_as_dicom_writes_them() {
    let close = |words: &str, months: f64| {
        assert!(age_months(words).is_some_and(|age| (age - months).abs() < 0.01), "{words}");
    };
    close("009M", 9.0);
    close("012Y", 144.0);
    close("004W", 0.92);
    close("061D", 2.0);
    for words in ["", "9", "M", "-09M", "009X", "0 9M", "é"] {
        assert_eq!(age_months(words), None, "{words}");
    }
}
