//! Landmark schemes: which points a source marks, what each is, what others call them. They are data
//! (`assets/schemes/*.toml`), so that a scheme is added by a file and not by code.

use super::landmark::{LandmarkCode, LandmarkId, Side};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The schemes inside this program, by file.
const EMBEDDED: [(&str, &str); 5] = [
    ("ddh.toml", include_str!("../../assets/schemes/ddh.toml")),
    ("fai4.toml", include_str!("../../assets/schemes/fai4.toml")),
    ("pelvis.toml", include_str!("../../assets/schemes/pelvis.toml")),
    ("femur58.toml", include_str!("../../assets/schemes/femur58.toml")),
    ("extended.toml", include_str!("../../assets/schemes/extended.toml")),
];

/// A set of landmarks.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheme {
    pub id: String,
    pub version: u32,
    pub title: String,
    /// Where it comes from.
    pub source: String,
    /// In the scheme's own order.
    pub landmarks: Vec<SchemeLandmark>,
    pub segments: Vec<Segment>,
    /// Per map (`fr-ddh`, `retuve`) what others call a landmark.
    names: BTreeMap<String, BTreeMap<String, LandmarkId>>,
    /// Per order (`s5`) whose position comes when, where positions come without names.
    orders: BTreeMap<String, Vec<LandmarkId>>,
}

/// One landmark of a scheme.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemeLandmark {
    pub code: LandmarkCode,
    /// One of each side; else one of the midline.
    pub paired: bool,
    /// A curve of points rather than a point.
    pub polyline: bool,
    pub definition: String,
    /// Its code in SNOMED CT or DICOM, or (`site …`) that of the bone it lies on.
    pub standard: String,
}

/// A curve made of numbered points, in the order of drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub code: LandmarkCode,
    pub points: Vec<LandmarkCode>,
}

/// Why a scheme file was refused; each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum SchemeError {
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: not a landmark scheme: {source}", path.display())]
    Syntax { path: PathBuf, source: toml::de::Error },
    #[error("{}: {reason}", path.display())]
    Content { path: PathBuf, reason: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: String,
    version: u32,
    title: String,
    source: String,
    landmark: Vec<Entry>,
    #[serde(default)]
    segments: BTreeMap<String, String>,
    #[serde(default)]
    names: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    orders: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    #[serde(default)]
    midline: bool,
    #[serde(default)]
    polyline: bool,
    definition: String,
    #[serde(default)]
    standard: String,
}

impl Scheme {
    /// Reads and checks a scheme file.
    pub fn read(path: &Path) -> Result<Scheme, SchemeError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SchemeError::Read { path: path.to_owned(), source })?;
        Scheme::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Scheme, SchemeError> {
        let document: Document =
            toml::from_str(text).map_err(|source| SchemeError::Syntax { path: path.to_owned(), source })?;
        document.check().map_err(|reason| SchemeError::Content { path: path.to_owned(), reason })
    }

    /// Names of the maps and of the orders it knows.
    pub fn maps(&self) -> impl Iterator<Item = &str> {
        self.names.keys().chain(self.orders.keys()).map(String::as_str)
    }

    /// What the map `map` calls `name`.
    pub fn renamed(&self, map: &str, name: &str) -> Option<&LandmarkId> {
        self.names.get(map)?.get(name)
    }

    /// Whose positions come one after the other in `order`.
    pub fn order(&self, order: &str) -> Option<&[LandmarkId]> {
        self.orders.get(order).map(Vec::as_slice)
    }

    fn knows(&self, id: &LandmarkId) -> bool {
        self.landmarks.iter().any(|l| l.code == id.code && l.paired == id.side.is_some())
    }
}

