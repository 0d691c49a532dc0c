//! DICOM objects there and back: nothing is lost, nothing is off by half a pixel, and what was changed is noticed.

mod delivery;
mod made;
mod properties;
mod report;
mod shown;
