//! What nnU-Net does to the greys of a channel before the network sees them.

use serde::{Deserialize, Serialize};

const EPSILON: f64 = 1e-8;

/// One of nnU-Net's normalisations, by its class name in `plans.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    #[serde(rename = "ZScoreNormalization")]
    ZScore,
    /// Clipped to percentiles of the data set's foreground, then by its mean and SD.
    #[serde(rename = "CTNormalization")]
    Ct,
    #[serde(rename = "NoNormalization")]
    None,
    #[serde(rename = "RescaleTo01Normalization")]
    Rescale01,
    /// Bytes by 255.
    #[serde(rename = "RGBTo01Normalization")]
    Rgb01,
}

/// Greys of the labelled pixels of a data set, one channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Intensities {
    pub max: f64,
    pub mean: f64,
    pub median: f64,
    pub min: f64,
    #[serde(rename = "percentile_00_5")]
    pub low: f64,
    #[serde(rename = "percentile_99_5")]
    pub high: f64,
    pub std: f64,
}

impl Scheme {
    /// The one that the name of a channel asks for.
    pub fn of_channel(name: &str) -> Self {
        match name.to_lowercase().as_str() {
            "ct" => Self::Ct,
            "nonorm" => Self::None,
            "rescale_to_0_1" => Self::Rescale01,
            "rgb_to_0_1" => Self::Rgb01,
            _ => Self::ZScore,
        }
    }

    /// Whether pixels outside the mask stay 0 when there is one.
    pub fn leaves_outside_at_zero(self) -> bool {
        self == Self::ZScore
    }

    /// Normalises `values`; with `mask` only the pixels in it count and change, where the scheme knows masks.
    ///
    /// # Errors
    /// Greys that are no bytes where bytes are needed; a scheme that needs the data set's intensities without them.
    pub fn apply(
        self,
        values: &mut [f32],
        mask: Option<&[bool]>,
        intensities: Option<&Intensities>,
    ) -> Result<(), String> {
        let shift_and_scale = |values: &mut [f32], mean: f64, scale: f64| {
            values.iter_mut().for_each(|v| *v = ((f64::from(*v) - mean) / scale) as f32);
        };
        match self {
            Self::None => {}
            Self::ZScore => {
                let inside = |index: usize| mask.is_none_or(|mask| mask[index]);
                let (mean, sd) =
                    moments(values.iter().enumerate().filter(|(i, _)| inside(*i)).map(|(_, v)| *v));
                let scale = sd.max(EPSILON);
                for (index, value) in values.iter_mut().enumerate() {
                    if inside(index) {
                        *value = ((f64::from(*value) - mean) / scale) as f32;
                    }
                }
            }
            Self::Ct => {
                let Some(i) = intensities else {
                    return Err("CT normalisation needs the intensities of the data set".to_owned());
                };
                values.iter_mut().for_each(|v| *v = f64::from(*v).max(i.low).min(i.high) as f32);
                shift_and_scale(values, i.mean, i.std.max(EPSILON));
            }
            Self::Rescale01 => {
                let (low, high) = range(values);
                shift_and_scale(values, low.into(), f64::from(high - low).max(EPSILON));
            }
            Self::Rgb01 => {
                let (low, high) = range(values);
                if low < 0.0 || high > 255.0 {
                    return Err(format!(
                        "greys of {low} to {high} are not the bytes this model was trained on"
                    ));
                }
                shift_and_scale(values, 0.0, 255.0);
            }
        }
        Ok(())
    }
}

fn range(values: &[f32]) -> (f32, f32) {
    values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// Mean and SD (of the population); 0 of nothing.
fn moments(values: impl Iterator<Item = f32> + Clone) -> (f64, f64) {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().map(f64::from).sum::<f64>() / count;
    let variance = values.map(|v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_scores_within_a_mask_leave_the_rest() {
        let mut values = [0.0, 1.0, 3.0, 0.0];
        Scheme::ZScore.apply(&mut values, Some(&[false, true, true, false]), None).unwrap();
        assert_eq!(values, [0.0, -1.0, 1.0, 0.0]);
        let mut flat = [4.0; 3];
        Scheme::ZScore.apply(&mut flat, None, None).unwrap();
        assert_eq!(flat, [0.0; 3]);
    }

    #[test]
    fn the_others_follow_their_names() {
        let given = Intensities { max: 9.0, mean: 4.0, median: 4.0, min: 0.0, low: 2.0, high: 6.0, std: 2.0 };
        let run = |scheme: Scheme| {
            let mut values = [0.0, 4.0, 10.0];
            scheme.apply(&mut values, None, Some(&given)).map(|()| values)
        };
        assert_eq!(run(Scheme::Ct).unwrap(), [-1.0, 0.0, 1.0]);
        assert_eq!(run(Scheme::None).unwrap(), [0.0, 4.0, 10.0]);
        assert_eq!(run(Scheme::Rescale01).unwrap(), [0.0, 0.4, 1.0]);
        assert_eq!(run(Scheme::Rgb01).unwrap()[2], 10.0 / 255.0);
        assert!(Scheme::Rgb01.apply(&mut [300.0], None, None).is_err());
        assert!(Scheme::Ct.apply(&mut [300.0], None, None).is_err());
    }
}
