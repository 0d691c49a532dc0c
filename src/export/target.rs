//! Everything that a measured film can be handed over as: one table for the command line and the window. To add one, add
//! it here: the compiler shows the rest.

use super::bundle;
use super::csv::Summary;
use super::dicom::{self, ObjectKind, ReferencedImage, SendCheck, Stamp};
use super::pdf::{self, Paper};
use super::{ExportError, Handover, Report, json, png, write_atomic};
use crate::datasets::{self, Case, Format, WriteOptions};
use crate::imaging::Radiograph;
use crate::study::Study;
use std::path::{Path, PathBuf};

/// A kind of file, or of folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Dicom(ObjectKind),
    Pdf,
    Png,
    Json,
    Csv,
    /// A folder.
    DataSet(Format),
    Bundle,
}

/// How it is to be made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Of the PDF.
    pub paper: Paper,
    /// The bundle holds the film too; without it, only the hash of its pixels.
    pub film_in_bundle: bool,
    /// Replaces a file that is there; a folder that is not empty is never replaced.
    pub overwrite: bool,
}

impl Target {
    pub const ALL: [Target; 15] = [
        Target::Dicom(ObjectKind::Report),
        Target::Dicom(ObjectKind::Segmentation),
        Target::Dicom(ObjectKind::LabelMap),
        Target::Dicom(ObjectKind::PresentationState),
        Target::Dicom(ObjectKind::KeyObject),
        Target::Dicom(ObjectKind::Pdf),
        Target::Pdf,
        Target::Png,
        Target::Json,
        Target::Csv,
        Target::DataSet(Format::Coco),
        Target::DataSet(Format::Yolo),
        Target::DataSet(Format::NnUnet),
        Target::DataSet(Format::Labelme),
        Target::Bundle,
    ];

    /// As it is asked for, what follows the film's name in that of the file, and what it is in words.
    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Target::Dicom(kind) => match kind {
                ObjectKind::Report => ("sr", ".sr.dcm", "DICOM structured report, which can be opened again"),
                ObjectKind::Segmentation => ("seg", ".seg.dcm", "DICOM segmentation"),
                ObjectKind::LabelMap => {
                    ("labelmap", ".labelmap.dcm", "DICOM label map segmentation (Supplement 243)")
                }
                ObjectKind::PresentationState => {
                    ("gsps", ".gsps.dcm", "DICOM presentation state: lines, points, texts, window")
                }
                ObjectKind::KeyObject => ("ko", ".ko.dcm", "DICOM key object selection of the film"),
                ObjectKind::Pdf => ("epdf", ".epdf.dcm", "DICOM encapsulated PDF"),
            },
            Target::Pdf => ("pdf", ".pdf", "PDF report"),
            Target::Png => ("png", ".png", "picture with the lines"),
            Target::Json => ("json", ".json", "measurements as JSON"),
            Target::Csv => ("csv", ".csv", "measurements as a table"),
            Target::DataSet(format) => match format {
                Format::Yolo => ("yolo", ".yolo", "folder: the film without identity, points for YOLO-pose"),
                Format::NnUnet => {
                    ("nnunet", ".nnunet", "folder: the film without identity, masks for nnU-Net")
                }
                Format::Labelme => {
                    ("labelme", ".labelme", "folder: the film without identity, points and masks for labelme")
                }
                _ => ("coco", ".coco", "folder: the film without identity, points and masks as COCO"),
            },
            Target::Bundle => ("bundle", ".bundle.zip", "what `coxa replay` makes every number again from"),
        }
    }

    pub fn name(self) -> &'static str {
        self.row().0
    }

    pub fn ending(self) -> &'static str {
        self.row().1
    }

    pub fn words(self) -> &'static str {
        self.row().2
    }

    pub fn from_name(name: &str) -> Option<Target> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Whether it is made of masks.
    pub fn needs_masks(self) -> bool {
        matches!(
            self,
            Target::Dicom(ObjectKind::Segmentation | ObjectKind::LabelMap) | Target::DataSet(Format::NnUnet)
        )
    }

    /// Where it is put for a film called `name`.
    pub fn path(self, folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}{}", self.ending()))
    }
}

/// Hands a study of the window over as `target`, at `path`; `film` is the study's. Gives the check of a DICOM object:
/// what was looked at, and what its receiver will see.
///
/// # Errors
/// As [`write`].
pub fn write_study(
    target: Target,
    study: &Study,
    film: &Radiograph,
    path: &Path,
    options: &Options,
) -> Result<Option<SendCheck>, ExportError> {
    let report = Report::of_study(study, film);
    let source = study.source();
    // A picture cannot be referred to: what needs that says so.
    let image = ReferencedImage::read(&source.path, source.frame).ok();
    let reader = study.review().signed.as_ref().map_or(study.user(), |signed| &signed.by);
    let stamp = Stamp { reader: (!reader.is_empty()).then(|| reader.to_owned()), ..Stamp::now() };
    let handover = Handover::of_study(study, film, &report, image.as_ref(), &stamp);
    write(target, &handover, path, options)
}

/// Makes `target` at `path`, which is then there whole or not at all.
///
/// # Errors
/// [`ExportError`] saying why: something is there already, the disk refused, the DICOM object was found unsound by its
/// check ([`ExportError::Unsound`]).
pub fn write(
    target: Target,
    handover: &Handover,
    path: &Path,
    options: &Options,
) -> Result<Option<SendCheck>, ExportError> {
    if path.exists() && !(options.overwrite && path.is_file()) {
        return Err(ExportError::Taken(path.to_owned()));
    }
    let report = handover.report;
    let mut check = None;
    let bytes = match target {
        Target::Dicom(kind) => {
            let (bytes, found) = dicom::object(kind, handover, options.paper)?;
            if !found.is_sound() {
                return Err(ExportError::Unsound(Box::new(found)));
            }
            check = Some(found);
            bytes
        }
        Target::Pdf => pdf::render_on(report, options.paper)?,
        Target::Png => png::render(report)?,
        Target::Json => format!("{:#}\n", json::to_value(report)).into_bytes(),
        Target::Csv => {
            let mut summary = Summary::default();
            summary.add(&name(path), report);
            summary.to_bytes()?
        }
        Target::DataSet(format) => {
            datasets::write_one(format, path, &case(handover)?, &WriteOptions::default())?;
            return Ok(None);
        }
        Target::Bundle => bundle::pack(handover, options.film_in_bundle)?,
    };
    write_atomic(path, &bytes)?;
    Ok(check)
}

/// What a film is called in tables: its file's name up to the first ending.
fn name(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The film as one of a data set; it is called `film`, since names of files may identify.
fn case(handover: &Handover) -> Result<Case, ExportError> {
    let Handover { annotations, protocol, .. } = handover;
    let film = handover.film()?.clone();
    let mut case = Case::new("film", film, annotations.landmarks.clone(), handover.masks().cloned());
    let occluded = annotations.notes.iter().filter(|(_, note)| note.occluded);
    case.occluded = occluded.map(|(id, _)| id.clone()).collect();
    (case.about.age_months, case.about.sex) = (protocol.subject.age_months, protocol.subject.sex);
    case.film.spacing = handover.report.spacing;
    case.checked().map_err(ExportError::Case)
}
