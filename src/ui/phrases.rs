//! Sentences of the layers below, turned into another language by patterns: `"move of {0}" = "{0} verschoben"`. So the
//! layers need not know that there are languages, and what they keep on the disk is read in any.

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub static GERMAN: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::read(include_str!("../../assets/lang/de.phrases.toml")));

/// Sentences within sentences, at most.
const DEEP: usize = 4;

pub struct Phrases {
    /// Without anything that changes.
    fixed: BTreeMap<String, String>,
    /// Those with the most letters of their own first.
    patterns: Vec<Pattern>,
}

struct Pattern {
    /// What stands between the holes; one more than there are holes.
    between: Vec<String>,
    to: String,
}

impl Phrases {
    /// A file that is no TOML has none; a test reads it.
    fn read(text: &str) -> Phrases {
        let table: BTreeMap<String, String> = toml::from_str(text).unwrap_or_default();
        let (patterns, fixed): (BTreeMap<_, _>, BTreeMap<_, _>) =
            table.into_iter().partition(|(from, _)| from.contains('{'));
        let mut patterns: Vec<Pattern> = patterns
            .into_iter()
            .map(|(from, to)| {
                let mut rest = from.as_str();
                let mut between = Vec::new();
                while let Some((before, after)) = rest.split_once('{') {
                    between.push(before.to_owned());
                    rest = after.split_once('}').map_or("", |(_, after)| after);
                }
                between.push(rest.to_owned());
                Pattern { between, to }
            })
            .collect();
        patterns
            .sort_by_key(|pattern| std::cmp::Reverse(pattern.between.iter().map(String::len).sum::<usize>()));
        Phrases { fixed, patterns }
    }

    /// `words` in the other language, as they are where it has none.
    pub fn said(&self, words: &str) -> String {
        self.within(words, DEEP)
    }

    fn within(&self, words: &str, deep: usize) -> String {
        if let Some(to) = self.fixed.get(words) {
            return to.clone();
        }
        if deep == 0 {
            return words.to_owned();
        }
        let found = self.patterns.iter().find_map(|pattern| Some((pattern.holes(words)?, &pattern.to)));
        let Some((holes, to)) = found else { return words.to_owned() };
        holes.iter().enumerate().fold(to.clone(), |to, (index, hole)| {
            to.replace(&format!("{{{index}}}"), &self.within(hole, deep - 1))
        })
    }
}

impl Pattern {
    /// What stands in the holes, where the words are of this pattern.
    fn holes<'a>(&self, words: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.between.split_first()?;
        let mut rest = words.strip_prefix(first.as_str())?;
        let mut holes = Vec::new();
        for (index, piece) in others.iter().enumerate() {
            let at = if index + 1 == others.len() {
                rest.ends_with(piece.as_str()).then(|| rest.len() - piece.len())
            } else {
                rest.find(piece.as_str())
            }?;
            holes.push(&rest[..at]);
            rest = &rest[at + piece.len()..];
        }
        holes.iter().all(|hole| !hole.trim().is_empty()).then_some(holes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_turned_and_what_is_in_them_too() {
        let turned = |words: &str, to: &str| assert_eq!(GERMAN.said(words), to);
        turned("undo: move of SMA-R", "zurück: SMA-R verschoben");
        turned("9 months", "9 Monate");
        turned(
            "DDH left: indeterminate, most likely normal with 50 %",
            "DDH links: unbestimmt, am ehesten normal mit 50 %",
        );
        turned(
            "no ossific nucleus marked on the right: Tönnis grade withheld, IHDI given",
            "rechts kein Knochenkern markiert: kein Grad nach Tönnis, dafür IHDI",
        );
        turned("film 7 of the ward", "film 7 of the ward");
    }

    #[test]
    fn every_hole_is_in_both_languages() {
        assert!(GERMAN.patterns.len() > 40 && GERMAN.fixed.len() > 40, "the file is read");
        for Pattern { between, to } in &GERMAN.patterns {
            let holes = between.len() - 1;
            assert!((0..holes).all(|hole| to.contains(&format!("{{{hole}}}"))), "{to}");
            assert!(!to.contains(&format!("{{{holes}}}")), "{to}");
        }
    }
}
