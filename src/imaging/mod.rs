//! Radiographs in and out: DICOM and raster files to a native-depth [`Radiograph`], its display transform,
//! and DICOM writing.
//!
//! [`open()`] decides by content, never by extension. [`find_images`] turns files and folders into a list of
//! images. [`write_dx`] writes a Digital X-Ray Image – For Presentation.

mod aspect;
mod catalogue;
mod deidentify;
mod dicom;
mod display;
mod error;
mod find;
mod grey_table;
mod luma;
mod open;
mod presentation;
mod radiograph;
mod raster;
mod source;
mod spacing;
mod sphere;
mod volume;

pub use catalogue::{Catalogue, ImageEntry, ObjectEntry, PatientEntry, SeriesEntry, StudyEntry, catalogue};
pub use deidentify::{
    Dates, Deidentified, DeidentifyError, DeidentifyOptions, Rectangle, deidentified, deidentify,
    text_regions,
};
pub use dicom::{DicomObject, IMPLEMENTATION, Placement, TagLine, decimal, encoding_name, write_dx};
pub use error::{OpenError, WriteError};
pub use find::find_images;
pub use grey_table::GreyTable;
pub use open::{open, open_frame, open_pixels, open_presented, read_presented, tags};
pub use presentation::{Overlay, Presentation, Shutter, ShutterShape};
pub use radiograph::{
    Identity, LookupTable, Missing, ModalityTransform, Radiograph, ShapeError, VoiFunction, VoiTransform,
    Window,
};
pub use spacing::StatedSpacing;
pub use sphere::{Sphere, find_sphere};
pub use volume::{Plane, Slice, Volume};

/// Warning of every image that does not say which side is which.
const ASSUMED_SIDE: &str =
    "the file does not say which side is which: the patient's right is assumed on the left";
