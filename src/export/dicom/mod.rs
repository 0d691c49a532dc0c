//! DICOM objects about a film: the measurements as a structured report ([`sr`]), masks as a segmentation ([`seg`]), lines
//! and window as a presentation state ([`gsps`]), the chosen image ([`key_object`]) and the page ([`encapsulated_pdf`]).
//!
//! Each is written from one [`super::Handover`], and nothing leaves before [`check`] has read it back and found it equal.

pub mod check;
pub mod code;
mod content;
mod dataset;
pub mod encapsulated_pdf;
pub mod gsps;
mod image;
mod instance;
pub mod key_object;
pub mod received;
pub mod seg;
pub mod sr;

pub use check::object;
pub use image::ReferencedImage;
pub use instance::{Stamp, Uids};

/// The objects that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    Report,
    Segmentation,
    /// A segmentation as one map of labels (Supplement 243), for readers that know it.
    LabelMap,
    PresentationState,
    KeyObject,
    Pdf,
}

impl ObjectKind {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::Report => "Structured report",
            ObjectKind::Segmentation => "Segmentation",
            ObjectKind::LabelMap => "Label map segmentation",
            ObjectKind::PresentationState => "Presentation state",
            ObjectKind::KeyObject => "Key object selection",
            ObjectKind::Pdf => "Encapsulated PDF",
        }
    }
}
