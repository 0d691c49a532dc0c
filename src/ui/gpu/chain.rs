//! From a stored value to a grey, as numbers for the shader: modality and window in one product and one sum, so that single
//! precision is enough for them.

use crate::imaging::{LookupTable, ModalityTransform, Radiograph, VoiFunction, VoiTransform, Window};

/// What the shader does last with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// LINEAR and LINEAR_EXACT, whose difference lies in the numbers.
    Linear = 0,
    Sigmoid = 1,
    /// A window without width.
    Threshold = 2,
    Table = 3,
}

/// The transforms of one film, from its stored values less the smallest of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chain {
    pub function: Function,
    pub scale: f32,
    pub offset: f32,
    /// The greatest output of the VOI table.
    pub top: f32,
    pub invert: bool,
}

impl Chain {
    /// `low`: the smallest stored value of the film; `invert`: beside the film's own polarity.
    pub fn new(film: &Radiograph, low: i32, voi: &VoiTransform, invert: bool) -> Chain {
        // Of a modality table the shader has the output already.
        let (slope, intercept) = match film.modality {
            ModalityTransform::Rescale { slope, intercept } => (slope, slope * f64::from(low) + intercept),
            ModalityTransform::Table(_) => (1.0, 0.0),
        };
        let (function, center, width, top) = match voi {
            VoiTransform::Table(table) => (Function::Table, f64::from(table.first), 1.0, greatest(table)),
            VoiTransform::Window(Window { center, width }) => {
                let (center, width) = match film.voi_function {
                    VoiFunction::Linear => (center - 0.5, width - 1.0),
                    VoiFunction::LinearExact | VoiFunction::Sigmoid => (*center, *width),
                };
                match film.voi_function {
                    _ if width <= 0.0 => (Function::Threshold, center, 1.0, 1.0),
                    VoiFunction::Sigmoid => (Function::Sigmoid, center, width, 1.0),
                    VoiFunction::Linear | VoiFunction::LinearExact => (Function::Linear, center, width, 1.0),
                }
            }
        };
        Chain {
            function,
            scale: (slope / width) as f32,
            offset: ((intercept - center) / width) as f32,
            top: top as f32,
            invert: film.inverted != invert,
        }
    }
}

/// As [`Radiograph::present`] scales the entries of a table.
fn greatest(table: &LookupTable) -> f64 {
    f64::from(u16::MAX >> 16u16.saturating_sub(table.bits).min(15))
}
