//! Which error a landmark's draws are made of, and who says so.
//!
//! An interval means **what readers agree on**: where the measurement of many readers of the same film would lie. A
//! person's point errs from it by what the table of readers says ([`reader`]). A network's point errs by its own
//! deviation, which was learned on phantoms of exactly known anatomy, and by what its definition of the point differs
//! from the readers'; nobody has measured that, and the readers' own deviation stands in for it. So correcting a point
//! never widens an interval. What a file states is taken as stated.

use super::covariance::Covariance;
use super::landmark::{Landmark, LandmarkId, LandmarkSet, Origin};
use super::measurement::Measurement;
use super::reader::{self, Reader, ReaderTable};
use super::spacing::Spacing;
use std::collections::BTreeSet;

/// Whose deviation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The network's own, on a film or for a landmark that the table of readers does not cover.
    Model,
    /// The network's own with that of a reader.
    ModelAndReader,
    /// By the table of readers: a person placed the point.
    Reader,
    /// As stated with the point.
    Stated,
}

impl Source {
    /// As the measurement JSON prints it.
    pub fn code(self) -> &'static str {
        match self {
            Source::Model => "model",
            Source::ModelAndReader => "model+reader_table",
            Source::Reader => "reader_table",
            Source::Stated => "stated",
        }
    }
}

impl Source {
    /// As a reader of the report is told.
    pub fn words(self) -> String {
        let table = reader::embedded().map(ReaderTable::name).unwrap_or_default();
        match self {
            Source::Model => "the network's own deviation".to_owned(),
            Source::ModelAndReader => {
                format!("the network's own deviation with the reader SD, by table {table}")
            }
            Source::Reader => format!("the reader SD, by table {table}"),
            Source::Stated => "the deviation stated with the point".to_owned(),
        }
    }
}

/// What the intervals of a film mean, in a sentence or two; `None` for a film without any.
pub fn meaning<'a>(intervals: impl Iterator<Item = &'a Measurement>) -> Option<String> {
    let sources: BTreeSet<Source> = intervals.flat_map(|m| m.spread.iter().copied()).collect();
    let words: Vec<String> = sources.into_iter().map(Source::words).collect();
    let readers = "95\u{a0}% intervals say where the measurement of many readers of this film would lie";
    (!words.is_empty()).then(|| format!("{readers}. They are made of {}.", words.join("; ")))
}

/// How far a landmark may lie from where it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub covariance: Covariance,
    pub source: Source,
}

/// The spreads of one film's landmarks.
#[derive(Debug, Clone)]
pub struct Spreads<'a> {
    landmarks: &'a LandmarkSet,
    spacing: &'a Spacing,
    reader: Option<Reader<'static>>,
}

impl<'a> Spreads<'a> {
    /// By the table of readers inside this program.
    pub fn new(landmarks: &'a LandmarkSet, spacing: &'a Spacing) -> Self {
        let reader = reader::embedded().map(|table| Reader::new(table, landmarks, spacing));
        Self { landmarks, spacing, reader }
    }

    /// `None` where nobody says.
    pub fn get(&self, id: &LandmarkId) -> Option<Spread> {
        let landmark = self.landmarks.get(id).filter(|landmark| landmark.position().is_some())?;
        self.of(id, landmark)
    }

    fn of(&self, id: &LandmarkId, landmark: &Landmark) -> Option<Spread> {
        let spread = |covariance, source| Some(Spread { covariance, source });
        match (landmark.origin, landmark.covariance()) {
            (Origin::Model, Some(own)) => match self.reader(id) {
                Some(reader) => spread(own.plus(reader), Source::ModelAndReader),
                None => spread(own, Source::Model),
            },
            (_, Some(stated)) => spread(stated, Source::Stated),
            (Origin::Person, None) => spread(self.reader(id)?, Source::Reader),
            (Origin::Model | Origin::File, None) => None,
        }
    }

    /// A reader's covariance in pixels, of the same deviation in millimetres in every direction.
    fn reader(&self, id: &LandmarkId) -> Option<Covariance> {
        let sd = self.reader.as_ref()?.sd(&id.code)?;
        let (x, y) = (sd / self.spacing.column, sd / self.spacing.row);
        Covariance::new(x * x, 0.0, y * y)
    }
}
