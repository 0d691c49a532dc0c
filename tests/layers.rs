//! The layers of `src/lib.rs`: `use crate::` points only to a lower layer, and the heavy libraries stay in theirs.

use std::fs;
use std::path::{Path, PathBuf};

/// Module and layer. A module may use itself and anything of a lower layer.
const LAYERS: &[(&str, u32)] = &[
    ("measure", 0),
    ("job", 0),
    ("disk", 0),
    ("allocator", 0),
    ("imaging", 1),
    ("eval", 1),
    ("simulate", 2),
    ("models", 2),
    ("datasets", 2),
    ("pacs", 2),
    ("training", 3),
    ("study", 3),
    ("export", 4),
    ("library", 4),
    ("ui", 5),
    ("cli", 5),
];

/// Library and the modules that may name it.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("egui", &["ui"]),
    ("eframe", &["ui"]),
    ("rfd", &["ui"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("candle_core", &["models", "training"]),
    ("candle_nn", &["models", "training"]),
    ("krilla", &["export"]),
    ("dicom_object", &["imaging", "export", "pacs"]),
    ("rusqlite", &["library"]),
    ("anyhow", &["ui", "cli"]),
];

fn layer_of(module: &str) -> Option<u32> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src entry").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The top-level module of a file below `src`, and its text without comments.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&src).expect("below src").to_path_buf();
            let first =
                relative.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("readable");
            let code: String = text
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default())
                .collect::<Vec<_>>()
                .join("\n");
            (first.trim_end_matches(".rs").to_owned(), relative, code)
        })
        .collect()
}

/// Every identifier that follows `prefix` in `code`.
fn words_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    code.match_indices(prefix)
        .map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

#[test]
fn modules_use_only_lower_layers() {
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        let Some(layer) = layer_of(&module) else { continue };
        for used in words_after(&code, "crate::") {
            if let Some(used_layer) = layer_of(used)
                && used != module
                && used_layer >= layer
            {
                wrong.push(format!(
                    "{}: {module} (layer {layer}) uses {used} (layer {used_layer})",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn grouped_imports_of_the_crate_root_do_not_hide_a_layer() {
    for (_, file, code) in sources() {
        assert!(!code.contains("use crate::{"), "{}: write one `use crate::module` a line", file.display());
    }
}

#[test]
fn libraries_stay_in_their_modules() {
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        for (library, homes) in LIBRARIES {
            if !homes.contains(&module.as_str()) && code.contains(&format!("{library}::")) {
                wrong.push(format!("{}: {library} belongs to {homes:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_layer() {
    for (module, file, _) in sources() {
        assert!(
            layer_of(&module).is_some() || ["lib", "main", "bin"].contains(&module.as_str()),
            "{}: give the module a layer",
            file.display()
        );
    }
}
