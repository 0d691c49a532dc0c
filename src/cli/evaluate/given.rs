//! Points and masks that somebody else found, in a folder of one file a film.

use super::source::masks;
use crate::eval::evaluation::Reading;
use crate::imaging::Radiograph;
use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, landmark_file};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a folder says of the film `name`.
///
/// # Errors
/// In words: there is no file of the film, or it cannot be read.
pub fn read(
    folder: &Path,
    name: &str,
    truth: Option<&PathBuf>,
    film: &Radiograph,
) -> Result<Reading, String> {
    let points = folder.join(format!("{name}.json"));
    let same = |other: &PathBuf| points.canonicalize().ok().zip(other.canonicalize().ok());
    if truth.and_then(same).is_some_and(|(a, b)| a == b) {
        return Err("the file is the reference itself".to_owned());
    }
    let labels = [format!("{name}_labels.png"), format!("{name}.png")]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|path| path.is_file());
    if !points.is_file() && labels.is_none() {
        return Err(format!("there is no {name}.json"));
    }
    let labels = labels.map(|path| masks(&path, None)).transpose().map_err(|error| format!("{error:#}"))?;
    let landmarks = if points.is_file() { landmarks(&points, film)? } else { LandmarkSet::default() };
    Ok(Reading { landmarks, labels })
}

fn landmarks(path: &Path, film: &Radiograph) -> Result<LandmarkSet, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    match serde_json::from_str::<Retuve>(&text) {
        Ok(retuve) => retuve.landmarks(film.patient_right_on_left != Some(false)),
        Err(_) => landmark_file::read(path).map(|file| file.landmarks).map_err(|error| error.to_string()),
    }
}

/// What Retuve writes of a film's landmarks.
#[derive(Deserialize)]
struct Retuve {
    landmark_list: Vec<BTreeMap<String, Option<[f64; 2]>>>,
}

impl Retuve {
    /// Its `l` and `r` are not always the same side, so the side is taken from where the point lies. Where its femoral
    /// point is the pelvic one, as one of its readers sets it, there is no femoral point.
    fn landmarks(&self, right_on_left: bool) -> Result<LandmarkSet, String> {
        let [list] = self.landmark_list.as_slice() else {
            return Err(format!("holds {} lists of landmarks, not one", self.landmark_list.len()));
        };
        let at = |name: String| list.get(&name).copied().flatten();
        let inner = ["l", "r"].map(|side| at(format!("pel_{side}_i")));
        let [Some(l), Some(r)] = inner else {
            return Err("without both inner pelvic points no side can be told".to_owned());
        };
        let mut landmarks = LandmarkSet::default();
        for (letter, own, other) in [("l", l, r), ("r", r, l)] {
            let side = if (own[0] < other[0]) == right_on_left { Side::Right } else { Side::Left };
            let femur = at(format!("fem_{letter}")).filter(|femur| *femur != own);
            for (code, point) in [
                (LandmarkCode::TRC, Some(own)),
                (LandmarkCode::SMA, at(format!("pel_{letter}_o"))),
                (LandmarkCode::HP, at(format!("h_point_{letter}"))),
                (LandmarkCode::FH, femur),
            ] {
                if let Some([x, y]) = point {
                    let landmark = Landmark::defined(Point::new(x, y), None, Origin::File);
                    landmarks.insert(LandmarkId::new(code, side), landmark);
                }
            }
        }
        Ok(landmarks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_of_retuve_are_those_of_the_film() {
        for (l, r) in [(234.0, 88.0), (88.0, 234.0)] {
            let text = format!(
                "{{\"landmark_list\": [{{\"pel_l_o\": [1, 2], \"pel_l_i\": [{l}, 138], \"pel_r_i\": [{r}, 144], \
                 \"fem_l\": [{l}, 138], \"fem_r\": [7, 8]}}]}}"
            );
            let retuve: Retuve = serde_json::from_str(&text).unwrap();
            let found = retuve.landmarks(true).unwrap();
            let x = |side| found.position(LandmarkCode::TRC, side).unwrap().x;
            assert_eq!((x(Side::Right), x(Side::Left)), (88.0, 234.0));
            let of_r = if r < l { Side::Right } else { Side::Left };
            assert!(found.position(LandmarkCode::SMA, of_r.opposite()).is_some());
            assert!(found.position(LandmarkCode::FH, of_r).is_some());
            assert!(found.position(LandmarkCode::FH, of_r.opposite()).is_none(), "it is the pelvic point");
        }
    }
}
