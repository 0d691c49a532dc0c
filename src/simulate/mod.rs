//! Radiographs with known truth.

pub mod adult;
pub mod infant;
pub mod other;
pub mod real;

use infant::{HipOptions, Phantom, PhantomOptions};

/// The embedded demo study: an infant of about ten months with a dysplastic left hip, drawn as a good film.
pub fn demo() -> Phantom {
    let normal = HipOptions { acetabular_index: Some([21.0, 23.0]), ihdi: Some(1), nucleus: Some(true) };
    let dysplastic = HipOptions { acetabular_index: Some([33.0, 35.0]), ihdi: Some(2), nucleus: Some(true) };
    Phantom::generate(
        31,
        &PhantomOptions {
            size: 1200,
            age_months: [9.0, 12.0],
            hips: [normal, dysplastic],
            variation: 0.0,
            artefacts: 0.0,
            cropped: true,
        },
    )
}
