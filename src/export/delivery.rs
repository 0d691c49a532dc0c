//! One study as many targets into one folder, for the record of its patient or without identity.
//!
//! Without identity, objects refer to a copy of the film that lies beside them, and every file is made of that copy: what
//! was removed once cannot come back by another way. A data set may hold further films, each treated so.

use super::check::{Checked, SendCheck};
use super::circumstances::{Prior, Site};
use super::dicom::{ReferencedImage, Stamp};
use super::target::{self, Options, Target};
use super::{ExportError, Handover, Report, write_atomic};
use crate::datasets::Format;
use crate::imaging::{self, DeidentifyOptions, DicomObject, OpenError, Radiograph, Rectangle};
use crate::job::{Cancelled, Job};
use crate::study::Study;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What files are called that carry no identity.
pub const UNNAMED: &str = "film";

/// What a data set of many films is called: after none of them.
const SET: &str = "films";

/// What is wished for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Order {
    pub targets: Vec<Target>,
    /// Made where it is missing.
    pub folder: PathBuf,
    /// Of the files, without their endings.
    pub name: String,
    /// For the record of the patient without.
    pub deidentify: Option<DeidentifyOptions>,
    pub options: Options,
}

/// A film with what a person left on it, as one of a data set.
#[derive(Debug, Clone)]
pub struct Labelled {
    pub study: Study,
    pub film: Arc<Radiograph>,
    /// Parts of the pixels that nobody else shall see.
    pub black: Vec<Rectangle>,
}

/// What is handed over beside the study itself.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub site: &'a Site,
    pub priors: &'a [Prior],
    /// The films of a data set, where it is to hold more than this one.
    pub set: &'a [Labelled],
}

/// One file or folder that was asked for.
#[derive(Debug)]
pub struct Delivered {
    /// `None` for the copy of the film.
    pub target: Option<Target>,
    pub path: PathBuf,
    /// What was looked at before it left.
    pub outcome: Result<SendCheck, ExportError>,
}

/// Makes everything in `order` of `study`, whose film is `film`, and tells of each as it is done. One that cannot be made
/// does not keep the others from it; without the copy of the film there is nothing else.
///
/// # Errors
/// Where `job` is cancelled; what was told of by then stays.
pub fn deliver(
    study: &Study,
    film: &Radiograph,
    around: Around,
    order: &Order,
    job: &Job,
    told: &mut dyn FnMut(Delivered),
) -> Result<(), Cancelled> {
    let count = order.targets.len() as f32;
    job.report("reading the film", 0.0);
    let made = std::fs::create_dir_all(&order.folder)
        .map_err(|cause| ExportError::Write { path: order.folder.clone(), cause })
        .and_then(|()| Parcel::new(study, film, around, order, told));
    let parcel = match made {
        Ok(parcel) => parcel,
        Err(error) => {
            told(Delivered { target: None, path: order.folder.clone(), outcome: Err(error) });
            return Ok(());
        }
    };
    let handover =
        Handover::of_study(&parcel.study, &parcel.film, &parcel.report, parcel.image.as_ref(), &parcel.stamp);
    for (index, target) in order.targets.iter().enumerate() {
        job.check()?;
        job.report(target.name(), index as f32 / count);
        let (path, outcome) = match target {
            Target::DataSet(format) if !around.set.is_empty() => {
                let path = target.path(&order.folder, SET);
                let outcome = data_set(*format, around.set, order, &path, job);
                (path, outcome)
            }
            _ => {
                let path = target.path(&order.folder, &order.name);
                let outcome = target::write(*target, &handover, &path, &order.options);
                (path, outcome)
            }
        };
        told(Delivered { target: Some(*target), path, outcome });
    }
    job.report("", 1.0);
    Ok(())
}

/// What all targets are made of.
struct Parcel<'a> {
    study: Cow<'a, Study>,
    film: Cow<'a, Radiograph>,
    report: Report,
    /// A picture cannot be referred to: what needs that says so.
    image: Option<ReferencedImage>,
    stamp: Stamp,
}

