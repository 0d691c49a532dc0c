//! Age and sex by hand, norms beside the value, lines and definitions.

use super::{Quick, Workbench, analysed, index, says, study};
use coxa::imaging::{Catalogue, DeidentifyOptions, Presentation, Radiograph};
use coxa::job::Job;
use coxa::measure::{ReferenceLine, Side, norms};
use coxa::study::{Prediction, Stated};
use coxa::ui::{AnalysisError, Services, SiteNorms, Snapshot};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn set_age(harness: &mut Harness<'_, Workbench>, age: &str) {
    harness.get_by_label("Patient's age").focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    harness.get_by_label("Patient's age").type_text(age);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
}

fn choose(harness: &mut Harness<'_, Workbench>, box_label: &str, item: &str) {
    harness.get_by_label_contains(box_label).click();
    harness.run_steps(3);
    harness.get_by_label(item).click();
    harness.run_steps(3);
}

fn cell(harness: &Harness<'_, Workbench>, start: &str) -> Option<String> {
    use egui_kittest::kittest::NodeT;
    let found = harness.query_by_label_contains(start)?;
    found.accesskit_node().label()
}

#[test]
fn the_age_brings_norms_and_its_source_is_said() {
    let mut harness = analysed(Quick::shared());
    let of = |harness: &Harness<'_, Workbench>| study(harness.state()).expect("a study").age_months();
    let header = of(&harness);
    // Limits of the table differ by sex.
    choose(&mut harness, "Sex: ", "female");
    set_age(&mut harness, "9 m");
    assert_eq!(of(&harness), Some((9.0, Stated::ByHand)));
    assert!(says(&harness, "by hand"));
    let words = cell(&harness, "AI right ").expect("the cell");
    // The coarse fallback is confirmed, the Tönnis table is not signed: said, and it judges nothing.
    assert!(words.contains("unsigned · limits: "), "{words}");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(of(&harness), header, "undone");
    set_age(&mut harness, "nonsense");
    assert_eq!(of(&harness), header, "what is not understood is not taken");
}

#[test]
fn without_an_age_the_number_stands_alone() {
    let mut harness = analysed(Arc::new(Nameless(Quick::new())));
    let words = cell(&harness, "AI right ").expect("the cell");
    assert!(!words.contains("unsigned") && !words.contains("normal"), "{words}");
    assert!(harness.query_by_label_contains("Without an age no norm is applied").is_some());
    choose(&mut harness, "Sex: unknown", "female");
    set_age(&mut harness, "9");
    let words = cell(&harness, "AI right ").expect("the cell");
    assert!(words.contains("unsigned"), "{words}");
}

#[test]
fn a_signed_table_judges_and_says_who_signed() {
    let mut harness = analysed(Arc::new(Signed(Quick::new())));
    choose(&mut harness, "Sex: ", "female");
    set_age(&mut harness, "9 m");
    let words = cell(&harness, "AI right ").expect("the cell");
    assert!(words.contains("signed by Dr. Ada") && !words.contains("unsigned"), "{words}");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.get_by_label("Find a command").type_text("norm tables");
    harness.run_steps(2);
    harness.get_by_label("Command Norm tables").click();
    harness.run_steps(3);
    assert!(says(&harness, "signed by Dr. Ada on 2026-11-22"));
    assert!(!says(&harness, "unsigned: shown, but judges nothing"), "all were signed");
}

#[test]
fn another_reference_line_changes_the_angle_and_says_so() {
    let mut harness = analysed(Quick::shared());
    let before = index(harness.state(), Side::Right);
    choose(&mut harness, "Reference line: usual", ReferenceLine::Image.name());
    let measured = |harness: &Harness<'_, Workbench>| {
        let assessment = study(harness.state()).expect("a study").assessment();
        assessment.measurement("AI", Some(Side::Right)).expect("AI").reference_line
    };
    assert_eq!(measured(&harness), Some(ReferenceLine::Image));
    let angle_drawn = |harness: &Harness<'_, Workbench>| {
        let construction = study(harness.state()).expect("a study").construction();
        construction.iter().any(|primitive| format!("{:?}", primitive.shape).contains("AI "))
    };
    assert!(!angle_drawn(&harness), "the picture shows no angle against a line that the table does not use");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(measured(&harness), Some(ReferenceLine::Hilgenreiner));
    assert!((index(harness.state(), Side::Right) - before).abs() < 1e-12 && angle_drawn(&harness));
}

#[test]
fn a_click_explains_a_number_and_compares_the_lines() {
    let mut harness = analysed(Quick::shared());
    harness.get_by_label_contains("AI right ").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Formula").is_some());
    assert!(harness.query_by_label_contains("AI against Hilgenreiner: ").is_some());
    assert!(harness.query_by_label_contains("AI against image horizontal: ").is_some(), "side by side");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Formula").is_none());
}

#[test]
fn a_point_moved_by_hand_keeps_an_interval() {
    let mut harness = analysed(Quick::shared());
    let roof = harness.get_by_label_contains("Point SMA right, predicted").rect().center();
    super::drag(&mut harness, roof, egui::vec2(0.0, -20.0));
    let assessment = study(harness.state()).expect("a study").assessment();
    let index = assessment.measurement("AI", Some(Side::Right)).expect("AI");
    assert!(index.ci95.is_some(), "readers differ too, and the table says by how much");
}

/// Passes everything on to [`Quick`], but for what a test changes.
macro_rules! but_for {
    ($name:ident, $($changed:item)*) => {
        impl Services for $name {
            fn catalogue(&self, paths: &[PathBuf]) -> Catalogue {
                self.0.catalogue(paths)
            }
            fn open(&self, path: &Path, frame: u32) -> Result<(Radiograph, Presentation), String> {
                self.0.open(path, frame)
            }
            fn analyse(&self, film: &Radiograph, job: &Job) -> Result<Prediction, AnalysisError> {
                self.0.analyse(film, job)
            }
            fn report(&self, snapshot: &Snapshot) -> Result<Vec<u8>, String> {
                self.0.report(snapshot)
            }
            fn deidentify(&self, a: &Path, b: &Path, options: &DeidentifyOptions) -> Result<Vec<String>, String> {
                self.0.deidentify(a, b, options)
            }
            fn tags(&self, path: &Path) -> Result<Vec<coxa::imaging::TagLine>, String> {
                self.0.tags(path)
            }
            fn device(&self) -> String {
                self.0.device()
            }
            $($changed)*
        }
    };
}

/// The demo of nobody.
struct Nameless(Quick);

but_for! { Nameless,
    fn demo(&self) -> Radiograph {
        let mut film = self.0.demo();
        film.identity = Default::default();
        film
    }
    fn norms(&self) -> SiteNorms {
        self.0.norms()
    }
}

/// A site whose clinician has signed every table.
struct Signed(Quick);

but_for! { Signed,
    fn demo(&self) -> Radiograph {
        self.0.demo()
    }
    fn norms(&self) -> SiteNorms {
        let tables = norms::embedded().iter().map(|table| table.clone().signed("Dr. Ada", "2026-11-22"));
        SiteNorms { tables: tables.collect(), faults: Vec::new() }
    }
}
