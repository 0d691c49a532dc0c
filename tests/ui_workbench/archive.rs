//! An archive that is made up: services over images in memory, with whatever a header may say.

use coxa::imaging::{
    Catalogue, DeidentifyOptions, ImageEntry, ObjectEntry, PatientEntry, Plane, Presentation, Radiograph,
    SeriesEntry, Slice, StudyEntry, TagLine, Volume,
};
use coxa::job::Job;
use coxa::measure::norms;
use coxa::study::Prediction;
use coxa::ui::{AnalysisError, Services, SiteNorms, Snapshot};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a copy without identity was asked for.
pub type Copies = Arc<Mutex<Vec<(PathBuf, DeidentifyOptions)>>>;

pub struct Archive {
    pub images: BTreeMap<(PathBuf, u32), (Radiograph, Presentation)>,
    patients: Vec<PatientEntry>,
    pub norms: Vec<norms::NormTable>,
    pub copies: Copies,
}

impl Archive {
    fn new(images: BTreeMap<(PathBuf, u32), (Radiograph, Presentation)>, series: SeriesEntry) -> Self {
        let study = StudyEntry {
            uid: "1.2".into(),
            date: "20260317".into(),
            description: "Hip".into(),
            series: vec![series],
        };
        let patient = PatientEntry { name: "Doe^Jane".into(), id: "P1".into(), studies: vec![study] };
        Self { images, patients: vec![patient], norms: norms::embedded().to_vec(), copies: Copies::default() }
    }

    /// One film, as a file `film.dcm`.
    pub fn film(film: Radiograph, presentation: Presentation) -> Self {
        let path = PathBuf::from("film.dcm");
        let series = SeriesEntry {
            uid: "1.2.1".into(),
            number: Some(1),
            modality: "DX".into(),
            description: "Pelvis".into(),
            images: vec![ImageEntry {
                path: path.clone(),
                sop_instance_uid: None,
                instance_number: Some(1),
                frames: 1,
            }],
            volumes: Vec::new(),
            objects: Vec::new(),
        };
        Self::new(BTreeMap::from([((path, 1), (film, presentation))]), series)
    }

    /// Coronal MR slices, each as bright as its number times a hundred, and a report beside them.
    pub fn coronal(count: usize) -> Self {
        let path = |index: usize| PathBuf::from(format!("mr{index}.dcm"));
        let mut images = BTreeMap::new();
        for index in 0..count {
            let mut film = flat(40, 60, 100 * (index as i32 + 1));
            film.identity.modality = "MR".into();
            images.insert((path(index), 1), (film, Presentation { frames: 1, ..Presentation::default() }));
        }
        let slice = |index: usize| Slice { path: path(index), frame: 1, position: 3.0 * index as f64 - 6.0 };
        let series = SeriesEntry {
            uid: "1.2.2".into(),
            number: Some(4),
            modality: "MR".into(),
            description: "COR PD".into(),
            images: (0..count)
                .map(|index| ImageEntry {
                    path: path(index),
                    sop_instance_uid: None,
                    instance_number: None,
                    frames: 1,
                })
                .collect(),
            volumes: vec![Volume {
                plane: Plane::Coronal,
                slices: (0..count).map(slice).collect(),
                step: Some(3.0),
            }],
            objects: vec![ObjectEntry { path: "sr.dcm".into(), kind: "a structured report".into() }],
        };
        Self::new(images, series)
    }

    pub fn shared(self) -> Arc<dyn Services> {
        Arc::new(self)
    }
}

/// One grey all over.
pub fn flat(rows: usize, columns: usize, value: i32) -> Radiograph {
    Radiograph::from_stored(rows, columns, vec![value; rows * columns], 12).expect("an image")
}

/// A grey film with a bright ball of `radius` pixels about `center`.
pub fn with_sphere(rows: usize, columns: usize, center: (f64, f64), radius: f64) -> Radiograph {
    let value = |index: usize| {
        let (x, y) = ((index % columns) as f64, (index / columns) as f64);
        let off = (x - center.0).hypot(y - center.1) - radius;
        (400.0 + 3000.0 * (0.5 - off).clamp(0.0, 1.0)) as i32
    };
    let stored = (0..rows * columns).map(value).collect();
    Radiograph::from_stored(rows, columns, stored, 12).expect("an image")
}

impl Services for Archive {
    fn catalogue(&self, _: &[PathBuf]) -> Catalogue {
        Catalogue { patients: self.patients.clone(), failures: Vec::new() }
    }

    fn open(&self, path: &Path, frame: u32) -> Result<(Radiograph, Presentation), String> {
        self.images.get(&(path.to_path_buf(), frame)).cloned().ok_or_else(|| "not there".to_owned())
    }

    fn demo(&self) -> Radiograph {
        flat(10, 10, 0)
    }

    fn analyse(&self, _: &Radiograph, _: &Job) -> Result<Prediction, AnalysisError> {
        Err(AnalysisError::Failed("no network in this archive".to_owned()))
    }

    fn report(&self, _: &Snapshot) -> Result<Vec<u8>, String> {
        Err("no report in this archive".to_owned())
    }

    fn deidentify(
        &self,
        _: &Path,
        output: &Path,
        options: &DeidentifyOptions,
    ) -> Result<Vec<String>, String> {
        self.copies.lock().expect("no other test").push((output.to_path_buf(), options.clone()));
        Ok(Vec::new())
    }

    fn tags(&self, _: &Path) -> Result<Vec<TagLine>, String> {
        Err("no tags in this archive".to_owned())
    }

    fn norms(&self) -> SiteNorms {
        SiteNorms {
            tables: self.norms.clone(),
            faults: vec!["old.toml: was changed after it was signed".into()],
        }
    }

    fn device(&self) -> String {
        "test".to_owned()
    }
}
