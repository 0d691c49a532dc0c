//! `coxa explain`: what a code means: definition, formula, source, norms.

use super::measure::protocol::Thresholds;
use super::terminal;
use crate::measure::explain::{self, Explanation};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Code of a measurement, grade or finding (`AI`, `IHDI`, `CAM`); all of them are listed without one
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
    #[command(flatten)]
    thresholds: Thresholds,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let protocol = args.thresholds.protocol()?;
    if args.codes.is_empty() {
        for (code, name) in explain::codes() {
            terminal::print(&format!("{code:14} {name}"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut status = ExitCode::SUCCESS;
    for (index, code) in args.codes.iter().enumerate() {
        match explain::explain(&code.to_uppercase(), &protocol) {
            Some(explanation) => {
                let gap = if index > 0 { "\n" } else { "" };
                terminal::print(&format!("{gap}{}", described(&explanation)))?;
            }
            None => {
                terminal::complain(&format!("{code} is no code; `coxa explain` lists them"));
                status = ExitCode::from(2);
            }
        }
    }
    Ok(status)
}

fn described(e: &Explanation) -> String {
    let mut lines = vec![format!("{}  {}", e.code, e.name)];
    let mut say = |label: &str, words: &str| lines.push(format!("  {label:10} {words}"));
    say("is", &format!("{} (definition {})", e.kind, e.id));
    for (index, (code, words)) in e.landmarks.iter().enumerate() {
        say(if index == 0 { "needs" } else { "" }, &format!("{code}: {words}"));
    }
    say("line", &e.reference);
    say("formula", &e.formula);
    say("sign", e.sign);
    if let Some((low, high)) = e.plausible {
        say("plausible", &format!("{low} to {high}, flagged outside"));
    }
    say("reading", e.reading);
    say("source", e.source);
    for norm in &e.norms {
        say("norm", &format!("{}, {}", norm.table, norm.standing));
        say("", &format!("{} ({})", norm.title, norm.source));
        for row in &norm.rows {
            say("", row);
        }
    }
    if !e.related.is_empty() {
        say("compare", &e.related.join(", "));
    }
    lines.join("\n")
}
