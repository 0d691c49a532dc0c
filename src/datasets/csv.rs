//! A plain table of points, one row a point: `image,patient,split,age_months,sex,code,side,x,y,visibility`.
//!
//! Visibility is COCO's, but that 0, with empty `x` and `y`, is a point that is absent; what is not labelled has no row. A
//! film without points has one row with an empty code. Read are comma, semicolon or tab, columns by name in any order, of
//! which `image`, `x`, `y` and one of `code`, `landmark`, `label` must be there; `code` may be `TRC-R` without `side`. A
//! table with a row an image (`image,TRC-R_x,TRC-R_y,…`) is read as well. The films are written as `images/NAME.png`;
//! masks, radii and curves have no place.

use super::case::{About, Case, Split};
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::{Format, WriteOptions, Writer};
use super::set::{DataSet, Entry};
use super::target::Target;
use super::{image, names};
use crate::measure::{Landmark, LandmarkId, LandmarkSet, Origin, Point, Sex};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const TABLE: &str = "landmarks.csv";
const COLUMNS: [&str; 10] =
    ["image", "patient", "split", "age_months", "sex", "code", "side", "x", "y", "visibility"];

/// A table by the names of its columns.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Result<Self, DatasetError> {
        let text = text(path)?;
        let first = text.lines().next().unwrap_or_default();
        // The separator is the one that is most frequent in the head.
        let count = |byte: u8| first.bytes().filter(|b| *b == byte).count();
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|byte| (count(*byte), *byte == b','));
        let mut table = ::csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .has_headers(false)
            .trim(::csv::Trim::All)
            .from_reader(text.as_bytes());
        let rows = table.records().map(|row| row.map(|row| row.iter().map(str::to_owned).collect()));
        let mut rows: Vec<Vec<String>> =
            rows.collect::<Result<_, _>>().map_err(|e| DatasetError::content(path, e))?;
        let head = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
        Ok(Self { head, rows })
    }

    fn column(&self, names: &[&str]) -> Option<usize> {
        self.head.iter().position(|word| names.contains(&word.to_lowercase().as_str()))
    }

    /// Landmark and columns of x and y, where a row is an image.
    fn wide(&self) -> Vec<(LandmarkId, [usize; 2])> {
        let find = |name: &str| self.head.iter().position(|word| word == name);
        let xs = self.head.iter().enumerate().filter_map(|(x, word)| Some((x, word.strip_suffix("_x")?)));
        xs.filter_map(|(x, name)| Some((names::landmark(None, name).ok()?, [x, find(&format!("{name}_y"))?])))
            .collect()
    }

    fn is_of_points(&self) -> bool {
        let long = [CODE.as_slice(), &["x"], &["y"]].iter().all(|names| self.column(names).is_some());
        self.column(&IMAGE).is_some() && (long || !self.wide().is_empty())
    }
}

const IMAGE: [&str; 4] = ["image", "file", "file_name", "filename"];
const CODE: [&str; 3] = ["code", "landmark", "label"];

/// What the rows of one image say.
#[derive(Default)]
struct Gathered {
    landmarks: LandmarkSet,
    occluded: BTreeSet<LandmarkId>,
    about: About,
}

pub(super) fn is_in(files: &Files) -> bool {
    let of_points = |path| Table::read(path).is_ok_and(|table| table.is_of_points());
    files.ending(&["csv", "tsv"]).any(of_points)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for path in files.ending(&["csv", "tsv"]) {
        let table = Table::read(path)?;
        if !table.is_of_points() {
            continue;
        }
        let mut cases: BTreeMap<String, Gathered> = BTreeMap::new();
        let split = find::split_of_list(path, &files.root);
        for (index, row) in table.rows.iter().enumerate() {
            let gathered = table.gather(row, &mut cases);
            if let Err(reason) = gathered {
                problems.push(DatasetError::content(path, format!("row {}: {reason}", index + 2)));
            }
        }
        for (file, Gathered { landmarks, occluded, mut about }) in cases {
            about.split = about.split.or(split);
            match files.image(&file, path) {
                Err(error) => problems.push(error),
                Ok(image) => {
                    let name = find::stem(Path::new(&file));
                    entries.push(Entry::new(name.clone(), move || {
                        let (film, of_header) = find::film(&image)?;
                        let (landmarks, occluded) = (landmarks.clone(), occluded.clone());
                        let mut about = about.clone();
                        about.patient = about.patient.or(of_header.patient);
                        Ok(Case { name: name.clone(), film, landmarks, occluded, masks: None, about })
                    }));
                }
            }
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::Csv, Vec::new(), entries) })
}

