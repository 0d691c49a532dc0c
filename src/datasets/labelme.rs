//! labelme (github.com/wkentaro/labelme): `NAME.json` beside `NAME.png`, a list of shapes.
//!
//! A `point` is a landmark by its label, flag `occluded` where it is not seen; a `circle` its radius, a `linestrip` a curve;
//! `polygon` and `rectangle` are outlines of structures and `mask` a picture of one, later over earlier. labelme counts from
//! the corner of the first pixel. The image lies beside the JSON or within it (`imageData`). Written, `coxa` beside the
//! shapes keeps what labelme has no field for; labelme itself keeps such fields when it saves.

use super::case::{About, Case};
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::{Format, WriteOptions, Writer};
use super::set::{DataSet, Entry};
use super::target::Target;
use super::{image, names, polygon};
use crate::measure::{LabelMap, Landmark, LandmarkId, LandmarkSet, Origin, Point, Spacing, Structure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the corner of the first pixel to its centre.
const HALF: f64 = 0.5;

#[derive(Serialize, Deserialize)]
struct Document {
    version: String,
    #[serde(default)]
    flags: Map<String, Value>,
    shapes: Vec<Shape>,
    #[serde(rename = "imagePath", default)]
    image_path: Option<String>,
    #[serde(rename = "imageData", default)]
    image_data: Option<String>,
    #[serde(rename = "imageHeight", default)]
    height: Option<usize>,
    #[serde(rename = "imageWidth", default)]
    width: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coxa: Option<Known>,
}

/// What labelme has no field for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    #[serde(flatten)]
    about: About,
    spacing: Option<Spacing>,
    patient_right_on_left: Option<bool>,
    absent: Vec<String>,
    structures: BTreeMap<String, u8>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Shape {
    label: String,
    points: Vec<[f64; 2]>,
    #[serde(default)]
    group_id: Option<i64>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default = "outline")]
    shape_type: String,
    #[serde(default)]
    flags: Map<String, Value>,
    /// A PNG of the mask within the box of the two points.
    #[serde(default)]
    mask: Option<String>,
}

/// The kind of shapes of old files.
fn outline() -> String {
    "polygon".to_owned()
}

fn document(path: &Path) -> Result<Document, DatasetError> {
    serde_json::from_str(&text(path)?).map_err(|e| DatasetError::content(path, e))
}

/// Only what tells the files of labelme from other JSON.
#[derive(Deserialize)]
struct Signs {
    #[serde(rename = "shapes")]
    _shapes: Vec<serde::de::IgnoredAny>,
}

fn is_one(path: &Path) -> bool {
    text(path).is_ok_and(|text| serde_json::from_str::<Signs>(&text).is_ok())
}

pub(super) fn is_in(files: &Files) -> bool {
    files.ending(&["json"]).any(is_one)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    // Values of structures are those of all files, so every list of shapes is read once for its labels.
    let (mut values, mut found) = (BTreeMap::new(), Vec::new());
    for path in files.ending(&["json"]).filter(|path| is_one(path)) {
        match document(path) {
            Err(error) => problems.push(error),
            Ok(document) => {
                values.extend(document.coxa.iter().flat_map(|known| known.structures.clone()));
                let masks = document.shapes.iter().filter(|shape| shape.is_of_structure());
                let names: Vec<String> = masks.map(|shape| shape.label.clone()).collect();
                found.push((path.to_owned(), names, document.image_data.is_some(), document.image_path));
            }
        }
    }
    for name in found.iter().flat_map(|(_, names, ..)| names) {
        if values.contains_key(name) {
            continue;
        }
        match (1..=u8::MAX).find(|value| !values.values().any(|taken| taken == value)) {
            Some(value) => values.insert(name.clone(), value),
            None => return Err(DatasetError::content(&files.root, "holds more than 255 labels of masks")),
        };
    }
    let mut structures: Vec<Structure> =
        values.into_iter().map(|(name, value)| Structure { value, name }).collect();
    structures.sort_by_key(|structure| structure.value);
    for (path, _, embedded, image_path) in found {
        let name = find::stem(&path);
        // The path may be one of Windows.
        let wanted = image_path.as_deref().and_then(|words| words.rsplit(['/', '\\']).next());
        let image = match files.image(wanted.unwrap_or(&name), &path).or_else(|_| files.image(&name, &path)) {
            Ok(image) => Some(image),
            Err(_) if embedded => None,
            Err(error) => {
                problems.push(error);
                continue;
            }
        };
        let (split, structures) = (find::split_of_folder(&path, &files.root), structures.clone());
        entries.push(Entry::new(name.clone(), move || {
            let mut case = case(&name, &path, image.as_ref(), &structures)?;
            case.about.split = case.about.split.or(split);
            Ok(case)
        }));
    }
    Ok(DataSet { problems, ..DataSet::new(Format::Labelme, structures, entries) })
}

