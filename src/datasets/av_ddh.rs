//! AV-DDH (Mendeley Data, doi 10.17632/4gvcb6gmh2.2): `data.xlsx` with a row a film and the films in `raw/`, named by their
//! file number.
//!
//! It grades and has no points: `Rt`/`Lt Acetabular Index in Degrees` become the grades `AI-R` and `AI-L`, `DDH` (`no ddh`,
//! `right ddh`, …) the grade `DDH`; a column of age that names its unit and one of sex are taken too. The layout is known
//! from a program that reads it. The YOLO export of augmented crops that comes with it is not read. The same table as CSV
//! is read as well.

use super::case::{About, Case};
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::Format;
use super::set::{DataSet, Entry};
use crate::measure::protocol::DAYS_PER_MONTH;
use crate::measure::{LandmarkSet, Sex};
use calamine::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const NUMBER: &str = "file number";

/// The rows of the first sheet, header first.
fn table(path: &Path) -> Result<Vec<Vec<String>>, DatasetError> {
    let wrong = |reason: String| DatasetError::content(path, reason);
    if find::extension(path) == "csv" {
        let text = text(path)?;
        let mut table =
            ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let rows = table.records().map(|row| row.map(|row| row.iter().map(str::to_owned).collect()));
        return rows.collect::<Result<_, _>>().map_err(|e| wrong(e.to_string()));
    }
    let mut book = calamine::open_workbook_auto(path).map_err(|e| wrong(format!("no spreadsheet: {e}")))?;
    let sheet = book.worksheet_range_at(0).ok_or_else(|| wrong("has no sheet".to_owned()))?;
    let sheet = sheet.map_err(|e| wrong(e.to_string()))?;
    Ok(sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect())
}

fn lower(words: &str) -> String {
    words.trim().to_lowercase()
}

fn is_one(path: &Path) -> bool {
    let head = table(path).ok().and_then(|rows| rows.into_iter().next());
    head.is_some_and(|head| head.iter().any(|word| lower(word) == NUMBER))
}

pub(super) fn is_in(files: &Files) -> bool {
    files.ending(&["xlsx", "csv"]).any(is_one)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for path in files.ending(&["xlsx", "csv"]).filter(|path| is_one(path)) {
        let rows = table(path)?;
        let Some((head, rows)) = rows.split_first() else { continue };
        let head: Vec<String> = head.iter().map(|word| lower(word)).collect();
        for row in rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())) {
            let row: BTreeMap<&str, &str> =
                head.iter().map(String::as_str).zip(row.iter().map(|cell| cell.trim())).collect();
            let number = row.get(NUMBER).copied().unwrap_or_default();
            // A spreadsheet may have made a number of it.
            let name = number.strip_suffix(".0").unwrap_or(number).to_owned();
            match files.image(&name, path) {
                Err(error) => problems.push(error),
                Ok(image) => {
                    let of_table = about(&row);
                    entries.push(Entry::new(name.clone(), move || {
                        let (film, of_header) = find::film(&image)?;
                        let about = About { patient: of_header.patient, ..of_table.clone() };
                        let (landmarks, occluded) = (LandmarkSet::default(), BTreeSet::new());
                        Ok(Case { name: name.clone(), film, landmarks, occluded, masks: None, about })
                    }));
                }
            }
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::AvDdh, Vec::new(), entries) })
}

/// What a row says; free words that may name a patient are left where they are.
fn about(row: &BTreeMap<&str, &str>) -> About {
    let mut about = About::default();
    for (side, column) in [("R", "rt acetabular index in degrees"), ("L", "lt acetabular index in degrees")] {
        if let Some(degrees) = row.get(column).and_then(|cell| cell.parse::<f64>().ok()) {
            about.grades.insert(format!("AI-{side}"), degrees.to_string());
        }
    }
    if let Some(ddh) = row.get("ddh").filter(|cell| !cell.is_empty()) {
        about.grades.insert("DDH".to_owned(), lower(ddh));
    }
    for (column, cell) in row {
        let words: Vec<&str> = column.split(|c: char| !c.is_alphanumeric()).collect();
        let number = cell.parse::<f64>().ok().filter(|number| *number >= 0.0);
        if words.contains(&"age") {
            let months = |words: &[&str]| {
                let per = [
                    ("day", 1.0 / DAYS_PER_MONTH),
                    ("week", 7.0 / DAYS_PER_MONTH),
                    ("month", 1.0),
                    ("year", 12.0),
                ];
                per.into_iter().find(|(unit, _)| words.iter().any(|word| word.starts_with(unit)))
            };
            about.age_months = number.zip(months(&words)).map(|(number, (_, months))| number * months);
        }
        if words.contains(&"sex") || words.contains(&"gender") {
            about.sex = match lower(cell).as_str() {
                "f" | "female" => Some(Sex::Female),
                "m" | "male" => Some(Sex::Male),
                _ => None,
            };
        }
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_indices_grade_age_and_sex_and_no_name() {
        let row = BTreeMap::from([
            ("file number", "1080704"),
            ("rt acetabular index in degrees", "24.5"),
            ("lt acetabular index in degrees", ""),
            ("ddh", "Right DDH"),
            ("age (days)", "60.875"),
            ("gender", "Female"),
            ("name", "Somebody"),
        ]);
        let about = about(&row);
        assert_eq!(about.grades["AI-R"], "24.5");
        assert_eq!(about.grades["DDH"], "right ddh");
        assert_eq!((about.grades.len(), about.age_months, about.sex), (2, Some(2.0), Some(Sex::Female)));
    }
}
