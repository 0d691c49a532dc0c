//! Films as COCO: pictures, and one list a split that is written when all are known.

use super::super::case::{Case, Split};
use super::super::error::DatasetError;
use super::super::format::{WriteOptions, Writer};
use super::super::image;
use super::super::rle::Rle;
use super::super::target::Target;
use super::{Annotation, Attributes, Category, Image, Known, List, Segmentation};
use crate::measure::LandmarkId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Writes COCO.
pub struct CocoWriter {
    target: Target,
    options: WriteOptions,
    cases: Vec<Written>,
    structures: BTreeMap<u8, String>,
}

/// What of a case goes into the list of its split.
struct Written {
    split: Option<Split>,
    image: Image,
    /// x, y, visibility.
    points: BTreeMap<LandmarkId, [f64; 3]>,
    absent: Vec<String>,
    masks: Vec<(u8, Rle)>,
}

/// The category of the landmarks; structures follow.
const HIPS: u64 = 1;

impl CocoWriter {
    pub fn new(out: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        Ok(Self { target: Target::new(out)?, options, cases: Vec::new(), structures: BTreeMap::new() })
    }

    fn categories(&self, keypoints: &[LandmarkId]) -> Vec<Category> {
        let hips = Category {
            id: HIPS,
            name: "hips".to_owned(),
            supercategory: "pelvis".to_owned(),
            keypoints: keypoints.iter().map(ToString::to_string).collect(),
            skeleton: Some(Vec::new()),
            label_value: None,
        };
        let structures = self.structures.iter().map(|(value, name)| Category {
            id: HIPS + u64::from(*value),
            name: name.clone(),
            supercategory: "structure".to_owned(),
            keypoints: Vec::new(),
            skeleton: None,
            label_value: Some(*value),
        });
        (!keypoints.is_empty()).then_some(hips).into_iter().chain(structures).collect()
    }
}

impl Writer for CocoWriter {
    fn add(&mut self, case: &Case) -> Result<(), DatasetError> {
        let wrong = |reason: String| DatasetError::content(Path::new(&case.name), reason);
        self.target.take(&case.name)?;
        let file_name = format!("{}.png", case.name);
        self.target.write(&format!("images/{file_name}"), image::png(&case.film).map_err(wrong)?)?;
        let mut about = case.about.clone();
        about.patient = about.patient.map(|patient| self.options.patients.of(&patient));
        let film = &case.film;
        let known = Known {
            about,
            spacing: film.spacing.has_millimetres().then_some(film.spacing),
            patient_right_on_left: film.patient_right_on_left,
        };
        let mut points = BTreeMap::new();
        let mut absent = Vec::new();
        for (id, landmark) in case.landmarks.iter() {
            match landmark.position() {
                Some(p) => {
                    points.insert(id.clone(), [p.x, p.y, f64::from(case.visibility(id))]);
                }
                None => {
                    points.insert(id.clone(), [0.0; 3]);
                    absent.push(id.to_string());
                }
            }
        }
        let mut masks = Vec::new();
        for structure in case.masks.iter().flat_map(|map| &map.structures) {
            let Some(map) = &case.masks else { continue };
            let before = self.structures.insert(structure.value, structure.name.clone());
            if before.is_some_and(|name| name != structure.name) {
                return Err(wrong(format!("value {} has another name than before", structure.value)));
            }
            if map.area(structure.value) > 0 {
                let runs = Rle::of(map.rows, map.columns, |i| map.labels[i] == structure.value);
                let runs = if self.options.plain_runs { Ok(runs) } else { runs.compressed() };
                masks.push((structure.value, runs.map_err(wrong)?));
            }
        }
        let id = self.cases.len() as u64 + 1;
        let image = Image { id, file_name, width: film.columns, height: film.rows, coxa: Some(known) };
        self.cases.push(Written { split: case.about.split, image, points, absent, masks });
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), DatasetError> {
        let keypoints: BTreeSet<&LandmarkId> =
            self.cases.iter().flat_map(|case| case.points.keys()).collect();
        let keypoints: Vec<LandmarkId> = keypoints.into_iter().cloned().collect();
        let splits: BTreeSet<Option<Split>> = self.cases.iter().map(|case| case.split).collect();
        for split in splits {
            let name = split.map_or("all", Split::name);
            let path = format!("annotations/{name}.json");
            let wrong = |reason: String| DatasetError::content(Path::new(&path), reason);
            let mut list =
                List { images: Vec::new(), annotations: Vec::new(), categories: self.categories(&keypoints) };
            for case in self.cases.iter().filter(|case| case.split == split) {
                list.images.push(case.image.clone());
                for annotation in case.annotations(&keypoints).map_err(wrong)? {
                    let id = list.annotations.len() as u64 + 1;
                    list.annotations.push(Annotation { id, ..annotation });
                }
            }
            let text = serde_json::to_vec(&list).map_err(|e| DatasetError::content(Path::new(&path), e))?;
            self.target.write(&path, text)?;
        }
        self.target.publish()
    }
}

impl Written {
    fn annotations(&self, keypoints: &[LandmarkId]) -> Result<Vec<Annotation>, String> {
        let mut all = Vec::new();
        if !self.points.is_empty() {
            let placed: Vec<&[f64; 3]> = self.points.values().filter(|point| point[2] > 0.0).collect();
            let bbox = around(&placed);
            all.push(Annotation {
                image_id: self.image.id,
                category_id: HIPS,
                area: bbox[2] * bbox[3],
                bbox: bbox.to_vec(),
                keypoints: keypoints
                    .iter()
                    .flat_map(|id| self.points.get(id).copied().unwrap_or_default())
                    .collect(),
                num_keypoints: Some(placed.len()),
                attributes: Attributes { absent: (!self.absent.is_empty()).then(|| self.absent.clone()) },
                ..Annotation::default()
            });
        }
        for (value, runs) in &self.masks {
            let (area, bbox) = runs.extent()?;
            all.push(Annotation {
                image_id: self.image.id,
                category_id: HIPS + u64::from(*value),
                area: area as f64,
                bbox: bbox.map(|side| side as f64).to_vec(),
                segmentation: Some(Segmentation::Runs(runs.clone())),
                ..Annotation::default()
            });
        }
        Ok(all)
    }
}

/// The box of the pixels that the points are centres of: x, y, width, height.
pub fn around(points: &[&[f64; 3]]) -> [f64; 4] {
    let range = |axis: usize| {
        let values = points.iter().map(|point| point[axis]);
        values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)))
    };
    if points.is_empty() {
        return [0.0; 4];
    }
    let ((left, right), (top, bottom)) = (range(0), range(1));
    [left, top, right - left + 1.0, bottom - top + 1.0]
}