fn case(
    name: &str,
    path: &Path,
    image: Option<&PathBuf>,
    structures: &[Structure],
) -> Result<Case, DatasetError> {
    let document = document(path)?;
    let wrong = |reason: String| DatasetError::content(path, reason);
    let (mut film, of_header) = match image {
        Some(image) => find::film(image)?,
        None => {
            let data = document.image_data.as_deref().unwrap_or_default();
            let bytes = STANDARD.decode(data).map_err(|e| wrong(format!("imageData is no base64: {e}")))?;
            (grey(&bytes).map_err(wrong)?, About::default())
        }
    };
    let size = [document.height.unwrap_or(film.rows), document.width.unwrap_or(film.columns)];
    if size != [film.rows, film.columns] {
        let [rows, columns] = size;
        let reason = format!(
            "the image has {} rows and {} columns, not {rows} and {columns}",
            film.rows, film.columns
        );
        return Err(wrong(reason));
    }
    let known = document.coxa.unwrap_or_default();
    film.spacing = known.spacing.unwrap_or(film.spacing);
    film.patient_right_on_left = known.patient_right_on_left.or(film.patient_right_on_left);
    let about = About {
        patient: known.about.patient.or(of_header.patient),
        age_months: known.about.age_months.or(of_header.age_months),
        sex: known.about.sex.or(of_header.sex),
        ..known.about
    };
    let mut case = Case {
        name: name.to_owned(),
        film,
        landmarks: LandmarkSet::default(),
        occluded: BTreeSet::new(),
        masks: None,
        about,
    };
    for name in &known.absent {
        let id = names::landmark(None, name).map_err(wrong)?;
        case.landmarks.insert(id, Landmark::missing("marked as absent in the file", Origin::File));
    }
    let points = document.shapes.iter().filter(|shape| !shape.is_of_structure());
    let map = names::map_of(&points.map(|shape| shape.label.clone()).collect::<Vec<_>>());
    // Circles last: the centre of one is a landmark only where no point says where it is.
    let (circles, others): (Vec<&Shape>, Vec<&Shape>) =
        document.shapes.iter().partition(|shape| shape.shape_type == "circle");
    for shape in others.into_iter().chain(circles) {
        shape
            .add(&mut case, map, structures)
            .map_err(|reason| wrong(format!("shape {:?}: {reason}", shape.label)))?;
    }
    Ok(case)
}

/// The film in a PNG or JPEG that lies in memory.
fn grey(bytes: &[u8]) -> Result<crate::imaging::Radiograph, String> {
    let image = ::image::load_from_memory(bytes).map_err(|e| format!("imageData is no picture: {e}"))?;
    let (columns, rows) = (image.width() as usize, image.height() as usize);
    let (stored, bits) = match image {
        ::image::DynamicImage::ImageLuma16(grey) => {
            (grey.into_raw().into_iter().map(i32::from).collect(), 16)
        }
        other => (other.into_luma8().into_raw().into_iter().map(i32::from).collect(), 8),
    };
    crate::imaging::Radiograph::from_stored(rows, columns, stored, bits).map_err(|e| e.to_string())
}

