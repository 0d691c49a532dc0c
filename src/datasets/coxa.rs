//! The folder of this program: what `coxa dataset import` makes, training reads and every other format is written from.
//!
//! ```text
//! coxa-dataset.json     format, version, where it came from, the structures of the masks
//! cases.csv             one row a case: name, patient (a pseudonym), split, fold, age, sex, spacing, side, grades
//! images/NAME.png       the film: grey, dense bone bright, 8 or 16 bits
//! landmarks/NAME.json   its points, as every landmark file of this program
//! masks/NAME.png        its label map, where there is one
//! ```
//! Splits and folds live in `cases.csv` alone: a spreadsheet may change them.

use super::case::{About, Case, Split};
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::{Format, WriteOptions, Writer};
use super::set::{DataSet, Entry};
use super::target::Target;
use super::{image, landmark_json};
use crate::measure::{LabelMap, Sex, Spacing, SpacingStatus, Structure};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const HEAD: &str = "coxa-dataset.json";
const CASES: &str = "cases.csv";

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    #[serde(default)]
    structures: BTreeMap<String, u8>,
}

/// A row of `cases.csv`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    patient: Option<String>,
    #[serde(default)]
    split: Option<String>,
    #[serde(default)]
    fold: Option<u32>,
    #[serde(default)]
    age_months: Option<f64>,
    #[serde(default)]
    sex: Option<Sex>,
    #[serde(default)]
    row_mm: Option<f64>,
    #[serde(default)]
    column_mm: Option<f64>,
    #[serde(default)]
    spacing: Option<SpacingStatus>,
    #[serde(default)]
    patient_right_on_left: Option<bool>,
    /// `IHDI-R=2; AI-R=31`.
    #[serde(default)]
    grades: String,
}

pub(super) fn is_in(files: &Files) -> bool {
    files.root.join(HEAD).is_file()
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let root = &files.root;
    let head = root.join(HEAD);
    let Head { format, version, structures } =
        serde_json::from_str(&text(&head)?).map_err(|e| DatasetError::content(&head, e))?;
    if format != "coxa-dataset" || version != 1 {
        return Err(DatasetError::content(&head, format!("{format:?} {version} is no coxa-dataset 1")));
    }
    let mut structures: Vec<Structure> =
        structures.into_iter().map(|(name, value)| Structure { value, name }).collect();
    structures.sort_by_key(|structure| structure.value);
    let mut entries = Vec::new();
    for row in rows(root)? {
        let about = row.about().map_err(|reason| DatasetError::content(&root.join(CASES), reason))?;
        let (root, structures) = (root.clone(), structures.clone());
        entries.push(Entry::new(row.name.clone(), move || case(&root, &row, about.clone(), &structures)));
    }
    Ok(DataSet::new(Format::Coxa, structures, entries))
}

fn case(root: &Path, row: &Row, about: About, structures: &[Structure]) -> Result<Case, DatasetError> {
    let name = &row.name;
    let picture = root.join("images").join(format!("{name}.png"));
    let mut film = find::open(&picture)?;
    if let (Some(mm_row), Some(mm_column), Some(status)) = (row.row_mm, row.column_mm, row.spacing) {
        film.spacing = Spacing { row: mm_row, column: mm_column, status };
    }
    film.patient_right_on_left = row.patient_right_on_left;
    let labels = root.join("landmarks").join(format!("{name}.json"));
    let (file, occluded) = landmark_json::read_one(&labels)?;
    let painted = root.join("masks").join(format!("{name}.png"));
    let masks = if painted.is_file() {
        let (rows, columns, labels) = image::read_labels(&painted)?;
        Some(LabelMap { rows, columns, labels, structures: structures.to_vec() })
    } else {
        None
    };
    let case = Case { name: name.clone(), film, landmarks: file.landmarks, occluded, masks, about };
    case.checked().map_err(|reason| DatasetError::content(&painted, reason))
}

fn rows(root: &Path) -> Result<Vec<Row>, DatasetError> {
    let path = root.join(CASES);
    let text = text(&path)?;
    let mut table = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<Row> =
        table.deserialize().collect::<Result<_, _>>().map_err(|e| DatasetError::content(&path, e))?;
    let mut seen = BTreeSet::new();
    match rows.iter().find(|row| !seen.insert(&row.name)) {
        Some(row) => Err(DatasetError::content(&path, format!("two cases are named {}", row.name))),
        None => Ok(rows),
    }
}

