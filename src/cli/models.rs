//! `coxa models`: the networks inside this program, their licences and figures.

use super::terminal;
use crate::models::{ModelCard, catalogue};
use std::process::ExitCode;

pub fn run() -> anyhow::Result<ExitCode> {
    for (index, card) in catalogue().iter().enumerate() {
        terminal::print(&described(card, index == 0))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn described(card: &ModelCard, is_default: bool) -> String {
    let default = if is_default { " (default)" } else { "" };
    let mut lines = vec![
        format!("{} {}{default}", card.id(), card.version()),
        format!("  {}", card.title()),
        format!("  use       {}", card.plan.intended_use),
        format!("  trained   {}", card.plan.trained_on),
        format!("  licence   {}", card.licence()),
        format!("  sha256    {}", card.sha256()),
        format!("  size      {:.2} MB, inside this program", card.bytes.len() as f64 / 1e6),
    ];
    for (data, figures) in &card.plan.accuracy {
        lines.push(format!("  accuracy  {data}"));
        lines.extend(figures.iter().map(|(name, value)| format!("            {value:8.2}  {name}")));
    }
    lines.join("\n")
}
