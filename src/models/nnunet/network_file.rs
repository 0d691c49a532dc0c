//! The network of a `plans.json`: what the public program calls `PlainConvUNet` with, in the words of versions 2.0 to 2.8,
//! checked to be one that can be built here.

use super::dataset::Dataset;
use crate::models::plain_conv_unet::Architecture;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
pub(super) struct ArchitectureFile {
    pub network_class_name: String,
    pub arch_kwargs: NetworkFile,
}

/// What `PlainConvUNet` is called with.
#[derive(Deserialize)]
pub(super) struct NetworkFile {
    n_stages: usize,
    features_per_stage: PerStage,
    kernel_sizes: Value,
    strides: Vec<Value>,
    n_conv_per_stage: PerStage,
    n_conv_per_stage_decoder: PerStage,
    #[serde(default)]
    conv_bias: bool,
    #[serde(default)]
    norm_op: Value,
    #[serde(default)]
    norm_op_kwargs: Value,
    #[serde(default)]
    dropout_op: Value,
    #[serde(default)]
    nonlin: Value,
    #[serde(default)]
    nonlin_kwargs: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PerStage {
    One(usize),
    Each(Vec<usize>),
}

impl PerStage {
    fn list(&self, count: usize) -> Vec<usize> {
        match self {
            Self::One(number) => vec![*number; count],
            Self::Each(list) => list.clone(),
        }
    }
}

/// The network of plans written before 2.3.
pub(super) fn old_network(old: &Map<String, Value>) -> Result<NetworkFile, String> {
    #[derive(Deserialize)]
    struct Old {
        #[serde(rename = "UNet_class_name")]
        class: String,
        #[serde(rename = "UNet_base_num_features")]
        base: usize,
        unet_max_num_features: usize,
        n_conv_per_stage_encoder: Vec<usize>,
        n_conv_per_stage_decoder: Vec<usize>,
        pool_op_kernel_sizes: Vec<Value>,
        conv_kernel_sizes: Value,
    }
    let old: Old = serde_json::from_value(Value::Object(old.clone()))
        .map_err(|e| format!("the configuration has neither architecture nor what older plans say: {e}"))?;
    if old.class != "PlainConvUNet" {
        return Err(format!("networks of {} are not supported", old.class));
    }
    let stages = old.n_conv_per_stage_encoder.len();
    let features = (0..stages as u32)
        .map(|stage| 2_usize.saturating_pow(stage).saturating_mul(old.base).min(old.unet_max_num_features))
        .collect();
    Ok(NetworkFile {
        n_stages: stages,
        features_per_stage: PerStage::Each(features),
        kernel_sizes: old.conv_kernel_sizes,
        strides: old.pool_op_kernel_sizes,
        n_conv_per_stage: PerStage::Each(old.n_conv_per_stage_encoder),
        n_conv_per_stage_decoder: PerStage::Each(old.n_conv_per_stage_decoder),
        conv_bias: true,
        norm_op: json!("torch.nn.modules.instancenorm.InstanceNorm2d"),
        norm_op_kwargs: json!({ "eps": 1e-5, "affine": true }),
        dropout_op: Value::Null,
        nonlin: json!("torch.nn.LeakyReLU"),
        nonlin_kwargs: Value::Null,
    })
}

impl NetworkFile {
    pub fn architecture(&self, dataset: &Dataset) -> Result<Architecture, String> {
        let ends = |value: &Value, name: &str| value.as_str().is_some_and(|text| text.ends_with(name));
        let refuse = |what: &str| Err(format!("{what} are not supported"));
        if !ends(&self.norm_op, "InstanceNorm2d") || self.norm_op_kwargs["affine"] != true {
            return refuse("networks without affine instance norm");
        }
        if self.norm_op_kwargs["eps"].as_f64().is_some_and(|eps| eps != 1e-5) {
            return refuse("instance norms with another epsilon than 1e-5");
        }
        if !ends(&self.nonlin, "LeakyReLU")
            || self.nonlin_kwargs.get("negative_slope").is_some_and(|slope| slope.as_f64() != Some(0.01))
        {
            return refuse("other activations than leaky ReLU of slope 0.01");
        }
        if !self.dropout_op.is_null() || !self.conv_bias {
            return refuse("networks with dropout, or convolutions without bias");
        }
        if !all_numbers(&self.kernel_sizes, 3) {
            return refuse("other kernels than 3 × 3");
        }
        let strides = self
            .strides
            .iter()
            .map(|stride| match (stride.as_u64(), stride.as_array().map(Vec::as_slice)) {
                (Some(stride), _) => Ok([stride as usize; 2]),
                (_, Some([a, b])) => match (a.as_u64(), b.as_u64()) {
                    (Some(a), Some(b)) => Ok([a as usize, b as usize]),
                    _ => Err("strides are no numbers"),
                },
                _ => Err("strides are not those of rows and columns"),
            })
            .collect::<Result<_, _>>()?;
        let architecture = Architecture {
            channels: dataset.channels.len(),
            classes: dataset.classes(),
            features: self.features_per_stage.list(self.n_stages),
            strides,
            encoder_convs: self.n_conv_per_stage.list(self.n_stages),
            decoder_convs: self.n_conv_per_stage_decoder.list(self.n_stages.saturating_sub(1)),
        };
        architecture.check()?;
        Ok(architecture)
    }
}

/// Whether all that is in `value`, however deep, is `number`.
fn all_numbers(value: &Value, number: u64) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| all_numbers(item, number)),
        other => other.as_u64() == Some(number),
    }
}
