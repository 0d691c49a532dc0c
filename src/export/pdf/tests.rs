//! The page under hard input: long names, many warnings, no landmarks, no film.

use super::layout::{Node, Op, Paper, Role};
use super::{Batch, render_on, sections};
use crate::export::scene::{self, Item, View};
use crate::export::text::Type;
use crate::export::{Change, Correction, Film, Prior, Report, Site, wording};
use crate::imaging::Identity;
use crate::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, Protocol, Sex, Side,
    Spacing, SpacingStatus, Subject, assess, assess_by,
};
use crate::study::Stamp;
use std::path::Path;
use std::process::Command;

fn landmarks() -> LandmarkSet {
    let mut set = LandmarkSet::default();
    for (code, side, x, y) in [
        (LandmarkCode::TRC, Side::Right, 400.0, 500.0),
        (LandmarkCode::TRC, Side::Left, 600.0, 500.0),
        (LandmarkCode::SMA, Side::Right, 300.0, 450.0),
        (LandmarkCode::SMA, Side::Left, 700.0, 430.0),
    ] {
        let landmark = Landmark::defined(Point::new(x, y), Some(4.0), Origin::Model);
        set.insert(LandmarkId::new(code, side), landmark);
    }
    set
}

fn report(landmarks: &LandmarkSet) -> Report {
    let spacing = Spacing { row: 0.2, column: 0.2, status: SpacingStatus::Calibrated };
    Report::of_points(Path::new("points.json"), landmarks, &spacing, &assess(landmarks, &spacing))
}

#[test]
fn sides_that_the_file_does_not_say_stand_in_brackets() {
    let lettering = Type::embedded().expect("fonts");
    let view =
        View { left: 0.0, top: 0.0, scale_x: 0.5, scale_y: 0.5, width: 500.0, height: 500.0, unit: 1.0 };
    for (sides_stated, letters) in [(true, ["R", "L"]), (false, ["(R)", "(L)"])] {
        let report = Report { sides_stated, ..report(&landmarks()) };
        let items = scene::items(&report, &view, &lettering);
        let place = |letter: &str| {
            items.iter().find_map(|item| match item {
                Item::Text { text, at, .. } if text == letter => Some(at[0]),
                _ => None,
            })
        };
        let [right, left] = letters.map(|letter| place(letter).unwrap_or_else(|| panic!("no {letter}")));
        assert!(right < left);
    }
}

/// With everything that can be long made long.
fn long() -> Report {
    let endless =
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    let mut report = report(&landmarks());
    report.identity = Identity {
        patient_name: format!("{endless}^{endless} {endless}"),
        patient_id: endless.clone(),
        patient_birth_date: endless.clone(),
        patient_age: endless.clone(),
        study_date: endless.clone(),
        study_description: endless.clone(),
        ..Identity::default()
    };
    report.source.path = format!("{endless}.dcm").into();
    report.warnings = (0..120).map(|i| format!("warning {i}: {endless}")).collect();
    report.model =
        Some(ModelIdentity { id: endless.clone(), version: endless.clone(), sha256: "ab".repeat(32) });
    report.corrections = (0..40)
        .map(|i| Correction {
            landmark: LandmarkId::new(LandmarkCode::new(format!("P{i}")), Side::Left),
            change: Change::Moved { pixels: 3.0, millimetres: Some(0.6) },
            touched: None,
        })
        .collect();
    report
}

fn paged(report: &Report, paper: Paper, lettering: &Type) -> Vec<Vec<Node>> {
    let mut pages = sections::pages(report, paper, lettering);
    sections::feet(&mut pages, &report.software, paper, lettering);
    pages
}

fn ops(nodes: &[Node]) -> Vec<Op> {
    nodes
        .iter()
        .flat_map(|node| match node {
            Node::Leaf(_, ops) => ops.clone(),
            Node::Row(inner) | Node::Table(inner) => ops(inner),
        })
        .collect()
}

#[test]
fn nothing_runs_over_the_edge_of_the_paper() {
    let lettering = Type::embedded().expect("fonts");
    for report in [long(), report(&landmarks()), report(&LandmarkSet::default())] {
        for paper in [Paper::A4, Paper::Letter] {
            let (width, height) = paper.size();
            let pages = paged(&report, paper, &lettering);
            for op in pages.iter().flat_map(|page| ops(page)) {
                let (right, bottom) = match &op {
                    Op::Text { at, text, size, weight, .. } => {
                        (at[0] + lettering.width(text, *weight, *size), at[1])
                    }
                    Op::Rule { to, .. } => (to[0], to[1]),
                    Op::Dot { at, radius, .. } => (at[0] + radius, at[1] + radius),
                    Op::Tint { rect, .. } | Op::Logo { rect } => (rect[0] + rect[2], rect[1] + rect[3]),
                    Op::Film { at, view } => (at[0] + view.width, at[1] + view.height),
                };
                assert!(right <= width - 36.0 && bottom <= height - 20.0, "{op:?} ends at {right}, {bottom}");
            }
        }
    }
}

