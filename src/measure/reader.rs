//! How far a reader's point lies from where many readers would put it, as a table (`assets/readers/*.toml`): shares of
//! a distance on the same film, each with its source. Nobody states such a deviation while placing a point, and an
//! angle without an interval would pass for an exact one.

use super::frame::BASELINE;
use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, Side};
use super::scheme;
use super::spacing::Spacing;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const EMBEDDED: (&str, &str) = ("reader_sd.toml", include_str!("../../assets/readers/reader_sd.toml"));

/// Deviations of readers.
#[derive(Debug, Clone, PartialEq)]
pub struct ReaderTable {
    pub id: String,
    pub version: u32,
    pub title: String,
    /// Per group the distances that its shares are of.
    baselines: Vec<Vec<Baseline>>,
    rows: BTreeMap<LandmarkCode, Row>,
}

/// What the table says of one landmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    group: usize,
    /// Standard deviation of one axis over the group's baseline.
    pub share: f64,
    pub source: String,
}

/// The distance between both sides of `landmark`, multiplied.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    landmark: LandmarkCode,
    times: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: String,
    version: u32,
    title: String,
    group: Vec<WrittenGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGroup {
    baselines: Vec<Baseline>,
    row: Vec<WrittenRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    codes: Vec<String>,
    share: f64,
    source: String,
}

/// Why a table was refused; each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: not a table of readers: {source}", path.display())]
    Syntax { path: PathBuf, source: toml::de::Error },
    #[error("{}: {reason}", path.display())]
    Content { path: PathBuf, reason: String },
}

impl ReaderTable {
    /// Reads and checks a table.
    pub fn read(path: &Path) -> Result<ReaderTable, ReaderError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ReaderError::Read { path: path.to_owned(), source })?;
        ReaderTable::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<ReaderTable, ReaderError> {
        let document: Document =
            toml::from_str(text).map_err(|source| ReaderError::Syntax { path: path.to_owned(), source })?;
        document.check().map_err(|reason| ReaderError::Content { path: path.to_owned(), reason })
    }

    /// `reader_sd/1`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.id, self.version)
    }

    pub fn row(&self, code: &LandmarkCode) -> Option<&Row> {
        self.rows.get(code)
    }
}

impl Document {
    fn check(self) -> Result<ReaderTable, String> {
        let positive = |v: f64| v.is_finite() && v > 0.0;
        let (mut baselines, mut rows) = (Vec::new(), BTreeMap::new());
        for (group, written) in self.group.into_iter().enumerate() {
            if written.baselines.is_empty() || !written.baselines.iter().all(|b| positive(b.times)) {
                return Err("a group needs baselines with positive factors".to_owned());
            }
            baselines.push(written.baselines);
            for row in written.row {
                if !positive(row.share) {
                    return Err(format!("share {} is not a positive number", row.share));
                }
                for words in &row.codes {
                    for code in scheme::range(words)? {
                        let row = Row { group, share: row.share, source: row.source.clone() };
                        if rows.insert(code.clone(), row).is_some() {
                            return Err(format!("landmark {code} is listed twice"));
                        }
                    }
                }
            }
        }
        Ok(ReaderTable { id: self.id, version: self.version, title: self.title, baselines, rows })
    }
}

/// The table inside this program. A test holds that it parses.
pub fn embedded() -> Option<&'static ReaderTable> {
    static TABLE: OnceLock<Option<ReaderTable>> = OnceLock::new();
    TABLE.get_or_init(|| ReaderTable::parse(EMBEDDED.1, Path::new(EMBEDDED.0)).ok()).as_ref()
}

/// A table applied to one film.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    table: &'a ReaderTable,
    /// Of each group its baseline in metric units, where the film has one.
    lengths: Vec<Option<f64>>,
}

impl<'a> Reader<'a> {
    pub fn new(table: &'a ReaderTable, landmarks: &LandmarkSet, spacing: &Spacing) -> Self {
        let length = |baseline: &Baseline| {
            let at = |side| landmarks.get(&LandmarkId::new(baseline.landmark.clone(), side))?.position();
            let (right, left) = (at(Side::Right)?, at(Side::Left)?);
            let length = spacing.to_metric(right).distance(spacing.to_metric(left));
            let least = if spacing.has_millimetres() { BASELINE.0 } else { BASELINE.1 };
            (length.is_finite() && length >= least).then_some(length * baseline.times)
        };
        let lengths = table.baselines.iter().map(|group| group.iter().find_map(length)).collect();
        Self { table, lengths }
    }

    /// Standard deviation of one axis in metric units; `None` for a landmark that the table does not have, and on a film
    /// without the baseline.
    pub fn sd(&self, code: &LandmarkCode) -> Option<f64> {
        let row = self.table.row(code)?;
        Some(row.share * self.lengths[row.group]?)
    }
}
