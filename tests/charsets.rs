//! Texts of every character set as pydicom decodes them (`tests/oracle/charsets.py`), file by file. Skipped, in words, where
//! the data is not there.

use coxa::imaging::{DicomObject, tags};
use dicom_core::{Tag, VR};
use dicom_object::InMemDicomObject;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

type Texts = BTreeMap<String, Vec<String>>;

fn expected() -> BTreeMap<String, Texts> {
    serde_json::from_str(include_str!("oracle/charsets.json")).expect("the oracle's file")
}

fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("COXA_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = root.join("dicom/pydicom/charset_files");
    if !folder.is_dir() {
        println!("skipped: no {}", folder.display());
        return None;
    }
    Some(folder)
}

/// Without padding, and without the groups of a name that say nothing, as pydicom gives it.
fn ended(value: &str) -> String {
    value.trim_end_matches([' ', '\0', '=']).to_owned()
}

/// Path and values of every text, sequences entered.
fn texts(dataset: &InMemDicomObject, prefix: &str, into: &mut Texts) {
    for element in dataset {
        let Tag(group, number) = element.header().tag;
        let path = format!("{prefix}{group:04X}{number:04X}");
        for (index, item) in element.items().unwrap_or_default().iter().enumerate() {
            texts(item, &format!("{path}/{index}/"), into);
        }
        let is_text = matches!(element.vr(), VR::PN | VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC);
        if is_text && group % 2 == 0 {
            let values = element.to_multi_str().map(|values| values.to_vec()).unwrap_or_default();
            let values: Vec<String> = values.iter().map(|value| ended(value)).collect();
            if values.iter().any(|value| !value.is_empty()) {
                into.insert(path, values);
            }
        }
    }
}

#[test]
fn every_text_is_as_pydicom_reads_it() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for (name, meant) in expected() {
        let object = DicomObject::read(&folder.join(&name)).expect("an object");
        let mut read = Texts::new();
        texts(&object.dataset, "", &mut read);
        for (path, values) in &meant {
            let values: Vec<String> = values.iter().map(|value| ended(value)).collect();
            assert_eq!(read.get(path), Some(&values), "{name} {path}");
            count += values.len();
        }
        // The browser of tags says the same, in items too.
        let lines = tags(&folder.join(&name)).expect("a header");
        let mut names: Vec<String> =
            lines.iter().filter(|line| line.tag == "(0010,0010)").map(|line| ended(&line.value)).collect();
        let meant = meant.iter().filter(|(path, _)| path.ends_with("00100010"));
        let mut meant: Vec<String> = meant.map(|(_, values)| ended(&values[0])).collect();
        names.sort_unstable();
        meant.sort_unstable();
        assert_eq!(names, meant, "{name}");
    }
    assert!(count > 80, "{count} texts");
    println!("{count} texts as pydicom reads them");
}
