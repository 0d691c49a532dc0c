//! The replay bundle: a `.zip` from which every number of a report can be made again offline, and which tells whether
//! it still is what it was.
//!
//! | file | what it holds |
//! |---|---|
//! | `bundle.json` | program, networks, SHA-256 of the film's pixels and of every other file |
//! | `record.json` | points, curves, masks, settings, size and spacing of the film |
//! | `definitions.json` | norm tables and curves that the numbers were judged by |
//! | `measurement.json` | the numbers |
//! | `film.png` | the picture, where it was asked for |
//!
//! It names neither the patient nor the reader: identity, UIDs, comments, labels and names of reviewers stay out.

use super::record::Record;
use super::{ExportError, Handover, json};
use crate::datasets::image::{pixel_hash, png};
use crate::imaging::Radiograph;
use crate::measure::norms::NormTable;
use crate::measure::scheme::Segment;
use crate::measure::{ModelIdentity, Protocol};
use crate::study::Review;
use image::{DynamicImage, ImageFormat};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipArchive, ZipWriter};

/// Name and version of the format.
const SCHEMA: &str = "coxa/bundle/1";
/// No file of a bundle is larger.
const MAX_BYTES: u64 = 1 << 30;

const MANIFEST: &str = "bundle.json";
const RECORD: &str = "record.json";
const DEFINITIONS: &str = "definitions.json";
const NUMBERS: &str = "measurement.json";
const FILM: &str = "film.png";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: String,
    software: String,
    /// `None` where the report was opened without its film.
    pixel_sha256: Option<String>,
    model: Option<ModelIdentity>,
    mask_model: Option<ModelIdentity>,
    /// SHA-256 of every other file.
    files: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definitions {
    norms: Vec<NormTable>,
    segments: Vec<Segment>,
}

/// Why a bundle was not replayed at all.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: no bundle: {reason}", path.display())]
    Content { path: PathBuf, reason: String },
}

/// What making the numbers again showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The program that wrote the bundle.
    pub software: String,
    pub measurements: usize,
    pub findings: usize,
    /// A line each, naming the item; empty where everything is as it was.
    pub differences: Vec<String>,
    /// Whether the pixels were there to be compared with their hash.
    pub pixels_compared: bool,
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bundle of `handover` as bytes, with the film's picture where `film` says so. The picture has what is burned into
/// it: whoever asks for it has looked.
///
/// # Errors
/// Numbers that are none, a report without a film's size, the picture wanted and not there.
pub fn pack(handover: &Handover, film: bool) -> Result<Vec<u8>, ExportError> {
    let refused = ExportError::Bundle;
    let json_of = |value: Result<Vec<u8>, serde_json::Error>| value.map_err(|e| refused(e.to_string()));
    let record = anonymous(Record::of(handover)?);
    let definitions = Definitions {
        norms: handover.protocol.norms.to_vec(),
        segments: handover.protocol.segments.to_vec(),
    };
    let numbers = unnamed(json::to_value(handover.report));
    let mut differences = Vec::new();
    compare("", &numbers, &again(&record, handover.protocol), &mut differences);
    if !differences.is_empty() {
        return Err(refused(format!("the numbers do not come out again: {}", differences.join("; "))));
    }
    let mut files = vec![
        (RECORD, record.to_json().map_err(refused)?.into_bytes()),
        (DEFINITIONS, json_of(serde_json::to_vec(&definitions))?),
        (NUMBERS, format!("{numbers:#}\n").into_bytes()),
    ];
    if film {
        files.push((FILM, png(handover.film()?).map_err(refused)?));
    }
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        software: handover.report.software.clone(),
        pixel_sha256: handover.film.map(|film| hex(pixel_hash(film))),
        model: handover.report.model.clone(),
        mask_model: handover.mask_model().map(|(model, _)| model.clone()),
        files: files.iter().map(|(name, bytes)| ((*name).to_owned(), hex(Sha256::digest(bytes)))).collect(),
    };
    files.insert(0, (MANIFEST, json_of(serde_json::to_vec_pretty(&manifest))?));
    zipped(&files).map_err(|error| refused(error.to_string()))
}

