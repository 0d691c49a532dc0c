//! `coxa norms`: the norm tables, and the signature without which an unconfirmed one judges nothing.

use super::terminal;
use crate::measure::norms::{self, Evidence, NormTable};
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Sign this table: its values were checked against their source
    #[arg(long, value_name = "TABLE", requires = "name", requires = "out")]
    sign: Option<String>,
    /// Who signs
    #[arg(long, value_name = "NAME", requires = "sign")]
    name: Option<String>,
    /// Where the signed table is written, for `--norms`
    #[arg(long, value_name = "FILE", requires = "sign")]
    out: Option<PathBuf>,
    /// Tables of this site, in the place of those of the same id
    #[arg(long, value_name = "FILE")]
    norms: Vec<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let own = args.norms.iter().map(|path| NormTable::read(path)).collect::<Result<Vec<_>, _>>()?;
    let tables = norms::replaced(norms::embedded(), own);
    let (Some(id), Some(name), Some(out)) = (&args.sign, &args.name, &args.out) else {
        for table in &tables {
            terminal::print(&described(table))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(table) = tables.into_iter().find(|table| table.id == *id) else {
        terminal::complain(&format!("{id} is no norm table; `coxa norms` lists them"));
        return Ok(ExitCode::from(2));
    };
    let name = terminal::one_line(name);
    if name.is_empty() {
        terminal::complain("a signature needs a name");
        return Ok(ExitCode::from(2));
    }
    let today = chrono::Local::now().format("%Y-%m-%d").to_string();
    let text = table.signed(&name, &today).to_toml()?;
    std::fs::write(out, text).with_context(|| format!("{}: cannot be written", out.display()))?;
    terminal::complain(&format!("{id} signed by {name} on {today}: {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

fn described(table: &NormTable) -> String {
    let standing = match (&table.signature, table.evidence) {
        (Some(signature), _) => format!("signed by {} on {}", signature.name, signature.date),
        (None, Evidence::Confirmed) => "confirmed".to_owned(),
        (None, Evidence::Verify) => "unsigned: judges nothing".to_owned(),
    };
    let mut codes: Vec<&str> = table.rows.iter().map(|row| row.measurement.as_str()).collect();
    codes.dedup();
    [
        format!("{}/{}  {standing}", table.id, table.version),
        format!("  {}", table.title),
        format!("  source    {}", table.source),
        format!("  of        {} ({} rows)", codes.join(", "), table.rows.len()),
    ]
    .join("\n")
}
