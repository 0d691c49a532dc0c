//! Everything that a measured film can be handed over as: one table for the command line and the window. To add one, add
//! it here: the compiler shows the rest.

use super::csv::Summary;
use super::dicom::{self, Handover, ObjectKind, SendCheck};
use super::pdf::{self, Paper};
use super::{ExportError, json, png};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    Dicom(ObjectKind),
    Pdf,
    Png,
    Json,
    Csv,
}

impl Target {
    pub const ALL: [Target; 10] = [
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
        matches!(self, Target::Dicom(ObjectKind::Segmentation | ObjectKind::LabelMap))
    }
}

/// A file in memory.
#[derive(Debug, Clone)]
pub struct Made {
    pub bytes: Vec<u8>,
    /// Of a DICOM object.
    pub check: Option<SendCheck>,
}

/// Makes the file; `name` is what the film is called in tables.
///
/// # Errors
/// [`ExportError`], also for a DICOM object that its check found unsound ([`ExportError::Unsound`]).
pub fn make(target: Target, handover: &Handover, name: &str, paper: Paper) -> Result<Made, ExportError> {
    let report = handover.report;
    let bytes = match target {
        Target::Dicom(kind) => {
            let (bytes, check) = dicom::object(kind, handover, paper)?;
            if !check.is_sound() {
                return Err(ExportError::Unsound(Box::new(check)));
            }
            return Ok(Made { bytes, check: Some(check) });
        }
        Target::Pdf => pdf::render_on(report, paper)?,
        Target::Png => png::render(report)?,
        Target::Json => format!("{:#}\n", json::to_value(report)).into_bytes(),
        Target::Csv => {
            let mut summary = Summary::default();
            summary.add(name, report);
            summary.to_bytes()?
        }
    };
    Ok(Made { bytes, check: None })
}
