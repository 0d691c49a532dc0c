//! Keypoints of Ultralytics YOLO: a text beside each image, one object a line, `class cx cy w h x y v x y v …`, divided by
//! the image's width and height (docs.ultralytics.com, "pose datasets").
//!
//! `data.yaml` says how many keypoints (`kpt_shape`) and how they are called (`kpt_names`). Without names the objects are
//! those of MTDDH's re-encoding (radoss-org/open-hip-dysplasia): class 0 an acetabulum with lateral edge and tri-radiate
//! point, class 1 a femur with head and H-point; of two of a class the one on the left of the image is the patient's right,
//! unless the film says otherwise. Visibility 1 is a point that does not show, 0 one that is not labelled.
//!
//! Written is one object a film with every landmark, so that sides have names; `flip_idx` tells which change places in a
//! mirror. A point counts from the centre of the first pixel, as in COCO, and comes back to the last bit or two. Cases
//! without split go to `train`: YOLO has nothing else. Absent points, masks and what is known of a case have no place.

use super::case::{Case, Split};
use super::coco::around;
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::{Format, WriteOptions, Writer};
use super::set::{DataSet, Entry};
use super::target::Target;
use super::{image, names};
use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side};
use saphyr::{LoadableYamlNode, Yaml};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// A line of a label file.
struct Object {
    class: usize,
    cx: f64,
    /// x, y and visibility, as shares of the image.
    points: Vec<[f64; 3]>,
}

/// What `data.yaml` says of keypoints.
#[derive(Debug, Default, PartialEq)]
struct Shape {
    /// Numbers a keypoint: 2 without visibility.
    numbers: Option<usize>,
    /// By class.
    names: BTreeMap<usize, Vec<LandmarkId>>,
}

fn objects(text: &str, numbers: usize) -> Result<Vec<Object>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| object(line, numbers).map_err(|e| format!("line {}: {e}", index + 1))).collect()
}

fn object(line: &str, numbers: usize) -> Result<Object, String> {
    let words: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse::<f64>).collect();
    let words = words.map_err(|_| "holds a word that is no number".to_owned())?;
    let count = words.len();
    if count <= 5 || (count - 5) % numbers != 0 {
        return Err(format!("{count} numbers are no class, box and keypoints of {numbers}"));
    }
    if words[0].fract() != 0.0 || !(0.0..1000.0).contains(&words[0]) {
        return Err(format!("class {} is no number of a class", words[0]));
    }
    if words[1..].iter().any(|word| !word.is_finite()) {
        return Err("holds a number that is not finite".to_owned());
    }
    let points = words[5..].chunks(numbers).map(|point| match *point {
        [x, y, visibility] if [0.0, 1.0, 2.0].contains(&visibility) => Ok([x, y, visibility]),
        // Without visibility the corner stands for "not labelled".
        [0.0, 0.0] => Ok([0.0; 3]),
        [x, y] => Ok([x, y, 2.0]),
        _ => Err("a visibility is none of 0, 1, 2".to_owned()),
    });
    Ok(Object { class: words[0] as usize, cx: words[1], points: points.collect::<Result<_, _>>()? })
}

/// The keypoints in a `data.yaml`; `Ok(None)` for other YAML.
fn shape(text: &str) -> Result<Option<Shape>, String> {
    let documents = Yaml::load_from_str(text).map_err(|e| e.to_string())?;
    let Some(document) = documents.first() else { return Ok(None) };
    let (shape, names) = (document.as_mapping_get("kpt_shape"), document.as_mapping_get("kpt_names"));
    if shape.is_none() && names.is_none() {
        return Ok(None);
    }
    let numbers = match shape.and_then(Yaml::as_vec).map(Vec::as_slice) {
        Some([_, numbers]) => numbers.as_integer().and_then(|n| usize::try_from(n).ok()),
        _ => None,
    };
    if numbers.is_some_and(|numbers| ![2, 3].contains(&numbers)) {
        return Err("kpt_shape has neither 2 nor 3 numbers a keypoint".to_owned());
    }
    let list = |node: &Yaml| -> Result<Vec<LandmarkId>, String> {
        let words = node.as_vec().into_iter().flatten().map(|word| word.as_str().map(str::to_owned));
        let words: Vec<String> = words.collect::<Option<_>>().ok_or("kpt_names holds no names")?;
        let map = names::map_of(&words);
        words.iter().map(|name| names::landmark(map, name)).collect()
    };
    let mut by_class = BTreeMap::new();
    match names {
        Some(Yaml::Mapping(classes)) => {
            for (class, node) in classes {
                let class = class.as_integer().and_then(|class| usize::try_from(class).ok());
                by_class.insert(class.ok_or("kpt_names is not by class")?, list(node)?);
            }
        }
        Some(node) => {
            by_class.insert(0, list(node)?);
        }
        None => {}
    }
    Ok(Some(Shape { numbers, names: by_class }))
}

