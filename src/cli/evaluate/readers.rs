//! Who is judged: networks of landmarks, networks of masks, and folders of what others found.

use super::given;
use super::source::Film;
use crate::eval::evaluation::{Reader, Reading};
use crate::imaging::Radiograph;
use crate::job::Job;
use crate::models::nnunet::NnUnet;
use crate::models::{DeviceChoice, Predictor};
use anyhow::{Context, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A reader ready to read.
pub struct Given {
    name: String,
    identity: String,
    kind: Kind,
}

enum Kind {
    Points(Box<Predictor>),
    Masks(Box<NnUnet>),
    Folder(PathBuf),
}

/// The networks, then the folders; two of one name are numbered.
///
/// # Errors
/// A network that cannot be loaded, a folder that is none.
pub fn load(models: &[String], folders: &[String], device: DeviceChoice) -> anyhow::Result<Vec<Given>> {
    let mut given = Vec::new();
    for model in models {
        let path = Path::new(model);
        given.push(if path.join("plans.json").is_file() {
            let network = NnUnet::load(path, &[], device)?;
            let identity = format!("nnU-Net, {} fold(s), {}", network.folds(), path.display());
            Given { name: last(path), identity, kind: Kind::Masks(Box::new(network)) }
        } else {
            let predictor = Predictor::load(Some(model), device)?;
            let identity = predictor.identity();
            Given {
                name: format!("{} {}", identity.id, identity.version),
                identity: format!("weights sha256 {}", identity.sha256),
                kind: Kind::Points(Box::new(predictor)),
            }
        });
    }
    for words in folders {
        let (name, path) = match words.split_once('=') {
            Some((name, path)) => (name.to_owned(), Path::new(path)),
            None => (last(Path::new(words)), Path::new(words.as_str())),
        };
        ensure!(path.is_dir(), "{}: is no folder", path.display());
        let identity = "files of another program or reader".to_owned();
        given.push(Given { name, identity, kind: Kind::Folder(path.to_owned()) });
    }
    let mut names = BTreeSet::new();
    for given in &mut given {
        let (name, mut number) = (given.name.clone(), 1);
        while !names.insert(given.name.clone()) {
            number += 1;
            given.name = format!("{name} ({number})");
        }
    }
    Ok(given)
}

fn last(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

impl Given {
    /// The reader, before its first film.
    pub fn reader(&self) -> Reader {
        let offers = match &self.kind {
            Kind::Points(predictor) => predictor.ids().iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        Reader {
            name: self.name.clone(),
            identity: self.identity.clone(),
            offers,
            segments: matches!(self.kind, Kind::Masks(_)),
            readings: Vec::new(),
        }
    }

    /// What it says of a film, or in words why nothing.
    pub fn read(&self, film: &Film, radiograph: &Radiograph, job: &Job) -> Result<Reading, String> {
        match &self.kind {
            Kind::Points(predictor) => predictor
                .predict(radiograph, job)
                .map(|prediction| Reading { landmarks: prediction.landmarks, labels: None })
                .map_err(|error| error.to_string()),
            Kind::Masks(network) => network
                .segment(radiograph, job)
                .map(|(labels, _)| Reading { labels: Some(labels), ..Reading::default() })
                .map_err(|error| error.to_string()),
            Kind::Folder(folder) => given::read(folder, &film.name, film.truth_file(), radiograph),
        }
    }

    /// After the last film: a folder offers what any of its files has.
    pub fn finish(&self, reader: &mut Reader) {
        if let Kind::Folder(_) = self.kind {
            let readings = || reader.readings.iter().flatten();
            reader.offers = readings().flat_map(|reading| reading.landmarks.points.keys()).cloned().collect();
            reader.segments = readings().any(|reading| reading.labels.is_some());
        }
    }
}

/// Context of an error about a file.
pub fn named<T, E: Into<anyhow::Error>>(path: &Path, result: Result<T, E>) -> anyhow::Result<T> {
    result.map_err(Into::into).with_context(|| path.display().to_string())
}
