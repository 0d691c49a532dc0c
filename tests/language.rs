//! Every text of the window is in both language files, every key there is used, and no view holds words of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Path and code of every file of the window, without its tests and comments.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    rust_files(&root().join("src/ui"), &mut files);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let name = path.strip_prefix(root()).expect("of this crate").display().to_string();
        (name, lines.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(read).collect()
}

fn keys(language: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(format!("assets/lang/{language}.toml"))).expect("a language");
    let table: toml::Table = text.parse().expect("TOML");
    let mut keys = BTreeSet::new();
    for (section, value) in table {
        match value {
            toml::Value::Table(inner) => {
                keys.extend(inner.keys().map(|key| format!("{section}.{key}")));
            }
            _ => {
                keys.insert(section);
            }
        }
    }
    keys
}

/// String literals of the code, each with what stands before it on its line and the line above.
fn literals(code: &str) -> Vec<(String, String)> {
    let bytes: Vec<char> = code.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            // A character, not the beginning of a text.
            '\'' if bytes.get(at + 2) == Some(&'\'') => at += 3,
            '"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != '"' {
                    at += if bytes[at] == '\\' { 2 } else { 1 };
                }
                let before: String = bytes[start.saturating_sub(90)..start - 1].iter().collect();
                found.push((before, bytes[start..at.min(bytes.len())].iter().collect()));
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// Keys that are made while the program runs: of actions, terms, gestures, colours, targets.
const MADE: [&str; 12] = [
    "action.",
    "help.",
    "group.",
    "measure.",
    "landmark.",
    "line.",
    "line_short.",
    "class.",
    "gesture.",
    "colour.",
    "window.",
    "target.",
];

#[test]
fn every_key_of_the_code_is_in_both_languages_and_every_other_way_round() {
    let (english, german) = (keys("en"), keys("de"));
    assert_eq!(english, german);
    let sources = sources();
    let all: Vec<(String, String, String)> = sources
        .iter()
        .flat_map(|(file, code)| {
            literals(code).into_iter().map(move |(before, text)| (file.clone(), before, text))
        })
        .collect();
    for (file, before, text) in &all {
        let before = before.trim_end();
        let asked =
            ["tr!(", "fill("].iter().any(|call| before.ends_with(call)) && !before.ends_with("_str!(");
        if asked {
            assert!(english.contains(text), "{file}: tr!({text:?}) is in no language file");
        }
    }
    let used: BTreeSet<&str> = all.iter().map(|(_, _, text)| text.as_str()).collect();
    for key in &english {
        let made = MADE.iter().any(|prefix| key.starts_with(prefix));
        assert!(made || used.contains(key.as_str()), "{key} is never said");
    }
}

/// Words in a row, or one that begins like a sentence: what a person would read.
fn is_prose(text: &str) -> bool {
    // Without what is filled in.
    let mut plain = String::new();
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            letter if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    let words: Vec<&str> = plain
        .split_whitespace()
        .filter(|word| word.chars().all(|c| c.is_alphabetic() || ",.:;".contains(c)))
        .collect();
    let long = words.iter().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 3).count();
    let first = words.first().is_some_and(|word| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.filter(|c| c.is_lowercase()).count() >= 2
    });
    long >= 2 || (first && words.len() == plain.split_whitespace().count())
}

/// Of persons, the same in every language.
const NAMES: [&str; 1] = ["Tönnis"];

/// Names of things of the toolkit, which nobody reads.
const IDS: [&str; 9] = [
    "Panel::bottom(",
    "Panel::top(",
    "Panel::left(",
    "Panel::right(",
    "Id::unique(",
    "Id::unique((",
    "Grid::new(",
    "load_texture(",
    "from_id_salt(",
];

#[test]
fn views_hold_no_words_of_their_own() {
    let mut bad = Vec::new();
    for (file, code) in sources() {
        let view = ["panels/", "dialogs/", "canvas/"].iter().any(|folder| file.contains(folder))
            || [
                "receive.rs",
                "perform.rs",
                "perform_frame.rs",
                "film.rs",
                "films.rs",
                "cases.rs",
                "batch.rs",
                "app.rs",
            ]
            .iter()
            .any(|f| file.ends_with(f));
        if !view {
            continue;
        }
        for (before, text) in literals(&code) {
            let id = IDS.iter().any(|call| before.trim_end().ends_with(call));
            if !id && is_prose(&text) && !NAMES.contains(&text.as_str()) {
                bad.push(format!("{file}: {text:?}"));
            }
        }
    }
    assert!(bad.is_empty(), "say these by a key of assets/lang:\n{}", bad.join("\n"));
}

#[test]
fn prose_is_told_from_keys_and_numbers() {
    for prose in ["Close", "Drag along a ruler", "not measured", "Zoom in"] {
        assert!(is_prose(prose), "{prose}");
    }
    for other in
        ["", "tool.close", "{:.1} mm", "AI", "x {} y {} = {value}", "demo", "CE_WIBERG", "#RRGGBB", "dcm"]
    {
        assert!(!is_prose(other), "{other}");
    }
}
