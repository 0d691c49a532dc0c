//! What a person brought: files, folders, archives and discs as patients, studies and series.

use super::dicom::{self, Kind, Summary};
use super::error::OpenError;
use super::volume::{Placed, Plane, Volume, stacks};
use super::{find, raster, source};
use crate::job::{Cancelled, Job};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The header of a film ends before this.
const HEADER: u64 = 64 * 1024;

/// Patients in the order of their names, and what could not be read.
#[derive(Debug, Default)]
pub struct Catalogue {
    pub patients: Vec<PatientEntry>,
    pub failures: Vec<OpenError>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PatientEntry {
    pub name: String,
    pub id: String,
    /// The newest last.
    pub studies: Vec<StudyEntry>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StudyEntry {
    pub uid: String,
    /// `YYYYMMDD`, or empty.
    pub date: String,
    pub description: String,
    pub series: Vec<SeriesEntry>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SeriesEntry {
    pub uid: String,
    pub number: Option<i64>,
    pub modality: String,
    pub description: String,
    /// By instance number, then path.
    pub images: Vec<ImageEntry>,
    /// Stacks to scroll through; a series of films has none.
    pub volumes: Vec<Volume>,
    /// Reports, segmentations, presentation states, documents.
    pub objects: Vec<ObjectEntry>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ImageEntry {
    pub path: PathBuf,
    /// `None` for a picture that is no DICOM.
    pub sop_instance_uid: Option<String>,
    pub instance_number: Option<i64>,
    pub frames: u32,
}

/// A sound DICOM object that is no image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    pub path: PathBuf,
    /// In words: "a structured report".
    pub kind: String,
}

/// Reads the headers of everything in `paths`, on all cores: folders recursed, ZIP archives entered, a DICOMDIR followed.
///
/// # Errors
/// Only when `job` is cancelled; files that cannot be read are among the [`failures`](Catalogue::failures).
pub fn catalogue(paths: &[PathBuf], job: &Job) -> Result<Catalogue, Cancelled> {
    let mut catalogue = Catalogue::default();
    let mut entries = Vec::new();
    let files = find::files(paths, &mut catalogue.failures);
    let read = AtomicUsize::new(0);
    // In the order of the files, however they are shared out.
    let found: Vec<_> = files
        .par_iter()
        .map(|path| {
            job.check()?;
            let read = read.fetch_add(1, Ordering::Relaxed);
            job.report("reading headers", read as f32 / files.len() as f32);
            Ok(entry(path))
        })
        .collect::<Result<_, Cancelled>>()?;
    for (path, found) in files.into_iter().zip(found) {
        match found {
            Ok(Some(entry)) => entries.push((path, entry)),
            // A damaged film must not go missing in silence, nor a file that a person named.
            Ok(None) if paths.contains(&path) || find::claims_to_be_an_image(&path) => {
                catalogue.failures.push(OpenError::UnknownFormat { path });
            }
            Ok(None) => {}
            Err(error) => catalogue.failures.push(error),
        }
    }
    if entries.is_empty() && catalogue.failures.is_empty() {
        catalogue.failures.extend(paths.iter().map(|path| OpenError::EmptyFolder { path: path.clone() }));
    }
    entries.sort_by(|(a_path, a), (b_path, b)| {
        (
            &a.patient_name,
            &a.patient_id,
            &a.study_date,
            &a.study_uid,
            a.series_number,
            &a.series_uid,
            a.instance_number,
            a_path,
        )
            .cmp(&(
                &b.patient_name,
                &b.patient_id,
                &b.study_date,
                &b.study_uid,
                b.series_number,
                &b.series_uid,
                b.instance_number,
                b_path,
            ))
    });
    // Sorted, so that the slices of a series follow one another.
    let mut slices: Vec<Placed> = Vec::new();
    for (index, (path, summary)) in entries.iter().enumerate() {
        slices.extend(placed(path, summary));
        let series = catalogue.add(path.clone(), summary);
        let next =
            entries.get(index + 1).map(|(_, next)| (&next.patient_id, &next.study_uid, &next.series_uid));
        if next != Some((&summary.patient_id, &summary.study_uid, &summary.series_uid)) {
            series.volumes.extend(stacks(std::mem::take(&mut slices)));
        }
    }
    Ok(catalogue)
}

/// `None` where the file is neither DICOM nor a picture.
fn entry(path: &Path) -> Result<Option<Summary>, OpenError> {
    let failed = |cause| OpenError::Io { path: path.to_owned(), cause };
    let beginning = source::first(path, HEADER).map_err(failed)?;
    if let Some(Ok(summary)) = dicom::summary(&beginning)
        && summary.is_whole
    {
        return Ok(Some(summary));
    }
    // A picture, a damaged file, an object without pixels, or a header of many frames.
    let bytes =
        if (beginning.len() as u64) < HEADER { beginning } else { source::read(path).map_err(failed)? };
    match dicom::summary(&bytes) {
        Some(Ok(summary)) => Ok(Some(summary)),
        Some(Err(reason)) => Err(OpenError::Undecodable { path: path.to_owned(), reason }),
        None => Ok(raster::format(&bytes).map(|_| Summary::of_picture())),
    }
}

impl Catalogue {
    fn add(&mut self, path: PathBuf, summary: &Summary) -> &mut SeriesEntry {
        let patient = or_new(
            &mut self.patients,
            |p| (&p.id, &p.name) == (&summary.patient_id, &summary.patient_name),
            || PatientEntry {
                name: summary.patient_name.clone(),
                id: summary.patient_id.clone(),
                studies: Vec::new(),
            },
        );
        let study = or_new(
            &mut patient.studies,
            |s| s.uid == summary.study_uid,
            || StudyEntry {
                uid: summary.study_uid.clone(),
                date: summary.study_date.clone(),
                description: summary.study_description.clone(),
                series: Vec::new(),
            },
        );
        let series = or_new(
            &mut study.series,
            |s| s.uid == summary.series_uid,
            || SeriesEntry {
                uid: summary.series_uid.clone(),
                number: summary.series_number,
                modality: summary.modality.clone(),
                description: summary.series_description.clone(),
                images: Vec::new(),
                volumes: Vec::new(),
                objects: Vec::new(),
            },
        );
        match &summary.kind {
            Kind::Other(kind) => series.objects.push(ObjectEntry { path, kind: kind.clone() }),
            Kind::Image => {
                let frames = summary.placements.len().max(1) as u32;
                series.images.push(ImageEntry {
                    path,
                    sop_instance_uid: summary.sop_instance_uid.clone(),
                    instance_number: summary.instance_number,
                    frames,
                });
            }
        }
        series
    }

    /// Every series.
    pub fn series(&self) -> impl Iterator<Item = &SeriesEntry> {
        self.patients.iter().flat_map(|p| &p.studies).flat_map(|s| &s.series)
    }

    /// The middle slice of the largest coronal MR stack, for the model that reads one coronal slice.
    pub fn middle_coronal(&self) -> Option<(&Path, u32)> {
        let series = self.series().filter(|s| s.modality == "MR");
        let coronal = series.flat_map(|s| &s.volumes).filter(|v| v.plane == Plane::Coronal);
        let volume = coronal.max_by_key(|v| v.slices.len())?;
        let slice = volume.slices.get(volume.middle())?;
        Some((&slice.path, slice.frame))
    }
}

/// The frames of a file that say where they lie.
fn placed<'a>(path: &'a Path, summary: &'a Summary) -> impl Iterator<Item = Placed> + 'a {
    let (rows, columns) = (summary.rows, summary.columns);
    summary.placements.iter().zip(1..).filter_map(move |(placement, frame)| {
        Some(Placed { path: path.to_owned(), frame, rows, columns, placement: (*placement)? })
    })
}

/// The last entry where it is the one wanted (entries come sorted), any that is, or a new one.
fn or_new<T>(entries: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let index = entries.iter().rposition(is_it).unwrap_or_else(|| {
        entries.push(new());
        entries.len() - 1
    });
    &mut entries[index]
}
