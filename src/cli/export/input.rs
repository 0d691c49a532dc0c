//! What `coxa export` starts from: a film with points of a network or a file, or a report that is opened again.

use super::Args;
use crate::cli::measure::{self, Points, outside, protocol};
use crate::cli::terminal::Bar;
use crate::export::dicom::sr::{self, Reopened};
use crate::export::dicom::{ReferencedImage, seg};
use crate::export::{Circumstances, Correction, Prior, Report};
use crate::imaging::{self, DicomObject, OpenError, Radiograph};
use crate::measure::landmark_file;
use crate::measure::{LabelMap, ModelIdentity, Protocol, Spacing, Structure, assess_by};
use crate::models::Pipeline;
use crate::models::nnunet::NnUnet;
use crate::study::mask::Mask;
use crate::study::{Annotations, MaskPrediction, Prediction, Review, Settings};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Everything that is handed over, owned.
pub(super) struct Input {
    pub report: Report,
    pub annotations: Annotations,
    pub review: Review,
    pub protocol: Protocol,
    pub image: Option<ReferencedImage>,
    pub film: Option<Radiograph>,
    pub reader: Option<String>,
    /// For the user.
    pub notes: Vec<String>,
}

pub(super) fn read(args: &Args, bar: &Bar) -> anyhow::Result<Input> {
    let schemes = args.protocol.schemes()?;
    let protocol = args.protocol.protocol(&schemes)?;
    let mut input = match report_of(&args.file)? {
        Some(reopened) => from_report(args, reopened, &protocol)?,
        None => from_film(args, &protocol, &schemes, bar)?,
    };
    masks(args, bar, &mut input)?;
    let subject = input.protocol.subject;
    let priors = std::mem::take(&mut input.report.circumstances.priors);
    input.report.circumstances = Circumstances {
        site: args.around.site(),
        priors,
        ..Circumstances::of(&input.annotations, &input.review, subject.age_months)
    };
    Ok(input)
}

/// The earlier films, each measured by `network` or, where it is a report of ours, as it was read.
fn priors(args: &Args, protocol: &Protocol, network: Option<&Points>) -> anyhow::Result<Vec<Prior>> {
    let prior = |path: &PathBuf| match (report_of(path)?, network) {
        (Some(reopened), _) => {
            let protocol = reopened.protocol(protocol);
            let report = reopened.report(path, &protocol);
            let report = report.with_context(|| format!("{}: the report lost its state", path.display()))?;
            Ok(Prior {
                date: reopened.identity.study_date.clone(),
                age_months: protocol.subject.age_months,
                assessment: report.assessment,
            })
        }
        (None, Some(points)) => measure::prior(path, points, protocol),
        (None, None) => anyhow::bail!("{}: what is earlier than a report is a report too", path.display()),
    };
    args.around.prior.iter().map(prior).collect()
}

/// The report in the file; `None` where it is none.
fn report_of(path: &Path) -> Result<Option<Reopened>, OpenError> {
    match DicomObject::read(path) {
        Ok(object) if sr::is_report(&object) => sr::reopen(path).map(Some),
        // Whatever else it is, a film says better what is wrong with it.
        Ok(_) | Err(_) => Ok(None),
    }
}

fn measurable(path: &Path) -> anyhow::Result<Radiograph> {
    let film = imaging::open(path)?;
    let sound = film.is_projection().and_then(|()| film.is_whole());
    sound.map_err(anyhow::Error::msg).with_context(|| path.display().to_string())?;
    Ok(film)
}

fn from_film(
    args: &Args,
    protocol: &Protocol,
    schemes: &[crate::measure::scheme::Scheme],
    bar: &Bar,
) -> anyhow::Result<Input> {
    let film = measurable(&args.file)?;
    let settings = Settings {
        subject: protocol.subject,
        reference: protocol.reference,
        cam_set: protocol.cam_set,
        ..Settings::default()
    };
    let (mut notes, mut earlier) = (Vec::new(), Vec::new());
    let (annotations, spacing) = match &args.landmarks {
        Some(path) => {
            let file = landmark_file::read_with(path, schemes)?;
            notes = outside(&file.landmarks, &film);
            let spacing = if file.spacing.has_millimetres() { file.spacing } else { film.spacing };
            (Annotations { landmarks: file.landmarks, settings, ..Annotations::default() }, spacing)
        }
        None => {
            let pipeline = Pipeline::load(args.model.as_deref(), args.device)?;
            let found = pipeline.predict(&film, &bar.job("landmarks".to_owned()))?;
            earlier = priors(args, protocol, Some(&Points::Network(Box::new(pipeline))))?;
            let prediction = Prediction {
                landmarks: found.landmarks.clone(),
                model: found.model,
                warnings: found.warnings,
            };
            (
                Annotations {
                    landmarks: found.landmarks,
                    prediction: Some(prediction),
                    settings,
                    ..Annotations::default()
                },
                film.spacing,
            )
        }
    };
    let protocol = protocol::of_film(protocol, &film);
    let image = ReferencedImage::read(&args.file, film.frame).ok();
    let warnings: Vec<String> =
        annotations.prediction.iter().flat_map(|p| p.warnings.clone()).chain(notes).collect();
    let mut report = measured(&args.file, &film, &annotations, &spacing, &protocol, &warnings);
    report.circumstances.priors = earlier;
    Ok(Input {
        report,
        annotations,
        review: Review::default(),
        protocol,
        image,
        film: Some(film),
        reader: None,
        notes: Vec::new(),
    })
}