fn table(rows: &[Row]) -> Result<Vec<u8>, String> {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        table.serialize(row).map_err(|e| e.to_string())?;
    }
    table.into_inner().map_err(|e| e.to_string())
}

impl Row {
    fn about(&self) -> Result<About, String> {
        let split = self.split.as_deref().filter(|word| !word.trim().is_empty());
        let split = split
            .map(str::parse::<Split>)
            .transpose()
            .map_err(|reason| format!("{}: {reason}", self.name))?;
        let grades = self.grades.split(';').filter_map(|pair| pair.split_once('='));
        let grades = grades.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
        Ok(About {
            patient: self.patient.clone().filter(|patient| !patient.is_empty()),
            split,
            fold: self.fold,
            age_months: self.age_months,
            sex: self.sex,
            grades,
        })
    }

    fn of(case: &Case, options: &WriteOptions) -> Self {
        let (about, spacing) = (&case.about, case.film.spacing);
        // What separates grades cannot be within them.
        let plain = |words: &str| words.replace([';', '=', '\n', '\r'], " ");
        let grades = about.grades.iter().map(|(name, value)| format!("{}={}", plain(name), plain(value)));
        Self {
            name: case.name.clone(),
            patient: about.patient.as_ref().map(|patient| options.patients.of(patient)),
            split: about.split.map(|split| split.to_string()),
            fold: about.fold,
            age_months: about.age_months,
            sex: about.sex,
            row_mm: Some(spacing.row),
            column_mm: Some(spacing.column),
            spacing: Some(spacing.status),
            patient_right_on_left: case.film.patient_right_on_left,
            grades: grades.collect::<Vec<_>>().join("; "),
        }
    }
}

/// Writes the folder of this program.
pub(super) struct CoxaWriter {
    target: Target,
    options: WriteOptions,
    rows: Vec<Row>,
    structures: BTreeMap<String, u8>,
}

impl CoxaWriter {
    pub fn new(out: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        Ok(Self { target: Target::new(out)?, options, rows: Vec::new(), structures: BTreeMap::new() })
    }
}

impl Writer for CoxaWriter {
    fn add(&mut self, case: &Case) -> Result<(), DatasetError> {
        let name = &case.name;
        let wrong = |reason| DatasetError::content(Path::new(name), reason);
        self.target.take(name)?;
        self.target.write(&format!("images/{name}.png"), image::png(&case.film).map_err(wrong)?)?;
        let points = format!("{:#}\n", landmark_json::to_json(case));
        self.target.write(&format!("landmarks/{name}.json"), points)?;
        if let Some(map) = &case.masks {
            let png = image::labels_png(&map.labels, map.rows, map.columns).map_err(wrong)?;
            self.target.write(&format!("masks/{name}.png"), png)?;
            for Structure { value, name } in &map.structures {
                if *self.structures.entry(name.clone()).or_insert(*value) != *value {
                    return Err(wrong(format!("structure {name} has another value than in cases before")));
                }
            }
        }
        self.rows.push(Row::of(case, &self.options));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), DatasetError> {
        let head = json!({
            "format": "coxa-dataset",
            "version": 1,
            "cases": self.rows.len(),
            "structures": self.structures,
        });
        self.target.write(HEAD, format!("{head:#}\n"))?;
        let table = table(&self.rows).map_err(|reason| DatasetError::content(Path::new(CASES), reason))?;
        self.target.write(CASES, table)?;
        self.target.publish()
    }
}

/// Gives the cases of the folder at `root` their split and fold; names that are not there keep what they have.
///
/// # Errors
/// A folder that is not of this program, a table that cannot be written; then the old one is still there.
pub fn assign(root: &Path, to: &BTreeMap<String, (Option<Split>, Option<u32>)>) -> Result<(), DatasetError> {
    let mut rows = rows(root)?;
    for row in &mut rows {
        if let Some((split, fold)) = to.get(&row.name) {
            (row.split, row.fold) = (split.map(|split| split.to_string()), *fold);
        }
    }
    let path = root.join(CASES);
    let bytes = table(&rows).map_err(|reason| DatasetError::content(&path, reason))?;
    let partial = root.join(format!(".{CASES}.{}.part", std::process::id()));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &path));
    written.map_err(|e| {
        // Nothing is there to remove when the folder itself refused.
        let _ = fs::remove_file(&partial);
        DatasetError::write(&path, e)
    })
}