impl<'a> Parcel<'a> {
    fn new(
        study: &'a Study,
        film: &'a Radiograph,
        around: Around,
        order: &Order,
        told: &mut dyn FnMut(Delivered),
    ) -> Result<Parcel<'a>, ExportError> {
        let Some(options) = &order.deidentify else {
            let mut report = Report::of_study(study, film);
            report.circumstances.site.clone_from(around.site);
            report.circumstances.priors = around.priors.to_vec();
            let image = ReferencedImage::read(&study.source().path, study.source().frame).ok();
            let reader = study.review().signed.as_ref().map_or(study.user(), |signed| &signed.by);
            let reader = (!reader.is_empty()).then(|| reader.to_owned());
            let stamp = Stamp { reader, ..Stamp::now() };
            return Ok(Parcel {
                study: Cow::Borrowed(study),
                film: Cow::Borrowed(film),
                report,
                image,
                stamp,
            });
        };
        let keep = options.keep_characteristics;
        let needs_copy = order.targets.iter().any(|target| matches!(target, Target::Dicom(_)));
        let copied = copy(study, options, needs_copy.then_some(order), told)?;
        let (copy, image) = match copied {
            Some((copy, image)) => (copy, Some(image)),
            None => (unnamed(film, keep), None),
        };
        let name = PathBuf::from(format!("{}.dcm", order.name));
        let anonymous = study.without_identity(&name, &copy, keep);
        let mut report = Report::of_study(&anonymous, &copy);
        if study.review().signed.is_some() {
            let words = "Signed off by its reader; the signature stays with the original.".to_owned();
            report.warnings.push(words);
        }
        Ok(Parcel {
            study: Cow::Owned(anonymous),
            film: Cow::Owned(copy),
            report,
            image,
            stamp: Stamp::now(),
        })
    }
}

/// All films in one folder: without identity whatever else is done, as a data set has no place for one. What ties the films
/// of a patient together is a pseudonym that no other data set has.
fn data_set(
    format: Format,
    films: &[Labelled],
    order: &Order,
    path: &Path,
    job: &Job,
) -> Result<SendCheck, ExportError> {
    let keep_characteristics = order.deidentify.as_ref().is_none_or(|options| options.keep_characteristics);
    let mut cases = Vec::new();
    for (index, Labelled { study, film, black }) in films.iter().enumerate() {
        job.check().map_err(|cancelled| ExportError::Case(cancelled.to_string()))?;
        let key = order.deidentify.as_ref().map(|options| options.key.clone()).unwrap_or_default();
        let options =
            DeidentifyOptions { key, keep_characteristics, black: black.clone(), ..Default::default() };
        let film = match copy(study, &options, None, &mut |_| {})? {
            Some((film, _)) => film,
            None => unnamed(film, keep_characteristics),
        };
        let name = format!("{UNNAMED}-{}", index + 1);
        let anonymous = study.without_identity(Path::new(&name), &film, keep_characteristics);
        let report = Report::of_study(&anonymous, &film);
        let stamp = Stamp::now();
        let mut case = target::case(&Handover::of_study(&anonymous, &film, &report, None, &stamp), &name)?;
        let patient = study.source().identity.patient_id.trim();
        case.about.patient = (!patient.is_empty()).then(|| patient.to_owned());
        cases.push(case);
    }
    target::write_set(format, &cases, path, &order.options)
}

/// The film of `study` without identity, also written to the folder of `order` where there is one; `None` for a film that
/// is no DICOM.
fn copy(
    study: &Study,
    options: &DeidentifyOptions,
    order: Option<&Order>,
    told: &mut dyn FnMut(Delivered),
) -> Result<Option<(Radiograph, ReferencedImage)>, ExportError> {
    let source = study.source();
    let refused = |error: OpenError| ExportError::Image(error.to_string());
    let (bytes, done) = match imaging::deidentified(&source.path, options) {
        Ok(made) => made,
        Err(OpenError::UnknownFormat { .. }) => return Ok(None),
        // The demo is no file.
        Err(OpenError::Io { .. }) if source.identity.sop_instance_uid.is_none() => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    let (film, _) = imaging::read_presented(&source.path, &bytes, source.frame).map_err(refused)?;
    let header = DicomObject::from_bytes(&bytes).map_err(ExportError::Dicom)?;
    let image = ReferencedImage::of_film(&header.dataset, source.frame).map_err(ExportError::Dicom)?;
    if let Some(order) = order {
        let path = order.folder.join(format!("{}.dcm", order.name));
        let outcome = write_copy(&path, &bytes, order.options.overwrite).map(|()| SendCheck {
            name: "Film without identity",
            checks: vec![Checked::new("no identifier of the original is left", Ok(()))],
            receiver: done.warnings,
        });
        let failed = outcome.is_err();
        told(Delivered { target: None, path: path.clone(), outcome });
        if failed {
            return Err(ExportError::Dicom("objects would refer to a film that is not there".to_owned()));
        }
    }
    Ok(Some((film, image)))
}

fn write_copy(path: &Path, bytes: &[u8], overwrite: bool) -> Result<(), ExportError> {
    if path.exists() && !(overwrite && path.is_file()) {
        return Err(ExportError::Taken(path.to_owned()));
    }
    write_atomic(path, bytes)
}

/// A picture says nothing of its patient but what its file's name says.
fn unnamed(film: &Radiograph, keep_characteristics: bool) -> Radiograph {
    let mut film = film.clone();
    let known = std::mem::take(&mut film.identity);
    film.identity.modality = known.modality;
    film.identity.view_position = known.view_position;
    film.identity.encoding = known.encoding;
    if keep_characteristics {
        (film.identity.patient_age, film.identity.patient_sex) = (known.patient_age, known.patient_sex);
    }
    film
}
