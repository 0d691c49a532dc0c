//! Landmarks for femoroacetabular impingement as text: `NAME.txt` beside the image, one position `x y` a line, without
//! names; per hip lateral edge, head, neck axis and cam point, the patient's right first (the order `s5` of the schemes).
//!
//! Eight positions, or four of one hip, whose side is then where it lies in the image. `nan nan` or `-1 -1` is a point
//! that was not found. Numbers may be separated by blanks, commas or semicolons. What the authors' files look like beyond
//! this order is not documented.

use super::case::Case;
use super::error::{DatasetError, text};
use super::find::{self, Files};
use super::format::Format;
use super::set::{DataSet, Entry};
use crate::measure::{Landmark, LandmarkId, LandmarkSet, Origin, Point, Side, scheme};
use std::collections::BTreeSet;
use std::path::Path;

const ORDER: &str = "s5";

/// The positions in a text; an error where it holds anything else.
fn positions(text: &str) -> Result<Vec<Option<[f64; 2]>>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words = line.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty());
            let numbers: Result<Vec<f64>, _> = words.map(str::parse).collect();
            match numbers.as_deref() {
                Ok(&[x, y]) if x.is_finite() && y.is_finite() && (x, y) != (-1.0, -1.0) => Ok(Some([x, y])),
                Ok(&[_, _]) => Ok(None),
                _ => Err(format!("{line:?} is no position \"x y\"")),
            }
        })
        .collect()
}

fn is_one(path: &Path) -> bool {
    text(path).is_ok_and(|text| positions(&text).is_ok_and(|positions| [4, 8].contains(&positions.len())))
}

pub(super) fn is_in(files: &Files) -> bool {
    files.ending(&["txt"]).any(is_one)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for path in files.ending(&["txt"]) {
        let name = find::stem(path);
        match files.image(&name, path) {
            // A text beside the data (a licence) is no label.
            Err(error) if is_one(path) => problems.push(error),
            Err(_) => {}
            Ok(image) => {
                let (path, split) = (path.to_owned(), find::split_of_folder(path, &files.root));
                entries.push(Entry::new(name.clone(), move || {
                    let (film, mut about) = find::film(&image)?;
                    about.split = split;
                    let right_on_left = film.patient_right_on_left.unwrap_or(true);
                    let landmarks = landmarks(&text(&path)?, film.columns, right_on_left)
                        .map_err(|reason| DatasetError::content(&path, reason))?;
                    let occluded = BTreeSet::new();
                    Ok(Case { name: name.clone(), film, landmarks, occluded, masks: None, about })
                }));
            }
        }
    }
    Ok(DataSet { problems, ..DataSet::new(Format::Fai, Vec::new(), entries) })
}

fn landmarks(text: &str, columns: usize, right_on_left: bool) -> Result<LandmarkSet, String> {
    let positions = positions(text)?;
    let order = scheme::embedded().iter().find_map(|scheme| scheme.order(ORDER)).unwrap_or_default();
    let ids: Vec<LandmarkId> = match positions.len() {
        8 => order.to_vec(),
        4 => {
            let xs: Vec<f64> = positions.iter().flatten().map(|[x, _]| *x).collect();
            let on_left = xs.iter().sum::<f64>() < 0.5 * columns as f64 * xs.len() as f64;
            let side = if on_left == right_on_left { Side::Right } else { Side::Left };
            order.iter().filter(|id| id.side == Some(side)).cloned().collect()
        }
        other => return Err(format!("{other} positions: a film has 8, a hip 4")),
    };
    let mut landmarks = LandmarkSet::default();
    for (id, position) in ids.into_iter().zip(positions) {
        let landmark = match position {
            Some([x, y]) => Landmark::defined(Point::new(x, y), None, Origin::File),
            None => Landmark::missing("without coordinates in the file", Origin::File),
        };
        landmarks.insert(id, landmark);
    }
    Ok(landmarks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::LandmarkCode;

    #[test]
    fn eight_positions_are_two_hips_and_four_are_the_hip_they_lie_on() {
        let both = landmarks("1 2\n3,4\n5;6\n7\t8\n100 2\n-1 -1\nnan nan\n101.5 3\n", 200, true).unwrap();
        assert_eq!(both.position(LandmarkCode::LAE, Side::Right), Some(Point::new(1.0, 2.0)));
        assert_eq!(both.position(LandmarkCode::FHC, Side::Right), Some(Point::new(3.0, 4.0)));
        assert_eq!(both.position(LandmarkCode::LCP, Side::Left), Some(Point::new(101.5, 3.0)));
        assert_eq!(both.iter().filter(|(_, point)| point.position().is_none()).count(), 2);
        let one = landmarks("150 2\n151 4\n152 6\n153 8", 200, true).unwrap();
        assert_eq!(one.position(LandmarkCode::LAE, Side::Left), Some(Point::new(150.0, 2.0)));
        assert!(landmarks("1 2\n3 4", 200, true).unwrap_err().contains("2 positions"));
        assert!(landmarks("1 2 3", 200, true).unwrap_err().contains("no position"));
    }
}
