//! Every word of the window, by key, from one data file a language (`assets/lang`).
//!
//! The window lives on one thread, and so does its language. What the layers below say is English, as it is in reports and
//! files; [`said`] turns their sentences (`phrases.rs`). Definitions, their sources and the names of schemes stay English.

use super::phrases;
pub use crate::library::Language;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

type Table = BTreeMap<String, String>;

static ENGLISH: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/lang/en.toml")));
static GERMAN: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/lang/de.toml")));

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// In its own tongue.
    pub fn name(self) -> &'static str {
        self.find("language").unwrap_or_default()
    }

    /// From now on the window speaks it.
    pub fn speak(self) {
        SPOKEN.set(self);
    }

    fn find(self, key: &str) -> Option<&'static str> {
        let table = match self {
            Language::English => &*ENGLISH,
            Language::German => &*GERMAN,
        };
        table.get(key).map(String::as_str)
    }
}

/// `section.key` of every text. A file that is no TOML gives none; a test reads both.
fn read(text: &str) -> Table {
    let mut table = Table::new();
    for (section, value) in text.parse::<toml::Table>().unwrap_or_default() {
        match value {
            toml::Value::String(words) => {
                table.insert(section, words);
            }
            toml::Value::Table(inner) => {
                table.extend(inner.into_iter().filter_map(|(key, words)| {
                    Some((format!("{section}.{key}"), words.as_str()?.to_owned()))
                }))
            }
            _ => {}
        }
    }
    table
}

/// The words for a key that is made while the program runs, where the language has them.
pub fn find(key: &str) -> Option<&'static str> {
    SPOKEN.get().find(key)
}

/// The words for `key`; the key itself where there are none.
pub fn word(key: &'static str) -> &'static str {
    find(key).unwrap_or(key)
}

/// What a layer below said, in the window's language; as it is where the language has no words for it.
pub fn said(words: &str) -> String {
    match SPOKEN.get() {
        Language::English => words.to_owned(),
        Language::German => phrases::GERMAN.said(words),
    }
}

/// The words for `key`, each `{name}` in them replaced.
pub fn fill(key: &'static str, values: &[(&str, &dyn Display)]) -> String {
    values.iter().fold(word(key).to_owned(), |words, (name, value)| {
        words.replace(&format!("{{{name}}}"), &said(&value.to_string()))
    })
}

/// `tr!("key")`, `tr!("key", name = value)`: the words of the window's language.
macro_rules! tr {
    ($key:expr) => {
        $crate::ui::lang::word($key)
    };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::ui::lang::fill($key, &[$((stringify!($name), &$value as &dyn std::fmt::Display)),+])
    };
}
pub(super) use tr;

#[cfg(test)]
mod tests {
    use super::*;

    /// `{name}`s of a text.
    fn holes(words: &str) -> Vec<&str> {
        let mut holes: Vec<&str> =
            words.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
        holes.sort_unstable();
        holes
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert!(ENGLISH.len() > 100, "the file is read");
        let keys = |table: &Table| table.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&ENGLISH), keys(&GERMAN));
        for (key, words) in ENGLISH.iter() {
            let other = &GERMAN[key];
            assert_eq!(holes(words), holes(other), "{key}");
            assert!(!words.trim().is_empty() && !other.trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn the_window_speaks_the_language_it_was_told() {
        assert_eq!(tr!("action.Undo"), "Undo");
        Language::German.speak();
        assert_eq!(tr!("action.Undo"), "Rückgängig");
        assert_eq!(fill("studies.films", &[("count", &3)]), "3 Aufnahmen");
        let refused = crate::study::Refused::Signed { by: "A. Reader".to_owned() };
        let words = fill("news.not_changed", &[("reason", &refused)]);
        assert!(words.contains("freigegeben von A. Reader: zuerst entsperren"), "{words}");
        Language::English.speak();
    }
}
