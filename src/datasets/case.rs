//! One labelled film: the picture, where its landmarks are, which structure each pixel is of, and what is known beside.

use crate::imaging::Radiograph;
use crate::measure::{LabelMap, LandmarkId, LandmarkSet, Sex};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// What a case is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Learnt from.
    Train,
    /// Watched while learning.
    Val,
    /// Neither, until the end.
    Test,
}

impl Split {
    pub const ALL: [Split; 3] = [Split::Train, Split::Val, Split::Test];

    /// `train`, `val`, `test`: also the folders of YOLO and the files of COCO.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Val => "val",
            Split::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// However it is cased, and as others write it: `training`, `valid`, `Validation`, `testing`, `tr`, `ts`.
impl FromStr for Split {
    type Err = String;

    fn from_str(word: &str) -> Result<Split, String> {
        match word.trim().to_ascii_lowercase().as_str() {
            "train" | "training" | "tr" => Ok(Split::Train),
            "val" | "valid" | "validation" => Ok(Split::Val),
            "test" | "testing" | "ts" => Ok(Split::Test),
            _ => Err(format!("{word:?} is none of train, val, test")),
        }
    }
}

/// What is known of a case beside its labels; whatever a source does not say is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Ties the films of a patient together. Whoever reads gives it as the source has it; whoever writes replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// In which fold, from 0, the case is held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_months: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// What others found: `IHDI-R` → `2`, `AI-L` → `31.5`, `DDH` → `right ddh`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub grades: BTreeMap<String, String>,
}

/// A labelled film.
#[derive(Debug, Clone)]
pub struct Case {
    /// Unique in its set, and the stem of its files.
    pub name: String,
    pub film: Radiograph,
    /// A landmark that is missing in the set was looked for and is not there; one that is not in the set is unknown.
    pub landmarks: LandmarkSet,
    /// Those that have a position although they are not seen (visibility 1 of COCO).
    pub occluded: BTreeSet<LandmarkId>,
    /// Of the size of the film.
    pub masks: Option<LabelMap>,
    pub about: About,
}

impl Case {
    /// A case of one study: every landmark is visible, and nothing is known beside. The age and sex of the film's
    /// header are taken; its identity is not.
    pub fn new(
        name: impl Into<String>,
        film: Radiograph,
        landmarks: LandmarkSet,
        masks: Option<LabelMap>,
    ) -> Self {
        let subject = film.identity.subject();
        let about = About { age_months: subject.age_months, sex: subject.sex, ..About::default() };
        Self { name: name.into(), film, landmarks, occluded: BTreeSet::new(), masks, about }
    }

    /// COCO's visibility: 0 without a position, 1 placed but not seen, 2 seen.
    pub fn visibility(&self, id: &LandmarkId) -> u8 {
        match self.landmarks.get(id).and_then(|landmark| landmark.position()) {
            None => 0,
            Some(_) if self.occluded.contains(id) => 1,
            Some(_) => 2,
        }
    }

    /// The masks, checked to be of the film.
    ///
    /// # Errors
    /// Masks of another size, in words.
    pub fn checked(self) -> Result<Self, String> {
        match &self.masks {
            Some(map) if (map.rows, map.columns) != (self.film.rows, self.film.columns) => Err(format!(
                "masks of {} rows and {} columns for a film of {} and {}",
                map.rows, map.columns, self.film.rows, self.film.columns
            )),
            _ => Ok(self),
        }
    }
}
