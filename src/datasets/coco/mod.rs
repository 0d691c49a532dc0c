//! COCO: keypoints with visibility, masks as runs or outlines (cocodataset.org, "data format").
//!
//! Read are all lists `*.json` of images, annotations and categories below a folder; those of the same split and file
//! name are one case. A category with keypoints gives landmarks: names by the map of a scheme that knows them all, else
//! spelled as here (`TRC-R`); visibility 0 is "not labelled". Every other category is a structure of the masks; where
//! masks overlap the later one stays. Outlines of categories with keypoints are boxes or bodies, no structures.
//!
//! Written are `images/NAME.png` and a list a split, `annotations/train.json`, … (`all.json` without a split): one
//! annotation of category `hips` with every landmark, one a structure with its runs. Keypoints count from the centre of
//! the first pixel, boxes and outlines from its corner. Beyond COCO, in fields that its readers pass over: what is known
//! of the case, points that are absent rather than not labelled, and the values of the labels. Radii and curves have no
//! place in COCO.

mod write;

pub(super) use write::{CocoWriter, around};

use super::case::{About, Case, Split};
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::Format;
use super::rle::Rle;
use super::set::{DataSet, Entry};
use super::{names, polygon};
use crate::measure::{LabelMap, Landmark, LandmarkId, LandmarkSet, Origin, Point, Spacing, Structure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
struct List {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Image {
    id: u64,
    file_name: String,
    width: usize,
    height: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coxa: Option<Known>,
}

/// What COCO has no field for.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    #[serde(flatten)]
    about: About,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spacing: Option<Spacing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient_right_on_left: Option<bool>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Annotation {
    id: u64,
    image_id: u64,
    category_id: u64,
    #[serde(default)]
    iscrowd: u8,
    #[serde(default)]
    bbox: Vec<f64>,
    #[serde(default)]
    area: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keypoints: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    num_keypoints: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segmentation: Option<Segmentation>,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Segmentation {
    Runs(Rle),
    /// x and y in turn.
    Outlines(Vec<Vec<f64>>),
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Attributes {
    /// Looked for and not there.
    absent: Option<Vec<String>>,
}

impl Attributes {
    fn is_empty(&self) -> bool {
        self.absent.is_none()
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Category {
    id: u64,
    name: String,
    #[serde(default)]
    supercategory: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keypoints: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skeleton: Option<Vec<[usize; 2]>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label_value: Option<u8>,
}

/// Only what tells a list apart, so that other JSON is passed over quickly.
#[derive(Deserialize)]
struct Signs {
    #[serde(rename = "images")]
    _images: Vec<serde::de::IgnoredAny>,
    #[serde(rename = "annotations")]
    _annotations: Vec<serde::de::IgnoredAny>,
    #[serde(rename = "categories")]
    _categories: Vec<serde::de::IgnoredAny>,
}

/// The lists below a folder.
pub(super) fn lists(files: &Files) -> impl Iterator<Item = &Path> {
    let is_list = |path: &&Path| text(path).is_ok_and(|text| serde_json::from_str::<Signs>(&text).is_ok());
    files.ending(&["json"]).filter(is_list)
}

pub(super) fn is_in(files: &Files) -> bool {
    lists(files).next().is_some()
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let lists: Vec<PathBuf> = lists(files).map(Path::to_owned).collect();
    read_lists(files, &lists, Format::Coco)
}

/// An annotation with what its category means.
#[derive(Clone)]
enum Mark {
    Points(Arc<Vec<LandmarkId>>, Annotation),
    Mask(u8, Segmentation),
}

/// What several lists say of one image.
struct Gathered {
    image: PathBuf,
    list: PathBuf,
    size: [usize; 2],
    known: Known,
    marks: Vec<Mark>,
}

/// The cases of all `lists`.
pub(super) fn read_lists(files: &Files, lists: &[PathBuf], format: Format) -> Result<DataSet, DatasetError> {
    let mut values = Values::default();
    let mut cases: BTreeMap<(Option<Split>, String), Gathered> = BTreeMap::new();
    let mut problems = Vec::new();
    for path in lists {
        let list: List = serde_json::from_str(&text(path)?).map_err(|e| DatasetError::content(path, e))?;
        let split = find::split_of_list(path, &files.root);
        let meanings = list
            .categories
            .iter()
            .map(|category| Ok((category.id, values.meaning(category)?)))
            .collect::<Result<BTreeMap<u64, Meaning>, String>>()
            .map_err(|reason| DatasetError::content(path, reason))?;
        let mut of_image: BTreeMap<u64, (Option<Split>, String)> = BTreeMap::new();
        for entry in list.images {
            let known = entry.coxa.unwrap_or(Known {
                about: About::default(),
                spacing: None,
                patient_right_on_left: None,
            });
            let key = (known.about.split.or(split), entry.file_name.clone());
            match files.image(&entry.file_name, path) {
                Err(error) => problems.push(error),
                Ok(image) => {
                    of_image.insert(entry.id, key.clone());
                    let size = [entry.height, entry.width];
                    let list = path.clone();
                    cases.entry(key).or_insert(Gathered { image, list, size, known, marks: Vec::new() });
                }
            }
        }
        for annotation in list.annotations {
            let id = annotation.id;
            let wrong = |reason: &str| DatasetError::content(path, format!("annotation {id}: {reason}"));
            let Some(meaning) = meanings.get(&annotation.category_id) else {
                problems.push(wrong("its category is not in the list"));
                continue;
            };
            // An image that was not found was complained of already.
            let Some(case) = of_image.get(&annotation.image_id).and_then(|key| cases.get_mut(key)) else {
                continue;
            };
            match (meaning, annotation.segmentation.clone()) {
                (Meaning::Points(ids), _) => case.marks.push(Mark::Points(ids.clone(), annotation)),
                (Meaning::Structure(value), Some(segmentation)) => {
                    case.marks.push(Mark::Mask(*value, segmentation));
                }
                (Meaning::Structure(_), None) => problems.push(wrong("neither keypoints nor a segmentation")),
            }
        }
    }
    let structures = values.structures();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let entries = cases
        .into_iter()
        .map(|((split, file_name), mut gathered)| {
            let stem = find::stem(Path::new(&file_name));
            let count = seen.entry(stem.clone()).or_default();
            *count += 1;
            let name = if *count == 1 { stem } else { format!("{stem}-{count}") };
            gathered.known.about.split = split;
            let structures = structures.clone();
            Entry::new(name.clone(), move || gathered.case(&name, &structures))
        })
        .collect();
    Ok(DataSet { problems, ..DataSet::new(format, structures, entries) })
}

/// What a category stands for.
enum Meaning {
    Points(Arc<Vec<LandmarkId>>),
    Structure(u8),
}

/// Values of structures by name, over all lists.
#[derive(Default)]
struct Values(BTreeMap<String, u8>);

impl Values {
    fn meaning(&mut self, category: &Category) -> Result<Meaning, String> {
        if !category.keypoints.is_empty() {
            let map = names::map_of(&category.keypoints);
            let ids = category.keypoints.iter().map(|name| names::landmark(map, name));
            return Ok(Meaning::Points(Arc::new(ids.collect::<Result<_, _>>()?)));
        }
        if let Some(value) = self.0.get(&category.name) {
            return Ok(Meaning::Structure(*value));
        }
        let free = (1..=u8::MAX).find(|value| !self.0.values().any(|taken| taken == value));
        let wanted =
            category.label_value.filter(|value| *value > 0 && !self.0.values().any(|taken| taken == value));
        let value = wanted.or(free).ok_or("has more than 255 categories")?;
        self.0.insert(category.name.clone(), value);
        Ok(Meaning::Structure(value))
    }

    fn structures(&self) -> Vec<Structure> {
        let mut all: Vec<Structure> =
            self.0.iter().map(|(name, value)| Structure { value: *value, name: name.clone() }).collect();
        all.sort_by_key(|structure| structure.value);
        all
    }
}

impl Gathered {
    fn case(&self, name: &str, structures: &[Structure]) -> Result<Case, DatasetError> {
        let (mut film, of_header) = find::film(&self.image)?;
        let [rows, columns] = self.size;
        if [film.rows, film.columns] != self.size {
            let reason = format!(
                "the image {} has {} rows and {} columns, not {rows} and {columns}",
                self.image.display(),
                film.rows,
                film.columns
            );
            return Err(DatasetError::content(&self.list, reason));
        }
        if let Some(spacing) = self.known.spacing {
            film.spacing = spacing;
        }
        film.patient_right_on_left = self.known.patient_right_on_left.or(film.patient_right_on_left);
        let known = self.known.about.clone();
        let about = About {
            patient: known.patient.or(of_header.patient),
            age_months: known.age_months.or(of_header.age_months),
            sex: known.sex.or(of_header.sex),
            ..known
        };
        let (mut landmarks, mut occluded) = (LandmarkSet::default(), BTreeSet::new());
        let mut masks: Option<LabelMap> = None;
        for mark in &self.marks {
            let placed = match mark {
                Mark::Points(ids, annotation) => place(annotation, ids, &mut landmarks, &mut occluded),
                Mark::Mask(value, segmentation) => {
                    let empty = || LabelMap::empty(rows, columns, structures.to_vec());
                    paint(segmentation, *value, masks.get_or_insert_with(empty))
                }
            };
            placed.map_err(|reason| {
                DatasetError::content(&self.list, format!("{}: {reason}", self.image.display()))
            })?;
        }
        Ok(Case { name: name.to_owned(), film, landmarks, occluded, masks, about })
    }
}

fn place(
    annotation: &Annotation,
    ids: &[LandmarkId],
    landmarks: &mut LandmarkSet,
    occluded: &mut BTreeSet<LandmarkId>,
) -> Result<(), String> {
    if annotation.keypoints.len() != 3 * ids.len() {
        let given = annotation.keypoints.len();
        return Err(format!("{given} numbers for the {} keypoints of its category", ids.len()));
    }
    let absent = annotation.attributes.absent.as_deref().unwrap_or_default();
    for (id, [x, y, visibility]) in ids.iter().zip(annotation.keypoints.as_chunks::<3>().0) {
        let landmark = match *visibility {
            0.0 if absent.contains(&id.to_string()) => {
                Landmark::missing("marked as absent in the file", Origin::File)
            }
            0.0 => continue,
            1.0 | 2.0 if x.is_finite() && y.is_finite() => {
                Landmark::defined(Point::new(*x, *y), None, Origin::File)
            }
            _ => return Err(format!("keypoint {id} is no position with visibility 0, 1 or 2")),
        };
        if *visibility == 1.0 {
            occluded.insert(id.clone());
        }
        if landmarks.points.insert(id.clone(), landmark).is_some() {
            return Err(format!("keypoint {id} is given twice"));
        }
    }
    Ok(())
}

fn paint(segmentation: &Segmentation, value: u8, map: &mut LabelMap) -> Result<(), String> {
    match segmentation {
        Segmentation::Runs(runs) if runs.size != [map.rows, map.columns] => {
            let [rows, columns] = runs.size;
            Err(format!("a mask of {rows} rows and {columns} columns is not of its size"))
        }
        Segmentation::Runs(runs) => runs.paint(|i| map.labels[i] = value),
        Segmentation::Outlines(outlines) => {
            for outline in outlines {
                let (rows, columns) = (map.rows, map.columns);
                polygon::fill(outline.as_chunks::<2>().0, rows, columns, |i| map.labels[i] = value);
            }
            Ok(())
        }
    }
}
