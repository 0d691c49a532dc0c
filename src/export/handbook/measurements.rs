//! The chapter of the measurements: what `coxa explain` says of each, with its figure.

use super::drawing;
use crate::measure::explain::{self, Explanation};
use crate::measure::{Protocol, catalogue};
use std::fmt::Write;

const HEAD: &str = "\
# Every measurement

Each has a figure that the program drew, its definition, how the number is read, and the norms that it is held against.
*ℓ* is the direction lateral along the reference line, *u* the one towards the head, both of the patient: no value depends
on how the film was turned or mirrored. `coxa explain CODE` prints the same text, the window shows it when a value is
clicked. A norm marked *unsigned* judges nothing until someone signs it (`coxa norms`).

";

pub(super) fn text() -> String {
    let mut text = HEAD.to_owned();
    let _ = writeln!(text, "| code | what |\n|---|---|");
    for (code, name) in explain::codes() {
        let _ = writeln!(text, "| [`{code}`](#{code}) | {name} |");
    }
    let protocol = Protocol::default();
    let mut group = String::new();
    for (code, _) in explain::codes() {
        let Some(explanation) = explain::explain(code, &protocol) else { continue };
        let chapter = catalogue::definition(code).map_or("grades and findings", |d| d.group.name());
        if chapter != group {
            chapter.clone_into(&mut group);
            let _ = writeln!(text, "\n## {}{}\n", chapter[..1].to_uppercase(), &chapter[1..]);
        }
        one(&mut text, &explanation);
    }
    text
}

fn one(text: &mut String, e: &Explanation) {
    let _ = writeln!(text, "\n### {} {{#{}}}\n", e.name, e.code);
    if drawing::is_drawn(e.code) {
        let _ = writeln!(text, "![{}: what is measured](figures/{})\n", e.name, drawing::file(e.code));
    }
    let _ = writeln!(text, "`{}`, {} (definition {})\n", e.code, e.kind, e.id);
    let mut say = |label: &str, words: &str| {
        let _ = writeln!(text, "- **{label}**: {words}");
    };
    if !e.landmarks.is_empty() {
        let needs: Vec<String> =
            e.landmarks.iter().map(|(code, words)| format!("{code} ({words})")).collect();
        say("needs", &needs.join(", "));
    }
    say("reference line", &e.reference);
    say("formula", &e.formula);
    say("sign", e.sign);
    if let Some((low, high)) = e.plausible {
        say("plausible", &format!("{low} to {high}, flagged outside"));
    }
    say("reading", e.reading);
    say("source", e.source);
    if !e.related.is_empty() {
        let links: Vec<String> = e.related.iter().map(|code| format!("[`{code}`](#{code})")).collect();
        say("compare", &links.join(", "));
    }
    for norm in &e.norms {
        let _ =
            writeln!(text, "\n**{}** ({}; {}; `{}`)\n", norm.title, norm.source, norm.standing, norm.table);
        for row in &norm.rows {
            let _ = writeln!(text, "- {row}");
        }
    }
}
