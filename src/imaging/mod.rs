//! Radiographs in and out: DICOM and raster files to a native-depth [`Radiograph`], its display transform,
//! and DICOM writing.

pub mod radiograph;

pub use radiograph::{Identity, ModalityTransform, Radiograph, VoiTransform, Window};
