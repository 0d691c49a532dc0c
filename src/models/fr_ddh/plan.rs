//! What inference must know of an FR-DDH model beside its weights.

use serde::{Deserialize, Serialize};

use super::proposals::ProposalOptions;
use crate::models::resnet::Depth;

/// How a proposal's features are cut out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The paper's: corners rounded to cells, the largest value of each bin.
    RoiPool,
    /// Ours: bilinear samples, nothing rounded (K. He et al., "Mask R-CNN", ICCV 2017).
    RoiAlign,
}

/// Architecture, input and selection; the defaults are the paper's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrDdhPlan {
    pub backbone: Depth,
    /// conv*n* of the backbone whose features are used: 5 (stride 32) in the paper, down to 2 (stride 4).
    pub features: usize,
    /// The film's shorter side becomes this many pixels …
    pub shorter_side: usize,
    /// … unless its longer side would become more than this.
    pub longest_side: usize,
    /// Sides of the square anchors, in pixels of that image.
    pub anchors: Vec<f32>,
    /// Channels of the proposal network's convolution.
    pub rpn_channels: usize,
    pub pooling: Pooling,
    /// Cells of a pooled region along each side.
    pub pooled: usize,
    /// Width of the two fully connected layers.
    pub hidden: usize,
    pub proposals: ProposalOptions,
    /// Ours: the mirrored film is looked at too, and the landmark is the mean centre, weighted by score, of the boxes
    /// that overlap the best one by half. Otherwise it is the centre of the best box.
    pub voted: bool,
}

impl Default for FrDdhPlan {
    fn default() -> Self {
        Self {
            backbone: Depth::Resnet101,
            features: 5,
            shorter_side: 600,
            longest_side: 1000,
            anchors: vec![128.0, 256.0],
            rpn_channels: 512,
            pooling: Pooling::RoiPool,
            pooled: 7,
            hidden: 1024,
            proposals: ProposalOptions::default(),
            voted: false,
        }
    }
}

impl FrDdhPlan {
    /// Image pixels along the side of a cell of the feature map.
    pub fn stride(&self) -> usize {
        1 << self.features
    }

    /// Channels of the feature map.
    pub fn channels(&self) -> usize {
        self.backbone.channels().get(self.features.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// # Errors
    /// The reason why no network can be built of it.
    pub fn check(&self) -> Result<(), String> {
        if !(2..=5).contains(&self.features) {
            return Err("features are those of conv2 to conv5".to_owned());
        }
        if self.anchors.is_empty() || !self.anchors.iter().all(|side| side.is_finite() && *side >= 1.0) {
            return Err("anchors are one or more sides in pixels".to_owned());
        }
        if self.rpn_channels == 0 || self.pooled == 0 || self.hidden == 0 {
            return Err("rpn_channels, pooled and hidden are positive".to_owned());
        }
        if self.shorter_side < self.stride() || self.longest_side < self.shorter_side {
            return Err(format!(
                "shorter_side is at least {}, and longest_side no less than it",
                self.stride()
            ));
        }
        self.proposals.check()
    }
}
