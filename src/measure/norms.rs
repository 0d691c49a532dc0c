//! Norm tables: limits by age, sex and side, as data (`assets/norms/*.toml`).
//!
//! A table of confirmed values colours a result. One that was recalled and not confirmed (`evidence = "verify"`) ships,
//! is shown as unsigned, and colours nothing until somebody signs it: the signature names the person and the day and
//! carries the SHA-256 of the table's contents, so that a table changed afterwards is unsigned again.

use super::landmark::Side;
use super::protocol::{Sex, Subject};
use super::zones::{Class, Zones};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The tables inside this program, by file.
const EMBEDDED: [(&str, &str); 8] = [
    ("tonnis_brunken_1968.toml", include_str!("../../assets/norms/tonnis_brunken_1968.toml")),
    ("ai_coarse.toml", include_str!("../../assets/norms/ai_coarse.toml")),
    ("fredensborg_1976.toml", include_str!("../../assets/norms/fredensborg_1976.toml")),
    ("tannast_2015.toml", include_str!("../../assets/norms/tannast_2015.toml")),
    ("engesaeter_2013.toml", include_str!("../../assets/norms/engesaeter_2013.toml")),
    ("fischer_2018.toml", include_str!("../../assets/norms/fischer_2018.toml")),
    ("coxa_vara_valga.toml", include_str!("../../assets/norms/coxa_vara_valga.toml")),
    ("adult_unconfirmed.toml", include_str!("../../assets/norms/adult_unconfirmed.toml")),
];

/// Whether the values were checked against their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    Confirmed,
    Verify,
}

/// Who stands for an unconfirmed table, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub name: String,
    /// ISO 8601.
    pub date: String,
    /// Of the contents that were signed, hex.
    pub sha256: String,
}

/// Limits of one measurement for one kind of patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormRow {
    pub measurement: String,
    /// Months from which it holds, inclusive; from birth without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_months: Option<f64>,
    /// Months up to which it holds, exclusive; for ever without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_months: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    pub zones: Zones,
}

impl NormRow {
    /// "6 to below 12 months, female: normal, above 25 abnormal".
    pub fn words(&self) -> String {
        let months = match (self.from_months, self.to_months) {
            (None, None) => "any age".to_owned(),
            (Some(from), None) => format!("from {from} months"),
            (from, Some(to)) => format!("{} to below {to} months", from.unwrap_or(0.0)),
        };
        let sex = self.sex.map(|sex| format!(", {sex:?}")).unwrap_or_default().to_lowercase();
        let side = self.side.map(|side| format!(", {}", side.name())).unwrap_or_default();
        format!("{months}{sex}{side}: {}", self.zones.words())
    }
}

/// A table of limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormTable {
    pub id: String,
    pub version: u32,
    pub title: String,
    pub source: String,
    pub evidence: Evidence,
    /// A single limit for lack of a better table: it cannot tell borderline from abnormal.
    #[serde(default)]
    pub coarse: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    #[serde(rename = "row")]
    pub rows: Vec<NormRow>,
}

/// Why a norm table was refused; each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum NormError {
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: not a norm table: {source}", path.display())]
    Syntax { path: PathBuf, source: toml::de::Error },
    #[error("{}: {reason}", path.display())]
    Content { path: PathBuf, reason: String },
}

/// How a table reads one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub measurement: &'static str,
    pub side: Option<Side>,
    pub table: String,
    pub version: u32,
    /// The limits in words.
    pub limits: String,
    /// The same as data.
    pub zones: Zones,
    /// `None` for an unsigned table, which judges nothing.
    pub class: Option<Class>,
    pub coarse: bool,
    /// Of a table that was signed.
    pub signature: Option<Signature>,
}

impl NormTable {
    /// Reads and checks a table, and its signature against its contents.
    pub fn read(path: &Path) -> Result<NormTable, NormError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| NormError::Read { path: path.to_owned(), source })?;
        NormTable::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<NormTable, NormError> {
        let table: NormTable =
            toml::from_str(text).map_err(|source| NormError::Syntax { path: path.to_owned(), source })?;
        match table.fault() {
            None => Ok(table),
            Some(reason) => Err(NormError::Content { path: path.to_owned(), reason }),
        }
    }

    fn fault(&self) -> Option<String> {
        if let Some(row) = self.rows.iter().find(|row| !row.zones.is_ordered()) {
            return Some(format!("limits of {} do not ascend: {}", row.measurement, row.zones.words()));
        }
        let changed = self.signature.as_ref().is_some_and(|signature| signature.sha256 != self.sha256());
        changed.then(|| format!("{} was changed after it was signed: sign it again", self.id))
    }

    /// SHA-256 of the contents without the signature, hex.
    pub fn sha256(&self) -> String {
        let unsigned = NormTable { signature: None, ..self.clone() };
        let contents = serde_json::to_string(&unsigned).unwrap_or_default();
        Sha256::digest(contents.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The same table under `name`'s signature of `date` (ISO 8601).
    pub fn signed(mut self, name: &str, date: &str) -> NormTable {
        let sha256 = self.sha256();
        self.signature = Some(Signature { name: name.to_owned(), date: date.to_owned(), sha256 });
        self
    }

    /// The file that [`NormTable::read`] reads.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// Whether it may colour a result.
    pub fn is_valid(&self) -> bool {
        self.evidence == Evidence::Confirmed || self.signature.is_some()
    }

    /// The row for that patient; `None` where the table has none, or needs an age or a sex that is not known.
    pub fn row(&self, code: &str, side: Option<Side>, subject: &Subject) -> Option<&NormRow> {
        self.rows.iter().find(|row| {
            row.measurement == code
                && row.sex.is_none_or(|sex| subject.sex == Some(sex))
                && row.side.is_none_or(|of| side == Some(of))
                && row.from_months.is_none_or(|from| subject.age_months.is_some_and(|age| age >= from))
                && row.to_months.is_none_or(|to| subject.age_months.is_some_and(|age| age < to))
        })
    }

    /// How it reads `value`; `None` where it has no row for that patient.
    pub fn reading(
        &self,
        measurement: &'static str,
        side: Option<Side>,
        subject: &Subject,
        value: f64,
        interval: Option<(f64, f64)>,
    ) -> Option<Reading> {
        let row = self.row(measurement, side, subject)?;
        Some(Reading {
            measurement,
            side,
            table: self.id.clone(),
            version: self.version,
            limits: row.zones.words(),
            zones: row.zones.clone(),
            class: self.is_valid().then(|| row.zones.judge(value, interval)),
            coarse: self.coarse,
            signature: self.signature.clone(),
        })
    }
}

/// The tables inside this program. A test holds that each parses; one that did not would be missing here.
pub fn embedded() -> &'static [NormTable] {
    static TABLES: OnceLock<Vec<NormTable>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let parsed = EMBEDDED.iter().map(|(name, text)| NormTable::parse(text, Path::new(name)));
        parsed.filter_map(Result::ok).collect()
    })
}

/// `tables` with each of `own` in the place of the table of the same id, or added.
pub fn replaced(tables: &[NormTable], own: Vec<NormTable>) -> Vec<NormTable> {
    let mut all: Vec<NormTable> = tables.to_vec();
    for table in own {
        match all.iter_mut().find(|other| other.id == table.id) {
            Some(other) => *other = table,
            None => all.push(table),
        }
    }
    all
}
