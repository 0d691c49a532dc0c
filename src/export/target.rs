//! Everything that a measured film can be handed over as: one table for the command line and the window. To add one, add
//! it here: the compiler shows the rest.

use super::bundle;
use super::check::SendCheck;
use super::csv::Summary;
use super::dicom::{self, ObjectKind};
use super::pdf::{self, Paper};
use super::{ExportError, Handover, Report, json, parquet, png, read_back, write_atomic};
use crate::datasets::{self, Case, Format, WriteOptions};
use std::path::{Path, PathBuf};

/// A kind of file, or of folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Dicom(ObjectKind),
    Pdf,
    Png,
    Json,
    Csv,
    Parquet,
    /// A folder.
    DataSet(Format),
    Bundle,
}

/// How it is to be made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Of the PDF.
    pub paper: Paper,
    /// The bundle holds the film too; without it, only the hash of its pixels.
    pub film_in_bundle: bool,
    /// Replaces a file that is there; a folder that is not empty is never replaced.
    pub overwrite: bool,
}

impl Target {
    pub const ALL: [Target; 17] = [
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
        Target::Parquet,
        Target::DataSet(Format::Coco),
        Target::DataSet(Format::Yolo),
        Target::DataSet(Format::NnUnet),
        Target::DataSet(Format::Labelme),
        Target::DataSet(Format::Csv),
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
            Target::Parquet => ("parquet", ".parquet", "the same table with types, as Parquet"),
            Target::DataSet(format) => match format {
                Format::Yolo => ("yolo", ".yolo", "folder: the film without identity, points for YOLO-pose"),
                Format::NnUnet => {
                    ("nnunet", ".nnunet", "folder: the film without identity, masks for nnU-Net")
                }
                Format::Labelme => {
                    ("labelme", ".labelme", "folder: the film without identity, points and masks for labelme")
                }
                Format::Csv => {
                    ("points", ".points", "folder: the film without identity, points as a table (CSV)")
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

/// Makes `target` at `path`, which is then there whole or not at all; and tells what was looked at before it left, and
/// what its receiver will see.
///
/// # Errors
/// [`ExportError`] saying why: something is there already, the disk refused, the check found a fault
/// ([`ExportError::Unsound`]).
pub fn write(
    target: Target,
    handover: &Handover,
    path: &Path,
    options: &Options,
) -> Result<SendCheck, ExportError> {
    free(path, options)?;
    let report = handover.report;
    let (bytes, check) = match target {
        Target::Dicom(kind) => dicom::object(kind, handover, options.paper)?,
        Target::Pdf => checked(pdf::render_on(report, options.paper)?, read_back::page),
        Target::Png => checked(png::render(report)?, read_back::picture),
        Target::Json => {
            let text = format!("{:#}\n", json::to_value(report));
            checked(text.into_bytes(), |bytes| read_back::numbers(bytes, handover))
        }
        Target::Csv => {
            let summary = summary(report, path);
            checked(summary.to_bytes()?, |bytes| read_back::csv(bytes, handover, &summary))
        }
        Target::Parquet => {
            let summary = summary(report, path);
            checked(parquet::to_bytes(&summary)?, |bytes| read_back::parquet(bytes, handover, &summary))
        }
        Target::DataSet(format) => return data_set(format, &[case(handover, NAME)?], path),
        Target::Bundle => {
            let bytes = bundle::pack(handover, options.film_in_bundle)?;
            checked(bytes, |bytes| read_back::replayed(bytes, handover))
        }
    };
    let check = sound(check)?;
    write_atomic(path, &bytes)?;
    Ok(check)
}

fn checked(bytes: Vec<u8>, check: impl FnOnce(&[u8]) -> SendCheck) -> (Vec<u8>, SendCheck) {
    let check = check(&bytes);
    (bytes, check)
}

fn sound(check: SendCheck) -> Result<SendCheck, ExportError> {
    if check.is_sound() { Ok(check) } else { Err(ExportError::Unsound(Box::new(check))) }
}

/// # Errors
/// [`ExportError::Taken`].
fn free(path: &Path, options: &Options) -> Result<(), ExportError> {
    if path.exists() && !(options.overwrite && path.is_file()) {
        return Err(ExportError::Taken(path.to_owned()));
    }
    Ok(())
}

/// Makes one data set of `cases`, each of another name, at `path`, as [`write`] does.
///
/// # Errors
/// As [`write`].
pub(super) fn write_set(
    format: Format,
    cases: &[Case],
    path: &Path,
    options: &Options,
) -> Result<SendCheck, ExportError> {
    free(path, options)?;
    data_set(format, cases, path)
}

/// A folder is read back where it lies; one with a fault is taken away again.
fn data_set(format: Format, cases: &[Case], path: &Path) -> Result<SendCheck, ExportError> {
    datasets::write_all(format, path, cases, &WriteOptions::default())?;
    sound(read_back::data_set(format, path, cases)).inspect_err(|_| {
        // What is wrong with it is said whether or not it can be taken away.
        let _ = std::fs::remove_dir_all(path);
    })
}

/// The table of one film, which is called there as its files are.
fn summary(report: &Report, path: &Path) -> Summary {
    let mut summary = Summary::default();
    summary.add(&path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default(), report);
    summary
}

/// What the only film of a data set is called, since names of files may identify.
const NAME: &str = "film";

/// The film as one of a data set, called `name` there.
pub(super) fn case(handover: &Handover, name: &str) -> Result<Case, ExportError> {
    let Handover { annotations, protocol, .. } = handover;
    let film = handover.film()?.clone();
    let mut case = Case::new(name, film, annotations.landmarks.clone(), handover.masks().cloned());
    let occluded = annotations.notes.iter().filter(|(_, note)| note.occluded);
    case.occluded = occluded.map(|(id, _)| id.clone()).collect();
    (case.about.age_months, case.about.sex) = (protocol.subject.age_months, protocol.subject.sex);
    case.film.spacing = handover.report.spacing;
    case.checked().map_err(ExportError::Case)
}