impl Shape {
    fn is_of_structure(&self) -> bool {
        ["polygon", "rectangle", "mask"].contains(&self.shape_type.as_str())
    }

    fn add(&self, case: &mut Case, map: Option<&str>, structures: &[Structure]) -> Result<(), String> {
        if self.points.iter().flatten().any(|v| !v.is_finite()) {
            return Err("a point is not finite".to_owned());
        }
        if self.is_of_structure() {
            let value = structures.iter().find(|s| s.name == self.label).ok_or("has no value")?.value;
            let (rows, columns) = (case.film.rows, case.film.columns);
            let empty = || LabelMap::empty(rows, columns, structures.to_vec());
            return self.paint(value, case.masks.get_or_insert_with(empty));
        }
        let id = names::landmark(map, &self.label)?;
        let centre = |[x, y]: &[f64; 2]| Point::new(x - HALF, y - HALF);
        match (self.shape_type.as_str(), self.points.as_slice()) {
            ("point", [at]) => {
                let landmark = Landmark::defined(centre(at), None, Origin::File);
                if case.landmarks.points.insert(id.clone(), landmark).is_some() {
                    return Err("is given twice".to_owned());
                }
                if self.flags.get("occluded").and_then(Value::as_bool) == Some(true) {
                    case.occluded.insert(id);
                }
            }
            ("circle", [middle, edge]) => {
                let radius = centre(middle).distance(centre(edge));
                case.landmarks.radii_px.insert(id.clone(), radius);
                let landmark = Landmark::defined(centre(middle), None, Origin::File);
                case.landmarks.points.entry(id).or_insert(landmark);
            }
            ("linestrip" | "line", line) if line.len() > 1 => {
                case.landmarks.polylines.insert(id, line.iter().map(centre).collect());
            }
            (kind, points) => return Err(format!("{kind} of {} points is not read", points.len())),
        }
        Ok(())
    }

    fn paint(&self, value: u8, map: &mut LabelMap) -> Result<(), String> {
        let (rows, columns) = (map.rows, map.columns);
        match (self.shape_type.as_str(), self.points.as_slice()) {
            ("mask", [first, last]) => {
                let data = self.mask.as_deref().ok_or("is a mask without its picture")?;
                let png = STANDARD.decode(data).map_err(|e| format!("its picture is no base64: {e}"))?;
                let mask =
                    ::image::load_from_memory(&png).map_err(|e| format!("its picture is damaged: {e}"))?;
                let mask = mask.into_luma8();
                let [left, top] = first.map(|v| v.round());
                let box_of = |axis: usize| (last[axis].round() - first[axis].round() + 1.0).max(0.0) as u32;
                if [mask.width(), mask.height()] != [box_of(0), box_of(1)] {
                    return Err("its picture is not of the size of its box".to_owned());
                }
                for (x, y, _) in mask.enumerate_pixels().filter(|(_, _, grey)| grey.0[0] > 0) {
                    let (column, row) = (left + f64::from(x), top + f64::from(y));
                    if column >= 0.0 && row >= 0.0 && column < columns as f64 && row < rows as f64 {
                        map.labels[row as usize * columns + column as usize] = value;
                    }
                }
            }
            ("rectangle", [[x0, y0], [x1, y1]]) => {
                let corners = [[*x0, *y0], [*x1, *y0], [*x1, *y1], [*x0, *y1]];
                polygon::fill(&corners, rows, columns, |i| map.labels[i] = value);
            }
            ("polygon", outline) if outline.len() > 2 => {
                polygon::fill(outline, rows, columns, |i| map.labels[i] = value);
            }
            (kind, points) => return Err(format!("{kind} of {} points is no outline", points.len())),
        }
        Ok(())
    }

    fn new(kind: &str, label: String, points: Vec<[f64; 2]>) -> Self {
        let (group_id, description, flags, mask) = (None, Some(String::new()), Map::new(), None);
        Self { label, points, group_id, description, shape_type: kind.to_owned(), flags, mask }
    }
}