/// Without times of its own: the same study gives the same bytes.
fn zipped(files: &[(&str, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (name, bytes) in files {
        zip.start_file(*name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The record without what a person wrote and who it was.
fn anonymous(mut record: Record) -> Record {
    record.review = Review::default();
    let annotations = &mut record.annotations;
    annotations.comment.clear();
    annotations.free.values_mut().for_each(|free| free.label.clear());
    annotations.notes.values_mut().for_each(|note| note.touched = None);
    record
}

/// The measurement JSON made of `record`.
fn again(record: &Record, protocol: &Protocol) -> Value {
    let Record { film, annotations, warnings, .. } = record;
    let protocol = film.protocol(annotations, protocol);
    unnamed(json::to_value(&film.report(Path::new(""), annotations, warnings, &protocol)))
}

/// A measurement JSON without where the film is and what it is called, and without the program, which may be another.
fn unnamed(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.remove("software");
    }
    for name in ["path", "sop_instance_uid", "study_instance_uid"] {
        value["source"][name] = Value::Null;
    }
    value
}

/// Makes every number of the bundle at `path` again and compares; `film` is the film it claims to be about.
///
/// # Errors
/// A file that is no bundle. One that was changed, or whose numbers come out otherwise, has [`Replay::differences`].
pub fn replay(path: &Path, film: Option<&Radiograph>) -> Result<Replay, BundleError> {
    let bytes = std::fs::read(path).map_err(|source| BundleError::Read { path: path.to_owned(), source })?;
    replay_bytes(path, &bytes, film)
}

/// [`replay`] of the bytes of a bundle; `path` only names it.
pub(super) fn replay_bytes(
    path: &Path,
    bytes: &[u8],
    film: Option<&Radiograph>,
) -> Result<Replay, BundleError> {
    let content = |reason: String| BundleError::Content { path: path.to_owned(), reason };
    let mut files = unzipped(bytes).map_err(content)?;
    let mut file = |name: &str| files.remove(name).ok_or_else(|| content(format!("{name} is not in it")));
    let manifest: Manifest = parsed(MANIFEST, &file(MANIFEST)?).map_err(content)?;
    if manifest.schema != SCHEMA {
        return Err(content(format!("it is {:?}, not {SCHEMA}", manifest.schema)));
    }
    let mut differences = Vec::new();
    let mut read = BTreeMap::new();
    for (name, digest) in &manifest.files {
        let bytes = file(name)?;
        if hex(Sha256::digest(&bytes)) != *digest {
            differences.push(format!("{name}: was changed since the bundle was made"));
        }
        read.insert(name.as_str(), bytes);
    }
    let part = |name: &str| read.get(name).ok_or_else(|| content(format!("{name} is not listed")));
    let text = std::str::from_utf8(part(RECORD)?).map_err(|e| content(format!("{RECORD}: {e}")))?;
    let record = Record::from_json(text).map_err(|reason| content(format!("{RECORD}: {reason}")))?;
    let Definitions { norms, segments } = parsed(DEFINITIONS, part(DEFINITIONS)?).map_err(content)?;
    let protocol =
        Protocol { norms: Cow::Owned(norms), segments: Cow::Owned(segments), ..Protocol::default() };
    let kept: Value = parsed(NUMBERS, part(NUMBERS)?).map_err(content)?;
    let made = again(&record, &protocol);
    compare("", &kept, &made, &mut differences);
    let pictured = match read.get(FILM) {
        Some(png) => {
            let picture = picture(png).map_err(|error| content(format!("{FILM}: {error}")))?;
            Some((FILM, hex(pixel_hash(&picture))))
        }
        None => None,
    };
    let given = film.map(|film| ("the film", hex(pixel_hash(film))));
    let compared: Vec<_> = pictured.into_iter().chain(given).collect();
    for (what, hash) in &compared {
        if manifest.pixel_sha256.as_ref() != Some(hash) {
            differences.push(format!("{what}: its pixels are not those that were measured"));
        }
    }
    let count = |of: &str| made[of].as_array().map_or(0, Vec::len);
    Ok(Replay {
        software: manifest.software,
        measurements: count("measurements"),
        findings: count("findings"),
        differences,
        pixels_compared: !compared.is_empty(),
    })
}

fn parsed<T: for<'de> Deserialize<'de>>(name: &str, bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{name}: {error}"))
}

fn unzipped(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = file.name().map_err(|error| error.to_string())?.into_owned();
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("{name} is larger than any bundle's"));
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

/// What [`png`] wrote.
fn picture(png: &[u8]) -> Result<Radiograph, String> {
    let picture = image::load_from_memory_with_format(png, ImageFormat::Png).map_err(|e| e.to_string())?;
    let (rows, columns) = (picture.height() as usize, picture.width() as usize);
    let (stored, bits): (Vec<i32>, u16) = match picture {
        DynamicImage::ImageLuma8(grey) => (grey.into_raw().into_iter().map(i32::from).collect(), 8),
        DynamicImage::ImageLuma16(grey) => (grey.into_raw().into_iter().map(i32::from).collect(), 16),
        _ => return Err("it has colours".to_owned()),
    };
    Radiograph::from_stored(rows, columns, stored, bits).map_err(|error| error.to_string())
}

/// Appends where `kept` and `made` are not the same to the last bit.
fn compare(at: &str, kept: &Value, made: &Value, differences: &mut Vec<String>) {
    match (kept, made) {
        (Value::Object(a), Value::Object(b)) => {
            let more = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(more) {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                compare(&at, &kept[key], &made[key], differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (kept, made)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}{}", label(index, kept)), kept, made, differences);
            }
        }
        _ if kept != made => differences.push(format!("{at}: {kept} in the bundle, {made} now")),
        _ => {}
    }
}

/// `[AI R]` for what has a code and a side, else the index.
fn label(index: usize, value: &Value) -> String {
    match (value["code"].as_str(), value["side"].as_str()) {
        (Some(code), Some(side)) => format!("[{code} {side}]"),
        (Some(code), None) => format!("[{code}]"),
        _ => format!("[{index}]"),
    }
}