/// A report with its film where that is found, else as it stands.
fn from_report(args: &Args, reopened: Reopened, protocol: &Protocol) -> anyhow::Result<Input> {
    anyhow::ensure!(
        args.landmarks.is_none() && args.model.is_none(),
        "{}: a report brings its own points",
        args.file.display()
    );
    let path = match &args.film {
        Some(path) => Some(path.clone()),
        None => beside(&args.file, &reopened.image.instance),
    };
    let mut notes: Vec<String> =
        reopened.notes.iter().map(|note| format!("{}: {note}", args.file.display())).collect();
    let mut image = reopened.image.clone();
    let mut protocol = reopened.protocol(protocol);
    let earlier = priors(args, &protocol, None)?;
    let (mut report, film) = match path {
        Some(path) => {
            let film = measurable(&path)?;
            if film.identity.sop_instance_uid.as_deref() != Some(&reopened.image.instance) {
                anyhow::bail!("{}: not the film of this report", path.display());
            }
            image = ReferencedImage::read(&path, film.frame)?;
            let spacing = reopened.spacing().unwrap_or(film.spacing);
            protocol.context.patient_right_on_left = film.patient_right_on_left;
            let warnings = reopened.warnings();
            (measured(&path, &film, &reopened.annotations, &spacing, &protocol, warnings), Some(film))
        }
        None => {
            notes.push(format!("{}: its film is not beside it (--film names it)", args.file.display()));
            let report = reopened.report(&args.file, &protocol).with_context(|| {
                format!("{}: the report lost its state: name its film with --film", args.file.display())
            })?;
            (report, None)
        }
    };
    report.circumstances.priors = earlier;
    Ok(Input {
        report,
        annotations: reopened.annotations,
        review: reopened.review,
        protocol,
        image: Some(image),
        film,
        reader: reopened.reader,
        notes,
    })
}

fn measured(
    path: &Path,
    film: &Radiograph,
    annotations: &Annotations,
    spacing: &Spacing,
    protocol: &Protocol,
    warnings: &[String],
) -> Report {
    let landmarks = &annotations.landmarks;
    let assessment = assess_by(landmarks, spacing, protocol);
    let prediction = annotations.prediction.as_ref();
    let corrections = Correction::of(annotations, spacing);
    let model = prediction.map(|p| p.model.clone());
    Report::of_film(film, path, landmarks, spacing, &assessment, model, corrections, warnings)
}

/// The film of that SOP instance in the folder of the report.
fn beside(report: &Path, instance: &str) -> Option<PathBuf> {
    let folder = report.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
        .into_iter()
        .filter(|path| path.is_file())
        .find(|path| ReferencedImage::read(path, 1).is_ok_and(|image| image.instance == instance))
}

fn masks(args: &Args, bar: &Bar, input: &mut Input) -> anyhow::Result<()> {
    if let Some(folder) = &args.mask_model {
        let model = NnUnet::load(folder, &[], args.device)?;
        let film = measurable(&args.film.clone().unwrap_or(args.file.clone()))?;
        let (masks, warnings) = model.segment(&film, &bar.job("masks".to_owned()))?;
        let mask = Mask::new(masks);
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        let model =
            ModelIdentity { id: format!("nnU-Net {name}"), version: "2".to_owned(), sha256: String::new() };
        input.annotations.mask = Some(mask.clone());
        input.notes.extend(warnings.iter().cloned());
        input.annotations.mask_prediction = Some(MaskPrediction { mask, model, warnings });
    } else if let Some(path) = &args.masks {
        let (masks, warnings) = match DicomObject::read(path) {
            Ok(_) => {
                let read = seg::read(path)?;
                let film = input.image.as_ref().map(|image| image.instance.as_str()).unwrap_or_default();
                if read.instance != film {
                    anyhow::bail!("{}: masks of another film", path.display());
                }
                (read.masks, read.warnings)
            }
            Err(_) => (picture(path)?, Vec::new()),
        };
        input.annotations.mask = Some(Mask::new(masks));
        input.annotations.mask_prediction = None;
        input.notes.extend(warnings);
    }
    Ok(())
}

/// A picture of labels L1 to L5.
fn picture(path: &Path) -> anyhow::Result<LabelMap> {
    let film = imaging::open(path)?;
    let structures = Structure::hip();
    let labels: Option<Vec<u8>> = film
        .stored
        .iter()
        .map(|value| {
            u8::try_from(*value).ok().filter(|v| *v == 0 || structures.iter().any(|s| s.value == *v))
        })
        .collect();
    let labels = labels.with_context(|| format!("{}: holds other values than 0 to 5", path.display()))?;
    Ok(LabelMap { rows: film.rows, columns: film.columns, labels, structures })
}
