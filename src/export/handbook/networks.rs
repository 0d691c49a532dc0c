//! The chapter of the networks: their cards, of those that give points and of those that give masks.

use crate::models::nnunet::{NnUnetCard, card as masks};
use crate::models::{Plan, installed};
use std::collections::BTreeMap;
use std::fmt::Write;

const HEAD: &str = "\
# The networks

What each network was made for, what it was trained on, how far it can be trusted, and where not. `coxa models card` prints
the same; `coxa models verify` checks that the weights are the ones described here. Each table of figures says what films it
was measured on: *phantoms* are drawn by this program, *projected anatomy* are films computed from scanned bones, *real* are
patients' films.
";

/// The cards of `plans`, then those of the masks' networks at hand.
pub(super) fn text(plans: &[Plan]) -> String {
    let mut text = HEAD.to_owned();
    for plan in plans {
        let view = plan.view.to_string();
        let rows = [
            ("use", plan.intended_use.as_str()),
            ("for", &view),
            ("points", &plan.landmarks.join(" ")),
            ("limits", &plan.limitations),
            ("trained on", &plan.trained_on),
            ("licence", &plan.licence),
            ("made by", &plan.command),
            ("SHA-256", &plan.sha256),
        ];
        card(&mut text, (&plan.title, &plan.id, &plan.version), &rows, &plan.accuracy);
    }
    let folders = installed::folders().into_iter().flat_map(|folder| masks::list(&folder));
    for NnUnetCard { about, trained_on, sha256, accuracy } in folders.filter_map(|f| NnUnetCard::of(&f).ok())
    {
        let sums: Vec<String> = sha256.iter().map(|(name, sum)| format!("{name} {sum}")).collect();
        let rows = [
            ("use", about.intended_use.as_str()),
            ("limits", &about.limitations),
            ("trained on", &trained_on),
            ("licence", &about.licence),
            ("made by", &about.command),
            ("SHA-256", &sums.join(", ")),
        ];
        card(&mut text, (&about.title, &about.id, &about.version), &rows, &accuracy);
    }
    text
}

/// One network: title, id and version, what of the rows says something, and its figures by data set.
fn card(
    text: &mut String,
    (title, id, version): (&str, &str, &str),
    rows: &[(&str, &str)],
    accuracy: &BTreeMap<String, BTreeMap<String, f64>>,
) {
    let _ = writeln!(text, "\n## {title} {{#{id}}}\n\n`{id}` {version}\n");
    for (label, words) in rows.iter().filter(|(_, words)| !words.trim().is_empty()) {
        let _ = writeln!(text, "- **{label}**: {}", words.trim().replace('\n', " "));
    }
    for (data, figures) in accuracy {
        let _ = writeln!(text, "\n| {data} | |\n|---|---|");
        for (name, figure) in figures {
            let _ = writeln!(text, "| {name} | {figure} |");
        }
    }
}