#[test]
fn many_warnings_go_on_on_numbered_pages_and_none_is_lost() {
    let lettering = Type::embedded().expect("fonts");
    let pages = paged(&long(), Paper::A4, &lettering);
    assert!(pages.len() > 2);
    let text = |nodes: &[Node]| -> String {
        let words = ops(nodes).into_iter().filter_map(|op| match op {
            Op::Text { text, .. } => Some(text),
            _ => None,
        });
        words.collect::<Vec<_>>().join("\n")
    };
    let all: Vec<String> = pages.iter().map(|page| text(page)).collect();
    for index in 0..120 {
        assert!(all.iter().any(|page| page.contains(&format!("warning {index}:"))), "warning {index}");
    }
    for (index, page) in all.iter().enumerate() {
        assert!(page.contains(&format!("page {} of {}", index + 1, pages.len())));
        assert!(page.contains("not a medical device"));
    }
}

#[test]
fn a_pdf_comes_of_every_report_and_holds_no_identity_in_its_metadata() {
    let mut filmed = report(&landmarks());
    filmed.film = Some(Film { rows: 900, columns: 1000, grey: vec![90; 900_000] });
    filmed.identity.patient_name = "Findme^Patient".to_owned();
    for report in [filmed, long(), report(&LandmarkSet::default())] {
        let pdf = render_on(&report, Paper::Letter).expect("a PDF");
        assert!(pdf.starts_with(b"%PDF"));
        let plain = String::from_utf8_lossy(&pdf);
        assert!(!plain.contains("Findme") && plain.contains("Hip radiograph measurements"));
    }
}

