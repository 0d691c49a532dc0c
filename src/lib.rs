//! **Coxa**: a DICOM-aware workbench for hip radiographs.
//!
//! It opens a film, finds its landmarks, measures the hip with the uncertainty of every number, lets a person
//! correct each point, and hands over the report. Research software, not a medical device.
//!
//! # Layers
//! A module may use only modules of a lower layer (`tests/layers.rs` enforces it).
//!
//! | layer | module | what lives there |
//! |---|---|---|
//! | 0 | [`measure`] | pure f64 geometry: points, spacing, landmarks, measurements, findings |
//! | 0 | [`job`] | progress and cancellation |
//! | 0 | [`disk`] | files that are whole or not there |
//! | 0 | [`allocator`] | memory that is kept for the next network |
//! | 1 | [`imaging`] | DICOM and rasters in, native-depth [`imaging::Radiograph`], display, DICOM out |
//! | 1 | [`eval`] | statistics on measure types |
//! | 2 | [`simulate`] | radiographs with known truth |
//! | 2 | [`models`] | networks, layers, devices, weights, prediction |
//! | 2 | [`datasets`] | labelled films in and out, in the formats of others; checks, splits, statistics |
//! | 3 | [`training`] | datasets, augmentation, losses, checkpoints, the loop |
//! | 3 | [`study`] | the document: points, curves, masks with provenance, commands, undo, review |
//! | 4 | [`library`] | worklist, study files, journal, locks, preferences (the only place with rusqlite) |
//! | 4 | [`export`] | one report snapshot to PDF, PNG, JSON, CSV |
//! | 5 | [`ui`] | the window (the only place with egui) |
//! | 5 | [`cli`] | one file a subcommand (the only place with clap) |
//!
//! # Glossary
//! *Side* is always the **patient's**. *Pixel coordinates* have x right, y down and (0, 0) at the **centre** of
//! the first pixel of the full-resolution image. TRC tri-radiate cartilage, SMA superolateral acetabular margin,
//! HP H-point (midpoint of the superior metaphyseal margin), FH femoral head (centre of the ossific nucleus).

pub mod allocator;
pub mod cli;
pub mod datasets;
pub mod disk;
pub mod eval;
pub mod export;
pub mod imaging;
pub mod job;
pub mod library;
pub mod measure;
pub mod models;
pub mod simulate;
pub mod study;
pub mod training;
pub mod ui;

/// Printed on every screen, page and structured report.
pub const RESEARCH_USE: &str = "Research software, not a medical device. Measurements, not a diagnosis: \
check every landmark. Valid only for the stated view, age and calibration.";
