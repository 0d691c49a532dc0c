//! What inference must know of a heat-map model beside its weights.

use super::view::Views;
use crate::models::decoder_block::{DECODER, multiple};
use crate::models::encoder::EncoderKind;
use serde::{Deserialize, Serialize};

/// The decoder over the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decoder {
    Unet,
    UnetPlusPlus,
}

/// What the planes of the network mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The softmax over the image is where the landmark is.
    Heatmaps,
    /// Each pixel's logistic function is whether it belongs to the landmark's label.
    Labels,
    /// Each pixel belongs to the background, which is the first plane, or to one label.
    Classes,
}

impl Meaning {
    /// Planes before that of the first landmark.
    pub fn background(self) -> usize {
        usize::from(self == Self::Classes)
    }
}

/// What pictures it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Modality {
    /// Projection radiographs.
    #[default]
    Radiograph,
    /// One slice of a coronal MR, the middle one of its stack.
    CoronalMr,
}

/// Size of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    pub decoder: Decoder,
    pub encoder: EncoderKind,
    /// How often the picture is halved; less than 5 leaves out the encoder's deepest stages and the decoder's above them.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub encoder_depth: usize,
    /// Channels of the image; every one holds the same greys.
    pub channels: usize,
}

fn whole() -> usize {
    DECODER.len()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_whole(depth: &usize) -> bool {
    *depth == whole()
}

/// A heat-map system in the plan of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeatmapPlan {
    pub architecture: Architecture,
    pub meaning: Meaning,
    pub modality: Modality,
    /// Side of the square frame in pixels; the picture is padded to a square, and its greys stretched to 0–1.
    pub side: usize,
    /// Networks whose maps are averaged: runs that differ in their seed only.
    pub members: usize,
    /// Guises of a picture whose maps are averaged.
    pub views: Views,
    /// Confidence is the probability that the landmark lies within this many frame pixels of the point.
    pub radius_px: f64,
    /// The maps' logarithms are divided by it: above 1 for a network that was too sure of itself on validation films.
    pub temperature: f64,
}

impl HeatmapPlan {
    /// `Err` with the reason when no detector can be built of it.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |reason: &str| Err(reason.to_owned());
        if !self.architecture.encoder.has(self.architecture.encoder_depth) {
            return wrong("encoder_depth is 3 to 5 of a ResNet, 5 of a VGG");
        }
        let multiple = multiple(self.architecture.encoder_depth);
        if self.side == 0 || !self.side.is_multiple_of(multiple) {
            return Err(format!("side must be a multiple of {multiple}"));
        }
        if self.architecture.channels == 0 || self.members == 0 {
            return wrong("channels and members are positive");
        }
        if !(self.temperature > 0.0 && self.temperature.is_finite() && self.radius_px > 0.0) {
            return wrong("temperature and radius_px are positive");
        }
        self.views.check()
    }
}
