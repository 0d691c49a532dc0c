//! Landmarks of Retuve (github.com/radoss-org/retuve): `NAME.json` beside the film,
//! `{"landmark_list": [{"pel_l_o": [256, 119], …}]}`, whole pixels.
//!
//! Its `l` and `r` do not keep to one meaning, so sides are taken from where the points are: those on the left of the
//! image are the patient's right, unless the film says otherwise. A `fem_*` that repeats `pel_*_i` is a placeholder of
//! theirs, no femoral head.

use super::case::Case;
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::Format;
use super::names;
use super::set::{DataSet, Entry};
use crate::measure::{Landmark, LandmarkSet, Origin, Point};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Deserialize)]
struct Document {
    landmark_list: Vec<BTreeMap<String, Option<[f64; 2]>>>,
}

fn document(path: &Path) -> Result<Document, DatasetError> {
    serde_json::from_str(&text(path)?).map_err(|e| DatasetError::content(path, e))
}

pub(super) fn is_in(files: &Files) -> bool {
    files.ending(&["json"]).any(|path| document(path).is_ok())
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for path in files.ending(&["json"]) {
        let Ok(Document { landmark_list }) = document(path) else { continue };
        let name = find::stem(path);
        match (files.image(&name, path), landmark_list.as_slice()) {
            (Err(error), _) => problems.push(error),
            (Ok(_), list) if list.len() != 1 => {
                let reason = format!("{} sets of landmarks for one film", list.len());
                problems.push(DatasetError::content(path, reason));
            }
            (Ok(image), list) => {
                let points = list[0].clone();
                let (path, split) = (path.to_owned(), find::split_of_folder(path, &files.root));
                entries.push(Entry::new(name.clone(), move || {
                    let (film, mut about) = find::film(&image)?;
                    about.split = split;
                    let right_on_left = film.patient_right_on_left.unwrap_or(true);
                    let landmarks = landmarks(&points, right_on_left)
                        .map_err(|reason| DatasetError::content(&path, reason))?;
                    let occluded = BTreeSet::new();
                    Ok(Case { name: name.clone(), film, landmarks, occluded, masks: None, about })
                }));
            }
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::Retuve, Vec::new(), entries) })
}

fn landmarks(
    points: &BTreeMap<String, Option<[f64; 2]>>,
    right_on_left: bool,
) -> Result<LandmarkSet, String> {
    let mut landmarks = LandmarkSet::default();
    for (name, position) in points {
        let Some([x, y]) = *position else { continue };
        let inner = name.strip_prefix("fem_").map(|side| format!("pel_{side}_i"));
        if inner.is_some_and(|inner| points.get(&inner) == Some(position)) {
            continue;
        }
        let id = names::landmark(Some("retuve"), name)?;
        if id.side.is_none() {
            return Err(format!("{name:?} is no landmark of Retuve"));
        }
        landmarks.insert(id, Landmark::defined(Point::new(x, y), None, Origin::File));
    }
    let exchange = names::right_is_on_left(&landmarks).is_some_and(|is_left| is_left != right_on_left);
    Ok(if exchange { names::exchanged(landmarks) } else { landmarks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{LandmarkCode, Side};

    #[test]
    fn sides_are_where_the_points_are_and_placeholders_are_none() {
        let document: Document = serde_json::from_str(
            r#"{"landmark_list": [{"pel_l_o": [256, 119], "pel_l_i": [234, 138], "pel_r_o": [64, 126],
                "pel_r_i": [88, 144], "fem_l": [234, 138], "fem_r": [60, 150], "h_point_l": null}]}"#,
        )
        .unwrap();
        let points = &document.landmark_list[0];
        let usual = landmarks(points, true).unwrap();
        assert_eq!(usual.position(LandmarkCode::SMA, Side::Right), Some(Point::new(64.0, 126.0)));
        assert_eq!(usual.position(LandmarkCode::TRC, Side::Left), Some(Point::new(234.0, 138.0)));
        assert_eq!(usual.position(LandmarkCode::FH, Side::Left), None);
        assert_eq!(usual.position(LandmarkCode::FH, Side::Right), Some(Point::new(60.0, 150.0)));
        assert_eq!(usual.points.len(), 5);
        let turned = landmarks(points, false).unwrap();
        assert_eq!(turned.position(LandmarkCode::SMA, Side::Left), Some(Point::new(64.0, 126.0)));
    }
}
