//! Tells the program which commit it was built from and with which features, for `coxa --version`.
//!
//! The commit is that of `COXA_COMMIT` where it is set, else what `git archive` wrote into `packaging/COMMIT` (a source
//! archive has no repository), else git's; a development build does not ask git, so that a commit does not make the next
//! test run compile everything again.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A placeholder in a repository; `git archive` puts the commit in its place (`.gitattributes`).
const ARCHIVED: &str = "packaging/COMMIT";

/// Of a commit's name, as `coxa --version` says it.
const DIGITS: usize = 12;

fn main() {
    println!("cargo::rerun-if-env-changed=COXA_COMMIT");
    println!("cargo::rerun-if-changed=packaging/build.rs");
    println!("cargo::rustc-env=COXA_COMMIT={}", commit());
    let features: &[&str] = if env::var_os("CARGO_FEATURE_CUDA").is_some() { &["cuda"] } else { &[] };
    println!("cargo::rustc-env=COXA_FEATURES={}", features.join(" "));
}

fn commit() -> String {
    if let Ok(commit) = env::var("COXA_COMMIT") {
        return commit;
    }
    println!("cargo::rerun-if-changed={ARCHIVED}");
    if let Ok(archived) = fs::read_to_string(ARCHIVED)
        && !archived.starts_with('$')
    {
        return archived.trim().chars().take(DIGITS).collect();
    }
    if env::var("PROFILE").as_deref() != Ok("release") {
        return "not recorded".to_owned();
    }
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).unwrap_or_default();
    for path in [log.as_str(), "src"] {
        if Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let Some(commit) = git(&["rev-parse", &format!("--short={DIGITS}"), "HEAD"]) else {
        return "not recorded".to_owned();
    };
    let clean =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| changes.is_empty());
    if clean { commit } else { format!("{commit}, changed since") }
}

/// What git prints, if it can.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
