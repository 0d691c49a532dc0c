//! `plans.json`: what nnU-Net has made up its mind to do with a data set. Read from versions 2.0 to 2.8, written so
//! that the public program reads it.

use super::dataset::Dataset;
use super::network_file::{ArchitectureFile, old_network};
use super::normalise::{Intensities, Scheme};
use super::spline::Order;
use crate::models::plain_conv_unet::Architecture;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The configuration of plane images.
const CONFIGURATION: &str = "2d";
const NETWORK: &str = "dynamic_network_architectures.architectures.unet.PlainConvUNet";
const RESAMPLING: &str = "resample_data_or_seg_to_shape";
/// Spacing that nnU-Net gives the axis a plane image does not have.
const THROUGH_PLANE_MM: f64 = 999.0;

/// How the program that trained it read images, as far as it matters: whether a pixel has a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `NaturalImage2DIO`: PNG and the like, every pixel 1 × 1.
    Natural,
    /// `SimpleITKIO` and the like: pixels have a size in mm.
    Spaced,
}

/// The configuration "2d" of a plans file, checked to be one that can be built here.
#[derive(Debug, Clone, PartialEq)]
pub struct Plans {
    pub dataset_name: String,
    pub reader: Reader,
    /// Rows and columns of a window.
    pub patch: [usize; 2],
    pub batch: usize,
    /// Height and width in mm of a pixel that the network sees.
    pub spacing: [f64; 2],
    /// Median rows and columns of the data set at that spacing.
    pub median_shape: [f64; 2],
    /// Of every channel: the scheme, and whether only what is not zero counts.
    pub normalisation: Vec<(Scheme, bool)>,
    pub data_order: Order,
    pub label_order: Order,
    /// Of the logits on their way back.
    pub logit_order: Order,
    /// Dice is computed over the batch as one image.
    pub batch_dice: bool,
    pub architecture: Architecture,
    /// Of every channel, of the labelled pixels.
    pub intensities: Vec<Intensities>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    dataset_name: String,
    #[serde(default)]
    image_reader_writer: String,
    transpose_forward: Vec<usize>,
    configurations: Map<String, Value>,
    #[serde(default)]
    foreground_intensity_properties_per_channel: BTreeMap<String, Intensities>,
}

#[derive(Deserialize)]
struct Configuration {
    batch_size: usize,
    patch_size: Vec<usize>,
    #[serde(default)]
    median_image_size_in_voxels: Vec<f64>,
    spacing: Vec<f64>,
    normalization_schemes: Vec<Scheme>,
    use_mask_for_norm: Vec<bool>,
    resampling_fn_data: String,
    resampling_fn_seg: String,
    resampling_fn_probabilities: String,
    resampling_fn_data_kwargs: Resampling,
    resampling_fn_seg_kwargs: Resampling,
    resampling_fn_probabilities_kwargs: Resampling,
    #[serde(default)]
    batch_dice: bool,
    architecture: Option<ArchitectureFile>,
    #[serde(flatten)]
    old: Map<String, Value>,
}

#[derive(Deserialize)]
struct Resampling {
    order: u64,
}

