//! DICOM in and out. [`walk`] bounds every length before anything is allocated, [`read`] makes the header of it,
//! [`pixels`] and the codecs make one frame of stored values, [`write`] the other way.

mod attributes;
mod charset;
mod clean;
mod codec;
mod codestream;
mod float;
mod image;
mod jpeg;
mod jpeg_2000;
mod jpeg_extended;
mod jpeg_ls;
mod library;
mod listing;
mod lut;
mod native;
mod object;
mod pixels;
mod presentation;
mod read;
mod rle;
mod segmented;
mod summary;
mod walk;
mod write;

pub(super) use clean::{Frames, check_sound, decoded_frames, has_embedded_overlay, unicode_header};
pub use codec::encoding_name;
pub(super) use image::{Refusal, Wanted, radiograph};
pub use listing::TagLine;
pub(super) use listing::listing;
pub use object::DicomObject;
pub(super) use read::{Kind, has_magic, is_dicom, kind, known};
pub use summary::Placement;
pub(super) use summary::{Summary, summary};
pub use write::{IMPLEMENTATION, decimal, write_dx};