impl Table {
    fn gather(&self, row: &[String], cases: &mut BTreeMap<String, Gathered>) -> Result<(), String> {
        let cell = |names: &[&str]| {
            let words = self.column(names).and_then(|column| row.get(column)).map(String::as_str);
            words.filter(|words| !words.is_empty())
        };
        let image = cell(&IMAGE).ok_or("names no image")?;
        let case = cases.entry(image.to_owned()).or_default();
        let number = |words: &str| {
            let number = words.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| format!("{words:?} is no number"))
        };
        let about = &mut case.about;
        if let Some(patient) = cell(&["patient"]) {
            about.patient = Some(patient.to_owned());
        }
        if let Some(split) = cell(&["split"]) {
            about.split = Some(split.parse::<Split>()?);
        }
        if let Some(age) = cell(&["age_months"]) {
            about.age_months = Some(number(age)?);
        }
        if let Some(sex) = cell(&["sex"]) {
            about.sex = Sex::from_code(sex);
        }
        let position = |x: Option<&str>, y: Option<&str>| match (x, y) {
            (Some(x), Some(y)) => Ok(Some(Point::new(number(x)?, number(y)?))),
            (None, None) => Ok(None),
            _ => Err("needs both x and y".to_owned()),
        };
        let mut points = Vec::new();
        if let Some(code) = cell(&CODE) {
            let side = cell(&["side"]);
            let id = names::landmark(None, &side.map_or(code.to_owned(), |side| format!("{code}-{side}")))?;
            let occluded = match cell(&["visibility"]) {
                None | Some("2" | "0") => false,
                Some("1") => true,
                Some(other) => return Err(format!("visibility {other:?} is none of 0, 1, 2")),
            };
            points.push((id, position(cell(&["x"]), cell(&["y"]))?, occluded));
        }
        for (id, columns) in self.wide() {
            let [x, y] = columns.map(|at| row.get(at).map(String::as_str).filter(|words| !words.is_empty()));
            points.push((id, position(x, y)?, false));
        }
        for (id, position, occluded) in points {
            let landmark = match position {
                Some(position) => Landmark::defined(position, None, Origin::File),
                None => Landmark::missing("without coordinates in the file", Origin::File),
            };
            if case.landmarks.points.insert(id.clone(), landmark).is_some() {
                return Err(format!("landmark {id} is given twice"));
            }
            if occluded {
                case.occluded.insert(id);
            }
        }
        Ok(())
    }
}

/// Writes the table and the films.
pub(super) struct CsvWriter {
    target: Target,
    options: WriteOptions,
    table: ::csv::Writer<Vec<u8>>,
}

impl CsvWriter {
    pub fn new(out: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        let mut table = ::csv::Writer::from_writer(Vec::new());
        table.write_record(COLUMNS).map_err(|e| DatasetError::content(out, e))?;
        Ok(Self { target: Target::new(out)?, options, table })
    }
}

impl Writer for CsvWriter {
    fn add(&mut self, case: &Case) -> Result<(), DatasetError> {
        let name = &case.name;
        let wrong = |reason: String| DatasetError::content(Path::new(name), reason);
        self.target.take(name)?;
        self.target.write(&format!("images/{name}.png"), image::png(&case.film).map_err(wrong)?)?;
        let about = &case.about;
        let known = [
            format!("{name}.png"),
            about.patient.as_ref().map_or(String::new(), |patient| self.options.patients.of(patient)),
            about.split.map_or(String::new(), |split| split.to_string()),
            about.age_months.map_or(String::new(), |age| age.to_string()),
            about.sex.map_or(String::new(), |sex| if sex == Sex::Female { "F" } else { "M" }.to_owned()),
        ];
        let mut rows: Vec<[String; 5]> = Vec::new();
        for (id, landmark) in case.landmarks.iter() {
            let side = id.side.map_or(String::new(), |side| side.letter().to_owned());
            let [x, y] = landmark
                .position()
                .map_or([String::new(), String::new()], |p| [p.x, p.y].map(|v| v.to_string()));
            rows.push([id.code.to_string(), side, x, y, case.visibility(id).to_string()]);
        }
        if rows.is_empty() {
            rows.push(Default::default());
        }
        for row in rows {
            self.table.write_record(known.iter().chain(&row)).map_err(|e| wrong(e.to_string()))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), DatasetError> {
        let Self { target, table, .. } = *self;
        let bytes = table.into_inner().map_err(|e| DatasetError::content(Path::new(TABLE), e))?;
        target.write(TABLE, bytes)?;
        target.publish()
    }
}
