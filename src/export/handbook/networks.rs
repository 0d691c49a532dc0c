//! The chapter of the networks: their cards.

use crate::models::Plan;
use std::fmt::Write;

const HEAD: &str = "\
# The networks

What each network was made for, what it was trained on, how far it can be trusted, and where not. `coxa models card` prints
the same; `coxa models verify` checks that the weights are the ones described here.
";

pub(super) fn text(plans: &[Plan]) -> String {
    let mut text = HEAD.to_owned();
    for plan in plans {
        let _ = writeln!(text, "\n## {} {{#{}}}\n", plan.title, plan.id);
        let _ = writeln!(text, "`{}` {}\n", plan.id, plan.version);
        for (label, words) in [
            ("use", &plan.intended_use),
            ("limits", &plan.limitations),
            ("trained on", &plan.trained_on),
            ("licence", &plan.licence),
            ("made by", &plan.command),
            ("SHA-256", &plan.sha256),
        ] {
            let _ = writeln!(text, "- **{label}**: {}", words.trim().replace('\n', " "));
        }
        for (data, figures) in &plan.accuracy {
            let _ = writeln!(text, "\n| {data} | |\n|---|---|");
            for (name, figure) in figures {
                let _ = writeln!(text, "| {name} | {figure} |");
            }
        }
    }
    text
}