/// The `data.yaml` of a folder, if one speaks of keypoints.
fn shape_in(files: &Files) -> Result<Option<Shape>, DatasetError> {
    for path in files.ending(&["yaml", "yml"]) {
        let found = shape(&text(path)?).map_err(|reason| DatasetError::content(path, reason))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(super) fn is_in(files: &Files) -> bool {
    let looks_like =
        |path: &Path| text(path).is_ok_and(|text| objects(&text, 3).is_ok_and(|objects| !objects.is_empty()));
    shape_in(files).is_ok_and(|shape| shape.is_some()) || files.ending(&["txt"]).any(looks_like)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let shape = Arc::new(shape_in(files)?.unwrap_or_default());
    let numbers = shape.numbers.unwrap_or(3);
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for path in files.ending(&["txt"]) {
        let name = find::stem(path);
        match files.image(&name, path) {
            // A text beside the data (a licence) is no label.
            Err(error) if text(path).is_ok_and(|t| objects(&t, numbers).is_ok()) => problems.push(error),
            Err(_) => {}
            Ok(image) => {
                let (path, split) = (path.to_owned(), find::split_of_folder(path, &files.root));
                let shape = shape.clone();
                entries.push(Entry::new(name.clone(), move || {
                    let (film, mut about) = find::film(&image)?;
                    about.split = split;
                    let mut case = Case {
                        name: name.clone(),
                        film,
                        landmarks: LandmarkSet::default(),
                        occluded: BTreeSet::new(),
                        masks: None,
                        about,
                    };
                    let placed =
                        objects(&text(&path)?, numbers).and_then(|all| place(&all, &shape, &mut case));
                    placed.map_err(|reason| DatasetError::content(&path, reason))?;
                    Ok(case)
                }));
            }
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::Yolo, Vec::new(), entries) })
}

/// The two points of a class of MTDDH.
fn of_mtddh(class: usize) -> Option<[LandmarkCode; 2]> {
    match class {
        0 => Some([LandmarkCode::SMA, LandmarkCode::TRC]),
        1 => Some([LandmarkCode::FH, LandmarkCode::HP]),
        _ => None,
    }
}

fn place(objects: &[Object], shape: &Shape, case: &mut Case) -> Result<(), String> {
    for object in objects {
        let ids = if shape.names.is_empty() {
            let codes = of_mtddh(object.class).filter(|_| object.points.len() == 2);
            let codes = codes.ok_or_else(|| {
                let (class, count) = (object.class, object.points.len());
                format!("class {class} of {count} keypoints has no names: data.yaml needs kpt_names")
            })?;
            let side = side(object, objects, case.film.patient_right_on_left.unwrap_or(true))?;
            codes.map(|code| LandmarkId::new(code, side)).to_vec()
        } else {
            let ids = shape.names.get(&object.class).cloned().unwrap_or_default();
            if ids.len() != object.points.len() {
                let count = object.points.len();
                return Err(format!(
                    "{count} keypoints of class {}, which has {} names",
                    object.class,
                    ids.len()
                ));
            }
            ids
        };
        for (id, [x, y, visibility]) in ids.into_iter().zip(&object.points) {
            if *visibility == 0.0 {
                continue;
            }
            if *visibility == 1.0 {
                case.occluded.insert(id.clone());
            }
            let at = Point::new(x * case.film.columns as f64, y * case.film.rows as f64);
            let landmark = Landmark::defined(at, None, Origin::File);
            if case.landmarks.points.insert(id.clone(), landmark).is_some() {
                return Err(format!("landmark {id} is given twice"));
            }
        }
    }
    Ok(())
}

/// Of which side an object of MTDDH is.
fn side(object: &Object, objects: &[Object], right_on_left: bool) -> Result<Side, String> {
    let alike = objects.iter().filter(|other| other.class == object.class);
    let others: Vec<f64> =
        alike.filter(|other| !std::ptr::eq(*other, object)).map(|other| other.cx).collect();
    let on_left = match others.as_slice() {
        [] => object.cx < 0.5,
        [other] if other != &object.cx => object.cx < *other,
        _ => return Err(format!("class {} is there more than twice, or twice at one place", object.class)),
    };
    Ok(if on_left == right_on_left { Side::Right } else { Side::Left })
}

/// Writes YOLO keypoints.
pub(super) struct YoloWriter {
    target: Target,
    cases: Vec<Written>,
}

/// What of a case goes into its label file once all landmarks are known.
struct Written {
    name: String,
    split: Split,
    size: [usize; 2],
    points: BTreeMap<LandmarkId, [f64; 3]>,
}

impl YoloWriter {
    pub fn new(out: &Path, _: WriteOptions) -> Result<Self, DatasetError> {
        Ok(Self { target: Target::new(out)?, cases: Vec::new() })
    }
}

impl Writer for YoloWriter {
    fn add(&mut self, case: &Case) -> Result<(), DatasetError> {
        let name = case.name.clone();
        self.target.take(&name)?;
        let split = case.about.split.unwrap_or(Split::Train);
        let png = image::png(&case.film).map_err(|reason| DatasetError::content(Path::new(&name), reason))?;
        self.target.write(&format!("images/{split}/{name}.png"), png)?;
        let placed = case.landmarks.iter().filter_map(|(id, landmark)| Some((id, landmark.position()?)));
        let points = placed.map(|(id, p)| (id.clone(), [p.x, p.y, f64::from(case.visibility(id))])).collect();
        self.cases.push(Written { name, split, size: [case.film.rows, case.film.columns], points });
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), DatasetError> {
        let ids: BTreeSet<&LandmarkId> = self.cases.iter().flat_map(|case| case.points.keys()).collect();
        let ids: Vec<&LandmarkId> = ids.into_iter().collect();
        for case in &self.cases {
            let path = format!("labels/{}/{}.txt", case.split, case.name);
            self.target.write(&path, case.line(&ids))?;
        }
        let splits: BTreeSet<Split> = self.cases.iter().map(|case| case.split).collect();
        self.target.write("data.yaml", yaml(&ids, &splits))?;
        self.target.publish()
    }
}

impl Written {
    /// The one object of the film; nothing where no point is placed.
    fn line(&self, ids: &[&LandmarkId]) -> String {
        if self.points.is_empty() {
            return String::new();
        }
        let [height, width] = self.size.map(|side| side as f64);
        let [x, y, w, h] = around(&self.points.values().collect::<Vec<_>>());
        let within = |from: f64, length: f64, side: f64| {
            let (low, high) = (from.clamp(0.0, side), (from + length).clamp(0.0, side));
            [0.5 * (low + high) / side, (high - low) / side]
        };
        let ([cx, w], [cy, h]) = (within(x, w, width), within(y, h, height));
        let mut line = format!("0 {cx} {cy} {w} {h}");
        for id in ids {
            let [x, y, visibility] = self.points.get(id).copied().unwrap_or_default();
            line.push_str(&format!(" {} {} {visibility}", x / width, y / height));
        }
        line.push('\n');
        line
    }
}

fn yaml(ids: &[&LandmarkId], splits: &BTreeSet<Split>) -> String {
    let names: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    let mirrored = |id: &LandmarkId| ids.iter().position(|other| **other == names::opposite(id));
    // A point whose other side nobody marked stays in its place.
    let flip: Vec<String> =
        ids.iter().enumerate().map(|(index, id)| mirrored(id).unwrap_or(index).to_string()).collect();
    let folder = |split: Split| format!("{split}: images/{split}\n");
    let mut folders: String = splits.iter().map(|split| folder(*split)).collect();
    // Ultralytics wants both.
    if !splits.contains(&Split::Val) {
        folders.push_str("val: images/train\n");
    }
    format!(
        "path: .\n{folders}kpt_shape: [{}, 3]\nflip_idx: [{}]\nnames:\n  0: hips\nkpt_names:\n  0: [{}]\n",
        ids.len(),
        flip.join(", "),
        names.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_yaml_says_which_points_there_are() {
        let read = |text: &str| shape(text).unwrap();
        let named = read("kpt_shape: [2, 3]\nnames:\n  0: hips\nkpt_names:\n  0: [TRC-R, SCJ]\n").unwrap();
        assert_eq!(named.numbers, Some(3));
        assert_eq!(named.names[&0], ["TRC-R".parse().unwrap(), "SCJ".parse().unwrap()]);
        assert_eq!(read("names: [a, b]\ntrain: x\n"), None);
        assert!(shape("kpt_shape: [2, 5]").is_err());
        assert!(shape("a: [").is_err());
    }

    #[test]
    fn lines_that_are_no_objects_are_refused() {
        for (line, word) in [
            ("0 0.5 0.5 0.1 0.1", "5 numbers"),
            ("0 0.5 0.5 0.1 0.1 0.2 0.2", "7 numbers"),
            ("0.5 0.5 0.5 0.1 0.1 0.2 0.2 2", "class"),
            ("0 0.5 0.5 0.1 0.1 0.2 0.2 7", "visibility"),
            ("0 0.5 x 0.1 0.1 0.2 0.2 2", "no number"),
            ("0 0.5 nan 0.1 0.1 0.2 0.2 2", "finite"),
        ] {
            let reason = objects(line, 3).err().expect(line);
            assert!(reason.contains(word) && reason.contains("line 1"), "{reason}");
        }
    }
}