/// Writes labelme: films and JSON side by side, as labelme opens a folder.
pub(super) struct LabelmeWriter {
    target: Target,
    options: WriteOptions,
}

impl LabelmeWriter {
    pub fn new(out: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        Ok(Self { target: Target::new(out)?, options })
    }
}

impl Writer for LabelmeWriter {
    fn add(&mut self, case: &Case) -> Result<(), DatasetError> {
        let name = &case.name;
        let wrong = |reason: String| DatasetError::content(Path::new(name), reason);
        self.target.take(name)?;
        let png = image::png(&case.film).map_err(wrong)?;
        let mut about = case.about.clone();
        about.patient = about.patient.map(|patient| self.options.patients.of(&patient));
        let absent = case.landmarks.iter().filter(|(_, landmark)| landmark.position().is_none());
        let structures = case.masks.iter().flat_map(|map| &map.structures);
        let known = Known {
            about,
            spacing: case.film.spacing.has_millimetres().then_some(case.film.spacing),
            patient_right_on_left: case.film.patient_right_on_left,
            absent: absent.map(|(id, _)| id.to_string()).collect(),
            structures: structures.map(|s| (s.name.clone(), s.value)).collect(),
        };
        let document = Document {
            version: "5.5.0".to_owned(),
            flags: Map::new(),
            shapes: shapes(case).map_err(wrong)?,
            image_path: Some(format!("{name}.png")),
            image_data: self.options.embed_images.then(|| STANDARD.encode(&png)),
            height: Some(case.film.rows),
            width: Some(case.film.columns),
            coxa: Some(known),
        };
        self.target.write(&format!("{name}.png"), png)?;
        let text = serde_json::to_vec_pretty(&document).map_err(|e| wrong(e.to_string()))?;
        self.target.write(&format!("{name}.json"), text)
    }

    fn finish(self: Box<Self>) -> Result<(), DatasetError> {
        self.target.publish()
    }
}

fn shapes(case: &Case) -> Result<Vec<Shape>, String> {
    let corner = |p: &Point| [p.x + HALF, p.y + HALF];
    let set = &case.landmarks;
    let position = |id: &LandmarkId| set.get(id).and_then(Landmark::position);
    let mut shapes = Vec::new();
    for structure in case.masks.iter().flat_map(|map| &map.structures) {
        let Some(map) = &case.masks else { continue };
        shapes.extend(mask(map, structure)?);
    }
    for (id, line) in &set.polylines {
        shapes.push(Shape::new("linestrip", id.to_string(), line.iter().map(corner).collect()));
    }
    for (id, radius) in &set.radii_px {
        if let Some(middle) = position(id) {
            let edge = Point::new(middle.x + radius, middle.y);
            shapes.push(Shape::new("circle", id.to_string(), vec![corner(&middle), corner(&edge)]));
        }
    }
    for (id, _) in set.iter() {
        let Some(at) = position(id) else { continue };
        let mut shape = Shape::new("point", id.to_string(), vec![corner(&at)]);
        if case.occluded.contains(id) {
            shape.flags.insert("occluded".to_owned(), json!(true));
        }
        shapes.push(shape);
    }
    Ok(shapes)
}

/// A structure as a picture of its box.
fn mask(map: &LabelMap, structure: &Structure) -> Result<Option<Shape>, String> {
    let runs = super::rle::Rle::of(map.rows, map.columns, |i| map.labels[i] == structure.value);
    let (area, [left, top, width, height]) = runs.extent()?;
    if area == 0 {
        return Ok(None);
    }
    let pixels: Vec<u8> = (top..top + height)
        .flat_map(|row| (left..left + width).map(move |column| row * map.columns + column))
        .map(|i| u8::from(map.labels[i] == structure.value))
        .collect();
    let png = image::labels_png(&pixels, height, width)?;
    let ends = [[left, top], [left + width - 1, top + height - 1]];
    let mut shape =
        Shape::new("mask", structure.name.clone(), ends.map(|end| end.map(|v| v as f64)).to_vec());
    shape.mask = Some(STANDARD.encode(png));
    Ok(Some(shape))
}
