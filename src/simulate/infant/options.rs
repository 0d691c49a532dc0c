//! What a caller may ask of a phantom; everything not asked for is drawn from the seed.

/// Wishes for one hip.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HipOptions {
    /// Range of the acetabular index in degrees (as measured on the film).
    pub acetabular_index: Option<[f64; 2]>,
    /// IHDI grade 1–4.
    pub ihdi: Option<u8>,
    /// Whether the ossific nucleus is to be seen.
    pub nucleus: Option<bool>,
}

/// How a phantom is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PhantomOptions {
    /// Longer edge of the film in pixels (at least 16).
    pub size: usize,
    /// Range of the age in months, within 2–48.
    pub age_months: [f64; 2],
    /// Patient right, patient left.
    pub hips: [HipOptions; 2],
    /// How far the appearance strays from a good modern film: 0 none, 1 all of it.
    pub variation: f64,
    /// Factor on the probability of everything foreign: gas, lines, markers, shields, collimation (0 none).
    pub artefacts: f64,
    /// Square, tight on the hips, upright: the framing of published collections. Otherwise drawn.
    pub cropped: bool,
}

impl Default for PhantomOptions {
    fn default() -> Self {
        Self {
            size: 256,
            age_months: [2.0, 48.0],
            hips: [HipOptions::default(); 2],
            variation: 1.0,
            artefacts: 1.0,
            cropped: false,
        }
    }
}