impl Plans {
    /// # Errors
    /// Text that is no plans file, or asks for what is not here, named.
    pub fn parse(text: &str, dataset: &Dataset) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if file.transpose_forward != [0, 1, 2] {
            return Err(format!("transposed images ({:?}) are not supported", file.transpose_forward));
        }
        let configuration = inherited(&file.configurations, CONFIGURATION)?;
        let plan: Configuration = serde_json::from_value(Value::Object(configuration))
            .map_err(|e| format!("configuration {CONFIGURATION}: {e}"))?;
        for function in [&plan.resampling_fn_data, &plan.resampling_fn_seg, &plan.resampling_fn_probabilities]
        {
            if function != RESAMPLING {
                return Err(format!("resampling by {function} is not supported"));
            }
        }
        let order = |of: &Resampling| {
            Order::from_degree(of.order)
                .ok_or_else(|| format!("resampling of order {} is not supported", of.order))
        };
        let network = match plan.architecture {
            Some(architecture) if architecture.network_class_name != NETWORK => {
                return Err(format!("networks of {} are not supported", architecture.network_class_name));
            }
            Some(architecture) => architecture.arch_kwargs,
            None => old_network(&plan.old)?,
        };
        if plan.normalization_schemes.len() != dataset.channels.len()
            || plan.use_mask_for_norm.len() != dataset.channels.len()
        {
            return Err("there is not one normalisation a channel".to_owned());
        }
        let intensities = (0..dataset.channels.len())
            .map_while(|i| file.foreground_intensity_properties_per_channel.get(&i.to_string()).copied())
            .collect();
        let median = pair(&plan.median_image_size_in_voxels).unwrap_or([0.0; 2]);
        let plans = Self {
            dataset_name: file.dataset_name,
            reader: if file.image_reader_writer == "NaturalImage2DIO" {
                Reader::Natural
            } else {
                Reader::Spaced
            },
            patch: pair(&plan.patch_size).ok_or("patch_size is not rows and columns")?,
            batch: plan.batch_size,
            spacing: pair(&plan.spacing).ok_or("spacing is not that of rows and columns")?,
            median_shape: median,
            normalisation: plan.normalization_schemes.into_iter().zip(plan.use_mask_for_norm).collect(),
            data_order: order(&plan.resampling_fn_data_kwargs)?,
            label_order: order(&plan.resampling_fn_seg_kwargs)?,
            logit_order: order(&plan.resampling_fn_probabilities_kwargs)?,
            batch_dice: plan.batch_dice,
            architecture: network.architecture(dataset)?,
            intensities,
        };
        plans.check()?;
        Ok(plans)
    }

    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), String> {
        self.architecture.check()?;
        let multiple = self.architecture.multiple();
        let whole = |(side, multiple): (&usize, usize)| *side > 0 && side.is_multiple_of(multiple);
        if !self.patch.iter().zip(multiple).all(whole) {
            return Err(format!("patch {:?} is no multiple of {multiple:?}", self.patch));
        }
        if self.spacing.iter().any(|mm| !mm.is_finite() || *mm <= 0.0) || self.batch == 0 {
            return Err("spacing and batch size are positive".to_owned());
        }
        Ok(())
    }

    /// As the public program writes and reads it.
    pub fn to_json(&self) -> Value {
        let intensities = self
            .intensities
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), json!(v)))
            .collect::<Map<_, _>>();
        let [height, width] = self.spacing;
        json!({
            "dataset_name": self.dataset_name,
            "plans_name": "nnUNetPlans",
            "original_median_spacing_after_transp": [THROUGH_PLANE_MM, height, width],
            "original_median_shape_after_transp": [1, self.median_shape[0].round(), self.median_shape[1].round()],
            "image_reader_writer": match self.reader {
                Reader::Natural => "NaturalImage2DIO",
                Reader::Spaced => "SimpleITKIO",
            },
            "transpose_forward": [0, 1, 2],
            "transpose_backward": [0, 1, 2],
            "configurations": { CONFIGURATION: self.configuration() },
            "experiment_planner_used": "ExperimentPlanner",
            "label_manager": "LabelManager",
            "foreground_intensity_properties_per_channel": intensities,
        })
    }

    fn configuration(&self) -> Value {
        let resampling = |order: Order, is_seg: bool| json!({ "is_seg": is_seg, "order": order.degree(), "order_z": 0, "force_separate_z": null });
        let (schemes, masks): (Vec<_>, Vec<_>) = self.normalisation.iter().copied().unzip();
        json!({
            "data_identifier": "nnUNetPlans_2d",
            "preprocessor_name": "DefaultPreprocessor",
            "batch_size": self.batch,
            "patch_size": self.patch,
            "median_image_size_in_voxels": self.median_shape,
            "spacing": self.spacing,
            "normalization_schemes": schemes,
            "use_mask_for_norm": masks,
            "resampling_fn_data": RESAMPLING,
            "resampling_fn_seg": RESAMPLING,
            "resampling_fn_data_kwargs": resampling(self.data_order, false),
            "resampling_fn_seg_kwargs": resampling(self.label_order, true),
            "resampling_fn_probabilities": RESAMPLING,
            "resampling_fn_probabilities_kwargs": resampling(self.logit_order, false),
            "architecture": self.network(),
            "batch_dice": self.batch_dice,
        })
    }

    fn network(&self) -> Value {
        let Architecture { features, strides, encoder_convs, decoder_convs, .. } = &self.architecture;
        json!({
            "network_class_name": NETWORK,
            "arch_kwargs": {
                "n_stages": features.len(),
                "features_per_stage": features,
                "conv_op": "torch.nn.modules.conv.Conv2d",
                "kernel_sizes": vec![[3, 3]; features.len()],
                "strides": strides,
                "n_conv_per_stage": encoder_convs,
                "n_conv_per_stage_decoder": decoder_convs,
                "conv_bias": true,
                "norm_op": "torch.nn.modules.instancenorm.InstanceNorm2d",
                "norm_op_kwargs": { "eps": 1e-5, "affine": true },
                "dropout_op": null,
                "dropout_op_kwargs": null,
                "nonlin": "torch.nn.LeakyReLU",
                "nonlin_kwargs": { "inplace": true },
            },
            "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
        })
    }
}

/// Two numbers, or the last two of three (older plans have the slice first).
fn pair<T: Copy>(list: &[T]) -> Option<[T; 2]> {
    match list {
        [a, b] | [_, a, b] => Some([*a, *b]),
        _ => None,
    }
}