impl Document {
    fn check(self) -> Result<Scheme, String> {
        let mut landmarks = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in &self.landmark {
            for code in range(&entry.code)? {
                if !seen.insert(code.clone()) {
                    return Err(format!("landmark {code} is listed twice"));
                }
                landmarks.push(SchemeLandmark {
                    code,
                    paired: !entry.midline,
                    polyline: entry.polyline,
                    definition: entry.definition.clone(),
                    standard: entry.standard.clone(),
                });
            }
        }
        let mut scheme = Scheme {
            id: self.id,
            version: self.version,
            title: self.title,
            source: self.source,
            landmarks,
            segments: Vec::new(),
            names: BTreeMap::new(),
            orders: BTreeMap::new(),
        };
        for (code, points) in self.segments {
            let points = range(&points)?;
            if let Some(unknown) = points.iter().find(|code| !seen.contains(code)) {
                return Err(format!("segment {code}: {unknown} is not of the scheme"));
            }
            scheme.segments.push(Segment { code: LandmarkCode::new(code), points });
        }
        let known = |id: &str| {
            let id: LandmarkId = id.parse()?;
            if scheme.knows(&id) { Ok(id) } else { Err(format!("{id} is not of the scheme")) }
        };
        let mut names = BTreeMap::new();
        for (map, entries) in self.names {
            let entries: Result<BTreeMap<String, LandmarkId>, String> =
                entries.into_iter().map(|(name, id)| Ok((name, known(&id)?))).collect();
            names.insert(map.clone(), entries.map_err(|reason| format!("names {map}: {reason}"))?);
        }
        let mut orders = BTreeMap::new();
        for (order, ids) in self.orders {
            let ids: Result<Vec<LandmarkId>, String> = ids.iter().map(|id| known(id)).collect();
            orders.insert(order.clone(), ids.map_err(|reason| format!("order {order}: {reason}"))?);
        }
        (scheme.names, scheme.orders) = (names, orders);
        Ok(scheme)
    }
}

/// `TD` or, numbered up or down with as many digits, `F24..F42`.
pub(super) fn range(words: &str) -> Result<Vec<LandmarkCode>, String> {
    let wrong = || format!("{words:?} is neither a code nor a range such as F01..F58");
    let split = |word: &str| {
        let at = word.find(|c: char| c.is_ascii_digit())?;
        let (prefix, digits) = word.split_at(at);
        Some((prefix.to_owned(), digits.len(), digits.parse::<u32>().ok()?))
    };
    let Some((first, last)) = words.split_once("..") else {
        let code = words.trim();
        return if code.is_empty() { Err(wrong()) } else { Ok(vec![LandmarkCode::new(code)]) };
    };
    let ((prefix, digits, from), (other, _, to)) =
        split(first.trim()).zip(split(last.trim())).ok_or_else(wrong)?;
    if prefix != other || from.abs_diff(to) > 1000 {
        return Err(wrong());
    }
    let numbers: Vec<u32> = if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() };
    Ok(numbers.into_iter().map(|n| LandmarkCode::new(format!("{prefix}{n:0digits$}"))).collect())
}

/// `FH-R` or, of the midline, `SCJ`.
impl std::str::FromStr for LandmarkId {
    type Err = String;

    fn from_str(name: &str) -> Result<LandmarkId, String> {
        let code = |name: &str| match name.trim() {
            "" => Err("a landmark has an empty code".to_owned()),
            name => Ok(LandmarkCode::new(name)),
        };
        match name.rsplit_once('-') {
            Some((name, "R")) => Ok(LandmarkId::new(code(name)?, Side::Right)),
            Some((name, "L")) => Ok(LandmarkId::new(code(name)?, Side::Left)),
            Some((_, other)) => {
                Err(format!("side {other:?} is neither \"R\" nor \"L\" (the patient's right and left)"))
            }
            None => Ok(LandmarkId::midline(code(name)?)),
        }
    }
}

/// The schemes inside this program. A test holds that each parses; one that did not would be missing here.
pub fn embedded() -> &'static [Scheme] {
    static SCHEMES: OnceLock<Vec<Scheme>> = OnceLock::new();
    SCHEMES.get_or_init(|| {
        let parsed = EMBEDDED.iter().map(|(name, text)| Scheme::parse(text, Path::new(name)));
        parsed.filter_map(Result::ok).collect()
    })
}

/// Curves that the embedded schemes make of numbered points.
pub fn segments() -> &'static [Segment] {
    static SEGMENTS: OnceLock<Vec<Segment>> = OnceLock::new();
    SEGMENTS.get_or_init(|| embedded().iter().flat_map(|scheme| scheme.segments.clone()).collect())
}

/// What the embedded schemes say of a landmark, up to the first full stop.
pub fn description(code: &str) -> Option<&'static str> {
    let landmark =
        embedded().iter().flat_map(|scheme| &scheme.landmarks).find(|l| l.code.as_str() == code)?;
    landmark.definition.split(['.', ';']).next()
}