/// The words of one page, in painting order.
fn words(nodes: &[Node]) -> String {
    let texts = ops(nodes).into_iter().filter_map(|op| match op {
        Op::Text { text, .. } => Some(text),
        _ => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_signature_stays_on_the_first_page_however_much_follows() {
    let lettering = Type::embedded().expect("fonts");
    for report in [long(), report(&landmarks()), report(&LandmarkSet::default())] {
        for paper in [Paper::A4, Paper::Letter] {
            let pages = paged(&report, paper, &lettering);
            let signed: Vec<bool> = pages.iter().map(|page| words(page).contains("Reviewed by")).collect();
            assert!(signed[0] && !signed[1..].contains(&true), "{signed:?}");
        }
    }
}

#[test]
fn an_earlier_film_gives_a_page_of_change_and_growth() {
    let lettering = Type::embedded().expect("fonts");
    let mut report = report(&landmarks());
    let mut earlier = report.assessment.clone();
    let index = earlier.measurements.iter_mut().find(|m| m.code == "AI").expect("an index");
    index.value = index.value.map(|value| value + 4.0);
    report.circumstances.age_months = Some(18.0);
    report.circumstances.priors =
        vec![Prior { date: "20260101".to_owned(), age_months: Some(6.0), assessment: earlier }];
    let pages = paged(&report, Paper::A4, &lettering);
    let last = words(pages.last().expect("a page"));
    assert!(pages.len() >= 2 && !words(&pages[0]).contains("Change since"));
    for said in [
        "Change since 2026-01-01",
        "–4.0°",
        "Growth",
        "6.0 months:",
        "18.0 months:",
        "(–4.0°\u{a0}a\u{a0}year)",
    ] {
        assert!(last.contains(said), "{said}: {last}");
    }
}

#[test]
fn a_chart_of_each_side_stands_before_the_norm_that_judges_it() {
    let lettering = Type::embedded().expect("fonts");
    let protocol = Protocol {
        subject: Subject { age_months: Some(18.0), sex: Some(Sex::Female), view: None },
        ..Protocol::default()
    };
    let set = landmarks();
    let mut report = report(&set);
    report.assessment = assess_by(&set, &report.spacing, &protocol);
    report.circumstances.age_months = Some(18.0);
    let charts = |report: &Report| -> Vec<(String, Vec<Op>)> {
        let leaves = sections::pages(report, Paper::A4, &lettering).into_iter().flatten();
        let charts = leaves.filter_map(|node| match node {
            Node::Leaf(Role::Figure(words), ops) if words.contains("over age") => Some((words, ops)),
            _ => None,
        });
        charts.collect()
    };
    report.circumstances.priors =
        vec![Prior { date: "20260101".to_owned(), age_months: None, assessment: report.assessment.clone() }];
    assert!(charts(&report).is_empty(), "an age that is not known has no place on an axis");
    report.circumstances.priors[0].age_months = Some(6.0);
    let [(right, ops), (left, _)] = charts(&report).try_into().expect("two charts");
    assert!(right.contains("right: 26.6° at 6.0 months, 26.6° at 18.0 months"), "{right}");
    assert!(left.contains("left"), "{left}");
    let dots = ops.iter().filter_map(|op| match op {
        Op::Dot { at, filled, .. } => Some((*at, *filled)),
        _ => None,
    });
    let dots: Vec<([f32; 2], bool)> = dots.collect();
    let [(then, false), (now, true)] = dots[..] else { panic!("only this film is filled") };
    assert!(then[0] < now[0] && then[1] == now[1], "{then:?} {now:?}");
    // Up to 30° before the first birthday, up to 22° after: the value is within the first and above the second.
    let bands = ops.iter().filter_map(|op| match op {
        Op::Tint { rect, .. } => Some(*rect),
        _ => None,
    });
    let [young, older] = bands.collect::<Vec<_>>().try_into().expect("two stretches of age");
    assert!(young[0] + young[2] <= older[0] + 0.01 && (young[0]..young[0] + young[2]).contains(&then[0]));
    assert!(young[1] < then[1] && now[1] < older[1], "{young:?} {older:?} {now:?}");
}

/// A page that a few lines spilled onto helps nobody: what follows the table stays together.
#[test]
fn notes_are_not_torn_apart_and_every_page_says_whose_it_is() {
    let lettering = Type::embedded().expect("fonts");
    for count in 0..40 {
        let mut report = adult();
        report.identity.patient_name = "Doe^Jane".to_owned();
        report.warnings = (0..count).map(|i| format!("note {i}")).collect();
        let pages: Vec<String> =
            paged(&report, Paper::Letter, &lettering).iter().map(|page| words(page)).collect();
        let holds = |word: &str| pages.iter().position(|page| page.contains(word));
        assert_eq!(holds("Positioning and notes"), holds("Sources and definitions"), "{count} notes");
        assert!(pages.len() <= 2 && pages.iter().all(|page| page.contains("Doe, Jane")), "{count} notes");
    }
}

#[test]
fn names_of_every_script_are_set_and_what_cannot_be_is_named() {
    let lettering = Type::embedded().expect("fonts");
    let mut report = report(&landmarks());
    for (name, shown) in [
        ("Łęcka^Müller", "Łęcka, Müller"),
        ("Παπαδόπουλος^Αλέξης", "Παπαδόπουλος, Αλέξης"),
        ("Щукина^Анна", "Щукина, Анна"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou (山田 太郎)"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong (洪 吉洞)"),
        ("สมชาย", "‹U+0E2A›"),
    ] {
        report.identity.patient_name = name.to_owned();
        let page = words(&paged(&report, Paper::A4, &lettering)[0]);
        assert!(page.contains(shown), "{shown}: {page}");
        assert_eq!(page.contains("No font of this program has"), name == "สมชาย");
        assert!(render_on(&report, Paper::A4).is_ok(), "{name}");
    }
}

#[test]
fn it_says_that_it_is_archival_and_accessible() {
    let mut report = report(&landmarks());
    report.circumstances.site = Site { name: "Klinik".to_owned(), logo: None };
    let pdf = render_on(&report, Paper::A4).expect("a PDF");
    let plain = String::from_utf8_lossy(&pdf);
    for mark in ["<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>A<", "<pdfuaid:part>1<", "GTS_PDFA1"] {
        assert!(plain.contains(mark), "{mark}");
    }
}

#[test]
fn a_batch_begins_with_a_summary_of_all_films_and_of_the_failures() {
    let mut batch = Batch::new(Paper::A4);
    let mut filmed = report(&landmarks());
    filmed.film = Some(Film { rows: 900, columns: 1000, grey: vec![90; 900_000] });
    batch.add("first", filmed).expect("a sheet");
    batch.add("second", report(&landmarks())).expect("a sheet");
    batch.fail("third.dcm", "not a film");
    let lettering = Type::embedded().expect("fonts");
    let summary = batch.summary(&[1, 2], 1, &lettering);
    let said = words(&summary[0]);
    for expected in ["2 films measured, 1 not", "first", "second", "third.dcm: not a film"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(batch.finish().expect("a PDF").starts_with(b"%PDF"));
}

#[test]
fn who_signed_stands_on_the_line() {
    let lettering = Type::embedded().expect("fonts");
    let mut report = report(&landmarks());
    report.circumstances.signed = Some(Stamp { by: "A. Reader".to_owned(), at_ms: 1_772_373_720_000 });
    let said = words(&paged(&report, Paper::A4, &lettering)[0]);
    assert!(said.contains("A. Reader 2026-03-01 Reviewed by Date Signature"), "{said}");
}

/// As many rows as an adult's film has.
fn adult() -> Report {
    let mut report = report(&landmarks());
    report.film = Some(Film { rows: 690, columns: 770, grey: vec![90; 690 * 770] });
    let right = report.assessment.measurement("AI", Some(Side::Right)).expect("an index").clone();
    report.assessment.measurements = ["LCE", "SHARP", "FHEI", "ALPHA_3PT", "NSA", "EQ", "RND", "RND_RANGE"]
        .into_iter()
        .flat_map(|code| {
            Side::BOTH.map(|side| {
                let mut measurement = right.clone();
                (measurement.code, measurement.side) = (code, Some(side));
                measurement
            })
        })
        .collect();
    report.assessment.readings.clear();
    report.warnings = vec!["The leg lengths differ by more than 10 mm.".to_owned()];
    report
}

#[test]
fn one_page_does_for_an_adult() {
    let lettering = Type::embedded().expect("fonts");
    for paper in [Paper::A4, Paper::Letter] {
        assert_eq!(paged(&adult(), paper, &lettering).len(), 1, "{paper:?}");
    }
}

/// Forty values of which none could be measured.
fn missing() -> Report {
    let mut report = adult();
    let measurements = &mut report.assessment.measurements;
    for measurement in measurements.iter_mut() {
        (measurement.value, measurement.ci95) = (None, None);
        measurement.status = crate::measure::Status::MissingLandmark;
        measurement.reason = format!("{} is hidden by a gonad shield", measurement.code);
    }
    let once = measurements.clone();
    measurements.extend(once.iter().cycle().take(24).cloned());
    report
}

/// The output of a tool of the system on a PDF; `None`, and said so, where it is not installed.
fn looked_at(tool: &str, arguments: &[&str], pdf: &[u8]) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf).expect("written");
    let (before, after): (Vec<&str>, Vec<&str>) = arguments.iter().partition(|word| **word != "-");
    match Command::new(tool).args(before).arg(&path).args(after).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
        }
        Err(error) => {
            println!("skipped: {tool} does not run: {error}");
            None
        }
    }
}

