//! Which formats there are, how one is recognised, and the way to its reader and writer.

use super::case::Case;
use super::error::DatasetError;
use super::find::Files;
use super::pseudonym::Pseudonyms;
use super::set::DataSet;
use super::{av_ddh, coco, coxa, csv, fai, labelme, landmark_json, mtddh, nnunet, retuve, yolo};
use std::path::Path;

/// How labels lie on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The folder that this program imports into.
    Coxa,
    /// `NAME.json` or `NAME.reference.json`, landmark files of this program, beside their films.
    LandmarkJson,
    /// COCO keypoints and masks.
    Coco,
    /// Keypoints of Ultralytics YOLO, also MTDDH's re-encoding.
    Yolo,
    /// MTDDH as its authors published it.
    Mtddh,
    /// The table of AV-DDH: grades without points.
    AvDdh,
    /// Landmarks of Retuve.
    Retuve,
    /// nnU-Net's raw folder.
    NnUnet,
    /// Positions of femoroacetabular landmarks without names.
    Fai,
    /// One file an image, by labelme.
    Labelme,
    /// A plain table of points.
    Csv,
}

impl Format {
    pub const ALL: [Format; 11] = [
        Format::Coxa,
        Format::LandmarkJson,
        Format::Coco,
        Format::Yolo,
        Format::Mtddh,
        Format::AvDdh,
        Format::Retuve,
        Format::NnUnet,
        Format::Fai,
        Format::Labelme,
        Format::Csv,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Coxa => "coxa",
            Format::LandmarkJson => "landmarks",
            Format::Coco => "coco",
            Format::Yolo => "yolo",
            Format::Mtddh => "mtddh",
            Format::AvDdh => "av-ddh",
            Format::Retuve => "retuve",
            Format::NnUnet => "nnunet",
            Format::Fai => "fai",
            Format::Labelme => "labelme",
            Format::Csv => "csv",
        }
    }

    fn holds(self, files: &Files) -> bool {
        match self {
            Format::Coxa => coxa::is_in(files),
            Format::LandmarkJson => landmark_json::is_in(files),
            Format::Coco => coco::is_in(files),
            Format::Yolo => yolo::is_in(files),
            Format::Mtddh => mtddh::is_in(files),
            Format::AvDdh => av_ddh::is_in(files),
            Format::Retuve => retuve::is_in(files),
            Format::NnUnet => nnunet::is_in(files),
            Format::Fai => fai::is_in(files),
            Format::Labelme => labelme::is_in(files),
            Format::Csv => csv::is_in(files),
        }
    }

    fn read(self, files: &Files) -> Result<DataSet, DatasetError> {
        match self {
            Format::Coxa => coxa::read(files),
            Format::LandmarkJson => landmark_json::read(files),
            Format::Coco => coco::read(files),
            Format::Yolo => yolo::read(files),
            Format::Mtddh => mtddh::read(files),
            Format::AvDdh => av_ddh::read(files),
            Format::Retuve => retuve::read(files),
            Format::NnUnet => nnunet::read(files),
            Format::Fai => fai::read(files),
            Format::Labelme => labelme::read(files),
            Format::Csv => csv::read(files),
        }
    }

    /// The format of a folder. A folder of this program, of MTDDH or of nnU-Net says what it is; of the others just one
    /// may be there.
    fn recognised(files: &Files) -> Result<Format, DatasetError> {
        let sure = [Format::Coxa, Format::Mtddh, Format::NnUnet, Format::AvDdh];
        if let Some(format) = sure.into_iter().find(|format| format.holds(files)) {
            return Ok(format);
        }
        let found: Vec<Format> = Format::ALL.into_iter().filter(|format| format.holds(files)).collect();
        match found.as_slice() {
            [format] => Ok(*format),
            [] => {
                let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
                let reason = format!("holds labels of no known format ({})", names.join(", "));
                Err(DatasetError::content(&files.root, reason))
            }
            several => {
                let names: Vec<&str> = several.iter().map(|format| format.name()).collect();
                let reason = format!(
                    "holds labels of several formats: choose one with --format: {}",
                    names.join(", ")
                );
                Err(DatasetError::content(&files.root, reason))
            }
        }
    }
}

/// The data set in folder `source`; without `format` it is recognised.
///
/// # Errors
/// A folder that cannot be read, a format that is not recognised, a list of cases that is damaged as a whole. Single
/// labels that are damaged are [`DataSet::problems`].
pub fn read(source: &Path, format: Option<Format>) -> Result<DataSet, DatasetError> {
    let files = Files::of(source)?;
    let format = format.map_or_else(|| Format::recognised(&files), Ok)?;
    format.read(&files)
}

/// How to write.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// Replaces what ties films to a patient; a fresh random salt by default.
    pub patients: Pseudonyms,
    /// COCO: runs as lists of numbers rather than as text.
    pub plain_runs: bool,
    /// nnU-Net: `.png`, or `.nii.gz`, which keeps the spacing.
    pub nifti: bool,
    /// labelme: the picture within the JSON too.
    pub embed_images: bool,
}

/// Takes cases one by one.
pub trait Writer {
    /// # Errors
    /// Files that cannot be written, two cases of one name, masks that are not of the film.
    fn add(&mut self, case: &Case) -> Result<(), DatasetError>;

    /// Writes what only the whole set knows. Without it nothing is left behind.
    ///
    /// # Errors
    /// Files that cannot be written.
    fn finish(self: Box<Self>) -> Result<(), DatasetError>;
}

/// A writer into the folder `out`, which is made by [`Writer::finish`] and must not be there, or must be empty.
///
/// # Errors
/// A folder that is taken or cannot be made; a format that is only read.
pub fn writer(format: Format, out: &Path, options: &WriteOptions) -> Result<Box<dyn Writer>, DatasetError> {
    let options = options.clone();
    match format {
        Format::Coxa => Ok(Box::new(coxa::CoxaWriter::new(out, options)?)),
        Format::Coco => Ok(Box::new(coco::CocoWriter::new(out, options)?)),
        Format::Yolo => Ok(Box::new(yolo::YoloWriter::new(out, options)?)),
        Format::NnUnet => Ok(Box::new(nnunet::NnUnetWriter::new(out, options)?)),
        Format::Labelme => Ok(Box::new(labelme::LabelmeWriter::new(out, options)?)),
        Format::Csv => Ok(Box::new(csv::CsvWriter::new(out, options)?)),
        Format::LandmarkJson | Format::Mtddh | Format::AvDdh | Format::Retuve | Format::Fai => {
            Err(DatasetError::content(out, format!("the format {} is only read", format.name())))
        }
    }
}

/// A data set of these cases: how studies go out.
///
/// # Errors
/// As [`writer`] and [`Writer::add`].
pub fn write_all(
    format: Format,
    out: &Path,
    cases: &[Case],
    options: &WriteOptions,
) -> Result<(), DatasetError> {
    let mut writer = writer(format, out, options)?;
    for case in cases {
        writer.add(case)?;
    }
    writer.finish()
}