/// A configuration with what it inherits.
fn inherited(configurations: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, String> {
    let mut whole = Map::new();
    let mut next = name;
    // More steps than there are configurations would be a circle.
    for _ in 0..=configurations.len() {
        let Some(Value::Object(configuration)) = configurations.get(next) else {
            return Err(format!("it has no configuration {next:?}"));
        };
        for (key, value) in configuration {
            whole.entry(key).or_insert_with(|| value.clone());
        }
        match configuration.get("inherits_from").and_then(Value::as_str) {
            Some(parent) => next = parent,
            None => return Ok(whole),
        }
    }
    Err(format!("configuration {name:?} inherits from itself"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset() -> Dataset {
        let labels =
            r#"{"channel_names": {"0": "xray"}, "labels": {"background": 0, "L1": 1}, "numTraining": 4}"#;
        Dataset::parse(labels).unwrap()
    }

    fn plans() -> Plans {
        Plans {
            dataset_name: "Dataset001_Hip".to_owned(),
            reader: Reader::Spaced,
            patch: [64, 32],
            batch: 2,
            spacing: [0.15, 0.15],
            median_shape: [70.0, 40.5],
            normalisation: vec![(Scheme::ZScore, false)],
            data_order: Order::Cubic,
            label_order: Order::Linear,
            logit_order: Order::Linear,
            batch_dice: true,
            architecture: Architecture::halving(1, 2, vec![4, 8, 8]),
            intensities: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(Plans::parse(&plans().to_json().to_string(), &dataset()).unwrap(), plans());
    }

    #[test]
    fn plans_of_older_versions_name_their_network_otherwise() {
        let mut old = plans().to_json();
        let configuration = old["configurations"]["2d"].as_object_mut().unwrap();
        configuration.remove("architecture");
        for (key, value) in [
            ("UNet_class_name", json!("PlainConvUNet")),
            ("UNet_base_num_features", json!(4)),
            ("unet_max_num_features", json!(8)),
            ("n_conv_per_stage_encoder", json!([2, 2, 2])),
            ("n_conv_per_stage_decoder", json!([2, 2])),
            ("pool_op_kernel_sizes", json!([[1, 1], [2, 2], [2, 2]])),
            ("conv_kernel_sizes", json!([[3, 3], [3, 3], [3, 3]])),
            ("num_pool_per_axis", json!([2, 2])),
        ] {
            configuration.insert(key.to_owned(), value);
        }
        assert_eq!(Plans::parse(&old.to_string(), &dataset()).unwrap(), plans());
    }

    #[test]
    fn strides_may_differ_between_rows_and_columns() {
        let mut uneven = plans();
        uneven.architecture.strides[1] = [2, 1];
        uneven.patch = [64, 34];
        assert_eq!(Plans::parse(&uneven.to_json().to_string(), &dataset()).unwrap(), uneven);
        uneven.patch = [66, 34];
        assert!(uneven.check().is_err());
    }

    #[test]
    fn configurations_inherit() {
        let mut file = plans().to_json();
        let whole = file["configurations"]["2d"].clone();
        file["configurations"] = json!({ "base": whole, "2d": { "inherits_from": "base", "batch_size": 7 } });
        assert_eq!(Plans::parse(&file.to_string(), &dataset()).unwrap().batch, 7);
        file["configurations"]["base"]["inherits_from"] = "2d".into();
        assert!(Plans::parse(&file.to_string(), &dataset()).unwrap_err().contains("itself"));
    }

    #[test]
    fn what_is_not_here_is_refused_by_name() {
        let change = |path: &str, value: Value, word: &str| {
            let mut file = plans().to_json();
            *file.pointer_mut(path).unwrap() = value;
            let error = Plans::parse(&file.to_string(), &dataset()).unwrap_err();
            assert!(error.contains(word), "{path}: {error}");
        };
        let network = "/configurations/2d/architecture";
        change(
            &format!("{network}/network_class_name"),
            json!("x.ResidualEncoderUNet"),
            "ResidualEncoderUNet",
        );
        change(&format!("{network}/arch_kwargs/strides"), json!([[1, 1], [2, 1, 2], [2, 2]]), "strides");
        change(&format!("{network}/arch_kwargs/strides"), json!([[1, 1], [0, 2], [2, 2]]), "stride");
        change(&format!("{network}/arch_kwargs/kernel_sizes"), json!([[1, 3], [3, 3], [3, 3]]), "kernels");
        change(&format!("{network}/arch_kwargs/dropout_op"), json!("torch.nn.Dropout2d"), "dropout");
        change(
            "/configurations/2d/resampling_fn_data",
            json!("resample_torch_fornnunet"),
            "resample_torch_fornnunet",
        );
        change("/configurations/2d/patch_size", json!([63, 32]), "multiple");
        change("/configurations/2d/normalization_schemes", json!(["Own"]), "Own");
        change("/transpose_forward", json!([1, 0, 2]), "transposed");
        assert!(Plans::parse("{}", &dataset()).is_err());
    }
}
