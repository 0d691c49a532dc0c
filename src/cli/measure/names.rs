//! What a film's results are called: its file's stem, numbered where that is taken. Never the name of a result of the
//! same run, of an input, or of somebody else's JSON.

use crate::export::json::SCHEMA;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const EXTENSIONS: [&str; 3] = ["json", "pdf", "png"];

pub struct Names {
    folder: Option<PathBuf>,
    /// Canonical paths that must survive.
    inputs: HashSet<PathBuf>,
    writes_json: bool,
    /// Lower case, as some file systems know no other.
    given: HashSet<String>,
}

impl Names {
    /// Names for results in `folder`, which is there (or `None` where nothing is written).
    pub fn new<'a>(
        folder: Option<&Path>,
        inputs: impl Iterator<Item = &'a PathBuf>,
        writes_json: bool,
    ) -> Self {
        Self {
            folder: folder.map(Path::to_owned),
            inputs: inputs.filter_map(|path| fs::canonicalize(path).ok()).collect(),
            writes_json,
            given: HashSet::new(),
        }
    }

    /// A name for the results of `path`, not given before.
    pub fn give(&mut self, path: &Path) -> String {
        let stem = path.file_stem().map_or_else(|| "film".to_owned(), |s| s.to_string_lossy().into_owned());
        let mut name = stem.clone();
        let mut number = 1;
        while self.taken(&name) {
            number += 1;
            name = format!("{stem}-{number}");
        }
        self.given.insert(name.to_lowercase());
        name
    }

    fn taken(&self, name: &str) -> bool {
        if self.given.contains(&name.to_lowercase()) {
            return true;
        }
        let Some(folder) = &self.folder else { return false };
        // Not `with_extension`: a name may hold dots.
        let result = |extension: &str| folder.join(format!("{name}.{extension}"));
        let is_input = |path: PathBuf| fs::canonicalize(path).is_ok_and(|path| self.inputs.contains(&path));
        EXTENSIONS.iter().any(|extension| is_input(result(extension)))
            || (self.writes_json && is_foreign(&result("json")))
    }
}

/// Whether a file is there that no measurement of ours wrote, such as the truth beside a phantom.
fn is_foreign(path: &Path) -> bool {
    match fs::read(path) {
        Ok(bytes) => !String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).contains(SCHEMA),
        Err(_) => path.exists(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, inputs: &[PathBuf]) -> Names {
        Names::new(Some(folder), inputs.iter(), true)
    }

    #[test]
    fn equal_stems_are_numbered_and_never_collide_with_a_numbered_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut names = names(folder.path(), &[]);
        let given =
            ["a/hip.dcm", "a/hip-2.dcm", "b/HIP.png", "c/hip.v1.dcm"].map(|p| names.give(Path::new(p)));
        assert_eq!(given, ["hip", "hip-2", "HIP-3", "hip.v1"]);
    }

    #[test]
    fn inputs_and_foreign_json_are_left_alone_and_own_results_are_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("film.png"), b"a film").expect("written");
        fs::write(at("truth.json"), b"{\"seed\":1}").expect("written");
        fs::write(at("again.json"), format!("{{\n  \"schema\": \"{SCHEMA}\"")).expect("written");
        let mut names = names(folder.path(), &[at("film.png")]);
        assert_eq!(names.give(&at("film.png")), "film-2");
        assert_eq!(names.give(&at("truth.dcm")), "truth-2");
        assert_eq!(names.give(&at("again.dcm")), "again");
    }
}
