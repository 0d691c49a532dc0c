//! The German window speaks German: whatever stands in it word for word as in the English one is on a list, with the reason.
//!
//! Not looked at are what stays English by intent: definitions of measurements with their sources (the explanation of a
//! number), the handbook, titles of norm tables, and DICOM's names of its tags.

use super::library::{film, films, press, safe, state};
use super::*;
use coxa::library::Language;
use coxa::ui::Action;
use egui_kittest::kittest::NodeT;
use std::collections::BTreeSet;

/// The same in both languages.
const SAME: &[(&str, &str)] = &[
    ("normal", "one word in both"),
    ("DICOM, PNG", "names of formats"),
    ("film0.dcm", "name of a file"),
    ("film1.dcm", "name of a file"),
    ("film2", "name of a file"),
    ("COCO", "name of a format"),
    ("YOLO pose", "name of a format"),
    ("labelme", "name of a format"),
    ("nnU-Net", "name of a format"),
    ("Letter", "name of a paper size"),
    ("Close window", "the toolkit's own, which has one language"),
    ("Resize panel", "the toolkit's own, which has one language"),
    ("Case, P", "name of a patient"),
    ("A. Reader", "name of a person"),
    ("Simulated AP pelvis", "what the file says of itself"),
    ("truth 1 (0000", "name of a network"),
    ("this looks like a chest film", "made up by the network of these tests"),
];

/// Words that are no words of a language: codes, units, names of keys and grades.
const CODES: &[&str] = &[
    "AI",
    "CE",
    "IHDI",
    "DDH",
    "Tönnis",
    "TRC",
    "SMA",
    "FH",
    "HP",
    "DX",
    "AP",
    "CPU",
    "PDF",
    "DICOM",
    "Dice",
    "Cobb",
    "OK",
    "mm",
    "px",
    "Ctrl",
    "Shift",
    "Alt",
    "Tab",
    "Escape",
    "Delete",
    "Backspace",
    "Enter",
    "PageUp",
    "PageDown",
    "Space",
    "Name",
    "System",
    "III",
    "English",
    "Deutsch",
    "Hilgenreiner",
    "Perkin",
    "normal",
    "Status",
    "Version",
    "JSON",
    "PNG",
    "SVG",
    "CSV",
    "Studies",
    "Analyse",
    "test",
];

fn says_nothing(words: &str) -> bool {
    let letters = words.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 2);
    letters.into_iter().all(|word| CODES.contains(&word))
}

/// Everything that can be read, or is read out, in a sitting of that language.
fn texts(language: Language) -> BTreeSet<String> {
    let (folder, films) = films(2);
    let home = folder.path().join("home");
    let preferences = Preferences { language, user: "A. Reader".to_owned(), ..Preferences::default() };
    let mut given = simulate::demo().landmarks;
    let nucleus = LandmarkId::new(LandmarkCode::FH, Side::Right);
    given.insert(nucleus, Landmark::missing("no ossific nucleus", Origin::Model));
    let quick = Quick { home: Some(home.clone()), given: Some(given), preferences, ..Quick::new() };
    let refusing =
        Quick { home: Some(home), refuse: true, preferences: quick.preferences.clone(), ..Quick::new() };
    film(&films.join("film2.dcm"), "P0", "20240101", 7);

    let mut all = BTreeSet::new();
    let mut read = |harness: &Harness<'_, Workbench>| {
        for node in harness.root().children_recursive() {
            let node = node.accesskit_node();
            all.extend([node.label(), node.value()].into_iter().flatten());
        }
    };
    let mut harness = workbench(Arc::new(refusing), vec![films.clone()]);
    wait(&mut harness, "a study", |workbench| study(workbench).is_some());
    read(&harness);
    harness.key_press(Key::A);
    harness.step();
    wait(&mut harness, "the refusal", |workbench| !workbench.is_analysing());
    read(&harness);
    drop(harness);

    let mut harness = workbench(Arc::new(quick), vec![films]);
    wait(&mut harness, "a study", |workbench| study(workbench).is_some());
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    harness.run_steps(3);
    read(&harness);
    wait(&mut harness, "all", |workbench| {
        workbench.films().iter().all(|film| matches!(film.state(), coxa::ui::State::Predicted))
    });
    read(&harness);
    // What is done, and undone, is in the trail.
    let point = ["Point SMA left", "Punkt SMA links"][usize::from(language == Language::German)];
    let roof = harness.get_by_label_contains(point).rect().center();
    drag(&mut harness, roof, egui::vec2(0.0, -25.0));
    harness.key_press(Key::X);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    safe(&mut harness);
    read(&harness);
    // Everything that opens, by its name.
    for action in [
        Action::Settings,
        Action::Keys,
        Action::Palette,
        Action::Norms,
        Action::Audit,
        Action::Versions,
        Action::ExportAs,
        Action::Histogram,
        Action::Length,
        Action::Cobb,
        Action::CalibrateLine,
        Action::CalibrateSphere,
        Action::CalibrateMagnification,
        Action::Brush,
        Action::MaskPolygon,
        Action::DrawCurve,
        Action::PlaceInOrder,
        Action::Deidentify,
        Action::Trainee,
        Action::Prior,
    ] {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
        harness.run_steps(3);
        if action != Action::Palette {
            harness.input_mut().events.push(egui::Event::Text(action.text().to_owned()));
            harness.run_steps(3);
            harness.key_press(Key::Enter);
            harness.run_steps(6);
            std::thread::sleep(Duration::from_millis(60));
            harness.run_steps(6);
        }
        read(&harness);
        for _ in 0..3 {
            harness.key_press(Key::Escape);
            harness.run_steps(2);
        }
    }
    for tab in [["Worklist", "Arbeitsliste"], ["Recent", "Zuletzt"]] {
        press(&mut harness, tab[usize::from(language == Language::German)]);
        read(&harness);
    }
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    safe(&mut harness);
    read(&harness);
    drop(state(&harness));
    all
}

#[test]
fn no_english_word_is_left_in_the_german_window() {
    // SAFETY: as in the other tests of this window, always to the same value.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let english = texts(Language::English);
    let german = texts(Language::German);
    Language::English.speak();
    assert!(english.len() > 300 && german.len() > 300, "{} and {}", english.len(), german.len());
    let explained = |words: &str| SAME.iter().any(|(same, _)| words.contains(same));
    let tables: Vec<&str> =
        coxa::measure::norms::embedded().iter().map(|table| table.title.as_str()).collect();
    let of_norms = |words: &str| tables.contains(&words) || words.contains("/1 · ");
    let fine = |words: &str| says_nothing(words) || explained(words) || of_norms(words);
    let left: Vec<&String> = english.intersection(&german).filter(|words| !fine(words)).collect();
    assert!(left.is_empty(), "{left:#?}");
    // Nor is one half of a sentence English.
    let half = |words: &&String| {
        let words: Vec<&str> = words.split(|c: char| !c.is_alphabetic()).collect();
        ["the", "of", "is", "and", "with", "not", "by", "this"].iter().any(|word| words.contains(word))
    };
    let mixed: Vec<&String> = german.iter().filter(half).filter(|words| !fine(words)).collect();
    assert!(mixed.is_empty(), "{mixed:#?}");
}
