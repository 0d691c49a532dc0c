//! `coxa manual`: man pages and shell completions, made from the grammar for the packages.

use super::{Cli, terminal};
use crate::export::write_atomic;
use anyhow::Context;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where each shell looks for them below `share`, and under which name.
const COMPLETIONS: [(Shell, &str); 3] = [
    (Shell::Bash, "bash-completion/completions/coxa"),
    (Shell::Zsh, "zsh/site-functions/_coxa"),
    (Shell::Fish, "fish/vendor_completions.d/coxa.fish"),
];

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder that gets man/man1, bash-completion, zsh and fish as they lie below /usr/share
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut command = Cli::command();
    for (shell, name) in COMPLETIONS {
        let mut script = Vec::new();
        generate(shell, &mut command, "coxa", &mut script);
        write(&args.out.join(name), &script)?;
    }
    let pages = args.out.join("man/man1");
    std::fs::create_dir_all(&pages).with_context(|| pages.display().to_string())?;
    // One line of version in the foot of a page, whatever else `--version` tells.
    clap_mangen::generate_to(command.version(env!("CARGO_PKG_VERSION")), &pages)
        .with_context(|| pages.display().to_string())?;
    terminal::print(&format!("man pages and completions are in {}", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(write_atomic(path, bytes)?)
}
