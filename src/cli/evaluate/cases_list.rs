//! `cases.csv` beside the films: what a film alone does not say. `file` names the film, with or without its ending (`name`
//! in what `coxa dataset import` made); `patient`, `age_months` and `split` are understood, and every other column is a
//! grouping.

use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::path::Path;

/// Its name in a folder of films.
pub const NAME: &str = "cases.csv";

/// One line of the list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    pub patient: Option<String>,
    pub age_months: Option<f64>,
    pub split: Option<String>,
    pub groups: BTreeMap<String, String>,
}

/// The list of a folder by the films' names without ending; `None` where there is none.
///
/// # Errors
/// A list that cannot be read, without a column `file` or `name`, or with a film twice.
pub fn read(folder: &Path) -> anyhow::Result<Option<BTreeMap<String, Entry>>> {
    let path = folder.join(NAME);
    if !path.is_file() {
        return Ok(None);
    }
    let mut reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
    let heads = reader.headers().with_context(|| path.display().to_string())?.clone();
    let Some(key) = ["file", "name"].into_iter().find(|key| heads.iter().any(|head| head.trim() == *key))
    else {
        bail!("{}: has no column \"file\" or \"name\"", path.display());
    };
    let mut entries = BTreeMap::new();
    for (line, record) in reader.records().enumerate() {
        let place = || format!("{}: row {}", path.display(), line + 2);
        let record = record.with_context(place)?;
        let (mut name, mut entry) = (String::new(), Entry::default());
        for (head, value) in heads.iter().map(str::trim).zip(record.iter().map(str::trim)) {
            match (head, value) {
                (head, value) if head == key => name = stem(value),
                (_, "") => {}
                ("patient", value) => entry.patient = Some(value.to_owned()),
                ("split", value) => entry.split = Some(value.to_owned()),
                ("age_months", value) => {
                    let months: f64 = value.parse().with_context(place)?;
                    anyhow::ensure!((0.0..=1500.0).contains(&months), "{}: {months} months of age", place());
                    entry.age_months = Some(months);
                }
                (head, value) => {
                    entry.groups.insert(head.to_owned(), value.to_owned());
                }
            }
        }
        if entries.insert(name.clone(), entry).is_some() {
            bail!("{}: the film {name} is there twice", place());
        }
    }
    Ok(Some(entries))
}

/// A file's name without folders and ending; dots within it stay.
pub fn stem(file: &str) -> String {
    let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let endings = ["dcm", "dicom", "png", "jpg", "jpeg", "tif", "tiff", "json"];
    match name.rsplit_once('.') {
        Some((stem, ending)) if endings.contains(&ending.to_ascii_lowercase().as_str()) => stem.to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_are_not_known_are_groupings() {
        let folder = tempfile::tempdir().unwrap();
        let text = "file,patient,age_months,split,stress,wanted_ai\na.v1.png,7,6.5,test,blur,30\nb,,,,,\n";
        std::fs::write(folder.path().join(NAME), text).unwrap();
        let entries = read(folder.path()).unwrap().unwrap();
        let a = &entries["a.v1"];
        assert_eq!(
            (a.patient.as_deref(), a.age_months, a.split.as_deref()),
            (Some("7"), Some(6.5), Some("test"))
        );
        assert_eq!((a.groups["stress"].as_str(), a.groups["wanted_ai"].as_str()), ("blur", "30"));
        assert_eq!(entries["b"], Entry::default());
    }

    #[test]
    fn lists_that_are_none_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        for text in
            ["film,age\na,1\n", "file\na.png\na.dcm\n", "file,age_months\na,old\n", "file,age_months\na,-1\n"]
        {
            std::fs::write(folder.path().join(NAME), text).unwrap();
            let error = format!("{:#}", read(folder.path()).unwrap_err());
            assert!(error.contains(NAME), "{error}");
        }
    }
}