/// Poppler, which is another program than the one that wrote it.
#[test]
fn pdftotext_finds_every_value() {
    for report in [report(&landmarks()), adult(), missing()] {
        for paper in [Paper::A4, Paper::Letter] {
            let pdf = render_on(&report, paper).expect("a PDF");
            let Some((done, text)) = looked_at("pdftotext", &["-layout", "-"], &pdf) else { return };
            assert!(done, "{text}");
            let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{a0}', " ");
            for measurement in &report.assessment.measurements {
                let said = [wording::value(measurement), wording::interval(measurement)];
                for value in said.into_iter().flatten() {
                    assert!(text.contains(&value.replace('\u{a0}', " ")), "{value}: {text}");
                }
            }
            for finding in report.assessment.findings.iter().filter_map(|finding| finding.grade.as_ref()) {
                assert!(text.contains(&finding.replace('_', " ")), "{finding}: {text}");
            }
        }
    }
}

#[test]
fn qpdf_finds_no_error() {
    let mut batch = Batch::new(Paper::A4);
    batch.add("first", adult()).expect("a sheet");
    batch.add("second", missing()).expect("a sheet");
    let batch = batch.finish().expect("a PDF");
    let single = [long(), adult(), missing()].map(|report| render_on(&report, Paper::Letter).expect("a PDF"));
    for pdf in single.into_iter().chain([batch]) {
        let Some((done, said)) = looked_at("qpdf", &["--check"], &pdf) else { return };
        assert!(done && said.contains("No syntax or stream encoding errors found"), "{said}");
    }
}
