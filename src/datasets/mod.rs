//! Labelled films in and out, in the formats of others: read lazily, one [`Case`] at a time, and written the same way,
//! so that a set may be larger than memory.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use coxa::datasets::{self, Format, WriteOptions};
//! let set = datasets::read("films".as_ref(), None)?;
//! let mut writer = datasets::writer(Format::Coco, "films-coco".as_ref(), &WriteOptions::default())?;
//! for case in set.cases() {
//!     writer.add(&case?)?;
//! }
//! writer.finish()?;
//! # Ok(())
//! # }
//! ```
//! One study goes out by a [`Case`] made of its film, its landmarks and its label map, and [`write_all`]. Every format is
//! one file with its `read` and, where it is also written, its writer. What a format cannot hold its file says first.
//!
//! # Frames
//! A [`Case`] has pixel coordinates as everywhere here: (0, 0) is the centre of the first pixel. Formats that measure
//! from the corner of the first pixel are shifted by half a pixel on the way.

pub mod av_ddh;
pub mod case;
pub mod check;
pub mod coco;
pub mod coxa;
pub mod csv;
pub mod error;
pub mod fai;
pub mod find;
pub mod format;
pub mod image;
pub mod labelme;
pub mod landmark_json;
pub mod mtddh;
mod names;
pub mod nifti;
pub mod nnunet;
mod polygon;
pub mod pseudonym;
pub mod retuve;
pub mod rle;
pub mod set;
pub mod split;
pub mod stats;
mod target;
pub mod yolo;

pub use case::{About, Case, Split};
pub use error::DatasetError;
pub use format::{Format, WriteOptions, Writer, read, write_all, writer};
pub use set::{DataSet, Entry};
