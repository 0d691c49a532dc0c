//! Running the binary, and input for it.

use coxa::imaging::write_dx;
use coxa::simulate::infant::{Phantom, PhantomOptions};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The binary on a machine without a display.
pub fn coxa() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coxa"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command
}

pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let run = Run {
        status: status.code().expect("not killed by a signal"),
        stdout: text(stdout),
        stderr: text(stderr),
    };
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

/// Runs `coxa measure PATHS --out OUT …`.
pub fn measure(paths: &[&Path], out: &Path, more: &[&str]) -> Run {
    run(coxa().arg("measure").args(paths).arg("--out").arg(out).args(more))
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// Names of the files in a folder, sorted.
pub fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A phantom as a DX film `NAME.dcm` in `folder`.
pub fn film(folder: &Path, name: &str, seed: u64) -> PathBuf {
    let options = PhantomOptions { size: 256, ..PhantomOptions::default() };
    let path = folder.join(format!("{name}.dcm"));
    write_dx(&Phantom::generate(seed, &options).radiograph(), &path).expect("a film");
    path
}

/// One measurement's number.
pub fn value(report: &Value, code: &str, side: &str) -> Option<f64> {
    of(&report["measurements"], code, side)["value"].as_f64()
}

pub fn grade(report: &Value, code: &str, side: &str) -> Option<String> {
    of(&report["findings"], code, side)["grade"].as_str().map(str::to_owned)
}

fn of<'a>(list: &'a Value, code: &str, side: &str) -> &'a Value {
    let matches = |entry: &&Value| entry["code"] == code && entry["side"] == side;
    list.as_array().expect("a list").iter().find(matches).unwrap_or_else(|| panic!("no {code}-{side}"))
}

/// Real data of the project, if it is on this machine.
pub fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("COXA_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is not here (COXA_DATA names the data)", path.display());
    None
}
